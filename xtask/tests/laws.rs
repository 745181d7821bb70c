//! Laws of the lowering, over documents that nobody wrote: it does not panic, its result is a
//! document that `openapiv3` reads, and it says the same each time.

use openapi_document::Document;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use xtask::lower::lower;

/// A schema of the keywords that passes look at, with values that fit and some that do not.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!(true)),
        Just(json!({ "type": "string" })),
        Just(json!({ "type": ["string", "null"], "pattern": "^a$", "maxLength": 3 })),
        Just(json!({ "type": "string", "enum": ["a", "b", "A"] })),
        Just(json!({ "type": "string", "format": "uuid", "default": "x" })),
        Just(json!({ "type": "integer", "minimum": 1, "exclusiveMaximum": 9.0 })),
        Just(json!({ "type": ["integer", "string", "null"], "examples": [1, "x"] })),
        Just(json!({ "const": 3 })),
        Just(json!({ "enum": [1, "a", null] })),
        Just(json!({ "$ref": "#/components/schemas/A", "description": "d" })),
        Just(json!({ "$ref": "#/components/schemas/B" })),
        Just(json!({ "$ref": "#/components/schemas/A/properties/x" })),
    ];
    leaf.prop_recursive(3, 24, 3, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..3);
        prop_oneof![
            (inner.clone(), inner.clone(), any::<bool>()).prop_map(|(a, b, required)| {
                let required = if required {
                    json!(["x", "z"])
                } else {
                    json!([])
                };
                json!({ "type": "object", "required": required, "properties": { "x": a, "y": b } })
            }),
            inner
                .clone()
                .prop_map(|items| json!({ "type": "array", "items": items })),
            inner
                .clone()
                .prop_map(|value| json!({ "type": "object", "additionalProperties": value })),
            list.clone()
                .prop_map(|parts| json!({ "allOf": parts, "title": "T" })),
            list.clone().prop_map(|parts| json!({ "anyOf": parts })),
            list.clone()
                .prop_map(|parts| json!({ "oneOf": parts, "nullable": true })),
            list.prop_map(|parts| json!({ "type": "array", "prefixItems": parts })),
        ]
    })
}

fn document() -> impl Strategy<Value = Value> {
    let body = (schema(), any::<bool>()).prop_map(|(schema, required)| {
        json!({ "required": required, "content": { "application/json": { "schema": schema } } })
    });
    let answers = prop::collection::btree_map(
        prop_oneof![
            Just("200"),
            Just("201"),
            Just("204"),
            Just("4XX"),
            Just("404"),
            Just("default"),
        ],
        (
            schema(),
            prop_oneof![
                Just("application/json"),
                Just("application/problem+json"),
                Just("text/csv"),
                Just(""),
            ],
        ),
        0..4,
    )
    .prop_map(|answers| {
        let answers = answers.into_iter().map(|(status, (schema, media_type))| {
            let answer = match media_type {
                "" => json!({ "description": "" }),
                name => json!({ "description": "", "content": { name: { "schema": schema } } }),
            };
            (status.to_owned(), answer)
        });
        Value::Object(answers.collect::<Map<_, _>>())
    });
    (schema(), schema(), schema(), body, answers).prop_map(|(a, b, parameter, body, answers)| {
        json!({
            "openapi": "3.1.0",
            "info": { "title": "T", "version": "1" },
            "paths": { "/{p}": { "post": {
                "parameters": [
                    { "name": "q", "in": "query", "style": "deepObject", "schema": parameter },
                    { "name": "p", "in": "path", "required": true, "schema": parameter },
                ],
                "requestBody": body,
                "responses": answers,
            } } },
            "components": { "schemas": { "A": a, "B": b } },
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn lowering_refuses_or_gives_a_document_and_says_the_same_each_time(document in document()) {
        let document = Document::parse("d", document.to_string()).expect("is JSON");
        match (lower(&document), lower(&document)) {
            (Ok(first), Ok(second)) => {
                prop_assert_eq!(first.document.to_string(), second.document.to_string());
                prop_assert_eq!(first.notes, second.notes);
                let read = serde_json::from_value::<openapiv3::OpenAPI>(first.document);
                prop_assert!(read.is_ok());
            }
            (Err(first), Err(second)) => {
                prop_assert_eq!(&first, &second);
                // A reference may be wrong here; nothing else about these documents is.
                prop_assert!(first.message.contains("reference"), "{first}");
            }
            _ => prop_assert!(false, "refused once"),
        }
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in "(?s).{0,200}|[{}\\[\\]:,\"'a-c \n&*<-]{0,60}") {
        let _ = Document::parse("d", text).and_then(|document| lower(&document));
    }
}
