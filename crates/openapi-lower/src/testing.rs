//! Runs single passes in tests.

use std::rc::Rc;

use serde_json::Value;

use crate::Pass;
use crate::notes::{Note, Notes};
use crate::origins::Origins;
use crate::request_locations::RequestLocations;

fn noted(pass: &Pass, document: &mut Value) -> Vec<Note> {
    let requests = Rc::new(RequestLocations::of(document));
    let mut notes = Notes::of(pass.name, requests, Origins::default());
    (pass.run)(document, &mut notes);
    notes.notes
}

/// The result of a step that is not a pass, and its notes as `pointer: what`.
pub(crate) fn notes_of<T>(
    name: &'static str,
    document: &mut Value,
    step: fn(&mut Value, &mut Notes) -> T,
) -> (T, Vec<String>) {
    let requests = Rc::new(RequestLocations::of(document));
    let mut notes = Notes::of(name, requests, Origins::default());
    let made = step(document, &mut notes);
    let notes = notes.notes.iter();
    let notes = notes.map(|note| format!("{}: {}", note.pointer, note.what));
    (made, notes.collect())
}

/// The result of `pass` on `before`, and its notes as `pointer: what`.
pub(crate) fn run(pass: &Pass, mut before: Value) -> (Value, Vec<String>) {
    let notes = noted(pass, &mut before);
    let notes = notes.iter();
    let notes = notes.map(|note| format!("{}: {}", note.pointer, note.what));
    (before, notes.collect())
}

/// The losses that `pass` reports for `before`.
pub(crate) fn losses(pass: &Pass, mut before: Value) -> Vec<String> {
    let notes = noted(pass, &mut before);
    let reduced = notes.into_iter().filter_map(|note| note.reduced);
    reduced.map(|reduced| reduced.loss).collect()
}

/// A document that only contains these component schemas.
pub(crate) fn with_schemas(schemas: Value) -> Value {
    serde_json::json!({ "components": { "schemas": schemas } })
}

/// Runs `pass` on component schemas. Returns the changed schemas and the notes.
pub(crate) fn run_on_schemas(pass: &Pass, schemas: Value) -> (Value, Vec<String>) {
    let (mut after, notes) = run(pass, with_schemas(schemas));
    (after["components"]["schemas"].take(), notes)
}

/// The result of `pass` on one schema, for which it must make a note.
pub(crate) fn run_on_schema(pass: &Pass, schema: Value) -> Value {
    let (mut after, notes) = run_on_schemas(pass, serde_json::json!({ "A": schema }));
    assert_ne!(notes.len(), 0);
    after["A"].take()
}
