//! Merges the parts of an `allOf` into one schema.
//!
//! Before: `{allOf: [{$ref: Page}, {type: object, required: [items], properties: {items: …}}]}`,
//! `{allOf: [{$ref: Slug}, {maxLength: 63}]}`.
//! After: one object with the members of both; one string with the pattern of `Slug` and the
//! length.
//!
//! So that later passes see all of a schema in one place, and no type is generated for a part that
//! exists only to be mixed into others. An `allOf` of one `$ref` stays: it is how a reference
//! carries a description. Where the parts cannot be merged, the `allOf` stays for the generator.

use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value, json};

use super::schema::{component_name, components, is_annotation, resolved};
use super::{Notes, Pass};

pub(super) const PASS: Pass = Pass {
    name: "all-of",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let components = components(root);
    schemas_mut(root, |pointer, schema| {
        if schema.get("allOf").is_none() || component_name(schema).is_some() {
            return;
        }
        if let Some(merged) = merged(&components, schema, 0) {
            *schema = merged;
            notes.add(
                pointer,
                "merged the parts into one schema",
                "a type is generated from one schema, not from parts",
            );
        }
    });
}

/// The schema with all parts of its `allOf` merged, or `None` where that cannot be said.
fn merged(components: &Map<String, Value>, schema: &Value, depth: usize) -> Option<Value> {
    const DEEPEST: usize = 32;
    let members = schema.as_object()?;
    let Some(parts) = members.get("allOf").and_then(Value::as_array) else {
        return Some(schema.clone());
    };
    if depth > DEEPEST {
        return None;
    }
    let mut result = members.clone();
    result.shift_remove("allOf");
    let own_annotations = result.keys().any(|keyword| is_annotation(keyword));
    for part in parts {
        let is_reference = component_name(part).is_some();
        let part = merged(components, resolved(components, part), depth + 1)?;
        let Value::Object(mut part) = part else {
            return None;
        };
        // What a component says of itself is not what the whole says of itself.
        if is_reference || own_annotations {
            part.retain(|keyword, _| !is_annotation(keyword));
        }
        merge(components, &mut result, part)?;
    }
    Some(Value::Object(result))
}

fn merge(
    components: &Map<String, Value>,
    result: &mut Map<String, Value>,
    part: Map<String, Value>,
) -> Option<()> {
    for (keyword, theirs) in part {
        let Some(ours) = result.get_mut(&keyword) else {
            result.insert(keyword, theirs);
            continue;
        };
        if *ours == theirs {
            continue;
        }
        match (keyword.as_str(), ours, theirs) {
            ("properties", Value::Object(ours), Value::Object(theirs)) => {
                for (name, theirs) in theirs {
                    match ours.get_mut(&name) {
                        None => {
                            ours.insert(name, theirs);
                        }
                        Some(ours) if *ours == theirs => {}
                        // Both hold; the schema of this member is merged in its turn, or stays.
                        Some(ours) => *ours = both(components, ours.take(), theirs),
                    }
                }
            }
            ("required", Value::Array(ours), Value::Array(theirs)) => {
                for name in theirs {
                    if !ours.contains(&name) {
                        ours.push(name);
                    }
                }
            }
            ("enum", Value::Array(ours), Value::Array(theirs)) => {
                ours.retain(|value| theirs.contains(value));
                if ours.is_empty() {
                    return None;
                }
            }
            ("minimum" | "minLength" | "minItems" | "minProperties", ours, theirs) => {
                if theirs.as_f64()? > ours.as_f64()? {
                    *ours = theirs;
                }
            }
            ("maximum" | "maxLength" | "maxItems" | "maxProperties", ours, theirs) => {
                if theirs.as_f64()? < ours.as_f64()? {
                    *ours = theirs;
                }
            }
            // The narrower of two numeric types.
            ("type", ours, theirs)
                if [&*ours, &theirs]
                    .iter()
                    .all(|kind| *kind == "integer" || *kind == "number") =>
            {
                *ours = "integer".into();
            }
            ("nullable", ours, _) => *ours = false.into(),
            // A closed part closes the whole; of two schemas neither can be dropped.
            ("additionalProperties", ours, theirs) => match (&*ours, &theirs) {
                (Value::Bool(true), _) => *ours = theirs,
                (_, Value::Bool(true)) | (Value::Bool(false), _) => {}
                (_, Value::Bool(false)) => *ours = theirs,
                _ => return None,
            },
            ("uniqueItems", ours, _) => *ours = true.into(),
            // The first to say it keeps the word.
            (keyword, _, _) if is_annotation(keyword) => {}
            _ => return None,
        }
    }
    Some(())
}

/// A schema of what is valid by both: one schema where they can be merged.
fn both(components: &Map<String, Value>, ours: Value, theirs: Value) -> Value {
    let all_of = json!({ "allOf": [ours, theirs] });
    merged(components, &all_of, 0).unwrap_or(all_of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::run_on_schemas;

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
    fn a_described_reference_stays_a_reference() {
        let described =
            json!({ "description": "d", "allOf": [{ "$ref": "#/components/schemas/Page" }] });
        assert_eq!(lowered(described.clone()), described);
    }

    #[test]
    fn parts_that_contradict_each_other_stay_as_they_are() {
        let contradictory = json!({ "allOf": [{ "type": "string" }, { "type": "integer" }] });
        assert_eq!(lowered(contradictory.clone()), contradictory);
    }

    #[test]
    fn a_part_that_is_a_choice_is_merged_beside_the_members() {
        assert_eq!(
            lowered(json!({ "allOf": [
                { "$ref": "#/components/schemas/Slug" },
                { "enum": ["a", "b"] },
            ] })),
            json!({ "type": "string", "pattern": "^[a-z]+$", "maxLength": 99, "enum": ["a", "b"] })
        );
    }
}
