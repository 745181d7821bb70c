//! Says the keywords of JSON Schema 2020-12 that OpenAPI 3.0 lacks with those that it has.
//!
//! Before (3.1): `{type: string, contentEncoding: base64}`, `true`, `{type: object,
//! patternProperties: {'^x-': {type: string}}, additionalProperties: false}`, `{type: array, prefixItems: [A, B]}`.
//! After: `{type: string, format: byte}`, `{}`, `{type: object, additionalProperties: {type:
//! string}}`, `{type: array, items: {anyOf: [A, B]}}`.
//!
//! The members that only a condition allows (`then`, `else`, `dependentSchemas`) become members that
//! may be missing. What only narrows the valid instances further and has no counterpart is dropped
//! with a note: answers are to be tolerant, and a server still checks its requests.

use openapi_document::Pointer;
use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value, json};

use crate::notation::webhooks::drop_member;
use crate::{Notes, Pass, Reduced};

pub(crate) const PASS: Pass = Pass {
    name: "json-schema-keywords",
    run,
};

const WHY: &str = "OpenAPI 3.0 does not have the keyword";

/// Keywords that only organise.
const ORGANISING: [&str; 10] = [
    "$id",
    "$schema",
    "$comment",
    "$anchor",
    "$dynamicAnchor",
    "$vocabulary",
    "contentSchema",
    "contentEncoding",
    "contentMediaType",
    "additionalItems",
];

/// Keywords that narrow, and have no counterpart.
const NARROWING: [&str; 12] = [
    "$dynamicRef",
    "if",
    "then",
    "else",
    "dependentSchemas",
    "dependentRequired",
    "propertyNames",
    "contains",
    "minContains",
    "maxContains",
    "unevaluatedItems",
    "unevaluatedProperties",
];

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        match schema {
            // `additionalProperties` may be a boolean in OpenAPI 3.0 too, and `items` are looked
            // at from the array.
            Value::Bool(_) if stands_as(pointer, &["additionalProperties", "items"]) => return,
            Value::Bool(true) => {
                *schema = json!({});
                notes.add(pointer, "`true` became the empty schema", WHY);
                return;
            }
            Value::Bool(false) => {
                *schema = json!({ "not": {} });
                notes.add(pointer, "`false` became `not` the empty schema", WHY);
                return;
            }
            Value::Object(members) => {
                let place = pointer.join("prefixItems");
                match join_tuple(members) {
                    Some(1) => {
                        let loss = "the client does not check how many items it sends";
                        notes.add_unchecked(&place, WHY, loss);
                    }
                    Some(_) => {
                        let loss = "an item is of any of the types, whatever its place in the list";
                        let what = "said as items of any of the types";
                        notes.add_reduced(&place, what, WHY, Reduced::removing(loss, &place));
                    }
                    None => {}
                }
                let changed = encode_content(members)
                    | join_conditions(members)
                    | open_patterns(members)
                    | close_object(members)
                    | unwrap_items(members);
                if changed {
                    notes.add(pointer, "said with the keywords of OpenAPI 3.0", WHY);
                }
            }
            _ => return,
        }
        for keyword in ORGANISING {
            drop_member(schema, keyword, pointer, notes, WHY);
        }
        let Some(members) = schema.as_object_mut() else {
            return;
        };
        for keyword in NARROWING {
            let Some(said) = members.shift_remove(keyword) else {
                continue;
            };
            // Every name is a string.
            if keyword == "propertyNames" && said == json!({ "type": "string" }) {
                notes.add(&pointer.join(keyword), "dropped", "it says nothing");
            } else {
                let loss = "the client does not check it before it sends the value";
                notes.add_unchecked(&pointer.join(keyword), WHY, loss);
            }
        }
    });
}

/// Whether the place is one of these keywords, not a member that happens to have its name.
fn stands_as(pointer: &Pointer, keywords: &[&str]) -> bool {
    let tokens: Vec<String> = pointer.tokens().collect();
    matches!(
        tokens.as_slice(),
        [.., before, last] if before != "properties" && keywords.contains(&last.as_str())
    )
}

/// Text that stands for bytes: `format: byte` (base64) or `format: binary`.
fn encode_content(members: &mut Map<String, Value>) -> bool {
    if members.contains_key("format") {
        return false;
    }
    let encoding = members.get("contentEncoding").and_then(Value::as_str);
    let format = match encoding {
        Some("base64" | "base64url") => "byte",
        None if members.contains_key("contentMediaType") => "binary",
        _ => return false,
    };
    members.insert("format".to_owned(), format.into());
    members.insert("type".to_owned(), "string".into());
    true
}

/// Members that a condition adds may be there, whatever they are.
fn join_conditions(members: &mut Map<String, Value>) -> bool {
    let dependent = members.get("dependentSchemas").and_then(Value::as_object);
    let conditional = ["then", "else"]
        .into_iter()
        .filter_map(|keyword| members.get(keyword));
    let added: Map<String, Value> = conditional
        .chain(dependent.into_iter().flat_map(Map::values))
        .filter_map(|schema| schema["properties"].as_object().cloned())
        .flatten()
        .collect();
    if added.is_empty() {
        return false;
    }
    let Value::Object(listed) = members.entry("properties").or_insert_with(|| json!({})) else {
        return false;
    };
    for (name, schema) in added {
        // A member that is listed already is only narrowed.
        listed.entry(name).or_insert(schema);
    }
    true
}

/// `unevaluatedProperties` speaks of the whole, as `additionalProperties` does once all parts are
/// merged.
fn close_object(members: &mut Map<String, Value>) -> bool {
    if members.contains_key("additionalProperties") {
        return false;
    }
    let Some(others) = members.shift_remove("unevaluatedProperties") else {
        return false;
    };
    let never = others == json!({ "not": {} });
    let others = if never { false.into() } else { others };
    members.insert("additionalProperties".to_owned(), others);
    true
}

/// Members by pattern become members of any name: the union of what the patterns allow, and of
/// anything unless the object is closed.
fn open_patterns(members: &mut Map<String, Value>) -> bool {
    let Some(Value::Object(patterns)) = members.shift_remove("patternProperties") else {
        return false;
    };
    let mut allowed: Vec<Value> = patterns.into_iter().map(|(_, schema)| schema).collect();
    match members.get("additionalProperties") {
        Some(Value::Bool(false)) => {}
        Some(other @ Value::Object(_)) => allowed.push(other.clone()),
        _ => allowed.push(json!({})),
    }
    allowed.dedup();
    let schema = match allowed.as_slice() {
        [only] => only.clone(),
        _ => json!({ "anyOf": allowed }),
    };
    members.insert("additionalProperties".to_owned(), schema);
    true
}

/// The items of a tuple become items of any of its types; says how many there are.
fn join_tuple(members: &mut Map<String, Value>) -> Option<usize> {
    let Some(Value::Array(mut allowed)) = members.shift_remove("prefixItems") else {
        return None;
    };
    if let Some(rest @ Value::Object(_)) = members.get("items") {
        allowed.push(rest.clone());
    }
    allowed.dedup();
    let types = allowed.len();
    let items = match allowed.as_slice() {
        [only] => only.clone(),
        _ => json!({ "anyOf": allowed }),
    };
    members.insert("items".to_owned(), items);
    Some(types)
}

/// An array without `items`, or with a boolean there, gets items of any kind.
fn unwrap_items(members: &mut Map<String, Value>) -> bool {
    let is_array = members.get("type").and_then(Value::as_str) == Some("array");
    let has_schema = members.get("items").is_some_and(Value::is_object);
    if !is_array || has_schema {
        return false;
    }
    members.insert("items".to_owned(), json!({}));
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{losses, run_on_schemas};

    fn lowered(schema: Value) -> Value {
        let (mut after, notes) = run_on_schemas(&PASS, json!({ "A": schema }));
        assert!(!notes.is_empty());
        after["A"].take()
    }

    #[test]
    fn encoded_text_gets_a_format() {
        assert_eq!(
            lowered(json!({ "type": "string", "contentEncoding": "base64" })),
            json!({ "type": "string", "format": "byte" })
        );
        assert_eq!(
            lowered(json!({ "contentMediaType": "image/png" })),
            json!({ "format": "binary", "type": "string" })
        );
    }

    #[test]
    fn boolean_schemas_become_objects() {
        assert_eq!(
            lowered(json!({ "properties": { "a": true, "b": false } })),
            json!({ "properties": { "a": {}, "b": { "not": {} } } })
        );
    }

    #[test]
    fn members_by_pattern_become_members_of_any_name() {
        assert_eq!(
            lowered(
                json!({ "type": "object", "patternProperties": { "^x-": { "type": "string" } } })
            ),
            json!({ "type": "object", "additionalProperties": {
                "anyOf": [{ "type": "string" }, {}],
            } })
        );
        assert_eq!(
            lowered(json!({
                "type": "object",
                "patternProperties": { "^x-": { "type": "string" } },
                "additionalProperties": false,
            })),
            json!({ "type": "object", "additionalProperties": { "type": "string" } })
        );
    }

    #[test]
    fn members_that_a_condition_adds_may_be_there() {
        assert_eq!(
            lowered(json!({
                "type": "object",
                "properties": { "a": {} },
                "if": { "required": ["a"] },
                "then": { "required": ["b"], "properties": { "b": { "type": "string" } } },
            })),
            json!({ "type": "object", "properties": { "a": {}, "b": { "type": "string" } } })
        );
    }

    #[test]
    fn what_is_not_evaluated_is_what_is_not_listed() {
        assert_eq!(
            lowered(json!({ "type": "object", "unevaluatedProperties": false })),
            json!({ "type": "object", "additionalProperties": false })
        );
    }

    #[test]
    fn a_tuple_becomes_a_list_of_its_types() {
        assert_eq!(
            lowered(json!({
                "type": "array",
                "prefixItems": [{ "type": "string" }, { "type": "integer" }],
                "items": false,
            })),
            json!({
                "type": "array",
                "items": { "anyOf": [{ "type": "string" }, { "type": "integer" }] },
            })
        );
    }

    #[test]
    fn a_tuple_of_one_type_is_a_list_of_it() {
        let text = json!({ "type": "string" });
        let tuple = json!({ "type": "array", "prefixItems": [text, text], "items": false });
        let body = json!({ "content": { "application/json": { "schema": tuple } } });
        let document = json!({ "paths": { "/a": { "put": { "requestBody": body } } } });
        assert_eq!(
            losses(&PASS, document),
            ["the client does not check how many items it sends"]
        );
        assert_eq!(lowered(tuple), json!({ "type": "array", "items": text }));
    }

    #[test]
    fn names_that_are_strings_are_any_names() {
        let names = json!({ "type": "object", "propertyNames": { "type": "string" } });
        let body = json!({ "content": { "application/json": { "schema": names } } });
        let document = json!({ "paths": { "/a": { "put": { "requestBody": body } } } });
        assert_eq!(losses(&PASS, document), Vec::<String>::new());
    }

    #[test]
    fn what_only_narrows_is_dropped_with_a_note() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({ "A": { "type": "object", "if": {}, "then": {}, "propertyNames": {} } }),
        );
        assert_eq!(after, json!({ "A": { "type": "object" } }));
        assert_eq!(notes.len(), 3);
    }

    #[test]
    fn a_closed_object_stays_closed_and_an_open_one_open() {
        let schemas = json!({
            "A": { "type": "object", "additionalProperties": false },
            "B": { "type": "object", "additionalProperties": true },
        });
        assert_eq!(run_on_schemas(&PASS, schemas.clone()), (schemas, vec![]));
    }
}
