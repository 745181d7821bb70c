//! Properties of the lowering on generated documents: it does not panic, `openapiv3` can read its
//! result, it is deterministic, and the generated code has no duplicate names.

use std::collections::BTreeSet;

use client_codegen::generate;
use client_codegen::surface::Surface;
use client_crate::default_settings;
use openapi_document::Document;
use openapi_lower::{lower, text_of};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A schema with the keywords that passes handle, with valid and invalid values.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!(true)),
        Just(json!({ "type": "string" })),
        Just(json!({ "type": ["string", "null"], "pattern": "^a$", "maxLength": 3 })),
        Just(json!({ "type": "string", "enum": ["a", "b", "A"] })),
        Just(
            json!({ "type": "string", "enum": ["", "=", "~"], "x-enumNames": ["a", 1], "x-enum-descriptions": { "=": "```" } })
        ),
        Just(json!({ "type": "integer", "enum": [-1, 0], "x-enum-varnames": ["low", "Low"] })),
        Just(json!({ "type": "string", "format": "uuid", "default": "x" })),
        Just(json!({ "type": "integer", "minimum": 1, "exclusiveMaximum": 9.0 })),
        Just(json!({ "type": ["integer", "string", "null"], "examples": [1, "x"] })),
        Just(json!({ "const": 3 })),
        Just(json!({ "enum": [1, "a", null] })),
        Just(json!({ "$ref": "#/components/schemas/A", "description": "d" })),
        Just(json!({ "$ref": "#/components/schemas/B" })),
        Just(json!({ "$ref": "#/components/schemas/A/properties/x" })),
        odd_schema(),
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
            (inner.clone(), list.clone()).prop_map(|(part, parts)| {
                json!({ "type": "object", "properties": { "x": part }, "oneOf": parts })
            }),
            (inner.clone(), inner.clone()).prop_map(|(part, other)| {
                json!({ "if": part, "then": other, "not": part, "patternProperties": { "^x": other } })
            }),
            inner.clone().prop_map(|part| {
                json!({ "type": "object", "additionalProperties": part, "properties": {
                    "fooBar": part, "foo_bar": part, "extra": part, "@type": part, "": part,
                } })
            }),
            list.clone()
                .prop_map(|parts| json!({ "oneOf": parts, "nullable": true })),
            (list.clone(), any::<bool>()).prop_map(|(parts, is_fixed)| {
                let mut tuple = json!({ "type": "array", "prefixItems": parts });
                if is_fixed {
                    tuple["minItems"] = parts.len().into();
                    tuple["items"] = false.into();
                }
                tuple
            }),
            (list.clone(), inner.clone(), any::<bool>()).prop_map(|(parts, part, is_closed)| {
                let listed = json!({ "x": part });
                json!({ "allOf": parts, "properties": listed, "unevaluatedProperties": !is_closed })
            }),
            (list, inner).prop_map(|(parts, part)| {
                let dependent = json!({ "x": part, "y": { "properties": { "z": part } } });
                json!({ "type": "object", "anyOf": parts, "dependentSchemas": dependent, "unevaluatedItems": false })
            }),
        ]
    })
}

/// A schema with invalid or contradictory values, or with names that are not Rust identifiers.
fn odd_schema() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!(false)),
        Just(json!({ "type": "file", "required": true, "minLength": 2.0, "enum": [] })),
        Just(json!({ "type": "string", "properties": { "a": {} }, "format": "int32" })),
        Just(json!({ "type": "object", "enum": ["asc", "ASC", "asc", "+1", "-1", ""] })),
        Just(json!({ "enum": [null] })),
        Just(json!({ "enum": [1, 2.5, true, "x", {}] })),
        Just(json!({ "type": "integer", "enum": [1, 2], "maximum": 18446744073709551615_u64 })),
        Just(json!({ "type": "string", "pattern": "(?P<x>[" })),
        Just(json!({ "exclusiveMinimum": true, "format": "double" })),
        Just(json!({ "type": "array", "minItems": 40, "maxItems": 40, "uniqueItems": true })),
        Just(json!({ "not": { "type": "string" } })),
        Just(
            json!({ "type": "object", "nullable": true, "properties": { "a": { "type": "null" } } })
        ),
        Just(json!({
            "oneOf": [{ "$ref": "#/components/schemas/A" }, { "$ref": "#/components/schemas/B" }],
            "discriminator": { "propertyName": "x", "mapping": { "a": "A", "b": "B" } },
        })),
    ]
}

fn document() -> impl Strategy<Value = Value> {
    let body = (schema(), any::<bool>()).prop_map(|(schema, required)| {
        json!({ "required": required, "content": { "application/json": { "schema": schema } } })
    });
    let responses = prop::collection::btree_map(
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
    .prop_map(|responses| {
        let responses = responses.into_iter().map(|(status, (schema, media_type))| {
            let response = match media_type {
                "" => json!({ "description": "" }),
                name => json!({ "description": "", "content": { name: { "schema": schema } } }),
            };
            (status.to_owned(), response)
        });
        Value::Object(responses.collect::<Map<_, _>>())
    });
    (schema(), schema(), schema(), body, responses).prop_map(
        |(a, b, parameter, body, responses)| {
            json!({
                "openapi": "3.1.0",
                "info": { "title": "T", "version": "1" },
                "paths": { "/{p}": { "post": {
                    "parameters": [
                        { "name": "q", "in": "query", "style": "deepObject", "schema": parameter },
                        { "name": "p", "in": "path", "required": true, "schema": parameter },
                    ],
                    "requestBody": body,
                    "responses": responses,
                    "callbacks": { "done": { "{$url}": { "post": { "requestBody": body } } } },
                } } },
                "webhooks": { "new a": { "post": { "requestBody": body } } },
                // `AX` has the name that typify gives to the schema inside `A`.
                "components": { "schemas": { "A": a, "B": b, "AX": { "type": "string" } } },
            })
        },
    )
}

/// A valid schema of a parameter or a body.
fn plain_schema() -> impl Strategy<Value = Value> {
    let text = json!({ "type": "string" });
    let object =
        json!({ "type": "object", "properties": { "a": text, "b": { "type": "integer" } } });
    let nested = json!({ "type": "object", "properties": { "a": object, "file": { "type": "string", "format": "binary" } } });
    prop::sample::select(vec![
        json!({}),
        json!({ "type": "string", "format": "date-time", "nullable": true }),
        json!({ "type": "string", "format": "binary" }),
        json!({ "type": "string", "enum": ["a", "b"] }),
        json!({ "type": "integer", "minimum": 1 }),
        json!({ "type": "array", "items": text }),
        json!({ "type": "array", "items": object }),
        json!({ "type": "object", "additionalProperties": text }),
        json!({ "type": "object", "additionalProperties": object }),
        json!({ "allOf": [object, { "required": ["a"] }] }),
        json!({ "anyOf": [object, { "type": "integer" }] }),
        json!({ "$ref": "#/components/schemas/A" }),
        text,
        object,
        nested,
    ])
}

fn media_types() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "application/json",
        "application/vnd.a+json; v=1",
        "application/problem+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/mixed",
        "text/plain",
        "text/html",
        "text/event-stream",
        "application/x-ndjson",
        "application/json-seq",
        "application/octet-stream",
        "image/png",
        "image/*",
        "*/*",
    ]);
    let media = prop::option::of(plain_schema()).prop_map(|schema| match schema {
        Some(schema) => json!({ "schema": schema }),
        None => json!({}),
    });
    let content = prop::collection::vec((name, media), 0..4);
    content.prop_map(|content| {
        let content = content
            .into_iter()
            .map(|(name, media)| (name.to_owned(), media));
        Value::Object(content.collect())
    })
}

fn parameter() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "id",
        "user-id",
        "user_id",
        "UserId",
        "new",
        "send",
        "body",
        "self",
        "header_map",
        "X Y",
        "a[]",
    ]);
    let place = prop::sample::select(vec!["path", "query", "header", "cookie", "body"]);
    let style = prop::sample::select(vec![
        "form",
        "spaceDelimited",
        "pipeDelimited",
        "deepObject",
        "simple",
        "label",
        "matrix",
    ]);
    let explode = any::<Option<bool>>();
    let flags = (plain_schema(), any::<bool>(), any::<bool>());
    (name, place, prop::option::of(style), explode, flags).prop_map(
        |(name, place, style, explode, (schema, has_content, required))| {
            let name = if place == "path" { "id" } else { name };
            let mut parameter = json!({ "name": name, "in": place, "required": required });
            match has_content {
                true => parameter["content"] = json!({ "application/json": { "schema": schema } }),
                false => parameter["schema"] = schema,
            }
            if let Some(style) = style {
                parameter["style"] = style.into();
            }
            if let Some(explode) = explode {
                parameter["explode"] = explode.into();
            }
            parameter
        },
    )
}

/// Operations of one path in all notations.
fn operations() -> impl Strategy<Value = Value> {
    let id = prop::option::of(prop::sample::select(vec![
        "new", "Error", "do it", "doIt", "match", "1",
    ]));
    let tags = prop::collection::vec(prop::sample::select(vec!["", "a/b", "A b", "c"]), 0..3);
    let parameters = prop::collection::vec(parameter(), 0..5);
    let body = prop::option::of((media_types(), any::<bool>()));
    let statuses = prop::sample::select(vec![
        "200", "201", "204", "2XX", "302", "4XX", "404", "default",
    ]);
    let responses = prop::collection::vec((statuses, media_types()), 0..5);
    let operation = (id, tags, parameters, body, responses).prop_map(
        |(id, tags, parameters, body, responses)| {
            let responses = responses.into_iter().map(|(status, content)| {
                (
                    status.to_owned(),
                    json!({ "description": "", "content": content }),
                )
            });
            let responses = Value::Object(responses.collect());
            let mut operation =
                json!({ "tags": tags, "parameters": parameters, "responses": responses });
            if let Some(id) = id {
                operation["operationId"] = id.into();
            }
            if let Some((content, required)) = body {
                operation["requestBody"] = json!({ "content": content, "required": required });
            }
            operation
        },
    );
    let operation = operation.boxed();
    let another = operation.clone();
    (operation, another, prop::option::of(parameter())).prop_map(|(get, another, shared)| {
        json!({
            "openapi": "3.0.3",
            "info": { "title": "T", "version": "1" },
            "paths": { "/a/{id}": {
                "parameters": shared.into_iter().collect::<Vec<_>>(),
                "get": get,
                "post": another,
            } },
            "components": { "schemas": {
                "A": { "type": "object", "properties": { "a": { "type": "string" } } },
            } },
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn every_notation_of_an_operation_generates(document in operations()) {
        let document = Document::parse("d", document.to_string()).expect("is JSON");
        let plan = lower(&document).expect("is lowered").plan;
        let surface = Surface::of(&plan, &default_settings());
        let error = surface.as_ref().err().map(ToString::to_string);
        prop_assert!(error.is_none(), "{error:?}\n{plan:#?}");
        for call in surface.unwrap_or_default().operations.values() {
            let setters: BTreeSet<&String> = call.setters.iter().map(|(name, _)| name).collect();
            prop_assert_eq!(setters.len(), call.setters.len());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn lowering_is_deterministic(document in document()) {
        let document = Document::parse("d", document.to_string()).expect("is JSON");
        match (lower(&document), lower(&document)) {
            (Ok(first), Ok(second)) => {
                prop_assert_eq!(text_of(&first.plan), text_of(&second.plan));
                prop_assert_eq!(first.notes, second.notes);
                let read = serde_json::from_value::<openapiv3::OpenAPI>(first.plan.document);
                prop_assert!(read.is_ok());
            }
            (Err(first), Err(second)) => {
                prop_assert_eq!(&first, &second);
                // Only references may be invalid in these documents.
                prop_assert!(first.message.contains("reference"), "{first}");
            }
            _ => prop_assert!(false, "not deterministic"),
        }
    }

    #[test]
    fn any_string_is_parsed_or_rejected(text in "(?s).{0,200}|[{}\\[\\]:,\"'a-c \n&*<-]{0,60}") {
        let _ = Document::parse("d", text).and_then(|document| lower(&document));
    }
}

/// The names that are defined twice in a module.
fn duplicate_names(items: &[syn::Item]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut twice = Vec::new();
    for item in items {
        let mut fields = BTreeSet::new();
        let (name, inner): (_, Vec<String>) = match item {
            syn::Item::Struct(item) => {
                let names = item.fields.iter().filter_map(|field| field.ident.as_ref());
                (&item.ident, names.map(ToString::to_string).collect())
            }
            syn::Item::Enum(item) => {
                let names = item
                    .variants
                    .iter()
                    .map(|variant| variant.ident.to_string());
                (&item.ident, names.collect())
            }
            syn::Item::Mod(item) => {
                let inner = item
                    .content
                    .as_ref()
                    .map(|(_, items)| duplicate_names(items));
                twice.extend(inner.into_iter().flatten());
                (&item.ident, Vec::new())
            }
            _ => continue,
        };
        twice.extend(
            inner
                .into_iter()
                .filter(|field| !fields.insert(field.clone())),
        );
        if !seen.insert(name.to_string()) {
            twice.push(name.to_string());
        }
    }
    twice
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn lowered_documents_generate_code_without_duplicate_names(mut document in document()) {
        // Schemas of parameters are not tested here.
        document["paths"]["/{p}"]["post"]["parameters"] = json!([]);
        let document = Document::parse("d", document.to_string()).expect("is JSON");
        if let Ok(lowered) = lower(&document) {
            let code = generate(&lowered.plan, &default_settings());
            let code = code.map_err(|error| TestCaseError::fail(error.to_string()))?;
            let file = syn::parse2::<syn::File>(code.tokens()).expect("is Rust");
            prop_assert_eq!(duplicate_names(&file.items), Vec::<String>::new());
        }
    }
}
