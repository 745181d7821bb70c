//! The one error of every call.
//!
//! Whatever goes wrong, callers get the same type: with the operation, the number of attempts, the
//! whole response where there was one, and what the API said in it. What is printed is a line for
//! people; it never holds a credential, a header or more of a body than the API's own message.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;

use crate::{CallInfo, Problem, StopReason, decode, request_id};

/// A call that did not succeed: which operation, why, and whether trying again can help.
///
/// A clone is cheap. `Display` is one line that a person can act on, and `Debug` the same line, since
/// that is what a program shows whose `main` returns the error; its alternate form `{:#?}` shows the
/// parts. None of them shows a credential, a header or the body of a request; of a response's body they
/// show what [`problem`](Self::problem) says.
///
/// ```
/// use client_runtime::{Error, ErrorKind};
///
/// let error = Error::invalid_request("the filter is empty");
/// assert_eq!(error.kind(), ErrorKind::InvalidRequest);
/// assert_eq!(error.to_string(), "the filter is empty");
/// assert!(!error.is_retryable());
/// ```
#[derive(Clone)]
pub struct Error(Arc<Details>);

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The API responded with an error: a 4xx or 5xx, a redirect that may not be followed, or a
    /// status that the API description does not document and that has no type.
    Api,
    /// No credentials are available, or the API refuses them (401).
    Authentication,
    /// The API could not be reached, or the connection broke.
    Transport,
    /// No response came in time.
    Timeout,
    /// The response is not what the API description says.
    Decode,
    /// The request is not what the API takes, and nothing was sent; or its body is a stream that ended
    /// with an error, and a part of it was sent.
    InvalidRequest,
    /// A long-running operation that was waited for has failed.
    Operation,
}

/// What an [`Error`] is made of.
pub(crate) struct Details {
    pub(crate) kind: ErrorKind,
    pub(crate) call: Option<CallInfo>,
    pub(crate) status: Option<StatusCode>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) problem: Option<Problem>,
    /// What there is to say beyond the problem; may be empty.
    pub(crate) message: String,
    pub(crate) source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    /// Why it was not sent again, where there is no response.
    pub(crate) stopped: Option<StopReason>,
    pub(crate) is_retryable: bool,
}

impl Details {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            call: None,
            status: None,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            problem: None,
            message: message.into(),
            source: None,
            stopped: None,
            is_retryable: false,
        }
    }
}

impl From<Details> for Error {
    fn from(details: Details) -> Self {
        Self(Arc::new(details))
    }
}

impl Error {
    /// What kind of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Which operation was called, and how often; `None` for an error that belongs to no single call,
    /// such as a wait that took too long.
    pub fn call(&self) -> Option<&CallInfo> {
        self.0.call.as_ref()
    }

    /// The HTTP status, where there was a response.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The headers of the response; empty where there was none. They may hold secrets.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// The body of the response, as far as it was read: all of it, unless it is larger than
    /// [`Options::max_response_bytes`](crate::Options::max_response_bytes). Empty where there was no
    /// response. It may hold secrets.
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }

    /// The body of the response as the type that the API description gives for its status; the
    /// documentation of each call lists these types.
    ///
    /// # Errors
    /// The body is not JSON of the type: an error of the kind [`ErrorKind::Decode`] that says where.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, Error> {
        decode::json(&self.0.body).map_err(|error| self.undecoded(&error))
    }

    fn undecoded(&self, error: &decode::DecodeError) -> Self {
        Details {
            call: self.0.call.clone(),
            status: self.0.status,
            headers: self.0.headers.clone(),
            body: self.0.body.clone(),
            ..Details::new(ErrorKind::Decode, error.to_string())
        }
        .into()
    }

    /// What the API says of the problem, where it says something.
    pub fn problem(&self) -> Option<&Problem> {
        self.0.problem.as_ref()
    }

    /// The id that the service gave the request (`x-request-id` or a similar header): what its support
    /// asks for.
    pub fn request_id(&self) -> Option<&str> {
        request_id::of(&self.0.headers)
    }

    /// Whether the same call may succeed later and can do no harm: the failure passes, and either the
    /// server has not processed the request, or the operation may be repeated. The table of
    /// [`RetryPolicy`](crate::RetryPolicy) decides, as it did between the attempts of the call.
    pub fn is_retryable(&self) -> bool {
        self.0.is_retryable
    }

    /// Whether the API says that the thing does not exist (404).
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(StatusCode::NOT_FOUND)
    }

    /// Whether the API says that the request conflicts with the current state (409).
    pub fn is_conflict(&self) -> bool {
        self.status() == Some(StatusCode::CONFLICT)
    }

    /// An error about an argument that the API does not take, before any call.
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Details::new(ErrorKind::InvalidRequest, message).into()
    }

    /// An error that belongs to no single call. One of time or transport is retryable.
    pub(crate) fn of_no_call(kind: ErrorKind, message: impl Into<String>) -> Self {
        Details {
            is_retryable: matches!(kind, ErrorKind::Transport | ErrorKind::Timeout),
            ..Details::new(kind, message)
        }
        .into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details {
            call,
            status,
            problem,
            message,
            source,
            stopped,
            ..
        } = &*self.0;
        let mut separator = "";
        let mut part = |f: &mut fmt::Formatter<'_>, part: &dyn fmt::Display| {
            write!(f, "{separator}{part}")?;
            separator = ": ";
            Ok::<(), fmt::Error>(())
        };
        if let Some(call) = call {
            part(f, &format_args!("{call} failed"))?;
        }
        if let Some(status) = status {
            part(f, status)?;
        }
        if let Some(problem) = problem {
            part(f, problem)?;
        }
        if !message.is_empty() {
            part(f, message)?;
        }
        if let Some(source) = source {
            let cause = root_cause(&**source);
            // An error below that has no cause is the message already.
            if cause != *message {
                part(f, &cause)?;
            }
        }
        let attempts = call.as_ref().map_or(0, |call| call.attempts);
        let reason = stopped.filter(|reason| *reason != StopReason::AttemptsUsedUp);
        match (attempts > 1, reason) {
            (true, Some(reason)) => write!(f, " (after {attempts} attempts; {reason})"),
            (true, None) => write!(f, " (after {attempts} attempts)"),
            (false, Some(reason)) => write!(f, " ({reason})"),
            (false, None) => Ok(()),
        }
    }
}

/// What `Display` shows; in the alternate form all parts but headers and bodies.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return fmt::Display::fmt(self, f);
        }
        let details = &*self.0;
        let problem = details.problem.as_ref().map(ToString::to_string);
        f.debug_struct("Error")
            .field("kind", &details.kind)
            .field("call", &details.call)
            .field("status", &details.status)
            .field("problem", &problem)
            .field("message", &details.message)
            .field("body", &format_args!("{} bytes", details.body.len()))
            .field("source", &details.source)
            .field("stopped", &details.stopped)
            .field("is_retryable", &details.is_retryable)
            .finish_non_exhaustive()
    }
}

/// The innermost cause: "connection refused" says more than "error sending request".
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let cause = cause.to_string();
    // The number that the system has for it says nothing to people.
    match cause.rsplit_once(" (os error ") {
        Some((cause, _)) => cause.to_owned(),
        None => cause,
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn of_response(body: &Value) -> Error {
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", "r1".parse().expect("is a value"));
        headers.insert("set-cookie", "s3cret-cookie".parse().expect("is a value"));
        let body = Bytes::from(body.to_string());
        Details {
            call: Some(CallInfo {
                operation: "GetRole",
                method: "GET".into(),
                path: "/roles/{role id}",
                attempts: 3,
            }),
            status: Some(StatusCode::NOT_FOUND),
            problem: Problem::of_body(Some("application/json"), &body),
            headers,
            body,
            ..Details::new(ErrorKind::Api, "")
        }
        .into()
    }

    #[test]
    fn an_error_says_which_call_and_what_the_api_said() {
        let error = of_response(&json!({ "title": "Role not found", "balance": 30 }));
        assert_eq!(
            error.to_string(),
            "GetRole failed: 404 Not Found: Role not found (after 3 attempts)"
        );
        assert_eq!(error.request_id(), Some("r1"));
        assert_eq!(error.problem().expect("is there").extensions["balance"], 30);
        assert!(error.is_not_found() && !error.is_conflict() && !error.is_retryable());
    }

    #[test]
    fn the_body_is_kept_whole_and_decoded_on_demand_and_shown_nowhere() {
        let error = of_response(&json!({ "title": "no", "token": "s3cret", "n": [1, "s3cret"] }));
        let decoded: Value = error.decode().expect("decodes");
        assert_eq!(decoded["token"], "s3cret");
        let wrong = error
            .decode::<std::collections::BTreeMap<String, String>>()
            .expect_err("is of another type");
        assert_eq!(wrong.kind(), ErrorKind::Decode);
        assert!(
            wrong.to_string().contains("at $.n: invalid type: sequence"),
            "{wrong}"
        );
        assert_eq!(wrong.body(), error.body());
        for shown in [
            format!("{error}"),
            format!("{error:?}"),
            format!("{wrong}"),
            format!("{wrong:#?}"),
        ] {
            assert!(!shown.contains("s3cret"), "{shown}");
        }
    }

    #[test]
    fn the_innermost_cause_is_shown() {
        let inner = std::io::Error::other("connection refused");
        let outer = std::io::Error::other(inner);
        let error = Error::from(Details {
            source: Some(Arc::new(outer)),
            ..Details::new(ErrorKind::Transport, "no connection")
        });
        assert_eq!(error.to_string(), "no connection: connection refused");
        assert_eq!(format!("{error:?}"), error.to_string());
        assert!(format!("{error:#?}").contains("kind: Transport"));
    }

    #[test]
    fn why_it_was_not_sent_again_comes_last() {
        let refused = || std::io::Error::from_raw_os_error(111);
        for (attempts, stopped, expected) in [
            (
                1,
                StopReason::NotSafeToRepeat,
                " (it may have taken effect and is not safe to repeat)",
            ),
            (
                4,
                StopReason::TimeUsedUp,
                " (after 4 attempts; the time for retries is used up)",
            ),
            (4, StopReason::AttemptsUsedUp, " (after 4 attempts)"),
            (1, StopReason::AttemptsUsedUp, ""),
        ] {
            let call = CallInfo {
                operation: "GetRole",
                method: "GET".into(),
                path: "/roles/{role id}",
                attempts,
            };
            let error = Error::from(Details {
                call: Some(call),
                source: Some(Arc::new(refused())),
                stopped: Some(stopped),
                ..Details::new(ErrorKind::Transport, "no connection to a.example")
            });
            let cause = refused().to_string();
            let cause = cause.split(" (os").next().expect("has a start");
            let expected = format!("GetRole failed: no connection to a.example: {cause}{expected}");
            assert_eq!(error.to_string(), expected);
        }
    }
}
