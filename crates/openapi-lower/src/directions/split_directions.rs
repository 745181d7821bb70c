//! Splits the schemas that requests and responses share but that must differ.
//!
//! Before: `Nodepool` (with an enumeration, bounds or a pattern) in a request body and in responses.
//! After: `Nodepool` in requests and `NodepoolOutput` in responses, each with references to its own kind.
//!
//! Later passes make responses tolerant and keep requests strict. The request schema keeps the name,
//! because callers write it; response types are mostly inferred.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::walk::{Kind, operations, visit_from_mut};
use openapi_document::{Direction, Pointer, compact_clone};
use serde_json::{Map, Value};

use crate::directions::lenient_responses::Lenient;
use crate::directions::tolerance::{Tags, opened};
use crate::one_way::has_one_way_properties;
use crate::reach::{reachable, references_in};
use crate::schema::{Names, component_name, components, components_mut, reference};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "split-directions",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let requests = reachable(root, Direction::Request);
    let responses = reachable(root, Direction::Response);
    let differing = differing(components(root), Lenient::of(root).as_ref());
    let mut names = Names::of(components(root));
    let mut outputs: BTreeMap<String, String> = BTreeMap::new();
    for name in requests.intersection(&responses) {
        if differing.contains(name) {
            let output = names.free(&format!("{name}Output"));
            notes.component(&output, &[Pointer::of(["components", "schemas", name])]);
            let components = components_mut(root);
            components.insert(output.clone(), compact_clone(&components[name]));
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
fn differing(components: &Map<String, Value>, lenient: Option<&Lenient>) -> BTreeSet<String> {
    let is_relaxed = |name: &str, schema: &Value| {
        let place = Pointer::of(["components", "schemas", name]);
        lenient.is_some_and(|lenient| !lenient.scalars(&place, schema).is_empty())
    };
    let tags = Tags::of(components);
    let mut differing: BTreeSet<String> = components
        .iter()
        .filter(|(name, schema)| {
            opened(components, schema).is_some()
                || tags.is_open_choice(name)
                || has_one_way_properties(schema)
                || is_relaxed(name, schema)
        })
        .map(|(name, _)| name.clone())
        .collect();
    let references: Vec<(&String, Vec<String>)> = components
        .iter()
        .map(|(name, schema)| (name, references_in(schema)))
        .collect();
    loop {
        let before = differing.len();
        for (name, references) in &references {
            if references.iter().any(|other| differing.contains(other)) {
                differing.insert((*name).clone());
            }
        }
        if differing.len() == before {
            return differing;
        }
    }
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
