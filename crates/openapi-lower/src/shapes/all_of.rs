//! Merges the parts of an `allOf` into one schema.
//!
//! Before: `{allOf: [{$ref: Page}, {type: object, required: [items], properties: {items: …}}]}`,
//! `{allOf: [{$ref: Slug}, {maxLength: 63}]}`.
//! After: one object with the properties of both; one string with the pattern of `Slug` and the length.
//!
//! Later passes then see the whole schema, and no type is generated for a part that is only mixed into
//! others. An `allOf` of one `$ref` is kept, because it allows a description beside the reference. Parts
//! that contradict each other become any value.

use std::collections::BTreeMap;

use openapi_document::walk::schemas_mut;
use openapi_document::{Pointer, compact_clone_object, shrink_to_fit};
use serde_json::{Map, Value};

use crate::hoist::describing_name;
use crate::intersection::Intersection;
use crate::reach::{leads_to, references_in};
use crate::schema::{
    Names, component_at, component_name, components, components_mut, constraints, is_annotation,
    reference,
};
use crate::{Notes, Pass, Reduced};
use client_codegen::naming::pascal;

pub(crate) const PASS: Pass = Pass {
    name: "all-of",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    // A part may itself have parts.
    const DEEPEST: usize = 16;
    let mut named = BTreeMap::new();
    for _ in 0..DEEPEST {
        let mut before = compact_clone_object(components(root));
        if name_recurring(root, &before, &mut named, notes) {
            before = compact_clone_object(components(root));
        }
        let mut changed = false;
        schemas_mut(root, |pointer, schema| {
            if schema.get("allOf").is_none() || is_part(pointer) {
                return;
            }
            fold_annotations(schema);
            if schema.get("allOf").is_some() && component_name(schema).is_none() {
                merge(&before, pointer, schema, notes);
                // Objects are merged property by property.
                shrink_to_fit(schema);
                changed = true;
            }
        });
        if !changed {
            return;
        }
    }
}

/// Moves the parts that contain their own component to new components, because merging them inline would
/// not terminate. `known` maps the JSON of such parts to their component. `components` are those of the
/// document. Returns true if there were any.
fn name_recurring(
    root: &mut Value,
    components: &Map<String, Value>,
    known: &mut BTreeMap<String, String>,
    notes: &mut Notes,
) -> bool {
    let mut names = Names::of(components);
    let mut any = false;
    let mut named = Map::new();
    schemas_mut(root, |pointer, schema| {
        if schema.get("allOf").is_none() || component_name(schema).is_some() {
            return;
        }
        let tokens: Vec<String> = pointer.tokens().collect();
        let [_, _, within, inside @ ..] = tokens.as_slice() else {
            return;
        };
        let nested = tokens[0] == "components" && !inside.is_empty() && !is_part(pointer);
        if !nested {
            return;
        }
        let contents = |name: &str| components.get(name).map_or(Vec::new(), references_in);
        if !leads_to(references_in(schema), within, contents) {
            return;
        }
        any = true;
        let json = schema.to_string();
        if let Some(name) = known.get(&json) {
            *schema = reference(name);
            return;
        }
        let name = names.free(&pascal(&format!(
            "{within}-{}",
            describing_name(inside, None)
        )));
        notes.component(&name, std::slice::from_ref(pointer));
        named.insert(name.clone(), schema.take());
        known.insert(json, name.clone());
        *schema = reference(&name);
        notes.add(
            pointer,
            format!("moved to the component `{name}`"),
            "it contains itself, so its type needs a name",
        );
    });
    components_mut(root).extend(named);
    any
}

/// True if the pointer is a part of an `allOf`, which is merged with the whole.
fn is_part(pointer: &Pointer) -> bool {
    let tokens: Vec<String> = pointer.tokens().collect();
    matches!(
        tokens.as_slice(),
        [.., all_of, index] if all_of == "allOf" && index.parse::<usize>().is_ok()
    )
}

/// Moves the annotations of parts without constraints to the whole schema.
fn fold_annotations(schema: &mut Value) {
    let Some(keywords) = schema.as_object_mut() else {
        return;
    };
    let Some(Value::Array(parts)) = keywords.shift_remove("allOf") else {
        return;
    };
    let (describing, constraining): (Vec<_>, Vec<_>) = parts
        .into_iter()
        .partition(|part| constraints(part).is_empty());
    for (keyword, value) in describing.into_iter().filter_map(into_object).flatten() {
        keywords.entry(keyword).or_insert(value);
    }
    if !constraining.is_empty() {
        keywords.insert("allOf".to_owned(), constraining.into());
    } else if let Some(rest) = keywords.shift_remove("unevaluatedProperties") {
        keywords.entry("additionalProperties").or_insert(rest);
    }
}

fn into_object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(keywords) => Some(keywords),
        _ => None,
    }
}

fn merge(
    components: &Map<String, Value>,
    pointer: &Pointer,
    schema: &mut Value,
    notes: &mut Notes,
) {
    const WHY: &str = "the generator only reads merged schemas";
    let mut intersection = Intersection::new(components, component_at(pointer));
    match intersection.flat(schema) {
        Ok(merged) => {
            *schema = Value::Object(merged);
            let what = "merged the parts into one schema";
            if intersection.has_closed_part {
                let loss = "the client does not reject properties that only another part allows";
                notes.add_unchecked(&second_part(pointer), "one object has all properties", loss);
            }
            if intersection.lost.is_empty() {
                notes.add(pointer, what, WHY);
                return;
            }
            let loss = format!("the client ignores {}", intersection.lost.join(", "));
            notes.add_reduced(
                pointer,
                what,
                WHY,
                Reduced::removing(loss, &second_part(pointer)),
            );
        }
        Err(_) => {
            if let Some(keywords) = schema.as_object_mut() {
                if keywords.shift_remove("type").is_some() && !keywords.contains_key("properties") {
                    notes.add(
                        pointer,
                        "removed `type`",
                        "it contradicts the parts beside it",
                    );
                    return merge(components, pointer, schema, notes);
                }
                keywords.retain(|keyword, _| is_annotation(keyword));
            }
            let what = "replaced with any value: its parts contradict each other";
            let reduced = Reduced::removing("the value is untyped JSON", &second_part(pointer));
            notes.add_reduced(pointer, what, WHY, reduced);
        }
    }
}

fn second_part(pointer: &Pointer) -> Pointer {
    pointer.join("allOf").join(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    fn lowered(schema: Value) -> Value {
        let (mut after, _) = run_on_schemas(
            &PASS,
            json!({
                "Page": {
                    "type": "object",
                    "description": "a page",
                    "required": ["total"],
                    "properties": { "total": { "type": "integer", "format": "int32" } },
                },
                "Slug": { "type": "string", "pattern": "^[a-z]+$", "maxLength": 99 },
                "A": schema,
            }),
        );
        after["A"].take()
    }

    #[test]
    fn objects_become_one_object() {
        assert_eq!(
            lowered(json!({
                "description": "a list",
                "allOf": [
                    { "$ref": "#/components/schemas/Page" },
                    {
                        "type": "object",
                        "required": ["items"],
                        "properties": { "items": {}, "total": { "type": "integer" } },
                    },
                ],
            })),
            json!({
                "description": "a list",
                "type": "object",
                "required": ["total", "items"],
                "properties": { "total": { "type": "integer", "format": "int32" }, "items": {} },
            })
        );
    }

    #[test]
    fn strings_get_the_stricter_of_their_bounds() {
        assert_eq!(
            lowered(
                json!({ "allOf": [{ "$ref": "#/components/schemas/Slug" }, { "maxLength": 63 }] })
            ),
            json!({ "type": "string", "pattern": "^[a-z]+$", "maxLength": 63 })
        );
    }

    #[test]
    fn unevaluated_properties_apply_to_the_merged_object() {
        let own = json!({ "properties": { "a": {} } });
        for parts in [
            json!([own, { "$ref": "#/components/schemas/Page" }]),
            json!([{ "title": "t" }]),
        ] {
            let merged = lowered(json!({ "allOf": parts, "unevaluatedProperties": false }));
            assert_eq!(merged["additionalProperties"], false);
            assert_eq!(merged.get("unevaluatedProperties"), None);
        }
    }

    #[test]
    fn a_described_reference_stays_a_reference() {
        let described =
            json!({ "description": "d", "allOf": [{ "$ref": "#/components/schemas/Page" }] });
        assert_eq!(lowered(described.clone()), described);
    }

    #[test]
    fn parts_that_contradict_each_other_become_any_value() {
        assert_eq!(
            lowered(
                json!({ "description": "d", "allOf": [{ "type": "string" }, { "type": "integer" }] })
            ),
            json!({ "description": "d" })
        );
    }

    #[test]
    fn a_type_that_contradicts_all_parts_is_removed() {
        let part = json!({ "type": "string", "enum": ["a"] });
        let schema = json!({ "type": "object", "description": "d", "allOf": [part] });
        assert_eq!(
            lowered(schema),
            json!({ "description": "d", "type": "string", "enum": ["a"] })
        );
    }

    #[test]
    fn annotations_of_a_part_move_to_the_whole() {
        assert_eq!(
            lowered(json!({ "allOf": [
                { "$ref": "#/components/schemas/Page" }, { "description": "d" },
            ] })),
            json!({ "description": "d", "allOf": [{ "$ref": "#/components/schemas/Page" }] })
        );
    }

    #[test]
    fn an_extension_of_a_choice_is_not_a_choice() {
        let (after, _) = run_on_schemas(
            &PASS,
            json!({
                "Pet": {
                    "type": "object",
                    "properties": { "kind": { "type": "string" } },
                    "oneOf": [{ "$ref": "#/components/schemas/Cat" }],
                },
                "Cat": { "allOf": [
                    { "$ref": "#/components/schemas/Pet" },
                    { "type": "object", "properties": { "lives": { "type": "integer" } } },
                ] },
            }),
        );
        assert_eq!(
            after["Cat"],
            json!({ "type": "object", "properties": {
                "kind": { "type": "string" }, "lives": { "type": "integer" },
            } })
        );
    }

    #[test]
    fn a_part_that_is_a_choice_is_merged_with_the_properties() {
        assert_eq!(
            lowered(json!({ "allOf": [
                { "$ref": "#/components/schemas/Slug" },
                { "enum": ["a", "b"] },
            ] })),
            json!({ "type": "string", "pattern": "^[a-z]+$", "maxLength": 99, "enum": ["a", "b"] })
        );
    }

    #[test]
    fn parts_that_contain_themselves_become_components() {
        let (after, _) = run_on_schemas(
            &PASS,
            json!({ "Node": { "type": "object", "properties": { "next": { "allOf": [
                reference("Node"),
                { "type": "object", "properties": { "weight": { "type": "integer" } } },
            ] } } } }),
        );
        assert_eq!(
            after,
            json!({
                "Node": { "type": "object", "properties": { "next": reference("NodeNext") } },
                "NodeNext": { "type": "object", "properties": {
                    "next": reference("NodeNext"), "weight": { "type": "integer" },
                } },
            })
        );
    }
}
