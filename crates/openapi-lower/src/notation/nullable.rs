//! Says with `nullable` what OpenAPI 3.1 says with the type `null`, and splits lists of types.
//!
//! Before (3.1): `{type: [string, 'null']}`, `{anyOf: [{$ref: X}, {type: 'null'}]}`,
//! `{type: [string, integer]}`.
//! After: `{type: string, nullable: true}`, `{allOf: [{$ref: X}], nullable: true}`,
//! `{anyOf: [{type: string}, {type: integer}]}`.

use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value, json};

use crate::schema::is_annotation;
use crate::shapes::types::concerns;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "nullable",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let Some(members) = schema.as_object_mut() else {
            return;
        };
        if split_types(members) | drop_null_branches(members) | drop_null_of_enum(members) {
            notes.add(
                pointer,
                "said its types with one `type` and `nullable`",
                "OpenAPI 3.0 has neither lists of types nor the type `null`",
            );
        }
        // Merged with a part that may be `null`, it would seem to forbid that.
        if members.get("nullable") == Some(&Value::Bool(false)) && !members.contains_key("enum") {
            members.shift_remove("nullable");
            notes.add(
                pointer,
                "dropped `nullable: false`",
                "it is so anyway, and says no more",
            );
        }
    });
}

fn is_null(schema: &Value) -> bool {
    schema.get("type") == Some(&json!("null"))
        || schema.get("enum") == Some(&json!([null]))
            && schema.get("nullable") != Some(&Value::Bool(false))
}

fn split_types(members: &mut Map<String, Value>) -> bool {
    let types = match members.get("type") {
        Some(Value::Array(types)) => types.clone(),
        // A schema of nothing but null: an enumeration of that one value.
        Some(Value::String(only)) if only == "null" => {
            members.shift_remove("type");
            members.insert("nullable".to_owned(), true.into());
            members.insert("enum".to_owned(), json!([null]));
            return true;
        }
        _ => return false,
    };
    let (nulls, types): (Vec<_>, Vec<_>) = types.into_iter().partition(|name| name == "null");
    if !nulls.is_empty() {
        members.insert("nullable".to_owned(), true.into());
    }
    match types.as_slice() {
        [] => {
            members.shift_remove("type");
            if !nulls.is_empty() {
                members.insert("enum".to_owned(), json!([null]));
            }
        }
        [only] => {
            members.insert("type".to_owned(), only.clone());
        }
        several => {
            let branches = several.iter().map(|name| branch(members, name)).collect();
            members.retain(|keyword, _| is_annotation(keyword) || keyword == "nullable");
            members.insert("anyOf".to_owned(), Value::Array(branches));
        }
    }
    true
}

/// The part of a schema of several types that is about one of them.
fn branch(members: &Map<String, Value>, name: &Value) -> Value {
    let mut branch: Map<String, Value> = members
        .iter()
        .filter(|(keyword, _)| !is_annotation(keyword) && *keyword != "nullable")
        .filter(|(keyword, _)| concerns(keyword, name.as_str().unwrap_or_default()))
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

fn drop_null_branches(members: &mut Map<String, Value>) -> bool {
    let mut changed = false;
    for keyword in ["anyOf", "oneOf"] {
        let Some(Value::Array(branches)) = members.get_mut(keyword) else {
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
                members.shift_remove(keyword);
                members.insert("enum".to_owned(), json!([null]));
            }
            [only] => {
                let only = only.clone();
                members.shift_remove(keyword);
                put(members, only);
            }
            _ => {
                members.insert(keyword.to_owned(), Value::Array(left));
            }
        }
        members.insert("nullable".to_owned(), true.into());
    }
    changed
}

/// Puts the only schema that is left of a choice beside the annotations of the choice.
fn put(members: &mut Map<String, Value>, only: Value) {
    match only {
        Value::Object(only)
            if !only.contains_key("$ref")
                && members.keys().all(|keyword| is_annotation(keyword)) =>
        {
            for (keyword, value) in only {
                members.entry(keyword).or_insert(value);
            }
        }
        only => match members.get_mut("allOf") {
            Some(Value::Array(all_of)) => all_of.push(only),
            _ => {
                members.insert("allOf".to_owned(), json!([only]));
            }
        },
    }
}

fn drop_null_of_enum(members: &mut Map<String, Value>) -> bool {
    let Some(Value::Array(values)) = members.get_mut("enum") else {
        return false;
    };
    if values.len() < 2 || !values.contains(&Value::Null) {
        return false;
    }
    values.retain(|value| !value.is_null());
    members.insert("nullable".to_owned(), true.into());
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
    fn what_is_not_nullable_forbids_no_null() {
        let after = run_on_schema(&PASS, json!({ "type": "string", "nullable": false }));
        assert_eq!(after, json!({ "type": "string" }));
    }

    #[test]
    fn a_schema_without_nulls_is_left_alone() {
        let schemas = json!({ "A": { "type": "string", "nullable": true } });
        assert_eq!(run_on_schemas(&PASS, schemas.clone()), (schemas, vec![]));
    }
}
