//! Decides which tuples become Rust tuples, and converts the others to lists.
//!
//! Before: `{type: array, prefixItems: [A, B], items: {}, minItems: 2, maxItems: 2}`, `{type: array,
//! prefixItems: [A, B], items: C}`.
//! After: `{type: array, prefixItems: [A, B]}`, which is the type `(A, B)` at the end of the lowering;
//! `{type: array, items: {anyOf: [A, B, C]}}`.
//!
//! A Rust tuple has a fixed length. It has no name, so its type cannot contain itself. A tuple that contains
//! itself, other than in a property of an object, becomes a list as well.

use openapi_document::Pointer;
use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value, json};

use crate::reach::recursive;
use crate::schema::components;
use crate::{Notes, Pass, Reduced};

pub(crate) const PASS: Pass = Pass {
    name: "tuples",
    run,
};

/// serde and the standard library implement their traits for tuples of up to 12 values.
const LONGEST: usize = 12;

fn run(root: &mut Value, notes: &mut Notes) {
    let recursive = recursive(components(root));
    schemas_mut(root, |pointer, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        let Some(Value::Array(mut prefix)) = keywords.shift_remove("prefixItems") else {
            return;
        };
        let length = |keyword: &str| keywords.get(keyword).and_then(Value::as_u64);
        let (min, max) = (length("minItems"), length("maxItems"));
        let max = max.and_then(|max| usize::try_from(max).ok());
        let rest = keywords.get("items").cloned().unwrap_or_else(|| json!({}));
        let tokens: Vec<String> = pointer.tokens().collect();
        let is_recursive = match tokens.as_slice() {
            [components, schemas, name, inside @ ..] => {
                components == "components"
                    && schemas == "schemas"
                    && recursive.contains(name)
                    && !inside.iter().any(|token| token == "properties")
            }
            _ => false,
        };
        let why = match is_recursive {
            true => "a Rust tuple cannot contain itself",
            false => "a Rust tuple has a fixed length",
        };
        if let Some(length) = max.filter(|max| (1..=LONGEST).contains(max) && !is_recursive)
            && min == Some(length as u64)
        {
            prefix.resize(length, rest);
            keywords.insert("prefixItems".to_owned(), prefix.into());
            for keyword in ["items", "minItems", "maxItems"] {
                keywords.shift_remove(keyword);
            }
            if keywords.shift_remove("uniqueItems") == Some(true.into()) {
                let loss = "the client does not check that the items are different";
                notes.add_unchecked(
                    &pointer.join("uniqueItems"),
                    "a tuple has no such check",
                    loss,
                );
            }
            return;
        }
        if max.is_none_or(|max| max > prefix.len()) {
            prefix.push(rest);
        }
        list(pointer, keywords, prefix, why, notes);
    });
}

/// Makes a list of items of any of these schemas.
fn list(
    pointer: &Pointer,
    keywords: &mut Map<String, Value>,
    allowed: Vec<Value>,
    why: &'static str,
    notes: &mut Notes,
) {
    let place = pointer.join("prefixItems");
    let mut distinct: Vec<Value> = Vec::new();
    for schema in allowed {
        if !distinct.contains(&schema) {
            distinct.push(schema);
        }
    }
    let items = match distinct.as_slice() {
        [only] => {
            notes.add(&place, "changed the tuple to a list", why);
            only.clone()
        }
        _ => {
            let loss = "the client does not check the position of items in the tuple";
            let what = "changed the tuple to a list of any of its types";
            notes.add_reduced(&place, what, why, Reduced::unchecked(loss, &place));
            json!({ "anyOf": distinct })
        }
    };
    keywords.insert("items".to_owned(), items);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;

    fn lowered(schema: Value) -> Value {
        let (mut after, _) = run_on_schemas(&PASS, json!({ "A": schema }));
        after["A"].take()
    }

    fn tuple(prefix: &Value, rest: Value) -> Value {
        let mut tuple = json!({ "type": "array", "prefixItems": prefix });
        if let (Some(tuple), Value::Object(rest)) = (tuple.as_object_mut(), rest) {
            tuple.extend(rest);
        }
        tuple
    }

    #[test]
    fn a_tuple_of_fixed_length_stays_a_tuple() {
        let (string, integer) = (json!({ "type": "string" }), json!({ "type": "integer" }));
        let both = json!([string, integer]);
        let fixed = json!({ "items": integer, "minItems": 2, "maxItems": 2 });
        let expected = json!({ "type": "array", "prefixItems": both });
        assert_eq!(lowered(tuple(&both, fixed.clone())), expected);
        assert_eq!(lowered(tuple(&json!([string]), fixed)), expected);
    }

    #[test]
    fn a_tuple_that_contains_itself_is_a_list() {
        let component = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let pair = |item: Value| {
            let rest = json!({ "minItems": 2, "maxItems": 2 });
            tuple(&json!([{ "type": "string" }, item]), rest)
        };
        let schemas = json!({
            "Choice": { "oneOf": [{ "type": "integer" }, pair(component("Choice"))] },
            "Nested": pair(json!({ "type": "array", "items": component("Other") })),
            "Other": pair(component("Nested")),
            "Object": { "type": "object", "properties": { "both": pair(component("Object")) } },
        });
        let (after, _) = run_on_schemas(&PASS, schemas);
        let items = json!([{ "type": "string" }, component("Choice")]);
        assert_eq!(after["Choice"]["oneOf"][1]["items"]["anyOf"], items);
        assert_eq!(after["Nested"]["minItems"], 2);
        assert_eq!(after["Other"]["items"]["anyOf"][1], component("Nested"));
        let both = &after["Object"]["properties"]["both"];
        assert_eq!(both["prefixItems"][1], component("Object"));
    }

    #[test]
    fn other_tuples_are_lists_of_all_that_they_can_contain() {
        let (string, integer) = (json!({ "type": "string" }), json!({ "type": "integer" }));
        let list = |items: Value| json!({ "type": "array", "items": items });
        let open = tuple(&json!([string, integer]), json!({ "items": {} }));
        assert_eq!(
            lowered(open),
            list(json!({ "anyOf": [string, integer, {}] }))
        );
        let same = tuple(&json!([string, string]), json!({ "items": string }));
        assert_eq!(lowered(same), list(string.clone()));
        let closed = tuple(
            &json!([string, integer]),
            json!({ "items": {}, "maxItems": 2 }),
        );
        let mut expected = list(json!({ "anyOf": [string, integer] }));
        expected["maxItems"] = 2.into();
        assert_eq!(lowered(closed), expected);
    }
}
