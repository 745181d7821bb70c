//! The phases and passes of the lowering.

use openapi_document::{Pointer, walk};
use serde_json::{Map, Value};

use crate::notes::Notes;

/// One step of the lowering.
pub(crate) struct Pass {
    /// The name in notes.
    pub(crate) name: &'static str,
    /// Changes the document.
    pub(crate) run: fn(&mut Value, &mut Notes),
}

/// A sequence of passes, with guarantees about their result.
pub(crate) struct Phase {
    /// The name in errors.
    pub(crate) name: &'static str,
    /// The guarantees after the phase.
    pub(crate) guarantees: &'static [Guarantee],
    /// The passes, in order.
    pub(crate) passes: &'static [Pass],
}

/// A guarantee for every document after a phase. Its error is the first location that violates it, and a
/// description that follows "after the phase,".
pub(crate) type Guarantee = fn(&Value) -> Result<(), (Pointer, String)>;

impl Phase {
    /// Checks the guarantees of the phase.
    ///
    /// # Errors
    /// The first violation: its location and description.
    pub(crate) fn assert(&self, root: &Value) -> Result<(), (Pointer, String)> {
        self.guarantees
            .iter()
            .try_for_each(|guarantee| guarantee(root))
    }
}

/// Checks every schema of the document that is an object.
pub(crate) fn each_schema(
    root: &Value,
    mut check: impl FnMut(&Pointer, &Map<String, Value>) -> Result<(), String>,
) -> Result<(), (Pointer, String)> {
    let mut found = Ok(());
    walk::visit(root, &mut |kind, pointer, value| {
        if let (walk::Kind::Schema, Ok(()), Some(schema)) = (kind, &found, value.as_object()) {
            found = check(pointer, schema).map_err(|what| (pointer.clone(), what));
        }
    });
    found
}

/// Checks that no schema has one of these keywords.
pub(crate) fn no_schema_has(root: &Value, keywords: &[&str]) -> Result<(), (Pointer, String)> {
    each_schema(root, |_, schema| {
        match keywords
            .iter()
            .find(|keyword| schema.contains_key(**keyword))
        {
            Some(keyword) => Err(format!("a schema still has `{keyword}`")),
            None => Ok(()),
        }
    })
}
