//! The schemas for which the generator has a type.

use serde_json::Value;

use crate::kinds::applies_to;
use crate::schema::constraints;

/// True if the generator has a type for the schema. Schemas inside it are not examined.
pub(crate) fn has_type(schema: &Value) -> bool {
    let mut constraints = constraints(schema);
    constraints.shift_remove("nullable");
    let alone = |keyword: &str| constraints.len() == 1 && constraints.contains_key(keyword);
    let kind = constraints.get("type").and_then(Value::as_str);
    if let Some(kind) = kind {
        return constraints.keys().all(|keyword| match keyword.as_str() {
            "oneOf" | "anyOf" | "allOf" | "not" | "$ref" => false,
            "enum" => kind == "string" || kind == "integer",
            keyword => applies_to(keyword, kind),
        });
    }
    constraints.is_empty()
        || ["$ref", "x-rust-type", "oneOf"].into_iter().any(alone)
        || alone("allOf") && schema["allOf"].as_array().map(Vec::len) == Some(1)
}
