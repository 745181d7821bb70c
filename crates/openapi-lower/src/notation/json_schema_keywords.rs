//! Replaces the keywords of JSON Schema 2020-12 that OpenAPI 3.0 does not have.
//!
//! Before (3.1): `{type: string, contentEncoding: base64}`, `true`, `{type: object,
//! patternProperties: {'^x-': {type: string}}, additionalProperties: false}`, `{type: array, prefixItems: [A, B]}`.
//! After: `{type: string, format: byte}`, `{}`, `{type: object, additionalProperties: {type:
//! string}}`, `{type: array, items: {anyOf: [A, B]}}`.
//!
//! Properties that only a condition allows (`then`, `else`, `dependentSchemas`) become optional properties.
//! Keywords that only restrict the valid instances and have no counterpart are removed with a note:
//! responses are tolerant, and servers check their requests.

use openapi_document::Pointer;
use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value, json};

use crate::fields::drop_field;
use crate::{Notes, Pass, Reduced};

pub(crate) const PASS: Pass = Pass {
    name: "json-schema-keywords",
    run,
};

const WHY: &str = "OpenAPI 3.0 does not have the keyword";

/// Keywords that only organize a schema.
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

/// Keywords that restrict the instances and have no counterpart.
const RESTRICTIONS: [&str; 12] = [
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
            // `additionalProperties` may also be a boolean in OpenAPI 3.0, and `items` is handled with its
            // array.
            Value::Bool(_) if is_keyword_at(pointer, &["additionalProperties", "items"]) => return,
            Value::Bool(true) => {
                *schema = json!({});
                notes.add(pointer, "replaced `true` with the empty schema", WHY);
                return;
            }
            Value::Bool(false) => {
                *schema = json!({ "not": {} });
                notes.add(pointer, "replaced `false` with `not: {}`", WHY);
                return;
            }
            Value::Object(keywords) => {
                let place = pointer.join("prefixItems");
                match join_tuple(keywords) {
                    Some(1) => {
                        let loss = "the client does not check the number of items";
                        notes.add_unchecked(&place, WHY, loss);
                    }
                    Some(_) => {
                        let loss = "the client does not check the position of items in the tuple";
                        let what = "changed the tuple to a list of any of its types";
                        notes.add_reduced(&place, what, WHY, Reduced::removing(loss, &place));
                    }
                    None => {}
                }
                let changed = encode_content(keywords)
                    | join_conditions(keywords)
                    | open_patterns(keywords)
                    | close_object(keywords)
                    | unwrap_items(keywords);
                if changed {
                    notes.add(pointer, "replaced with keywords of OpenAPI 3.0", WHY);
                }
            }
            _ => return,
        }
        for keyword in ORGANISING {
            drop_field(schema, keyword, pointer, notes, WHY);
        }
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        for keyword in RESTRICTIONS {
            let Some(value) = keywords.shift_remove(keyword) else {
                continue;
            };
            // Every property name is a string.
            if keyword == "propertyNames" && value == json!({ "type": "string" }) {
                notes.add(
                    &pointer.join(keyword),
                    "removed the keyword",
                    "every property name is a string",
                );
            } else {
                let loss = "the client does not check it before it sends the value";
                notes.add_unchecked(&pointer.join(keyword), WHY, loss);
            }
        }
    });
}

/// True if the pointer ends in one of these keywords, not in a property with the same name.
fn is_keyword_at(pointer: &Pointer, keywords: &[&str]) -> bool {
    let tokens: Vec<String> = pointer.tokens().collect();
    matches!(
        tokens.as_slice(),
        [.., before, last] if before != "properties" && keywords.contains(&last.as_str())
    )
}

/// Encoded bytes become `format: byte` (base64) or `format: binary`.
fn encode_content(keywords: &mut Map<String, Value>) -> bool {
    if keywords.contains_key("format") {
        return false;
    }
    let encoding = keywords.get("contentEncoding").and_then(Value::as_str);
    let format = match encoding {
        Some("base64" | "base64url") => "byte",
        None if keywords.contains_key("contentMediaType") => "binary",
        _ => return false,
    };
    keywords.insert("format".to_owned(), format.into());
    keywords.insert("type".to_owned(), "string".into());
    true
}

/// Properties that a condition adds become optional properties.
fn join_conditions(keywords: &mut Map<String, Value>) -> bool {
    let dependent = keywords.get("dependentSchemas").and_then(Value::as_object);
    let conditional = ["then", "else"]
        .into_iter()
        .filter_map(|keyword| keywords.get(keyword));
    let added: Map<String, Value> = conditional
        .chain(dependent.into_iter().flat_map(Map::values))
        .filter_map(|schema| schema["properties"].as_object().cloned())
        .flatten()
        .collect();
    if added.is_empty() {
        return false;
    }
    let Value::Object(listed) = keywords.entry("properties").or_insert_with(|| json!({})) else {
        return false;
    };
    for (name, schema) in added {
        // The condition only restricts a property that is already listed.
        listed.entry(name).or_insert(schema);
    }
    true
}

/// `unevaluatedProperties` applies to the whole schema, like `additionalProperties` once all parts are
/// merged.
fn close_object(keywords: &mut Map<String, Value>) -> bool {
    if keywords.contains_key("additionalProperties") {
        return false;
    }
    let Some(others) = keywords.shift_remove("unevaluatedProperties") else {
        return false;
    };
    let never = others == json!({ "not": {} });
    let others = if never { false.into() } else { others };
    keywords.insert("additionalProperties".to_owned(), others);
    true
}

/// Pattern properties become additional properties: any schema of the patterns, or any value unless the
/// object is closed.
fn open_patterns(keywords: &mut Map<String, Value>) -> bool {
    let Some(Value::Object(patterns)) = keywords.shift_remove("patternProperties") else {
        return false;
    };
    let mut allowed: Vec<Value> = patterns.into_iter().map(|(_, schema)| schema).collect();
    match keywords.get("additionalProperties") {
        Some(Value::Bool(false)) => {}
        Some(other @ Value::Object(_)) => allowed.push(other.clone()),
        _ => allowed.push(json!({})),
    }
    allowed.dedup();
    let schema = match allowed.as_slice() {
        [only] => only.clone(),
        _ => json!({ "anyOf": allowed }),
    };
    keywords.insert("additionalProperties".to_owned(), schema);
    true
}

/// The items of a tuple become items of any of its types. Returns the number of items.
fn join_tuple(keywords: &mut Map<String, Value>) -> Option<usize> {
    let Some(Value::Array(mut allowed)) = keywords.shift_remove("prefixItems") else {
        return None;
    };
    if let Some(rest @ Value::Object(_)) = keywords.get("items") {
        allowed.push(rest.clone());
    }
    allowed.dedup();
    let types = allowed.len();
    let items = match allowed.as_slice() {
        [only] => only.clone(),
        _ => json!({ "anyOf": allowed }),
    };
    keywords.insert("items".to_owned(), items);
    Some(types)
}

/// An array without `items`, or with a boolean there, gets `items: {}`.
fn unwrap_items(keywords: &mut Map<String, Value>) -> bool {
    let is_array = keywords.get("type").and_then(Value::as_str) == Some("array");
    let has_schema = keywords.get("items").is_some_and(Value::is_object);
    if !is_array || has_schema {
        return false;
    }
    keywords.insert("items".to_owned(), json!({}));
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
    fn encoded_strings_get_a_format() {
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
    fn pattern_properties_become_additional_properties() {
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
    fn properties_that_a_condition_adds_are_optional() {
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
    fn unevaluated_properties_become_additional_properties() {
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
        let string = json!({ "type": "string" });
        let tuple = json!({ "type": "array", "prefixItems": [string, string], "items": false });
        let body = json!({ "content": { "application/json": { "schema": tuple } } });
        let document = json!({ "paths": { "/a": { "put": { "requestBody": body } } } });
        assert_eq!(
            losses(&PASS, document),
            ["the client does not check the number of items"]
        );
        assert_eq!(lowered(tuple), json!({ "type": "array", "items": string }));
    }

    #[test]
    fn property_names_of_any_string_are_removed() {
        let names = json!({ "type": "object", "propertyNames": { "type": "string" } });
        let body = json!({ "content": { "application/json": { "schema": names } } });
        let document = json!({ "paths": { "/a": { "put": { "requestBody": body } } } });
        assert_eq!(losses(&PASS, document), Vec::<String>::new());
    }

    #[test]
    fn restrictions_are_removed_with_a_note() {
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
