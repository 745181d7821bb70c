//! Takes out what no value can be, and what a value must not be.
//!
//! Before: `{properties: {a: …, b: {not: {}}}, not: {required: [c]}}`, `{oneOf: [A, {not: {}}]}`.
//! After: `{properties: {a: …}}`, `{oneOf: [A]}`.
//!
//! A member or a branch that no value satisfies is never there. Of any other negation no Rust type
//! can be made: typify panics.

use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value};

use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "negations",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    const WHY: &str = "no value is valid there";
    schemas_mut(root, |pointer, schema| {
        let Some(members) = schema.as_object_mut() else {
            return;
        };
        let required = members.get("required").cloned().unwrap_or_default();
        let is_required = |name: &str| {
            let mut required = required.as_array().into_iter().flatten();
            required.any(|required| required == name)
        };
        if let Some(Value::Object(properties)) = members.get_mut("properties") {
            properties.retain(|name, property| {
                let stays = is_required(name) || !is_never(property);
                if !stays {
                    notes.add(&pointer.join("properties").join(name), "taken out", WHY);
                }
                stays
            });
        }
        if members.get("additionalProperties").is_some_and(is_never) {
            members.insert("additionalProperties".to_owned(), false.into());
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(Value::Array(branches)) = members.get_mut(choice)
                && !branches.iter().all(is_never)
                && branches.iter().any(is_never)
            {
                branches.retain(|branch| !is_never(branch));
                notes.add(&pointer.join(choice), "took branches out", WHY);
            }
        }
    });
    schemas_mut(root, |pointer, schema| {
        let Some(negated) = schema
            .as_object_mut()
            .and_then(|members| members.shift_remove("not"))
        else {
            return;
        };
        let place = pointer.join("not");
        let loss = match is_anything(&negated) {
            true => "a value is read there, though the document says that there is none",
            false => "the client does not refuse what the document excludes",
        };
        let why = "no type is made of what a value is not";
        notes.add_unchecked(&place, why, loss);
    });
}

fn is_never(schema: &Value) -> bool {
    schema.get("not").is_some_and(is_anything)
}

fn is_anything(schema: &Value) -> bool {
    *schema == true || schema.as_object().is_some_and(Map::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn what_is_never_valid_is_never_there() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "A": {
                    "properties": { "a": {}, "b": { "not": {} } },
                    "additionalProperties": { "not": {} },
                },
                "B": { "oneOf": [{ "type": "string" }, { "not": {} }] },
            }),
        );
        assert_eq!(
            after,
            json!({
                "A": { "properties": { "a": {} }, "additionalProperties": false },
                "B": { "oneOf": [{ "type": "string" }] },
            })
        );
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn other_negations_are_not_checked() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({ "A": { "type": "string", "not": { "enum": ["a"] } }, "B": { "not": {} } }),
        );
        assert_eq!(after, json!({ "A": { "type": "string" }, "B": {} }));
        assert_eq!(notes.len(), 2);
    }
}
