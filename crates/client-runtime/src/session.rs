//! What a client brings to every call: where the API is, the HTTP client, credentials and limits.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;

use crate::security::CredentialSet;
use crate::servers::Servers;
use crate::{RequestBuilder, RetryBudget, RetryPolicy};

/// The state of a client, which only [`Builder::build`](crate::Builder::build) makes, once it has
/// checked what it is made of. A clone shares the HTTP client, the credentials and the retry budget.
///
/// `Debug` shows no secret.
#[derive(Clone)]
pub struct Session {
    pub(crate) http: reqwest::Client,
    /// One that speaks only HTTP/1.1, for operations that switch protocols.
    pub(crate) http1: Option<reqwest::Client>,
    /// Whether the HTTP client was made by the builder, so that what it adds to requests is known.
    pub(crate) is_own_http: bool,
    pub(crate) servers: Servers,
    pub(crate) credentials: Arc<CredentialSet>,
    pub(crate) budget: RetryBudget,
    pub(crate) options: Options,
}

/// What may differ from call to call; see the `with` of a client.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// When a request is sent again. By default four attempts within a minute.
    pub retry: RetryPolicy,
    /// How long a whole call may take, with all attempts and waits. By default as long as the retries
    /// allow.
    pub timeout: Option<Duration>,
    /// How long one attempt may take, with redirects and, unless the caller streams it, the body of
    /// the response. By default 30 seconds.
    pub attempt_timeout: Duration,
    /// How many bytes the body of a response may have, unless the caller streams it: of one that is
    /// compressed, what it decodes to. By default 32 MiB.
    pub max_response_bytes: usize,
    /// The values of parameters that a call does not give, by their names in the API description; only
    /// for the parameters for which a client can have a default. By default none.
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
    /// The session with changed options, and the same credentials and budget.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut Options)) -> Self {
        let mut changed = self.clone();
        change(&mut changed.options);
        changed
    }

    /// The options of every call.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// A request that is not one of a documented operation, with the same credentials, retries, limits
    /// and errors. `path` is relative to the base URL, as the paths of an API description are; it may
    /// have a query.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder<'_> {
        RequestBuilder::new(self, method, path)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the HTTP client, whose default headers may hold secrets.
        f.debug_struct("Session")
            .field("servers", &self.servers)
            .field("credentials", &self.credentials)
            .field("budget", &self.budget)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
