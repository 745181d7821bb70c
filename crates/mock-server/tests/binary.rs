//! Tests of the binary: its output and its exit codes.

use std::io::{BufRead as _, BufReader, Lines, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

const DOCUMENT: &str = "openapi: 3.1.0
info: {title: Pets, version: '1'}
paths: {/pets: {get: {operationId: ListPets, responses: {'204': {description: None.}}}}}
";

fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_mock-server"))
}

fn output(arguments: &[&str]) -> Output {
    command().args(arguments).output().expect("runs")
}

/// A folder with the document, and an overlay that renames its operation.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("writes");
    };
    write("pets.yaml", DOCUMENT);
    write(
        "pets.overlay.yaml",
        "overlay: 1.0.0
actions:
  - target: $.paths['/pets'].get
    update: {operationId: AllPets}
",
    );
    folder
}

/// A running server that is killed at the end of the test.
struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    /// Serves `pets.yaml` of a folder.
    fn of(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = command();
        command.current_dir(folder).arg("pets.yaml");
        command.args(arguments).stdout(Stdio::piped());
        let mut child = command.spawn().expect("runs");
        let stdout = child.stdout.take().expect("is piped");
        Self {
            child,
            lines: BufReader::new(stdout).lines(),
        }
    }

    fn line(&mut self) -> String {
        self.lines.next().expect("has a line").expect("is text")
    }

    /// Skips to the line with the address.
    fn address(&mut self) -> String {
        loop {
            if let Some(rest) = self.line().strip_prefix("serving http://") {
                let address = rest.strip_suffix(", press Ctrl-C to stop");
                return address.expect("ends with the instruction").to_owned();
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a GET request and reads the response.
fn get(address: &str, target: &str, header: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("connects");
    let request =
        format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{header}\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("writes");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("reads");
    response
}

#[test]
fn it_logs_operations_and_requests_and_stops_on_interrupt() {
    let folder = folder();
    let mut running = Running::of(folder.path(), &["--coverage"]);
    assert_eq!(running.line(), "applied overlay pets.overlay.yaml");
    assert_eq!(running.line(), "  GET     /pets  AllPets");
    let address = running.address();
    get(&address, "/pets?key=secret", "accept: */*");
    assert_eq!(
        running.line(),
        "GET /pets  AllPets  400  [query key: is not a query parameter of the operation; the \
         operation has none]"
    );

    let id = running.child.id().to_string();
    let interrupt = Command::new("kill").args(["-INT", &id]).status();
    assert!(interrupt.expect("runs").success());
    assert_eq!(running.child.wait().expect("ends").code(), Some(0));
    assert_eq!(running.line(), "");
    assert_eq!(
        running.line(),
        "1 of 1 operations called, 0 of 1 documented responses sent, 0 requests without an operation"
    );
}

#[test]
fn it_says_which_bad_places_of_the_document_it_steps_over() {
    let folder = folder();
    let path = folder.path().join("pets.yaml");
    std::fs::write(path, format!("{DOCUMENT}x-a: 1\nx-a: 2\n")).expect("writes");
    let mut running = Running::of(folder.path(), &[]);
    running.line();
    let line = running.line();
    assert_eq!(
        line,
        "pets.yaml:5:1: duplicate key `x-a` in line 4 and line 5"
    );
}

#[test]
fn only_registered_tokens_are_accepted() {
    let folder = folder();
    let overlay = "overlay: 1.0.0
actions:
  - target: $
    update:
      security: [{token: []}]
      components: {securitySchemes: {token: {type: http, scheme: bearer}}}
";
    std::fs::write(folder.path().join("pets.overlay.yaml"), overlay).expect("writes");
    for stateful in [None, Some("--stateful")] {
        let arguments = ["--token", "mine", "--token", "yours"];
        let arguments: Vec<&str> = stateful.into_iter().chain(arguments).collect();
        let mut running = Running::of(folder.path(), &arguments);
        let address = running.address();
        for (token, status) in [("mine", 204), ("yours", 204), ("theirs", 401)] {
            let response = get(&address, "/pets", &format!("authorization: Bearer {token}"));
            let expected = format!("HTTP/1.1 {status} ");
            assert!(response.starts_with(&expected), "{token}: {response}");
        }
    }
}

#[test]
fn an_invalid_document_ends_with_1_and_its_position() {
    let folder = folder();
    let path = folder.path().join("broken.yaml");
    std::fs::write(&path, DOCUMENT.replace("3.1.0", "4.0.0")).expect("writes");
    let output = output(&[&path.display().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        message.contains("broken.yaml:1:1: OpenAPI \"4.0.0\" is not supported"),
        "{message}"
    );
    assert!(message.contains("hint: "), "{message}");
}

#[test]
fn invalid_arguments_end_with_2() {
    assert_eq!(output(&["--port", "x"]).status.code(), Some(2));
    assert_eq!(output(&[]).status.code(), Some(2));
}
