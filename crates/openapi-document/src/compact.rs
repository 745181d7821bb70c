//! Values without spare room.
//!
//! A map that has grown member by member, or is the clone of one, keeps room for as many again; in a
//! document, whose objects are many and small, that is a third of all its memory.

use serde_json::{Map, Value};

/// The members in a map that has room for no more.
pub(crate) fn compact(properties: Map<String, Value>) -> Map<String, Value> {
    properties.into_iter().collect()
}

/// Gives back the spare room of all maps and lists in a value.
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

/// A copy of a value, as `clone` makes, but without spare room.
pub fn compact_clone(value: &Value) -> Value {
    match value {
        Value::Object(properties) => Value::Object(compact_clone_object(properties)),
        Value::Array(items) => items.iter().map(compact_clone).collect(),
        scalar => scalar.clone(),
    }
}

/// The same for the members of an object.
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
