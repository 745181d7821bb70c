//! Where access tokens come from.
//!
//! An API takes a bearer token and does not care how its caller came by it. [`Credentials`] is that
//! way, and nothing else: how long a token is kept and when the next one is fetched is the work of
//! [`crate::TokenCache`], so that an implementation stays one function.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderValue;
use tokio::time::Instant;

use crate::SecretString;

/// A way to fetch an access token.
///
/// Every call fetches: an implementation keeps no token, as [`crate::TokenCache`] does that for all
/// of them. A call has to end by itself, so one that reaches over a network has a time limit.
/// `Debug` must not show a secret.
///
/// ```
/// use std::time::Duration;
///
/// use client_runtime::{Credentials, CredentialsError, Token};
///
/// /// A token that another process writes to a file, ten minutes before it is used up.
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
    /// [`CredentialsError`], whose [`is_transient`](CredentialsError::is_transient) says whether the
    /// same call may succeed later.
    async fn token(&self) -> Result<Token, CredentialsError>;

    /// Takes the HTTP client of a session, so that a request for a token goes the way of the calls:
    /// through the same proxy, with the same trust in certificates and the same client certificate.
    ///
    /// [`Builder::build`](crate::Builder::build) calls it. Credentials that send no requests, or have an
    /// HTTP client of their own, need not do anything; those that wrap others hand it on.
    fn use_http_client(&self, http: &reqwest::Client) {
        let _ = http;
    }
}

/// An access token (RFC 6749 section 1.4), with the time at which it expires where that is known.
///
/// A clone is the same token, and cheap. `Debug` does not show the secret.
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
    /// Shared, so that a thousand callers do not leave a thousand copies of a secret in memory.
    secret: Arc<TokenSecret>,
    expires_at: Option<Instant>,
}

impl Token {
    /// A token that never expires, as far as one knows.
    pub fn new(secret: impl Into<SecretString>) -> Self {
        Self {
            secret: Arc::new(TokenSecret {
                secret: secret.into(),
                authorization: OnceLock::new(),
            }),
            expires_at: None,
        }
    }

    /// The token, expiring after `life` from now. One that outlasts the clock never expires.
    #[must_use]
    pub fn expires_in(self, life: Duration) -> Self {
        Self {
            expires_at: Instant::now().checked_add(life),
            ..self
        }
    }

    /// The string that a request carries after `Bearer`.
    pub fn secret(&self) -> &SecretString {
        &self.secret.secret
    }

    /// The `Authorization` header of a request with the token, made once for all requests; `None` where
    /// the token has a character that no header can carry.
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

    /// When the token expires, or `None` when that is not known.
    pub fn expires_at(&self) -> Option<Instant> {
        self.expires_at
    }

    /// Whether the token has expired. One whose expiry is not known has not.
    pub fn is_expired(&self) -> bool {
        self.expires_at.is_some_and(|at| at <= Instant::now())
    }

    /// Whether both are clones of one token. Two tokens of the same characters are not: a server
    /// may well hand out the same string again.
    pub(crate) fn is(&self, other: &Token) -> bool {
        Arc::ptr_eq(&self.secret, &other.secret)
    }
}

/// The secret of a token, and the header that carries it.
struct TokenSecret {
    secret: SecretString,
    authorization: OnceLock<Option<HeaderValue>>,
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.secret.fmt(f)
    }
}

/// Why there is no token. It shows nothing secret, and a clone is cheap enough for every caller
/// that waited for the same token.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// Whoever issues tokens could not be reached, or did not respond in time.
    #[error("no token was received: {problem}")]
    #[non_exhaustive]
    Transport {
        /// What failed, in a few words.
        problem: Cow<'static, str>,
        /// The error below.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// The token endpoint responded that there is no token for this client (RFC 6749 section 5.2).
    #[error("the token endpoint responded with {status}{}", explain(.code.as_deref(), .description.as_deref()))]
    #[non_exhaustive]
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// The `error` of the response, such as `invalid_client`.
        code: Option<String>,
        /// The `error_description` of the response: text for people.
        description: Option<String>,
    },
    /// The token endpoint claims success, but its response is none (RFC 6749 section 5.1).
    #[error("the response of the token endpoint {problem}")]
    #[non_exhaustive]
    Malformed {
        /// What is wrong with it: the rest of a sentence.
        problem: &'static str,
    },
    /// The credentials are not set up, so that nothing was asked of anyone.
    #[error("{problem}")]
    #[non_exhaustive]
    Configuration {
        /// What has to be set up: a sentence that names the environment variable, where it is one.
        problem: String,
        /// The error below, if there is one.
        source: Option<Arc<dyn Error + Send + Sync>>,
    },
    /// The task that fetched the token for all callers vanished. The next call starts a new one.
    #[error("fetching a token ended without an outcome: it panicked, or its runtime was shut down")]
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
    /// The error of something that may work the next time. `problem` says in a few words what
    /// failed; neither it nor `source` may show a secret.
    pub fn transport(
        problem: impl Into<Cow<'static, str>>,
        source: impl Error + Send + Sync + 'static,
    ) -> Self {
        Self::Transport {
            problem: problem.into(),
            source: Arc::new(source),
        }
    }

    /// The error of a refusal with an HTTP status, and with the `error` and `error_description` of
    /// RFC 6749 section 5.2 where the response has them. Neither may show a secret.
    pub fn refused(status: StatusCode, code: Option<String>, description: Option<String>) -> Self {
        Self::Refused {
            status,
            code,
            description,
        }
    }

    /// The error of a response that cannot be used. `problem` ends the sentence "the response of the
    /// token endpoint …".
    pub fn malformed(problem: &'static str) -> Self {
        Self::Malformed { problem }
    }

    /// The error of something that its user has to set up, such as an environment variable.
    /// `problem` is a sentence that names it, and never shows its value.
    pub fn configuration(problem: impl Into<String>) -> Self {
        Self::Configuration {
            problem: problem.into(),
            source: None,
        }
    }

    /// Whether the same call may succeed later: the endpoint was not reached or too slow (408
    /// included), asked for fewer requests (429), or failed by its own account (5xx).
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

/// A token that its user already has, from a command line tool or a test, say.
///
/// Nothing is known of its expiry: it is sent until the program ends, whatever the server says.
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
    fn a_life_that_outlasts_the_clock_is_no_panic() {
        let token = Token::new("abc").expires_in(Duration::MAX);
        assert_eq!(token.expires_at(), None);
        assert!(!token.is_expired());
    }

    #[test]
    fn a_clone_is_the_same_token_and_another_of_the_same_characters_is_not() {
        let token = Token::new("abc");
        assert!(token.is(&token.clone().expires_in(Duration::ZERO)));
        assert!(!token.is(&Token::new("abc")));
    }

    #[tokio::test]
    async fn a_static_token_is_given_as_it_is_and_shown_nowhere() {
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
    fn what_may_succeed_later_is_transient_and_nothing_else_is() {
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
    fn an_error_says_what_the_endpoint_said() {
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
