//! Converts the payloads of the requests that a server sends, webhooks and callbacks, to operations.
//!
//! Before: `webhooks: {newPet: {post: {requestBody: …}}}`, and an operation with `callbacks: {onEvent: …}`.
//! After: the same, and operations with the extension `x-lowering-payload`, whose responses have the schemas of
//! the payloads.
//!
//! A client does not receive requests, but the program that uses it can. The server sends the payloads, so
//! the phases process them like responses. `plan/payloads.rs` then removes the operations from the document.

use std::collections::BTreeSet;

use client_codegen::naming::{pascal, snake};
use openapi_document::operation::Operation;
use openapi_document::walk::operations;
use openapi_document::{Node, Pointer};
use serde_json::{Map, Value, json};

use crate::media_type::is_json;
use crate::schema::{Names, component_name, components, components_mut, reference};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "payloads",
    run,
};

/// The extension of an operation that only has a payload: the name of the function that reads it. No document
/// has its path.
pub(crate) const PAYLOAD: &str = "x-lowering-payload";

fn run(root: &mut Value, notes: &mut Notes) {
    const WHY: &str = "a client does not receive requests";
    let payloads = payloads(root);
    let mut names = Names::of(components(root));
    for payload in payloads {
        let path = format!("/x-payload:{}", payload.function);
        let place = Pointer::of(["paths", &path]);
        let schema = match component_name(&payload.schema) {
            Some(_) => payload.schema,
            None => {
                let name = names.free(&format!("{}Payload", pascal(&payload.function)));
                notes.component(&name, std::slice::from_ref(&payload.place));
                components_mut(root).insert(name.clone(), payload.schema);
                reference(&name)
            }
        };
        let content = json!({ "application/json": { "schema": schema } });
        let item = json!({ "get": {
            "operationId": format!("{}-payload", payload.function),
            PAYLOAD: payload.function,
            "description": payload.description,
            "responses": { "200": { "description": "", "content": content } },
        } });
        if let Some(paths) = paths(root) {
            paths.insert(path, item);
        }
        notes.add(
            &payload.place,
            "kept as a type with a function that reads it",
            WHY,
        );
        notes.moved.push((place, payload.place));
    }
}

fn paths(root: &mut Value) -> Option<&mut Map<String, Value>> {
    let paths = root.as_object_mut()?.entry("paths");
    paths.or_insert_with(|| json!({})).as_object_mut()
}

/// The body of a request that the server sends.
struct Payload {
    /// The name of the function.
    function: String,
    description: String,
    /// The location of its schema.
    place: Pointer,
    schema: Value,
}

/// The JSON bodies of all webhooks and callbacks. Those with the same name and schema are merged.
fn payloads(root: &Value) -> Vec<Payload> {
    let mut found = Vec::new();
    let mut names = BTreeSet::new();
    let webhooks = Pointer::of(["webhooks"]);
    for (name, item) in entries(root, &webhooks) {
        add(root, &name, &item, &mut found, &mut names);
    }
    for (operation, ..) in operations(root) {
        for (name, callback) in entries(root, &operation.join("callbacks")) {
            for (_, item) in entries(root, &callback) {
                add(root, &name, &item, &mut found, &mut names);
            }
        }
    }
    found
}

/// Adds the payloads of the operations of the path item at `item`.
fn add(
    root: &Value,
    name: &str,
    item: &Pointer,
    found: &mut Vec<Payload>,
    names: &mut BTreeSet<String>,
) {
    let operations = Node::at(root, item.clone()).map(|item| Operation::of_item(root, name, item));
    for operation in operations.into_iter().flatten() {
        let content = operation.request_body().map(|body| body.content());
        let mut content = content.into_iter().flatten();
        let Some(schema) = content
            .find(|media| is_json(media.name))
            .and_then(|media| media.schema())
        else {
            continue;
        };
        let (place, schema) = (schema.pointer, schema.value.clone());
        let wanted = snake(name);
        let is_known =
            |payload: &Payload| payload.schema == schema && payload.function.starts_with(&wanted);
        if found.iter().any(is_known) {
            continue;
        }
        let numbered = (2..).map(|count| format!("{wanted}_{count}"));
        let mut free = std::iter::once(wanted.clone()).chain(numbered);
        let function = free
            .find(|name| names.insert(name.clone()))
            .unwrap_or(wanted);
        let prose = ["summary", "description"];
        let prose = prose.map(|field| operation.node.string(field));
        let prose: Vec<&str> = prose.into_iter().flatten().collect();
        found.push(Payload {
            function,
            description: prose.join("\n\n"),
            place,
            schema,
        });
    }
}

/// The fields of the object at `pointer`, through references, with their locations.
fn entries(root: &Value, pointer: &Pointer) -> Vec<(String, Pointer)> {
    let pointer = pointer.resolved(root);
    let object = pointer.get(root).and_then(Value::as_object);
    let names = object.into_iter().flat_map(Map::keys);
    names
        .map(|name| (name.clone(), pointer.join(name).resolved(root)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;

    fn sent(schema: Value) -> Value {
        json!({ "post": { "requestBody": { "content": { "application/json": { "schema": schema } } } } })
    }

    #[test]
    fn webhooks_and_callbacks_become_operations_with_a_payload() {
        let pet = reference("Pet");
        let (after, _) = run(
            &PASS,
            json!({
                "paths": { "/a": { "get": {
                    "callbacks": { "onEvent": { "{$url}": sent(json!({ "type": "object" })) } },
                } } },
                "webhooks": { "newPet": sent(pet.clone()), "ping": { "get": {} } },
                "components": { "schemas": { "Pet": {} } },
            }),
        );
        let payload = |path: &str| {
            let operation = &after["paths"][path]["get"];
            let content = &operation["responses"]["200"]["content"];
            (
                operation[PAYLOAD].clone(),
                content["application/json"]["schema"].clone(),
            )
        };
        assert_eq!(payload("/x-payload:new_pet"), (json!("new_pet"), pet));
        let event = reference("OnEventPayload");
        assert_eq!(payload("/x-payload:on_event"), (json!("on_event"), event));
        assert_eq!(
            after["components"]["schemas"]["OnEventPayload"],
            json!({ "type": "object" })
        );
        assert_eq!(after["paths"].as_object().map(Map::len), Some(3));
    }

    #[test]
    fn payloads_with_one_name_are_one_if_their_schemas_are_equal() {
        let (pet, event) = (reference("Pet"), reference("Event"));
        let calling = |schema: &Value| json!({ "post": { "callbacks": { "done": { "{$url}": sent(schema.clone()) } } } });
        let (after, _) = run(
            &PASS,
            json!({
                "paths": { "/a": calling(&pet), "/b": calling(&pet), "/c": calling(&event) },
                "components": { "schemas": { "Pet": {}, "Event": {} } },
            }),
        );
        let paths = after["paths"].as_object().into_iter().flat_map(Map::keys);
        assert_eq!(
            paths.skip(3).collect::<Vec<_>>(),
            ["/x-payload:done", "/x-payload:done_2"]
        );
    }

    #[test]
    fn a_document_of_webhooks_alone_and_references_are_read() {
        let (after, _) = run(
            &PASS,
            json!({
                "webhooks": { "newPet": { "$ref": "#/components/pathItems/hook" } },
                "components": {
                    "pathItems": { "hook": { "post": {
                        "requestBody": { "$ref": "#/components/requestBodies/pet" },
                    } } },
                    "requestBodies": { "pet": sent(reference("Pet"))["post"]["requestBody"] },
                    "schemas": { "Pet": {} },
                },
            }),
        );
        assert!(after["paths"]["/x-payload:new_pet"].is_object());
    }
}
