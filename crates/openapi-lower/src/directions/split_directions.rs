//! Splits the schemas that travel both ways and cannot be the same both ways.
//!
//! Before: `Nodepool` (with an enumeration, bounds or a pattern) in a request body and in answers.
//! After: `Nodepool` in requests, `NodepoolOutput` in answers, each referring to its own kind.
//!
//! The passes after it make answers tolerant and leave requests strict. The request keeps the
//! name, since it is what callers write; the type of an answer is mostly inferred.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::walk::{Kind, operations, visit_from, visit_from_mut};
use openapi_document::{Pointer, shrink_to_fit};
use serde_json::{Map, Value};

use crate::directions::open_answers;
use crate::directions::read_only;
use crate::schema::{Names, component_name, components, components_mut, reference};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "split-directions",
    run,
};

/// Which way a schema's values travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the client: parameters and request bodies.
    Request,
    /// To the client: answers.
    Answer,
}

fn run(root: &mut Value, notes: &mut Notes) {
    let requests = reachable(root, Direction::Request);
    let answers = reachable(root, Direction::Answer);
    let differing = differing(components(root));
    let mut names = Names::of(components(root));
    let mut outputs: BTreeMap<String, String> = BTreeMap::new();
    for name in requests.intersection(&answers) {
        if differing.contains(name) {
            let output = names.free(&format!("{name}Output"));
            notes.component(&output, &[Pointer::of(["components", "schemas", name])]);
            let components = components_mut(root);
            components.insert(output.clone(), components[name].clone());
            notes.add(
                &Pointer::of(["components", "schemas", name]),
                format!("split: requests use `{name}`, answers `{output}`"),
                "requests are strict and answers tolerant, so they need types of their own",
            );
            outputs.insert(name.clone(), output);
        }
    }
    // Answers, and the components that only answers use, refer to the new ones.
    let answers_only = answers
        .iter()
        .filter(|name| !requests.contains(*name))
        .chain(outputs.values());
    for name in answers_only {
        if let Some(schema) = components_mut(root).get_mut(name) {
            redirect(Kind::Schema, schema, &outputs);
        }
    }
    for (pointer, _, _) in operations(root) {
        if let Some(Value::Object(answers)) = pointer.join("responses").get_mut(root) {
            for answer in answers.values_mut() {
                redirect(Kind::Response, answer, &outputs);
            }
        }
    }
    // Copies, and what was named before, have grown.
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

/// The components that a pass on one direction would change, themselves or by what they refer to.
fn differing(components: &Map<String, Value>) -> BTreeSet<String> {
    let mut differing: BTreeSet<String> = components
        .iter()
        .filter(|(_, schema)| {
            open_answers::opened(components, schema).is_some() || read_only::concerns(schema)
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

/// The components that the schemas of one direction reach.
pub(crate) fn reachable(root: &Value, direction: Direction) -> BTreeSet<String> {
    let components = components(root);
    let mut waiting: Vec<String> = Vec::new();
    for (pointer, _, _) in operations(root) {
        let Some(operation) = pointer.get(root) else {
            continue;
        };
        let members: &[&str] = match direction {
            Direction::Request => &["parameters", "requestBody"],
            Direction::Answer => &["responses"],
        };
        for member in members {
            if let Some(value) = operation.get(member) {
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

/// The names of the components that `value` refers to anywhere in it, type parameters included.
pub(crate) fn references_in(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(members) => {
                if members.get("$ref").is_some_and(Value::is_string) {
                    found.extend(component_name(value));
                }
                waiting.extend(members.values());
            }
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    found
}

/// Visits the schemas of one direction to change them: those inside the operations, and each
/// component that this direction reaches.
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
                let answers = operation
                    .as_object_mut()
                    .and_then(|members| members.shift_remove("responses"));
                visit_from_mut(Kind::Operation, &pointer, operation, &mut only_schemas);
                if let Some(answers) = answers {
                    operation["responses"] = answers;
                }
            }
            Direction::Answer => {
                let pointer = pointer.join("responses");
                if let Some(Value::Object(answers)) = operation.get_mut("responses") {
                    for (status, answer) in answers {
                        let pointer = pointer.join(status);
                        visit_from_mut(Kind::Response, &pointer, answer, &mut only_schemas);
                    }
                }
            }
        }
    }
}

/// Whether any schema inside `schema`, or it itself, is one that `f` says yes to.
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
    fn only_what_differs_and_travels_both_ways_is_split() {
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
