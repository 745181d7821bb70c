//! Replaces the type `null` of OpenAPI 3.1 with `nullable`, and splits lists of types.
//!
//! Before (3.1): `{type: [string, 'null']}`, `{anyOf: [{$ref: X}, {type: 'null'}]}`,
//! `{type: [string, integer]}`.
//! After: `{type: string, nullable: true}`, `{allOf: [{$ref: X}], nullable: true}`,
//! `{anyOf: [{type: string}, {type: integer}]}`.

use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value, json};

use crate::kinds::applies_to;
use crate::schema::is_annotation;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "nullable",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        if split_types(keywords) | drop_null_branches(keywords) | drop_null_of_enum(keywords) {
            notes.add(
                pointer,
                "replaced the list of types or the type `null` with `type` and `nullable`",
                "OpenAPI 3.0 has neither",
            );
        }
        // Merged with a nullable part, it would seem to exclude null.
        if keywords.get("nullable") == Some(&Value::Bool(false)) && !keywords.contains_key("enum") {
            keywords.shift_remove("nullable");
            notes.add(pointer, "removed `nullable: false`", "it is the default");
        }
    });
}

fn is_null(schema: &Value) -> bool {
    schema.get("type") == Some(&json!("null"))
        || schema.get("enum") == Some(&json!([null]))
            && schema.get("nullable") != Some(&Value::Bool(false))
}

fn split_types(keywords: &mut Map<String, Value>) -> bool {
    let types = match keywords.get("type") {
        Some(Value::Array(types)) => types.clone(),
        // A schema that only allows null becomes an enumeration of that value.
        Some(Value::String(only)) if only == "null" => {
            keywords.shift_remove("type");
            keywords.insert("nullable".to_owned(), true.into());
            keywords.insert("enum".to_owned(), json!([null]));
            return true;
        }
        _ => return false,
    };
    let (nulls, types): (Vec<_>, Vec<_>) = types.into_iter().partition(|name| name == "null");
    if !nulls.is_empty() {
        keywords.insert("nullable".to_owned(), true.into());
    }
    match types.as_slice() {
        [] => {
            keywords.shift_remove("type");
            if !nulls.is_empty() {
                keywords.insert("enum".to_owned(), json!([null]));
            }
        }
        [only] => {
            keywords.insert("type".to_owned(), only.clone());
        }
        several => {
            let branches = several.iter().map(|name| branch(keywords, name)).collect();
            keywords.retain(|keyword, _| is_annotation(keyword) || keyword == "nullable");
            keywords.insert("anyOf".to_owned(), Value::Array(branches));
        }
    }
    true
}

/// The part of a schema of several types that applies to one of them.
fn branch(keywords: &Map<String, Value>, name: &Value) -> Value {
    let mut branch: Map<String, Value> = keywords
        .iter()
        .filter(|(keyword, _)| !is_annotation(keyword) && *keyword != "nullable")
        .filter(|(keyword, _)| applies_to(keyword, name.as_str().unwrap_or_default()))
        .map(|(keyword, value)| (keyword.clone(), value.clone()))
        .collect();
    branch.insert("type".to_owned(), name.clone());
    if let Some(Value::Array(values)) = branch.get_mut("enum") {
        values.retain(|value| {
            matches!(
                (name.as_str(), value),
                (Some("string"), Value::String(_))
                    | (Some("boolean"), Value::Bool(_))
                    | (Some("integer" | "number"), Value::Number(_))
                    | (Some("array"), Value::Array(_))
                    | (Some("object"), Value::Object(_))
            )
        });
    }
    Value::Object(branch)
}

fn drop_null_branches(keywords: &mut Map<String, Value>) -> bool {
    let mut changed = false;
    for keyword in ["anyOf", "oneOf"] {
        let Some(Value::Array(branches)) = keywords.get_mut(keyword) else {
            continue;
        };
        let before = branches.len();
        branches.retain(|branch| !is_null(branch));
        if branches.len() == before {
            continue;
        }
        changed = true;
        let left = std::mem::take(branches);
        match left.as_slice() {
            [] => {
                keywords.shift_remove(keyword);
                keywords.insert("enum".to_owned(), json!([null]));
            }
            [only] => {
                let only = only.clone();
                keywords.shift_remove(keyword);
                put(keywords, only);
            }
            _ => {
                keywords.insert(keyword.to_owned(), Value::Array(left));
            }
        }
        keywords.insert("nullable".to_owned(), true.into());
    }
    changed
}

/// Replaces a choice with its only remaining schema, beside the annotations of the choice.
fn put(keywords: &mut Map<String, Value>, only: Value) {
    match only {
        Value::Object(only)
            if !only.contains_key("$ref")
                && keywords.keys().all(|keyword| is_annotation(keyword)) =>
        {
            for (keyword, value) in only {
                keywords.entry(keyword).or_insert(value);
            }
        }
        only => match keywords.get_mut("allOf") {
            Some(Value::Array(all_of)) => all_of.push(only),
            _ => {
                keywords.insert("allOf".to_owned(), json!([only]));
            }
        },
    }
}

fn drop_null_of_enum(keywords: &mut Map<String, Value>) -> bool {
    let Some(Value::Array(values)) = keywords.get_mut("enum") else {
        return false;
    };
    if values.len() < 2 || !values.contains(&Value::Null) {
        return false;
    }
    values.retain(|value| !value.is_null());
    keywords.insert("nullable".to_owned(), true.into());
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{run_on_schema, run_on_schemas};

    fn lowered(schema: Value) -> Value {
        run_on_schema(&PASS, schema)
    }

    #[test]
    fn a_type_with_null_becomes_nullable() {
        assert_eq!(
            lowered(json!({ "type": ["string", "null"], "maxLength": 3 })),
            json!({ "type": "string", "maxLength": 3, "nullable": true })
        );
    }

    #[test]
    fn several_types_become_a_choice_of_one_each_with_its_own_keywords() {
        assert_eq!(
            lowered(json!({ "type": ["string", "integer"], "maxLength": 3, "description": "d" })),
            json!({
                "description": "d",
                "anyOf": [{ "type": "string", "maxLength": 3 }, { "type": "integer" }],
            })
        );
    }

    #[test]
    fn a_null_branch_becomes_nullable() {
        assert_eq!(
            lowered(json!({ "anyOf": [{ "$ref": "#/components/schemas/B" }, { "type": "null" }] })),
            json!({ "allOf": [{ "$ref": "#/components/schemas/B" }], "nullable": true })
        );
        assert_eq!(
            lowered(json!({ "oneOf": [{ "type": "string" }, { "type": "null" }], "title": "T" })),
            json!({ "title": "T", "type": "string", "nullable": true })
        );
    }

    #[test]
    fn a_null_among_enumerated_values_becomes_nullable() {
        assert_eq!(
            lowered(json!({ "type": "string", "enum": ["a", null] })),
            json!({ "type": "string", "enum": ["a"], "nullable": true })
        );
    }

    #[test]
    fn nullable_false_is_removed() {
        let after = run_on_schema(&PASS, json!({ "type": "string", "nullable": false }));
        assert_eq!(after, json!({ "type": "string" }));
    }

    #[test]
    fn a_schema_without_null_is_not_changed() {
        let schemas = json!({ "A": { "type": "string", "nullable": true } });
        assert_eq!(run_on_schemas(&PASS, schemas.clone()), (schemas, vec![]));
    }
}
