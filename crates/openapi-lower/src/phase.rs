//! Phases and passes: the steps of the lowering.

use openapi_document::{Pointer, walk};
use serde_json::{Map, Value};

use crate::notes::Notes;

/// One step of the lowering.
pub(crate) struct Pass {
    /// Its name in notes.
    pub(crate) name: &'static str,
    /// Changes the document.
    pub(crate) run: fn(&mut Value, &mut Notes),
}

/// Passes that run one after the other, and what holds after them.
pub(crate) struct Phase {
    /// Its name in errors.
    pub(crate) name: &'static str,
    /// What holds from the end of the phase on.
    pub(crate) guarantees: &'static [Guarantee],
    /// Its passes, in order.
    pub(crate) passes: &'static [Pass],
}

/// Something that holds for every document after a phase: gives the first place where it does not, and
/// what is wrong there, to be read after "after the phase,".
pub(crate) type Guarantee = fn(&Value) -> Result<(), (Pointer, String)>;

impl Phase {
    /// Checks the guarantees of the phase.
    ///
    /// # Errors
    /// The first place where one does not hold, and what is wrong there.
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
