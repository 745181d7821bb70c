//! Building a client.
//!
//! A client sends credentials to wherever its base URL names. So there is one way to make a client, and
//! it checks what it is made of.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use crate::base_url::{self, BaseUrlError};
use crate::operation::{Operation, Security, SecurityScheme};
use crate::security::{CredentialSet, Given};
use crate::servers::Servers;
use crate::tls::{self, TlsSettings, Versions};
use crate::transport::{ProxyChoice, Transport};
use crate::{Authentication, Options, RetryBudget, RetryPolicy, SecretString, Session};

/// What a generated client knows of its API.
#[derive(Debug, Clone, Copy)]
pub struct Api {
    /// Where the API is served, when its description says so without variables.
    pub base_url: Option<&'static str>,
    /// The name and version that requests carry.
    pub user_agent: &'static str,
    /// Every operation of the API, sorted by Rust name.
    pub operations: &'static [Operation],
    /// The security schemes of the API.
    pub schemes: &'static [SecurityScheme],
    /// The credentials of requests that no operation makes: the security of the whole document, or
    /// else all alternatives that its operations have.
    pub security: Security,
}

impl Api {
    /// An API without a base URL, operations or security schemes.
    pub const PLAIN: Self = Self {
        base_url: None,
        user_agent: "",
        operations: &[],
        schemes: &[],
        security: &[],
    };
}

/// A generated client, so that one builder can build them all.
pub trait GeneratedClient: From<Session> {
    /// What it knows of its API.
    const API: &'static Api;
}

/// Builds a client, checking what it is built from.
///
/// By default, a client has no credentials, waits ten seconds for a connection and thirty for an
/// attempt, tries up to four times, takes the proxies of the environment, and follows redirects: within its own server with everything, to
/// another one with nothing but a `GET` or `HEAD` without credentials, and never from https to http.
#[must_use = "a builder does nothing until `build`"]
pub struct Builder<C> {
    base_url: Option<String>,
    servers: BTreeMap<String, String>,
    allow_http: bool,
    credentials: Given,
    budget: RetryBudget,
    options: Options,
    transport: Transport,
    http: Option<reqwest::Client>,
    client: PhantomData<fn() -> C>,
}

/// Why a client could not be built.
///
/// `Debug` is what `Display` is, since a program shows it whose `main` returns the error.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The API description has no base URL without variables, and none was given.
    #[error("no base URL was given, and the API description has none that serves everyone")]
    NoBaseUrl,
    /// The base URL cannot be used.
    #[error("the base URL cannot be used: {0}")]
    BaseUrl(#[from] BaseUrlError),
    /// The URL that was given for a server of some operations cannot be used.
    #[error("the server {described:?} of some operations cannot be used: {error}")]
    Server {
        /// What the API description says of it.
        described: String,
        /// What is wrong with its URL.
        #[source]
        error: BaseUrlError,
    },
    /// A URL was given for a server that no operation has.
    #[error("no operation has the server {0:?} of its own in the API description")]
    UnknownServer(String),
    /// The API description has no such security scheme.
    #[error("the API description has no security scheme `{scheme}`; it has {known}")]
    UnknownScheme {
        /// The name that was given.
        scheme: String,
        /// The names of those that it has.
        known: String,
    },
    /// Credentials were given that no request would carry.
    #[error("the credentials would never be sent: {0}")]
    UnusedCredentials(String),
    /// Credentials cannot be sent; their value is not shown.
    #[error("the credentials for the security scheme `{scheme}` {what}")]
    Credentials {
        /// The name of the scheme.
        scheme: String,
        /// What is wrong with them.
        what: &'static str,
    },
    /// An environment variable is missing or cannot be used; its value is not shown.
    #[error("the environment variable {variable} {what}")]
    Environment {
        /// Its name.
        variable: String,
        /// What is wrong with it.
        what: String,
    },
    /// TLS could not be set up: there are no root certificates, or those that were given are none; or the
    /// client certificate cannot be used.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The proxy cannot be used; its URL is not shown.
    #[error("the proxy cannot be used: {0}")]
    Proxy(&'static str),
    /// The HTTP client could not be set up: its TLS, or a user agent that no header can carry.
    #[error("the HTTP client cannot be set up: {}", root_cause(.0))]
    Http(#[source] reqwest::Error),
}

/// The innermost of the errors, since the outer ones of reqwest do not say what is wrong.
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

impl<C: GeneratedClient> Default for Builder<C> {
    fn default() -> Self {
        Self {
            base_url: None,
            servers: BTreeMap::new(),
            allow_http: false,
            credentials: Given::default(),
            budget: RetryBudget::default(),
            options: Options::default(),
            transport: Transport::default(),
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

    /// Where one of the servers is that only some operations have, as the documentation of their methods
    /// says: `described` is what the API description says, `url` what to use. By default, such an
    /// operation goes to its server if the client goes to the documented base URL, and with everything
    /// else to a base URL that was given; a server that is only a path is always at that path of the base
    /// URL's host.
    pub fn server(mut self, described: impl Into<String>, url: impl Into<String>) -> Self {
        self.servers.insert(described.into(), url.into());
        self
    }

    /// Allows a base URL of `http` to another machine, where tokens travel unencrypted.
    pub fn allow_http(mut self) -> Self {
        self.allow_http = true;
        self
    }

    /// The credentials for a security scheme of the API description, by its name. The methods that
    /// are generated for each API call this: one for each of its schemes, with the arguments that the
    /// scheme takes.
    ///
    /// Each operation is sent with the first alternative of its security requirement for which all
    /// credentials are there. What a call sets itself, such as a header parameter, stays.
    pub fn authentication(
        mut self,
        scheme: impl Into<Cow<'static, str>>,
        authentication: Authentication,
    ) -> Self {
        self.credentials
            .by_scheme
            .insert(scheme.into(), authentication);
        self
    }

    /// The credentials for every operation whose security the API description does not state, by
    /// itself or for the whole document. Operations that it states to take none (`security: []`) are
    /// sent without.
    pub fn authentication_for_all(mut self, authentication: Authentication) -> Self {
        self.credentials.for_all = Some(authentication);
        self
    }

    /// Sends calls without credentials where an operation takes some and none fit, for a gateway that
    /// adds them, or for an HTTP client of one's own that does. By default, such a call is an error.
    pub fn allow_missing_credentials(mut self) -> Self {
        self.credentials.may_be_missing = true;
        self
    }

    /// When a request is sent again.
    pub fn retry(self, retry: RetryPolicy) -> Self {
        self.options(|options| options.retry = retry)
    }

    /// How many retries all calls together may make: a small part of the calls by default, so that
    /// an outage is not met with several times the load.
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.budget = budget;
        self
    }

    /// How long a whole call may take, with all attempts and waits.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.options(|options| options.timeout = Some(timeout))
    }

    /// How long one attempt may take, with the body of its response.
    pub fn attempt_timeout(self, timeout: Duration) -> Self {
        self.options(|options| options.attempt_timeout = timeout)
    }

    /// How many bytes the body of a response may have: of one that is compressed, what it decodes to.
    pub fn max_response_bytes(self, bytes: usize) -> Self {
        self.options(|options| options.max_response_bytes = bytes)
    }

    /// How long to wait for a connection. A given HTTP client has its own.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.transport.connect_timeout = timeout;
        self
    }

    /// The name and version that requests carry. A given HTTP client has its own.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.transport.user_agent = Some(user_agent.into());
        self
    }

    /// Certificates (PEM) of authorities that are trusted besides those that the platform trusts. A given
    /// HTTP client has its own.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.transport.tls.roots = Some(pem.into());
        self
    }

    /// The certificate by which servers know this client (mutual TLS, RFC 8446 section 4.4.2), for servers
    /// that ask for one: the client's own first, then those between it and its authority, then its private
    /// key, all in PEM. The key is in PKCS#8, SEC 1 or PKCS#1; with the feature `native-tls` in PKCS#8.
    /// What cannot be used is an error of [`build`](Self::build). A given HTTP client has its own.
    pub fn client_certificate(mut self, pem_chain_and_key: impl Into<SecretString>) -> Self {
        self.transport.tls.client_certificate = Some(pem_chain_and_key.into());
        self
    }

    /// The proxy that all requests take, those for tokens too: `http://host:port` or `https://host:port`,
    /// with a user and a password in the URL where the proxy asks for them, and with the feature `socks`
    /// `socks5h://` and the like.
    ///
    /// By default the environment decides: `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY` name proxies,
    /// `NO_PROXY` the hosts that are reached without. A proxy that is given here is taken for every host,
    /// and the environment is not read. A given HTTP client has its own.
    pub fn proxy(mut self, url: impl Into<SecretString>) -> Self {
        self.transport.proxy = ProxyChoice::At(url.into());
        self
    }

    /// Takes no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.transport.proxy = ProxyChoice::None;
        self
    }

    /// The HTTP client to send with: for a pool, a resolver or layers of one's own.
    ///
    /// Its settings are its own: the time to connect, the user agent, certificates, proxies, and which
    /// redirects it follows. Of those that it leaves to the session, only redirects within the server are
    /// followed, since its default headers may be meant for no other. [`Credentials`] that fetch tokens
    /// over HTTP use it too, unless they have one of their own. Start from [`http_client_builder`], or
    /// choose the TLS of `reqwest` by a feature of it: with the feature `rustls` of this client alone,
    /// `reqwest::Client::new` has no TLS provider, and panics.
    pub fn http_client(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// Any of the options that may differ from call to call.
    pub fn options(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn build(self) -> Result<C, BuildError> {
        let api = C::API;
        let given = self.base_url.as_deref().or(api.base_url);
        let base_url = base_url::checked(given.ok_or(BuildError::NoBaseUrl)?, self.allow_http)?;
        let is_default = api
            .base_url
            .is_some_and(|default| base_url::checked(default, true).as_ref() == Ok(&base_url));
        let servers = Servers::new(
            &base_url,
            is_default,
            api.operations,
            self.servers,
            self.allow_http,
        )?;
        let is_own_http = self.http.is_none();
        // The HTTP client of a caller may have a certificate.
        let has_certificate = !is_own_http || self.transport.tls.client_certificate.is_some();
        let credentials = CredentialSet::new(api, self.credentials, has_certificate)?;
        let (http, http1) = match self.http {
            Some(http) => (http, None),
            None => {
                let make = |versions| self.transport.http_client(api.user_agent, versions);
                let switches = api.operations.iter().any(Operation::switches_protocols);
                let http1 = match cfg!(feature = "http2") && switches {
                    true => Some(make(Versions::Http1)?),
                    false => None,
                };
                (make(Versions::All)?, http1)
            }
        };
        credentials.use_http_client(&http);
        let session = Session {
            http,
            http1,
            is_own_http,
            servers,
            credentials: Arc::new(credentials),
            budget: self.budget,
            options: self.options,
        };
        Ok(session.into())
    }

    /// The same settings for another client, so that tests can build any client from one set of them.
    #[doc(hidden)]
    pub fn retarget<D>(self) -> Builder<D> {
        Builder {
            base_url: self.base_url,
            servers: self.servers,
            allow_http: self.allow_http,
            credentials: self.credentials,
            budget: self.budget,
            options: self.options,
            transport: self.transport,
            http: self.http,
            client: PhantomData,
        }
    }
}

/// The builder of an HTTP client with the TLS that the clients have by default, for
/// [`Builder::http_client`]. It trusts the certificates that the platform trusts; with the feature
/// `rustls`, settings of TLS on the builder have no effect.
///
/// # Errors
/// [`BuildError::Tls`].
pub fn http_client_builder() -> Result<reqwest::ClientBuilder, BuildError> {
    let settings = TlsSettings::default();
    let http = tls::configure(reqwest::Client::builder(), &settings, Versions::All);
    http.map_err(BuildError::Tls)
}

impl<C> fmt::Debug for Builder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the base URL, which is not checked yet, nor the proxy, certificates and the HTTP client:
        // they may hold secrets.
        f.debug_struct("Builder")
            .field("credentials", &self.credentials)
            .field("budget", &self.budget)
            .field("options", &self.options)
            .field("connect_timeout", &self.transport.connect_timeout)
            .finish_non_exhaustive()
    }
}
