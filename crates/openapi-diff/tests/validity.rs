//! The verdict on a changed schema of a request, judged by a validator of JSON Schema.

mod common;

use std::collections::BTreeMap;

use common::{At, verdict};
use openapi_diff::catalogue::Verdict;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// The maximum number of values that each pair of schemas is judged by.
const MOST_VALUES: usize = 600;

/// An old and a new schema.
type Pair = (Value, Value);

/// A scalar schema.
fn scalar() -> impl Strategy<Value = Value> {
    select(vec![
        json!({ "type": "string" }),
        json!({ "type": "string", "minLength": 2 }),
        json!({ "type": "string", "maxLength": 2 }),
        json!({ "type": "string", "pattern": "^a" }),
        json!({ "type": "string", "enum": ["a", "abc"] }),
        json!({ "type": "string", "enum": ["a"], "minLength": 1 }),
        json!({ "const": "abc" }),
        json!({ "type": ["string", "null"] }),
        json!({ "type": ["string", "boolean"], "maxLength": 1 }),
        json!({ "type": "integer" }),
        json!({ "type": "integer", "minimum": 1 }),
        json!({ "type": "integer", "exclusiveMinimum": 0, "maximum": 4 }),
        json!({ "type": "integer", "enum": [1, 4] }),
        json!({ "type": "number" }),
        json!({ "type": "number", "multipleOf": 2 }),
        json!({ "type": "number", "exclusiveMaximum": 4 }),
        json!({ "type": "boolean" }),
        json!({ "type": ["integer", "null"], "minimum": 3 }),
    ])
}

/// Two schemas with the same structure, which differ in some keywords or parts.
fn pair() -> impl Strategy<Value = Pair> {
    let leaf = prop_oneof![
        (scalar(), scalar()),
        scalar().prop_map(|schema| (schema.clone(), schema)),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let properties = prop::collection::btree_map(select(vec!["a", "b", "c"]), inner.clone(), 1..3);
        let keywords = || {
            select(vec![
                json!({}),
                json!({ "required": ["a"] }),
                json!({ "required": ["a", "b"] }),
                json!({ "additionalProperties": false }),
                json!({ "additionalProperties": { "type": "integer" } }),
                json!({ "minProperties": 1 }),
                json!({ "maxProperties": 1 }),
                json!({ "dependentRequired": { "a": ["b"] } }),
                json!({ "additionalProperties": false, "patternProperties": { "^x": { "type": "string" } } }),
                json!({ "type": ["object", "null"] }),
            ])
        };
        let counts = || {
            select(vec![
                json!({}),
                json!({ "minItems": 1 }),
                json!({ "maxItems": 1 }),
                json!({ "uniqueItems": true }),
            ])
        };
        prop_oneof![
            (properties, keywords(), keywords()).prop_map(|(properties, old, new)| {
                (object(&properties, 0, &old), object(&properties, 1, &new))
            }),
            (inner.clone(), counts(), counts()).prop_map(|((old, new), a, b)| {
                let array = |items: Value, others: &Value| {
                    merged(&json!({ "type": "array", "items": items }), others)
                };
                (array(old, &a), array(new, &b))
            }),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| {
                (json!({ "anyOf": [a.0, b.0] }), json!({ "anyOf": [b.1, a.1] }))
            }),
            // Only one side has alternatives.
            (inner.clone(), scalar(), any::<bool>()).prop_map(|((old, new), other, is_old)| {
                match is_old {
                    true => (json!({ "anyOf": [old, other] }), new),
                    false => (old, json!({ "anyOf": [other, new] })),
                }
            }),
            inner.prop_map(|(old, new)| {
                (json!({ "allOf": [old] }), json!({ "allOf": [new, { "description": "d" }] }))
            }),
        ]
    })
}

/// The object of one side, with further keywords.
fn object(properties: &BTreeMap<&str, Pair>, side: usize, others: &Value) -> Value {
    let properties = properties.iter().map(|(name, (old, new))| {
        let schema = [old, new][side].clone();
        ((*name).to_owned(), schema)
    });
    let properties: Map<String, Value> = properties.collect();
    merged(
        &json!({ "type": "object", "properties": properties }),
        others,
    )
}

fn merged(schema: &Value, others: &Value) -> Value {
    let keywords = [schema, others].into_iter().filter_map(Value::as_object);
    let keywords = keywords.flatten();
    Value::Object(
        keywords
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}

/// Values that are near the limits of a schema. Not all of them are valid.
fn values(schema: &Value) -> Vec<Value> {
    let scalars = [
        json!(null),
        json!(""),
        json!("a"),
        json!("b"),
        json!("ab"),
        json!("abc"),
        json!("aaa"),
        json!(true),
        json!(-1),
        json!(0),
        json!(1),
        json!(2),
        json!(3),
        json!(4),
        json!(5),
        json!(1.5),
        json!({}),
        json!([]),
    ];
    for keyword in ["anyOf", "allOf"] {
        if let Some(parts) = schema[keyword].as_array() {
            return parts.iter().flat_map(values).collect();
        }
    }
    let mut found = scalars.to_vec();
    if let Some(properties) = schema["properties"].as_object() {
        let valid = |schema: &Value| {
            let validator = jsonschema::validator_for(schema).expect("is a schema");
            values(schema)
                .into_iter()
                .find(|value| validator.is_valid(value))
        };
        let of_each: Map<String, Value> = properties
            .iter()
            .filter_map(|(name, schema)| Some((name.clone(), valid(schema)?)))
            .collect();
        let whole = Value::Object(of_each.clone());
        let with = |name: &str, value: Value| merged(&whole, &json!({ (name): value }));
        found.push(whole.clone());
        for (name, schema) in properties {
            found.extend(values(schema).into_iter().map(|value| with(name, value)));
            let mut others = of_each.clone();
            let only = others.shift_remove(name);
            found.push(Value::Object(others));
            found.extend(only.map(|value| json!({ (name): value })));
        }
        for (name, value) in [
            ("a", json!(1)),
            ("b", json!("a")),
            ("x", json!("a")),
            ("x", json!(1)),
            ("y", json!(1)),
        ] {
            found.push(with(name, value));
        }
    }
    if let Some(items) = schema.get("items") {
        let items = values(items);
        found.extend(items.iter().map(|item| json!([item])));
        found.extend(items.iter().map(|item| json!([item, item])));
        found.extend(items.windows(2).map(|pair| json!(pair)));
    }
    found
}

/// A value that the old schema allows and the new one does not.
fn rejected(old: &Value, new: &Value) -> Option<Value> {
    let validators =
        [old, new].map(|schema| jsonschema::validator_for(schema).expect("is a schema"));
    let mut all: Vec<Value> = values(old).into_iter().chain(values(new)).collect();
    all.truncate(MOST_VALUES);
    all.into_iter()
        .find(|value| validators[0].is_valid(value) && !validators[1].is_valid(value))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn a_change_that_rejects_a_value_of_requests_is_not_called_safe((old, new) in pair()) {
        let (found, changes) = verdict("3.1.0", At::Request, &old.to_string(), &new.to_string());
        if let Some(value) = rejected(&old, &new) {
            prop_assert!(found >= Verdict::MayBreak, "{value} is valid no longer, but {found:?}: {changes:#?}");
        }
    }

    #[test]
    fn an_added_alternative_is_not_called_breaking((schema, _) in pair(), other in scalar()) {
        // Alternatives are compared in pairs, so an alternative of several types is not compared with two others.
        let has_types = |schema: &Value| schema.to_string().contains(r#""type":["#);
        prop_assume!(!has_types(&schema) && !has_types(&other));
        let wider = json!({ "anyOf": [schema, other] });
        let (found, changes) = verdict("3.1.0", At::Request, &schema.to_string(), &wider.to_string());
        prop_assert!(found < Verdict::Breaking, "{found:?}: {changes:#?}");
    }
}
