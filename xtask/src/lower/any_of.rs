//! Makes of `anyOf` a sum that decodes.
//!
//! Before: `StringOrObject: {anyOf: [{type: object}, {type: string}, {type: number}, {type:
//! integer}]}`.
//! After: `StringOrObject: {oneOf: [{type: object}, {type: string}, {type: integer}, {type:
//! number}]}`.
//!
//! typify makes of an `anyOf` a struct with one flattened member a branch, which can decode
//! nothing that is not an object. Of a `oneOf` it makes an enum that takes the first branch that
//! decodes, so a branch that another covers has to stand before it: closed enumerations before
//! strings, integers before numbers, objects with more required members before those with less,
//! anything last.

use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value};

use super::schema::{components, resolved, type_of};
use super::{Notes, Pass};

pub(super) const PASS: Pass = Pass {
    name: "any-of",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let components = components(root);
    schemas_mut(root, |pointer, schema| {
        let Some(members) = schema.as_object_mut() else {
            return;
        };
        let any_of = members.contains_key("anyOf") && !members.contains_key("oneOf");
        if any_of && let Some(branches) = members.shift_remove("anyOf") {
            members.insert("oneOf".to_owned(), branches);
        }
        let Some(Value::Array(branches)) = members.get_mut("oneOf") else {
            return;
        };
        let before = branches.clone();
        branches.sort_by_cached_key(|branch| generality(&components, branch));
        branches.dedup();
        let reordered = *branches != before;
        if let [_] = branches.as_slice() {
            let only = branches.remove(0);
            members.shift_remove("oneOf");
            members.insert("allOf".to_owned(), Value::Array(vec![only]));
        }
        if any_of {
            notes.add(
                pointer,
                "`anyOf` became `oneOf`",
                "what is generated from an `anyOf` decodes objects only",
            );
        }
        if reordered {
            notes.add(
                pointer,
                "put the narrower branches first",
                "the first branch that decodes is taken",
            );
        }
    });
}

/// How much a branch takes, least first: a rank, and for objects how few members it requires.
fn generality(components: &Map<String, Value>, branch: &Value) -> (u8, usize) {
    let schema = resolved(components, branch);
    let required = schema["required"].as_array().map_or(0, Vec::len);
    let rank = match type_of(schema) {
        _ if schema.get("enum").is_some() => 0,
        Some("string") if schema.get("format").is_some() => 1,
        Some("string") if schema.get("pattern").is_some() => 1,
        Some("integer") => 2,
        Some("object") if required > 0 => 3,
        None if schema
            .as_object()
            .is_some_and(|members| !members.is_empty()) =>
        {
            4
        }
        Some("object") => 5,
        Some("string" | "number") => 6,
        Some(_) => 3,
        None => 7,
    };
    (rank, usize::MAX - required)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn any_of_becomes_one_of_with_the_narrower_branches_first() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "A": { "anyOf": [
                    {},
                    { "type": "string" },
                    { "type": "number" },
                    { "type": "integer" },
                    { "type": "string", "enum": ["a"] },
                ] },
                "B": { "oneOf": [
                    { "type": "object", "properties": {} },
                    { "type": "object", "required": ["a"] },
                    { "$ref": "#/components/schemas/C" },
                ] },
                "C": { "type": "object", "required": ["a", "b"] },
            }),
        );
        assert_eq!(
            after["A"],
            json!({ "oneOf": [
                { "type": "string", "enum": ["a"] },
                { "type": "integer" },
                { "type": "string" },
                { "type": "number" },
                {},
            ] })
        );
        assert_eq!(
            after["B"],
            json!({ "oneOf": [
                { "$ref": "#/components/schemas/C" },
                { "type": "object", "required": ["a"] },
                { "type": "object", "properties": {} },
            ] })
        );
        assert_eq!(notes.len(), 3);
    }

    #[test]
    fn a_choice_of_one_is_that_one() {
        let (after, _) = run_on_schemas(
            &PASS,
            json!({ "A": { "anyOf": [{ "type": "string" }, { "type": "string" }] } }),
        );
        assert_eq!(after["A"], json!({ "allOf": [{ "type": "string" }] }));
    }
}
