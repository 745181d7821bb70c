//! Settings for the HTTP clients of a builder: timeouts, proxies and HTTP versions.

use std::time::Duration;

use crate::tls::{self, TlsSettings, Versions};
use crate::{BuildError, SecretString};

/// The interval of HTTP/2 pings (RFC 9113 section 6.7) while calls wait on a connection, and the
/// timeout of a ping. Together they are shorter than the default attempt timeout, so that a dead
/// connection fails the attempt and the next one opens a new connection.
#[cfg(feature = "http2")]
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(15);
#[cfg(feature = "http2")]
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// The settings of the HTTP clients that the builder creates.
#[derive(Clone)]
pub(crate) struct Transport {
    pub(crate) connect_timeout: Duration,
    /// `None` for the default of the generated client.
    pub(crate) user_agent: Option<String>,
    pub(crate) tls: TlsSettings,
    pub(crate) proxy: ProxyChoice,
}

/// The proxy of requests.
#[derive(Clone)]
pub(crate) enum ProxyChoice {
    /// As the environment variables specify.
    Environment,
    /// No proxy.
    None,
    /// The proxy at this URL, which may contain a password.
    At(SecretString),
}

impl Default for Transport {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            user_agent: None,
            tls: TlsSettings::default(),
            proxy: ProxyChoice::Environment,
        }
    }
}

impl Transport {
    /// Creates an HTTP client.
    ///
    /// # Errors
    /// [`BuildError::Tls`], [`BuildError::Proxy`], or [`BuildError::Http`].
    pub(crate) fn http_client(
        &self,
        user_agent: &str,
        versions: Versions,
    ) -> Result<reqwest::Client, BuildError> {
        let http = tls::configure(reqwest::Client::builder(), &self.tls, versions);
        let mut http = http
            .map_err(BuildError::Tls)?
            .connect_timeout(self.connect_timeout)
            .user_agent(self.user_agent.as_deref().unwrap_or(user_agent))
            // The session follows redirects itself.
            .redirect(reqwest::redirect::Policy::none())
            // The session retries requests itself, within the limits of its policy.
            .retry(reqwest::retry::never().max_retries_per_request(0));
        http = match &self.proxy {
            ProxyChoice::Environment => http,
            ProxyChoice::None => http.no_proxy(),
            ProxyChoice::At(url) => http.proxy(proxy(url).map_err(BuildError::Proxy)?),
        };
        http = match versions {
            Versions::Http1 => http.http1_only(),
            #[cfg(feature = "http2")]
            Versions::All => http
                .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
                .http2_keep_alive_timeout(KEEP_ALIVE_TIMEOUT),
            #[cfg(not(feature = "http2"))]
            Versions::All => http,
        };
        http.build().map_err(BuildError::Http)
    }
}

/// Parses the URL of a proxy.
///
/// # Errors
/// Why the URL cannot be used. The message does not contain the URL.
fn proxy(url: &SecretString) -> Result<reqwest::Proxy, &'static str> {
    let url = url.expose();
    let with_scheme = match url.contains("://") {
        true => url.to_owned(),
        false => format!("http://{url}"),
    };
    let parsed = reqwest::Url::parse(&with_scheme).map_err(|_| "its URL is invalid")?;
    match parsed.scheme() {
        "http" | "https" => {}
        "socks4" | "socks4a" | "socks5" | "socks5h" if cfg!(feature = "socks") => {}
        "socks4" | "socks4a" | "socks5" | "socks5h" => {
            return Err("a SOCKS proxy requires the feature `socks`");
        }
        _ => return Err("its scheme is not http, https or a SOCKS scheme"),
    }
    reqwest::Proxy::all(parsed).map_err(|_| "its URL is invalid")
}
