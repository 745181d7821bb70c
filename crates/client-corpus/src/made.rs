//! Generated documents, composed of constructs that occur in real ones.
//!
//! They are valid, and each of their schemas has instances, so every failure is a bug of the
//! lowering. The documents are the same in each run.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

/// Names of component schemas; some are equal in Rust.
const SCHEMAS: [&str; 5] = ["Order", "order", "OrderLine", "Order-Line", "Error"];
/// Names of properties; some are Rust keywords, some are equal in Rust.
const NAMES: [&str; 8] = [
    "id", "type", "self", "userId", "user_id", "+1", "-1", "extra",
];

/// The first `count` documents.
pub fn documents(count: usize) -> Vec<Value> {
    let mut runner = TestRunner::deterministic();
    let strategy = document();
    let trees = (0..count).filter_map(|_| strategy.new_tree(&mut runner).ok());
    trees.map(|tree| tree.current()).collect()
}

/// A document of up to three operations over five component schemas.
pub fn document() -> impl Strategy<Value = Value> {
    let schemas = prop::collection::vec(object(), SCHEMAS.len());
    let operations = prop::collection::vec(operation(), 1..4);
    (schemas, operations, any::<bool>()).prop_map(|(schemas, operations, newer)| {
        let names = SCHEMAS.iter().map(|name| (*name).to_owned());
        let paths = operations
            .into_iter()
            .enumerate()
            .map(|(index, operation)| {
                let item = json!({ "post": operation });
                (format!("/things-{index}/{{thing id}}"), item)
            });
        let mut document = json!({
            "openapi": if newer { "3.1.0" } else { "3.0.3" },
            "info": { "title": "Made up", "version": "1" },
            "servers": [{ "url": "https://api.example.com" }],
            "paths": Map::from_iter(paths),
            "components": { "schemas": Map::from_iter(names.zip(schemas)) },
        });
        expand_null(&mut document, newer);
        document
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let id = prop::option::of(prop::sample::select(vec!["get", "Get-It", "getIt", "type"]));
    let in_path = parameter(&[
        ("path", None),
        ("path", Some("simple")),
        ("path", Some("label")),
        ("path", Some("matrix")),
    ]);
    let others = parameter(&[
        ("query", None),
        ("query", Some("form")),
        ("query", Some("spaceDelimited")),
        ("query", Some("pipeDelimited")),
        ("query", Some("deepObject")),
        ("header", None),
        ("header", Some("simple")),
        ("cookie", None),
    ]);
    let parameters = prop::collection::btree_map(
        prop::sample::select(vec!["page", "Page", "type", "ids[]", "x-trace"]),
        others,
        0..3,
    );
    let server = prop::option::weighted(
        0.2,
        prop::sample::select(vec![
            "https://api.example.com/v2",
            "https://{x}.example.com",
        ]),
    );
    let body = prop::option::of((schema(), any::<bool>()));
    let responses = prop::collection::btree_map(
        prop::sample::select(vec!["200", "201", "404", "4XX", "default"]),
        prop::option::weighted(0.8, schema()),
        1..4,
    );
    let parts = (id, in_path, parameters, body, responses, server);
    parts.prop_map(|(id, mut in_path, parameters, body, responses, server)| {
        in_path["name"] = "thing id".into();
        in_path["required"] = true.into();
        let mut all = vec![in_path];
        all.extend(parameters.into_iter().map(|(name, mut parameter)| {
            parameter["name"] = name.into();
            parameter
        }));
        let responses = responses.into_iter().map(|(status, schema)| {
            let mut response = json!({ "description": "" });
            if let Some(schema) = schema {
                response["content"] = json!({ "application/json": { "schema": schema } });
            }
            (status.to_owned(), response)
        });
        let mut operation = json!({
            "parameters": all,
            "responses": Map::from_iter(responses),
        });
        if let Some(id) = id {
            operation["operationId"] = id.into();
        }
        if let Some(server) = server {
            let variables = json!({ "x": { "default": "eu" } });
            operation["servers"] = json!([{ "url": server, "variables": variables }]);
        }
        if let Some((schema, required)) = body {
            let content = json!({ "application/json": { "schema": schema } });
            operation["requestBody"] = json!({ "required": required, "content": content });
        }
        operation
    })
}

/// A parameter without a name, with one of the locations and styles.
fn parameter(styles: &[(&'static str, Option<&'static str>)]) -> impl Strategy<Value = Value> {
    let schema = prop_oneof![
        4 => plain(),
        2 => properties(plain().boxed()),
        1 => reference(),
    ];
    let styles = prop::sample::select(styles.to_vec());
    (styles, any::<Option<bool>>(), schema).prop_map(|((place, style), explode, schema)| {
        let mut parameter = json!({ "in": place, "schema": schema });
        if let Some(style) = style {
            parameter["style"] = style.into();
        }
        if let Some(explode) = explode {
            parameter["explode"] = explode.into();
        }
        parameter
    })
}

/// A schema of a value without properties.
fn plain() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!({ "type": "string" }),
        json!({ "type": "string", "format": "uuid" }),
        json!({ "type": "string", "format": "date-time" }),
        json!({ "type": "string", "minLength": 1, "maxLength": 9 }),
        json!({ "type": "string", "pattern": "^[a-z]{2,4}$" }),
        json!({ "type": "string", "enum": ["open", "closed"] }),
        json!({ "type": "string", "enum": ["a-b", "a_b", "+1", "-1"] }),
        json!({ "type": "integer", "minimum": 1 }),
        json!({ "type": "integer", "format": "int64" }),
        json!({ "type": "number", "maximum": 1 }),
        json!({ "type": "boolean", "default": true }),
        json!({ "type": "array", "items": { "type": "string", "enum": ["x", "y"] } }),
    ])
}

fn reference() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(SCHEMAS.to_vec());
    names.prop_map(|name| json!({ "$ref": format!("#/components/schemas/{name}") }))
}

/// An object with properties of any schema. Properties that may be recursive are optional, so that
/// the object has instances.
fn object() -> BoxedStrategy<Value> {
    properties(schema().boxed()).boxed()
}

fn properties(of: BoxedStrategy<Value>) -> impl Strategy<Value = Value> {
    let properties = prop::collection::btree_map(prop::sample::select(NAMES.to_vec()), of, 0..4);
    let rest = prop::sample::select(vec![
        None,
        Some(json!(true)),
        Some(json!(false)),
        Some(json!({ "type": "integer" })),
    ]);
    (properties, any::<bool>(), rest).prop_map(|(properties, strict, rest)| {
        let required: Vec<&str> = properties
            .iter()
            .filter(|(_, schema)| strict && !recurs(schema))
            .map(|(name, _)| *name)
            .collect();
        let mut object = json!({ "type": "object", "title": "Thing" });
        if !required.is_empty() {
            object["required"] = json!(required);
        }
        let properties = properties.into_iter();
        let properties = properties.map(|(name, schema)| (name.to_owned(), schema));
        object["properties"] = Map::from_iter(properties).into();
        if let Some(rest) = rest {
            object["additionalProperties"] = rest;
        }
        object
    })
}

fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![3 => plain(), 2 => reference()];
    leaf.prop_recursive(2, 12, 3, |inner| {
        let two = (reference(), properties(inner.clone()));
        prop_oneof![
            properties(inner.clone()),
            inner
                .clone()
                .prop_map(|items| json!({ "type": "array", "items": items })),
            inner.prop_map(|of| json!({ "type": "object", "additionalProperties": of })),
            two.prop_map(|(part, own)| json!({ "allOf": [part, own] })),
            reference().prop_map(|part| json!({ "allOf": [part], "x-null": true })),
            plain().prop_map(
                |of| json!({ "oneOf": [of, { "type": "object", "required": ["k"],
                "properties": { "k": { "type": "string" } } }] })
            ),
            plain().prop_map(|mut of| {
                of["x-null"] = true.into();
                of
            }),
        ]
    })
}

/// True if a value of the schema may contain a component.
fn recurs(schema: &Value) -> bool {
    match schema {
        Value::Object(properties) => {
            properties.contains_key("$ref") || properties.values().any(recurs)
        }
        Value::Array(items) => items.iter().any(recurs),
        _ => false,
    }
}

/// Replaces `x-null` with the notation of the document's version.
fn expand_null(value: &mut Value, newer: bool) {
    match value {
        Value::Object(properties) => {
            properties
                .values_mut()
                .for_each(|value| expand_null(value, newer));
            if properties.shift_remove("x-null").is_none() {
                return;
            }
            if !newer {
                properties.insert("nullable".to_owned(), true.into());
                return;
            }
            if let Some(Value::Array(values)) = properties.get_mut("enum") {
                values.push(Value::Null);
            }
            match properties.get_mut("type") {
                Some(kind) => *kind = json!([kind, "null"]),
                None => *value = json!({ "oneOf": [value, { "type": "null" }] }),
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|value| expand_null(value, newer)),
        _ => {}
    }
}
