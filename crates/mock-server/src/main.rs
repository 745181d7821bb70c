//! The binary `mock-server FILE`: serves a document until it is interrupted, and logs requests.

use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitCode;

use clap::Parser;
use mock_server::{MockServer, RecordedRequest, StartError, load};
use openapi_document::{Diagnostic, ReferenceMap, check};

/// The exit code if the document, its overlay or the port cannot be used. Invalid arguments end with 2,
/// the exit code of clap.
const FAILURE: u8 = 1;

#[derive(Parser)]
#[command(
    name = "mock-server",
    about = "Serves an OpenAPI document and rejects nonconforming requests"
)]
struct Arguments {
    /// The OpenAPI document to serve: YAML or JSON, version 3.0.x, 3.1.x or 3.2.x
    file: PathBuf,
    /// The port on the loopback interface; 0 selects a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The OpenAPI Overlay to apply, instead of NAME.overlay.yaml beside the document
    #[arg(long)]
    overlay: Option<PathBuf>,
    /// Read references to URLs that start with URL from FILE, a file or a folder; the longest URL
    /// applies. No URL is fetched
    #[arg(long = "map", value_name = "URL=FILE", value_parser = ReferenceMap::parse_pair)]
    pairs: Vec<(String, PathBuf)>,
    /// Keep state: remember what callers create, change and delete
    #[arg(long)]
    stateful: bool,
    /// Accept only this bearer token and issued ones; can be repeated
    #[arg(long = "token")]
    tokens: Vec<String>,
    /// The number of items that each list starts with
    #[arg(long)]
    items: Option<usize>,
    /// The seed of generated values
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Accept query parameters and properties that the document does not declare
    #[arg(long)]
    lenient: bool,
    /// Print the coverage of operations and responses at the end
    #[arg(long)]
    coverage: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let server = match start(&arguments).await {
        Ok(server) => server,
        Err(error) => {
            print_error(&error);
            return ExitCode::from(FAILURE);
        }
    };
    for diagnostic in server.description().unchecked() {
        print_warning(&diagnostic);
    }
    // The handler is installed when the future is first polled, which is before the address is printed.
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    let interrupted = tokio::select! {
        biased;
        interrupted = interrupt.as_mut() => interrupted,
        () = async { print(&startup_message(&server)) } => interrupt.await,
    };
    if let Err(error) = interrupted {
        print_error(&error);
        return ExitCode::from(FAILURE);
    }
    if arguments.coverage {
        print(&format!("\n{}", server.coverage()));
    }
    ExitCode::SUCCESS
}

async fn start(arguments: &Arguments) -> Result<MockServer, StartError> {
    let document = read(arguments)?;
    let mut builder = MockServer::from_document(document)
        .port(arguments.port)
        .seed(arguments.seed)
        .record(0)
        .watch(|recorded| print(&log_line(recorded)));
    if arguments.lenient {
        builder = builder.lenient();
    }
    if arguments.stateful {
        builder = builder.stateful();
    }
    if let Some(items) = arguments.items {
        builder = builder.items(items);
    }
    for token in &arguments.tokens {
        builder = builder.token(token);
    }
    builder.start().await
}

fn read(arguments: &Arguments) -> Result<openapi_document::Document, Diagnostic> {
    let map: ReferenceMap = arguments.pairs.iter().cloned().collect();
    let (document, overlay) = load(&arguments.file, &map, arguments.overlay.as_deref())?;
    if let Some(overlay) = overlay {
        print(&format!("applied overlay {}\n", overlay.display()));
    }
    for finding in check(&document)?.findings {
        let place = finding.diagnostic(&document);
        print(&format!("{place}\n  done: {}\n", finding.repair));
    }
    Ok(document)
}

fn startup_message(server: &MockServer) -> String {
    let operations = server.description().operations().iter();
    let operations = operations.map(|operation| {
        let (method, path, id) = (operation.method.as_str(), &operation.path, &operation.id);
        format!("  {method:<7} {path}  {id}\n")
    });
    let operations: String = operations.collect();
    format!(
        "{operations}serving {}, press Ctrl-C to stop\n",
        server.base_url()
    )
}

/// Formats a request without secrets: no headers, query values or body.
fn log_line(recorded: &RecordedRequest) -> String {
    let request = &recorded.request;
    let operation = recorded.operation.as_deref().unwrap_or("-");
    let status = match recorded.status {
        Some(status) => status.as_u16().to_string(),
        None => "reset".to_owned(),
    };
    let mut line = format!("{} {}  {operation}  {status}", request.method, request.path);
    for violation in &recorded.violations {
        line += &format!("  [{}: {}]", violation.location, violation.reason);
    }
    // Names in violations come from the request and must not start a new line.
    line.replace(char::is_control, "\u{fffd}") + "\n"
}

#[allow(clippy::print_stdout)]
fn print(text: &str) {
    use std::io::Write as _;
    // Fails if stdout is closed; the error cannot be reported then.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

#[allow(clippy::print_stderr)]
fn print_warning(warning: &dyn std::fmt::Display) {
    eprintln!("warning: {warning}");
}

#[allow(clippy::print_stderr)]
fn print_error(error: &dyn std::fmt::Display) {
    eprintln!("error: {error}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, Method, StatusCode};
    use mock_server::{Received, Violation};

    #[test]
    fn a_request_is_one_line_without_secrets() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", "Bearer secret".parse().expect("a value"));
        let line = log_line(&RecordedRequest {
            operation: Some("AddPet".to_owned()),
            request: Received {
                method: Method::POST,
                path: "/pets".to_owned(),
                query: Some("key=secret".to_owned()),
                headers,
                body: "secret".into(),
            },
            status: Some(StatusCode::BAD_REQUEST),
            violations: vec![Violation {
                location: "query a\nb".to_owned(),
                reason: "is unknown".to_owned(),
                pointer: None,
            }],
        });
        assert_eq!(
            line,
            "POST /pets  AddPet  400  [query a\u{fffd}b: is unknown]\n"
        );
    }
}
