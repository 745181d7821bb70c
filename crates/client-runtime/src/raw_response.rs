//! Responses that are not decoded.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{StatusCode, Upgraded};
use serde::de::DeserializeOwned;

use crate::deviation;
use crate::response_head::Head;
use crate::{
    ByteStream, CallInfo, DeviationKind, Error, ErrorKind, Response, decode, media_type, request_id,
};

/// The success response of a call, not decoded: a 2xx, or another status that the API description
/// documents as a success.
///
/// `Debug` shows the status and the call, but neither headers nor body.
pub struct RawResponse {
    head: Head,
    body: Body,
}

/// The body of a response.
pub(crate) enum Body {
    /// Read, or absent.
    Read(Bytes),
    /// Not read. The caller streams it.
    Unread(reqwest::Response),
}

impl RawResponse {
    pub(crate) fn new(head: Head, body: Body) -> Self {
        Self { head, body }
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// Returns the headers. They may contain secrets.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Returns the request id of the service (`x-request-id` or a similar header), to quote in support
    /// requests.
    pub fn request_id(&self) -> Option<&str> {
        request_id::of(&self.head.headers)
    }

    /// Returns the operation and the number of attempts.
    pub fn call(&self) -> &CallInfo {
        &self.head.call
    }

    /// Returns the index of the matching documented response in
    /// [`responses`](crate::operation::Operation::responses), by status and media type. `None` if the API
    /// description does not document it.
    pub fn documented(&self) -> Option<usize> {
        self.head.documented
    }

    /// Identifies the response by its body, if it was read.
    pub(crate) fn fingerprint(&self) -> u64 {
        // A fixed key, so that equal bytes have equal hashes.
        static STATE: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        match &self.body {
            Body::Read(bytes) => STATE.hash_one(bytes),
            Body::Unread(_) => 0,
        }
    }

    /// Returns the body as JSON, if it was read and is JSON.
    pub(crate) fn peek(&self) -> Option<serde_json::Value> {
        match &self.body {
            Body::Read(bytes) => serde_json::from_slice(bytes).ok(),
            Body::Unread(_) => None,
        }
    }

    /// Returns true if the body was read and is empty. False for a body that the caller streams.
    pub fn is_empty(&self) -> bool {
        matches!(&self.body, Body::Read(bytes) if bytes.is_empty())
    }

    /// Reads the whole body.
    ///
    /// # Errors
    /// If the body was not read yet: the connection is lost ([`ErrorKind::Transport`]), or the body
    /// exceeds [`Options::max_response_bytes`](crate::Options::max_response_bytes)
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

    /// Decodes the body as JSON. An empty body is decoded as `null`, which optional types accept.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the body is not JSON of the type. The error contains the whole body, and names
    /// the media type if that is not JSON.
    pub fn json<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        let (head, body) = self.into_read()?;
        let (decoded, deviations) = deviation::watched(|| decode::json(&body));
        match decoded {
            Ok(value) => {
                head.report(deviations);
                Ok(Response::new(head.status, head.headers, value))
            }
            Err(error) if error.is_not_json() && !body.is_empty() => {
                Err(match head.other_media_type() {
                    Some(essence) => {
                        let message = format!("the response is {essence} and not JSON");
                        head.error(ErrorKind::Decode, message, body)
                    }
                    None => head.undecoded(&error, body),
                })
            }
            Err(error) => Err(head.undecoded(&error, body)),
        }
    }

    /// Returns the body as a string. If the response is JSON and contains a string, that string is
    /// returned; otherwise the body, with invalid UTF-8 replaced.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the body was not read.
    pub fn text(self) -> Result<Response<String>, Error> {
        let (head, body) = self.into_read()?;
        let is_json = media_type::of(&head.headers).is_some_and(media_type::is_json);
        let decoded = is_json
            .then(|| serde_json::from_slice(&body).ok())
            .flatten();
        if is_json && decoded.is_none() && head.documented.is_some() {
            head.deviations.add(head.operation, DeviationKind::NotText);
        }
        let text = decoded.unwrap_or_else(|| String::from_utf8_lossy(&body).into_owned());
        Ok(Response::new(head.status, head.headers, text))
    }

    /// Returns the response without its body.
    ///
    /// # Errors
    /// None at present.
    pub fn empty(self) -> Result<Response<()>, Error> {
        Ok(Response::new(self.head.status, self.head.headers, ()))
    }

    /// Returns the body as a stream of bytes.
    ///
    /// # Errors
    /// None at present: a lost connection is an error of the stream.
    pub fn stream(self) -> Result<Response<ByteStream>, Error> {
        let Self { head, body } = self;
        let (status, headers) = (head.status, head.headers.clone());
        let bytes = match body {
            Body::Read(bytes) => ByteStream::of_bytes(bytes, head),
            Body::Unread(response) => ByteStream::of_response(response, head),
        };
        Ok(Response::new(status, headers, bytes))
    }

    /// Takes over the connection after the server switched protocols (RFC 9110 section 15.2.2).
    ///
    /// # Errors
    /// The server did not switch protocols ([`ErrorKind::Decode`]), or the connection was lost
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

    /// Returns the error for a response that the API description does not document.
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

/// Reads a body up to `max` bytes, and returns whether that is all of it.
///
/// # Errors
/// The connection was lost.
pub(crate) async fn read_body(
    mut response: reqwest::Response,
    max: usize,
) -> reqwest::Result<(Bytes, bool)> {
    let announced = response.content_length();
    let announced = announced.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if announced.is_some_and(|length| length <= max) {
        // The transport checks that the response has its announced length.
        return Ok((response.bytes().await?, true));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        // If the announced length exceeds the limit, the first chunk is enough for the error.
        if body.len() > max || announced.is_some() {
            body.truncate(max);
            return Ok((body.into(), false));
        }
    }
    Ok((body.into(), true))
}
