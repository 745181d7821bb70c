//! Boxes properties through which an object would contain itself.
//!
//! Before: `Node: {properties: {parent: {$ref: Node}}}`.
//! After: `parent` is a `Box<Node>`, in an `Option` if it is not required.
//!
//! A type that contains itself has no finite size. typify breaks such cycles too, but if it reaches the
//! `Option` first, it boxes the `Option` and then sends `null` for an absent property. It also does not
//! look inside runtime types.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::Pointer;
use serde_json::Value;

use crate::reach::leads_to;
use crate::rust_type::{parameters_of, replace, runtime_path};
use crate::schema::{component_name, components, components_mut, reference};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "recursive-properties",
    run,
};

/// The components that each component contains directly, not in a `Box`, a list or a map.
type Contents = BTreeMap<String, BTreeSet<String>>;

fn run(root: &mut Value, notes: &mut Notes) {
    for (name, property) in closing(root) {
        let place = components_mut(root)
            .get_mut(&name)
            .and_then(|component| component["properties"].get_mut(&property));
        let Some(schema) = place else {
            continue;
        };
        // A nullable property becomes `Nullable<Box<…>>`.
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
        } else if let Some(keywords) = inner.as_object_mut() {
            keywords.shift_remove("nullable");
        }
        replace(schema, "Box", &[inner]);
        notes.add(
            &Pointer::of(["components", "schemas", &name, "properties", &property]),
            "boxed the property",
            "a type that contains itself has no finite size",
        );
    }
}

/// The properties that would close a cycle, as component name and property name.
fn closing(root: &Value) -> Vec<(String, String)> {
    let components = components(root);
    let mut contents: Contents = components
        .iter()
        .map(|(name, schema)| (name.clone(), contained(schema).into_iter().collect()))
        .collect();
    let mut closing = Vec::new();
    for (name, schema) in components {
        let properties = schema["properties"].as_object();
        for (property, schema) in properties.into_iter().flatten() {
            let inside = contained(schema);
            let inside_of = |name: &str| -> Vec<&str> {
                let names = contents.get(name).into_iter().flatten();
                names.map(String::as_str).collect()
            };
            if leads_to(inside.iter().map(String::as_str).collect(), name, inside_of) {
                closing.push((name.clone(), property.clone()));
            } else {
                contents.entry(name.clone()).or_default().extend(inside);
            }
        }
    }
    closing
}

/// The components that a value of the schema contains as a whole or as a branch. Properties are not
/// examined.
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
    fn a_property_of_its_own_type_is_boxed_but_a_list_of_it_is_not() {
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
    fn one_property_of_a_longer_cycle_is_boxed() {
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
    fn a_nullable_property_has_the_box_inside() {
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
    fn containing_a_type_twice_is_not_a_cycle() {
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
