//! Removes branches of a choice that have the Rust type of an earlier branch.
//!
//! Before: `{oneOf: [{type: array, items: {}}, {type: array, items: {}, uniqueItems: true}]}`.
//! After: `{type: array, items: {}}`.
//!
//! The first branch decodes the values of both. typify would generate two variants with one type, whose
//! conversions into the choice conflict.

use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value};

use crate::schema::{has_native_format, is_annotation};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "equal-branches",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        let Some(Value::Array(branches)) = keywords.get_mut("oneOf") else {
            return;
        };
        let count = branches.len();
        let mut known: Vec<Value> = Vec::with_capacity(count);
        branches.retain(|branch| {
            let shape = rust_shape(branch);
            let is_new = !known.contains(&shape);
            known.push(shape);
            is_new
        });
        if branches.len() == count {
            return;
        }
        notes.add(
            &pointer.join("oneOf"),
            "removed branches",
            "an earlier branch has the same Rust type",
        );
        if let [only] = branches.as_mut_slice() {
            let only = only.take();
            keywords.shift_remove("oneOf");
            put(keywords, only);
        }
    });
}

/// Replaces the choice with its only branch.
fn put(keywords: &mut Map<String, Value>, only: Value) {
    match only {
        Value::Object(only) if !only.contains_key("$ref") => {
            for (keyword, value) in only {
                keywords.entry(keyword).or_insert(value);
            }
        }
        only => {
            keywords.insert("allOf".to_owned(), Value::Array(vec![only]));
        }
    }
}

/// The schema without the keywords that do not change its Rust type.
fn rust_shape(schema: &Value) -> Value {
    match schema {
        Value::Object(keywords) => {
            let is_fixed = keywords.get("minItems") == keywords.get("maxItems");
            let has_no_effect = |keyword: &str| match keyword {
                "uniqueItems" | "minProperties" | "maxProperties" => true,
                "minItems" | "maxItems" => !is_fixed,
                "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
                    schema["type"] == "number"
                }
                "format" => schema["type"] == "string" && !has_native_format(schema),
                keyword => is_annotation(keyword),
            };
            let shape = keywords
                .iter()
                .filter(|(keyword, _)| !has_no_effect(keyword));
            let shape = shape.map(|(keyword, value)| {
                let value = match keyword.as_str() {
                    "items" | "additionalProperties" | "x-rust-type" | "parameters" | "allOf" => {
                        rust_shape(value)
                    }
                    _ => value.clone(),
                };
                (keyword.clone(), value)
            });
            Value::Object(shape.collect())
        }
        Value::Array(schemas) => schemas.iter().map(rust_shape).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn branches_with_one_rust_type_are_one_branch() {
        let (string, number) = (json!({ "type": "string" }), json!({ "type": "number" }));
        let with = |schema: &Value, keyword: &str, value: Value| {
            let mut schema = schema.clone();
            schema[keyword] = value;
            schema
        };
        let list = json!({ "type": "array", "items": string });
        let uri = with(&string, "format", json!("uri"));
        for (branches, expected) in [
            (
                json!([list, with(&list, "uniqueItems", json!(true))]),
                list.clone(),
            ),
            (json!([string, uri]), string.clone()),
            (
                json!([with(&list, "items", uri), list]),
                with(&list, "items", json!({ "type": "string", "format": "uri" })),
            ),
            (
                json!([reference("A"), reference("A")]),
                json!({ "allOf": [reference("A")] }),
            ),
            (
                json!([number, string, with(&number, "minimum", json!(0))]),
                json!({ "oneOf": [number, string] }),
            ),
        ] {
            let (after, _) = run_on_schemas(&PASS, json!({ "C": { "oneOf": branches } }));
            assert_eq!(after["C"], expected, "{branches}");
        }
    }

    #[test]
    fn branches_with_types_of_their_own_stay() {
        let string = json!({ "type": "string" });
        let date = json!({ "type": "string", "format": "date" });
        let fixed = json!({ "type": "array", "items": string, "minItems": 2, "maxItems": 2 });
        let list = json!({ "type": "array", "items": string });
        let schemas = json!({ "C": { "oneOf": [date, fixed, list, string] } });
        assert_eq!(run_on_schemas(&PASS, schemas.clone()), (schemas, vec![]));
    }
}
