//! Errors of building a client.

use std::fmt;
use std::path::PathBuf;

use crate::base_url::BaseUrlError;

/// Why a client could not be built.
///
/// `Debug` prints the same as `Display`, because a program whose `main` returns the error prints its
/// `Debug` form.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No base URL was given, and the API description has none without variables.
    #[error("no base URL was given, and the API description has no server URL without variables")]
    NoBaseUrl,
    /// The base URL cannot be used.
    #[error("the base URL cannot be used: {0}")]
    BaseUrl(#[from] BaseUrlError),
    /// The URL given for a server of some operations cannot be used.
    #[error("the server {described:?} of some operations cannot be used: {error}")]
    Server {
        /// The URL of the server in the API description.
        described: String,
        /// Why the URL cannot be used.
        #[source]
        error: BaseUrlError,
    },
    /// A URL was given for a server that no operation has.
    #[error("no operation in the API description has its own server {0:?}")]
    UnknownServer(String),
    /// The API description has no such security scheme.
    #[error("the API description has no security scheme `{scheme}`; it has {known}")]
    UnknownScheme {
        /// The given name.
        scheme: String,
        /// The names of the schemes of the API.
        known: String,
    },
    /// Credentials were given that no request would use.
    #[error("the credentials would never be sent: {0}")]
    UnusedCredentials(String),
    /// The credentials cannot be sent. Their value is not shown.
    #[error("the credentials for the security scheme `{scheme}` {what}")]
    Credentials {
        /// The name of the scheme.
        scheme: String,
        /// Why they cannot be sent.
        what: &'static str,
    },
    /// An environment variable is missing or cannot be used. Its value is not shown.
    #[error("the environment variable {variable} {what}")]
    Environment {
        /// Its name.
        variable: String,
        /// Why it cannot be used.
        what: String,
    },
    /// TLS could not be set up: the root certificates or the client certificate cannot be used, or the
    /// platform has no root certificates.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The proxy cannot be used. Its URL is not shown.
    #[error("the proxy cannot be used: {0}")]
    Proxy(&'static str),
    /// The file for recorded responses cannot be written.
    #[error("the responses cannot be recorded in {}: {error}", .path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// Why it cannot be written.
        #[source]
        error: std::io::Error,
    },
    /// The HTTP client could not be set up, because of its TLS settings or an invalid `User-Agent`.
    #[error("the HTTP client cannot be set up: {}", root_cause(.0))]
    Http(#[source] reqwest::Error),
}

/// Returns the innermost error. The outer errors of reqwest do not name the cause.
fn root_cause(error: &reqwest::Error) -> &dyn std::error::Error {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause
}

impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
