//! The schemas of the items of streams, such as the lines of `application/x-ndjson`.

use openapi_document::Pointer;
use serde_json::{Map, Value};

use crate::Notes;
use crate::media_type::is_binary;
use crate::schema::{Names, component_name, components_mut, reference, resolved, type_of};

/// The schema of one item of a body, by the Media Type Object at `pointer`, with its location. `None` if
/// the items have no schema.
///
/// OpenAPI 3.2 defines `itemSchema`. In earlier versions, `schema` describes the items or an array of them.
/// A string schema describes raw bytes.
pub(crate) fn described(
    components: &Map<String, Value>,
    media: &Value,
    pointer: &Pointer,
) -> Option<(Value, Pointer)> {
    if let Some(item) = media.get("itemSchema") {
        return Some((item.clone(), pointer.join("itemSchema")));
    }
    let schema = media.get("schema")?;
    let whole = resolved(components, schema);
    let is_bytes = is_binary(whole) || type_of(whole) == Some("string");
    if is_bytes || whole.as_object().is_none_or(Map::is_empty) {
        return None;
    }
    if type_of(whole) != Some("array") {
        return Some((schema.clone(), pointer.join("schema")));
    }
    let place = match component_name(schema) {
        Some(name) => Pointer::of(["components", "schemas", &name]),
        None => pointer.join("schema"),
    };
    Some((whole.get("items")?.clone(), place.join("items")))
}

/// Moves the schema of an item to a component if it needs a separate type.
pub(crate) fn named(
    root: &mut Value,
    names: &mut Names,
    id: &str,
    (item, places): (Value, &[Pointer]),
    notes: &mut Notes,
) -> Value {
    let has_type = ["properties", "oneOf", "anyOf", "allOf"]
        .iter()
        .any(|keyword| item.get(keyword).is_some());
    if component_name(&item).is_some() || !has_type {
        return item;
    }
    let component = names.free(&format!("{id}Item"));
    notes.component(&component, places);
    components_mut(root).insert(component.clone(), item);
    reference(&component)
}
