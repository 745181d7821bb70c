//! A request that is ready to be sent, as often as it takes.
//!
//! The HTTP client consumes a request, so each attempt builds one from this. What is copied for that
//! is counted references, but the headers' table: a call that succeeds at once copies nothing.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body::Body as _;
use http_body_util::BodyExt as _;
use reqwest::Method;
use reqwest::header::{ACCEPT, COOKIE, HeaderMap, HeaderName, HeaderValue};

use crate::operation::Operation;

/// What a call or a request builder has made.
pub(crate) struct Outgoing {
    pub(crate) operation: &'static Operation,
    pub(crate) method: Method,
    /// The whole URL; it has been parsed by nobody yet.
    pub(crate) url: String,
    /// What the operation accepts, where the call has no header that says otherwise.
    pub(crate) accept: Option<HeaderValue>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Payload,
}

/// The body of a request.
pub(crate) enum Payload {
    /// There is none.
    None,
    /// Bytes, which are sent as often as it takes.
    Bytes(Bytes),
    /// A stream, which is sent once.
    Stream(reqwest::Body),
    /// A stream that has been sent, and the error with which it ended, if it did.
    Sent(BodyError),
}

/// Where the error is kept with which the body of a request ended: the transport reports it as a lost
/// connection, and with HTTP/2 without the cause.
type BodyError = Arc<Mutex<Option<reqwest::Error>>>;

impl Outgoing {
    /// The headers of an attempt.
    pub(crate) fn header_map(&self) -> HeaderMap {
        // Some more for the credentials and what the HTTP client adds.
        let mut headers = HeaderMap::with_capacity(self.headers.len() + 4);
        if let Some(accept) = &self.accept {
            headers.insert(ACCEPT, accept.clone());
        }
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        headers
    }

    /// Whether the call has this header.
    pub(crate) fn has_header(&self, wanted: &str) -> bool {
        let mut names = self.headers.iter().map(|(name, _)| name.as_str());
        names.any(|name| name.eq_ignore_ascii_case(wanted))
    }

    /// Whether the call has a cookie of this name.
    pub(crate) fn has_cookie(&self, wanted: &str) -> bool {
        let headers = self.headers.iter().filter(|(name, _)| name == COOKIE);
        let cookies = headers.filter_map(|(_, value)| value.to_str().ok());
        let mut pairs = cookies.flat_map(|value| value.split("; "));
        pairs.any(|pair| pair.split('=').next() == Some(wanted))
    }

    /// What the call accepts.
    pub(crate) fn accept(&self) -> Option<&HeaderValue> {
        let given = self.headers.iter().find(|(name, _)| name == ACCEPT);
        given.map(|(_, value)| value).or(self.accept.as_ref())
    }
}

impl Payload {
    /// Whether the body can be sent more than once.
    pub(crate) fn is_replayable(&self) -> bool {
        matches!(self, Self::None | Self::Bytes(_))
    }

    /// The body for one attempt; `None` where there is none, or where it has been sent.
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

    /// The error with which the body ended, if it was a stream that did.
    pub(crate) fn failure(&self) -> Option<reqwest::Error> {
        let Self::Sent(kept) = self else {
            return None;
        };
        kept.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The body, whose error is kept.
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
        // A body that has all its bytes gives them at once, in one frame, without copying them.
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
    fn a_stream_is_sent_once() {
        let chunks = stream::iter([Ok::<_, std::io::Error>("a")]);
        let mut payload = Payload::from(reqwest::Body::wrap_stream(chunks));
        assert!(!payload.is_replayable());
        assert!(payload.take().is_some());
        assert!(payload.take().is_none());
    }
}
