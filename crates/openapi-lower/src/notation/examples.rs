//! Replaces the `examples` of a schema with `example`, and removes those of parameters and media types.
//!
//! Before (3.1): `{type: string, examples: [a, b]}`.
//! After: `{type: string, example: a}`.

use openapi_document::walk::{Kind, visit_mut};
use serde_json::Value;

use crate::fields::drop_field;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "examples",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    visit_mut(root, &mut |kind, pointer, value| match kind {
        Kind::Schema => {
            let Some(object) = value.as_object_mut() else {
                return;
            };
            let Some(examples) = object.shift_remove("examples") else {
                return;
            };
            let first = match examples {
                Value::Array(examples) => examples.into_iter().next(),
                // Some documents name the examples of a schema, like those of a media type.
                Value::Object(examples) => examples.into_iter().next().map(|(_, value)| value),
                _ => None,
            };
            if let Some(first) = first {
                object.entry("example").or_insert(first);
            }
            notes.add(
                &pointer.join("examples"),
                "replaced `examples` with `example`, which contains the first of them",
                "schemas in OpenAPI 3.0 have one `example`",
            );
        }
        Kind::Parameter | Kind::Header | Kind::MediaType | Kind::Components => {
            drop_field(
                value,
                "examples",
                pointer,
                notes,
                "the generator does not use it",
            );
        }
        _ => {}
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;
    use serde_json::json;

    #[test]
    fn a_schema_keeps_its_first_example_and_a_media_type_keeps_none() {
        let (after, notes) = run(
            &PASS,
            json!({ "components": {
                "examples": { "e": { "value": 1 } },
                "schemas": {
                    "A": { "examples": [1, 2] },
                    "B": { "examples": [1], "example": 0 },
                },
                "responses": { "R": { "content": { "application/json": {
                    "examples": { "e": { "$ref": "#/components/examples/e" } },
                } } } },
            } }),
        );
        assert_eq!(
            after,
            json!({ "components": {
                "schemas": { "A": { "example": 1 }, "B": { "example": 0 } },
                "responses": { "R": { "content": { "application/json": {} } } },
            } })
        );
        assert_eq!(notes.len(), 4);
    }
}
