//! The one error of every generated call.
//!
//! A generated call returns progenitor's error, which has no room for the operation, the attempts or
//! a cause of ours. What it has room for is a response: an answer that the session gives back carries
//! its [`Call`] with it, and a call that got no answer ends with an answer of the session's own
//! making, whose status no server sends and which carries the whole [`Error`]. `?` unpacks it.
//!
//! Of an answer that does not decode progenitor keeps only the body. Its call is the one that was
//! answered last on the thread, provided that it was answered with this very body; see [`remember`].

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use progenitor_client::Error as Generated;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::Value;

use crate::{Operation, Problem};

/// A call that did not succeed: which operation, why, and whether trying again can help.
///
/// Every error of a generated call converts into it with `?`. Its `Display` is one line a person can
/// act on; neither it nor `Debug` shows a credential, a request's body or an answer's.
#[derive(Debug, Clone)]
pub struct Error(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    call: Option<Call>,
    status: Option<StatusCode>,
    request_id: Option<String>,
    problem: Option<Problem>,
    message: String,
    excerpt: Excerpt,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The API answered with an error.
    Api,
    /// No credentials could be had, or the API does not take them (401).
    Authentication,
    /// The API could not be reached, or the connection broke.
    Transport,
    /// No answer came in time.
    Timeout,
    /// The answer is not what the API description says.
    Decode,
    /// The request is not what the API takes, and nothing was sent; or its body is a stream that ended
    /// with an error, and a part of it was sent.
    InvalidRequest,
    /// A long-running operation that was waited for has failed.
    Operation,
}

/// Which operation was called, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The `operationId` of the API description.
    pub operation: Cow<'static, str>,
    /// The HTTP method in capitals.
    pub method: Cow<'static, str>,
    /// The path template.
    pub path: Cow<'static, str>,
    /// How many requests were sent.
    pub attempts: u32,
}

impl Call {
    pub(crate) fn new(operation: Option<&'static Operation>, attempts: u32) -> Self {
        let part = |part: fn(&Operation) -> &'static str| {
            Cow::Borrowed(operation.map(part).unwrap_or_default())
        };
        Self {
            operation: part(|operation| operation.id),
            method: part(|operation| operation.method),
            path: part(|operation| operation.path),
            attempts,
        }
    }

    /// As the value of the header [`CALL`].
    pub(crate) fn to_header(&self) -> String {
        let Self {
            operation,
            method,
            path,
            attempts,
        } = self;
        format!("{attempts} {method} {operation} {path}")
    }

    fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let mut parts = headers.get(CALL)?.to_str().ok()?.splitn(4, ' ');
        Some(Self {
            attempts: parts.next()?.parse().ok()?,
            method: parts.next()?.to_owned().into(),
            operation: parts.next()?.to_owned().into(),
            path: parts.next()?.to_owned().into(),
        })
    }
}

/// The header of an error's answer that says which call it answers. Only the session puts it there.
pub(crate) const CALL: &str = "~call";

/// The status of an answer that the session made because no server gave one.
pub(crate) const NO_ANSWER: u16 = 999;

/// An answer that was handed to generated code: where its body lies in memory, and whose it is.
struct Handed {
    body: (*const u8, usize),
    call: Call,
    status: StatusCode,
    request_id: Option<HeaderValue>,
}

thread_local! {
    static LAST: RefCell<Option<Handed>> = const { RefCell::new(None) };
}

/// Remembers whose body this is, until the next answer on this thread.
///
/// Generated code decodes an answer as soon as it has it, without giving way to other tasks. An
/// error that is converted later, or on another thread, finds another body here or none, and goes
/// without its call: two bodies that both live do not lie at one place, unless both are empty. (One
/// that was freed may be followed there by one of the same length; for that to matter, its error has
/// to be converted on another thread than it came on.)
pub(crate) fn remember(body: &Bytes, call: Call, status: StatusCode, headers: &HeaderMap) {
    let handed = Handed {
        body: (body.as_ptr(), body.len()),
        call,
        status,
        request_id: request_id(headers).cloned(),
    };
    LAST.set(Some(handed));
}

fn whose(body: &Bytes) -> Option<Handed> {
    LAST.take()
        .filter(|handed| handed.body == (body.as_ptr(), body.len()))
}

/// Part of an answer's body. It may hold a secret, so it is handed out but never printed.
#[derive(Clone, Default)]
struct Excerpt(String);

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// The body of an answer of no documented status, as the session puts it into the extensions.
#[derive(Clone)]
pub(crate) struct AnswerBody(pub(crate) Bytes);

impl Error {
    /// What kind of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Which operation was called, and how often; `None` where nothing was sent, or where an answer
    /// that does not decode was converted elsewhere than it was received.
    pub fn call(&self) -> Option<&Call> {
        self.0.call.as_ref()
    }

    /// The HTTP status, where there was an answer.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// What the API says of the problem, where it says something.
    pub fn problem(&self) -> Option<&Problem> {
        self.0.problem.as_ref()
    }

    /// The id that the service gave the request (`x-request-id` or its like): what its support asks
    /// for.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The beginning of a body that could not be used, at most 2 KiB. It may hold a secret.
    pub fn body_excerpt(&self) -> Option<&str> {
        let excerpt = &self.0.excerpt.0;
        (!excerpt.is_empty()).then_some(excerpt)
    }

    /// Whether the same call might succeed later: the API was not reached, did not answer in time,
    /// or said that it is overloaded or not available (408, 429, 502, 503, 504).
    pub fn is_retryable(&self) -> bool {
        let by_status = self
            .status()
            .is_some_and(|status| [408, 429, 502, 503, 504].contains(&status.as_u16()));
        by_status || matches!(self.kind(), ErrorKind::Transport | ErrorKind::Timeout)
    }

    /// Whether the API says that what was named is not there (404).
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(StatusCode::NOT_FOUND)
    }

    /// Whether the API says that the request is at odds with what is there (409).
    pub fn is_conflict(&self) -> bool {
        self.status() == Some(StatusCode::CONFLICT)
    }

    /// An error of an argument that is not what the API takes, before any call.
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::of_no_call(ErrorKind::InvalidRequest, message)
    }

    /// An error that is of no one call.
    pub(crate) fn of_no_call(kind: ErrorKind, message: impl Into<String>) -> Self {
        Inner::new(kind, message).into()
    }

    /// An error of a call that got no answer it could use.
    pub(crate) fn without_answer(
        kind: ErrorKind,
        call: Call,
        message: impl Into<String>,
        source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::from(Inner {
            call: Some(call),
            source,
            ..Inner::new(kind, message)
        })
    }

    /// An error about an answer that is not what it has to be.
    pub(crate) fn bad_answer(
        call: Call,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        message: impl Into<String>,
    ) -> Self {
        Self::from(Inner {
            call: Some(call),
            status: Some(status),
            request_id: request_id(headers).and_then(text_of),
            excerpt: excerpt(body),
            ..Inner::new(ErrorKind::Decode, message)
        })
    }

    fn answer(
        status: StatusCode,
        headers: &HeaderMap,
        call: Option<Call>,
        body: Option<Value>,
    ) -> Inner {
        let kind = match status {
            StatusCode::UNAUTHORIZED => ErrorKind::Authentication,
            _ => ErrorKind::Api,
        };
        Inner {
            call,
            status: Some(status),
            request_id: request_id(headers).and_then(text_of),
            problem: body.and_then(Problem::read),
            ..Inner::new(kind, "")
        }
    }
}

impl Inner {
    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            call: None,
            status: None,
            request_id: None,
            problem: None,
            message: message.into(),
            excerpt: Excerpt::default(),
            source: None,
        }
    }
}

impl From<Inner> for Error {
    fn from(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }
}

fn request_id(headers: &HeaderMap) -> Option<&HeaderValue> {
    static NAMES: [HeaderName; 4] = [
        HeaderName::from_static("x-request-id"),
        HeaderName::from_static("x-correlation-id"),
        HeaderName::from_static("request-id"),
        HeaderName::from_static("traceparent"),
    ];
    // One look at each of a few headers costs less than a look-up of each name.
    let ranked = headers.iter().filter_map(|(name, value)| {
        let rank = NAMES.iter().position(|known| known == name)?;
        Some((rank, value))
    });
    ranked.min_by_key(|(rank, _)| *rank).map(|(_, value)| value)
}

fn text_of(value: &HeaderValue) -> Option<String> {
    value.to_str().ok().map(str::to_owned)
}

fn excerpt(body: &[u8]) -> Excerpt {
    const LONGEST: usize = 2048;
    let start = &body[..body.len().min(LONGEST)];
    Excerpt(String::from_utf8_lossy(start).into_owned())
}

/// The error of a generated call, whatever its documented errors carry.
impl<E: Serialize> From<Generated<E>> for Error {
    fn from(error: Generated<E>) -> Self {
        match error {
            Generated::InvalidRequest(message) | Generated::Custom(message) => {
                Inner::new(ErrorKind::InvalidRequest, invalid(&message)).into()
            }
            Generated::ErrorResponse(answer) => {
                let status = answer.status();
                let headers = answer.headers().clone();
                let call = Call::from_headers(&headers);
                let body = serde_json::to_value(answer.into_inner()).ok();
                Self::answer(status, &headers, call, body).into()
            }
            Generated::UnexpectedResponse(answer) => unexpected(&answer),
            Generated::InvalidResponsePayload(body, error) => {
                let place = crate::json_path::at(&body, error.line(), error.column());
                let handed = whose(&body);
                let id = handed
                    .as_ref()
                    .and_then(|handed| handed.request_id.as_ref());
                Inner {
                    status: handed.as_ref().map(|handed| handed.status),
                    request_id: id.and_then(text_of),
                    call: handed.map(|handed| handed.call),
                    excerpt: excerpt(&body),
                    source: Some(Arc::new(error)),
                    ..Inner::new(
                        ErrorKind::Decode,
                        format!("the answer is not of its documented type at {place}"),
                    )
                }
                .into()
            }
            Generated::CommunicationError(error)
            | Generated::InvalidUpgrade(error)
            | Generated::ResponseBodyError(error) => {
                let kind = if error.is_timeout() {
                    ErrorKind::Timeout
                } else {
                    ErrorKind::Transport
                };
                // The URL may have what a caller would not want to see in a log.
                let error = error.without_url();
                Inner {
                    source: Some(Arc::new(error)),
                    ..Inner::new(kind, "the connection broke")
                }
                .into()
            }
        }
    }
}

/// What generated code says of an argument, for people: which one, and what it has to be.
fn invalid(message: &str) -> String {
    if let Some(name) = message.strip_suffix(" was not initialized") {
        return format!("the argument `{name}` is missing");
    }
    let parts = message
        .strip_prefix("conversion to `")
        .and_then(|rest| rest.split_once("` for "))
        .and_then(|(of, rest)| Some((of, rest.split_once(" failed")?)));
    match parts {
        Some((of, (name, why))) => {
            let of = of.rsplit("::").next().unwrap_or(of).trim();
            format!("the argument `{name}` is no valid `{of}`{why}")
        }
        None => message.to_owned(),
    }
}

/// An answer of no documented status, or none at all.
fn unexpected(answer: &reqwest::Response) -> Error {
    let extensions = answer.extensions();
    if let Some(error) = extensions.get::<Error>() {
        return error.clone();
    }
    let body = extensions.get::<AnswerBody>().map(|body| &*body.0);
    let body = body.unwrap_or_default();
    let call = Call::from_headers(answer.headers());
    let json = serde_json::from_slice(body).ok();
    let mut inner = Error::answer(answer.status(), answer.headers(), call, json);
    inner.excerpt = excerpt(body);
    inner.message = "the API description does not know this status".to_owned();
    inner.into()
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            call,
            status,
            problem,
            message,
            source,
            ..
        } = &*self.0;
        let mut parts: Vec<String> = Vec::new();
        if let Some(status) = status {
            parts.push(status.to_string());
        }
        if let Some(problem) = problem {
            parts.push(problem.to_string());
        }
        if !message.is_empty() {
            parts.push(message.clone());
        }
        if let Some(source) = source {
            parts.push(root_cause(&**source));
        }
        let said = parts.join(": ");
        match call {
            Some(Call {
                operation,
                attempts,
                ..
            }) => {
                write!(f, "{operation} failed: {said}")?;
                match attempts {
                    0 | 1 => Ok(()),
                    several => write!(f, " (after {several} attempts)"),
                }
            }
            None => f.write_str(&said),
        }
    }
}

/// The innermost cause: "connection refused" says more than "error sending request".
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
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
    use serde_json::json;

    fn call() -> Call {
        Call {
            operation: "GetRole".into(),
            method: "GET".into(),
            path: "/roles/{role id}".into(),
            attempts: 3,
        }
    }

    fn answer(status: u16) -> Error {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::try_from(call().to_header()).expect("is a header value");
        headers.insert(CALL, value);
        headers.insert("x-request-id", HeaderValue::from_static("r1"));
        let status = StatusCode::from_u16(status).expect("is a status");
        let body = json!({ "title": "Role not found", "balance": 30 });
        Generated::ErrorResponse(progenitor_client::ResponseValue::new(body, status, headers))
            .into()
    }

    #[test]
    fn a_documented_error_says_which_call_and_what_the_api_said() {
        let error = answer(404);
        assert_eq!(
            error.to_string(),
            "GetRole failed: 404 Not Found: Role not found (after 3 attempts)"
        );
        assert_eq!(error.call(), Some(&call()));
        assert_eq!(error.request_id(), Some("r1"));
        assert_eq!(error.problem().expect("is there").extensions["balance"], 30);
        assert!(error.is_not_found() && !error.is_conflict() && !error.is_retryable());
    }

    #[test]
    fn an_argument_that_is_refused_is_named() {
        for (said, shown) in [
            (
                "space_id was not initialized",
                "the argument `space_id` is missing",
            ),
            (
                "conversion to `:: client_runtime :: PathSegment` for name failed",
                "the argument `name` is no valid `PathSegment`",
            ),
            (
                "conversion to `Role` for body failed: no value supplied for name",
                "the argument `body` is no valid `Role`: no value supplied for name",
            ),
            ("something else", "something else"),
        ] {
            let error: Error = Generated::<()>::InvalidRequest(said.to_owned()).into();
            assert_eq!(error.to_string(), shown);
        }
    }

    #[test]
    fn only_what_may_pass_is_retryable() {
        for (status, expected) in [
            (401, false),
            (409, false),
            (429, true),
            (500, false),
            (503, true),
        ] {
            assert_eq!(answer(status).is_retryable(), expected, "{status}");
        }
        assert_eq!(answer(401).kind(), ErrorKind::Authentication);
    }

    #[test]
    fn a_body_of_another_shape_names_the_place_and_keeps_the_body_out_of_sight() {
        let body = br#"{"items": [{"secret": 7}]}"#;
        let wrong = serde_json::from_slice::<
            std::collections::BTreeMap<String, Vec<std::collections::BTreeMap<String, String>>>,
        >(body);
        let error: Error = Generated::<()>::InvalidResponsePayload(
            Bytes::from_static(body),
            wrong.expect_err("is of another shape"),
        )
        .into();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let said = error.to_string();
        assert!(said.contains("at $.items[0].secret"), "{said}");
        assert!(
            error
                .body_excerpt()
                .is_some_and(|body| body.contains("secret\": 7"))
        );
        assert!(!format!("{error:?}").contains("secret\": 7"));
    }

    #[test]
    fn an_error_of_the_session_comes_through_as_it_was() {
        let made = Error::without_answer(ErrorKind::Timeout, call(), "no answer within 30 s", None);
        let mut answer = reqwest::Response::from(http_answer());
        answer.extensions_mut().insert(made);
        let error: Error = Generated::<()>::UnexpectedResponse(answer).into();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.is_retryable());
        assert_eq!(
            error.to_string(),
            "GetRole failed: no answer within 30 s (after 3 attempts)"
        );
    }

    fn http_answer() -> http::Response<Vec<u8>> {
        let mut answer = http::Response::new(Vec::new());
        *answer.status_mut() = StatusCode::from_u16(NO_ANSWER).expect("is a status");
        answer
    }
}
