//! Credentials by security scheme: which of them a request carries, and how.
//!
//! An API description names its security schemes, and each operation says which of them it takes: one
//! or another, or several together (OpenAPI 3.1.1, Security Requirement Object). A builder is given
//! credentials by the names of the schemes. Credentials for other schemes are never sent.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Request, Url};

use crate::builder::{Api, BuildError};
use crate::call::header_value;
use crate::operation::{SchemeKind, Security, SecurityScheme};
use crate::outgoing::Outgoing;
use crate::parameter_style::push_pair;
use crate::percent::push_cookie;
use crate::token_cache::TokenCache;
use crate::{Credentials, CredentialsError, SecretString, Token};

/// Authenticates requests in a way of its own: a signature, say, or a scheme of HTTP authentication
/// that is neither Basic nor Bearer.
///
/// `Debug` must not show a secret.
///
/// ```
/// use client_runtime::{Authenticator, CredentialsError, Request, SecretString, async_trait};
///
/// /// `Authorization: Token …`, as some frameworks call their keys.
/// #[derive(Debug)]
/// struct FrameworkToken(SecretString);
///
/// #[async_trait]
/// impl Authenticator for FrameworkToken {
///     async fn authenticate(&self, request: &mut Request) -> Result<(), CredentialsError> {
///         let value = format!("Token {}", self.0.expose());
///         let mut value = value
///             .parse::<client_runtime::HeaderValue>()
///             .map_err(|_| CredentialsError::configuration("the token is not a header value"))?;
///         value.set_sensitive(true);
///         request.headers_mut().insert("authorization", value);
///         Ok(())
///     }
/// }
/// ```
#[async_trait::async_trait]
pub trait Authenticator: fmt::Debug + Send + Sync + 'static {
    /// Adds to a request what authenticates it. It is called for every request of every attempt that
    /// goes to the API itself, with the URL, the headers and the body as they are sent.
    ///
    /// # Errors
    /// [`CredentialsError`], whose [`is_transient`](CredentialsError::is_transient) says whether the
    /// same call may succeed later.
    async fn authenticate(&self, request: &mut Request) -> Result<(), CredentialsError>;
}

/// How requests are authenticated: a value, and where in a request it goes.
///
/// A clone shares the tokens. `Debug` shows no secret.
///
/// ```
/// use client_runtime::Authentication;
///
/// let key = Authentication::header("X-Api-Key", "hunter2");
/// assert!(!format!("{key:?}").contains("hunter2"));
/// ```
#[derive(Clone)]
pub struct Authentication(Result<Carrier, &'static str>);

/// What a request carries.
#[derive(Clone)]
pub(crate) enum Carrier {
    Header(HeaderName, HeaderValue),
    /// The name, and the value as it is.
    Query(Cow<'static, str>, SecretString),
    /// The name, and the value as it is sent.
    Cookie(Cow<'static, str>, SecretString),
    Bearer(TokenCache),
    Custom(Arc<dyn Authenticator>),
    /// The certificate of the connection.
    Certificate,
}

impl Authentication {
    /// A header with this value: an API key in a header.
    pub fn header(name: &str, value: impl Into<SecretString>) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes());
        Self(match name {
            Ok(name) => sensitive(value.into().expose()).map(|value| Carrier::Header(name, value)),
            Err(_) => Err("are for a header whose name is not one"),
        })
    }

    /// A parameter of the query with this value: an API key in the query. It is percent-encoded.
    pub fn query(name: impl Into<Cow<'static, str>>, value: impl Into<SecretString>) -> Self {
        Self(Ok(Carrier::Query(name.into(), value.into())))
    }

    /// A cookie with this value: an API key in a cookie. What would end the value is percent-encoded
    /// (RFC 6265 section 4.1.1).
    pub fn cookie(name: impl Into<Cow<'static, str>>, value: impl Into<SecretString>) -> Self {
        let mut encoded = String::new();
        push_cookie(&mut encoded, value.into().expose());
        Self(Ok(Carrier::Cookie(name.into(), encoded.into())))
    }

    /// HTTP Basic authentication with a user and a password (RFC 7617). Both are sent as UTF-8.
    pub fn basic(user: impl AsRef<str>, password: impl Into<SecretString>) -> Self {
        let (user, password) = (user.as_ref(), password.into());
        if user.contains(':') {
            return Self(Err("have a colon in the user, which ends it (RFC 7617)"));
        }
        let pair = format!("{user}:{}", password.expose());
        let value = sensitive(&format!("Basic {}", BASE64.encode(pair)));
        Self(value.map(|value| Carrier::Header(AUTHORIZATION, value)))
    }

    /// Bearer tokens (RFC 6750). A token is fetched once for all calls, renewed before it expires, and
    /// fetched once more when the API refuses it.
    pub fn bearer(credentials: impl Credentials) -> Self {
        Self(Ok(Carrier::Bearer(TokenCache::new(Arc::new(credentials)))))
    }

    /// What the authenticator adds.
    pub fn custom(authenticator: impl Authenticator) -> Self {
        Self(Ok(Carrier::Custom(Arc::new(authenticator))))
    }
}

fn sensitive(value: &str) -> Result<HeaderValue, &'static str> {
    let value = header_value(value.to_owned());
    let mut value = value.ok_or("have a character that no header can carry")?;
    value.set_sensitive(true);
    Ok(value)
}

impl fmt::Debug for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(Carrier::Header(name, _)) => write!(f, "header({name})"),
            Ok(Carrier::Query(name, _)) => write!(f, "query({name})"),
            Ok(Carrier::Cookie(name, _)) => write!(f, "cookie({name})"),
            Ok(Carrier::Bearer(cache)) => write!(f, "bearer({cache:?})"),
            Ok(Carrier::Custom(authenticator)) => write!(f, "custom({authenticator:?})"),
            Ok(Carrier::Certificate) => f.write_str("certificate"),
            Err(_) => f.write_str("unusable"),
        }
    }
}

/// The credentials that a builder was given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given {
    pub(crate) by_scheme: BTreeMap<Cow<'static, str>, Authentication>,
    pub(crate) for_all: Option<Authentication>,
    pub(crate) may_be_missing: bool,
}

/// The credentials of a client, in the order of the schemes of its API.
pub(crate) struct CredentialSet {
    schemes: &'static [SecurityScheme],
    carriers: Vec<Option<Carrier>>,
    for_all: Option<Carrier>,
    may_be_missing: bool,
    /// What requests take that no operation makes.
    of_requests: Security,
}

impl CredentialSet {
    /// The credentials in `given`, if each is for a scheme that an operation takes.
    /// `has_certificate` says whether connections may have a client certificate.
    pub(crate) fn new(
        api: &'static Api,
        given: Given,
        has_certificate: bool,
    ) -> Result<Self, BuildError> {
        let carrier = |scheme: &str, of: Authentication| {
            of.0.map_err(|what| BuildError::Credentials {
                scheme: scheme.to_owned(),
                what,
            })
        };
        let mut carriers: Vec<Option<Carrier>> = api
            .schemes
            .iter()
            .map(|scheme| {
                let is_met = scheme.kind == SchemeKind::MutualTls && has_certificate;
                is_met.then_some(Carrier::Certificate)
            })
            .collect();
        for (name, authentication) in given.by_scheme {
            let index = api.schemes.iter().position(|scheme| scheme.name == name);
            let index = index.ok_or_else(|| BuildError::UnknownScheme {
                scheme: name.clone().into_owned(),
                known: match api.schemes {
                    [] => "none".to_owned(),
                    all => all
                        .iter()
                        .map(|scheme| format!("`{}`", scheme.name))
                        .collect::<Vec<_>>()
                        .join(", "),
                },
            })?;
            let takes = |security: Security| security.iter().any(|all| all.contains(&index));
            let securities = api.operations.iter().filter_map(|it| it.security);
            if !securities.chain([api.security]).any(takes) {
                return Err(BuildError::UnusedCredentials(format!(
                    "no operation takes the security scheme `{name}`"
                )));
            }
            carriers[index] = Some(carrier(&name, authentication)?);
        }
        let is_stated = |operation: &crate::operation::Operation| operation.security.is_some();
        if given.for_all.is_some()
            && !api.operations.is_empty()
            && api.operations.iter().all(is_stated)
        {
            return Err(BuildError::UnusedCredentials(
                "the API description states the security of every operation, so that credentials \
                 for all of them would never be sent; give them to a scheme by its name"
                    .to_owned(),
            ));
        }
        Ok(Self {
            schemes: api.schemes,
            carriers,
            for_all: given.for_all.map(|all| carrier("all", all)).transpose()?,
            may_be_missing: given.may_be_missing,
            of_requests: api.security,
        })
    }

    /// Has requests for tokens sent as the calls are, where their source has no other HTTP client.
    pub(crate) fn use_http_client(&self, http: &reqwest::Client) {
        for carrier in self.carriers.iter().chain([&self.for_all]).flatten() {
            if let Carrier::Bearer(cache) = carrier {
                cache.use_http_client(http);
            }
        }
    }

    /// What a call of an operation carries: the first alternative for which all credentials are there,
    /// and nothing where there is none and the operation takes requests without credentials. A header,
    /// a parameter or a cookie that the call has set itself stays.
    ///
    /// # Errors
    /// The credentials that are missing.
    pub(crate) fn selected(&self, outgoing: &Outgoing) -> Result<Vec<&Carrier>, String> {
        let is_request = outgoing.operation.id.is_empty();
        let security = match outgoing.operation.security {
            None if is_request => Some(self.of_requests),
            stated => stated,
        };
        let mut may_be_missing = self.may_be_missing || is_request;
        let mut selected = Vec::with_capacity(1);
        for all in security.into_iter().flatten() {
            may_be_missing |= all.is_empty();
            if !all.is_empty() && self.select(all, outgoing, &mut selected) {
                return Ok(selected);
            }
            selected.clear();
        }
        let alternatives = security.unwrap_or_default();
        if !alternatives.is_empty() && !may_be_missing {
            return Err(self.missing(alternatives));
        }
        if (security.is_none() || is_request)
            && let Some(carrier) = &self.for_all
            && !carrier.is_in(outgoing)
        {
            selected.push(carrier);
        }
        Ok(selected)
    }

    /// Adds what an alternative takes; `false` where credentials are missing.
    fn select<'a>(
        &'a self,
        all: &[usize],
        outgoing: &Outgoing,
        selected: &mut Vec<&'a Carrier>,
    ) -> bool {
        all.iter().all(|index| {
            let scheme = self.schemes.get(*index);
            if scheme.is_some_and(|scheme| scheme.kind.is_in(outgoing)) {
                return true;
            }
            let carrier = self.carriers.get(*index).and_then(Option::as_ref);
            selected.extend(carrier);
            carrier.is_some()
        })
    }

    /// The message about missing credentials, with the methods of the builder that give them.
    fn missing(&self, alternatives: Security) -> String {
        let of = |alternative: &&[usize], write: fn(&SecurityScheme) -> String| {
            let schemes = alternative
                .iter()
                .filter_map(|index| self.schemes.get(*index));
            let written: Vec<String> = schemes.map(write).collect();
            written.join(" and ")
        };
        let name = |scheme: &SecurityScheme| format!("`{}`", scheme.name);
        let method = |scheme: &SecurityScheme| format!("`.{}(…)`", scheme.method);
        let names = listed(alternatives.iter().map(|all| of(all, name)));
        let methods = listed(alternatives.iter().map(|all| of(all, method)));
        format!(
            "the operation takes credentials for {names}, and the client has \
             none that fit; give them to its builder with {methods}"
        )
    }
}

fn listed(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", or ")
}

impl fmt::Debug for CredentialSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = self.schemes.iter().zip(&self.carriers);
        let given = given.filter(|(_, carrier)| carrier.is_some());
        f.debug_set()
            .entries(given.map(|(scheme, _)| scheme.name))
            .finish()
    }
}

impl SchemeKind {
    /// Whether a call has set itself what the scheme takes.
    fn is_in(self, outgoing: &Outgoing) -> bool {
        match self {
            Self::Basic | Self::Bearer | Self::Other => outgoing.has_header(AUTHORIZATION.as_str()),
            Self::Header(name) => outgoing.has_header(name),
            Self::Query(name) => Url::parse(&outgoing.url).is_ok_and(|url| has_pair(&url, name)),
            Self::Cookie(name) => outgoing.has_cookie(name),
            Self::MutualTls => false,
        }
    }
}

impl Carrier {
    /// Whether a call has set itself what this would set.
    fn is_in(&self, outgoing: &Outgoing) -> bool {
        match self {
            Self::Header(name, _) => outgoing.has_header(name.as_str()),
            Self::Query(name, _) => Url::parse(&outgoing.url).is_ok_and(|url| has_pair(&url, name)),
            Self::Cookie(name, _) => outgoing.has_cookie(name),
            Self::Bearer(_) | Self::Custom(_) => outgoing.has_header(AUTHORIZATION.as_str()),
            Self::Certificate => false,
        }
    }
}

fn has_pair(url: &Url, name: &str) -> bool {
    url.query_pairs().any(|(known, _)| known == name)
}

/// What the requests of one attempt carry.
pub(crate) struct Authorization<'a> {
    carriers: &'a [&'a Carrier],
    /// The tokens of those that are bearers, in order.
    tokens: Vec<(&'a TokenCache, Token)>,
}

impl<'a> Authorization<'a> {
    /// What `carriers` give at this moment; waits for tokens.
    pub(crate) async fn of(carriers: &'a [&'a Carrier]) -> Result<Self, CredentialsError> {
        let mut tokens = Vec::new();
        for carrier in carriers {
            if let Carrier::Bearer(cache) = carrier {
                tokens.push((cache, cache.token().await?));
            }
        }
        Ok(Self { carriers, tokens })
    }

    /// Whether the API may accept a request with new tokens that it refused with these.
    pub(crate) fn has_tokens(&self) -> bool {
        !self.tokens.is_empty()
    }

    /// Says that the API refused the request with these tokens.
    pub(crate) fn reject(&self) {
        for (cache, token) in &self.tokens {
            cache.reject(token);
        }
    }

    /// Adds to a request what it carries.
    pub(crate) async fn apply(&self, request: &mut Request) -> Result<(), CredentialsError> {
        let mut tokens = self.tokens.iter();
        for carrier in self.carriers {
            match carrier {
                Carrier::Header(name, value) => {
                    request.headers_mut().insert(name, value.clone());
                }
                Carrier::Query(name, value) if !has_pair(request.url(), name) => {
                    add_pair(request.url_mut(), name, value);
                }
                Carrier::Cookie(name, value) => add_cookie(request.headers_mut(), name, value)?,
                Carrier::Bearer(_) => {
                    let value = tokens.next().and_then(|(_, token)| token.authorization());
                    let value = value.ok_or_else(|| {
                        CredentialsError::configuration(
                            "the token holds a character that no header can carry",
                        )
                    })?;
                    request.headers_mut().insert(AUTHORIZATION, value);
                }
                Carrier::Custom(authenticator) => authenticator.authenticate(request).await?,
                Carrier::Query(..) | Carrier::Certificate => {}
            }
        }
        Ok(())
    }
}

fn add_pair(url: &mut Url, name: &str, value: &SecretString) {
    let mut query = url.query().unwrap_or_default().to_owned();
    push_pair(&mut query, name, value.expose());
    url.set_query(Some(query.trim_start_matches('&')));
}

fn add_cookie(
    headers: &mut HeaderMap,
    name: &str,
    value: &SecretString,
) -> Result<(), CredentialsError> {
    let others = headers.get(COOKIE).and_then(|others| others.to_str().ok());
    let others = others.map_or_else(String::new, |others| format!("{others}; "));
    let value = sensitive(&format!("{others}{name}={}", value.expose()));
    let value = value.map_err(|what| {
        CredentialsError::configuration(format!("the credentials for the cookie {name:?} {what}"))
    })?;
    headers.insert(COOKIE, value);
    Ok(())
}
