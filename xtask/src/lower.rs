//! Lowering: an OpenAPI document as it is found becomes one that the generator digests.
//!
//! The work is done by `PASSES`, in their order, each over the whole document as a JSON value.
//! One pass is one file with one job; it changes what it must and leaves a [`Note`] for each
//! change. What a pass may rely on is what the passes before it have done:
//!
//! 1. Keywords of OpenAPI 3.1 are said with those of 3.0.
//! 2. References other than to schemas are resolved, so that every operation stands for itself.
//! 3. Each operation gets what progenitor can call: one name, one tag, one request media type,
//!    plain parameters, one success type and one error type.
//! 4. Schemas are split by the direction their values travel in: strict in requests, tolerant in
//!    answers.
//! 5. What is left unused is dropped.

mod all_of;
mod any_of;
mod consts;
mod defaults;
mod error_types;
mod examples;
mod exclusive_bounds;
mod formats;
mod inline_enums;
mod integers;
mod json_media_types;
mod json_schema_keywords;
mod nullable;
mod open_answers;
mod open_objects;
mod operation_ids;
mod optional_bodies;
mod optional_collections;
mod parameters;
mod path_segments;
mod plain_scalars;
mod read_only;
mod ref_siblings;
mod references;
mod request_media_types;
mod rust_type;
mod schema;
mod secrets;
mod split_directions;
mod success_types;
mod tags;
mod titles;
mod unused_schemas;
mod version;
mod webhooks;

use std::fmt;

use openapi_document::{Diagnostic, Document, Pointer, check};
use serde_json::Value;

pub(crate) use operation_ids::described as described_operation;
pub use optional_bodies::CARRIER;

/// A document that `openapiv3` reads and progenitor generates from, and how it came to be.
#[derive(Debug, Clone)]
pub struct Lowered {
    /// The document, OpenAPI 3.0.3.
    pub document: Value,
    /// Every change, in the order of the passes.
    pub notes: Vec<Note>,
}

/// One change that the lowering made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The pass that made it.
    pub pass: &'static str,
    /// Where, in the document as the pass found it.
    pub pointer: Pointer,
    /// What was changed.
    pub what: String,
    /// Why it had to be.
    pub why: &'static str,
    /// What it costs the users of the client, where it does.
    pub reduced: Option<Reduced>,
}

/// What the users of a client cannot do, since a change could not keep all of the meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reduced {
    /// What they cannot do, in their words.
    pub loss: String,
    /// The overlay action that would mend it, as YAML ready to paste below `actions:`.
    pub remedy: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            pass,
            pointer,
            what,
            why,
            reduced,
        } = self;
        write!(f, "{pass}: {pointer}: {what} ({why})")?;
        match reduced {
            Some(Reduced { loss, .. }) => write!(f, "; reduced: {loss}"),
            None => Ok(()),
        }
    }
}

/// One step of the lowering.
struct Pass {
    name: &'static str,
    run: fn(&mut Value, &mut Notes),
}

/// Collects the notes of one pass.
struct Notes {
    pass: &'static str,
    notes: Vec<Note>,
}

impl Notes {
    fn add(&mut self, pointer: &Pointer, what: impl Into<String>, why: &'static str) {
        self.notes.push(Note {
            pass: self.pass,
            pointer: pointer.clone(),
            what: what.into(),
            why,
            reduced: None,
        });
    }

    /// Notes a change that could not keep all of the meaning.
    #[allow(dead_code)]
    fn add_reduced(
        &mut self,
        pointer: &Pointer,
        what: impl Into<String>,
        why: &'static str,
        reduced: Reduced,
    ) {
        self.notes.push(Note {
            pass: self.pass,
            pointer: pointer.clone(),
            what: what.into(),
            why,
            reduced: Some(reduced),
        });
    }
}

/// The passes in the order in which they run.
const PASSES: &[Pass] = &[
    webhooks::PASS,
    ref_siblings::PASS,
    json_schema_keywords::PASS,
    consts::PASS,
    nullable::PASS,
    exclusive_bounds::PASS,
    examples::PASS,
    formats::PASS,
    version::PASS,
    json_media_types::PASS,
    references::PASS,
    operation_ids::PASS,
    tags::PASS,
    parameters::PASS,
    request_media_types::PASS,
    all_of::PASS,
    any_of::PASS,
    titles::PASS,
    success_types::PASS,
    error_types::PASS,
    secrets::PASS,
    open_objects::PASS,
    defaults::PASS,
    inline_enums::PASS,
    split_directions::PASS,
    read_only::PASS,
    open_answers::PASS,
    plain_scalars::PASS,
    path_segments::PASS,
    integers::PASS,
    optional_collections::PASS,
    optional_bodies::PASS,
    unused_schemas::PASS,
];

/// Lowers a document, vendored or not, after its overlay has been applied.
///
/// # Errors
/// What [`check()`] refuses, and a result that `openapiv3` cannot read, which would be a
/// defect of a pass.
pub fn lower(document: &Document) -> Result<Lowered, Diagnostic> {
    check(document)?;
    let mut root = document.root.clone();
    let mut all = Vec::new();
    for pass in PASSES {
        let mut notes = Notes {
            pass: pass.name,
            notes: Vec::new(),
        };
        (pass.run)(&mut root, &mut notes);
        all.append(&mut notes.notes);
    }
    match serde_json::from_value::<openapiv3::OpenAPI>(root.clone()) {
        Ok(_) => Ok(Lowered {
            document: root,
            notes: all,
        }),
        Err(error) => Err(document.diagnostic(
            &Pointer::root(),
            format!("lowered, the document is still not OpenAPI 3.0: {error}"),
            "correct the document with an overlay; a valid one that ends here is a defect of the \
             lowering",
        )),
    }
}

/// A lowered document as it is written to a file: the same document gives the same bytes.
pub fn text_of(document: &Value) -> String {
    format!("{document:#}\n")
}

#[cfg(test)]
mod testing {
    use super::*;

    /// What `pass` makes of `before`, and its notes as `pointer: what`.
    pub(super) fn run(pass: &Pass, mut before: Value) -> (Value, Vec<String>) {
        let mut notes = Notes {
            pass: pass.name,
            notes: Vec::new(),
        };
        (pass.run)(&mut before, &mut notes);
        let notes = notes.notes.iter();
        let notes = notes.map(|note| format!("{}: {}", note.pointer, note.what));
        (before, notes.collect())
    }

    /// A document whose only content are these component schemas.
    pub(super) fn with_schemas(schemas: Value) -> Value {
        serde_json::json!({ "components": { "schemas": schemas } })
    }

    /// Runs `pass` on component schemas and gives what became of them, and the notes.
    pub(super) fn run_on_schemas(pass: &Pass, schemas: Value) -> (Value, Vec<String>) {
        let (mut after, notes) = run(pass, with_schemas(schemas));
        (after["components"]["schemas"].take(), notes)
    }
}
