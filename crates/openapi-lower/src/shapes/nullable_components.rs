//! Moves `nullable` from components to the schemas that refer to them.
//!
//! Before: `Value: {oneOf: [A, B], nullable: true}`, and `{$ref: Value}` in a property.
//! After: `Value: {oneOf: [A, B]}`, and `{allOf: [{$ref: Value}], nullable: true}` in the property.
//!
//! For a nullable component, typify generates two types, one of them a wrapper around an `Option`, whose
//! names can collide with other components. A property of type `Option<Value>` has the same meaning. Null
//! parameters, and null bodies that are not JSON, are omitted.

use std::collections::BTreeSet;

use openapi_document::Pointer;
use openapi_document::walk::{Kind, visit_mut};
use serde_json::Value;

use crate::media_type::is_json;
use crate::schema::{component_at, component_name, components_mut, is_wrapped, set_nullable};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "nullable-components",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let nullable = take_nullable(root, notes);
    visit_mut(root, &mut |kind, pointer, value| match kind {
        Kind::Schema if !is_wrapped(pointer) => {
            let is_nullable = component_name(value).is_some_and(|name| nullable.contains(&name));
            if is_nullable && component_at(pointer).is_none() {
                set_nullable(value);
            }
        }
        Kind::Parameter => {
            if let Some(schema) = value.get_mut("schema") {
                drop_nullable(&pointer.join("schema"), schema, notes);
            }
        }
        Kind::RequestBody => {
            let content = value.get_mut("content").and_then(Value::as_object_mut);
            for (name, media_type) in content.into_iter().flatten() {
                if is_json(name) {
                    continue;
                }
                let pointer = pointer.join("content").join(name).join("schema");
                if let Some(schema) = media_type.get_mut("schema") {
                    drop_nullable(&pointer, schema, notes);
                }
            }
        }
        _ => {}
    });
}

/// Removes `nullable` from the components, and returns the names of those that had it or that are an alias
/// of one that had it.
fn take_nullable(root: &mut Value, notes: &mut Notes) -> BTreeSet<String> {
    let mut nullable = BTreeSet::new();
    let components = components_mut(root);
    for (name, schema) in components.iter_mut() {
        let is_typed = ["type", "oneOf", "allOf", "enum", "x-rust-type"]
            .iter()
            .any(|keyword| schema.get(keyword).is_some());
        if is_typed
            && let Some(keywords) = schema.as_object_mut()
            && keywords.shift_remove("nullable") == Some(Value::Bool(true))
        {
            notes.add(
                &Pointer::of(["components", "schemas", name]),
                "moved `nullable` to the uses of the component",
                "the generator would generate two types for a nullable component",
            );
            nullable.insert(name.clone());
        }
    }
    loop {
        let before = nullable.len();
        for (name, schema) in components.iter() {
            if component_name(schema).is_some_and(|other| nullable.contains(&other)) {
                nullable.insert(name.clone());
            }
        }
        if nullable.len() == before {
            return nullable;
        }
    }
}

fn drop_nullable(pointer: &Pointer, schema: &mut Value, notes: &mut Notes) {
    let Some(keywords) = schema.as_object_mut() else {
        return;
    };
    if keywords.shift_remove("nullable") == Some(Value::Bool(true)) {
        notes.add(
            pointer,
            "removed `nullable`",
            "null values are omitted here",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;
    use crate::testing::{run, run_on_schemas};
    use serde_json::json;

    #[test]
    fn a_nullable_component_is_an_option_where_it_is_used() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "Value": { "oneOf": [reference("A"), reference("B")], "nullable": true },
                "Alias": reference("Value"),
                "A": { "properties": {
                    "value": reference("Value"),
                    "values": { "type": "array", "items": reference("Alias") },
                    "described": { "allOf": [reference("Value")], "description": "d" },
                } },
                "B": { "type": "string" },
            }),
        );
        assert_eq!(
            after["Value"],
            json!({ "oneOf": [reference("A"), reference("B")] })
        );
        assert_eq!(after["Alias"], reference("Value"));
        assert_eq!(
            after["A"]["properties"],
            json!({
                "value": { "allOf": [reference("Value")], "nullable": true },
                "values": { "type": "array", "items": {
                    "allOf": [reference("Alias")], "nullable": true,
                } },
                "described": {
                    "allOf": [reference("Value")], "description": "d", "nullable": true,
                },
            })
        );
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn null_bodies_are_omitted_except_in_json() {
        let nullable = json!({ "type": "object", "nullable": true });
        for (media_type, left) in [
            ("application/json", nullable.clone()),
            ("application/octet-stream", json!({ "type": "object" })),
        ] {
            let body = |schema: &Value| json!({ "content": { media_type: { "schema": schema } } });
            let (after, _) = run(
                &PASS,
                json!({ "paths": { "/a": { "put": { "requestBody": body(&nullable) } } } }),
            );
            let lowered = &after["paths"]["/a"]["put"]["requestBody"];
            assert_eq!(*lowered, body(&left));
        }
    }
}
