//! Makes response schemas tolerant.
//!
//! Before: a response with `{status: {$ref: Status}, name: {type: string, pattern: …, maxLength: 9}, size:
//! {type: integer, minimum: 1}}`, and `additionalProperties: false`.
//! After: `status` is `OpenEnum<Status>`, `name` is any string, `size` is any integer, and unknown
//! properties are ignored.
//!
//! Servers often send values that their description does not allow yet. A client that rejects them would
//! break its callers' programs for no benefit. The types do not change. Enumerations that distinguish the
//! branches of a choice remain closed, unless the enumeration is the only string among the branches. A
//! choice with objects is open itself: a value that no branch accepts is its `Other` variant.

use openapi_document::{Direction, compact_clone_object};
use serde_json::Value;

use crate::directions::tolerance::{Tags, relax};
use crate::reach::visit_direction_mut;
use crate::schema::components;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "open-responses",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let components = compact_clone_object(components(root));
    let tags = Tags::of(&components);
    visit_direction_mut(root, Direction::Response, &mut |pointer, schema| {
        let what = relax(&components, &tags, pointer, schema);
        if !what.is_empty() {
            notes.add(
                pointer,
                what.join(", "),
                "the client accepts responses that do not match their schema exactly",
            );
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;
    use crate::testing::run;
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
        let response =
            operation["responses"]["200"]["content"]["application/json"]["schema"].take();
        (response, notes.len())
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
    fn bounds_are_removed_and_types_are_kept() {
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
    fn enumerations_that_distinguish_branches_stay_closed() {
        let choice = json!({ "oneOf": [
            { "properties": { "kind": reference("Status") } },
            reference("Status"),
            { "type": "string" },
            reference("Branch"),
        ] });
        assert_eq!(lowered(choice.clone()), (choice, 0));
    }

    #[test]
    fn formatted_strings_are_tried_before_an_open_enumeration() {
        let instant = json!({ "type": "string", "format": "date-time" });
        let object = json!({ "type": "object" });
        let (after, _) = lowered(json!({ "oneOf": [reference("Status"), instant, object] }));
        assert_eq!(after["oneOf"][0], instant);
        assert!(after["oneOf"][1].get("x-rust-type").is_some());
        assert_eq!(after["oneOf"][2], object);
    }

    #[test]
    fn the_only_string_of_a_choice_is_open() {
        let (after, notes) = lowered(json!({ "oneOf": [
            reference("Status"),
            { "type": "object" },
        ] }));
        let path = &after["oneOf"][0]["x-rust-type"]["path"];
        assert_eq!(*path, "client_runtime::OpenEnum");
        assert_eq!(notes, 1);
    }

    #[test]
    fn a_choice_with_a_tag_accepts_unknown_branches() {
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
    fn a_choice_of_objects_has_other_values_without_a_tag_too() {
        let object = |name: &str| json!({ "type": "object", "required": [name] });
        for (branches, is_open) in [
            (json!([object("a"), object("b")]), true),
            (json!([object("a"), { "type": "string" }]), true),
            (json!([object("a"), {}]), false),
            (json!([{ "type": "string" }, { "type": "integer" }]), false),
        ] {
            let content = json!({ "application/json": { "schema": reference("Choice") } });
            let (after, _) = run(
                &PASS,
                json!({
                    "paths": { "/a": { "get": { "responses": { "200": { "content": content } } } } },
                    "components": { "schemas": { "Choice": { "oneOf": branches } } },
                }),
            );
            let lowered = after["components"]["schemas"]["Choice"]["oneOf"].as_array();
            let last = lowered.and_then(|branches| branches.last());
            let has_other = last.is_some_and(|last| last["title"] == "Other");
            assert_eq!(has_other, is_open, "{branches}");
        }
    }

    #[test]
    fn of_nested_choices_only_the_outer_one_has_other_values() {
        let object = |name: &str| json!({ "type": "object", "required": [name] });
        let content = json!({ "application/json": { "schema": reference("Outer") } });
        let (after, _) = run(
            &PASS,
            json!({
                "paths": { "/a": { "get": { "responses": { "200": { "content": content } } } } },
                "components": { "schemas": {
                    "Outer": { "oneOf": [reference("Inner"), reference("Second")] },
                    "Inner": { "oneOf": [object("a"), object("b")] },
                    "Second": { "oneOf": [object("c"), { "type": "string" }] },
                } },
            }),
        );
        let lengths = ["Outer", "Inner", "Second"].map(|name| {
            let branches = after["components"]["schemas"][name]["oneOf"].as_array();
            branches.map_or(0, Vec::len)
        });
        assert_eq!(lengths, [3, 2, 2]);
    }

    #[test]
    fn an_enumeration_of_integers_is_any_integer() {
        assert_eq!(
            lowered(json!({ "type": "integer", "enum": [1, 2] })),
            (json!({ "type": "integer" }), 1)
        );
    }
}
