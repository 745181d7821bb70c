//! Compares recorded responses of a server with its OpenAPI document.
//!
//! Servers deviate from their documents: they send null where a string is required, statuses and properties
//! that are not documented, and times without an offset. [`observe`] finds these deviations in recorded
//! exchanges, and undocumented query parameters of requests, and creates the overlay actions with which the
//! document accepts them.
//!
//! ```
//! use openapi_document::Document;
//! use openapi_observe::{Body, Exchange, RequestPath, observe};
//!
//! let document = Document::parse("api.yaml", "
//! openapi: 3.1.0
//! paths:
//!   /item:
//!     get:
//!       responses:
//!         '200': {content: {application/json: {schema: {properties: {name: {type: string}}}}}}
//! ")?;
//! let exchange = Exchange {
//!     source: "example".into(),
//!     method: "GET".into(),
//!     path: RequestPath::Concrete("/item".into()),
//!     query: Vec::new(),
//!     status: 200,
//!     content_type: Some("application/json".into()),
//!     body: Body::Bytes(br#"{"name": null}"#.to_vec()),
//! };
//! let observation = observe(&document, &[exchange])?;
//! assert_eq!(observation.deviations[0].describe(), "null");
//! assert!(observation.actions[0].target.ends_with(".schema.properties.name"));
//! # Ok::<(), openapi_document::Diagnostic>(())
//! ```
//!
//! Modules, in pipeline order: `exchange` reads recordings, `operations` finds the operation of each,
//! `requests` compares its query, `responses` finds its documented response, and `judge` compares the body with
//! the schema. `deviation` groups the findings, `actions` derives overlay actions from them, and `overlay_file`
//! writes these.

mod actions;
mod deviation;
mod exchange;
mod format;
mod judge;
mod kind;
mod operations;
mod overlay_file;
mod parts;
mod report;
mod requests;
mod responses;
mod shape;

use std::collections::BTreeMap;

use openapi_document::{Diagnostic, Document};

pub use actions::{Action, Effect};
pub use deviation::{Deviation, Example, Kind};
pub use exchange::{Body, Exchange, ReadError, RequestPath};
pub use judge::REDACTED;
pub use overlay_file::{OverlayError, with_actions, yaml};

use deviation::Deviations;
use operations::Operations;

/// The observations about a server.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The number of exchanges whose operation is in the document.
    pub matched: usize,
    /// The requests that are not in the document, as method and path, with their numbers.
    pub unmatched: BTreeMap<String, usize>,
    /// The deviations, in the order of their locations. Those that are only detected after others are
    /// accepted follow.
    pub deviations: Vec<Deviation>,
    /// The overlay actions with which the document accepts the responses.
    pub actions: Vec<Action>,
}

/// The maximum number of rounds in which actions are created. An action can reveal other deviations, for
/// example those inside a response that was not documented.
const MAX_ROUNDS: usize = 8;

/// Compares exchanges with a document, after its overlay was applied.
///
/// # Errors
/// An overlay action does not apply, which is a defect of this crate.
pub fn observe(document: &Document, exchanges: &[Exchange]) -> Result<Observation, Diagnostic> {
    let mut document = document.clone();
    let mut observation = compared(&document, exchanges);
    let mut open: Vec<Deviation> = observation.deviations.clone();
    for _ in 0..MAX_ROUNDS {
        let to_accept = open
            .iter()
            .filter(|one| !one.is_tolerated() && !one.is_unacceptable());
        let to_accept: Vec<&Deviation> = to_accept.collect();
        if to_accept.is_empty() {
            break;
        }
        observation
            .actions
            .extend(actions::accept(&mut document, to_accept)?);
        let known = |found: &Deviation| {
            let mut known = observation.deviations.iter();
            known.any(|known| known.kind == found.kind && known.location == found.location)
        };
        open = compared(&document, exchanges).deviations;
        let shown: Vec<Deviation> = open.iter().filter(|found| !known(found)).cloned().collect();
        observation.deviations.extend(shown);
    }
    Ok(observation)
}

/// Compares exchanges with a document, without actions.
fn compared(document: &Document, exchanges: &[Exchange]) -> Observation {
    let operations = Operations::of(&document.root);
    let mut deviations = Deviations::default();
    let mut matched = 0;
    let mut unmatched: BTreeMap<String, usize> = BTreeMap::new();
    for exchange in exchanges {
        let Some(operation) = operations.find(exchange) else {
            let (RequestPath::Concrete(path) | RequestPath::Template(path)) = &exchange.path;
            let request = format!("{} {}", exchange.method, without_ids(path));
            *unmatched.entry(request).or_default() += 1;
            continue;
        };
        matched += 1;
        requests::compare(&document.root, operation, exchange, &mut deviations);
        responses::compare(&document.root, operation, exchange, &mut deviations);
    }
    Observation {
        matched,
        unmatched,
        deviations: deviations.into_list(),
        actions: Vec::new(),
    }
}

/// The path without segments that look like ids or tokens.
fn without_ids(path: &str) -> String {
    const MAX_WORD: usize = 20;
    let is_word = |segment: &&str| {
        segment.len() <= MAX_WORD && !segment.bytes().any(|byte| byte.is_ascii_digit())
            || matches!(segment.as_bytes(), [b'v', digits @ ..] if digits.iter().all(u8::is_ascii_digit))
    };
    let segments = path.split('/');
    let shown = segments.map(|segment| Some(segment).filter(is_word).unwrap_or("…"));
    shown.collect::<Vec<_>>().join("/")
}
