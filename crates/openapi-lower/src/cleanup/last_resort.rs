//! Replaces schemas for which the generator has no type with the schema of any value.
//!
//! Before: `{format: uuid, oneOf: [A, B], minimum: 3}`.
//! After: `{}`.
//!
//! typify panics on unexpected schemas. It expects a reference, a runtime type, a choice, or one type with
//! keywords for that type.

use openapi_document::Pointer;
use openapi_document::walk::schemas_mut;
use openapiv3::{ReferenceOr, Schema};
use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::generator_types::has_type;
use crate::schema::is_annotation;
use crate::{Notes, Pass, Reduced};

pub(crate) const PASS: Pass = Pass {
    name: "last-resort",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| give_type(pointer, schema, notes));
}

/// Replaces the schema if the generator has no type for it. Schemas inside it are not examined.
pub(crate) fn give_type(pointer: &Pointer, schema: &mut Value, notes: &mut Notes) {
    let is_switch = schema.is_boolean() && pointer.as_str().ends_with("/additionalProperties");
    if is_switch || has_type(schema) && reads(schema) {
        return;
    }
    if let Some(keywords) = schema.as_object_mut() {
        keywords.retain(|keyword, _| is_annotation(keyword));
    }
    if !reads(schema) {
        *schema = json!({});
    }
    let loss = "the value is untyped JSON";
    notes.add_reduced(
        pointer,
        "replaced the schema with one of any value",
        "the generator has no type for this combination of keywords",
        Reduced::updating(loss, pointer, "{type: …}"),
    );
}

/// True if progenitor can parse a schema. The schemas inside it have been replaced before.
fn reads(schema: &Value) -> bool {
    ReferenceOr::<Schema>::deserialize(schema).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;
    use crate::testing::run_on_schemas;

    #[test]
    fn schemas_that_cannot_be_parsed_become_any_value() {
        let schemas = json!({
            "A": { "type": "array", "items": false },
            "D": { "type": "object", "additionalProperties": false },
            "B": { "type": "string", "title": 3 },
            "C": { "type": "object", "required": true, "title": "T" },
        });
        let (after, notes) = run_on_schemas(&PASS, schemas);
        assert_eq!(
            after,
            json!({
                "A": { "type": "array", "items": {} },
                "D": { "type": "object", "additionalProperties": false },
                "B": {},
                "C": { "title": "T" },
            })
        );
        assert_eq!(notes.len(), 3);
    }

    #[test]
    fn only_schemas_without_a_type_become_any_value() {
        let expected = json!({
            "A": { "type": "string", "enum": ["a"], "nullable": true },
            "B": { "oneOf": [reference("A"), {}], "description": "d" },
            "C": { "allOf": [reference("A")], "nullable": true },
        });
        let mut schemas = expected.clone();
        schemas["E"] = json!({ "minimum": 3, "oneOf": [{}], "description": "d" });
        schemas["F"] = json!({ "type": "object", "anyOf": [reference("A")] });
        let (after, notes) = run_on_schemas(&PASS, schemas);
        let mut known = expected;
        known["E"] = json!({ "description": "d" });
        known["F"] = json!({});
        assert_eq!(after, known);
        assert_eq!(notes.len(), 2);
    }
}
