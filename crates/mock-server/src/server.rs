//! The running server, and the processing of a request.
//!
//! A request is routed, a fault is applied if one is active, credentials are checked, the request is
//! validated, and the response is generated. A problem document is converted to the form that the
//! operation documents. Finally the request is recorded and counted.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Method, StatusCode, header};
use openapi_document::{Diagnostic, Document};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::coverage::{Counts, Coverage};
use crate::fault::{Breakage, Fault, FaultBehavior, Faults};
use crate::request_log::{RecordedRequest, RequestLog};
use crate::route::{Route, Routes};
use crate::validation::{CONTENT_TYPE, RequestValidator, decoded};
use crate::wire::{Handler, Transmission, serve};
use crate::{
    Clock, Description, Location, Operation, Pace, Preference, Received, Reply, ResponseGenerator,
};
use crate::{Settings, State, Violation};
use crate::{problem, security};

/// The default number of recorded requests.
const DEFAULT_RECORDED_REQUESTS: usize = 1_000;

/// A running server. It stops when it is dropped.
///
/// ```
/// use mock_server::MockServer;
/// use openapi_document::Document;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let document = Document::parse(
///     "pets.yaml",
///     "openapi: 3.1.0
/// info: {title: Pets, version: '1'}
/// paths: {/pets: {get: {operationId: ListPets, responses: {'204': {}}}}}",
/// )?;
/// let server = MockServer::from_document(document).start().await?;
/// // Calls to `server.base_url()` …
/// assert!(server.requests().iter().all(|request| request.is_conforming()));
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
/// ```
pub struct MockServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

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

/// A callback for every request.
type Watch = Box<dyn Fn(&RecordedRequest) + Send + Sync>;

/// The error of a server that did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The document cannot be served.
    #[error("{0}")]
    Document(#[from] Diagnostic),
    /// A fault names an operation that the document does not have.
    #[error(transparent)]
    Fault(#[from] NoSuchOperation),
    /// The server cannot listen at the address.
    #[error("cannot listen at {address}: {source}; choose another port, or 0 for any")]
    Address {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: io::Error,
    },
}

/// The document has no operation with the given id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the document has no operation `{id}`{}", did_you_mean(.nearest.as_deref()))]
pub struct NoSuchOperation {
    /// The given id.
    pub id: String,
    /// The most similar id.
    pub nearest: Option<String>,
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |id| format!("; did you mean `{id}`?"))
}

struct Shared {
    description: Arc<Description>,
    routes: Routes,
    validator: RequestValidator,
    generator: Arc<ResponseGenerator>,
    state: State,
    faults: Faults,
    log: RequestLog,
    counts: Counts,
    watch: Option<Watch>,
}

impl MockServer {
    /// Creates a server of a document, after its overlay was applied. By default it listens at a free
    /// port of the loopback interface.
    pub fn from_document(document: Document) -> Builder {
        Builder {
            document,
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            settings: Settings::default(),
            lenient: false,
            recorded: DEFAULT_RECORDED_REQUESTS,
            faults: Vec::new(),
            watch: None,
        }
    }

    /// The base URL of the operations: `http://127.0.0.1:PORT` and the base path of the document.
    pub fn base_url(&self) -> String {
        format!(
            "http://{}{}",
            self.address,
            self.shared.description.base_path()
        )
    }

    /// The address that the server listens at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The served document.
    pub fn description(&self) -> &Description {
        &self.shared.description
    }

    /// Adds a fault after the existing ones.
    ///
    /// # Errors
    /// The fault names an operation that the document does not have.
    pub fn fault(&self, fault: Fault) -> Result<(), NoSuchOperation> {
        check_target(&fault, &self.shared.description)?;
        self.shared.faults.add(fault);
        Ok(())
    }

    /// Lets the background work fail that the next call of this operation starts.
    ///
    /// # Errors
    /// The document has no such operation.
    pub fn fail_next(&self, operation: &str) -> Result<(), NoSuchOperation> {
        check_operation(operation, &self.shared.description)?;
        self.shared.state.fail_next(operation);
        Ok(())
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// The recorded requests, oldest first; see [`Builder::record`] for the limit.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.log.all()
    }

    /// Removes the recorded requests.
    pub fn clear_requests(&self) {
        self.shared.log.clear();
    }

    /// The coverage so far.
    pub fn coverage(&self) -> Coverage {
        self.shared.counts.coverage()
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for MockServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockServer")
            .field("base_url", &self.base_url())
            .finish_non_exhaustive()
    }
}

impl Builder {
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

    /// Sets the number of items that each list starts with. They come in pages if the operation is
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

    /// Sets the lifetime of issued tokens. The default is one hour. The token response states it in
    /// seconds.
    #[must_use]
    pub fn token_lifetime(mut self, life: Duration) -> Self {
        self.settings.token_lifetime = life;
        self
    }

    /// Accepts what the document does not declare: unknown query parameters and properties, and a body
    /// where none is documented. Everything else is validated.
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

fn check_target(fault: &Fault, description: &Description) -> Result<(), NoSuchOperation> {
    match fault.target() {
        Some(id) => check_operation(id, description),
        None => Ok(()),
    }
}

fn check_operation(id: &str, description: &Description) -> Result<(), NoSuchOperation> {
    if description.operation(id).is_some() {
        return Ok(());
    }
    let known = description.operations().iter();
    let nearest = openapi_document::nearest_name(id, known.map(|operation| operation.id.as_str()));
    Err(NoSuchOperation {
        id: id.to_owned(),
        nearest: nearest.map(str::to_owned),
    })
}

/// The result of processing a request.
struct Handled {
    /// The index of the operation in the description.
    operation: Option<usize>,
    violations: Vec<Violation>,
    transmission: Transmission,
}

impl Handler for Shared {
    async fn handle(self: Arc<Self>, received: Received) -> Transmission {
        let handled = self.process(&received).await;
        let status = match &handled.transmission {
            Transmission::Whole(reply) | Transmission::Truncated(reply) => Some(reply.status),
            Transmission::Reset => None,
        };
        self.counts
            .add(&self.description, handled.operation, status);
        if self.watch.is_some() || !self.log.is_off() {
            let operation = handled
                .operation
                .map(|index| &self.description.operations()[index]);
            let recorded = RecordedRequest {
                operation: operation.map(|operation| operation.id.clone()),
                request: received,
                status,
                violations: handled.violations,
            };
            if let Some(watch) = &self.watch {
                watch(&recorded);
            }
            if !self.log.is_off() {
                self.log.add(recorded);
            }
        }
        handled.transmission
    }
}

impl Shared {
    /// Returns the first values of the path parameters that are valid, otherwise `first`.
    fn fitting(
        &self,
        index: usize,
        first: Vec<(String, String)>,
        others: Vec<Vec<(String, String)>>,
        received: &Received,
    ) -> Vec<(String, String)> {
        let is_valid = |values: &Vec<(String, String)>| {
            let found = self
                .validator
                .violations(&self.description, index, values, received);
            let prefix = format!("{} ", Location::Path.as_str());
            !found.iter().any(|one| one.location.starts_with(&prefix))
        };
        if others.is_empty() || is_valid(&first) {
            return first;
        }
        others.into_iter().find(is_valid).unwrap_or(first)
    }

    async fn process(&self, received: &Received) -> Handled {
        let (index, path_values) = match self.routes.find(&received.method, &received.path) {
            Route::Operation {
                index,
                path_values,
                others,
            } => (index, self.fitting(index, path_values, others, received)),
            Route::NoMethod { allowed } => return unrouted(no_method(&received.method, &allowed)),
            Route::NoPath { nearest } => return unrouted(no_path(nearest)),
        };
        let operation = &self.description.operations()[index];
        let mut handled = Handled {
            operation: Some(index),
            violations: Vec::new(),
            transmission: Transmission::Reset,
        };
        let behavior = match self.faults.next_for(&operation.id, received) {
            Ok(behavior) => behavior.unwrap_or_default(),
            Err(problem) => {
                handled.transmission =
                    Transmission::Whole(self.in_documented_form(operation, problem.into()));
                return handled;
            }
        };
        if !behavior.latency.is_zero() {
            tokio::time::sleep(behavior.latency).await;
        }
        if behavior.breakage == Some(Breakage::Reset) {
            return handled;
        }
        let reply = match behavior.reply() {
            Some(reply) => reply,
            None => match self.rejection(index, &path_values, received) {
                Some(reply) => {
                    let problem = reply.problem.as_ref();
                    handled.violations =
                        problem.map_or_else(Vec::new, |problem| problem.violations.clone());
                    reply
                }
                None => self.reply(index, &path_values, received),
            },
        };
        handled.transmission = apply_breakage(
            &behavior,
            behavior.add_retry_after(self.in_documented_form(operation, reply)),
        );
        handled
    }

    /// Returns the rejection of a request without valid credentials or with violations.
    fn rejection(
        &self,
        index: usize,
        path_values: &[(String, String)],
        received: &Received,
    ) -> Option<Reply> {
        let operation = &self.description.operations()[index];
        if let Err(reply) = security::check(operation, received) {
            return Some(*reply);
        }
        if let Some(reply) = self.state.rejection(operation, received) {
            return Some(reply);
        }
        let violations = self
            .validator
            .violations(&self.description, index, path_values, received);
        (!violations.is_empty()).then(|| invalid_request(operation, violations))
    }

    /// Returns the response to a valid request.
    fn reply(&self, index: usize, path_values: &[(String, String)], received: &Received) -> Reply {
        let operation = &self.description.operations()[index];
        match Preference::of(&received.headers) {
            Ok(preference) => {
                let values = path_values.iter();
                // Values that are not UTF-8 were rejected by the validation.
                let values: Vec<(String, String)> = values
                    .map(|(name, value)| (name.clone(), decoded(value).unwrap_or_default()))
                    .collect();
                let served = self.state.serve(operation, &values, received, &preference);
                served.unwrap_or_else(|| self.generator.respond(operation, received, &preference))
            }
            Err(problem) => problem.into(),
        }
    }

    fn in_documented_form(&self, operation: &Operation, reply: Reply) -> Reply {
        problem::in_documented_form(&self.generator, operation, reply)
    }
}

fn unrouted(reply: Reply) -> Handled {
    Handled {
        operation: None,
        violations: Vec::new(),
        transmission: Transmission::Whole(reply),
    }
}

fn no_method(method: &Method, allowed: &[Method]) -> Reply {
    let allowed: Vec<&str> = allowed.iter().map(Method::as_str).collect();
    let allowed = allowed.join(", ");
    let detail = format!("The path supports {allowed}, not {method}");
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let reply = Reply::problem(status, "Method not allowed", detail, Vec::new());
    // Method names are tokens (RFC 9110, section 9.1), so they are valid in a header.
    match HeaderValue::from_str(&allowed) {
        Ok(allowed) => reply.with_header(header::ALLOW, allowed),
        Err(_) => reply,
    }
}

fn no_path(nearest: Option<String>) -> Reply {
    let detail = match nearest {
        Some(nearest) => format!("No path of the document matches; the nearest is {nearest}"),
        None => "No path of the document matches or is similar".to_owned(),
    };
    Reply::problem(StatusCode::NOT_FOUND, "No such path", detail, Vec::new())
}

/// Rejects an invalid request with 400, or with 415 if only the media type is wrong and the operation
/// documents 415.
fn invalid_request(operation: &Operation, violations: Vec<Violation>) -> Reply {
    let unsupported = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    let is_media_type = violations.iter().all(|one| one.location == CONTENT_TYPE);
    let has_response = operation
        .responses
        .iter()
        .any(|response| response.status == crate::Status::Code(unsupported.as_u16()));
    let status = match is_media_type && has_response {
        true => unsupported,
        false => StatusCode::BAD_REQUEST,
    };
    let messages = violations
        .iter()
        .map(|one| format!("{} {}", one.location, one.reason));
    let detail = messages.collect::<Vec<_>>().join("; ");
    let title = "The request does not conform to the document";
    Reply::problem(status, title, detail, violations)
}

/// Applies the damage of a fault to a reply.
fn apply_breakage(behavior: &FaultBehavior, mut reply: Reply) -> Transmission {
    match behavior.breakage {
        None => Transmission::Whole(reply),
        Some(Breakage::Reset) => Transmission::Reset,
        Some(Breakage::Truncate) => Transmission::Truncated(reply),
        Some(Breakage::BadJson) => {
            // An unclosed bracket makes any prefix invalid JSON.
            let half = reply.body.len() / 2;
            reply.body = [&reply.body[..half], b"{"].concat().into();
            Transmission::Whole(reply)
        }
    }
}
