//! JSON values without unused capacity.
//!
//! A map that was built by insertion, or cloned from such a map, has capacity for up to twice its
//! entries. A document consists of many small objects, so this would be a third of its memory.

use serde_json::{Map, Value};

/// Returns the map without unused capacity.
pub(crate) fn compact(properties: Map<String, Value>) -> Map<String, Value> {
    properties.into_iter().collect()
}

/// Releases the unused capacity of all maps and arrays in a value.
pub fn shrink_to_fit(value: &mut Value) {
    match value {
        Value::Object(properties) => {
            properties.values_mut().for_each(shrink_to_fit);
            *properties = compact(std::mem::take(properties));
        }
        Value::Array(items) => {
            items.iter_mut().for_each(shrink_to_fit);
            items.shrink_to_fit();
        }
        _ => {}
    }
}

/// Clones a value without unused capacity.
pub fn compact_clone(value: &Value) -> Value {
    match value {
        Value::Object(properties) => Value::Object(compact_clone_object(properties)),
        Value::Array(items) => items.iter().map(compact_clone).collect(),
        scalar => scalar.clone(),
    }
}

/// Clones an object without unused capacity.
pub fn compact_clone_object(properties: &Map<String, Value>) -> Map<String, Value> {
    let clones = properties
        .iter()
        .map(|(name, value)| (name.clone(), compact_clone(value)));
    clones.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn compact_values_equal_their_originals() {
        let mut value = json!({ "b": [1, { "z": null, "a": "x" }, []], "a": {} });
        let before = value.to_string();
        assert_eq!(compact_clone(&value).to_string(), before);
        shrink_to_fit(&mut value);
        assert_eq!(value.to_string(), before);
    }
}
