//! Recorded exchanges, and the files that they are read from.

mod har;
mod http;
mod log;

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// One recorded response, with the parts of its request that identify the operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// The recording, for example `run.har, entry 3`.
    pub source: String,
    /// The HTTP method, in upper case.
    pub method: String,
    /// The path of the request.
    pub path: RequestPath,
    /// The names in the query of the request, decoded, without their values. The generated clients do not
    /// record them.
    pub query: Vec<String>,
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type` of the response, with its parameters.
    pub content_type: Option<String>,
    /// The body of the response.
    pub body: Body,
}

/// The path of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestPath {
    /// The path of the URL, encoded and without the query. It may start with the path of a server.
    Concrete(String),
    /// The path template of the operation, which the generated clients record.
    Template(String),
}

impl RequestPath {
    /// The path of a URL, or of a request target without a host.
    fn of_url(url: &str) -> Self {
        let is_absolute = !url.starts_with('/');
        let rest = match url.split_once("://").filter(|_| is_absolute) {
            Some((_, rest)) => rest.find('/').map_or("/", |start| &rest[start..]),
            None => url,
        };
        let path = rest.split(['?', '#']).next().unwrap_or_default();
        Self::Concrete(path.to_owned())
    }
}

/// The names in the query of a URL, decoded.
fn query_of_url(url: &str) -> Vec<String> {
    let url = url.split('#').next().unwrap_or_default();
    let (_, query) = url.split_once('?').unwrap_or_default();
    let parts = query.split('&').filter(|part| !part.is_empty());
    let names = parts.map(|part| part.split('=').next().unwrap_or_default().replace('+', " "));
    let decoded = names.map(|name| percent_decode_str(&name).decode_utf8_lossy().into_owned());
    decoded.collect()
}

/// The body of a response.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// The response was recorded without its body.
    Unrecorded,
    /// The whole body, which may be empty.
    Bytes(Vec<u8>),
    /// A body that was recorded as a JSON value.
    Json(Value),
}

/// Why recorded exchanges cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A file or folder cannot be read.
    #[error("{}: {error}", .file.display())]
    File {
        /// The file or folder.
        file: PathBuf,
        /// Why it cannot be read.
        error: std::io::Error,
    },
    /// A file has none of the supported formats.
    #[error(
        "{}: {what}\n  hint: use a HAR file, a log that a client recorded, or a folder with pairs of \
         NAME.request and NAME.response", .file.display()
    )]
    Format {
        /// The file.
        file: PathBuf,
        /// The problem.
        what: String,
    },
}

impl Exchange {
    /// Reads the exchanges of a file or a folder: a HAR 1.2 file, a log that a client recorded (JSON Lines),
    /// or a folder. A folder contains such files, named `*.har` and `*.jsonl`, and pairs of messages in
    /// HTTP/1.1 notation, `NAME.request` and `NAME.response`.
    ///
    /// # Errors
    /// A file that cannot be read or has another format.
    pub fn read(path: &Path) -> Result<Vec<Self>, ReadError> {
        if !path.is_dir() {
            return read_file(path);
        }
        let failed = |error| ReadError::File {
            file: path.to_owned(),
            error,
        };
        let entries = std::fs::read_dir(path).map_err(failed)?;
        let files = entries.map(|entry| entry.map(|entry| entry.path()));
        let mut files: Vec<PathBuf> = files.collect::<Result<_, _>>().map_err(failed)?;
        files.sort();
        let mut exchanges = Vec::new();
        for file in files {
            let extension = file.extension().unwrap_or_default();
            if extension == "har" || extension == "jsonl" {
                exchanges.extend(read_file(&file)?);
            } else if extension == "response" {
                let request = text_of(&file.with_extension("request"))?;
                let response = bytes_of(&file)?;
                let exchange = http::exchange(&name_of(&file), &request, &response);
                exchanges.push(exchange.map_err(|what| ReadError::Format { file, what })?);
            }
        }
        Ok(exchanges)
    }
}

fn read_file(file: &Path) -> Result<Vec<Exchange>, ReadError> {
    let text = text_of(file)?;
    let name = name_of(file);
    // A HAR file is one JSON object with the property `log`; each line of a log is an object.
    let read = match serde_json::from_str::<har::File>(&text) {
        Ok(har) => Ok(har.exchanges(&name)),
        Err(error) if is_object_with_log(&text) => Err(format!("not HAR 1.2: {error}")),
        Err(_) => log::exchanges(&name, &text),
    };
    read.map_err(|what| ReadError::Format {
        file: file.to_owned(),
        what,
    })
}

fn is_object_with_log(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|value| value.get("log").is_some())
}

fn bytes_of(file: &Path) -> Result<Vec<u8>, ReadError> {
    std::fs::read(file).map_err(|error| ReadError::File {
        file: file.to_owned(),
        error,
    })
}

fn text_of(file: &Path) -> Result<String, ReadError> {
    let bytes = bytes_of(file)?;
    let text = String::from_utf8_lossy(&bytes);
    // Browsers write HAR files with a byte order mark.
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

fn name_of(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Decodes a body in base64, with or without line breaks.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let text: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("writes");
        }
        folder
    }

    fn concrete(path: &str) -> RequestPath {
        RequestPath::Concrete(path.to_owned())
    }

    #[test]
    fn the_query_and_the_host_of_a_url_are_not_kept() {
        for (url, path) in [
            ("https://host/v1/a%2Fb?key=s#f", "/v1/a%2Fb"),
            ("https://host", "/"),
            ("/a?b=http://c", "/a"),
        ] {
            assert_eq!(RequestPath::of_url(url), concrete(path), "{url}");
        }
    }

    #[test]
    fn the_names_in_a_query_are_decoded_and_its_values_are_not_kept() {
        for (url, names) in [
            (
                "https://host/a?b=s&c%5Bd%5D=e&f+g&b=t#h?i",
                &["b", "c[d]", "f g", "b"][..],
            ),
            ("/a", &[]),
            ("/a?", &[]),
            ("/a?&b", &["b"]),
        ] {
            assert_eq!(query_of_url(url), names, "{url}");
        }
    }

    #[test]
    fn a_har_file_is_read_with_its_bodies() {
        let har = r#"{"log": {"version": "1.2", "entries": [
            {"request": {"method": "get", "url": "http://h/a?b=c", "headers": []},
             "response": {"status": 200, "headers": [{"name": "content-type", "value": "text/x"}],
                          "content": {"size": 2, "mimeType": "application/json", "text": "{}"}}},
            {"request": {"method": "GET", "url": "http://h/b"},
             "response": {"status": 200, "content": {"size": 3, "mimeType": "", "text": "AAEC", "encoding": "base64"}}},
            {"request": {"method": "GET", "url": "http://h/c"},
             "response": {"status": 200, "content": {"size": 3, "mimeType": "image/png"}}},
            {"request": {"method": "GET", "url": "http://h/aborted"}, "response": {"status": 0}}
        ]}}"#;
        let folder = written(&[("a.har", &format!("\u{feff}{har}"))]);
        let read = Exchange::read(&folder.path().join("a.har")).expect("is HAR");
        let found: Vec<_> = read.iter().map(|e| (&e.path, &e.body)).collect();
        assert_eq!(
            found,
            [
                (&concrete("/a"), &Body::Bytes(b"{}".to_vec())),
                (&concrete("/b"), &Body::Bytes(vec![0, 1, 2])),
                (&concrete("/c"), &Body::Unrecorded),
            ]
        );
        assert_eq!(read[0].method, "GET");
        assert_eq!(read[0].content_type.as_deref(), Some("application/json"));
        assert_eq!(read[0].source, "a.har, entry 1");
    }

    #[test]
    fn a_folder_has_pairs_of_messages_and_other_recordings() {
        let log = r#"{"method":"GET","path":"/a/{b}","status":204,"content_type":null}"#;
        let folder = written(&[
            ("1.request", "POST /a?q=1 HTTP/1.1\r\nHost: h\r\n\r\n{}"),
            (
                "1.response",
                "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\n\r\n{\"a\":1}",
            ),
            ("2.jsonl", log),
            ("README", "no recording"),
        ]);
        let read = Exchange::read(folder.path()).expect("is a recording");
        assert_eq!(read.len(), 2);
        assert_eq!((read[0].method.as_str(), read[0].status), ("POST", 201));
        assert_eq!(read[0].body, Body::Bytes(b"{\"a\":1}".to_vec()));
        assert_eq!(read[1].path, RequestPath::Template("/a/{b}".to_owned()));
        assert_eq!(read[1].body, Body::Unrecorded);
    }

    #[test]
    fn another_format_is_an_error_with_its_place() {
        for (text, expected) in [
            ("{\"log\": {}}", "not HAR 1.2"),
            ("{\"method\":\"GET\"}", "line 1"),
            ("plain", "line 1"),
        ] {
            let folder = written(&[("x", text)]);
            let error = Exchange::read(&folder.path().join("x")).expect_err(text);
            assert!(error.to_string().contains(expected), "{error}");
        }
        assert!(Exchange::read(Path::new("/no/such/file")).is_err());
    }
}
