//! Schemas of OpenAPI 3.0 as JSON Schema, which typify reads.
//!
//! OpenAPI 3.0 says `nullable` for a type of null, has bounds that are made exclusive by a boolean, and
//! annotations that JSON Schema does not know (OpenAPI 3.0.3, Schema Object). Everything else is the same
//! in both.

use serde_json::{Map, Value, json};

/// What a schema of OpenAPI 3.0 has in common with JSON Schema, and no schemas in it.
const PLAIN: &[&str] = &[
    "type",
    "format",
    "pattern",
    "enum",
    "minLength",
    "maxLength",
    "multipleOf",
    "minimum",
    "maximum",
    "required",
    "minProperties",
    "maxProperties",
    "minItems",
    "maxItems",
    "uniqueItems",
    "title",
    "description",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
];

/// The annotations, which stay outside where null is added to a schema as another choice.
const ANNOTATIONS: &[&str] = &[
    "title",
    "description",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "examples",
];

/// A schema as JSON Schema.
pub(crate) fn of(schema: &Value) -> Value {
    let Some(schema) = schema.as_object() else {
        return schema.clone();
    };
    if let Some(reference) = schema.get("$ref") {
        return json!({ "$ref": reference });
    }
    let mut made = Map::new();
    for (keyword, value) in schema {
        let value = match keyword.as_str() {
            "properties" => match value.as_object() {
                Some(properties) => properties
                    .iter()
                    .map(|(name, schema)| (name.clone(), of(schema)))
                    .collect(),
                None => continue,
            },
            "items" | "additionalProperties" | "not" => of(value),
            "oneOf" | "anyOf" | "allOf" => match value.as_array() {
                Some(choices) if !choices.is_empty() => choices.iter().map(of).collect(),
                _ => continue,
            },
            "example" if !value.is_null() => {
                made.insert("examples".to_owned(), json!([value]));
                continue;
            }
            plain if PLAIN.contains(&plain) || plain.starts_with("x-") => value.clone(),
            _ => continue,
        };
        made.insert(keyword.clone(), value);
    }
    for (flag, bound, exclusive) in [
        ("exclusiveMinimum", "minimum", "exclusiveMinimum"),
        ("exclusiveMaximum", "maximum", "exclusiveMaximum"),
    ] {
        if schema.get(flag) == Some(&Value::Bool(true))
            && let Some(bound) = made.remove(bound)
        {
            made.insert(exclusive.to_owned(), bound);
        }
    }
    if made.get("type").is_none() && made.get("enum") == Some(&json!([null])) {
        made.remove("enum");
        made.insert("type".to_owned(), "null".into());
    }
    match schema.get("nullable") == Some(&Value::Bool(true)) {
        true => nullable(made),
        false => made.into(),
    }
}

/// A schema that allows null, too.
fn nullable(mut schema: Map<String, Value>) -> Value {
    if let Some(of) = schema.get_mut("type") {
        if of != "null" {
            *of = json!([of, "null"]);
        }
        return schema.into();
    }
    let is_choice = ["oneOf", "anyOf", "allOf", "not"];
    if !is_choice
        .iter()
        .any(|keyword| schema.contains_key(*keyword))
    {
        // Without a type, null is allowed already.
        return schema.into();
    }
    let (annotations, constraints): (Map<_, _>, Map<_, _>) =
        schema.into_iter().partition(|(keyword, _)| {
            ANNOTATIONS.contains(&keyword.as_str()) || keyword.starts_with("x-")
        });
    let mut made = annotations;
    made.insert("oneOf".to_owned(), json!([{ "type": "null" }, constraints]));
    made.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_said_in_the_words_of_json_schema() {
        for (openapi, expected) in [
            (
                json!({ "type": "string", "nullable": true, "example": "a", "xml": {} }),
                json!({ "type": ["string", "null"], "examples": ["a"] }),
            ),
            (
                json!({ "type": "integer", "minimum": 1, "exclusiveMinimum": true, "maximum": 5, "exclusiveMaximum": false }),
                json!({ "type": "integer", "exclusiveMinimum": 1, "maximum": 5 }),
            ),
            (
                json!({ "nullable": true, "title": "T", "x-a": 1, "oneOf": [{ "$ref": "#/a", "nullable": true }] }),
                json!({ "title": "T", "x-a": 1, "oneOf": [{ "type": "null" }, { "oneOf": [{ "$ref": "#/a" }] }] }),
            ),
            (json!({ "enum": [null] }), json!({ "type": "null" })),
            (json!({ "nullable": true }), json!({})),
            (
                json!({ "properties": { "example": { "type": "array", "items": { "nullable": true, "type": "object" } } },
                        "additionalProperties": { "type": "string", "discriminator": {} } }),
                json!({ "properties": { "example": { "type": "array", "items": { "type": ["object", "null"] } } },
                        "additionalProperties": { "type": "string" } }),
            ),
        ] {
            assert_eq!(of(&openapi), expected);
        }
    }
}
