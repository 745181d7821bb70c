//! Replaces the keywords of JSON Schema 2020-12 that OpenAPI 3.0 does not have.
//!
//! Before (3.1): `{type: string, contentEncoding: base64}`, `true`, `{type: object,
//! patternProperties: {'^x-': {type: string}}, additionalProperties: false}`.
//! After: `{type: string, format: byte}`, `{}`, `{type: object, additionalProperties: {type:
//! string}}`.
//!
//! Keywords that only restrict the valid instances and have no counterpart are removed with a note:
//! responses are tolerant, and servers check their requests.

use openapi_document::walk::schemas_mut;
use openapi_document::{Pointer, is_json};
use serde_json::{Map, Value, json};

use crate::fields::drop_field;
use crate::{Notes, Pass};

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
const RESTRICTIONS: [&str; 10] = [
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
];

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        match schema {
            // `additionalProperties` may also be a boolean in OpenAPI 3.0.
            Value::Bool(_) if is_rest_of_properties(pointer) => return,
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
                if encode_content(keywords) {
                    notes.add(pointer, "replaced with keywords of OpenAPI 3.0", WHY);
                }
                if open_patterns(keywords) {
                    let place = pointer.join("patternProperties");
                    let loss = "the client does not check which properties match a pattern";
                    notes.add_unchecked(&place, WHY, loss);
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

/// True if the pointer ends in the keyword for properties that are not listed, not in a property with that
/// name.
fn is_rest_of_properties(pointer: &Pointer) -> bool {
    const REST: [&str; 2] = ["additionalProperties", "unevaluatedProperties"];
    let tokens: Vec<String> = pointer.tokens().collect();
    matches!(
        tokens.as_slice(),
        [.., before, last] if before != "properties" && REST.contains(&last.as_str())
    )
}

/// Encoded bytes become `format: byte` (base64) or `format: binary`. The keywords do not apply to values
/// that are not strings, and a string that contains JSON remains a string.
fn encode_content(keywords: &mut Map<String, Value>) -> bool {
    if keywords.contains_key("format") || !may_be_string(keywords.get("type")) {
        return false;
    }
    let word = |keyword: &str| keywords.get(keyword).and_then(Value::as_str);
    let is_typed = keywords.contains_key("type");
    let format = match (word("contentEncoding"), word("contentMediaType")) {
        (Some("base64" | "base64url"), _) => "byte",
        (None, Some(media_type)) if is_typed || !is_json(media_type) => "binary",
        _ => return false,
    };
    keywords.insert("format".to_owned(), format.into());
    true
}

fn may_be_string(kind: Option<&Value>) -> bool {
    kind.is_none_or(|kind| match kind {
        Value::Array(kinds) => kinds.iter().any(|kind| kind == "string"),
        kind => kind == "string",
    })
}

/// Pattern properties become additional properties: a choice of the schemas of the patterns and the
/// schema of `additionalProperties`.
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
            lowered(json!({ "type": "string", "contentMediaType": "image/png" })),
            json!({ "type": "string", "format": "binary" })
        );
        let nullable = json!({ "type": ["string", "null"], "contentEncoding": "base64" });
        let expected = json!({ "type": ["string", "null"], "format": "byte" });
        assert_eq!(lowered(nullable), expected);
    }

    #[test]
    fn a_schema_that_describes_strings_without_stating_the_type_also_allows_other_values() {
        for (schema, expected) in [
            (
                json!({ "contentEncoding": "base64" }),
                json!({ "format": "byte" }),
            ),
            (
                json!({ "contentMediaType": "image/png" }),
                json!({ "format": "binary" }),
            ),
            (json!({ "contentMediaType": "application/json" }), json!({})),
            (
                json!({ "type": "object", "contentMediaType": "application/json" }),
                json!({ "type": "object" }),
            ),
        ] {
            assert_eq!(lowered(schema.clone()), expected, "{schema}");
        }
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
