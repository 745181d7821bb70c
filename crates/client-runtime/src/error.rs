//! The error of calls.
//!
//! All failures have the same type, with the operation, the number of attempts, the response if there
//! was one, and the API's own error message. The displayed message is one line. It never contains
//! credentials, headers, or more of a body than the API's own message.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;

use crate::operation::LocatedSchema;
use crate::{CallInfo, Problem, StopReason, decode, request_id};

/// The error of a call: the operation, the cause, and whether a retry may help.
///
/// Clones are cheap. `Display` and `Debug` write one line, because a program whose `main` returns the
/// error prints its `Debug` form. The alternate form `{:#?}` writes the fields. None of them shows
/// credentials, headers or request bodies. They show only the [`problem`](Self::problem) of a response
/// body.
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

/// The kind of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The API responded with an error: a 4xx or 5xx, a redirect that is not followed, or an
    /// undocumented status without a type.
    Api,
    /// Credentials are missing, or the API rejected them (401).
    Authentication,
    /// The API could not be reached, or the connection broke.
    Transport,
    /// The response did not arrive in time.
    Timeout,
    /// The response does not match the API description.
    Decode,
    /// The request does not match the API description and was not sent; or its body is a stream that
    /// failed after a part of it was sent.
    InvalidRequest,
    /// A long-running operation failed; see [`waiting`](crate::waiting).
    Operation,
}

/// The fields of an [`Error`].
pub(crate) struct Details {
    pub(crate) kind: ErrorKind,
    pub(crate) call: Option<CallInfo>,
    pub(crate) status: Option<StatusCode>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) problem: Option<Problem>,
    /// The message beyond the problem. May be empty.
    pub(crate) message: String,
    pub(crate) source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    /// Why the request was not retried, if there is no response.
    pub(crate) stopped: Option<StopReason>,
    pub(crate) is_retryable: bool,
    /// The documented schema of the body.
    pub(crate) schema: Option<&'static LocatedSchema>,
    pub(crate) overlay_actions: Option<String>,
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
            schema: None,
            overlay_actions: None,
        }
    }
}

impl From<Details> for Error {
    fn from(details: Details) -> Self {
        Self(Arc::new(details))
    }
}

impl Error {
    /// Returns the kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the operation and the number of attempts. `None` for an error that does not belong to a
    /// single call, such as a wait that timed out.
    pub fn call(&self) -> Option<&CallInfo> {
        self.0.call.as_ref()
    }

    /// Returns the HTTP status, if there was a response.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// Returns the response headers; empty if there was no response. They may contain secrets.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// Returns the response body as far as it was read: all of it, unless it exceeds
    /// [`Options::max_response_bytes`](crate::Options::max_response_bytes). Empty if there was no
    /// response. It may contain secrets.
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }

    /// Decodes the response body as the type that the API description specifies for its status. The
    /// documentation of each call lists these types.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the body is not JSON of the type. The message contains the JSONPath.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, Error> {
        decode::json(&self.0.body).map_err(|error| self.undecoded(&error))
    }

    fn undecoded(&self, error: &decode::DecodeError) -> Self {
        Details {
            call: self.0.call.clone(),
            status: self.0.status,
            headers: self.0.headers.clone(),
            body: self.0.body.clone(),
            overlay_actions: self
                .0
                .schema
                .and_then(|schema| error.overlay_actions(schema)),
            ..Details::new(ErrorKind::Decode, error.to_string())
        }
        .into()
    }

    /// Returns the API's own description of the error, if there is one.
    pub fn problem(&self) -> Option<&Problem> {
        self.0.problem.as_ref()
    }

    /// Returns overlay actions (OpenAPI Overlay 1.0) that correct the API description of the client, as a
    /// JSON array. With them, the client accepts the response that it could not decode. JSON is valid in
    /// the YAML of an overlay. `None` for other errors, and if the location in the API description is not
    /// known.
    pub fn overlay_actions(&self) -> Option<&str> {
        self.0.overlay_actions.as_deref()
    }

    /// Returns the request id of the service (`x-request-id` or a similar header), to quote in support
    /// requests.
    pub fn request_id(&self) -> Option<&str> {
        request_id::of(&self.0.headers)
    }

    /// Returns true if the same call may succeed later and repeating it is safe: the failure is
    /// temporary, and either the server has not processed the request, or the operation may be
    /// repeated. The table of [`RetryPolicy`](crate::RetryPolicy) decides, as between the attempts of
    /// the call.
    pub fn is_retryable(&self) -> bool {
        self.0.is_retryable
    }

    /// Returns true for the status 404 (Not Found).
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(StatusCode::NOT_FOUND)
    }

    /// Returns true for the status 409 (Conflict).
    pub fn is_conflict(&self) -> bool {
        self.status() == Some(StatusCode::CONFLICT)
    }

    /// Creates the error for an argument that is invalid before any call.
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Details::new(ErrorKind::InvalidRequest, message).into()
    }

    /// Creates an error that does not belong to a single call. [`ErrorKind::Timeout`] and
    /// [`ErrorKind::Transport`] are retryable.
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
            overlay_actions,
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
            // An underlying error without a cause is the message already.
            if cause != *message {
                part(f, &cause)?;
            }
        }
        if let Some(actions) = overlay_actions {
            let what = "to accept the response, add to the overlay of the API description";
            write!(f, "; {what}: {actions}")?;
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

/// The output of `Display`; in the alternate form all fields except headers and bodies.
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

/// Returns the innermost cause: "connection refused" is more useful than "error sending request".
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let cause = cause.to_string();
    // Removes the error number of the operating system.
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
    fn an_error_shows_the_call_and_the_problem() {
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
    fn the_body_is_kept_decoded_on_demand_and_never_shown() {
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
    fn the_reason_for_not_retrying_comes_last() {
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
