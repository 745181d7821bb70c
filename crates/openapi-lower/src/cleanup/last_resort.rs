//! Replaces schemas for which the generator has no type with the schema of any value.
//!
//! Before: `{format: uuid, oneOf: [A, B], minimum: 3}`.
//! After: `{}`.
//!
//! typify panics on unexpected schemas. It expects a reference, a runtime type, a choice, or one type with
//! keywords for that type.

use openapi_document::walk::schemas_mut;
use serde_json::{Value, json};

use crate::schema::{constraints, is_annotation};
use crate::shapes::types::concerns;
use crate::{Notes, Pass, Reduced};

pub(crate) const PASS: Pass = Pass {
    name: "last-resort",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        if is_expected(schema) {
            return;
        }
        if let Some(keywords) = schema.as_object_mut() {
            keywords.retain(|keyword, _| is_annotation(keyword));
        }
        let loss = "the value is untyped JSON";
        notes.add_reduced(
            pointer,
            "replaced the schema with one of any value",
            "the generator has no type for this combination of keywords",
            Reduced::updating(loss, pointer, "{type: …}"),
        );
    });
}

/// True if the generator has a type for the schema. Schemas inside it are not examined.
pub(crate) fn is_expected(schema: &Value) -> bool {
    let mut constraints = constraints(schema);
    constraints.shift_remove("nullable");
    let alone = |keyword: &str| constraints.len() == 1 && constraints.contains_key(keyword);
    let kind = constraints.get("type").and_then(Value::as_str);
    if let Some(kind) = kind {
        return constraints.keys().all(|keyword| match keyword.as_str() {
            "oneOf" | "anyOf" | "allOf" | "not" | "$ref" => false,
            "enum" => kind == "string" || kind == "integer",
            keyword => concerns(keyword, kind),
        });
    }
    constraints.is_empty()
        || ["$ref", "x-rust-type", "oneOf"].into_iter().any(alone)
        || alone("enum") && constraints.get("enum") == Some(&json!([null]))
        || alone("allOf") && schema["allOf"].as_array().map(Vec::len) == Some(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;
    use crate::testing::run_on_schemas;

    #[test]
    fn only_schemas_without_a_type_become_any_value() {
        let expected = json!({
            "A": { "type": "string", "enum": ["a"], "nullable": true },
            "B": { "oneOf": [reference("A"), {}], "description": "d" },
            "C": { "allOf": [reference("A")], "nullable": true },
            "D": { "enum": [null], "nullable": true },
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
