//! Removes properties and branches without valid values, and other negations.
//!
//! Before: `{properties: {a: …, b: {not: {}}}, not: {required: [c]}}`, `{oneOf: [A, {not: {}}]}`.
//! After: `{properties: {a: …}}`, `{oneOf: [A]}`.
//!
//! A property or a branch without valid values never occurs. The generator has no type for any other
//! negation: typify panics.

use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value};

use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "negations",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    const WHY: &str = "its schema allows no value";
    schemas_mut(root, |pointer, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        let required = keywords.get("required").cloned().unwrap_or_default();
        let is_required = |name: &str| {
            let mut required = required.as_array().into_iter().flatten();
            required.any(|required| required == name)
        };
        let others = keywords.get("additionalProperties");
        let is_closed = others.is_some_and(|others| *others == false || is_never(others));
        if let Some(Value::Object(properties)) = keywords.get_mut("properties") {
            properties.retain(|name, property| {
                let stays = is_required(name) || !is_never(property);
                let place = pointer.join("properties").join(name);
                if !stays && is_closed {
                    notes.add(&place, "removed the property", WHY);
                } else if !stays {
                    notes.add_unchecked(&place, WHY, "the client does not reject the property");
                }
                stays
            });
        }
        if keywords.get("additionalProperties").is_some_and(is_never) {
            keywords.insert("additionalProperties".to_owned(), false.into());
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(Value::Array(branches)) = keywords.get_mut(choice)
                && !branches.iter().all(is_never)
                && branches.iter().any(is_never)
            {
                branches.retain(|branch| !is_never(branch));
                notes.add(&pointer.join(choice), "removed branches", WHY);
            }
        }
    });
    schemas_mut(root, |pointer, schema| {
        let Some(negated) = schema
            .as_object_mut()
            .and_then(|keywords| keywords.shift_remove("not"))
        else {
            return;
        };
        let place = pointer.join("not");
        let loss = match is_anything(&negated) {
            true => "the client accepts values that the document excludes",
            false => "the client does not reject values that the document excludes",
        };
        let why = "the generator has no type for negations";
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
    fn properties_and_branches_without_values_are_removed() {
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
