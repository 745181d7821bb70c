//! Values without spare room.
//!
//! A map that has grown member by member, or is the clone of one, keeps room for as many again; in a
//! document, whose objects are many and small, that is a third of all its memory.

use serde_json::{Map, Value};

/// The members in a map that has room for no more.
pub(crate) fn fitted(members: Map<String, Value>) -> Map<String, Value> {
    members.into_iter().collect()
}

/// Gives back the spare room of all maps and lists in a value.
pub fn fit(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(fit);
            *members = fitted(std::mem::take(members));
        }
        Value::Array(items) => {
            items.iter_mut().for_each(fit);
            items.shrink_to_fit();
        }
        _ => {}
    }
}

/// A copy of a value, as `clone` makes, but without spare room.
pub fn copy(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(copy_members(members)),
        Value::Array(items) => items.iter().map(copy).collect(),
        scalar => scalar.clone(),
    }
}

/// The same for the members of an object.
pub fn copy_members(members: &Map<String, Value>) -> Map<String, Value> {
    let copies = members
        .iter()
        .map(|(name, value)| (name.clone(), copy(value)));
    copies.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_fitted_is_the_same() {
        let mut value = json!({ "b": [1, { "z": null, "a": "x" }, []], "a": {} });
        let before = value.to_string();
        assert_eq!(copy(&value).to_string(), before);
        fit(&mut value);
        assert_eq!(value.to_string(), before);
    }
}
