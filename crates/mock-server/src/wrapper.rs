//! Responses that hold one item in a property of their own: `{object: {…}}`.
//!
//! A schema wraps an item if it has one of the properties `object`, `data`, `result` and `item`, which is
//! an object, and beside it nothing but what is said about a response: `message`, `metadata`, `meta`,
//! `links`, `status` and `success`. Names are compared without regard to case, `_` and `-`.

use openapi_document::Pointer;
use serde_json::Value;

use crate::properties::{Properties, normalized, resolved};

const ITEM_NAMES: &[&str] = &["object", "data", "result", "item"];
const METADATA_NAMES: &[&str] = &["message", "metadata", "meta", "links", "status", "success"];

/// The property of the schema at `pointer` that holds an item, and where the schema of the item stands.
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

/// The item that a schema is of: the one that it wraps, or itself.
pub(crate) fn item(root: &Value, pointer: Pointer) -> Pointer {
    wrapped(root, &pointer).map_or(pointer, |(_, item)| item)
}

fn is_object(root: &Value, pointer: &Pointer) -> bool {
    let of = resolved(root, pointer)
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
