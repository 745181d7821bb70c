//! Credentials by security scheme.
//!
//! An API description names its security schemes, and each operation lists the alternatives that it
//! accepts, each of one or several schemes (OpenAPI 3.1.1, Security Requirement Object). A builder
//! takes credentials by the names of the schemes. Credentials for other schemes are never sent.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Request, Url};
use smallvec::SmallVec;

use crate::api::Api;
use crate::build_error::BuildError;
use crate::operation::{Operation, SchemeKind, Security, SecurityScheme};
use crate::outgoing::{Outgoing, header_value};
use crate::parameter_style::push_pair;
use crate::percent::push_cookie;
use crate::token_cache::TokenCache;
use crate::{Credentials, CredentialsError, SecretString, Token};

/// Adds custom authentication to requests, such as a signature or an HTTP authentication scheme other
/// than Basic and Bearer.
///
/// `Debug` must not show a secret.
///
/// ```
/// use client_runtime::{Authenticator, CredentialsError, Request, SecretString, async_trait};
///
/// /// `Authorization: Token …`, as some web frameworks use it.
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
    /// Adds credentials to a request. Called for every request of every attempt that is sent to the API
    /// itself, with the final URL, headers and body.
    ///
    /// # Errors
    /// [`CredentialsError`]; see [`is_transient`](CredentialsError::is_transient) for whether the same
    /// call may succeed later.
    async fn authenticate(&self, request: &mut Request) -> Result<(), CredentialsError>;
}

/// Credentials, and their location in a request.
///
/// Clones share the tokens. `Debug` shows no secret.
///
/// ```
/// use client_runtime::Authentication;
///
/// let key = Authentication::header("X-Api-Key", "hunter2");
/// assert!(!format!("{key:?}").contains("hunter2"));
/// ```
#[derive(Clone)]
pub struct Authentication(Result<Carrier, &'static str>);

/// The credentials of one scheme, as they are added to a request.
#[derive(Clone)]
pub(crate) enum Carrier {
    Header(HeaderName, HeaderValue),
    /// The name, and the value without encoding.
    Query(Cow<'static, str>, SecretString),
    /// The name, and the encoded value.
    Cookie(Cow<'static, str>, SecretString),
    Bearer(TokenCache),
    Custom(Arc<dyn Authenticator>),
    /// The client certificate of the connection.
    Certificate,
}

/// The credentials that are selected for a call. Nearly always one, which needs no allocation.
pub(crate) type Selected<'a> = SmallVec<[&'a Carrier; 1]>;

impl Authentication {
    /// Sends the value in a header, as for an API key in a header.
    pub fn header(name: &str, value: impl Into<SecretString>) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes());
        Self(match name {
            Ok(name) => sensitive(value.into().expose()).map(|value| Carrier::Header(name, value)),
            Err(_) => Err("are for a header with an invalid name"),
        })
    }

    /// Sends the value in a query parameter, as for an API key in the query. It is percent-encoded.
    pub fn query(name: impl Into<Cow<'static, str>>, value: impl Into<SecretString>) -> Self {
        Self(Ok(Carrier::Query(name.into(), value.into())))
    }

    /// Sends the value in a cookie, as for an API key in a cookie. Characters that are not allowed in a
    /// cookie value are percent-encoded (RFC 6265 section 4.1.1).
    pub fn cookie(name: impl Into<Cow<'static, str>>, value: impl Into<SecretString>) -> Self {
        let mut encoded = String::new();
        push_cookie(&mut encoded, value.into().expose());
        Self(Ok(Carrier::Cookie(name.into(), encoded.into())))
    }

    /// Sends a user and a password by HTTP Basic authentication (RFC 7617), in UTF-8.
    pub fn basic(user: impl AsRef<str>, password: impl Into<SecretString>) -> Self {
        let (user, password) = (user.as_ref(), password.into());
        if user.contains(':') {
            return Self(Err(
                "contain a colon in the user, which RFC 7617 does not allow",
            ));
        }
        let pair = format!("{user}:{}", password.expose());
        let value = sensitive(&format!("Basic {}", BASE64.encode(pair)));
        Self(value.map(|value| Carrier::Header(AUTHORIZATION, value)))
    }

    /// Sends bearer tokens (RFC 6750). A token is fetched once for all calls, renewed before it
    /// expires, and fetched again if the API rejects it.
    pub fn bearer(credentials: impl Credentials) -> Self {
        Self(Ok(Carrier::Bearer(TokenCache::new(Arc::new(credentials)))))
    }

    /// Adds the credentials of a custom [`Authenticator`].
    pub fn custom(authenticator: impl Authenticator) -> Self {
        Self(Ok(Carrier::Custom(Arc::new(authenticator))))
    }
}

fn sensitive(value: &str) -> Result<HeaderValue, &'static str> {
    let value = header_value(value.to_owned());
    let mut value = value.ok_or("contain a character that is not allowed in a header")?;
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

/// The credentials given to a builder.
#[derive(Debug, Clone, Default)]
pub(crate) struct GivenCredentials {
    pub(crate) by_scheme: BTreeMap<Cow<'static, str>, Authentication>,
    pub(crate) for_all: Option<Authentication>,
    pub(crate) may_be_missing: bool,
}

/// The credentials of a client, in the order of its API's security schemes.
pub(crate) struct CredentialSet {
    schemes: &'static [SecurityScheme],
    carriers: Vec<Option<Carrier>>,
    for_all: Option<Carrier>,
    may_be_missing: bool,
    /// The security requirement of requests without an operation.
    request_security: Security,
}

impl CredentialSet {
    /// Validates the given credentials: each must be for a scheme that an operation uses.
    /// `has_certificate` is true if connections may use a client certificate.
    pub(crate) fn new(
        api: &'static Api,
        given: GivenCredentials,
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
                let is_available = scheme.kind == SchemeKind::MutualTls && has_certificate;
                is_available.then_some(Carrier::Certificate)
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
                    "no operation uses the security scheme `{name}`"
                )));
            }
            carriers[index] = Some(carrier(&name, authentication)?);
        }
        let has_security = |operation: &Operation| operation.security.is_some();
        if given.for_all.is_some()
            && !api.operations.is_empty()
            && api.operations.iter().all(has_security)
        {
            return Err(BuildError::UnusedCredentials(
                "the API description has a security requirement for every operation, so credentials for \
                 all operations are never used; set them for a scheme by its name"
                    .to_owned(),
            ));
        }
        Ok(Self {
            schemes: api.schemes,
            carriers,
            for_all: given.for_all.map(|all| carrier("all", all)).transpose()?,
            may_be_missing: given.may_be_missing,
            request_security: api.security,
        })
    }

    /// Lets token requests use the HTTP client of the session, unless their source has its own.
    pub(crate) fn use_http_client(&self, http: &reqwest::Client) {
        for carrier in self.carriers.iter().chain([&self.for_all]).flatten() {
            if let Carrier::Bearer(cache) = carrier {
                cache.use_http_client(http);
            }
        }
    }

    /// Returns the credentials for a call: those of the first alternative for which all are available,
    /// or none if there is no such alternative and the operation allows requests without credentials. A
    /// header, query parameter or cookie that the call itself sets is not replaced.
    ///
    /// # Errors
    /// A message about the missing credentials.
    pub(crate) fn selected(&self, outgoing: &Outgoing) -> Result<Selected<'_>, String> {
        let is_request = outgoing.operation.id.is_empty();
        let security = match outgoing.operation.security {
            None if is_request => Some(self.request_security),
            stated => stated,
        };
        let mut may_be_missing = self.may_be_missing || is_request;
        let mut selected = Selected::new();
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
            && !carrier.is_set_by(outgoing)
        {
            selected.push(carrier);
        }
        Ok(selected)
    }

    /// Adds the credentials of an alternative. Returns `false` if some are missing.
    fn select<'a>(
        &'a self,
        all: &[usize],
        outgoing: &Outgoing,
        selected: &mut Selected<'a>,
    ) -> bool {
        all.iter().all(|index| {
            let scheme = self.schemes.get(*index);
            if scheme.is_some_and(|scheme| scheme.kind.is_set_by(outgoing)) {
                return true;
            }
            let Some(Some(carrier)) = self.carriers.get(*index) else {
                return false;
            };
            // An authenticator may set any part of a request, so it is never omitted.
            if matches!(carrier, Carrier::Custom(_)) || !carrier.is_set_by(outgoing) {
                selected.push(carrier);
            }
            true
        })
    }

    /// Returns the message about missing credentials, with the builder methods that set them.
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
            "the operation requires credentials for {names}, which were not all set; set them on \
             the builder with {methods}"
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
    /// Returns true if the call itself sets the credentials of this scheme.
    fn is_set_by(self, outgoing: &Outgoing) -> bool {
        match self {
            Self::Basic | Self::Bearer | Self::Other => outgoing.has_header(AUTHORIZATION.as_str()),
            Self::Header(name) => outgoing.has_header(name),
            Self::Query(name) => has_query(outgoing, name),
            Self::Cookie(name) => outgoing.has_cookie(name),
            Self::MutualTls => false,
        }
    }
}

impl Carrier {
    /// Returns true if the call itself sets the value that this would set.
    fn is_set_by(&self, outgoing: &Outgoing) -> bool {
        match self {
            Self::Header(name, _) => outgoing.has_header(name.as_str()),
            Self::Query(name, _) => has_query(outgoing, name),
            Self::Cookie(name, _) => outgoing.has_cookie(name),
            Self::Bearer(_) | Self::Custom(_) => outgoing.has_header(AUTHORIZATION.as_str()),
            Self::Certificate => false,
        }
    }
}

fn has_query(outgoing: &Outgoing, name: &str) -> bool {
    Url::parse(&outgoing.url).is_ok_and(|url| has_pair(&url, name))
}

fn has_pair(url: &Url, name: &str) -> bool {
    url.query_pairs().any(|(known, _)| known == name)
}

/// The credentials for the requests of one attempt.
pub(crate) struct Authorization<'a> {
    carriers: &'a [&'a Carrier],
    /// The bearer tokens, in order.
    tokens: SmallVec<[(&'a TokenCache, Token); 1]>,
}

impl<'a> Authorization<'a> {
    /// Returns the credentials of `carriers`, waiting for tokens.
    pub(crate) async fn of(carriers: &'a [&'a Carrier]) -> Result<Self, CredentialsError> {
        let mut tokens = SmallVec::new();
        for carrier in carriers {
            if let Carrier::Bearer(cache) = carrier {
                tokens.push((cache, cache.token().await?));
            }
        }
        Ok(Self { carriers, tokens })
    }

    /// Returns true if the API may accept new tokens after it rejected these.
    pub(crate) fn has_tokens(&self) -> bool {
        !self.tokens.is_empty()
    }

    /// Marks the tokens as rejected by the API.
    pub(crate) fn reject(&self) {
        for (cache, token) in &self.tokens {
            cache.reject(token);
        }
    }

    /// Adds the credentials to a request.
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
                            "the token contains a character that is not allowed in a header",
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
    let own = sensitive(&format!("{name}={}", value.expose())).map_err(|what| {
        CredentialsError::configuration(format!("the credentials for the cookie {name:?} {what}"))
    })?;
    let all = headers.get_all(COOKIE).iter().chain([&own]);
    let all: Vec<&[u8]> = all.map(HeaderValue::as_bytes).collect();
    // Valid values that are joined by valid characters are a valid value.
    let mut all = HeaderValue::from_bytes(&all.join(&b"; "[..])).unwrap_or(own);
    all.set_sensitive(true);
    headers.insert(COOKIE, all);
    Ok(())
}
