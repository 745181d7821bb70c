//! The order of the branches of a choice, of which the first that decodes is used: closed enumerations before
//! strings, integers before numbers, objects with more properties before those with fewer, and any value last.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::schema::{component_name, constraints, required, resolved, type_of};

/// Orders the branches so that the first that decodes loses nothing.
pub(crate) fn ordered(components: &Map<String, Value>, mut branches: Vec<Value>) -> Vec<Value> {
    branches.sort_by_cached_key(|branch| generality(components, branch));
    branches.dedup();
    let mut ordered: Vec<Value> = Vec::with_capacity(branches.len());
    for branch in branches {
        // An object with all properties of another branch, and more, would be decoded as the other
        // branch.
        let poorer = ordered
            .iter()
            .position(|other| has_more_properties(components, other, &branch));
        ordered.insert(poorer.unwrap_or(ordered.len()), branch);
    }
    ordered
}

/// True if `branch` has every property of `other`, and more.
fn has_more_properties(components: &Map<String, Value>, other: &Value, branch: &Value) -> bool {
    let required_names = |branch: &Value| -> BTreeSet<String> {
        let schema = resolved(components, branch);
        let listed = schema["properties"].as_object().into_iter();
        let listed = listed.flat_map(Map::keys).cloned();
        listed.chain(required(schema).map(str::to_owned)).collect()
    };
    let (other, branch) = (required_names(other), required_names(branch));
    !other.is_empty() && other.len() < branch.len() && other.is_subset(&branch)
}

/// The generality of a branch, most specific first: a rank, and for objects the number of properties
/// that they do not require.
fn generality(components: &Map<String, Value>, branch: &Value) -> (u8, usize) {
    let schema = resolved(components, branch);
    let required = schema["required"].as_array().map_or(0, Vec::len);
    let has_properties = schema["properties"]
        .as_object()
        .is_some_and(|properties| !properties.is_empty());
    let inner = |schema: &Value| match component_name(schema) {
        // A schema may refer to itself.
        Some(_) => 4,
        None => generality(components, schema).0,
    };
    let rank = match type_of(schema) {
        _ if schema.get("enum").is_some() => 0,
        Some("string") if schema.get("format").is_some() => 1,
        Some("string") if schema.get("pattern").is_some() => 1,
        Some("integer") => 2,
        Some("object") if required > 0 => 3,
        // It loses no property of an object that it decodes.
        Some("object")
            if !has_properties && !constraints(&schema["additionalProperties"]).is_empty() =>
        {
            4
        }
        Some("object") if has_properties => 5,
        Some("object") => 6,
        Some("string" | "number") => 7,
        Some("array") if schema.get("prefixItems").is_some() => 2,
        Some("array") => return (3, usize::from(inner(&schema["items"]))),
        Some(_) => 3,
        None if schema.get("oneOf").is_some() => {
            let branches = schema["oneOf"].as_array().into_iter().flatten();
            branches.map(inner).max().unwrap_or(4)
        }
        None if !constraints(schema).is_empty() => 4,
        None => 8,
    };
    (rank, usize::MAX - required)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_map_that_restricts_its_values_comes_before_an_object_of_any_value() {
        let map = json!({ "type": "object", "additionalProperties": { "type": "integer" } });
        let object = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
        let branches = vec![object.clone(), map.clone()];
        assert_eq!(ordered(&Map::new(), branches), [map, object]);
    }

    #[test]
    fn an_object_with_more_properties_comes_first_even_if_it_requires_less() {
        let object = |required: Value, names: &[&str]| {
            let properties: Map<_, _> = names
                .iter()
                .map(|name| ((*name).to_owned(), json!({})))
                .collect();
            json!({ "type": "object", "required": required, "properties": properties })
        };
        let poor = object(json!(["a", "b"]), &["a", "b"]);
        let rich = object(json!(["a"]), &["a", "b", "c"]);
        let branches = vec![poor.clone(), rich.clone()];
        assert_eq!(ordered(&Map::new(), branches), [rich, poor]);
    }
}
