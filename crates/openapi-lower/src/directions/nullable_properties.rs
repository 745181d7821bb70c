//! Distinguishes null from absent in values that are sent as JSON.
//!
//! Before: `{properties: {assignee: {type: string, nullable: true}}}` in a request body.
//! After: the type of `assignee` is `client_runtime::Nullable<String>`, in an `Option` because it is not
//! required.
//!
//! typify generates one `Option` for "may be absent" and "may be null", and omits a property that is
//! `None`. A request that clears a property must send null. A component that responses also use has the
//! same type in both directions, so that a received null is sent as null. Components that only responses
//! use are not changed, because callers rarely need the distinction.
//!
//! Only JSON has null. In forms, and in parameters that are not JSON, null values are omitted.

use std::collections::BTreeSet;

use openapi_document::Pointer;
use openapi_document::walk::operations;
use serde_json::{Map, Value};

use crate::generator_types::has_type;
use crate::media_type::{Notation, all_properties};
use crate::reach::references_in;
use crate::rust_type::replace;
use crate::schema::{any_schema, components, components_mut, constraints, required};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "nullable-properties",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    for name in sent_as_json(root) {
        let Some(component) = components_mut(root).get_mut(&name) else {
            continue;
        };
        let required: BTreeSet<String> = required(component).map(str::to_owned).collect();
        let place = Pointer::of(["components", "schemas", &name, "properties"]);
        let properties = component.get_mut("properties");
        let properties = properties.and_then(Value::as_object_mut).into_iter();
        for (name, property) in properties.flatten() {
            if required.contains(name) {
                continue;
            }
            if let Some(inner) = take_nullable(property) {
                replace(property, "Nullable", &[inner]);
                notes.add(
                    &place.join(name),
                    "changed the type to `Nullable`",
                    "a request must distinguish null from absent",
                );
            }
        }
    }
}

/// Removes `nullable` from a schema and returns the schema of the non-null values. Returns `None` for
/// schemas without constraints, which already allow null, and for schemas that `last_resort` will replace.
fn take_nullable(property: &mut Value) -> Option<Value> {
    let mut inner = constraints(property);
    let is_nullable = inner.shift_remove("nullable") == Some(Value::Bool(true));
    let inner = match inner.get("allOf").and_then(Value::as_array) {
        Some(parts) => parts.first().cloned()?,
        None => Value::Object(inner),
    };
    let is_typed = !constraints(&inner).is_empty();
    if !is_nullable || !is_typed || any_schema(&inner, |schema| !has_type(schema)) {
        return None;
    }
    property.as_object_mut()?.shift_remove("nullable");
    Some(inner)
}

/// The components whose values are sent as JSON.
fn sent_as_json(root: &Value) -> BTreeSet<String> {
    let components = components(root);
    let mut waiting: Vec<String> = Vec::new();
    for (pointer, _, _) in operations(root) {
        let Some(operation) = pointer.get(root) else {
            continue;
        };
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let parameters = parameters.filter_map(|parameter| parameter.get("content"));
        waiting.extend(parameters.flat_map(references_in));
        let content = operation["requestBody"]["content"].as_object();
        for (name, media) in content.into_iter().flatten() {
            match Notation::of(components, name, media) {
                Notation::Form | Notation::Multipart => {
                    waiting.extend(parts(components, media).iter().flat_map(references_in));
                }
                _ => waiting.extend(references_in(media)),
            }
        }
    }
    let mut sent = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        if let Some(schema) = components.get(&name)
            && sent.insert(name)
        {
            waiting.extend(references_in(schema));
        }
    }
    sent
}

/// The properties of a form that are sent as JSON if they are objects: those without a `style`.
fn parts(components: &Map<String, Value>, media: &Value) -> Vec<Value> {
    let has_style = |name: &str| {
        let encoding = &media["encoding"][name];
        ["style", "explode", "allowReserved"]
            .iter()
            .any(|keyword| encoding.get(keyword).is_some())
    };
    let schema = media.get("schema").unwrap_or(&Value::Null);
    let parts = all_properties(components, schema).into_iter();
    let parts = parts.filter(|(name, _)| !has_style(name));
    parts.map(|(_, schema)| schema).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rust_type::runtime_type;
    use crate::schema::reference;
    use crate::testing::run;

    fn document(media_type: &str, encoding: &Value, schemas: &Value) -> Value {
        let media = json!({ "schema": reference("Task"), "encoding": encoding });
        json!({
            "paths": { "/tasks": { "patch": {
                "requestBody": { "content": { media_type: media } },
                "responses": { "200": { "content": { "application/json": {
                    "schema": reference("Response"),
                } } } },
            } } },
            "components": { "schemas": schemas },
        })
    }

    fn nullable() -> Value {
        json!({ "type": "string", "nullable": true })
    }

    #[test]
    fn an_optional_property_that_may_be_null_is_nullable_in_requests() {
        let schemas = json!({
            "Task": {
                "required": ["needed"],
                "properties": {
                    "text": { "type": "string", "nullable": true, "description": "d" },
                    "needed": nullable(),
                    "plain": { "type": "string" },
                    "owner": { "allOf": [reference("Owner")], "nullable": true },
                    "counts": { "type": "array", "items": { "type": "integer", "nullable": true }, "nullable": true },
                    "any": { "nullable": true },
                    "odd": { "type": "array", "items": { "minimum": 1, "oneOf": [] }, "nullable": true },
                },
            },
            "Owner": { "properties": { "name": nullable() } },
            "Response": { "properties": { "name": nullable() } },
        });
        let document = document("application/json", &json!({}), &schemas);
        let (after, notes) = run(&PASS, document);
        let after = &after["components"]["schemas"];
        let string = runtime_type("Nullable", &[json!({ "type": "string" })]);
        let mut described = string.clone();
        described["description"] = "d".into();
        let counts = json!({ "type": "array", "items": { "type": "integer", "nullable": true } });
        assert_eq!(
            after["Task"]["properties"],
            json!({
                "text": described,
                "needed": nullable(),
                "plain": { "type": "string" },
                "owner": runtime_type("Nullable", &[reference("Owner")]),
                "counts": runtime_type("Nullable", &[counts]),
                "any": { "nullable": true },
                "odd": schemas["Task"]["properties"]["odd"],
            })
        );
        assert_eq!(after["Owner"]["properties"]["name"], string);
        assert_eq!(after["Response"], schemas["Response"]);
        assert_eq!(notes.len(), 4);
    }

    #[test]
    fn only_json_properties_of_a_form_are_nullable() {
        let schemas = json!({
            "Task": { "properties": {
                "name": nullable(),
                "owner": reference("Owner"),
                "deep": reference("Deep"),
            } },
            "Owner": { "properties": { "name": nullable() } },
            "Deep": { "properties": { "name": nullable() } },
        });
        let encoding = json!({ "deep": { "style": "deepObject" } });
        let document = document("multipart/form-data", &encoding, &schemas);
        let (_, notes) = run(&PASS, document);
        assert_eq!(
            notes,
            ["#/components/schemas/Owner/properties/name: changed the type to `Nullable`"]
        );
    }
}
