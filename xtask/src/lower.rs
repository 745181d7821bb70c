//! Lowering: an OpenAPI document as it is found becomes one that the generator digests.
//!
//! The work is done by `PASSES`, in their order, each over the whole document as a JSON value.
//! One pass is one file with one job; it changes what it must and leaves a [`Note`] for each
//! change. What a pass may rely on is what the passes before it have done:
//!
//! 1. Keywords have values that they can have, and those of OpenAPI 3.1 are said with those of 3.0.
//! 2. References other than to schemas are resolved, so that every operation stands for itself, and
//!    components have names that stay apart in Rust.
//! 3. Each operation is one call: it has a name, one media type each way, and parameters with one schema
//!    each.
//! 4. Each schema is of one of the few forms that a type is made of, and each type is a component.
//! 5. Schemas are split by the direction their values travel in: strict in requests, tolerant in
//!    answers. What is sent as JSON tells null from absent.
//! 6. What is left unused is dropped.
//! 7. The operations become typed plans.

mod all_of;
mod alternatives;
mod choices;
mod component_names;
mod consts;
mod defaults;
mod discriminators;
mod enum_names;
mod examples;
mod exclusive_bounds;
mod formats;
mod integers;
mod intersection;
mod json_schema_keywords;
mod keyword_values;
mod last_resort;
mod list_lengths;
mod lookalikes;
mod media_type;
mod member_names;
mod merge_patches;
mod metadata;
mod named_types;
mod negations;
mod nullable;
mod nullable_components;
mod nullable_properties;
mod open_answers;
mod open_objects;
mod operation_ids;
mod optional_collections;
mod origins;
mod paging;
mod parameters;
mod part_types;
mod patterns;
mod plain_scalars;
mod plans;
mod read_only;
mod recursive_members;
mod ref_siblings;
mod references;
mod request_media_types;
mod request_places;
mod response_media_types;
mod rust_type;
mod schema;
mod secrets;
mod servers;
mod split_directions;
mod stream_items;
mod titles;
mod types;
mod unchecked_bounds;
mod union;
mod unused_schemas;
mod version;
mod webhooks;

use std::fmt;
use std::rc::Rc;

use client_codegen::plan::{ClientPlan, OperationPlan};
use openapi_document::{Diagnostic, Document, Pointer, check, copy, walk};
use openapiv3::{OpenAPI, ReferenceOr, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub(crate) use media_type::is_json;
pub(crate) use operation_ids::described as described_operation;
use origins::Origins;
use request_places::RequestPlaces;
pub(crate) use request_places::reached;
use schema::components;
pub(crate) use types::kind_of;

/// What a client is generated from, and how it came to be.
#[derive(Debug, Clone)]
pub struct Lowered {
    /// The component schemas, of which types are made, and a plan for each call.
    pub plan: ClientPlan,
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
    /// The place that an overlay would change to mend it, in the document as it was found.
    pub place: Pointer,
    /// Whether it is only of values that callers send, and not of those that they get.
    pub of_requests: bool,
    /// How: the members of an overlay action beside its target, as YAML.
    action: String,
}

impl Reduced {
    /// A loss that is none once the place is `update`d with what is meant: YAML in one line.
    pub(crate) fn updating(loss: impl Into<String>, pointer: &Pointer, update: &str) -> Self {
        Self::mended_by(loss, pointer, &format!("update: {update}"))
    }

    /// A loss that is none once the place is gone.
    pub(crate) fn removing(loss: impl Into<String>, pointer: &Pointer) -> Self {
        Self::mended_by(loss, pointer, "remove: true")
    }

    /// A rule for values that are sent which the client leaves to the server; none once it is gone.
    pub(crate) fn unchecked(loss: impl Into<String>, pointer: &Pointer) -> Self {
        Self {
            of_requests: true,
            ..Self::removing(loss, pointer)
        }
    }

    fn mended_by(loss: impl Into<String>, pointer: &Pointer, action: &str) -> Self {
        Self {
            loss: loss.into(),
            place: pointer.clone(),
            of_requests: false,
            action: action.to_owned(),
        }
    }

    /// Makes its place, which the pass found in the document in the making, one of the document as it
    /// was found.
    fn settle(&mut self, origins: &Origins, document: &Document) {
        let (place, is_exact) = origins.found(&document.root, &self.place);
        self.place = place;
        if !is_exact {
            // What would mend the place itself could spoil what is around it.
            self.action = "update: {} # with what is meant".to_owned();
        }
    }

    /// The overlay action that would mend it, as YAML ready to paste below `actions:`.
    pub fn remedy(&self) -> String {
        let target = Value::String(json_path(&self.place));
        format!("- target: {target}\n  {}\n", self.action)
    }
}

/// The place as an RFC 9535 query, which is how an overlay names it.
fn json_path(pointer: &Pointer) -> String {
    const LISTS: [&str; 10] = [
        "allOf",
        "anyOf",
        "oneOf",
        "prefixItems",
        "parameters",
        "enum",
        "required",
        "security",
        "servers",
        "tags",
    ];
    let mut path = "$".to_owned();
    let mut in_list = false;
    for token in pointer.tokens() {
        if in_list && token.parse::<usize>().is_ok() {
            path.push_str(&format!("[{token}]"));
        } else {
            let escaped = token.replace('\\', "\\\\").replace('\'', "\\'");
            path.push_str(&format!("['{escaped}']"));
        }
        in_list = LISTS.contains(&token.as_str());
    }
    path
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
    requests: Rc<RequestPlaces>,
    origins: Origins,
    /// Which place has what stood at which, once the pass is done.
    moved: Vec<(Pointer, Pointer)>,
    notes: Vec<Note>,
}

impl Notes {
    fn of(pass: &'static str, requests: Rc<RequestPlaces>, origins: Origins) -> Self {
        Self {
            pass,
            requests,
            origins,
            moved: Vec::new(),
            notes: Vec::new(),
        }
    }

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

    /// Remembers that a component was made of what stood at `sources`.
    fn component(&mut self, name: &str, sources: &[Pointer]) {
        let place = Pointer::of(["components", "schemas", name]);
        self.origins.remember(&place, sources);
    }

    /// Whether callers make the values of a place.
    fn is_of_requests(&self, place: &Pointer) -> bool {
        let origins = self.origins.before(place);
        origins.iter().any(|origin| self.requests.contain(origin))
    }

    /// Notes that a rule for values is taken out. Where callers make the values, it is theirs to
    /// keep: `loss` says what the client does not do.
    fn add_unchecked(&mut self, place: &Pointer, why: &'static str, loss: &str) {
        if self.is_of_requests(place) {
            self.add_reduced(place, "dropped", why, Reduced::unchecked(loss, place));
        } else {
            self.add(place, "dropped", why);
        }
    }
}

/// The passes in the order in which they run.
const PASSES: &[Pass] = &[
    paging::PASS,
    webhooks::PASS,
    keyword_values::PASS,
    ref_siblings::PASS,
    json_schema_keywords::PASS,
    negations::PASS,
    consts::PASS,
    nullable::PASS,
    exclusive_bounds::PASS,
    examples::PASS,
    formats::PASS,
    version::PASS,
    references::PASS,
    metadata::PASS,
    discriminators::PASS,
    component_names::PASS,
    operation_ids::PASS,
    alternatives::PASS,
    defaults::PASS,
    parameters::PASS,
    request_media_types::PASS,
    response_media_types::PASS,
    part_types::PASS,
    all_of::PASS,
    types::PASS,
    choices::PASS,
    secrets::PASS,
    open_objects::PASS,
    member_names::PASS,
    patterns::PASS,
    list_lengths::PASS,
    nullable_components::PASS,
    named_types::PASS,
    enum_names::PASS,
    titles::PASS,
    split_directions::PASS,
    read_only::PASS,
    open_answers::PASS,
    merge_patches::PASS,
    plain_scalars::PASS,
    integers::PASS,
    unchecked_bounds::PASS,
    nullable_properties::PASS,
    optional_collections::PASS,
    recursive_members::PASS,
    unused_schemas::PASS,
    last_resort::PASS,
];

/// Lowers a document, vendored or not, after its overlay has been applied.
///
/// # Errors
/// What [`check()`] refuses, and a result that `openapiv3` cannot read, which would be a
/// defect of a pass.
pub fn lower(document: &Document) -> Result<Lowered, Diagnostic> {
    check(document)?;
    let mut root = copy(&document.root);
    let requests = Rc::new(RequestPlaces::of(&root));
    let mut origins = Origins::default();
    let mut all = Vec::new();
    for pass in PASSES {
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
    let mut notes = Notes::of(plans::NAME, requests, origins);
    let places: Vec<Pointer> = walk::operations(&root)
        .into_iter()
        .map(|(place, ..)| place)
        .collect();
    let operations = plans::take(&mut root, &mut notes);
    let origins = notes.origins;
    let operations = operations.map_err(|(pointer, message)| {
        document.diagnostic(
            &origins.found(&document.root, &pointer).0,
            message,
            "correct what `x-paging` names, or its schema, with an overlay",
        )
    })?;
    all.append(&mut notes.notes);
    let read = read(&root).and_then(|()| read_plans(&places, &operations));
    read.map_err(|(pointer, error)| {
        document.diagnostic(
            &origins.found(&document.root, &pointer).0,
            format!("lowered, this is still not OpenAPI 3.0: {error}"),
            "correct it with an overlay; a valid document that ends here is a defect of the \
             lowering",
        )
    })?;
    let plan = ClientPlan {
        document: root,
        operations,
    };
    Ok(Lowered { plan, notes: all })
}

/// Whether `openapiv3` reads the document, and else where it does not. Piece by piece, since the
/// whole would take as much memory again.
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
    let members = root.as_object().into_iter().flatten();
    let mut rest: Map<String, Value> = members
        .filter(|(name, _)| *name != "components")
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let security = &root["components"]["securitySchemes"];
    if !security.is_null() {
        rest.insert(
            "components".to_owned(),
            json!({ "securitySchemes": security }),
        );
    }
    OpenAPI::deserialize(Value::Object(rest)).map_err(|error| (Pointer::root(), error))?;
    Ok(())
}

/// As [`read`], for the schemas of the plans, which were taken from the `places`.
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

/// A document or a plan as it is written to a file: the same one gives the same bytes.
pub fn text_of(document: &impl Serialize) -> String {
    // Both are made of strings and JSON, which can always be written.
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
    format!("{text}\n")
}

#[cfg(test)]
mod testing {
    use super::*;

    fn noted(pass: &Pass, document: &mut Value) -> Vec<Note> {
        let requests = Rc::new(RequestPlaces::of(document));
        let mut notes = Notes::of(pass.name, requests, Origins::default());
        (pass.run)(document, &mut notes);
        notes.notes
    }

    /// What a step that is no pass makes of the document, and its notes as `pointer: what`.
    pub(super) fn notes_of<T>(
        name: &'static str,
        document: &mut Value,
        step: fn(&mut Value, &mut Notes) -> T,
    ) -> (T, Vec<String>) {
        let requests = Rc::new(RequestPlaces::of(document));
        let mut notes = Notes::of(name, requests, Origins::default());
        let made = step(document, &mut notes);
        let notes = notes.notes.iter();
        let notes = notes.map(|note| format!("{}: {}", note.pointer, note.what));
        (made, notes.collect())
    }

    /// What `pass` makes of `before`, and its notes as `pointer: what`.
    pub(super) fn run(pass: &Pass, mut before: Value) -> (Value, Vec<String>) {
        let notes = noted(pass, &mut before);
        let notes = notes.iter();
        let notes = notes.map(|note| format!("{}: {}", note.pointer, note.what));
        (before, notes.collect())
    }

    /// The losses that `pass` notes on `before`.
    pub(super) fn losses(pass: &Pass, mut before: Value) -> Vec<String> {
        let notes = noted(pass, &mut before);
        let reduced = notes.into_iter().filter_map(|note| note.reduced);
        reduced.map(|reduced| reduced.loss).collect()
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

    /// What `pass` makes of one schema, which it has to say something about.
    pub(super) fn run_on_schema(pass: &Pass, schema: Value) -> Value {
        let (mut after, notes) = run_on_schemas(pass, serde_json::json!({ "A": schema }));
        assert_ne!(notes.len(), 0);
        after["A"].take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remedy_is_an_overlay_action_that_finds_its_place() {
        let text = r#"{"paths":{"/a's":{"get":{"responses":{"200":{"x":1}},"tags":["a","b"]}}}}"#;
        let get = Pointer::of(["paths", "/a's", "get"]);
        let answer = get.join("responses").join("200");
        for (reduced, left) in [
            (
                Reduced::removing("", &get.join("tags").join(1)),
                r#""tags":["a"]"#,
            ),
            (Reduced::removing("", &answer), r#""responses":{}"#),
            (
                Reduced::updating("", &answer, "{y: [2]}"),
                r#"{"x":1,"y":[2]}"#,
            ),
        ] {
            let document = Document::parse("d", text).expect("is JSON");
            let mended = crate::remedy::mended(&document, &reduced.remedy());
            let after = mended.expect("has its target").root.to_string();
            assert!(after.contains(left), "{after}");
        }
    }
}
