//! Resolves every reference but those to component schemas, and gives each operation all its
//! parameters.
//!
//! Before: `parameters: [{$ref: '#/components/parameters/SpaceId'}]` on a path item, an operation
//! with `responses: {'404': {$ref: '#/components/responses/NotFound'}}`.
//! After: the operation has the parameter and the response themselves.
//!
//! So that later passes can change one operation without changing the others.

use openapi_document::walk::{Kind, METHODS, schemas_mut, visit_from_mut};
use openapi_document::{Pointer, compact_clone};
use serde_json::Value;

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
            hand_down(item, &pointer, notes);
        }
    }
    if let Some(components) = root.get_mut("components").and_then(Value::as_object_mut) {
        components.retain(|name, _| name == "schemas" || name == "securitySchemes");
    }
    schemas_mut(root, |_, schema| {
        if let Some(members) = schema.as_object_mut() {
            members.shift_remove("$defs");
            members.shift_remove("definitions");
        }
    });
}

/// Puts what a reference names in its place, and resolves what came with it.
fn resolve(kind: Kind, source: &Value, value: &mut Value) {
    if kind == Kind::Schema {
        return;
    }
    // The check has refused circles, so this ends; what it could not resolve stays.
    while let Some(target) = target(source, value) {
        *value = target.clone();
        visit_from_mut(kind, &Pointer::root(), value, &mut |kind, _, inner| {
            if inner.get("$ref").is_some() {
                resolve(kind, source, inner);
            }
        });
    }
}

fn target<'a>(source: &'a Value, value: &Value) -> Option<&'a Value> {
    let reference = value.get("$ref")?.as_str()?;
    Pointer::parse(reference)?.get(source)
}

fn inline_path_items(root: &mut Value, source: &Value, notes: &mut Notes) {
    let Some(paths) = root.get_mut("paths").and_then(Value::as_object_mut) else {
        return;
    };
    for (path, item) in paths {
        while let Some(Value::Object(target)) = target(source, item).cloned() {
            let Some(members) = item.as_object_mut() else {
                break;
            };
            members.shift_remove("$ref");
            for (name, value) in target {
                members.entry(name).or_insert(value);
            }
            notes.add(
                &Pointer::of(["paths", path, "$ref"]),
                "put the path item in its place",
                "the generator does not read path items by reference",
            );
        }
    }
}

/// Gives each operation the servers of its path item, unless it has its own, and its parameters; its
/// own of the same name and place win.
fn hand_down(item: &mut Value, pointer: &Pointer, notes: &mut Notes) {
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
    for method in METHODS {
        let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else {
            continue;
        };
        if let Some(servers) = &item_servers
            && !operation.contains_key("servers")
        {
            operation.insert("servers".to_owned(), servers.clone());
            let place = pointer.join(method).join("servers");
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
        let place = pointer.join(method).join("parameters");
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

fn same_parameter(a: &Value, b: &Value) -> bool {
    a["name"] == b["name"] && a["in"] == b["in"]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;
    use serde_json::json;

    #[test]
    fn an_operation_gets_its_parameters_and_answers_themselves() {
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
    fn an_operation_that_is_served_elsewhere_says_where() {
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
    fn a_path_item_by_reference_is_put_in_its_place() {
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
