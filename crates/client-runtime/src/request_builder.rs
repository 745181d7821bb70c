//! Requests without a generated call.
//!
//! An API description may lack operations of its API. They can still be called, with the same
//! credentials, retries, limits, errors and traces.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde::Serialize;

use crate::call::Sending;
use crate::error::Details;
use crate::operation::Operation;
use crate::outgoing::header_value;
use crate::outgoing::{Outgoing, Payload};
use crate::target::{Target, is_dot_segment};
use crate::{CallInfo, Error, ErrorKind, Session, parameter_style};

static UNDOCUMENTED: Operation = Operation::PLAIN;

/// A request that is being built; created by [`Session::request`].
///
/// A part that cannot be sent makes [`send`](Self::send) fail with [`ErrorKind::InvalidRequest`].
#[must_use = "a request does nothing until `send`"]
pub struct RequestBuilder<'a> {
    session: &'a Session,
    method: Method,
    target: Target,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Payload,
    rejected: Option<String>,
}

impl Session {
    /// Returns a builder of a request without an operation, with the same credentials, retries, limits
    /// and errors. `path` is relative to the base URL, as the paths of an API description are. It may
    /// contain a query.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder<'_> {
        RequestBuilder::new(self, method, path)
    }
}

impl<'a> RequestBuilder<'a> {
    fn new(session: &'a Session, method: Method, path: &str) -> Self {
        Self {
            session,
            method,
            target: Target::new(session.servers.base_url(), path),
            headers: Vec::new(),
            body: Payload::None,
            rejected: rejected_path(path),
        }
    }

    /// Adds a pair to the query. Both parts are percent-encoded.
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        parameter_style::push_pair(self.target.query(), name, &value.to_string());
        self
    }

    /// Adds a header. It replaces credentials that are sent in the same header.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        let header = HeaderName::from_bytes(name.as_bytes()).ok();
        match header.zip(header_value(value.into())) {
            Some((name, mut value)) => {
                // The value may be a secret, so it is not shown.
                value.set_sensitive(true);
                if name == CONTENT_TYPE {
                    self.headers.retain(|(known, _)| *known != name);
                }
                self.headers.push((name, value));
                self
            }
            None => self.reject(format!("the header {name:?} cannot be sent")),
        }
    }

    /// Sets the body to a value as JSON.
    pub fn json<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(json) => {
                self.body = Payload::Bytes(json.into());
                if !self.headers.iter().any(|(name, _)| name == CONTENT_TYPE) {
                    let json = HeaderValue::from_static("application/json");
                    self.headers.push((CONTENT_TYPE, json));
                }
                self
            }
            Err(error) => self.reject(format!("the body cannot be sent: {error}")),
        }
    }

    /// Sets the body. Set its media type with [`header`](Self::header).
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Payload::Bytes(body.into());
        self
    }

    /// Sends the request, and retries it as the retry policy allows. Any 2xx is a success. The whole
    /// response is read.
    ///
    /// # Errors
    /// A part of the request cannot be sent ([`ErrorKind::InvalidRequest`]; nothing is sent),
    /// credentials are missing, or there is no success response.
    pub fn send(self) -> Sending<'a> {
        let Self {
            session,
            method,
            target,
            headers,
            body,
            rejected,
        } = self;
        let url = match rejected {
            Some(rejected) => Err(rejected),
            None => target.finish(&UNDOCUMENTED),
        };
        let outgoing = match url {
            Ok(url) => Ok(Outgoing {
                operation: &UNDOCUMENTED,
                method,
                url,
                accept: None,
                headers,
                body,
            }),
            Err(message) => Err(Error::from(Details {
                call: Some(CallInfo::new(&UNDOCUMENTED, &method)),
                ..Details::new(ErrorKind::InvalidRequest, message)
            })),
        };
        Sending::new(outgoing.map(|outgoing| session.exchange(outgoing)))
    }

    fn reject(mut self, message: String) -> Self {
        self.rejected.get_or_insert(message);
        self
    }
}

/// Returns why a path cannot be appended to the base URL.
fn rejected_path(path: &str) -> Option<String> {
    let (path, fragment) = path
        .split_once('#')
        .map_or((path, None), |(p, f)| (p, Some(f)));
    let path = path.split('?').next().unwrap_or_default();
    let reason = if !path.starts_with('/') && path.contains("://") {
        "is an absolute URL, but must be relative to the base URL"
    } else if fragment.is_some() {
        "has a fragment, which is never sent"
    } else if path.contains(char::is_control) {
        "contains a control character"
    } else if path.split(['/', '\\']).any(is_dot_segment) {
        "has a segment `.` or `..`, which would leave the base URL"
    } else {
        return None;
    };
    Some(format!("the path {reason}"))
}
