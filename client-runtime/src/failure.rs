//! Why the HTTP client brought no response.

use std::sync::Arc;

use crate::{ErrorKind, FailureKind};

/// How the retry policy weighs the failure.
pub(crate) fn kind_of(error: &reqwest::Error) -> FailureKind {
    if is_tls(error) || error.is_builder() || error.is_redirect() {
        // Neither a certificate nor a URL gets better by asking again.
        FailureKind::Other
    } else if error.is_connect() {
        FailureKind::Connect
    } else if error.is_timeout() {
        FailureKind::Timeout
    } else {
        FailureKind::Reset
    }
}

/// The kind of the error, and its message.
pub(crate) fn described(error: &reqwest::Error) -> (ErrorKind, &'static str) {
    let kind = match error.is_timeout() {
        true => ErrorKind::Timeout,
        false => ErrorKind::Transport,
    };
    let message = match kind_of(error) {
        FailureKind::Timeout => "no response in time",
        FailureKind::Connect => "no connection",
        _ => "the connection broke",
    };
    (kind, message)
}

/// The failure as the source of an error, without the URL, which may hold what a caller would not want
/// to see in a log.
pub(crate) fn cause(error: reqwest::Error) -> Arc<dyn std::error::Error + Send + Sync> {
    Arc::new(error.without_url())
}

/// Whether the connection failed for its TLS, which the TLS libraries report as invalid data.
fn is_tls(error: &reqwest::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        cause = match inner.downcast_ref::<std::io::Error>() {
            Some(io) if io.kind() == std::io::ErrorKind::InvalidData => return true,
            // One that wraps another has the source of that one as its own, and not that one.
            Some(io) => io.get_ref().map(|wrapped| wrapped as _),
            None => inner.source(),
        };
    }
    false
}
