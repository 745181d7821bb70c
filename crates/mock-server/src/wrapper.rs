//! Responses that wrap one item in a property: `{object: {…}}`.
//!
//! A schema is a wrapper if exactly one of the properties `object`, `data`, `result` and `item` exists
//! and is an object, and all others are metadata: `message`, `metadata`, `meta`, `links`, `status` and
//! `success`. Names are compared without case, `_` and `-`.

use openapi_document::Pointer;
use serde_json::Value;

use crate::properties::{Properties, normalized};

const ITEM_NAMES: &[&str] = &["object", "data", "result", "item"];
const METADATA_NAMES: &[&str] = &["message", "metadata", "meta", "links", "status", "success"];

/// Returns the property of the schema at `pointer` that wraps an item, and the location of the item's
/// schema.
pub(crate) fn wrapped(root: &Value, pointer: &Pointer) -> Option<(String, Pointer)> {
    let properties = Properties::of(root, pointer).named.into_iter();
    let (items, others): (Vec<_>, Vec<_>) =
        properties.partition(|property| ITEM_NAMES.contains(&&*normalized(&property.name)));
    let is_response = others
        .iter()
        .all(|other| METADATA_NAMES.contains(&&*normalized(&other.name)));
    let [item] = &items[..] else { return None };
    let found = is_response && is_object(root, &item.pointer);
    found.then(|| (item.name.clone(), item.pointer.clone()))
}

/// Returns the location of the schema of the wrapped item, or `pointer` if it is not a wrapper.
pub(crate) fn item(root: &Value, pointer: Pointer) -> Pointer {
    wrapped(root, &pointer).map_or(pointer, |(_, item)| item)
}

fn is_object(root: &Value, pointer: &Pointer) -> bool {
    let of = pointer
        .resolved(root)
        .get(root)
        .map(|schema| &schema["type"]);
    of.is_some_and(|of| of == "object") || !Properties::of(root, pointer).named.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_wrapper_has_one_item_and_only_response_metadata() {
        let object = json!({"type": "object"});
        for (properties, expected) in [
            (json!({"object": object}), Some("object")),
            (json!({"message": {}, "Data": object}), Some("Data")),
            (json!({"object": object, "name": {}}), None),
            (json!({"object": object, "data": object}), None),
            (json!({"object": {"type": "string"}}), None),
            (json!({"message": {}}), None),
        ] {
            let root = json!({"properties": properties});
            let found = wrapped(&root, &Pointer::root()).map(|(name, _)| name);
            assert_eq!(found.as_deref(), expected, "{root}");
        }
    }

    #[test]
    fn the_wrapped_item_may_be_an_all_of() {
        let root = json!({"a": {"properties": {"object": {"$ref": "#/b"}}},
            "b": {"allOf": [{"properties": {"name": {}}}]}});
        let item = item(&root, Pointer::of(["a"]));
        assert_eq!(item.as_str(), "/a/properties/object");
    }
}
