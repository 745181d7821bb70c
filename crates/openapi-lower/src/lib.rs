//! Lowering: rewrites an OpenAPI document to the subset that the generator accepts.
//!
//! Each pass processes the whole document as a JSON value. A pass is one file with one job, and adds a
//! [`Note`] for each change. Passes are grouped into `PHASES`, which run in order. A phase declares
//! guarantees about the document after it; debug builds check them.

mod ambiguous_branches;
mod branch_order;
mod cleanup;
mod directions;
mod fields;
mod generator_types;
mod hoist;
mod intersection;
mod kinds;
mod media_type;
mod notation;
mod note_format;
mod notes;
mod one_way;
mod operation_names;
mod operations;
mod origins;
mod parameters;
mod phase;
mod plan;
mod reach;
mod references;
pub mod remedy;
mod request_locations;
mod rust_type;
mod schema;
mod servers;
mod shapes;
mod stream_items;
#[cfg(test)]
mod testing;
mod union;

use std::rc::Rc;

use client_codegen::plan::{ClientPlan, OperationPlan};
use openapi_document::{Diagnostic, Document, Pointer, check, walk};
use openapiv3::{OpenAPI, ReferenceOr, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use kinds::kind_of;
pub use notes::{Note, Reduced};
pub use operation_names::described as described_operation;
pub use origins::Origins;
pub use request_locations::reached;
pub use shapes::secrets::is_name_of_secret;

use notes::Notes;
use phase::{Pass, Phase};
use request_locations::RequestLocations;
use schema::components;

/// The input of the code generator, with the changes that led to it.
#[derive(Debug, Clone)]
pub struct Lowered {
    /// The document after the check, before the passes.
    pub vendored: Document,
    /// The component schemas, from which types are generated, and a plan for each call.
    pub plan: ClientPlan,
    /// All changes, in the order of the passes.
    pub notes: Vec<Note>,
    /// The origins of the component schemas.
    pub origins: Origins,
}

/// The phases, in order. The plan is built from their result.
const PHASES: &[Phase] = &[
    notation::PHASE,
    references::PHASE,
    operations::PHASE,
    shapes::PHASE,
    directions::PHASE,
    cleanup::PHASE,
];

/// Lowers a document after its overlay has been applied.
///
/// # Errors
/// [`check()`] rejects the document, or `openapiv3` cannot parse the result, which would be a defect of a
/// pass.
pub fn lower(document: &Document) -> Result<Lowered, Diagnostic> {
    let checked = check(document)?;
    let mut all: Vec<Note> = checked.findings.iter().map(notes::of_finding).collect();
    for reduced in all.iter_mut().filter_map(|note| note.reduced.as_mut()) {
        reduced.settle(&Origins::default(), document);
    }
    let vendored = checked.document;
    let mut root = vendored.root.clone();
    let mut origins = Origins::default();
    origins.put(checked.moved);
    let requests = Rc::new(RequestLocations::of(&root));
    for phase in PHASES {
        for pass in phase.passes {
            let mut notes = Notes::of(pass.name, Rc::clone(&requests), origins);
            (pass.run)(&mut root, &mut notes);
            origins = notes.origins;
            for note in &mut notes.notes {
                if let Some(reduced) = &mut note.reduced {
                    reduced.settle(&origins, document);
                }
            }
            origins.put(notes.moved);
            all.append(&mut notes.notes);
        }
        if cfg!(debug_assertions) {
            phase.assert(&root).map_err(|(pointer, what)| {
                document.diagnostic(
                    &origins.found(&document.root, &pointer).0,
                    format!("after the phase `{}` of the lowering, {what}", phase.name),
                    "this is a defect of the lowering; change this location with an overlay as a workaround",
                )
            })?;
        }
    }
    let payloads = plan::payloads::take(&mut root);
    let mut notes = Notes::of(plan::security::NAME, Rc::clone(&requests), origins);
    let schemes = plan::security::take(&mut root, &mut notes);
    let origins = notes.origins;
    all.append(&mut notes.notes);
    let mut notes = Notes::of(plan::plans::NAME, requests, origins);
    let places: Vec<Pointer> = walk::operations(&root)
        .into_iter()
        .map(|(place, ..)| place)
        .collect();
    let operations = plan::plans::take(&mut root, &mut notes);
    let origins = notes.origins;
    let mut operations = operations.map_err(|(pointer, message)| {
        document.diagnostic(
            &origins.found(&document.root, &pointer).0,
            message,
            "correct `x-paging`, or the schema that it refers to, with an overlay",
        )
    })?;
    all.append(&mut notes.notes);
    let read = read(&root).and_then(|()| read_plans(&places, &operations));
    read.map_err(|(pointer, error)| {
        document.diagnostic(
            &origins.found(&document.root, &pointer).0,
            format!("the lowered document is not valid OpenAPI 3.0: {error}"),
            "correct it with an overlay; if the document is valid, this is a defect of the \
             lowering",
        )
    })?;
    let located_schemas =
        plan::locations::locate(&root, &places, &mut operations, &origins, document);
    let security = plan::requirements::of_requests(&root, &operations);
    if let Some(document) = root.as_object_mut() {
        document.shift_remove("security");
    }
    let plan = ClientPlan {
        document: root,
        schemes,
        security,
        operations,
        located_schemas,
        null_is_type: !document.root["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.0")),
        payloads,
    };
    Ok(Lowered {
        vendored,
        plan,
        notes: all,
        origins,
    })
}

/// Verifies that `openapiv3` can parse the document. The error contains the location. The document is
/// parsed in pieces, because parsing it as a whole would double the memory use.
fn read(root: &Value) -> Result<(), (Pointer, serde_json::Error)> {
    fn each<'a, T: Deserialize<'a>>(
        pieces: impl IntoIterator<Item = (&'a String, &'a Value)>,
        pointer: &Pointer,
    ) -> Result<(), (Pointer, serde_json::Error)> {
        for (name, piece) in pieces {
            T::deserialize(piece).map_err(|error| (pointer.join(name), error))?;
        }
        Ok(())
    }
    each::<ReferenceOr<Schema>>(components(root), &Pointer::of(["components", "schemas"]))?;
    let entries = root.as_object().into_iter().flatten();
    let rest: Map<String, Value> = entries
        .filter(|(name, _)| *name != "components")
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    OpenAPI::deserialize(Value::Object(rest)).map_err(|error| (Pointer::root(), error))?;
    Ok(())
}

/// Like [`read`], for the schemas of the plans, whose operations were at `places`.
fn read_plans(
    places: &[Pointer],
    plans: &[OperationPlan],
) -> Result<(), (Pointer, serde_json::Error)> {
    for (place, plan) in places.iter().zip(plans) {
        for schema in plan.schemas() {
            ReferenceOr::<Schema>::deserialize(schema).map_err(|error| (place.clone(), error))?;
        }
    }
    Ok(())
}

/// A document or a plan as the content of a file. Equal values result in equal bytes.
pub fn text_of(document: &impl Serialize) -> String {
    // Serialization cannot fail: both consist of strings and JSON.
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
    format!("{text}\n")
}
