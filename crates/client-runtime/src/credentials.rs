//! Sources of access tokens.
//!
//! [`Credentials`] only fetches a token. [`crate::TokenCache`] decides how long a token is kept and
//! when the next one is fetched, so that an implementation is a single function.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderValue;
use tokio::time::Instant;

use crate::SecretString;

/// A source of access tokens.
///
/// Each call fetches a new token; [`crate::TokenCache`] stores it. An implementation that uses the
/// network needs a timeout. `Debug` must not show a secret.
///
/// ```
/// use std::time::Duration;
///
/// use client_runtime::{Credentials, CredentialsError, Token};
///
/// /// A token that another process writes to a file ten minutes before it expires.
/// #[derive(Debug)]
/// struct TokenFile(std::path::PathBuf);
///
/// #[async_trait::async_trait]
/// impl Credentials for TokenFile {
///     async fn token(&self) -> Result<Token, CredentialsError> {
///         let secret = std::fs::read_to_string(&self.0)
///             .map_err(|error| CredentialsError::transport("the file is not readable", error))?;
///         Ok(Token::new(secret).expires_in(Duration::from_secs(600)))
///     }
/// }
/// ```
#[async_trait::async_trait]
pub trait Credentials: fmt::Debug + Send + Sync + 'static {
    /// Fetches a token.
    ///
    /// # Errors
    /// [`CredentialsError`]; see [`is_transient`](CredentialsError::is_transient) for whether the same
    /// call may succeed later.
    async fn token(&self) -> Result<Token, CredentialsError>;

    /// Receives the HTTP client of the session, so that token requests use the same proxy, root
    /// certificates and client certificate as calls.
    ///
    /// [`Builder::build`](crate::Builder::build) calls this. Credentials that send no requests, or have
    /// their own HTTP client, can ignore it. Wrappers of other credentials must forward it.
    fn use_http_client(&self, http: &reqwest::Client) {
        let _ = http;
    }
}

/// An access token (RFC 6749 section 1.4), with its expiry if known.
///
/// Clones are cheap and share the token. `Debug` does not show the secret.
///
/// ```
/// use std::time::Duration;
///
/// use client_runtime::Token;
///
/// let token = Token::new("2YotnFZFEjr1zCsicMWpAA").expires_in(Duration::from_secs(3600));
/// assert_eq!(token.secret().expose(), "2YotnFZFEjr1zCsicMWpAA");
/// assert!(!token.is_expired());
/// assert!(!format!("{token:?}").contains("2Yotn"));
/// ```
#[derive(Debug, Clone)]
pub struct Token {
    /// Shared, so that many callers do not keep many copies of a secret in memory.
    secret: Arc<TokenSecret>,
    expires_at: Option<Instant>,
}

impl Token {
    /// Creates a token without a known expiry.
    pub fn new(secret: impl Into<SecretString>) -> Self {
        Self {
            secret: Arc::new(TokenSecret {
                secret: secret.into(),
                authorization: OnceLock::new(),
            }),
            expires_at: None,
        }
    }

    /// Sets the expiry to `life` from now. A time that the clock cannot represent means that the token
    /// never expires.
    #[must_use]
    pub fn expires_in(self, life: Duration) -> Self {
        Self {
            expires_at: Instant::now().checked_add(life),
            ..self
        }
    }

    /// Returns the token, which is sent after `Bearer`.
    pub fn secret(&self) -> &SecretString {
        &self.secret.secret
    }

    /// Returns the `Authorization` header for the token. It is created once. `None` if the token
    /// contains a character that is not allowed in a header.
    pub(crate) fn authorization(&self) -> Option<HeaderValue> {
        let TokenSecret {
            secret,
            authorization,
        } = &*self.secret;
        let made = authorization.get_or_init(|| {
            let mut value = HeaderValue::try_from(format!("Bearer {}", secret.expose())).ok()?;
            value.set_sensitive(true);
            Some(value)
        });
        made.clone()
    }

    /// Returns when the token expires, or `None` if that is unknown.
    pub fn expires_at(&self) -> Option<Instant> {
        self.expires_at
    }

    /// Returns true if the token has expired. A token without a known expiry has not.
    pub fn is_expired(&self) -> bool {
        self.expires_at.is_some_and(|at| at <= Instant::now())
    }

    /// Returns true if both are clones of the same token. Two tokens with equal strings are different
    /// tokens, because a server may return the same string again.
    pub(crate) fn is(&self, other: &Token) -> bool {
        Arc::ptr_eq(&self.secret, &other.secret)
    }
}

/// The secret of a token, and the header that contains it.
struct TokenSecret {
    secret: SecretString,
    authorization: OnceLock<Option<HeaderValue>>,
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.secret.fmt(f)
    }
}

/// Why a token could not be fetched. Shows no secret. Clones are cheap, because all callers that waited
/// for the token get one.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// The token endpoint could not be reached, or did not respond in time.
    #[error("no token was received: {problem}")]
    #[non_exhaustive]
    Transport {
        /// A short description of what failed.
        problem: Cow<'static, str>,
        /// The underlying error.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// The token endpoint responded with an error (RFC 6749 section 5.2).
    #[error("the token endpoint responded with {status}{}", explain(.code.as_deref(), .description.as_deref()))]
    #[non_exhaustive]
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// The `error` property of the response, such as `invalid_client`.
        code: Option<String>,
        /// The `error_description` property of the response, for display.
        description: Option<String>,
    },
    /// The token endpoint responded with a success that cannot be used (RFC 6749 section 5.1).
    #[error("the response of the token endpoint {problem}")]
    #[non_exhaustive]
    Malformed {
        /// What is wrong with the response: the end of a sentence.
        problem: &'static str,
    },
    /// The credentials are not configured. No request was sent.
    #[error("{problem}")]
    #[non_exhaustive]
    Configuration {
        /// What must be configured: a sentence that names the environment variable, if there is one.
        problem: String,
        /// The underlying error, if there is one.
        source: Option<Arc<dyn Error + Send + Sync>>,
    },
    /// The task that fetched the token ended without a result. The next call starts a new one.
    #[error("the task that fetched a token panicked, or its runtime was shut down")]
    Interrupted,
}

fn explain(code: Option<&str>, description: Option<&str>) -> String {
    match (code, description) {
        (Some(code), Some(description)) => format!(": {code} ({description})"),
        (Some(text), None) | (None, Some(text)) => format!(": {text}"),
        (None, None) => String::new(),
    }
}

impl CredentialsError {
    /// Creates the error for a temporary failure. `problem` is a short description of what failed.
    /// Neither `problem` nor `source` may contain a secret.
    pub fn transport(
        problem: impl Into<Cow<'static, str>>,
        source: impl Error + Send + Sync + 'static,
    ) -> Self {
        Self::Transport {
            problem: problem.into(),
            source: Arc::new(source),
        }
    }

    /// Creates the error for an error response: the HTTP status, and the properties `error` and
    /// `error_description` (RFC 6749 section 5.2), if present. Neither may contain a secret.
    pub fn refused(status: StatusCode, code: Option<String>, description: Option<String>) -> Self {
        Self::Refused {
            status,
            code,
            description,
        }
    }

    /// Creates the error for a response that cannot be used. `problem` ends the sentence "the response
    /// of the token endpoint …".
    pub fn malformed(problem: &'static str) -> Self {
        Self::Malformed { problem }
    }

    /// Creates the error for missing configuration, such as an environment variable. `problem` is a
    /// sentence that names it and must not contain its value.
    pub fn configuration(problem: impl Into<String>) -> Self {
        Self::Configuration {
            problem: problem.into(),
            source: None,
        }
    }

    /// Returns true if the same call may succeed later: the endpoint could not be reached, was too slow
    /// (408 included), requested fewer requests (429), or failed internally (5xx).
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Transport { .. } => true,
            Self::Refused { status, .. } => {
                status.is_server_error()
                    || *status == StatusCode::TOO_MANY_REQUESTS
                    || *status == StatusCode::REQUEST_TIMEOUT
            }
            Self::Malformed { .. } | Self::Configuration { .. } | Self::Interrupted => false,
        }
    }
}

/// A fixed token, for example from a command line tool or for a test.
///
/// Its expiry is unknown: it is sent until the program ends.
///
/// ```
/// use client_runtime::StaticToken;
///
/// let credentials = StaticToken::from("token from the environment");
/// assert!(!format!("{credentials:?}").contains("environment"));
/// ```
#[derive(Debug, Clone)]
pub struct StaticToken(SecretString);

impl From<SecretString> for StaticToken {
    fn from(secret: SecretString) -> Self {
        Self(secret)
    }
}

impl From<&str> for StaticToken {
    fn from(secret: &str) -> Self {
        Self(secret.into())
    }
}

impl From<String> for StaticToken {
    fn from(secret: String) -> Self {
        Self(secret.into())
    }
}

#[async_trait::async_trait]
impl Credentials for StaticToken {
    async fn token(&self) -> Result<Token, CredentialsError> {
        Ok(Token::new(self.0.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_token_expires_when_its_life_is_over() {
        let token = Token::new("abc").expires_in(Duration::from_secs(60));
        assert_eq!(
            token.expires_at(),
            Some(Instant::now() + Duration::from_secs(60))
        );
        tokio::time::advance(Duration::from_millis(59_999)).await;
        assert!(!token.is_expired());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(token.is_expired());
    }

    #[test]
    fn a_lifetime_beyond_the_clock_does_not_panic() {
        let token = Token::new("abc").expires_in(Duration::MAX);
        assert_eq!(token.expires_at(), None);
        assert!(!token.is_expired());
    }

    #[test]
    fn a_clone_is_the_same_token_and_an_equal_string_is_not() {
        let token = Token::new("abc");
        assert!(token.is(&token.clone().expires_in(Duration::ZERO)));
        assert!(!token.is(&Token::new("abc")));
    }

    #[tokio::test]
    async fn a_static_token_is_returned_unchanged_and_never_shown() {
        for credentials in [
            StaticToken::from("hunter2"),
            StaticToken::from("hunter2".to_owned()),
            StaticToken::from(SecretString::from("hunter2")),
        ] {
            let token = credentials.token().await.expect("is there");
            assert_eq!(token.secret().expose(), "hunter2");
            assert!(token.expires_at().is_none());
            assert!(!format!("{credentials:?} {token:?}").contains("hunter2"));
        }
    }

    #[test]
    fn errors_that_may_pass_are_transient() {
        let refused = |status| {
            let status = StatusCode::from_u16(status).expect("is a status");
            CredentialsError::refused(status, None, None)
        };
        let transport = CredentialsError::transport("it is down", std::io::Error::other("reset"));
        assert!(transport.is_transient());
        for status in [408, 429, 500, 502, 503, 504] {
            assert!(refused(status).is_transient(), "{status}");
        }
        for status in [200, 302, 400, 401, 403, 404] {
            assert!(!refused(status).is_transient(), "{status}");
        }
        assert!(!CredentialsError::malformed("is not JSON").is_transient());
        assert!(!CredentialsError::configuration("X is not set").is_transient());
        assert!(!CredentialsError::Interrupted.is_transient());
    }

    #[test]
    fn an_error_shows_the_code_and_the_description() {
        let refused = |code: Option<&str>, description: Option<&str>| {
            CredentialsError::refused(
                StatusCode::UNAUTHORIZED,
                code.map(Into::into),
                description.map(Into::into),
            )
            .to_string()
        };
        assert_eq!(
            refused(Some("invalid_client"), Some("The secret has expired")),
            "the token endpoint responded with 401 Unauthorized: invalid_client (The secret has expired)"
        );
        assert_eq!(
            refused(Some("invalid_client"), None),
            "the token endpoint responded with 401 Unauthorized: invalid_client"
        );
        assert_eq!(
            refused(None, None),
            "the token endpoint responded with 401 Unauthorized"
        );
    }

    #[test]
    fn a_clone_of_an_error_keeps_its_source() {
        let error = CredentialsError::transport("it is down", std::io::Error::other("reset"));
        let source = error.clone().source().map(ToString::to_string);
        assert_eq!(source.as_deref(), Some("reset"));
    }
}
