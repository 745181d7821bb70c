//! Makes explicit which branch of a choice applies, so that the validator and the generator of instances agree
//! with clients. JSON Schema does not have discriminators.
//!
//! Before: `oneOf: [{$ref: Cat}, {$ref: Dog}]` with the discriminator `kind`.
//! After: each branch is `allOf: [{$ref: Cat}, {required: [kind], properties: {kind: {enum: [Cat]}}}]`.
//!
//! Before: `Pet` has such a choice, and `Cat` is `allOf: [{$ref: Pet}, …]`, which is an endless recursion.
//! After: `Cat` refers to a copy of `Pet` without the choice.
//!
//! Before: `oneOf: [{required: [ids]}, {required: [names]}]`.
//! After: each branch also forbids the property that only the other requires: `{required: [ids], properties:
//! {names: false}}`.

use std::collections::BTreeMap;

use openapi_document::Pointer;
use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value, json};

/// The keywords of choices.
const CHOICES: [&str; 2] = ["oneOf", "anyOf"];

/// Rewrites the choices of a document.
pub(crate) fn make_explicit(root: &mut Value) {
    separate_bases(root);
    schemas_mut(root, |_, schema| {
        if let Value::Object(schema) = schema {
            require_tags(schema);
            forbid_others(schema);
        }
    });
}

/// Adds the values of the discriminator to the branches of a choice.
fn require_tags(schema: &mut Map<String, Value>) {
    let Some(discriminator) = schema.get("discriminator").cloned() else {
        return;
    };
    let Some(tag) = discriminator["propertyName"].as_str() else {
        return;
    };
    let mapping = discriminator["mapping"].as_object();
    for keyword in CHOICES {
        for branch in schema
            .get_mut(keyword)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            let Some(name) = component_name(branch) else {
                continue;
            };
            let mapped = mapping.into_iter().flatten().filter(|(_, target)| {
                let target = target.as_str().unwrap_or_default();
                target == name || target.rsplit('/').next() == Some(name.as_str())
            });
            let mut values: Vec<&str> = mapped.map(|(value, _)| value.as_str()).collect();
            if values.is_empty() {
                values.push(&name);
            }
            let tagged = json!({ "required": [tag], "properties": { tag: { "enum": values } } });
            *branch = json!({ "allOf": [branch.take(), tagged] });
        }
    }
}

/// Forbids in each branch that only requires properties the one property that another branch requires
/// beyond them. Otherwise both branches would match.
fn forbid_others(schema: &mut Map<String, Value>) {
    let Some(branches) = schema.get_mut("oneOf").and_then(Value::as_array_mut) else {
        return;
    };
    let required = |branch: &Value| -> Option<Vec<String>> {
        let branch = branch.as_object().filter(|branch| branch.len() == 1)?;
        let names = branch.get("required")?.as_array()?.iter();
        names.map(|name| name.as_str().map(str::to_owned)).collect()
    };
    let all: Option<Vec<Vec<String>>> = branches.iter().map(required).collect();
    let Some(all) = all else {
        return;
    };
    for (branch, own) in branches.iter_mut().zip(&all) {
        let beyond = all.iter().filter_map(|other| {
            let mut beyond = other.iter().filter(|name| !own.contains(name));
            beyond.next().filter(|_| beyond.next().is_none())
        });
        let forbidden: Map<String, Value> =
            beyond.map(|name| (name.clone(), json!(false))).collect();
        if !forbidden.is_empty() {
            branch["properties"] = forbidden.into();
        }
    }
}

/// For branches that extend the schema that contains their choice, replaces that schema with a copy
/// without the choice.
fn separate_bases(root: &mut Value) {
    let place = Pointer::of(["components", "schemas"]);
    let Some(Value::Object(components)) = place.get_mut(root) else {
        return;
    };
    let choosing = |schema: &&Value| CHOICES.iter().any(|keyword| schema.get(*keyword).is_some());
    let bases = components.iter().filter(|(_, schema)| choosing(schema));
    let bases: Vec<String> = bases.map(|(name, _)| name.clone()).collect();
    for base in bases {
        let mut branches = Vec::new();
        for keyword in CHOICES {
            let list = components[&base].get(keyword).and_then(Value::as_array);
            branches.extend(list.into_iter().flatten().filter_map(component_name));
        }
        let mut extending = BTreeMap::new();
        for branch in branches {
            collect_extending(components, &branch, &base, &mut extending);
        }
        if !extending.values().any(|extends| *extends) {
            continue;
        }
        let mut copy = components[&base].clone();
        if let Some(copy) = copy.as_object_mut() {
            copy.retain(|keyword, _| {
                keyword != "discriminator" && !CHOICES.contains(&keyword.as_str())
            });
        }
        let mut name = format!("{base}.base");
        while components.contains_key(&name) {
            name.push('_');
        }
        for (branch, extends) in extending {
            let parts = components
                .get_mut(&branch)
                .and_then(|branch| branch.get_mut("allOf"));
            for part in parts.and_then(Value::as_array_mut).into_iter().flatten() {
                if extends && component_name(part).as_ref() == Some(&base) {
                    *part = json!({ "$ref": format!("#/components/schemas/{name}") });
                }
            }
        }
        components.insert(name, copy);
    }
}

/// Collects the components that `name` contains by `allOf`, each with whether it refers to `base`.
fn collect_extending(
    components: &Map<String, Value>,
    name: &str,
    base: &str,
    found: &mut BTreeMap<String, bool>,
) {
    if name == base || found.contains_key(name) {
        return;
    }
    let parts = components.get(name).and_then(|schema| schema.get("allOf"));
    let parts = parts.and_then(Value::as_array).into_iter().flatten();
    let parts: Vec<String> = parts.filter_map(component_name).collect();
    found.insert(name.to_owned(), parts.iter().any(|part| part == base));
    for part in parts {
        collect_extending(components, &part, base, found);
    }
}

/// The name of the component that a schema refers to.
fn component_name(schema: &Value) -> Option<String> {
    let target = Pointer::parse(schema.get("$ref")?.as_str()?)?;
    let tokens: Vec<String> = target.tokens().collect();
    match &tokens[..] {
        [components, schemas, name] if components == "components" && schemas == "schemas" => {
            Some(name.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schemas::Schemas;
    use openapi_document::Direction;
    use openapi_instances::{Generator, PlausibleOptions};

    fn reference(name: &str) -> Value {
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    /// The schemas of a document, of which `Choice` is under test.
    fn explicit(schemas: Value) -> Value {
        let mut root = json!({ "openapi": "3.0.3", "components": { "schemas": schemas } });
        make_explicit(&mut root);
        root
    }

    fn shape(name: &str) -> Value {
        json!({ "type": "object", "required": ["kind"], "properties": {
            "kind": { "type": "string" }, name: { "type": "integer" },
        } })
    }

    fn documents() -> Vec<(Value, Vec<Value>, Vec<Value>)> {
        let choice = json!([reference("Circle"), reference("Square")]);
        let by_name = json!({
            "Choice": { "oneOf": choice, "discriminator": { "propertyName": "kind" } },
            "Circle": shape("size"), "Square": shape("size"),
        });
        let mapping =
            json!({ "round": "#/components/schemas/Circle", "disc": "Circle", "square": "Square" });
        let mapped = json!({
            "Choice": { "anyOf": choice, "discriminator": { "propertyName": "kind", "mapping": mapping } },
            "Circle": { "allOf": [shape("size")] }, "Square": shape("side"),
        });
        let extending = |name: &str| {
            json!({ "allOf": [reference("Middle"), {
            "type": "object", "required": [name], "properties": { name: { "type": "integer" } },
        }] })
        };
        let recursive = json!({
            "Choice": {
                "type": "object", "required": ["kind", "label"],
                "properties": { "kind": { "type": "string" }, "label": { "type": "string" } },
                "oneOf": choice, "discriminator": { "propertyName": "kind" },
            },
            "Middle": { "allOf": [reference("Choice")] },
            "Circle": extending("radius"), "Square": extending("side"),
        });
        let required = json!({ "Choice": {
            "type": "object",
            "properties": { "ids": { "type": "string" }, "names": { "type": "string" }, "note": { "type": "string" } },
            "oneOf": [{ "required": ["ids"] }, { "required": ["names"] }],
        } });
        vec![
            (
                by_name,
                vec![json!({ "kind": "Square", "size": 1 })],
                vec![json!({ "kind": "Other" }), json!({ "size": 1 })],
            ),
            (
                mapped,
                vec![
                    json!({ "kind": "disc" }),
                    json!({ "kind": "round", "size": 1 }),
                    json!({ "kind": "square" }),
                ],
                vec![
                    json!({ "kind": "Circle" }),
                    json!({ "kind": "round", "size": "a" }),
                ],
            ),
            (
                recursive,
                vec![json!({ "kind": "Circle", "label": "l", "radius": 1 })],
                vec![
                    json!({ "kind": "Circle", "label": "l", "side": 1 }),
                    json!({ "kind": "Square", "side": 1 }),
                ],
            ),
            (
                required,
                vec![json!({ "ids": "a", "note": "n" }), json!({ "names": "b" })],
                vec![json!({ "note": "n" }), json!({ "ids": "a", "names": "b" })],
            ),
        ]
    }

    #[test]
    fn a_value_is_judged_by_the_branch_that_decides() {
        let place = Pointer::of(["components", "schemas", "Choice"]);
        for (schemas, valid, invalid) in documents() {
            let root = explicit(schemas);
            let schemas = Schemas::of(&root, Direction::Request);
            for (values, expected) in [(valid, true), (invalid, false)] {
                for value in values {
                    assert_eq!(schemas.is_valid(&place, &value), expected, "{value} {root}");
                }
            }
        }
    }

    #[test]
    fn an_instance_of_every_choice_is_made() {
        let place = Pointer::of(["components", "schemas", "Choice"]);
        for (schemas, ..) in documents() {
            let root = explicit(schemas);
            let schemas = Schemas::of(&root, Direction::Response);
            let schema = place.get(&root).expect("is there");
            for seed in 0..8 {
                let options = PlausibleOptions {
                    seed,
                    ..PlausibleOptions::default()
                };
                let made = Generator::new(&root, Direction::Response).plausible(
                    schema,
                    options,
                    |value| {
                        let errors = schemas.errors(&place, value).into_iter();
                        errors.map(|error| error.pointer).collect()
                    },
                );
                assert!(made.is_ok(), "{root}");
            }
        }
    }
}
