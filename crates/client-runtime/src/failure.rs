//! Classification of the HTTP client's errors.

use std::borrow::Cow;
use std::sync::Arc;

use reqwest::Url;

use crate::{ErrorKind, FailureKind};

/// Returns the kind of failure for the retry policy.
pub(crate) fn kind_of(error: &reqwest::Error) -> FailureKind {
    if is_unprocessed(error) {
        FailureKind::Refused
    } else if is_of_coding(error) || is_tls(error) || error.is_builder() || error.is_redirect() {
        // A retry does not change a body, a certificate or a URL.
        FailureKind::Other
    } else if error.is_connect() {
        FailureKind::Connect
    } else if error.is_timeout() {
        FailureKind::Timeout
    } else {
        FailureKind::Reset
    }
}

/// Returns the kind of the error and its message, which contains the host and no other part of the URL.
pub(crate) fn described(error: &reqwest::Error) -> (ErrorKind, String) {
    let kind = if error.is_timeout() {
        ErrorKind::Timeout
    } else if is_of_coding(error) {
        ErrorKind::Decode
    } else {
        ErrorKind::Transport
    };
    let what = if kind == ErrorKind::Decode {
        "the Content-Encoding does not match the body in a response of"
    } else if error.is_connect() {
        "no connection to"
    } else if error.is_timeout() {
        "no response in time from"
    } else if error.is_builder() {
        "no request can be sent to"
    } else if error.is_redirect() {
        "the HTTP client does not follow the redirect of"
    } else if is_unprocessed(error) {
        "the request was not processed by"
    } else {
        "lost the connection to"
    };
    let host = error.url().and_then(host).unwrap_or("the server".into());
    (kind, format!("{what} {host}"))
}

/// Returns the host of a URL, with the port unless it is the default port of the scheme.
pub(crate) fn host(url: &Url) -> Option<Cow<'_, str>> {
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}").into(),
        None => host.into(),
    })
}

/// Returns the failure as the source of an error, without the URL, which may contain secrets.
pub(crate) fn cause(error: reqwest::Error) -> Arc<dyn std::error::Error + Send + Sync> {
    Arc::new(error.without_url())
}

/// Returns true if the body could not be decoded by its `Content-Encoding`. A lost connection is an
/// error of the HTTP library, and not directly an I/O error.
fn is_of_coding(error: &reqwest::Error) -> bool {
    let cause = std::error::Error::source(error);
    error.is_decode() && cause.is_some_and(|cause| cause.is::<std::io::Error>())
}

/// Returns true if the server reported over HTTP/2 that it did not process the request (RFC 9113
/// section 8.7): it refused the stream, or closed the connection before this stream.
fn is_unprocessed(error: &reqwest::Error) -> bool {
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

/// Returns true if the TLS handshake failed, and not the TCP connection.
fn is_tls(error: &reqwest::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        #[cfg(feature = "native-tls")]
        if inner.is::<native_tls::Error>() {
            return !is_of_io(inner);
        }
        cause = match inner.downcast_ref::<std::io::Error>() {
            // The `ErrorKind` of rustls errors.
            Some(io) if io.kind() == std::io::ErrorKind::InvalidData => return true,
            // A wrapper returns the source of the wrapped error as its own source.
            Some(io) => io.get_ref().map(|wrapped| wrapped as _),
            None => inner.source(),
        };
    }
    false
}

/// Returns true if the cause is an I/O error.
#[cfg(feature = "native-tls")]
fn is_of_io(error: &(dyn std::error::Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |inner| inner.source());
    causes.into_iter().any(|inner| inner.is::<std::io::Error>())
}
