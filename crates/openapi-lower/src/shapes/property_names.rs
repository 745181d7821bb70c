//! Moves properties whose Rust field names collide to the additional properties.
//!
//! Before: `{properties: {fooBar: …, foo_bar: …}}`.
//! After: `{properties: {fooBar: …}, additionalProperties: {}}`, so that `foo_bar` is in `extra`.
//!
//! typify would generate two fields with the same name. A listed property named `extra` collides with the
//! field for additional properties and is also moved there.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::walk::schemas_mut;
use serde_json::{Value, json};

use crate::{Notes, Pass, Reduced};
use client_codegen::naming::field_name;

pub(crate) const PASS: Pass = Pass {
    name: "property-names",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        if schema["type"] != "object" {
            return;
        }
        let nameless = nameless(schema);
        let Some(keywords) = schema.as_object_mut().filter(|_| !nameless.is_empty()) else {
            return;
        };
        if let Some(Value::Object(properties)) = keywords.get_mut("properties") {
            properties.retain(|name, _| !nameless.contains(name));
        }
        if let Some(Value::Array(required)) = keywords.get_mut("required") {
            required.retain(|name| !nameless.iter().any(|nameless| name == nameless));
        }
        keywords.insert("additionalProperties".to_owned(), json!({}));
        for name in nameless {
            let place = pointer.join("properties").join(&name);
            let loss = format!("`{name}` has no separate field; it is in `extra`, as JSON");
            notes.add_reduced(
                &place,
                "moved to the additional properties",
                "another property has the same Rust field name",
                Reduced::removing(loss, &place),
            );
        }
    });
}

/// The properties, listed or only required, whose field name is already used. Required properties take
/// precedence.
fn nameless(schema: &Value) -> BTreeSet<String> {
    let required = schema["required"].as_array().into_iter().flatten();
    let required = required.filter_map(Value::as_str);
    let listed = schema["properties"].as_object().into_iter().flatten();
    let names = required.chain(listed.map(|(name, _)| name.as_str()));
    let mut fields: BTreeMap<String, &str> = BTreeMap::new();
    let mut nameless = BTreeSet::new();
    for name in names {
        let first = *fields.entry(field_name(name)).or_insert(name);
        if first != name {
            nameless.insert(name.to_owned());
        }
    }
    let holds_others = !nameless.is_empty() || schema["additionalProperties"].is_object();
    if holds_others && let Some(name) = fields.get("extra") {
        nameless.insert((*name).to_owned());
    }
    nameless
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;

    #[test]
    fn properties_with_the_same_field_name_move_to_the_additional_ones() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({ "A": {
                "type": "object",
                "required": ["foo_bar", "x"],
                "properties": { "fooBar": {}, "foo_bar": {}, "x": {} },
            } }),
        );
        assert_eq!(
            after["A"],
            json!({
                "type": "object",
                "required": ["foo_bar", "x"],
                "properties": { "foo_bar": {}, "x": {} },
                "additionalProperties": {},
            })
        );
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn a_property_named_extra_moves_to_the_additional_ones() {
        let (after, _) = run_on_schemas(
            &PASS,
            json!({ "A": {
                "type": "object",
                "properties": { "extra": {}, "x": {} },
                "additionalProperties": { "type": "string" },
            } }),
        );
        assert_eq!(
            after["A"],
            json!({ "type": "object", "properties": { "x": {} }, "additionalProperties": {} })
        );
    }

    #[test]
    fn a_closed_object_may_have_a_property_named_extra() {
        let schemas = json!({ "A": { "type": "object", "properties": { "extra": {} } } });
        assert_eq!(run_on_schemas(&PASS, schemas.clone()), (schemas, vec![]));
    }
}
