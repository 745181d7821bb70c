//! Removes fields of objects, with a note.

use openapi_document::Pointer;
use serde_json::Value;

use crate::Notes;

/// Removes a field, with a note if it was present.
pub(crate) fn drop_field(
    value: &mut Value,
    name: &str,
    pointer: &Pointer,
    notes: &mut Notes,
    why: &'static str,
) {
    if let Some(object) = value.as_object_mut()
        && object.shift_remove(name).is_some()
    {
        notes.add(&pointer.join(name), format!("removed `{name}`"), why);
    }
}
