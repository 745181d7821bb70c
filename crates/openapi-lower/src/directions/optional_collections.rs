//! Distinguishes an empty list or map from an absent one.
//!
//! Before: `{properties: {roles: {type: array, items: …}}}`, where `roles` is not required.
//! After: the same with `nullable: true` and `x-null-undocumented: true` on `roles`, so that its type is
//! `Option<Vec<…>>`. The extension marks null as a deviation nevertheless.
//!
//! typify would generate `Vec<…>` and omit an empty list from requests. In an update, "no roles" and "do
//! not change the roles" are different requests.

use openapi_document::walk::schemas_mut;
use serde_json::Value;

use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "optional-collections",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
            return;
        };
        for (name, property) in properties {
            let is_required = required.iter().any(|required| required == name);
            if !is_required && is_collection(property) && property["nullable"] != true {
                property["nullable"] = true.into();
                property["x-null-undocumented"] = true.into();
                notes.add(
                    &pointer.join("properties").join(name),
                    "made the property an `Option`",
                    "an empty collection differs from an absent one",
                );
            }
        }
    });
}

/// True if the schema is generated as a list or a map. A component is not, because it has its own type.
fn is_collection(schema: &Value) -> bool {
    let no_properties = schema["properties"]
        .as_object()
        .is_none_or(|properties| properties.is_empty());
    schema["type"] == "array" || (schema["type"] == "object" && no_properties)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn optional_lists_and_maps_become_options() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({ "A": {
                "required": ["needed"],
                "properties": {
                    "needed": { "type": "array" },
                    "list": { "type": "array" },
                    "map": { "type": "object" },
                    "text": { "type": "string" },
                    "object": { "type": "object", "properties": { "a": {} } },
                },
            } }),
        );
        let properties = after["A"]["properties"]
            .as_object()
            .expect("has properties");
        let options = properties.iter().filter(|(_, property)| {
            property["nullable"] == true && property["x-null-undocumented"] == true
        });
        assert_eq!(
            options.map(|(name, _)| name).collect::<Vec<_>>(),
            ["list", "map"]
        );
        assert_eq!(notes.len(), 2);
    }
}
