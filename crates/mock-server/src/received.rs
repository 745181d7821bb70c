//! A request that was read completely.

use std::borrow::Cow;

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
    /// The lines of a header that are visible ASCII.
    pub(crate) fn header_lines(&self, name: &str) -> Vec<&str> {
        let lines = self.headers.get_all(name).iter();
        lines.filter_map(|line| line.to_str().ok()).collect()
    }

    /// The value of a header whose lines are one list (RFC 9110, section 5.3), joined by `separator`; `None`
    /// if it is missing.
    pub(crate) fn joined_header(&self, name: &str, separator: &str) -> Option<Cow<'_, str>> {
        match self.header_lines(name)[..] {
            [] => None,
            [line] => Some(line.into()),
            ref lines => Some(lines.join(separator).into()),
        }
    }

    /// The value of a header; `None` if it is missing or not visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
