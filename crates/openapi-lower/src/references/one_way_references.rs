//! Copies `readOnly` and `writeOnly` of a component, or of the parts of its `allOf`, to the properties that
//! refer to it.
//!
//! Before: `Created: {type: string, readOnly: true}` and the property `at: {$ref: Created}`.
//! After: the property `at: {allOf: [{$ref: Created}], readOnly: true}`.
//!
//! The keywords specify the direction of a property, and later passes read them from the property.

use openapi_document::compact_clone_object;
use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value, json};

use crate::one_way::ONE_WAY;
use crate::schema::{components, resolved};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "one-way-references",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let components = compact_clone_object(components(root));
    schemas_mut(root, |pointer, schema| {
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (name, property) in properties.into_iter().flatten() {
            for (mark, _) in ONE_WAY {
                if property[mark] == true || !is_marked(&components, property, mark, MAX_DEPTH) {
                    continue;
                }
                if property.get("$ref").is_some() {
                    *property = json!({ "allOf": [property.take()] });
                }
                property[mark] = true.into();
                notes.add(
                    &pointer.join("properties").join(name),
                    format!("copied `{mark}` of the component"),
                    "it specifies the direction of the property",
                );
            }
        }
    });
}

/// The maximum depth of `allOf` inside `allOf`.
const MAX_DEPTH: usize = 16;

/// True if a schema or one of its parts has `mark`: one occurrence is enough (JSON Schema 2020-12, Validation,
/// section 9.4).
fn is_marked(components: &Map<String, Value>, schema: &Value, mark: &str, depth: usize) -> bool {
    let schema = resolved(components, schema);
    let parts = schema["allOf"].as_array().filter(|_| depth > 0);
    let is_marked = |part| is_marked(components, part, mark, depth - 1);
    schema[mark] == true || parts.is_some_and(|parts| parts.iter().any(is_marked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;
    use crate::testing::run_on_schemas;

    #[test]
    fn a_property_has_the_direction_of_its_component() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "Created": { "type": "string", "readOnly": true },
                "Same": reference("Created"),
                "Name": { "type": "string" },
                "Row": { "properties": {
                    "a": reference("Created"),
                    "b": { "allOf": [reference("Same")], "description": "d" },
                    "c": reference("Name"),
                    "d": { "allOf": [reference("Same"), { "example": "e" }] },
                } },
            }),
        );
        assert_eq!(
            after["Row"]["properties"],
            json!({
                "a": { "allOf": [reference("Created")], "readOnly": true },
                "b": { "allOf": [reference("Same")], "description": "d", "readOnly": true },
                "c": reference("Name"),
                "d": { "allOf": [reference("Same"), { "example": "e" }], "readOnly": true },
            })
        );
        assert_eq!(notes.len(), 3);
    }
}
