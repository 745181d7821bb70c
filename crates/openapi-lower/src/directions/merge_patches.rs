//! Makes the optional properties of merge patches nullable.
//!
//! Before: `application/merge-patch+json: {schema: {$ref: Task}}` with `Task: {properties: {title: {type:
//! string}, owner: {$ref: Owner}}}`.
//! After: the same with `TaskPatch: {properties: {title: {type: string, nullable: true}, owner: {allOf:
//! [{$ref: OwnerPatch}], nullable: true}}}`, where `Task` is also used elsewhere.
//!
//! In a merge patch, null deletes a property, at any depth that is reached through objects, whether or not
//! the schema allows null (RFC 7396 sections 1 and 2). A list is replaced as a whole, so schemas inside
//! lists are not changed. Required properties are not changed.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::walk::operations;
use openapi_document::{Pointer, shrink_to_fit};
use serde_json::{Map, Value};

use crate::media_type::essence;
use crate::reach::references_in;
use crate::schema::{
    Names, component_name, components, components_mut, constraints, reference, required,
    set_nullable,
};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "merge-patches",
    run,
};

const MERGE_PATCH: &str = "application/merge-patch+json";

fn run(root: &mut Value, notes: &mut Notes) {
    let bodies = take_bodies(root);
    if bodies.is_empty() {
        return;
    }
    let parts_of = patched_components(components(root), &bodies);
    let patches = patches(components(root), &parts_of);
    let elsewhere = elsewhere(root, &parts_of, &patches);
    let mut names = Names::of(components(root));
    let mut copies: BTreeMap<String, String> = BTreeMap::new();
    for name in patches.intersection(&elsewhere) {
        let copy = names.free(&format!("{name}Patch"));
        let place = Pointer::of(["components", "schemas", name]);
        notes.component(&copy, std::slice::from_ref(&place));
        notes.add(
            &place,
            format!("copied as `{copy}` for merge patches"),
            "the component is also used elsewhere, where null does not delete a property",
        );
        copies.insert(name.clone(), copy);
    }
    for name in &patches {
        let Some(mut schema) = components(root).get(name).cloned() else {
            continue;
        };
        redirect(&mut schema, &copies);
        if make_optional_nullable(&mut schema) {
            notes.add(
                &Pointer::of(["components", "schemas", name]),
                "made optional properties `nullable`",
                "null deletes a property in a merge patch",
            );
        }
        let name = copies.get(name).unwrap_or(name);
        components_mut(root).insert(name.clone(), schema);
    }
    for (place, mut schema) in bodies {
        redirect(&mut schema, &copies);
        if let Some(body) = place.get_mut(root) {
            *body = schema;
        }
    }
    // The copies need more memory.
    shrink_to_fit(root);
}

/// Takes the schemas of merge patches out of the document, with their locations.
fn take_bodies(root: &mut Value) -> Vec<(Pointer, Value)> {
    let mut bodies = Vec::new();
    for (pointer, _, _) in operations(root) {
        let content = pointer.join("requestBody").join("content");
        let Some(Value::Object(described)) = content.get_mut(root) else {
            continue;
        };
        for (name, media) in described {
            let schema = media.get_mut("schema");
            if let Some(schema) = schema.filter(|_| essence(name) == MERGE_PATCH) {
                bodies.push((content.join(name).join("schema"), schema.take()));
            }
        }
    }
    bodies
}

/// The components that merge patches consist of, each with the components that are patched as parts of it.
fn patched_components(
    components: &Map<String, Value>,
    bodies: &[(Pointer, Value)],
) -> BTreeMap<String, Vec<String>> {
    let mut parts_of = BTreeMap::new();
    let mut waiting: Vec<String> = bodies.iter().flat_map(|(_, body)| parts(body)).collect();
    while let Some(name) = waiting.pop() {
        if let (Some(schema), false) = (components.get(&name), parts_of.contains_key(&name)) {
            let parts = parts(schema);
            waiting.extend(parts.iter().cloned());
            parts_of.insert(name, parts);
        }
    }
    parts_of
}

/// The components in which a property becomes nullable, directly or in a part.
fn patches(
    components: &Map<String, Value>,
    parts_of: &BTreeMap<String, Vec<String>>,
) -> BTreeSet<String> {
    let changes = |name: &String| {
        let schema = components.get(name).cloned();
        schema.is_some_and(|mut schema| make_optional_nullable(&mut schema))
    };
    let mut patches: BTreeSet<String> = parts_of.keys().filter(|n| changes(n)).cloned().collect();
    loop {
        let before = patches.len();
        for (name, parts) in parts_of {
            if parts.iter().any(|part| patches.contains(part)) {
                patches.insert(name.clone());
            }
        }
        if patches.len() == before {
            return patches;
        }
    }
}

/// The components that are also used outside of merge patches.
fn elsewhere(
    root: &Value,
    parts_of: &BTreeMap<String, Vec<String>>,
    patches: &BTreeSet<String>,
) -> BTreeSet<String> {
    let components = components(root);
    let mut waiting = references_in(&root["paths"]);
    for (name, parts) in parts_of {
        let mut others = components.get(name).map(references_in).unwrap_or_default();
        for part in parts.iter().filter(|_| patches.contains(name)) {
            if let Some(index) = others.iter().position(|other| other == part) {
                others.swap_remove(index);
            }
        }
        waiting.extend(others);
    }
    let mut found = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        let Some(schema) = components.get(&name) else {
            continue;
        };
        if found.insert(name) {
            waiting.extend(references_in(schema));
        }
    }
    found
}

/// Applies `f` to a schema and to the schemas that are patched as parts of its values: properties, map
/// values, and branches of a choice.
fn patched(schema: &mut Value, mut f: impl FnMut(&mut Value)) {
    let mut waiting = vec![schema];
    while let Some(schema) = waiting.pop() {
        f(schema);
        for (keyword, inner) in schema.as_object_mut().into_iter().flatten() {
            match (keyword.as_str(), inner) {
                ("properties", Value::Object(properties)) => {
                    waiting.extend(properties.values_mut());
                }
                ("additionalProperties", inner) => waiting.push(inner),
                ("allOf" | "oneOf" | "anyOf", Value::Array(branches)) => waiting.extend(branches),
                _ => {}
            }
        }
    }
}

/// The components that are patched as parts of the values of a schema.
fn parts(schema: &Value) -> Vec<String> {
    let mut parts = Vec::new();
    patched(&mut schema.clone(), |schema| {
        if schema.get("$ref").is_some() {
            parts.extend(component_name(schema));
        }
    });
    parts
}

/// Replaces references to parts with references to their copies.
fn redirect(schema: &mut Value, copies: &BTreeMap<String, String>) {
    patched(schema, |schema| {
        if schema.get("$ref").is_some()
            && let Some(copy) = component_name(schema).and_then(|name| copies.get(&name))
        {
            *schema = reference(copy);
        }
    });
}

/// Makes optional properties nullable. Returns true if a schema changed.
fn make_optional_nullable(schema: &mut Value) -> bool {
    let mut is_changed = false;
    let mut make_nullable = |schema: &mut Value| {
        // A schema of any value already allows null.
        if schema["nullable"] != true && !constraints(schema).is_empty() {
            set_nullable(schema);
            is_changed = true;
        }
    };
    patched(schema, |schema| {
        let required: Vec<String> = required(schema).map(str::to_owned).collect();
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (name, property) in properties.into_iter().flatten() {
            if !required.contains(name) {
                make_nullable(property);
            }
        }
        if let Some(values) = schema
            .get_mut("additionalProperties")
            .filter(|it| it.is_object())
        {
            make_nullable(values);
        }
    });
    is_changed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::run;

    fn document(others: Value) -> Value {
        let content = |media_type: &str, name: &str| json!({ "content": { media_type: { "schema": reference(name) } } });
        json!({
            "paths": { "/tasks": {
                "patch": { "requestBody": content("application/merge-patch+json; charset=utf-8", "Task") },
                "put": { "requestBody": others },
                "post": { "requestBody": content("application/json", "Other") },
            } },
            "components": { "schemas": {
                "Task": {
                    "required": ["id"],
                    "properties": {
                        "id": { "type": "string" },
                        "owner": reference("Owner"),
                        "steps": { "type": "array", "items": reference("Step") },
                        "labels": { "type": "object", "additionalProperties": { "type": "string" } },
                        "any": {},
                    },
                },
                "Owner": { "properties": { "name": { "type": "string" } } },
                "Step": { "properties": { "name": { "type": "string" } } },
                "Other": { "properties": { "name": { "type": "string" } } },
            } },
        })
    }

    fn patch(owner: &str) -> Value {
        json!({
            "required": ["id"],
            "properties": {
                "id": { "type": "string" },
                "owner": { "allOf": [reference(owner)], "nullable": true },
                "steps": { "type": "array", "items": reference("Step"), "nullable": true },
                "labels": {
                    "type": "object",
                    "additionalProperties": { "type": "string", "nullable": true },
                    "nullable": true,
                },
                "any": {},
            },
        })
    }

    #[test]
    fn optional_properties_are_nullable_except_inside_lists() {
        let before = document(Value::Null);
        let (after, notes) = run(&PASS, before.clone());
        let schemas = &after["components"]["schemas"];
        assert_eq!(schemas["Task"], patch("Owner"));
        assert_eq!(
            schemas["Owner"]["properties"]["name"],
            json!({ "type": "string", "nullable": true })
        );
        for name in ["Step", "Other"] {
            assert_eq!(schemas[name], before["components"]["schemas"][name]);
        }
        assert_eq!(after["paths"], before["paths"]);
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn components_that_are_used_elsewhere_are_copied() {
        let elsewhere =
            json!({ "content": { "application/json": { "schema": reference("Task") } } });
        let before = document(elsewhere.clone());
        let (after, _) = run(&PASS, before.clone());
        let schemas = &after["components"]["schemas"];
        assert_eq!(schemas["Task"], before["components"]["schemas"]["Task"]);
        assert_eq!(schemas["TaskPatch"], patch("OwnerPatch"));
        assert!(schemas.get("StepPatch").is_none());
        let operations = &after["paths"]["/tasks"];
        assert_eq!(operations["put"]["requestBody"], elsewhere);
        let content = &operations["patch"]["requestBody"]["content"];
        assert_eq!(
            content["application/merge-patch+json; charset=utf-8"]["schema"],
            reference("TaskPatch")
        );
    }
}
