//! Splits the schemas that requests and responses share but that must differ.
//!
//! Before: `Nodepool` (with an enumeration, bounds or a pattern) in a request body and in responses.
//! After: `Nodepool` in requests and `NodepoolOutput` in responses, each with references to its own kind.
//!
//! Later passes make responses tolerant and keep requests strict. The request schema keeps the name,
//! because callers write it; response types are mostly inferred.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::walk::{Kind, operations, visit_from, visit_from_mut};
use openapi_document::{Direction, Pointer, shrink_to_fit};
use serde_json::{Map, Value};

use crate::directions::open_responses;
use crate::directions::read_only;
use crate::schema::{Names, component_name, components, components_mut, reference};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "split-directions",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let requests = reachable(root, Direction::Request);
    let responses = reachable(root, Direction::Response);
    let differing = differing(components(root));
    let mut names = Names::of(components(root));
    let mut outputs: BTreeMap<String, String> = BTreeMap::new();
    for name in requests.intersection(&responses) {
        if differing.contains(name) {
            let output = names.free(&format!("{name}Output"));
            notes.component(&output, &[Pointer::of(["components", "schemas", name])]);
            let components = components_mut(root);
            components.insert(output.clone(), components[name].clone());
            notes.add(
                &Pointer::of(["components", "schemas", name]),
                format!("split into `{name}` for requests and `{output}` for responses"),
                "requests are strict and responses are tolerant",
            );
            outputs.insert(name.clone(), output);
        }
    }
    // Responses, and the components that only responses use, refer to the copies.
    let responses_only = responses
        .iter()
        .filter(|name| !requests.contains(*name))
        .chain(outputs.values());
    for name in responses_only {
        if let Some(schema) = components_mut(root).get_mut(name) {
            redirect(Kind::Schema, schema, &outputs);
        }
    }
    for (pointer, _, _) in operations(root) {
        if let Some(Value::Object(responses)) = pointer.join("responses").get_mut(root) {
            for response in responses.values_mut() {
                redirect(Kind::Response, response, &outputs);
            }
        }
    }
    // The copies need more memory.
    shrink_to_fit(root);
}

fn redirect(kind: Kind, value: &mut Value, outputs: &BTreeMap<String, String>) {
    visit_from_mut(kind, &Pointer::root(), value, &mut |_, _, schema| {
        if schema.get("$ref").is_some()
            && let Some(output) = component_name(schema).and_then(|name| outputs.get(&name))
        {
            *schema = reference(output);
        }
    });
}

/// The components that a pass for one direction would change, directly or through their references.
fn differing(components: &Map<String, Value>) -> BTreeSet<String> {
    let mut differing: BTreeSet<String> = components
        .iter()
        .filter(|(_, schema)| {
            open_responses::opened(components, schema).is_some() || read_only::concerns(schema)
        })
        .map(|(name, _)| name.clone())
        .collect();
    loop {
        let before = differing.len();
        for (name, schema) in components {
            if references_in(schema)
                .iter()
                .any(|other| differing.contains(other))
            {
                differing.insert(name.clone());
            }
        }
        if differing.len() == before {
            return differing;
        }
    }
}

/// The components that the schemas of one direction refer to, directly or indirectly.
pub(crate) fn reachable(root: &Value, direction: Direction) -> BTreeSet<String> {
    let components = components(root);
    let mut waiting: Vec<String> = Vec::new();
    for (pointer, _, _) in operations(root) {
        let Some(operation) = pointer.get(root) else {
            continue;
        };
        let fields: &[&str] = match direction {
            Direction::Request => &["parameters", "requestBody"],
            Direction::Response => &["responses"],
        };
        for field in fields {
            if let Some(value) = operation.get(field) {
                waiting.extend(references_in(value));
            }
        }
    }
    let mut reached = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        if let Some(schema) = components.get(&name)
            && reached.insert(name)
        {
            waiting.extend(references_in(schema));
        }
    }
    reached
}

/// The names of all components that `value` refers to, including those in type parameters.
pub(crate) fn references_in(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(object) => {
                if object.get("$ref").is_some_and(Value::is_string) {
                    found.extend(component_name(value));
                }
                waiting.extend(object.values());
            }
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    found
}

/// Visits all schemas of one direction: those in the operations, and those in the components that they
/// refer to.
pub(crate) fn visit_direction_mut(
    root: &mut Value,
    direction: Direction,
    f: &mut dyn FnMut(&Pointer, &mut Value),
) {
    let mut only_schemas = |kind: Kind, pointer: &Pointer, value: &mut Value| {
        if kind == Kind::Schema {
            f(pointer, value);
        }
    };
    for name in reachable(root, direction) {
        let pointer = Pointer::of(["components", "schemas", &name]);
        if let Some(schema) = components_mut(root).get_mut(&name) {
            visit_from_mut(Kind::Schema, &pointer, schema, &mut only_schemas);
        }
    }
    for (pointer, _, _) in operations(root) {
        let Some(operation) = pointer.get_mut(root) else {
            continue;
        };
        match direction {
            Direction::Request => {
                let responses = operation
                    .as_object_mut()
                    .and_then(|object| object.shift_remove("responses"));
                visit_from_mut(Kind::Operation, &pointer, operation, &mut only_schemas);
                if let Some(responses) = responses {
                    operation["responses"] = responses;
                }
            }
            Direction::Response => {
                let pointer = pointer.join("responses");
                if let Some(Value::Object(responses)) = operation.get_mut("responses") {
                    for (status, response) in responses {
                        let pointer = pointer.join(status);
                        visit_from_mut(Kind::Response, &pointer, response, &mut only_schemas);
                    }
                }
            }
        }
    }
}

/// True if `f` is true for `schema` or for a schema inside it.
pub(crate) fn any_schema(schema: &Value, f: impl Fn(&Value) -> bool) -> bool {
    let mut found = false;
    visit_from(
        Kind::Schema,
        &Pointer::root(),
        schema,
        &mut |_, _, inner| {
            found |= f(inner);
        },
    );
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;
    use serde_json::json;

    fn content(schema: Value) -> Value {
        json!({ "content": { "application/json": { "schema": schema } } })
    }

    #[test]
    fn only_shared_schemas_that_must_differ_are_split() {
        let (after, notes) = run(
            &PASS,
            json!({
                "paths": { "/a": { "post": {
                    "requestBody": content(reference("Pool")),
                    "responses": { "200": content(json!({ "properties": {
                        "pools": { "type": "array", "items": reference("Pool") },
                        "list": reference("List"),
                    } })) },
                } } },
                "components": { "schemas": {
                    "Pool": { "properties": { "size": reference("Size"), "plain": reference("Plain") } },
                    "List": { "type": "array", "items": reference("Pool") },
                    "Size": { "type": "string", "maxLength": 3 },
                    "Plain": { "type": "object", "properties": { "a": { "type": "string" } } },
                } },
            }),
        );
        let schemas = &after["components"]["schemas"];
        let operation = &after["paths"]["/a"]["post"];
        assert_eq!(operation["requestBody"], content(reference("Pool")));
        assert_eq!(
            operation["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["pools"]
                ["items"],
            reference("PoolOutput")
        );
        assert_eq!(schemas["List"]["items"], reference("PoolOutput"));
        assert_eq!(
            schemas["PoolOutput"]["properties"],
            json!({ "size": reference("SizeOutput"), "plain": reference("Plain") })
        );
        assert_eq!(
            schemas["Pool"]["properties"],
            json!({ "size": reference("Size"), "plain": reference("Plain") })
        );
        assert_eq!(notes.len(), 2);
    }
}
