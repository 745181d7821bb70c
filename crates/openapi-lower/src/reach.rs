//! The schemas that requests and responses use.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::walk::{Kind, operations, visit_from_mut};
use openapi_document::{Direction, Pointer};
use serde_json::{Map, Value};

use crate::schema::{component_name, components, components_mut};

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

/// The components that contain themselves, and not only in a property.
pub(crate) fn recursive(components: &Map<String, Value>) -> BTreeSet<String> {
    let contents: BTreeMap<&str, Vec<String>> = components
        .iter()
        .map(|(name, schema)| (name.as_str(), references_without(schema, &["properties"])))
        .collect();
    let inside = |name: &str| -> Vec<&str> {
        let names = contents.get(name).into_iter().flatten();
        names.map(String::as_str).collect()
    };
    let contains_itself = |name: &&String| leads_to(inside(name), name, inside);
    components.keys().filter(contains_itself).cloned().collect()
}

/// True if `wanted` is one of the components in `waiting`, or inside one of them at any depth. `inside` has the
/// names of the components in a component.
pub(crate) fn leads_to<N: AsRef<str> + Ord + Clone>(
    mut waiting: Vec<N>,
    wanted: &str,
    inside: impl Fn(&str) -> Vec<N>,
) -> bool {
    let mut seen = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        if name.as_ref() == wanted {
            return true;
        }
        if seen.insert(name.clone()) {
            waiting.extend(inside(name.as_ref()));
        }
    }
    false
}

/// The names of all components that `value` refers to, including those in type parameters.
pub(crate) fn references_in(value: &Value) -> Vec<String> {
    references_without(value, &[])
}

/// The names of all components that `value` refers to outside of these keywords.
fn references_without(value: &Value, keywords: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(object) => {
                if object.get("$ref").is_some_and(Value::is_string) {
                    found.extend(component_name(value));
                }
                let others = object
                    .iter()
                    .filter(|(name, _)| !keywords.contains(&name.as_str()));
                waiting.extend(others.map(|(_, value)| value));
            }
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    found
}
