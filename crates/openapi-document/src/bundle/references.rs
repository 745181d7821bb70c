//! The references in a part of a document.

use serde_json::{Map, Value};

use crate::Pointer;
use crate::walk::{Kind, visit_from_mut};

/// A `$ref`, or a value of a discriminator `mapping`.
pub(super) struct Reference {
    /// The kind of its target.
    pub(super) kind: Kind,
    /// Its location.
    pub(super) pointer: Pointer,
    /// The object that contains it.
    pub(super) holder: Pointer,
    pub(super) is_mapping: bool,
}

/// The references in `value`, an object of the given `kind`.
pub(super) fn references(value: &mut Value, kind: Kind) -> Vec<Reference> {
    let mut found = Vec::new();
    visit_from_mut(kind, &Pointer::root(), value, &mut |kind, holder, value| {
        let mut add = |pointer: Pointer, is_mapping| {
            found.push(Reference {
                kind,
                pointer,
                holder: holder.clone(),
                is_mapping,
            });
        };
        if value.get("$ref").is_some_and(Value::is_string) {
            add(holder.join("$ref"), false);
        }
        if kind == Kind::Schema {
            let mapping = value.pointer("/discriminator/mapping");
            let mapping = mapping.and_then(Value::as_object).into_iter();
            for name in mapping.flat_map(Map::keys) {
                let place = Pointer::of(["discriminator", "mapping", name]);
                add(place.below(holder), true);
            }
        }
    });
    found
}

/// True if a value of a discriminator `mapping` names a file rather than a schema.
pub(super) fn is_file_reference(text: &str) -> bool {
    let file = text.split('#').next().unwrap_or_default();
    [".yaml", ".yml", ".json"]
        .iter()
        .any(|end| file.ends_with(end))
}
