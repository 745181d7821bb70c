//! Inlines components that are scalars without constraints.
//!
//! Before: `createdOn: {$ref: '#/components/schemas/DateTime'}`, where `DateTime` is `{type: string,
//! format: date-time}`.
//! After: `createdOn: {type: string, format: date-time}`.
//!
//! typify generates a type for every component. A wrapper around `String` or `DateTime<Utc>` has no
//! benefit. Components with a pattern, bounds or an enumeration are not inlined, because their types check
//! them, nor those with named values, because their types have constants.

use client_codegen::enum_names::NAMES;
use openapi_document::Pointer;
use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value};

use crate::schema::{component_name, components, is_plain_scalar, is_wrapped};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "plain-scalars",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let plain: Map<String, Value> = components(root)
        .into_iter()
        .filter(|(_, schema)| is_plain_scalar(schema) && schema.get(NAMES).is_none())
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
                "A": { "properties": {
                    "plain": reference("Time"),
                    "described": { "allOf": [reference("Time")], "description": "d" },
                    "slug": reference("Slug"),
                } },
            }),
        );
        assert_eq!(
            after["A"]["properties"],
            json!({
                "plain": { "type": "string", "format": "date-time", "description": "a time" },
                "described": { "type": "string", "format": "date-time", "description": "d" },
                "slug": reference("Slug"),
            })
        );
        assert_eq!(notes.len(), 1);
    }
}
