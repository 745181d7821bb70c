//! Resolves every reference except those to component schemas, and adds the parameters of a path item
//! to its operations.
//!
//! Before: `parameters: [{$ref: '#/components/parameters/SpaceId'}]` on a path item, an operation
//! with `responses: {'404': {$ref: '#/components/responses/NotFound'}}`.
//! After: the operation has the parameter and the response themselves.
//!
//! Later passes can then change one operation without changing others.

use openapi_document::walk::{
    ADDITIONAL_OPERATIONS, Kind, METHODS, operation_pointer, schemas_mut, visit_from_mut,
};
use openapi_document::{Pointer, compact_clone, target};
use serde_json::{Map, Value};

use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "references",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let source = compact_clone(root);
    inline_path_items(root, &source, notes);
    if let Some(paths) = root.get_mut("paths").and_then(Value::as_object_mut) {
        for (path, item) in paths {
            let pointer = Pointer::of(["paths", path]);
            visit_from_mut(Kind::PathItem, &pointer, item, &mut |kind, _, value| {
                resolve(kind, &source, value);
            });
            hand_down(item, path, notes);
        }
    }
    if let Some(components) = root.get_mut("components").and_then(Value::as_object_mut) {
        components.retain(|name, _| name == "schemas" || name == "securitySchemes");
    }
    schemas_mut(root, |_, schema| {
        if let Some(keywords) = schema.as_object_mut() {
            keywords.shift_remove("$defs");
            keywords.shift_remove("definitions");
        }
    });
}

/// Replaces a reference with its target, and resolves the references inside it.
fn resolve(kind: Kind, source: &Value, value: &mut Value) {
    if kind == Kind::Schema {
        return;
    }
    // The check has rejected cycles, so this terminates. Unresolved references are kept.
    while let Some(target) = target(source, value) {
        *value = target.value.clone();
        visit_from_mut(kind, &Pointer::root(), value, &mut |kind, _, inner| {
            if inner.get("$ref").is_some() {
                resolve(kind, source, inner);
            }
        });
    }
}

fn inline_path_items(root: &mut Value, source: &Value, notes: &mut Notes) {
    let Some(paths) = root.get_mut("paths").and_then(Value::as_object_mut) else {
        return;
    };
    for (path, item) in paths {
        while let Some(Value::Object(target)) = target(source, item).map(|node| node.value.clone())
        {
            let Some(fields) = item.as_object_mut() else {
                break;
            };
            fields.shift_remove("$ref");
            for (name, value) in target {
                fields.entry(name).or_insert(value);
            }
            notes.add(
                &Pointer::of(["paths", path, "$ref"]),
                "replaced the reference with the path item",
                "the generator does not follow references to path items",
            );
        }
    }
}

/// Copies the servers and parameters of a path item to each of its operations. The operation's own servers,
/// and its own parameters with the same name and location, take precedence.
fn hand_down(item: &mut Value, path: &str, notes: &mut Notes) {
    let pointer = Pointer::of(["paths", path]);
    let Some(item) = item.as_object_mut() else {
        return;
    };
    let shared = match item.shift_remove("parameters") {
        Some(Value::Array(shared)) => shared,
        _ => Vec::new(),
    };
    let item_servers = item.shift_remove("servers");
    for name in ["summary", "description"] {
        item.shift_remove(name);
    }
    for (operation_place, operation) in operations_of(item, path) {
        if let Some(servers) = &item_servers
            && !operation.contains_key("servers")
        {
            operation.insert("servers".to_owned(), servers.clone());
            let place = operation_place.join("servers");
            notes.moved.push((place, pointer.join("servers")));
        }
        let own = match operation.get("parameters") {
            Some(Value::Array(own)) => own.clone(),
            _ => Vec::new(),
        };
        let handed_down = shared
            .iter()
            .enumerate()
            .filter(|(_, parameter)| !own.iter().any(|own| same_parameter(own, parameter)))
            .map(|(index, parameter)| (pointer.join("parameters").join(index), parameter));
        let place = operation_place.join("parameters");
        let own = own.iter().enumerate();
        let own = own.map(|(index, parameter)| (place.join(index), parameter));
        let mut parameters = Vec::new();
        for (source, parameter) in handed_down.chain(own) {
            notes.moved.push((place.join(parameters.len()), source));
            parameters.push(parameter.clone());
        }
        if !parameters.is_empty() {
            operation.insert("parameters".to_owned(), parameters.into());
        }
    }
}

/// The operations of a path item, with their locations.
fn operations_of<'a>(
    item: &'a mut Map<String, Value>,
    path: &str,
) -> Vec<(Pointer, &'a mut Map<String, Value>)> {
    let mut found = Vec::new();
    let mut add = |method: &str, operation: &'a mut Value| {
        let place = operation_pointer(path, method);
        found.extend(
            operation
                .as_object_mut()
                .map(|operation| (place, operation)),
        );
    };
    for (name, field) in item {
        if METHODS.contains(&name.as_str()) {
            add(name, field);
        } else if name == ADDITIONAL_OPERATIONS {
            let additional = field.as_object_mut().into_iter().flatten();
            additional.for_each(|(method, operation)| add(method, operation));
        }
    }
    found
}

fn same_parameter(a: &Value, b: &Value) -> bool {
    a["name"] == b["name"] && a["in"] == b["in"]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;
    use serde_json::json;

    #[test]
    fn references_to_parameters_and_responses_are_replaced() {
        let space = json!({ "name": "space", "in": "path" });
        let (after, notes) = run(
            &PASS,
            json!({
                "paths": { "/a": {
                    "parameters": [
                        { "$ref": "#/components/parameters/Space" },
                        { "name": "x", "in": "query", "description": "shared" },
                    ],
                    "get": {
                        "parameters": [{ "name": "x", "in": "query", "description": "own" }],
                        "responses": { "404": { "$ref": "#/components/responses/Missing" } },
                    },
                } },
                "components": {
                    "parameters": { "Space": { "$ref": "#/components/parameters/Real" }, "Real": space },
                    "responses": { "Missing": { "description": "m" } },
                    "securitySchemes": {},
                    "schemas": {},
                },
            }),
        );
        assert_eq!(
            after,
            json!({
                "paths": { "/a": { "get": {
                    "parameters": [space, { "name": "x", "in": "query", "description": "own" }],
                    "responses": { "404": { "description": "m" } },
                } } },
                "components": { "securitySchemes": {}, "schemas": {} },
            })
        );
        assert_eq!(notes.len(), 0);
    }

    #[test]
    fn operations_inherit_the_servers_of_their_path_item() {
        let server = |url: &str| json!([{ "url": url }]);
        let document = json!({
            "servers": server("https://a.invalid"),
            "paths": { "/a": {
                "servers": server("https://a.invalid"),
                "get": {},
                "put": { "servers": server("https://b.invalid") },
            } },
        });
        let (after, _) = run(&PASS, document);
        assert_eq!(
            after["paths"]["/a"],
            json!({
                "get": { "servers": server("https://a.invalid") },
                "put": { "servers": server("https://b.invalid") },
            })
        );
    }

    #[test]
    fn a_reference_to_a_path_item_is_replaced() {
        let (after, notes) = run(
            &PASS,
            json!({
                "paths": { "/a": { "$ref": "#/components/pathItems/A" } },
                "components": { "pathItems": { "A": { "get": { "operationId": "a" } } } },
            }),
        );
        assert_eq!(
            after["paths"]["/a"],
            json!({ "get": { "operationId": "a" } })
        );
        assert_eq!(notes.len(), 1);
    }
}
