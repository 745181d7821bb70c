//! The settings of a server, and its start.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use openapi_document::{Diagnostic, Document};
use thiserror::Error;
use tokio::net::TcpListener;

use super::handling::{Shared, Watch};
use super::{MockServer, NoSuchOperation, check_target};
use crate::coverage::Counts;
use crate::fault::{Fault, Faults};
use crate::request_log::{RecordedRequest, RequestLog};
use crate::route::Routes;
use crate::validation::RequestValidator;
use crate::wire::serve;
use crate::{Clock, Description, Pace, ResponseGenerator, Settings, State};

/// The default number of recorded requests.
const DEFAULT_RECORDED_REQUESTS: usize = 1_000;

/// Configures and starts a server.
pub struct Builder {
    document: Document,
    address: SocketAddr,
    settings: Settings,
    lenient: bool,
    recorded: usize,
    faults: Vec<Fault>,
    watch: Option<Watch>,
}

/// The error of a server that did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The document cannot be served.
    #[error("{0}")]
    Document(#[from] Diagnostic),
    /// A fault names an operation that the document does not have.
    #[error(transparent)]
    Fault(#[from] NoSuchOperation),
    /// The server cannot listen on the address.
    #[error("cannot listen on {address}: {source}; choose another port, or 0 for any")]
    Address {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: io::Error,
    },
}

impl Builder {
    pub(super) fn of(document: Document) -> Self {
        Self {
            document,
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            settings: Settings::default(),
            lenient: false,
            recorded: DEFAULT_RECORDED_REQUESTS,
            faults: Vec::new(),
            watch: None,
        }
    }

    /// Sets the port on the loopback interface. The default is 0, a free port.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.address.set_port(port);
        self
    }

    /// Sets the seed of generated values. The default is 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Keeps state: remembers what callers create, change and delete, by the rules at [`State`]. Tokens
    /// that were neither issued nor registered are then rejected.
    #[must_use]
    pub fn stateful(mut self) -> Self {
        self.settings.stateful = true;
        self
    }

    /// Sets the initial number of items in each list. They are returned in pages if the operation is
    /// paged.
    #[must_use]
    pub fn items(mut self, items: usize) -> Self {
        self.settings.items = Some(items);
        self
    }

    /// Sets the maximum number of items in the state. The default is 10,000. A request that exceeds it
    /// gets a 507.
    #[must_use]
    pub fn capacity(mut self, items: usize) -> Self {
        self.settings.capacity = items;
        self
    }

    /// Sets how fast background work advances. By default, each stage is returned to one poll.
    #[must_use]
    pub fn pace(mut self, pace: Pace) -> Self {
        self.settings.pace = pace;
        self
    }

    /// Sets the clock of the state. Keep a clone to advance it.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.settings.clock = clock;
        self
    }

    /// Registers a client id and secret at the token endpoint. Without registered clients, every client
    /// gets tokens.
    #[must_use]
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.settings.clients.push((id.into(), secret.into()));
        self
    }

    /// Registers a bearer token that never expires. Then only registered and issued tokens are
    /// accepted.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.settings.tokens.push(token.into());
        self
    }

    /// Sets the lifetime of issued tokens. The default is one hour. The token response contains it in
    /// seconds.
    #[must_use]
    pub fn token_lifetime(mut self, life: Duration) -> Self {
        self.settings.token_lifetime = life;
        self
    }

    /// Accepts undeclared parts of requests: unknown query parameters and properties, and a body where
    /// none is documented. Everything else is validated.
    #[must_use]
    pub fn lenient(mut self) -> Self {
        self.lenient = true;
        self
    }

    /// Sets the number of recorded requests. The default is 1,000; 0 disables recording.
    #[must_use]
    pub fn record(mut self, requests: usize) -> Self {
        self.recorded = requests;
        self
    }

    /// Adds a fault after the existing ones.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Calls `watch` with every request after it was processed.
    #[must_use]
    pub fn watch(mut self, watch: impl Fn(&RecordedRequest) + Send + Sync + 'static) -> Self {
        self.watch = Some(Box::new(watch));
        self
    }

    /// Starts the server on the current tokio runtime.
    ///
    /// # Errors
    /// The document cannot be served, a fault names an unknown operation, or the port is not available.
    pub async fn start(self) -> Result<MockServer, StartError> {
        let description = Arc::new(Description::of(self.document)?);
        let faults = Faults::default();
        for fault in self.faults {
            check_target(&fault, &description)?;
            faults.add(fault);
        }
        let generator = Arc::new(ResponseGenerator::of(
            Arc::clone(&description),
            self.settings.seed,
        ));
        let shared = Arc::new(Shared {
            state: State::of(
                Arc::clone(&description),
                Arc::clone(&generator),
                self.settings,
            ),
            routes: Routes::of(&description),
            validator: RequestValidator::new(&description, self.lenient),
            generator,
            faults,
            log: RequestLog::new(self.recorded),
            counts: Counts::of(&description),
            watch: self.watch,
            description,
        });
        let rejected = |source| StartError::Address {
            address: self.address,
            source,
        };
        let listener = TcpListener::bind(self.address).await.map_err(rejected)?;
        let address = listener.local_addr().map_err(rejected)?;
        Ok(MockServer {
            address,
            task: tokio::spawn(serve(listener, Arc::clone(&shared))),
            shared,
        })
    }
}
