//! A response as it was received, before it is decoded.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{StatusCode, Upgraded};
use serde::de::DeserializeOwned;

use crate::error::Details;
use crate::operation::Operation;
use crate::{
    ByteStream, CallInfo, Error, ErrorKind, Problem, Response, decode, failure, media_type,
    request_id,
};

/// The response of a call that succeeded, not decoded yet: one with a status of 2xx, or with another
/// one that the API description documents as a success.
///
/// `Debug` shows the status and the call, and neither headers nor the body.
pub struct RawResponse {
    head: Head,
    body: Body,
}

/// All of a response but its body.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) call: CallInfo,
    pub(crate) operation: &'static Operation,
    /// Which of the operation's documented responses this is.
    pub(crate) documented: Option<usize>,
    /// Whether the call may be repeated if the rest of the response does not arrive.
    pub(crate) is_repeatable: bool,
    /// How many bytes of a body are read into memory.
    pub(crate) max_bytes: usize,
}

/// The body of a response.
pub(crate) enum Body {
    /// It has been read, or there is none.
    Read(Bytes),
    /// It is left to the caller.
    Unread(reqwest::Response),
}

impl RawResponse {
    pub(crate) fn new(head: Head, body: Body) -> Self {
        Self { head, body }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// The headers. They may hold secrets.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The id that the service gave the request (`x-request-id` or a similar header), which its
    /// support asks for.
    pub fn request_id(&self) -> Option<&str> {
        request_id::of(&self.head.headers)
    }

    /// Which operation was called, and how often it was sent.
    pub fn call(&self) -> &CallInfo {
        &self.head.call
    }

    /// Which of the operation's [`responses`](Operation::responses) this is, by status and media type;
    /// `None` where the API description does not document it.
    pub fn documented(&self) -> Option<usize> {
        self.head.documented
    }

    /// Tells this response from others by its body, if that was read.
    pub(crate) fn fingerprint(&self) -> u64 {
        // One key for all, so that the same bytes have the same hash.
        static STATE: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        match &self.body {
            Body::Read(bytes) => STATE.hash_one(bytes),
            Body::Unread(_) => 0,
        }
    }

    /// Whether the body has been read and has nothing in it. A body that is left to the caller is not
    /// known to be empty.
    pub fn is_empty(&self) -> bool {
        matches!(&self.body, Body::Read(bytes) if bytes.is_empty())
    }

    /// The whole body.
    ///
    /// # Errors
    /// Where it was not read yet: the connection breaks ([`ErrorKind::Transport`]), or the body is
    /// larger than [`Options::max_response_bytes`](crate::Options::max_response_bytes)
    /// ([`ErrorKind::Decode`]).
    pub async fn bytes(self) -> Result<Bytes, Error> {
        let Self { head, body } = self;
        match body {
            Body::Read(bytes) => Ok(bytes),
            Body::Unread(response) => match read_body(response, head.max_bytes).await {
                Ok((bytes, true)) => Ok(bytes),
                Ok((bytes, false)) => Err(head.too_large(bytes)),
                Err(error) => Err(head.broken(error)),
            },
        }
    }

    /// The body decoded from JSON. An empty body is decoded as `null`, which optional types take.
    ///
    /// # Errors
    /// The body is not JSON of the type, or is a page of HTML: an error of the kind
    /// [`ErrorKind::Decode`], which has the whole body.
    pub fn json<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        let (head, body) = self.into_json()?;
        match decode::json(&body) {
            Ok(value) => Ok(Response::new(head.status, head.headers, value)),
            Err(error) => Err(head.error(ErrorKind::Decode, error.to_string(), body)),
        }
    }

    /// The body that is about to be decoded from JSON.
    fn into_json(self) -> Result<(Head, Bytes), Error> {
        let (head, body) = self.into_read()?;
        let page = media_type::of(&head.headers).filter(|essence| media_type::is_html(essence));
        match page {
            Some(essence) if !body.is_empty() => {
                let message = format!("a page of {essence} in place of JSON");
                Err(head.error(ErrorKind::Decode, message, body))
            }
            _ => Ok((head, body)),
        }
    }

    /// The body as a string. Where the response says that it is JSON, and it is a string of JSON, that
    /// string; otherwise the body as it is, invalid UTF-8 replaced.
    ///
    /// # Errors
    /// The body was not read: an error of the kind [`ErrorKind::Decode`].
    pub fn text(self) -> Result<Response<String>, Error> {
        let (head, body) = self.into_read()?;
        let is_json = media_type::of(&head.headers).is_some_and(media_type::is_json);
        let decoded = is_json
            .then(|| serde_json::from_slice(&body).ok())
            .flatten();
        let text = decoded.unwrap_or_else(|| String::from_utf8_lossy(&body).into_owned());
        Ok(Response::new(head.status, head.headers, text))
    }

    /// The response without its body, whatever that is.
    ///
    /// # Errors
    /// None at present.
    pub fn empty(self) -> Result<Response<()>, Error> {
        Ok(Response::new(self.head.status, self.head.headers, ()))
    }

    /// The bytes of the body while they arrive.
    ///
    /// # Errors
    /// None at present: a connection that breaks is an error of the stream.
    pub fn stream(self) -> Result<Response<ByteStream>, Error> {
        let Self { head, body } = self;
        let (status, headers) = (head.status, head.headers.clone());
        let bytes = match body {
            Body::Read(bytes) => ByteStream::of_bytes(bytes, head),
            Body::Unread(response) => ByteStream::of_response(response, head),
        };
        Ok(Response::new(status, headers, bytes))
    }

    /// The connection itself, which speaks another protocol from now on (RFC 9110 section 15.2.2).
    ///
    /// # Errors
    /// The server did not switch protocols ([`ErrorKind::Decode`]), or the connection broke
    /// ([`ErrorKind::Transport`]).
    pub async fn upgrade(self) -> Result<Response<Upgraded>, Error> {
        let Self { head, body } = self;
        match body {
            Body::Unread(response) if head.status == StatusCode::SWITCHING_PROTOCOLS => {
                match response.upgrade().await {
                    Ok(connection) => Ok(Response::new(head.status, head.headers, connection)),
                    Err(error) => Err(head.broken(error)),
                }
            }
            Body::Read(bytes) => Err(head.error(ErrorKind::Decode, NOT_SWITCHED, bytes)),
            Body::Unread(_) => Err(head.error(ErrorKind::Decode, NOT_SWITCHED, Bytes::new())),
        }
    }

    /// The error of a response that has no type, since the API description does not document it.
    pub fn undocumented(self) -> Error {
        let body = match self.body {
            Body::Read(bytes) => bytes,
            Body::Unread(_) => Bytes::new(),
        };
        self.head.error(
            ErrorKind::Api,
            "the API description does not document this status",
            body,
        )
    }

    fn into_read(self) -> Result<(Head, Bytes), Error> {
        let Self { head, body } = self;
        match body {
            Body::Read(bytes) => Ok((head, bytes)),
            Body::Unread(_) => {
                let message = "the response is a stream, which is not read into memory";
                Err(head.error(ErrorKind::Decode, message, Bytes::new()))
            }
        }
    }
}

const NOT_SWITCHED: &str = "the server did not switch protocols";

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse")
            .field("status", &self.head.status)
            .field("call", &self.head.call)
            .finish_non_exhaustive()
    }
}

impl Head {
    /// An error about this response, with all of it.
    pub(crate) fn error(self, kind: ErrorKind, message: impl Into<String>, body: Bytes) -> Error {
        Details {
            call: Some(self.call),
            status: Some(self.status),
            headers: self.headers,
            body,
            ..Details::new(kind, message)
        }
        .into()
    }

    /// The error that the API reports with this response. It is retryable where the retry policy says
    /// so.
    pub(crate) fn reported(
        self,
        message: impl Into<String>,
        body: Bytes,
        is_retryable: bool,
    ) -> Error {
        let kind = match self.status {
            StatusCode::UNAUTHORIZED => ErrorKind::Authentication,
            _ => ErrorKind::Api,
        };
        let problem = Problem::of_body(media_type::of(&self.headers), &body);
        Details {
            call: Some(self.call),
            status: Some(self.status),
            headers: self.headers,
            body,
            problem,
            is_retryable,
            ..Details::new(kind, message)
        }
        .into()
    }

    /// An error about this response while its body is still being read.
    pub(crate) fn clone_error(&self, kind: ErrorKind, message: impl Into<String>) -> Details {
        Details {
            call: Some(self.call.clone()),
            status: Some(self.status),
            headers: self.headers.clone(),
            ..Details::new(kind, message)
        }
    }

    /// The error of a body that does not arrive in full.
    pub(crate) fn broken(&self, error: reqwest::Error) -> Error {
        let (kind, message) = failure::described(&error);
        Details {
            is_retryable: self.is_repeatable,
            source: Some(failure::cause(error)),
            ..self.clone_error(kind, message)
        }
        .into()
    }

    /// The error of a body of which only `body` was read.
    pub(crate) fn too_large(self, body: Bytes) -> Error {
        let message = format!("the response is larger than {} bytes", self.max_bytes);
        self.error(ErrorKind::Decode, message, body)
    }
}

/// Reads a body, at most `max` bytes of it, and says whether that is all.
///
/// # Errors
/// The connection broke.
pub(crate) async fn read_body(
    mut response: reqwest::Response,
    max: usize,
) -> reqwest::Result<(Bytes, bool)> {
    let announced = response.content_length();
    let announced = announced.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if announced.is_some_and(|length| length <= max) {
        // The transport holds the response to its length.
        return Ok((response.bytes().await?, true));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        // Of what is announced as too large, the first piece is enough to show.
        if body.len() > max || announced.is_some() {
            body.truncate(max);
            return Ok((body.into(), false));
        }
    }
    Ok((body.into(), true))
}
