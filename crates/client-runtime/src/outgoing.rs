//! Requests that can be sent several times.
//!
//! The HTTP client consumes a request, so each attempt builds one from an [`Outgoing`]. This copies the
//! table of headers and otherwise only increments reference counts. The first attempt copies nothing.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body::Body as _;
use http_body_util::BodyExt as _;
use reqwest::Method;
use reqwest::header::{ACCEPT, COOKIE, HeaderMap, HeaderName, HeaderValue};

use crate::operation::Operation;

/// A request of a call or a request builder.
pub(crate) struct Outgoing {
    pub(crate) operation: &'static Operation,
    pub(crate) method: Method,
    /// The whole URL, not parsed yet.
    pub(crate) url: String,
    /// The `Accept` header, unless the call sets its own.
    pub(crate) accept: Option<HeaderValue>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Payload,
}

/// The body of a request.
pub(crate) enum Payload {
    /// No body.
    None,
    /// Bytes, which can be sent again.
    Bytes(Bytes),
    /// A stream, which can be sent once.
    Stream(reqwest::Body),
    /// A stream that has been sent, and the error with which it ended, if any.
    Sent(BodyError),
}

/// The error of a request body's stream. The transport only reports a lost connection, and with HTTP/2
/// without the cause.
type BodyError = Arc<Mutex<Option<reqwest::Error>>>;

impl Outgoing {
    /// Returns the headers of an attempt.
    pub(crate) fn header_map(&self) -> HeaderMap {
        // Capacity for the credentials and the headers of the HTTP client.
        let mut headers = HeaderMap::with_capacity(self.headers.len() + 4);
        if let Some(accept) = &self.accept {
            headers.insert(ACCEPT, accept.clone());
        }
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        headers
    }

    /// Returns true if the call sets this header.
    pub(crate) fn has_header(&self, wanted: &str) -> bool {
        let mut names = self.headers.iter().map(|(name, _)| name.as_str());
        names.any(|name| name.eq_ignore_ascii_case(wanted))
    }

    /// Returns true if the call sets a cookie of this name.
    pub(crate) fn has_cookie(&self, wanted: &str) -> bool {
        let headers = self.headers.iter().filter(|(name, _)| name == COOKIE);
        let mut pairs = headers.flat_map(|(_, value)| value.as_bytes().split(|byte| *byte == b';'));
        pairs.any(|pair| {
            let name = pair.split(|byte| *byte == b'=').next();
            name.map(<[u8]>::trim_ascii) == Some(wanted.as_bytes())
        })
    }

    /// Returns the `Accept` header of the call.
    pub(crate) fn accept(&self) -> Option<&HeaderValue> {
        let given = self.headers.iter().find(|(name, _)| name == ACCEPT);
        given.map(|(_, value)| value).or(self.accept.as_ref())
    }
}

impl Payload {
    /// Returns true if the body can be sent again.
    pub(crate) fn is_replayable(&self) -> bool {
        matches!(self, Self::None | Self::Bytes(_))
    }

    /// Returns the body for one attempt. `None` if there is none, or if it has been sent.
    pub(crate) fn take(&mut self) -> Option<reqwest::Body> {
        match self {
            Self::Bytes(bytes) => Some(bytes.clone().into()),
            Self::Stream(_) => {
                let kept = BodyError::default();
                match std::mem::replace(self, Self::Sent(Arc::clone(&kept))) {
                    Self::Stream(body) => Some(watched(body, kept)),
                    _ => None,
                }
            }
            Self::None | Self::Sent(_) => None,
        }
    }

    /// Returns the error with which the stream of the body ended, if any.
    pub(crate) fn failure(&self) -> Option<reqwest::Error> {
        let Self::Sent(kept) = self else {
            return None;
        };
        kept.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Wraps a body to keep its error.
fn watched(body: reqwest::Body, kept: BodyError) -> reqwest::Body {
    reqwest::Body::wrap(body.map_err(move |error| {
        let shown = error.to_string();
        *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        std::io::Error::other(shown)
    }))
}

impl From<reqwest::Body> for Payload {
    fn from(mut body: reqwest::Body) -> Self {
        if body.as_bytes().is_none() {
            return Self::Stream(body);
        }
        // A body with all its bytes returns them in one frame, without copying.
        let frame = Pin::new(&mut body).poll_frame(&mut Context::from_waker(Waker::noop()));
        match frame {
            Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                Ok(bytes) => Self::Bytes(bytes),
                Err(_) => Self::Bytes(Bytes::new()),
            },
            _ => Self::Bytes(Bytes::new()),
        }
    }
}

/// Returns a header value, or `None` if it would not arrive unchanged: whitespace around it is not part
/// of the value (RFC 9110 section 5.5).
pub(crate) fn header_value(value: String) -> Option<HeaderValue> {
    let is_trimmed = value.trim_matches([' ', '\t']).len() == value.len();
    is_trimmed.then(|| HeaderValue::try_from(value).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    #[test]
    fn a_body_of_bytes_is_replayable_and_not_copied() {
        let bytes = Bytes::from(vec![7; 1000]);
        let Payload::Bytes(kept) = Payload::from(reqwest::Body::from(bytes.clone())) else {
            panic!("is bytes");
        };
        assert_eq!(kept, bytes);
        assert_eq!(kept.as_ptr(), bytes.as_ptr());
        let mut payload = Payload::from(reqwest::Body::from(""));
        assert!(payload.is_replayable());
        for _ in 0..2 {
            assert!(payload.take().is_some());
        }
    }

    #[test]
    fn a_stream_can_be_sent_once() {
        let chunks = stream::iter([Ok::<_, std::io::Error>("a")]);
        let mut payload = Payload::from(reqwest::Body::wrap_stream(chunks));
        assert!(!payload.is_replayable());
        assert!(payload.take().is_some());
        assert!(payload.take().is_none());
    }
}
