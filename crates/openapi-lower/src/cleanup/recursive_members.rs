//! Puts a member through which an object would contain itself behind a pointer.
//!
//! Before: `Node: {properties: {parent: {$ref: Node}}}`.
//! After: `parent` is a `Box<Node>`, in an `Option` where it need not be there.
//!
//! A type that contains itself has no size. typify breaks such a circle as well, but where it comes
//! upon the `Option` first it boxes that, and then writes `null` for a member that was not given;
//! and it does not look inside the types of the runtime.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::Pointer;
use serde_json::Value;

use crate::rust_type::{parameters_of, replace, runtime_path};
use crate::schema::{component_name, components, components_mut, reference};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "recursive-members",
    run,
};

/// Which components one contains, not counting those behind a pointer.
type Contents = BTreeMap<String, BTreeSet<String>>;

fn run(root: &mut Value, notes: &mut Notes) {
    for (name, member) in closing(root) {
        let place = components_mut(root)
            .get_mut(&name)
            .and_then(|component| component["properties"].get_mut(&member));
        let Some(schema) = place else {
            continue;
        };
        // What may be null is `Nullable<Box<…>>`.
        let schema = match runtime_path(schema) {
            Some("Nullable") => schema.pointer_mut("/x-rust-type/parameters/0"),
            _ => Some(schema),
        };
        let Some(schema) = schema else {
            continue;
        };
        let mut inner = schema.clone();
        if let Some(name) = component_name(schema) {
            inner = reference(&name);
        } else if let Some(members) = inner.as_object_mut() {
            members.shift_remove("nullable");
        }
        replace(schema, "Box", &[inner]);
        notes.add(
            &Pointer::of(["components", "schemas", &name, "properties", &member]),
            "put behind a pointer",
            "a type that contains itself has no size",
        );
    }
}

/// The members that would close a circle, each as its component and its name.
fn closing(root: &Value) -> Vec<(String, String)> {
    let components = components(root);
    let mut contents: Contents = components
        .iter()
        .map(|(name, schema)| (name.clone(), contained(schema).into_iter().collect()))
        .collect();
    let mut closing = Vec::new();
    for (name, schema) in components {
        let members = schema["properties"].as_object();
        for (member, schema) in members.into_iter().flatten() {
            let inside = contained(schema);
            if inside
                .iter()
                .any(|target| contains(&contents, target, name))
            {
                closing.push((name.clone(), member.clone()));
            } else {
                contents.entry(name.clone()).or_default().extend(inside);
            }
        }
    }
    closing
}

/// The components that a value of the schema contains as a whole or as what it is one of; members are
/// not looked at.
fn contained(schema: &Value) -> Vec<String> {
    if let Some(name) = component_name(schema) {
        return vec![name];
    }
    ["oneOf", "allOf"]
        .iter()
        .filter_map(|keyword| schema[keyword].as_array())
        .flatten()
        .chain(parameters_of(schema))
        .flat_map(contained)
        .collect()
}

/// Whether the component `outer` is the component `inner`, or contains it.
fn contains(contents: &Contents, outer: &str, inner: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![outer];
    while let Some(name) = waiting.pop() {
        if name == inner {
            return true;
        }
        if seen.insert(name) {
            let inside = contents.get(name).into_iter().flatten();
            waiting.extend(inside.map(String::as_str));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rust_type::runtime_type;
    use crate::testing::run_on_schemas;

    fn boxed(schema: Value) -> Value {
        runtime_type("Box", &[schema])
    }

    #[test]
    fn a_member_of_the_own_type_is_boxed_and_a_list_of_it_is_not() {
        let list = json!({ "type": "array", "items": reference("Node") });
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({ "Node": { "type": "object", "properties": {
                "parent": { "allOf": [reference("Node")], "nullable": true, "description": "d" },
                "children": list,
                "name": { "type": "string" },
            } } }),
        );
        assert_eq!(
            after["Node"]["properties"],
            json!({
                "parent": {
                    "allOf": [boxed(reference("Node"))],
                    "nullable": true,
                    "description": "d",
                },
                "children": list,
                "name": { "type": "string" },
            })
        );
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn of_a_longer_circle_one_member_is_boxed() {
        let choice = runtime_type("OpenChoice", &[reference("Choice")]);
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "A": { "type": "object", "properties": { "b": reference("B") } },
                "B": { "type": "object", "properties": { "c": choice } },
                "Choice": { "oneOf": [{ "$ref": "#/components/schemas/A" }, { "type": "string" }] },
            }),
        );
        assert_eq!(after["A"]["properties"]["b"], reference("B"));
        assert_eq!(after["B"]["properties"]["c"], boxed(choice));
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn what_may_be_null_has_the_pointer_inside() {
        let nullable = |inner: Value| runtime_type("Nullable", &[inner]);
        let (after, _) = run_on_schemas(
            &PASS,
            json!({ "Node": { "type": "object", "properties": {
                "parent": nullable(reference("Node")),
            } } }),
        );
        assert_eq!(
            after["Node"]["properties"]["parent"],
            nullable(boxed(reference("Node")))
        );
    }

    #[test]
    fn what_contains_another_twice_contains_no_circle() {
        let (_, notes) = run_on_schemas(
            &PASS,
            json!({
                "A": { "type": "object", "properties": { "b": reference("B"), "c": reference("B") } },
                "B": { "type": "object" },
            }),
        );
        assert_eq!(notes, Vec::<String>::new());
    }
}
