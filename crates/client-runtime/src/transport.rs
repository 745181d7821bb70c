//! How a client reaches its servers: what its HTTP clients are made with.

use std::time::Duration;

use crate::tls::{self, TlsSettings, Versions};
use crate::{BuildError, SecretString};

/// How often a connection of HTTP/2 is asked whether it is alive while calls wait on it, and how long it
/// has to respond (RFC 9113 section 6.7). Together they are less than an attempt may take by default, so
/// that a call on a dead connection fails as one, and the next attempt makes a new one.
#[cfg(feature = "http2")]
const PING: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(10));

/// The settings of the HTTP clients that the builder makes.
#[derive(Clone)]
pub(crate) struct Transport {
    pub(crate) connect_timeout: Duration,
    /// `None` for that of the API's client.
    pub(crate) user_agent: Option<String>,
    pub(crate) tls: TlsSettings,
    pub(crate) proxy: ProxyChoice,
}

/// Which proxy requests take.
#[derive(Clone)]
pub(crate) enum ProxyChoice {
    /// That of the environment variables.
    Environment,
    /// None.
    None,
    /// The one of this URL, which may have a password.
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
    /// An HTTP client with these settings.
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
            // The session decides which redirects are followed, and with what.
            .redirect(reqwest::redirect::Policy::none())
            // And what is sent again, with limits on all of it.
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
                .http2_keep_alive_interval(PING.0)
                .http2_keep_alive_timeout(PING.1),
            #[cfg(not(feature = "http2"))]
            Versions::All => http,
        };
        http.build().map_err(BuildError::Http)
    }
}

/// The proxy of a URL.
///
/// # Errors
/// What is wrong with the URL, which is not shown.
fn proxy(url: &SecretString) -> Result<reqwest::Proxy, &'static str> {
    let url = url.expose();
    let with_scheme = match url.contains("://") {
        true => url.to_owned(),
        false => format!("http://{url}"),
    };
    let parsed = reqwest::Url::parse(&with_scheme).map_err(|_| "its URL is none")?;
    match parsed.scheme() {
        "http" | "https" => {}
        "socks4" | "socks4a" | "socks5" | "socks5h" if cfg!(feature = "socks") => {}
        "socks4" | "socks4a" | "socks5" | "socks5h" => {
            return Err("it speaks SOCKS, for which the feature `socks` is not on");
        }
        _ => return Err("its scheme is neither http, https nor one of SOCKS"),
    }
    reqwest::Proxy::all(parsed).map_err(|_| "its URL is none")
}
