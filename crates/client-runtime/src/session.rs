//! The state that all calls of a client share: the base URL, the HTTP client, credentials and limits.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::deviation::Deviations;
use crate::recorder::Recorder;
use crate::security::CredentialSet;
use crate::servers::Servers;
use crate::{RetryBudget, RetryPolicy};

/// The state of a client, created only by [`Builder::build`](crate::Builder::build) after validation.
/// Clones share the HTTP client, the credentials and the retry budget.
///
/// `Debug` shows no secret.
#[derive(Clone)]
pub struct Session {
    pub(crate) http: reqwest::Client,
    /// A client that uses only HTTP/1.1, for operations that switch protocols.
    pub(crate) http1: Option<reqwest::Client>,
    /// Whether the builder created the HTTP client, so that its default headers are known.
    pub(crate) is_own_http: bool,
    pub(crate) servers: Servers,
    pub(crate) credentials: Arc<CredentialSet>,
    pub(crate) budget: RetryBudget,
    pub(crate) deviations: Arc<Deviations>,
    pub(crate) recorder: Option<Arc<Recorder>>,
    pub(crate) options: Options,
}

/// The options that can differ between calls; see the method `with` of a client.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// The retry policy. By default up to four attempts within a minute.
    pub retry: RetryPolicy,
    /// The timeout of a whole call, including all attempts and delays. By default it is limited by the
    /// retry policy only.
    pub timeout: Option<Duration>,
    /// The timeout of one attempt, including redirects and the response body, unless the caller streams
    /// it. By default 30 seconds.
    pub attempt_timeout: Duration,
    /// The maximum size of a response body in bytes, after decompression, unless the caller streams it.
    /// By default 32 MiB.
    pub max_response_bytes: usize,
    /// Default values of parameters, by their names in the API description. They apply only to
    /// parameters for which a client can have a default. By default empty.
    pub parameters: BTreeMap<String, String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            retry: RetryPolicy::default(),
            timeout: None,
            attempt_timeout: Duration::from_secs(30),
            max_response_bytes: 32 << 20,
            parameters: BTreeMap::new(),
        }
    }
}

impl Session {
    /// Returns a session with changed options, and the same credentials and retry budget.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut Options)) -> Self {
        let mut changed = self.clone();
        change(&mut changed.options);
        changed
    }

    /// Returns the options.
    pub fn options(&self) -> &Options {
        &self.options
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Omits the HTTP client, whose default headers may contain secrets.
        f.debug_struct("Session")
            .field("servers", &self.servers)
            .field("credentials", &self.credentials)
            .field("budget", &self.budget)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
