//! Makes answers tolerant.
//!
//! Before: an answer with `{status: {$ref: Status}, name: {type: string, pattern: …, maxLength: 9},
//! size: {type: integer, minimum: 1}}`, and `additionalProperties: false`.
//! After: `status` is `OpenEnum<Status>`, `name` is any string, `size` any integer, and unknown
//! members are ignored.
//!
//! What a server sends is what it sends: a client that refuses it because the description was
//! behind breaks its caller's program for nothing. The types themselves stay. Inside a choice,
//! enumerations stay closed, since they are what tells its branches apart.

use openapi_document::Pointer;
use openapi_document::walk::{Kind, visit_from, visit_from_mut};
use serde_json::{Map, Value};

use super::inline_enums::is_string_enum;
use super::rust_type::replace;
use super::schema::{component_name, components, is_wrapped, reference, resolved};
use super::split_directions::{Direction, visit_direction_mut};
use super::{Notes, Pass};

pub(super) const PASS: Pass = Pass {
    name: "open-answers",
    run,
};

const BOUNDS: [&str; 13] = [
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

fn run(root: &mut Value, notes: &mut Notes) {
    let components = components(root);
    let branches = branches(&components);
    visit_direction_mut(root, Direction::Answer, &mut |pointer, schema| {
        let what = open_one(&components, &branches, pointer, schema);
        if !what.is_empty() {
            notes.add(
                pointer,
                what.join(", "),
                "a server's answer is read as it comes",
            );
        }
    });
}

/// The schema made tolerant, or `None` where it is so already.
pub(super) fn opened(components: &Map<String, Value>, schema: &Value) -> Option<Value> {
    let mut opened = schema.clone();
    let mut changed = false;
    visit_from_mut(
        Kind::Schema,
        &Pointer::root(),
        &mut opened,
        &mut |_, pointer, inner| {
            changed |= !open_one(components, &[], pointer, inner).is_empty();
        },
    );
    changed.then_some(opened)
}

/// The components that are a branch of a choice somewhere.
fn branches(components: &Map<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    for component in components.values() {
        visit_from(
            Kind::Schema,
            &Pointer::root(),
            component,
            &mut |_, _, schema| {
                let choices = schema["oneOf"].as_array().into_iter().flatten();
                found.extend(choices.filter_map(component_name));
            },
        );
    }
    found
}

/// Opens one schema, the schemas inside it aside; says what was done.
fn open_one(
    components: &Map<String, Value>,
    branches: &[String],
    pointer: &Pointer,
    schema: &mut Value,
) -> Vec<String> {
    if let Some(name) = component_name(schema) {
        if is_wrapped(pointer)
            || !is_string_enum(resolved(components, schema))
            || tells_branches_apart(branches, components, pointer, &name)
        {
            return Vec::new();
        }
        replace(schema, "OpenEnum", &[reference(&name)]);
        return vec![format!("takes values that `{name}` does not list")];
    }
    let Some(members) = schema.as_object_mut() else {
        return Vec::new();
    };
    if members.contains_key("enum") {
        // A component of its own; it is opened where it is used.
        return Vec::new();
    }
    let dropped: Vec<&str> = BOUNDS
        .into_iter()
        .filter(|bound| members.shift_remove(*bound).is_some())
        .collect();
    let mut what = Vec::new();
    if !dropped.is_empty() {
        what.push(format!("dropped `{}`", dropped.join("`, `")));
    }
    if members.get("additionalProperties") == Some(&Value::Bool(false)) {
        members.shift_remove("additionalProperties");
        what.push("takes unknown members".to_owned());
    }
    what
}

/// Whether an enumeration is what tells the branches of a choice apart: a branch itself, or a
/// member of one with a single value.
fn tells_branches_apart(
    branches: &[String],
    components: &Map<String, Value>,
    pointer: &Pointer,
    name: &str,
) -> bool {
    let tokens: Vec<String> = pointer.tokens().collect();
    let single = components
        .get(name)
        .and_then(|component| component["enum"].as_array())
        .is_some_and(|values| values.len() == 1);
    let in_branch = match tokens.as_slice() {
        [components, schemas, component, properties, _]
            if components == "components" && schemas == "schemas" && properties == "properties" =>
        {
            branches.contains(component)
        }
        [.., one_of, _, properties, _] if properties == "properties" => one_of == "oneOf",
        [.., one_of, _] => return one_of == "oneOf",
        _ => false,
    };
    single && in_branch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::run;
    use serde_json::json;

    fn lowered(schema: Value) -> (Value, usize) {
        let content =
            |schema: Value| json!({ "content": { "application/json": { "schema": schema } } });
        let (mut after, notes) = run(
            &PASS,
            json!({
                "paths": { "/a": { "post": {
                    "requestBody": content(schema.clone()),
                    "responses": { "200": content(schema.clone()) },
                } } },
                "components": { "schemas": {
                    "Status": { "type": "string", "enum": ["DONE"] },
                    "Branch": { "properties": { "kind": reference("Status") } },
                    "Choice": { "oneOf": [reference("Branch")] },
                } },
            }),
        );
        let operation = &mut after["paths"]["/a"]["post"];
        assert_eq!(
            operation["requestBody"],
            content(schema),
            "requests stay strict"
        );
        let answer = operation["responses"]["200"]["content"]["application/json"]["schema"].take();
        (answer, notes.len())
    }

    #[test]
    fn enumerations_are_open() {
        let (after, notes) = lowered(json!({ "properties": { "status": reference("Status") } }));
        let extension = &after["properties"]["status"]["x-rust-type"];
        assert_eq!(extension["path"], "client_runtime::OpenEnum");
        assert_eq!(extension["parameters"], json!([reference("Status")]));
        assert_eq!(notes, 1);
    }

    #[test]
    fn bounds_are_dropped_and_types_stay() {
        assert_eq!(
            lowered(json!({
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "name": { "type": "string", "pattern": "^a$", "maxLength": 9 },
                    "size": { "type": "integer", "format": "int32", "minimum": 1 },
                    "list": { "type": "array", "minItems": 1, "items": { "type": "string" } },
                },
            })),
            (
                json!({
                    "type": "object",
                    "properties": {
                        "name": { "type": "string" },
                        "size": { "type": "integer", "format": "int32" },
                        "list": { "type": "array", "items": { "type": "string" } },
                    },
                }),
                4
            )
        );
    }

    #[test]
    fn what_tells_the_branches_of_a_choice_apart_stays_closed() {
        let choice = json!({ "oneOf": [
            { "properties": { "kind": reference("Status") } },
            reference("Status"),
            reference("Branch"),
        ] });
        assert_eq!(lowered(choice.clone()), (choice, 0));
    }
}
