//! Inlines components that are scalars without constraints.
//!
//! Before: `createdOn: {$ref: '#/components/schemas/DateTime'}`, where `DateTime` is `{type: string,
//! format: date-time}`.
//! After: `createdOn: {type: string, format: date-time}`.
//!
//! typify generates a type for every component. A wrapper around `String` or `DateTime<Utc>` has no
//! benefit. Components with a pattern, a length or an enumeration are not inlined, because their types check
//! them. Integers with bounds are inlined, because the pass `integers` changes their types to ones that
//! check the bounds and accept plain numbers. Those with named values are not, because their types have
//! constants.

use client_codegen::enum_names::NAMES;
use openapi_document::Pointer;
use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value};

use super::integers::BOUNDS;
use crate::schema::{component_name, components, is_plain_scalar, is_wrapped};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "plain-scalars",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let plain: Map<String, Value> = components(root)
        .into_iter()
        .filter(|(_, schema)| is_plain_scalar(schema) || is_bounded_integer(schema))
        .filter(|(_, schema)| schema.get(NAMES).is_none())
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    for name in plain.keys() {
        notes.add(
            &Pointer::of(["components", "schemas", name]),
            "inlined where it is used",
            "a wrapper type around a plain scalar has no benefit",
        );
    }
    schemas_mut(root, |pointer, schema| {
        if is_wrapped(pointer) {
            return;
        }
        let Some(scalar) = component_name(schema).and_then(|name| plain.get(&name)) else {
            return;
        };
        let mut inline = scalar.as_object().cloned().unwrap_or_default();
        for (keyword, value) in schema.as_object().into_iter().flatten() {
            if keyword != "$ref" && keyword != "allOf" {
                inline.insert(keyword.clone(), value.clone());
            }
        }
        *schema = Value::Object(inline);
    });
}

/// True if a schema is an integer without constraints except a format and bounds.
fn is_bounded_integer(schema: &Value) -> bool {
    let mut unbounded = schema.clone();
    if let Some(schema) = unbounded.as_object_mut() {
        schema.retain(|keyword, _| !BOUNDS.contains(&keyword.as_str()));
    }
    schema["type"] == "integer" && is_plain_scalar(&unbounded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn plain_scalars_are_inlined_and_constrained_ones_are_not() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "Time": { "type": "string", "format": "date-time", "description": "a time" },
                "Slug": { "type": "string", "pattern": "^a$" },
                "Count": { "type": "integer", "minimum": 1, "maximum": 3 },
                "Level": { "type": "integer", "enum": [1, 2] },
                "A": { "properties": {
                    "plain": reference("Time"),
                    "described": { "allOf": [reference("Time")], "description": "d" },
                    "slug": reference("Slug"),
                    "count": reference("Count"),
                    "level": reference("Level"),
                } },
            }),
        );
        assert_eq!(
            after["A"]["properties"],
            json!({
                "plain": { "type": "string", "format": "date-time", "description": "a time" },
                "described": { "type": "string", "format": "date-time", "description": "d" },
                "slug": reference("Slug"),
                "count": { "type": "integer", "minimum": 1, "maximum": 3 },
                "level": reference("Level"),
            })
        );
        assert_eq!(notes.len(), 2);
    }
}
