//! A request that was read completely.

use bytes::Bytes;
use http::{HeaderMap, Method};

/// A request as received, without decoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The method.
    pub method: Method,
    /// The path of the request line, percent-encoded and with the base path.
    pub path: String,
    /// The query, percent-encoded; `None` if there is no `?`.
    pub query: Option<String>,
    /// All headers.
    pub headers: HeaderMap,
    /// The complete body; empty if there is none.
    pub body: Bytes,
}

impl Received {
    /// The value of a header; `None` if it is missing or not visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
