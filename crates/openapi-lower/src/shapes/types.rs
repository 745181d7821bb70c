//! Gives every schema one type, and the keywords of that type.
//!
//! Before: `{properties: {a: …}}`, `{type: string, properties: {…}}`, `{type: object, enum: [a, b]}`,
//! `{enum: [1, a]}`.
//! After: `{type: object, properties: {a: …}}`, `{type: string}`, `{type: string, enum: [a, b]}`,
//! `{anyOf: [{type: integer, enum: [1]}, {type: string, enum: [a]}]}`.
//!
//! JSON Schema ignores a keyword beside a type that it does not concern; typify panics. Where a type
//! and all the values listed beside it disagree, the values are what somebody has seen. Lists of
//! numbers, booleans, arrays and objects have no Rust type that could hold exactly them.

use openapi_document::Pointer;
use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value, json};

use crate::schema::{is_annotation, type_of};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass { name: "types", run };

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        if schema.get("$ref").is_some() || schema.get("x-rust-type").is_some() {
            return;
        }
        let Some(members) = schema.as_object_mut() else {
            return;
        };
        sort_values(pointer, members, notes);
        let implied = type_of(&Value::Object(members.clone())).map(str::to_owned);
        if let Some(kind) = implied {
            let choice = members.contains_key("oneOf") || members.contains_key("anyOf");
            let stated = members.contains_key("type");
            if !stated && !choice {
                members.insert("type".to_owned(), kind.clone().into());
                let what = format!("is said to be of type `{kind}`");
                notes.add(pointer, what, "its other keywords imply it");
            }
            drop_foreign(pointer, members, &kind, notes);
        }
    });
}

/// Takes off what would only repeat what the listed strings say, or refuse them.
fn drop_bounds(pointer: &Pointer, members: &mut Map<String, Value>, notes: &mut Notes) {
    for keyword in ["minLength", "maxLength", "pattern"] {
        if members.shift_remove(keyword).is_some() {
            let why = "the values that are listed say what there is";
            notes.add(&pointer.join(keyword), "dropped", why);
        }
    }
}

/// The JSON type of a value, as `type` names it; an integer where it is one.
pub fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Leaves an `enum` only strings, or only integers, of the type that stands beside it.
fn sort_values(pointer: &Pointer, members: &mut Map<String, Value>, notes: &mut Notes) {
    let Some(Value::Array(values)) = members.get("enum").cloned() else {
        return;
    };
    if values == [Value::Null] {
        members.retain(|keyword, _| is_annotation(keyword) || keyword == "nullable");
        let what = "became any value that may be `null`";
        let why = "there is no type with nothing but `null` that may be left out, too";
        notes.add(pointer, what, why);
        return;
    }
    let stated = members
        .get("type")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let fits = |value: &Value| match stated.as_deref() {
        Some("number") => value.is_number(),
        Some(kind) => kind == kind_of(value),
        None => true,
    };
    let fitting: Vec<Value> = values.iter().filter(|value| fits(value)).cloned().collect();
    let agreed = !fitting.is_empty();
    if fitting.len() != values.len() {
        notes.add(
            &pointer.join("enum"),
            if agreed {
                "dropped the values of another type"
            } else {
                "takes its type from its values"
            },
            "the values that are listed and the type beside them disagree",
        );
    }
    let values = if agreed { fitting } else { values };
    let mut by_kind: Vec<(&'static str, Vec<Value>)> = Vec::new();
    for value in values {
        let kind = kind_of(&value);
        match by_kind.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, values)) => values.push(value),
            None => by_kind.push((kind, vec![value])),
        }
    }
    let numeric = by_kind
        .iter()
        .all(|(kind, _)| *kind == "integer" || *kind == "number");
    if let [(kind, values)] = by_kind.as_slice() {
        let kind = if agreed {
            stated.as_deref().unwrap_or(kind)
        } else {
            kind
        };
        members.insert("type".to_owned(), kind.into());
        if kind == "string" || kind == "integer" {
            members.insert("enum".to_owned(), values.clone().into());
            drop_bounds(pointer, members, notes);
            return;
        }
    } else if numeric {
        members.insert("type".to_owned(), "number".into());
    } else {
        members.shift_remove("enum");
        members.shift_remove("type");
        let branches: Vec<Value> = by_kind
            .into_iter()
            .map(|(kind, values)| match kind {
                "string" | "integer" => json!({ "type": kind, "enum": values }),
                _ => json!({ "type": kind }),
            })
            .collect();
        members.entry("anyOf").or_insert_with(|| branches.into());
        notes.add(
            &pointer.join("enum"),
            "became a choice of a list a type",
            "an enumeration is generated from values of one type",
        );
        return;
    }
    members.shift_remove("enum");
    let place = pointer.join("enum");
    let loss = "the client does not refuse a value that is not listed";
    let why = "an enumeration is generated from strings or integers";
    notes.add_unchecked(&place, why, loss);
}

/// Drops the keywords that concern other types than `kind`.
pub(crate) fn drop_foreign(
    pointer: &Pointer,
    members: &mut Map<String, Value>,
    kind: &str,
    notes: &mut Notes,
) {
    let foreign: Vec<String> = members
        .keys()
        .filter(|keyword| !is_annotation(keyword) && !concerns(keyword, kind))
        .cloned()
        .collect();
    for keyword in foreign {
        members.shift_remove(&keyword);
        notes.add(
            &pointer.join(&keyword),
            "dropped",
            "it says nothing about values of the type beside it",
        );
    }
}

/// Whether a keyword says something about values of a type; JSON Schema 2020-12, Validation,
/// section 6.
pub(crate) fn concerns(keyword: &str, kind: &str) -> bool {
    match keyword {
        "pattern" | "minLength" | "maxLength" => kind == "string",
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            matches!(kind, "integer" | "number")
        }
        "format" => matches!(kind, "string" | "integer" | "number"),
        "items" | "minItems" | "maxItems" | "uniqueItems" => kind == "array",
        "properties" | "required" | "additionalProperties" | "minProperties" | "maxProperties" => {
            kind == "object"
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schema;

    fn lowered(schema: Value) -> Value {
        run_on_schema(&PASS, schema)
    }

    #[test]
    fn a_type_that_is_implied_is_said() {
        assert_eq!(
            lowered(json!({ "required": ["a"] })),
            json!({ "required": ["a"], "type": "object" })
        );
    }

    #[test]
    fn what_does_not_concern_the_type_is_dropped() {
        assert_eq!(
            lowered(json!({ "type": "string", "maxLength": 3, "properties": {}, "minimum": 1 })),
            json!({ "type": "string", "maxLength": 3 })
        );
        assert_eq!(
            lowered(json!({ "type": "boolean", "format": "int32" })),
            json!({ "type": "boolean" })
        );
    }

    #[test]
    fn the_values_say_the_type_where_it_says_another() {
        assert_eq!(
            lowered(json!({ "type": "object", "enum": ["a", "b"] })),
            json!({ "type": "string", "enum": ["a", "b"] })
        );
        assert_eq!(
            lowered(json!({ "type": "string", "enum": ["a", 1] })),
            json!({ "type": "string", "enum": ["a"] })
        );
    }

    #[test]
    fn values_of_several_types_become_a_choice() {
        assert_eq!(
            lowered(json!({ "enum": [1, "a", true] })),
            json!({ "anyOf": [
                { "type": "integer", "enum": [1] },
                { "type": "string", "enum": ["a"] },
                { "type": "boolean" },
            ] })
        );
    }

    #[test]
    fn values_that_no_type_holds_exactly_are_not_listed() {
        assert_eq!(
            lowered(json!({ "enum": [1, 2.5] })),
            json!({ "type": "number" })
        );
        assert_eq!(
            lowered(json!({ "type": "boolean", "enum": [true] })),
            json!({ "type": "boolean" })
        );
        assert_eq!(
            lowered(json!({ "enum": [{ "a": 1 }] })),
            json!({ "type": "object" })
        );
    }

    #[test]
    fn listed_strings_have_no_bounds_beside_them() {
        let schema =
            json!({ "type": "string", "enum": ["MALE"], "maxLength": 1, "pattern": "^.$" });
        let expected = json!({ "type": "string", "enum": ["MALE"] });
        assert_eq!(lowered(schema), expected);
    }
}
