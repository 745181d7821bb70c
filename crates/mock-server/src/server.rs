//! The running server.

mod builder;
mod handling;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use openapi_document::Document;
use thiserror::Error;
use tokio::task::JoinHandle;

pub use self::builder::{Builder, StartError};
use self::handling::Shared;
use crate::Description;
use crate::coverage::Coverage;
use crate::fault::Fault;
use crate::request_log::RecordedRequest;

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

impl MockServer {
    /// Creates a server of a document, after its overlay was applied. By default it listens on a free
    /// port of the loopback interface.
    pub fn from_document(document: Document) -> Builder {
        Builder::of(document)
    }

    /// The base URL of the operations: `http://127.0.0.1:PORT` and the base path of the document.
    pub fn base_url(&self) -> String {
        format!(
            "http://{}{}",
            self.address,
            self.shared.description.base_path()
        )
    }

    /// The address that the server listens on.
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

    /// Makes the background work fail that the next call of this operation starts.
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
