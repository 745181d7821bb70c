//! The builder of clients.
//!
//! A client sends credentials to its base URL. The builder is therefore the only way to create a
//! client, and it validates all settings.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::api::Api;
use crate::base_url;
use crate::build_error::BuildError;
use crate::deviation::Deviations;
use crate::operation::Operation;
use crate::recorder::Recorder;
use crate::security::{CredentialSet, GivenCredentials};
use crate::servers::Servers;
use crate::tls::{self, TlsSettings, Versions};
use crate::transport::{ProxyChoice, Transport};
use crate::{Authentication, Deviation, Options, RetryBudget, RetryPolicy, SecretString, Session};

/// A generated client, as [`Builder`] needs it.
pub trait GeneratedClient: From<Session> {
    /// The static data about the API.
    const API: &'static Api;
}

/// Builds a client and validates its settings.
///
/// | setting | default |
/// |---|---|
/// | credentials | none |
/// | connect timeout | 10 s |
/// | attempt timeout | 30 s |
/// | attempts | up to 4 |
/// | proxies | those of the environment variables |
/// | redirects | followed within the origin; to another origin only `GET` and `HEAD`, without credentials; never from https to http |
#[must_use = "a builder does nothing until `build`"]
pub struct Builder<C> {
    base_url: Option<String>,
    servers: BTreeMap<String, String>,
    allow_http: bool,
    credentials: GivenCredentials,
    budget: RetryBudget,
    options: Options,
    transport: Transport,
    http: Option<reqwest::Client>,
    deviations: Deviations,
    record: Option<PathBuf>,
    client: PhantomData<fn() -> C>,
}

impl<C: GeneratedClient> Default for Builder<C> {
    fn default() -> Self {
        Self {
            base_url: None,
            servers: BTreeMap::new(),
            allow_http: false,
            credentials: GivenCredentials::default(),
            budget: RetryBudget::default(),
            options: Options::default(),
            transport: Transport::default(),
            http: None,
            deviations: Deviations::default(),
            record: None,
            client: PhantomData,
        }
    }
}

impl<C: GeneratedClient> Builder<C> {
    /// Sets the base URL of the API: an absolute URL, with a path if the API has one.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// Sets the URL of a server that only some operations have (OpenAPI 3.1.1, Operation Object,
    /// `servers`). `described` is its URL in the API description, which the documentation of the
    /// methods shows.
    ///
    /// By default, such operations use their documented server if the client uses the documented base
    /// URL, and the given base URL otherwise. A server that is only a path is always resolved against
    /// the base URL.
    pub fn server(mut self, described: impl Into<String>, url: impl Into<String>) -> Self {
        self.servers.insert(described.into(), url.into());
        self
    }

    /// Allows a base URL with `http` and another host. Tokens are then sent unencrypted.
    pub fn allow_http(mut self) -> Self {
        self.allow_http = true;
        self
    }

    /// Sets the credentials for a security scheme, by its name in the API description. Generated
    /// builder methods call this: there is one for each scheme.
    ///
    /// A call uses the first alternative of its security requirement for which all credentials are
    /// available. Values that the call itself sets, such as a header parameter, are not replaced.
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

    /// Sets the credentials for all operations to which no security requirement applies, neither their
    /// own nor that of the document. Operations with `security: []` are sent without credentials.
    pub fn authentication_for_all(mut self, authentication: Authentication) -> Self {
        self.credentials.for_all = Some(authentication);
        self
    }

    /// Sends calls without credentials if those that the operation requires are missing, for a gateway
    /// or a custom HTTP client that adds them. By default, such a call fails.
    pub fn allow_missing_credentials(mut self) -> Self {
        self.credentials.may_be_missing = true;
        self
    }

    /// Sets the retry policy.
    pub fn retry(self, retry: RetryPolicy) -> Self {
        self.options(|options| options.retry = retry)
    }

    /// Sets the limit on the retries of all calls together. See [`RetryBudget`].
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.budget = budget;
        self
    }

    /// Sets the timeout of a whole call, including all attempts and delays.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.options(|options| options.timeout = Some(timeout))
    }

    /// Sets the timeout of one attempt, including the body of its response.
    pub fn attempt_timeout(self, timeout: Duration) -> Self {
        self.options(|options| options.attempt_timeout = timeout)
    }

    /// Sets the maximum size of a response body in bytes, after decompression.
    pub fn max_response_bytes(self, bytes: usize) -> Self {
        self.options(|options| options.max_response_bytes = bytes)
    }

    /// Sets the connect timeout. It has no effect with [`http_client`](Self::http_client).
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.transport.connect_timeout = timeout;
        self
    }

    /// Sets the `User-Agent` header. It has no effect with [`http_client`](Self::http_client).
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.transport.user_agent = Some(user_agent.into());
        self
    }

    /// Adds root certificates (PEM) to those that the platform trusts. They have no effect with
    /// [`http_client`](Self::http_client).
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.transport.tls.roots = Some(pem.into());
        self
    }

    /// Sets the client certificate for mutual TLS (RFC 8446 section 4.4.2), as PEM: the client's own
    /// certificate, then the intermediate certificates, then the private key.
    ///
    /// The key is in PKCS#8, SEC 1 or PKCS#1 format; with the feature `native-tls` only PKCS#8. A
    /// certificate that cannot be used is an error of [`build`](Self::build). It has no effect with
    /// [`http_client`](Self::http_client).
    pub fn client_certificate(mut self, pem_chain_and_key: impl Into<SecretString>) -> Self {
        self.transport.tls.client_certificate = Some(pem_chain_and_key.into());
        self
    }

    /// Sets the proxy for all requests, including token requests: `http://host:port` or
    /// `https://host:port`, with a user and a password if the proxy requires them. The feature `socks`
    /// adds `socks5h://` and the other SOCKS schemes.
    ///
    /// By default, the environment variables apply: `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY` name
    /// proxies, and `NO_PROXY` the hosts that are reached directly. A proxy set here is used for all
    /// hosts, and the environment is ignored. It has no effect with [`http_client`](Self::http_client).
    pub fn proxy(mut self, url: impl Into<SecretString>) -> Self {
        self.transport.proxy = ProxyChoice::At(url.into());
        self
    }

    /// Disables proxies, including those of the environment variables.
    pub fn no_proxy(mut self) -> Self {
        self.transport.proxy = ProxyChoice::None;
        self
    }

    /// Sets the HTTP client, for a custom connection pool, resolver or middleware.
    ///
    /// The client keeps its own settings: connect timeout, user agent, certificates, proxies and redirects.
    /// Redirects that it does not follow itself are followed within the origin only, because its default
    /// headers may not be intended for other servers. [`Credentials`](crate::Credentials) that fetch tokens
    /// over HTTP use it too, unless they have their own.
    ///
    /// Start from [`http_client_builder`], or enable a TLS feature of `reqwest`. With only the feature
    /// `rustls` of this crate, `reqwest::Client::new` has no TLS provider and panics.
    pub fn http_client(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// Calls a function for each way in which successful responses differ from the API description: an
    /// undocumented status, a value that an enumeration lacks, an object without any documented property.
    /// Each is reported once for each operation. By default, each is a warning of `tracing`.
    ///
    /// The function is called before the call returns, and should not take long.
    pub fn on_deviation(mut self, report: impl Fn(&Deviation) + Send + Sync + 'static) -> Self {
        self.deviations = Deviations::new(Box::new(report));
        self
    }

    /// Appends all responses to a file, for `cargo xtask observe`, which compares them with the API
    /// description. Use it in tests, not in production: the file is written before a call returns.
    ///
    /// A record contains the operation, the status, the media type and a JSON body. The values of
    /// properties that are secrets by the API description or by their names are redacted. URLs, headers,
    /// requests and streams are not recorded. All other data is recorded, such as names of persons.
    pub fn record(mut self, path: impl Into<PathBuf>) -> Self {
        self.record = Some(path.into());
        self
    }

    /// Changes the options that can differ between calls.
    pub fn options(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    /// A [`BuildError`] names the setting that cannot be used.
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
        // A custom HTTP client may have a client certificate.
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
        let recorder = self.record.map(|path| {
            let recorder = Recorder::open(&path, api.secrets);
            recorder.map_err(|error| BuildError::Record { path, error })
        });
        let session = Session {
            http,
            http1,
            is_own_http,
            servers,
            credentials: Arc::new(credentials),
            budget: self.budget,
            deviations: Arc::new(self.deviations),
            recorder: recorder.transpose()?.map(Arc::new),
            options: self.options,
        };
        Ok(session.into())
    }

    /// Returns a builder with the same settings for another client. Tests use it.
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
            deviations: self.deviations,
            record: self.record,
            client: PhantomData,
        }
    }
}

/// Returns a builder of an HTTP client with the default TLS of the clients, for
/// [`Builder::http_client`]. It trusts the certificates that the platform trusts.
///
/// With the feature `rustls`, TLS settings of the returned builder have no effect.
///
/// # Errors
/// [`BuildError::Tls`] if TLS cannot be set up.
pub fn http_client_builder() -> Result<reqwest::ClientBuilder, BuildError> {
    let settings = TlsSettings::default();
    let http = tls::configure(reqwest::Client::builder(), &settings, Versions::All);
    http.map_err(BuildError::Tls)
}

impl<C> fmt::Debug for Builder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Omits the base URL, which is not validated yet, and the proxy, certificates and HTTP client:
        // they may contain secrets.
        f.debug_struct("Builder")
            .field("credentials", &self.credentials)
            .field("budget", &self.budget)
            .field("options", &self.options)
            .field("connect_timeout", &self.transport.connect_timeout)
            .finish_non_exhaustive()
    }
}
