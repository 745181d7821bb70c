//! Makes answers tolerant.
//!
//! Before: an answer with `{status: {$ref: Status}, name: {type: string, pattern: …, maxLength: 9},
//! size: {type: integer, minimum: 1}}`, and `additionalProperties: false`.
//! After: `status` is `OpenEnum<Status>`, `name` is any string, `size` any integer, and unknown
//! members are ignored.
//!
//! What a server sends is what it sends: a client that refuses it because the description was
//! behind breaks its caller's program for nothing. The types themselves stay. The enumerations that
//! tell the branches of a choice apart stay closed, unless one is the only text among them; where they
//! tell all branches apart, the choice itself is open, and an object of a kind that is not listed is
//! its `Other`.

use std::collections::BTreeSet;

use openapi_document::walk::{Kind, visit_from_mut};
use openapi_document::{Pointer, compact_clone_object};
use serde_json::{Map, Value, json};

use crate::directions::split_directions::{Direction, visit_direction_mut};
use crate::rust_type::replace;
use crate::schema::{
    component_at, component_name, components, has_native_format, is_string_enum, is_wrapped,
    reference, resolved, type_of,
};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
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
    let components = compact_clone_object(components(root));
    let tags = Tags::of(&components);
    visit_direction_mut(root, Direction::Answer, &mut |pointer, schema| {
        let what = open_one(&components, &tags, pointer, schema);
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
pub(crate) fn opened(components: &Map<String, Value>, schema: &Value) -> Option<Value> {
    let mut opened = schema.clone();
    let mut changed = false;
    let tags = Tags::default();
    visit_from_mut(
        Kind::Schema,
        &Pointer::root(),
        &mut opened,
        &mut |_, pointer, inner| {
            changed |= !open_one(components, &tags, pointer, inner).is_empty();
        },
    );
    changed.then_some(opened)
}

/// What tells the branches of choices apart.
#[derive(Default)]
struct Tags {
    /// The choices that have a tag: a member that each branch lists other values of.
    choices: BTreeSet<String>,
    /// The tags: a component and its member.
    members: BTreeSet<(String, String)>,
    /// The enumerations of the tags.
    values: BTreeSet<String>,
    /// All components that are a branch somewhere.
    branches: BTreeSet<String>,
}

impl Tags {
    fn of(components: &Map<String, Value>) -> Self {
        let mut tags = Self::default();
        for (choice, schema) in components {
            let branches = schema["oneOf"].as_array().into_iter().flatten();
            let branches: Vec<String> = branches.filter_map(component_name).collect();
            let objects: Vec<&String> = branches
                .iter()
                .filter(|name| properties(components, name).is_some())
                .collect();
            if let Some(tag) = tag(components, &objects) {
                tags.choices.insert(choice.clone());
                for object in objects {
                    let property = properties(components, object).and_then(|all| all.get(tag));
                    tags.values.extend(property.and_then(component_name));
                    tags.members.insert((object.clone(), tag.clone()));
                }
            }
            tags.branches.extend(branches);
        }
        tags
    }

    /// Whether an enumeration of strings that is used at `pointer` has to stay closed: as a branch
    /// itself, as a tag, or as a member of a branch with a single value.
    fn need(&self, components: &Map<String, Value>, pointer: &Pointer, name: &str) -> bool {
        let tokens: Vec<String> = pointer.tokens().collect();
        let single = components
            .get(name)
            .and_then(|component| component["enum"].as_array())
            .is_some_and(|values| values.len() == 1);
        match tokens.as_slice() {
            [components, schemas, component, properties, member]
                if components == "components"
                    && schemas == "schemas"
                    && properties == "properties" =>
            {
                let member = (component.clone(), member.clone());
                self.members.contains(&member) || single && self.branches.contains(component)
            }
            [.., one_of, _, properties, _] if properties == "properties" => {
                single && one_of == "oneOf"
            }
            [.., one_of, _] => one_of == "oneOf",
            _ => false,
        }
    }
}

/// The member of which each of several objects lists values that no other lists.
fn tag<'a>(components: &'a Map<String, Value>, objects: &[&String]) -> Option<&'a String> {
    let [first, _, ..] = objects else {
        return None;
    };
    let tells_apart = |member: &&String| {
        let mut seen = BTreeSet::new();
        objects.iter().all(|object| {
            let property = properties(components, object).and_then(|all| all.get(*member));
            let values =
                property.and_then(|property| resolved(components, property)["enum"].as_array());
            values.is_some_and(|values| values.iter().all(|value| seen.insert(value.to_string())))
        })
    };
    properties(components, first)?.keys().find(tells_apart)
}

fn properties<'a>(
    components: &'a Map<String, Value>,
    name: &str,
) -> Option<&'a Map<String, Value>> {
    components.get(name)?["properties"].as_object()
}

/// Opens one schema, the schemas inside it aside; says what was done.
fn open_one(
    components: &Map<String, Value>,
    tags: &Tags,
    pointer: &Pointer,
    schema: &mut Value,
) -> Vec<String> {
    if let Some(name) = component_name(schema) {
        if is_wrapped(pointer)
            || !is_string_enum(resolved(components, schema))
            || tags.need(components, pointer, &name)
        {
            return Vec::new();
        }
        replace(schema, "OpenEnum", &[reference(&name)]);
        return vec![format!("takes values that `{name}` does not list")];
    }
    let own = component_at(pointer);
    let Some(members) = schema.as_object_mut() else {
        return Vec::new();
    };
    let mut what = Vec::new();
    if members.contains_key("enum") {
        // One of strings is a component of its own, and opened where it is used.
        let is_tag = own.is_some_and(|own| tags.values.contains(&own));
        if members.get("type").is_some_and(|kind| kind == "integer") && !is_tag {
            members.shift_remove("enum");
            what.push("takes values that are not listed".to_owned());
        }
        return what;
    }
    let dropped: Vec<&str> = BOUNDS
        .into_iter()
        .filter(|bound| members.shift_remove(*bound).is_some())
        .collect();
    if !dropped.is_empty() {
        what.push(format!("dropped `{}`", dropped.join("`, `")));
    }
    if members.get("additionalProperties") == Some(&Value::Bool(false)) {
        members.shift_remove("additionalProperties");
        what.push("takes unknown members".to_owned());
    }
    if let Some(Value::Array(branches)) = members.get_mut("oneOf")
        && let Some(name) = open_only_text(components, branches)
    {
        what.push(format!("takes values that `{name}` does not list"));
    }
    if own.is_some_and(|own| tags.choices.contains(&own))
        && let Some(Value::Array(branches)) = members.get_mut("oneOf")
    {
        branches.push(json!({ "title": "Other" }));
        what.push("takes a branch that is not listed as `Other`".to_owned());
    }
    what
}

/// Opens the enumeration of strings among the branches of a choice, and gives its name, if no other
/// branch would take any text: next to such a one it would take that one's values for unknown ones.
/// Texts of which only some can be read have their turn before it.
fn open_only_text(components: &Map<String, Value>, branches: &mut Vec<Value>) -> Option<String> {
    let takes_any_text = |branch: &&Value| {
        let schema = resolved(components, branch);
        type_of(schema).is_none_or(|kind| kind == "string") && !has_native_format(schema)
    };
    let mut texts = branches.iter().filter(takes_any_text);
    let (only, None) = (texts.next()?, texts.next()) else {
        return None;
    };
    let name = component_name(only).filter(|_| is_string_enum(resolved(components, only)))?;
    let place = branches.iter().position(|branch| branch == only)?;
    let has_turn_before = |branch: &Value| has_native_format(resolved(components, branch));
    let last = branches.iter().rposition(has_turn_before);
    let mut opened = branches.remove(place);
    replace(&mut opened, "OpenEnum", &[reference(&name)]);
    branches.insert(last.map_or(place, |last| place.max(last)), opened);
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;

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
            { "type": "string" },
            reference("Branch"),
        ] });
        assert_eq!(lowered(choice.clone()), (choice, 0));
    }

    #[test]
    fn texts_that_are_read_have_their_turn_before_an_open_enumeration() {
        let instant = json!({ "type": "string", "format": "date-time" });
        let object = json!({ "type": "object" });
        let (after, _) = lowered(json!({ "oneOf": [reference("Status"), instant, object] }));
        assert_eq!(after["oneOf"][0], instant);
        assert!(after["oneOf"][1].get("x-rust-type").is_some());
        assert_eq!(after["oneOf"][2], object);
    }

    #[test]
    fn the_only_text_of_a_choice_is_open() {
        let (after, notes) = lowered(json!({ "oneOf": [
            reference("Status"),
            { "type": "object" },
        ] }));
        let path = &after["oneOf"][0]["x-rust-type"]["path"];
        assert_eq!(*path, "client_runtime::OpenEnum");
        assert_eq!(notes, 1);
    }

    #[test]
    fn a_choice_whose_branches_are_told_apart_takes_others() {
        let branch = |kind: &str| json!({ "properties": { "kind": reference(kind) } });
        let listed = |values: Value| json!({ "type": "string", "enum": values });
        let (after, _) = run(
            &PASS,
            json!({
                "paths": { "/a": { "get": { "responses": { "200": { "content": {
                    "application/json": { "schema": reference("Pet") },
                } } } } } },
                "components": { "schemas": {
                    "Pet": { "oneOf": [reference("Cat"), reference("Dog")] },
                    "Cat": branch("CatKind"),
                    "Dog": branch("DogKind"),
                    "CatKind": listed(json!(["cat", "puss"])),
                    "DogKind": listed(json!(["dog"])),
                } },
            }),
        );
        let schemas = &after["components"]["schemas"];
        assert_eq!(
            schemas["Pet"]["oneOf"],
            json!([reference("Cat"), reference("Dog"), { "title": "Other" }])
        );
        assert_eq!(schemas["Cat"], branch("CatKind"));
    }

    #[test]
    fn an_enumeration_of_integers_is_any_integer() {
        assert_eq!(
            lowered(json!({ "type": "integer", "enum": [1, 2] })),
            (json!({ "type": "integer" }), 1)
        );
    }
}
