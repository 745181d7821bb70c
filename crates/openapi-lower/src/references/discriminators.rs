//! Expresses discriminators with enumerations in the schemas themselves.
//!
//! Before: `Pet: {oneOf: [Cat, Dog], discriminator: {propertyName: kind, mapping: {cat: Cat, dog:
//! Dog}}}`; `Base: {discriminator: {propertyName: kind}, properties: …}` and `Square: {allOf: [Base,
//! …]}`.
//! After: `Cat` requires a `kind` that is `cat`, and `Dog` one that is `dog`; `Base` is a choice of
//! `Square`, which requires a `kind` that is `Square`, and an object with the properties of `Base` only.
//!
//! A generated choice uses the first branch that decodes, so each branch must reject the values of the
//! others (OpenAPI 3.0.3, Discriminator Object). Without a mapping, the value of a branch is the name of its
//! schema, unless the schema lists other values. A component that is also used elsewhere is not changed; its
//! branch becomes a separate component.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::walk::{Kind, schemas_mut, visit};
use openapi_document::{Pointer, compact_clone_object};
use serde_json::{Map, Value, json};

use crate::media_type::all_properties;
use crate::schema::{
    Names, branches_of, component_at, component_name, components, components_mut, reference,
    resolved,
};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "discriminators",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let components = compact_clone_object(components(root));
    let elsewhere = used_elsewhere(root);
    let mut values_of: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let mut choices: BTreeMap<Pointer, String> = BTreeMap::new();
    schemas_mut(root, |pointer, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        let Some(discriminator) = keywords.shift_remove("discriminator") else {
            return;
        };
        let Some(property) = discriminator["propertyName"].as_str() else {
            return;
        };
        let mapping = discriminator["mapping"].as_object().into_iter().flatten();
        for (value, target) in mapping {
            let target = target
                .as_str()
                .and_then(|target| named(&components, target));
            if let Some(target) = target {
                let values_of = values_of.entry((target, property.to_owned())).or_default();
                values_of.insert(value.clone());
            }
        }
        offer_extensions(&components, pointer, keywords, notes);
        for name in objects(&components, keywords) {
            // The name of a schema is its value, unless the mapping or the schema lists others.
            let values = values_of
                .entry((name.clone(), property.to_owned()))
                .or_default();
            if values.is_empty() && allows(&components, &name, property, &name) {
                values.insert(name);
            }
        }
        choices.insert(pointer.clone(), property.to_owned());
    });
    values_of.retain(|_, values| !values.is_empty());
    let mut names = Names::of(&components);
    let mut branches: BTreeMap<String, String> = BTreeMap::new();
    let narrowed: BTreeSet<String> = values_of.keys().map(|(name, _)| name.clone()).collect();
    for ((name, property), values) in values_of {
        let branch = match elsewhere.contains(&name) {
            true => branches.entry(name.clone()).or_insert_with(|| {
                let branch = names.free(&format!("{name}Branch"));
                notes.component(&branch, &[Pointer::of(["components", "schemas", &name])]);
                components_mut(root).insert(branch.clone(), json!({ "allOf": [reference(&name)] }));
                branch
            }),
            false => &name,
        };
        narrow(
            root,
            &components,
            (&name, branch),
            &property,
            &values,
            notes,
        );
    }
    for (pointer, property) in choices {
        let Some(choice) = pointer.get_mut(root).and_then(Value::as_object_mut) else {
            continue;
        };
        for keyword in ["oneOf", "anyOf"] {
            let offered = choice.get_mut(keyword).and_then(Value::as_array_mut);
            for (index, branch) in offered.into_iter().flatten().enumerate() {
                let name = component_name(branch);
                if let Some(own) = name.as_ref().and_then(|name| branches.get(name)) {
                    *branch = reference(own);
                }
                let has_it = name.is_some_and(|name| narrowed.contains(&name));
                if !has_it && lacks(&components, branch, &property) {
                    let string = json!({ "type": "string" });
                    let object = json!({ "type": "object", "properties": { &property: string } });
                    *branch = json!({ "allOf": [branch.take(), object] });
                    notes.add(
                        &pointer.join(keyword).join(index),
                        format!("added the property `{property}`"),
                        "it is the discriminator of the choice",
                    );
                }
            }
        }
    }
}

/// The components with objects among the branches of a choice. A branch that is a choice has the values of
/// its own branches.
fn objects(components: &Map<String, Value>, choice: &Map<String, Value>) -> Vec<String> {
    let is_object = |name: &String| {
        let branch = reference(name);
        let is_choice = branches_of(resolved(components, &branch)).next().is_some();
        let mut parts = parts(components, name).into_iter();
        !is_choice && parts.any(|part| part["type"] == "object" || part["properties"].is_object())
    };
    let branches = ["oneOf", "anyOf"].into_iter();
    let branches = branches.filter_map(|keyword| choice.get(keyword)?.as_array());
    let names = branches.flatten().filter_map(component_name);
    names.filter(is_object).collect()
}

/// True if each part of a component that has the property allows `value` for it.
fn allows(components: &Map<String, Value>, name: &str, property: &str, value: &str) -> bool {
    let parts = parts(components, name).into_iter();
    let mut schemas = parts.map(|part| resolved(components, &part["properties"][property]));
    schemas.all(|schema| {
        let listed = schema["enum"].as_array();
        let is_string = schema.get("type").is_none_or(|kind| kind == "string");
        is_string && listed.is_none_or(|listed| listed.iter().any(|listed| listed == value))
    })
}

/// A component, and the components and schemas that it extends.
fn parts<'a>(components: &'a Map<String, Value>, name: &str) -> Vec<&'a Value> {
    let mut seen = BTreeSet::from([name.to_owned()]);
    let mut waiting: Vec<&Value> = components.get(name).into_iter().collect();
    let mut parts = Vec::new();
    while let Some(part) = waiting.pop() {
        if let Some(name) = component_name(part)
            && seen.insert(name.clone())
        {
            waiting.extend(components.get(&name));
        }
        waiting.extend(part["allOf"].as_array().into_iter().flatten());
        parts.push(part);
    }
    parts
}

/// True if a branch is an object that does not list the property.
fn lacks(components: &Map<String, Value>, branch: &Value, property: &str) -> bool {
    let listed = all_properties(components, branch);
    !listed.is_empty() && listed.iter().all(|(name, _)| name != property)
}

/// The components that are used other than as a branch of a choice.
fn used_elsewhere(root: &Value) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    visit(root, &mut |kind, pointer, schema| {
        if kind != Kind::Schema || schema.get("$ref").is_none() {
            return;
        }
        let tokens: Vec<String> = pointer.tokens().collect();
        let is_branch =
            matches!(tokens.as_slice(), [.., choice, _] if choice == "oneOf" || choice == "anyOf");
        if !is_branch {
            used.extend(component_name(schema));
        }
    });
    used
}

/// The component that a mapping refers to, by reference or by name.
fn named(components: &Map<String, Value>, target: &str) -> Option<String> {
    let by_reference = component_name(&json!({ "$ref": target }));
    let name = by_reference.unwrap_or_else(|| target.to_owned());
    components.contains_key(&name).then_some(name)
}

/// Turns a base with a discriminator into a choice of its extensions and itself.
fn offer_extensions(
    components: &Map<String, Value>,
    pointer: &Pointer,
    keywords: &mut Map<String, Value>,
    notes: &mut Notes,
) {
    let own = component_at(pointer);
    let is_choice = keywords.contains_key("oneOf") || keywords.contains_key("anyOf");
    let Some(own) = own.filter(|_| !is_choice) else {
        return;
    };
    let extends = |name: &String| {
        let mut parts = parts(components, name).into_iter();
        *name != own && parts.any(|part| component_name(part).is_some_and(|part| part == own))
    };
    let extensions = components.keys().filter(|name| extends(name));
    let mut branches: Vec<Value> = extensions.map(|name| reference(name)).collect();
    if branches.is_empty() {
        return;
    }
    // Values that no extension has, with the properties that the document does not list.
    branches.push(json!({ "title": "Base", "additionalProperties": true }));
    keywords.insert("oneOf".to_owned(), branches.into());
    notes.add(
        pointer,
        "replaced with a choice of its extensions and itself",
        "its discriminator allows the extensions instead of it",
    );
}

/// Requires in `branch`, which is a copy of the component `name`, that `property` is one of `values`.
fn narrow(
    root: &mut Value,
    components: &Map<String, Value>,
    (name, branch): (&str, &str),
    property: &str,
    values: &BTreeSet<String>,
    notes: &mut Notes,
) {
    // Values that the component lists itself take precedence.
    let own = components
        .get(name)
        .map(|own| &own["properties"][property]["enum"]);
    let listed = own.and_then(Value::as_array);
    let is_known = |value: &String| listed.is_none_or(|listed| listed.iter().any(|l| l == value));
    let values: Vec<&String> = values.iter().filter(|value| is_known(value)).collect();
    let Some(schema) = components_mut(root)
        .get_mut(branch)
        .filter(|_| !values.is_empty())
    else {
        return;
    };
    let restriction = json!({
        "type": "object",
        "required": [property],
        "properties": { property: { "type": "string", "enum": values } },
    });
    *schema = json!({ "allOf": [schema.take(), restriction] });
    notes.add(
        &Pointer::of(["components", "schemas", branch]),
        format!("restricted `{property}` to its discriminator values"),
        "the first branch of a choice that decodes is used",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;

    #[test]
    fn a_mapping_restricts_the_value_in_each_branch() {
        let cat = json!({ "type": "object", "properties": { "kind": { "type": "string" } } });
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "Pet": {
                    "oneOf": [reference("Cat")],
                    "discriminator": {
                        "propertyName": "kind",
                        "mapping": { "cat": "#/components/schemas/Cat", "puss": "Cat" },
                    },
                },
                "Cat": cat,
            }),
        );
        assert_eq!(after["Pet"], json!({ "oneOf": [reference("Cat")] }));
        assert_eq!(
            after["Cat"],
            json!({ "allOf": [cat, {
                "type": "object",
                "required": ["kind"],
                "properties": { "kind": { "type": "string", "enum": ["cat", "puss"] } },
            }] })
        );
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn a_branch_that_does_not_list_the_discriminator_gets_it() {
        let object = |property: &str| {
            let string = json!({ "type": "string" });
            json!({ "type": "object", "properties": { property: string } })
        };
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "Pet": {
                    "oneOf": [object("lives"), object("kind"), { "type": "string" }],
                    "discriminator": { "propertyName": "kind" },
                },
            }),
        );
        assert_eq!(
            after["Pet"]["oneOf"],
            json!([{ "allOf": [object("lives"), object("kind")] }, object("kind"), { "type": "string" }])
        );
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn without_a_mapping_the_name_of_a_branch_is_its_value() {
        let object = |values: &[&str]| {
            let mut kind = json!({ "type": "string" });
            if !values.is_empty() {
                kind["enum"] = json!(values);
            }
            json!({ "type": "object", "properties": { "kind": kind } })
        };
        let branches = ["Cat", "Dog", "Bird", "Word"].map(reference);
        let (after, _) = run_on_schemas(
            &PASS,
            json!({
                "Pet": {
                    "oneOf": branches,
                    "discriminator": { "propertyName": "kind", "mapping": { "dog": "Dog" } },
                },
                "Cat": object(&[]),
                "Dog": object(&[]),
                "Bird": object(&["bird"]),
                "Word": { "type": "string" },
            }),
        );
        let values = |name: &str| &after[name]["allOf"][1]["properties"]["kind"]["enum"];
        assert_eq!(*values("Cat"), json!(["Cat"]));
        assert_eq!(*values("Dog"), json!(["dog"]));
        // Values that a branch lists itself take precedence.
        assert_eq!(after["Bird"], object(&["bird"]));
        assert_eq!(after["Word"], json!({ "type": "string" }));
    }

    #[test]
    fn a_base_is_a_choice_of_its_extensions() {
        let (after, _) = run_on_schemas(
            &PASS,
            json!({
                "Base": { "type": "object", "discriminator": { "propertyName": "kind" } },
                "Square": { "allOf": [reference("Base"), { "type": "object" }] },
            }),
        );
        assert_eq!(
            after["Base"],
            json!({
                "type": "object",
                "oneOf": [reference("Square"), { "title": "Base", "additionalProperties": true }],
            })
        );
    }

    #[test]
    fn without_a_mapping_the_value_of_a_branch_is_the_name_of_its_schema() {
        let with = |kind: Value| json!({ "type": "object", "properties": { "kind": kind } });
        let (string, listed) = (json!({ "type": "string" }), json!({ "enum": ["puppy"] }));
        let (after, _) = run_on_schemas(
            &PASS,
            json!({
                "Pet": {
                    "oneOf": [reference("Cat"), reference("Dog"), reference("Fish"), reference("Cow")],
                    "discriminator": { "propertyName": "kind", "mapping": { "moo": "Cow" } },
                },
                "Cat": with(string.clone()),
                "Dog": { "allOf": [with(string.clone()), with(reference("Puppy"))] },
                "Puppy": listed,
                "Fish": with(json!({ "type": "integer" })),
                "Cow": with(string),
            }),
        );
        let values = ["Cat", "Dog", "Fish", "Cow"].map(|name| {
            let restriction = &after[name]["allOf"][1]["properties"]["kind"];
            restriction["enum"].clone()
        });
        assert_eq!(
            values,
            [json!(["Cat"]), Value::Null, Value::Null, json!(["moo"])]
        );
    }

    #[test]
    fn extensions_of_extensions_are_branches_of_the_base() {
        let extending = |name: &str| json!({ "allOf": [reference(name), { "type": "object" }] });
        let (after, _) = run_on_schemas(
            &PASS,
            json!({
                "Base": { "type": "object", "discriminator": { "propertyName": "kind" } },
                "Square": extending("Base"),
                "Cube": extending("Square"),
            }),
        );
        let branches = after["Base"]["oneOf"].as_array().map(Vec::len);
        assert_eq!(branches, Some(3));
        assert_eq!(
            after["Cube"]["allOf"][1]["properties"]["kind"]["enum"],
            json!(["Cube"])
        );
    }

    #[test]
    fn a_component_that_is_used_elsewhere_is_only_restricted_in_the_choice() {
        let cat = json!({ "type": "object", "properties": { "kind": { "type": "string" } } });
        let (after, _) = run_on_schemas(
            &PASS,
            json!({
                "Pet": {
                    "oneOf": [reference("Cat")],
                    "discriminator": { "propertyName": "kind", "mapping": { "cat": "Cat" } },
                },
                "Cat": cat,
                "Litter": { "type": "array", "items": reference("Cat") },
            }),
        );
        assert_eq!(after["Cat"], cat);
        assert_eq!(after["Pet"], json!({ "oneOf": [reference("CatBranch")] }));
        assert!(after["CatBranch"]["allOf"].is_array());
    }
}
