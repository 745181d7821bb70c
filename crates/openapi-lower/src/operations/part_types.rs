//! Names the types inside components that are merged into others.
//!
//! Before: `Traits: {properties: {align: {type: string, enum: [LEFT, RIGHT]}}}`, and `Frame` and `Text`,
//! each an `allOf` of `Traits` and further properties.
//! After: `Traits: {properties: {align: {$ref: '#/components/schemas/TraitsAlign'}}}`, so that both have a
//! property of the type `TraitsAlign`.
//!
//! Otherwise each merged component would get its own copy of the inline types of its parts, and callers
//! could not use one for another.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::Pointer;
use openapi_document::walk::{Kind, visit};
use serde_json::Value;

use crate::hoist::Hoist;
use crate::reach::references_in;
use crate::schema::{Names, component_name, components_mut};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "part-types",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let parts = shared_parts(root);
    let schemas = components_mut(root);
    let mut names = Names::of(schemas);
    for name in parts {
        let Some(mut schema) = schemas.get(&name).cloned() else {
            continue;
        };
        let pointer = Pointer::of(["components", "schemas", &name]);
        let mut hoist = Hoist {
            base: name.clone(),
            schemas,
            names: &mut names,
            notes,
        };
        hoist.inside(Kind::Schema, &pointer, &mut schema, &|inside, schema| {
            is_in_a_property(inside) && !is_a_tag(schema)
        });
        schemas.insert(name, schema);
    }
}

/// The components that are merged into several others, or into one and also used themselves. A component
/// that is only a part of one other is named after that one.
fn shared_parts(root: &Value) -> BTreeSet<String> {
    let mut merged: BTreeMap<String, Vec<String>> = BTreeMap::new();
    visit(root, &mut |kind, pointer, schema| {
        if kind == Kind::Schema && component_name(schema).is_none() {
            let whole = pointer.tokens().nth(2).unwrap_or_default();
            let parts = schema["allOf"].as_array().into_iter().flatten();
            let parts = parts.filter_map(component_name);
            merged.entry(whole).or_default().extend(parts);
        }
    });
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for name in references_in(root) {
        *uses.entry(name).or_default() += 1;
    }
    let parts = merged.values().flatten();
    let mut waiting: Vec<String> = parts.filter(|part| uses[*part] > 1).cloned().collect();
    let mut shared = BTreeSet::new();
    while let Some(part) = waiting.pop() {
        if shared.insert(part.clone()) {
            waiting.extend(merged.get(&part).cloned().unwrap_or_default());
        }
    }
    shared
}

/// True if the location is inside a property of a component, not in a part or a branch, and is not itself a
/// part or a branch.
fn is_in_a_property(inside: &[String]) -> bool {
    let in_own_part = match inside {
        [all_of, _, rest @ ..] if all_of == "allOf" => rest,
        inside => inside,
    };
    let is_part = matches!(inside, [.., keyword, _] if keyword == "allOf");
    in_own_part
        .first()
        .is_some_and(|token| token == "properties")
        && !is_part
}

/// True if only one value is valid. It distinguishes objects, so it belongs to the merged component.
fn is_a_tag(schema: &Value) -> bool {
    schema["enum"]
        .as_array()
        .is_some_and(|values| values.len() == 1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::reference;
    use crate::testing::run_on_schemas;

    #[test]
    fn types_of_a_shared_part_are_named_after_it() {
        let align = json!({ "type": "string", "enum": ["LEFT", "RIGHT"] });
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "Traits": { "type": "object", "properties": {
                    "align": align,
                    "kind": { "type": "string", "enum": ["TEXT"] },
                    "corners": { "type": "array", "items": { "type": "object", "properties": {
                        "radius": { "type": "number" },
                    } } },
                } },
                "Text": { "allOf": [
                    reference("Traits"),
                    { "type": "object", "properties": { "own": align } },
                ] },
                "Described": { "allOf": [reference("Text")], "description": "d" },
                "Frame": { "allOf": [reference("Traits"), { "required": ["align"] }] },
            }),
        );
        assert_eq!(after["TraitsAlign"], align);
        assert_eq!(
            after["Traits"]["properties"],
            json!({
                "align": reference("TraitsAlign"),
                "kind": { "type": "string", "enum": ["TEXT"] },
                "corners": { "type": "array", "items": reference("TraitsCornersItem") },
            })
        );
        assert_eq!(after["Text"]["allOf"][1]["properties"]["own"], align);
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn a_part_of_a_shared_part_is_shared() {
        let (after, _) = run_on_schemas(
            &PASS,
            json!({
                "Base": { "type": "object", "properties": { "size": { "type": "string", "maxLength": 9 } } },
                "Traits": { "allOf": [
                    reference("Base"),
                    { "type": "object", "properties": {
                        "align": { "type": "string", "enum": ["LEFT", "RIGHT"] },
                    } },
                ] },
                "Text": { "allOf": [reference("Traits"), { "required": ["align"] }] },
                "Frame": { "allOf": [reference("Traits"), { "required": ["align"] }] },
            }),
        );
        let own = &after["Traits"]["allOf"][1];
        assert_eq!(own["properties"]["align"], reference("TraitsAlign"));
        assert_eq!(own["type"], "object");
        assert_eq!(after["Base"]["properties"]["size"], reference("BaseSize"));
    }
    #[test]
    fn types_of_a_part_of_one_component_are_named_after_that_component() {
        let (_, notes) = run_on_schemas(
            &PASS,
            json!({
                "Traits": { "type": "object", "properties": {
                    "align": { "type": "string", "enum": ["LEFT", "RIGHT"] },
                } },
                "Text": { "allOf": [reference("Traits"), { "required": ["align"] }] },
            }),
        );
        assert_eq!(notes, Vec::<String>::new());
    }
}
