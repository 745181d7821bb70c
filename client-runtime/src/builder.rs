//! Building a client.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use crate::base_url::{self, BaseUrlError};
use crate::servers::Servers;
use crate::{Credentials, Operation, Options, RetryBudget, RetryPolicy, SecretString, Session};

/// What a generated client is, so that one builder can build them all.
pub trait GeneratedClient: Sized {
    /// Where the API is served, when its description says so without variables.
    const BASE_URL: Option<&'static str>;
    /// The name and version that requests carry.
    const USER_AGENT: &'static str;
    /// Every operation of the API.
    const OPERATIONS: &'static [Operation];

    /// The client from its parts.
    fn assemble(base_url: &str, http: reqwest::Client, session: Session) -> Self;
}

/// Builds a client, checking what it is built from.
///
/// Without a word said, a client has no credentials, waits ten seconds for a connection and thirty
/// for an attempt, tries up to four times, and follows redirects within its own server only.
#[must_use = "a builder does nothing until `build`"]
pub struct Builder<C> {
    base_url: Option<String>,
    servers: BTreeMap<String, String>,
    allow_http: bool,
    session: Session,
    connect_timeout: Duration,
    user_agent: Option<String>,
    http: Option<reqwest::Client>,
    client: PhantomData<fn() -> C>,
}

/// Why a client could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The API has no host of its own, and none was given.
    #[error("no base URL was given, and the API description has none that serves everyone")]
    NoBaseUrl,
    /// The base URL cannot be used.
    #[error("the base URL cannot be used: {0}")]
    BaseUrl(#[from] BaseUrlError),
    /// A server that some operations have of their own cannot be where it was said to be.
    #[error("the server {described:?} of some operations cannot be used: {error}")]
    Server {
        /// What the API description says of it.
        described: String,
        /// What is wrong with its URL.
        #[source]
        error: BaseUrlError,
    },
    /// A place was given for a server that no operation has.
    #[error("no operation has the server {0:?} of its own in the API description")]
    UnknownServer(String),
    /// An environment variable is missing or cannot be used; its value is not shown.
    #[error("the environment variable {variable} {what}")]
    Environment {
        /// Its name.
        variable: String,
        /// What is wrong with it.
        what: String,
    },
    /// The HTTP client could not be set up: its TLS, or a user agent that no header can carry.
    #[error("the HTTP client cannot be set up: {0}")]
    Http(#[source] reqwest::Error),
}

impl<C: GeneratedClient> Default for Builder<C> {
    fn default() -> Self {
        Self {
            base_url: None,
            servers: BTreeMap::new(),
            allow_http: false,
            session: Session::new(),
            connect_timeout: Duration::from_secs(10),
            user_agent: None,
            http: None,
            client: PhantomData,
        }
    }
}

impl<C: GeneratedClient> Builder<C> {
    /// Where the API is served: an absolute URL, with a path if the API has one.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// Where one of the servers is that the API description gives some operations alone, as the
    /// documentation of their methods says: `described` is what stands there, `url` what to use. Without
    /// a word, such an operation goes to its server if the client goes to the documented base URL, and
    /// with everything else to a base URL that was given; a server that is only a path is always at that
    /// path of the base URL's host.
    pub fn server(mut self, described: impl Into<String>, url: impl Into<String>) -> Self {
        self.servers.insert(described.into(), url.into());
        self
    }

    /// Takes a base URL of `http` to another machine, too, where tokens travel in clear.
    pub fn allow_http(mut self) -> Self {
        self.allow_http = true;
        self
    }

    /// Where bearer tokens come from.
    pub fn credentials(mut self, credentials: impl Credentials) -> Self {
        self.session = self.session.with_credentials(credentials);
        self
    }

    /// The user and password for operations that take HTTP Basic authentication.
    pub fn basic(mut self, user: impl Into<String>, password: impl Into<SecretString>) -> Self {
        self.session = self.session.with_basic(user, password);
        self
    }

    /// When a request is sent again.
    pub fn retry(self, retry: RetryPolicy) -> Self {
        self.options(|options| options.retry = retry)
    }

    /// How many retries all calls together may make: a small part of the calls by default, so that
    /// an outage is not met with several times the load.
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.session = self.session.with_budget(budget);
        self
    }

    /// How long a whole call may take, all attempts and waits included.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.options(|options| options.timeout = Some(timeout))
    }

    /// How long one attempt may take, its answer's body included.
    pub fn attempt_timeout(self, timeout: Duration) -> Self {
        self.options(|options| options.attempt_timeout = timeout)
    }

    /// How many bytes an answer may have.
    pub fn largest_answer(self, bytes: usize) -> Self {
        self.options(|options| options.largest_answer = bytes)
    }

    /// How long to wait for a connection. A given HTTP client has its own.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The name and version that requests carry. A given HTTP client has its own.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// The HTTP client to send with: for a proxy, a certificate, a pool of one's own.
    pub fn http_client(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// Any of the options that may differ from call to call.
    pub fn options(mut self, change: impl FnOnce(&mut Options)) -> Self {
        self.session = self.session.with(change);
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn build(self) -> Result<C, BuildError> {
        let given = self.base_url.as_deref().or(C::BASE_URL);
        let base_url = base_url::checked(given.ok_or(BuildError::NoBaseUrl)?, self.allow_http)?;
        let is_default = C::BASE_URL
            .is_some_and(|default| base_url::checked(default, true).as_ref() == Ok(&base_url));
        let servers = Servers::new(
            &base_url,
            is_default,
            C::OPERATIONS,
            self.servers,
            self.allow_http,
        )?;
        let http = match self.http {
            Some(http) => http,
            None => reqwest::Client::builder()
                .connect_timeout(self.connect_timeout)
                .user_agent(self.user_agent.unwrap_or_else(|| C::USER_AGENT.to_owned()))
                .redirect(same_server())
                .build()
                .map_err(BuildError::Http)?,
        };
        Ok(C::assemble(
            &base_url,
            http,
            self.session.with_servers(servers),
        ))
    }
}

/// Follows redirects within the server that was asked, so that no credential reaches another.
fn same_server() -> reqwest::redirect::Policy {
    const MOST: usize = 10;
    reqwest::redirect::Policy::custom(|attempt| {
        let origin = |url: &reqwest::Url| url.origin();
        let asked = attempt.previous().first().map(origin);
        if attempt.previous().len() > MOST || asked != Some(origin(attempt.url())) {
            attempt.stop()
        } else {
            attempt.follow()
        }
    })
}

impl<C> fmt::Debug for Builder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the base URL, which is not checked yet, nor the HTTP client: both may hold secrets.
        f.debug_struct("Builder")
            .field("session", &self.session)
            .field("connect_timeout", &self.connect_timeout)
            .finish_non_exhaustive()
    }
}
