//! Copies `readOnly` and `writeOnly` of a component to the properties that refer to it.
//!
//! Before: `Created: {type: string, readOnly: true}` and the property `at: {$ref: Created}`.
//! After: the property `at: {allOf: [{$ref: Created}], readOnly: true}`.
//!
//! The keywords say which direction a property has, and later passes read them at the property.

use openapi_document::compact_clone_object;
use openapi_document::walk::schemas_mut;
use serde_json::{Value, json};

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
                if property[mark] == true || resolved(&components, property)[mark] != true {
                    continue;
                }
                if property.get("$ref").is_some() {
                    *property = json!({ "allOf": [property.take()] });
                }
                property[mark] = true.into();
                notes.add(
                    &pointer.join("properties").join(name),
                    format!("copied `{mark}` of the component"),
                    "it says which direction the property has",
                );
            }
        }
    });
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
                } },
            }),
        );
        assert_eq!(
            after["Row"]["properties"],
            json!({
                "a": { "allOf": [reference("Created")], "readOnly": true },
                "b": { "allOf": [reference("Same")], "description": "d", "readOnly": true },
                "c": reference("Name"),
            })
        );
        assert_eq!(notes.len(), 2);
    }
}
