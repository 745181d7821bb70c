//! A request read to its end, so that everything after the reading is a function of one value.

use bytes::Bytes;
use http::{HeaderMap, Method};

/// A request as it arrived, nothing decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The method.
    pub method: Method,
    /// The path of the request line, still percent-encoded, with the server's base path.
    pub path: String,
    /// What stood behind the `?`, still percent-encoded; `None` when there was no `?`.
    pub query: Option<String>,
    /// All headers.
    pub headers: HeaderMap,
    /// All of the body; empty when there was none.
    pub body: Bytes,
}

impl Received {
    /// A header's value as text; `None` when it is missing or not visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
