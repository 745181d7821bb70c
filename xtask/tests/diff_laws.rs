//! Properties of the comparison on generated documents: the notation of a document makes no
//! difference, both directions find the same changes, and every change is found once.

use std::collections::BTreeMap;

use openapi_diff::documents;
use openapi_diff::model::{Change, Report};
use openapi_diff::policy::Policy;
use openapi_document::{Document, Pointer};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

/// A schema in the notation of OpenAPI 3.0. `refers` allows references to components.
fn schema(refers: bool) -> impl Strategy<Value = Value> {
    let leaves = vec![
        json!({ "type": "string" }),
        json!({ "type": "string", "nullable": true, "maxLength": 9 }),
        json!({ "type": "string", "enum": ["x", "y", "z"] }),
        json!({ "type": "string", "enum": ["x"], "description": "d" }),
        json!({ "type": "string", "format": "uuid" }),
        json!({ "type": "integer", "minimum": 1, "exclusiveMinimum": true }),
        json!({ "type": "number", "maximum": 7, "default": 3 }),
        json!({ "type": "boolean", "readOnly": true }),
    ];
    let references = vec![
        json!({ "$ref": "#/components/schemas/A" }),
        json!({ "allOf": [{ "$ref": "#/components/schemas/B" }], "nullable": true }),
    ];
    let leaves = match refers {
        true => [leaves, references].concat(),
        false => leaves,
    };
    select(leaves).prop_recursive(3, 12, 3, |inner| {
        let properties = prop::collection::btree_map(
            select(vec!["a", "b", "c", "d"]),
            (inner.clone(), any::<bool>()),
            1..4,
        );
        prop_oneof![
            properties.prop_map(object),
            inner
                .clone()
                .prop_map(|items| json!({ "type": "array", "items": items })),
            inner
                .clone()
                .prop_map(|value| json!({ "type": "object", "additionalProperties": value })),
            (inner.clone(), inner).prop_map(|(a, b)| json!({ "allOf": [
                object(BTreeMap::from([("p", (a, true))])),
                object(BTreeMap::from([("q", (b, false))])),
            ] })),
        ]
    })
}

fn object(properties: BTreeMap<&str, (Value, bool)>) -> Value {
    let required = properties.iter().filter(|(_, (_, required))| *required);
    let required: Vec<&str> = required.map(|(name, _)| *name).collect();
    let properties: Map<String, Value> = properties
        .iter()
        .map(|(name, (schema, _))| ((*name).to_owned(), schema.clone()))
        .collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

/// A document with two operations that use two components.
fn document() -> impl Strategy<Value = Value> {
    (schema(true), schema(true), schema(false), schema(false), schema(false)).prop_map(
        |(body, response, parameter, a, b)| {
            let content = |schema: Value| json!({ "application/json": { "schema": schema } });
            json!({
                "openapi": "3.0.3",
                "info": { "title": "T", "version": "1" },
                "paths": {
                    "/things": {
                        "post": {
                            "operationId": "Create",
                            "requestBody": { "required": true, "content": content(body) },
                            "responses": { "201": { "description": "", "content": content(response) } },
                        },
                    },
                    "/things/{id}": {
                        "get": {
                            "operationId": "Get",
                            "parameters": [
                                { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
                                { "name": "q", "in": "query", "schema": parameter },
                            ],
                            "responses": { "200": { "description": "", "content": content(json!({ "$ref": "#/components/schemas/A" })) } },
                        },
                    },
                },
                "components": { "schemas": { "A": a, "B": b } },
            })
        },
    )
}

fn compared(old: &Value, new: &Value) -> Report {
    let parse = |name, value: &Value| Document::parse(name, value.to_string()).expect("is JSON");
    documents(&parse("old", old), &parse("new", new), &Policy::default())
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The changes that are not hidden, for messages.
fn shown(report: &Report) -> Vec<String> {
    let changes = report.shown(false);
    changes
        .map(|change| format!("{}: {}", change.check.id, change.what))
        .collect()
}

/// The same value with the properties of every object in reverse order.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(properties) => {
            let properties = properties.iter().rev();
            properties
                .map(|(name, value)| (name.clone(), reversed(value)))
                .collect::<Map<_, _>>()
                .into()
        }
        Value::Array(items) => items.iter().map(reversed).collect(),
        other => other.clone(),
    }
}

/// The same document with the component `A` renamed.
fn renamed(document: &Value) -> Value {
    let text = document.to_string();
    let text = text.replace("#/components/schemas/A\"", "#/components/schemas/Other\"");
    let mut document: Value = serde_json::from_str(&text).expect("is JSON");
    let schemas = document["components"]["schemas"].as_object_mut();
    let schemas = schemas.expect("has components");
    let a = schemas.shift_remove("A").expect("is present");
    schemas.insert("Other".to_owned(), a);
    document
}

/// The same value with the component `A` inlined.
fn inlined(value: &Value, a: &Value) -> Value {
    match value {
        Value::Object(properties)
            if properties.get("$ref") == Some(&json!("#/components/schemas/A")) =>
        {
            a.clone()
        }
        Value::Object(properties) => {
            let properties = properties.iter();
            properties
                .map(|(name, value)| (name.clone(), inlined(value, a)))
                .collect::<Map<_, _>>()
                .into()
        }
        Value::Array(items) => items.iter().map(|item| inlined(item, a)).collect(),
        other => other.clone(),
    }
}

/// The same document in the notation of OpenAPI 3.1.
fn modern(value: &Value) -> Value {
    let Value::Object(properties) = value else {
        return match value {
            Value::Array(items) => items.iter().map(modern).collect(),
            other => other.clone(),
        };
    };
    let mut properties: Map<String, Value> = properties
        .iter()
        .map(|(name, value)| (name.clone(), modern(value)))
        .collect();
    if properties.contains_key("openapi") {
        properties.insert("openapi".to_owned(), json!("3.1.0"));
    }
    if properties.get("exclusiveMinimum") == Some(&json!(true))
        && let Some(minimum) = properties.shift_remove("minimum")
    {
        properties.insert("exclusiveMinimum".to_owned(), minimum);
    }
    if let Some([only]) = properties
        .get("enum")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    {
        let only = only.clone();
        properties.shift_remove("enum");
        properties.insert("const".to_owned(), only);
    }
    if properties.get("nullable") == Some(&json!(true)) {
        properties.shift_remove("nullable");
        match properties.shift_remove("allOf") {
            Some(parts) => {
                properties.insert("anyOf".to_owned(), json!([parts[0], { "type": "null" }]));
            }
            None => {
                let kind = properties["type"].take();
                properties.insert("type".to_owned(), json!([kind, "null"]));
            }
        }
    }
    properties.into()
}

/// The same document of OpenAPI 3.1, with every schema in another notation of the same values.
fn respelled(value: &Value) -> Value {
    let mut value = value.clone();
    openapi_document::walk::schemas_mut(&mut value, |_, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        // Keywords that do not concern the type, or that allow everything.
        match keywords.get("type").and_then(Value::as_str) {
            Some("string") => {
                keywords.insert("minItems".to_owned(), json!(2));
                keywords.insert("pattern".to_owned(), json!(".*"));
            }
            Some("object") => {
                keywords.insert("maxLength".to_owned(), json!(2));
                keywords.insert("minProperties".to_owned(), json!(0));
            }
            Some("array") => {
                keywords.insert("required".to_owned(), json!(["a"]));
                keywords.insert("uniqueItems".to_owned(), json!(false));
            }
            Some("integer") => {
                if let Some(bound) = keywords.shift_remove("exclusiveMinimum") {
                    let next = bound.as_i64().expect("is an integer") + 1;
                    keywords.insert("minimum".to_owned(), json!(next));
                }
            }
            _ => {}
        }
        if let Some(Value::Array(values)) = keywords.shift_remove("enum") {
            let values = values.into_iter().rev();
            let constants = values.map(|value| json!({ "const": value }));
            keywords.insert("oneOf".to_owned(), constants.collect());
        }
        // A list of types as alternatives.
        let types = keywords.get("type").and_then(Value::as_array);
        if let Some([kind, null]) = types.map(Vec::as_slice)
            && null == "null"
        {
            let mut only = keywords.clone();
            only.insert("type".to_owned(), kind.clone());
            let annotations = only.shift_remove("description");
            *schema = json!({ "anyOf": [only, { "type": "null" }] });
            if let Some(description) = annotations {
                schema["description"] = description;
            }
        }
    });
    value
}

/// A change of a document, and the check that finds it.
type Mutation = (&'static str, fn(&mut Value));

/// Changes of operations and their messages.
const MUTATIONS: &[Mutation] = &[
    ("operation-removed", |document| {
        let paths = document["paths"].as_object_mut();
        paths.expect("has paths").shift_remove("/things/{id}");
    }),
    ("operation-added", |document| {
        document["paths"]["/new"]["get"] = json!({ "responses": {} });
    }),
    ("operation-id-changed", |document| {
        document["paths"]["/things"]["post"]["operationId"] = json!("Other");
    }),
    ("operation-tag-changed", |document| {
        document["paths"]["/things"]["post"]["tags"] = json!(["t"]);
    }),
    ("operation-deprecated", |document| {
        document["paths"]["/things"]["post"]["deprecated"] = json!(true);
    }),
    ("parameter-removed", |document| {
        let operation = &mut document["paths"]["/things/{id}"]["get"];
        operation["parameters"]
            .as_array_mut()
            .expect("has some")
            .pop();
    }),
    ("parameter-added", |document| {
        document["paths"]["/things"]["post"]["parameters"] =
            json!([{ "name": "n", "in": "query", "schema": { "type": "string" } }]);
    }),
    ("parameter-became-required", |document| {
        document["paths"]["/things/{id}"]["get"]["parameters"][1]["required"] = json!(true);
    }),
    ("parameter-location-changed", |document| {
        document["paths"]["/things/{id}"]["get"]["parameters"][1]["in"] = json!("header");
    }),
    ("body-became-optional", |document| {
        document["paths"]["/things"]["post"]["requestBody"]["required"] = json!(false);
    }),
    ("body-removed", |document| {
        let operation = document["paths"]["/things"]["post"].as_object_mut();
        operation.expect("is an object").shift_remove("requestBody");
    }),
    ("media-type-added", |document| {
        document["paths"]["/things"]["post"]["requestBody"]["content"]["text/csv"] = json!({});
    }),
    ("success-added", |document| {
        document["paths"]["/things"]["post"]["responses"]["202"] = json!({ "description": "" });
    }),
    ("error-added", |document| {
        document["paths"]["/things"]["post"]["responses"]["404"] = json!({ "description": "" });
    }),
    ("header-added", |document| {
        document["paths"]["/things"]["post"]["responses"]["201"]["headers"]["X-A"] = json!({});
    }),
    ("security-required", |document| {
        document["components"]["securitySchemes"] =
            json!({ "T": { "type": "http", "scheme": "bearer" } });
        document["security"] = json!([{ "T": [] }]);
    }),
    ("server-added", |document| {
        document["servers"] = json!([{ "url": "https://a.example" }]);
    }),
];

/// A change of a schema, the schemas it applies to, and the check that finds it.
type SchemaMutation = (&'static str, fn(&Value) -> bool, fn(&mut Value));

const SCHEMA_MUTATIONS: &[SchemaMutation] = &[
    (
        "type-changed",
        |schema| {
            schema["type"] == "string" && schema.as_object().is_some_and(|schema| schema.len() == 1)
        },
        |schema| {
            // In plain text, a boolean is a string.
            schema["type"] = json!("object");
        },
    ),
    (
        "enum-value-added",
        |schema| schema["enum"].is_array(),
        |schema| {
            schema["enum"]
                .as_array_mut()
                .expect("is a list")
                .push(json!("new"));
        },
    ),
    (
        "enum-lifted",
        |schema| schema["enum"].is_array(),
        |schema| {
            schema
                .as_object_mut()
                .expect("is an object")
                .shift_remove("enum");
        },
    ),
    (
        "bound-loosened",
        |schema| schema["maxLength"].is_number(),
        |schema| {
            schema["maxLength"] = json!(90);
        },
    ),
    (
        "bound-tightened",
        |schema| schema["maximum"].is_number(),
        |schema| {
            schema["maximum"] = json!(5);
        },
    ),
    (
        "format-changed",
        |schema| schema["format"] == "uuid",
        |schema| {
            schema["format"] = json!("date");
        },
    ),
    (
        "pattern-added",
        |schema| schema["format"] == "uuid",
        |schema| {
            schema["pattern"] = json!("^a");
        },
    ),
    (
        "property-added",
        |schema| schema["properties"].is_object(),
        |schema| {
            schema["properties"]["new"] = json!({ "type": "string" });
        },
    ),
    (
        "additional-properties-refused",
        |schema| schema["properties"].is_object(),
        |schema| {
            schema["additionalProperties"] = json!(false);
        },
    ),
    (
        "no-longer-nullable",
        |schema| schema["nullable"] == true && schema["type"].is_string(),
        |schema| {
            schema["nullable"] = json!(false);
        },
    ),
    (
        "schema-deprecated",
        |schema| schema["type"].is_string(),
        |schema| {
            schema["deprecated"] = json!(true);
        },
    ),
];

/// Values at locations that do not allow them.
fn odd() -> Vec<Value> {
    let a = json!({ "$ref": "#/components/schemas/A" });
    vec![
        Value::Null,
        json!(true),
        json!(false),
        json!(-1),
        json!("x"),
        json!([]),
        json!({}),
        a.clone(),
        json!({ "oneOf": [a, { "$ref": "#/components/schemas/B" }] }),
        json!({ "anyOf": [a, { "type": "object", "properties": { "a": a } }] }),
        json!({ "allOf": [a, { "patternProperties": { "^x": a }, "discriminator": 1 }] }),
        json!({ "type": ["string", 1], "enum": {}, "prefixItems": [true, a], "if": a }),
    ]
}

/// The locations of all values in a document.
fn pointers(value: &Value, at: &Pointer, found: &mut Vec<Pointer>) {
    found.push(at.clone());
    match value {
        Value::Object(properties) => {
            for (name, value) in properties {
                pointers(value, &at.join(name), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                pointers(value, &at.join(index), found);
            }
        }
        _ => {}
    }
}

/// The locations of all used schemas: those of operations and of referenced components. Schemas inside
/// `readOnly` or `writeOnly` properties may be unused.
fn schemas(document: &Value) -> Vec<Pointer> {
    let text = document.to_string();
    let mut found = Vec::new();
    openapi_document::walk::visit(document, &mut |kind, pointer, _| {
        let at = pointer.as_str();
        let unused = at.starts_with("/components/schemas/B") && !text.contains("schemas/B\"");
        let mut around = std::iter::successors(Some(pointer.clone()), Pointer::parent);
        let one_way = around.any(|place| {
            let value = place.get(document);
            value.is_some_and(|value| value["readOnly"] == true || value["writeOnly"] == true)
        });
        if kind == openapi_document::walk::Kind::Schema && !unused && !one_way {
            found.push(pointer.clone());
        }
    });
    found
}

fn is_mirrored(change: &Change, others: &Report) -> bool {
    others.changes.iter().any(|other| {
        let same =
            change.old.pointer == other.new.pointer && change.new.pointer == other.old.pointer;
        same && change.check.mirrors.contains(&other.check)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn a_document_differs_in_nothing_from_itself(document in document()) {
        prop_assert_eq!(compared(&document, &document).changes, []);
        prop_assert_eq!(compared(&document, &reversed(&document)).changes, []);
    }

    #[test]
    fn how_a_document_is_cut_and_worded_does_not_show(document in document()) {
        let mut inlined = inlined(&document, &document["components"]["schemas"]["A"]);
        inlined["components"] = document["components"].clone();
        for other in [renamed(&document), inlined, modern(&document), respelled(&modern(&document))] {
            prop_assert_eq!(shown(&compared(&document, &other)), [""; 0]);
            prop_assert_eq!(shown(&compared(&other, &document)), [""; 0]);
        }
    }

    #[test]
    fn a_mangled_document_is_compared_or_refused(
        document in document(),
        places in prop::collection::vec((any::<Index>(), select(odd())), 1..4),
    ) {
        let mut mangled = modern(&document);
        for (index, odd) in places {
            let mut all = Vec::new();
            pointers(&mangled, &Pointer::root(), &mut all);
            *index.get(&all).get_mut(&mut mangled).expect("is present") = odd;
        }
        let parse = |value: &Value| Document::parse("d", value.to_string()).expect("is JSON");
        let (old, new) = (parse(&document), parse(&mangled));
        for (old, new) in [(&old, &new), (&new, &old), (&new, &new)] {
            let report = documents(old, new, &Policy::default());
            prop_assert!(!std::ptr::eq(old, new) || report.is_err() || report.is_ok_and(|report| report.changes.is_empty()));
        }
    }

    #[test]
    fn both_directions_see_the_same_changes(old in document(), new in document()) {
        let (there, back) = (compared(&old, &new), compared(&new, &old));
        for (changes, others) in [(&there, &back), (&back, &there)] {
            for change in &changes.changes {
                prop_assert!(is_mirrored(change, others), "{change:#?} is not mirrored in {others:#?}");
            }
        }
    }

    #[test]
    fn a_change_of_an_operation_is_found_once(document in document(), index in any::<Index>()) {
        let (check, mutate) = index.get(MUTATIONS);
        let mut changed = document.clone();
        mutate(&mut changed);
        let found = compared(&document, &changed);
        let ids: Vec<&str> = found.changes.iter().map(|change| change.check.id).collect();
        prop_assert_eq!(ids, [*check]);
    }

    #[test]
    fn a_change_of_a_schema_is_found_once(
        document in document(),
        index in any::<Index>(),
        place in any::<Index>(),
    ) {
        let (check, fits, mutate) = index.get(SCHEMA_MUTATIONS);
        let places: Vec<Pointer> = schemas(&document)
            .into_iter()
            .filter(|pointer| pointer.get(&document).is_some_and(fits))
            // The use of a component may be nullable even if the component is not.
            .filter(|pointer| *check != "no-longer-nullable" || pointer.tokens().count() > 3)
            .collect();
        prop_assume!(!places.is_empty());
        let mut changed = document.clone();
        let place = place.get(&places);
        mutate(place.get_mut(&mut changed).expect("is present"));
        let found = compared(&document, &changed);
        let ids: Vec<&str> = found.changes.iter().map(|change| change.check.id).collect();
        prop_assert_eq!(ids, [*check], "{} {:#}", place, document);
    }
}
