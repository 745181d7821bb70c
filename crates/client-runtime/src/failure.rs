//! Why the HTTP client brought no response.

use std::borrow::Cow;
use std::sync::Arc;

use reqwest::Url;

use crate::{ErrorKind, FailureKind};

/// How the retry policy weighs the failure.
pub(crate) fn kind_of(error: &reqwest::Error) -> FailureKind {
    if is_refused(error) {
        FailureKind::Refused
    } else if is_of_coding(error) || is_tls(error) || error.is_builder() || error.is_redirect() {
        // Neither a body nor a certificate nor a URL gets better by asking again.
        FailureKind::Other
    } else if error.is_connect() {
        FailureKind::Connect
    } else if error.is_timeout() {
        FailureKind::Timeout
    } else {
        FailureKind::Reset
    }
}

/// The kind of the error, and its message, which names the host and nothing else of the URL.
pub(crate) fn described(error: &reqwest::Error) -> (ErrorKind, String) {
    let kind = if error.is_timeout() {
        ErrorKind::Timeout
    } else if is_of_coding(error) {
        ErrorKind::Decode
    } else {
        ErrorKind::Transport
    };
    let what = if kind == ErrorKind::Decode {
        "the body is not in the content coding that its headers name, in a response of"
    } else if error.is_connect() {
        "no connection to"
    } else if error.is_timeout() {
        "no response in time from"
    } else if error.is_builder() {
        "no request can be made for"
    } else if error.is_redirect() {
        "the HTTP client does not follow the redirect of"
    } else if is_refused(error) {
        "the request was turned away unprocessed by"
    } else {
        "the connection broke to"
    };
    let host = error.url().and_then(host).unwrap_or("the server".into());
    (kind, format!("{what} {host}"))
}

/// The host of a URL, with the port where it is not that of the scheme.
pub(crate) fn host(url: &Url) -> Option<Cow<'_, str>> {
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}").into(),
        None => host.into(),
    })
}

/// The failure as the source of an error, without the URL, which may hold what a caller would not want
/// to see in a log.
pub(crate) fn cause(error: reqwest::Error) -> Arc<dyn std::error::Error + Send + Sync> {
    Arc::new(error.without_url())
}

/// Whether a body has arrived and is not what its `Content-Encoding` says. A connection that broke is an
/// error of the HTTP library, and not directly one of reading.
fn is_of_coding(error: &reqwest::Error) -> bool {
    let cause = std::error::Error::source(error);
    error.is_decode() && cause.is_some_and(|cause| cause.is::<std::io::Error>())
}

/// Whether the server has said over HTTP/2 that it did not process the request (RFC 9113 section 8.7): it
/// refused the stream, or it shut the connection down and did not get to this stream.
fn is_refused(error: &reqwest::Error) -> bool {
    #[cfg(feature = "http2")]
    {
        let mut cause = std::error::Error::source(error);
        while let Some(inner) = cause {
            if let Some(error) = inner.downcast_ref::<h2::Error>() {
                return error.is_remote()
                    && match error.reason() {
                        Some(h2::Reason::REFUSED_STREAM) => error.is_reset(),
                        Some(h2::Reason::NO_ERROR) => error.is_go_away(),
                        _ => false,
                    };
            }
            cause = inner.source();
        }
    }
    let _ = error;
    false
}

/// Whether the connection failed for its TLS, and not for what it is made over.
fn is_tls(error: &reqwest::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        #[cfg(feature = "native-tls")]
        if inner.is::<native_tls::Error>() {
            return !is_of_io(inner);
        }
        cause = match inner.downcast_ref::<std::io::Error>() {
            // What rustls reports its errors as.
            Some(io) if io.kind() == std::io::ErrorKind::InvalidData => return true,
            // One that wraps another has the source of that one as its own, and not that one.
            Some(io) => io.get_ref().map(|wrapped| wrapped as _),
            None => inner.source(),
        };
    }
    false
}

/// Whether reading or writing failed below an error.
#[cfg(feature = "native-tls")]
fn is_of_io(error: &(dyn std::error::Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |inner| inner.source());
    causes.into_iter().any(|inner| inner.is::<std::io::Error>())
}
