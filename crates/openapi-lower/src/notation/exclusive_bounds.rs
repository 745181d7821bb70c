//! Replaces numeric exclusive bounds with the boolean ones of OpenAPI 3.0.
//!
//! Before (3.1): `{exclusiveMinimum: 0}`.
//! After: `{minimum: 0, exclusiveMinimum: true}`.

use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value};

use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "exclusive-bounds",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        let lower = join(
            keywords,
            "exclusiveMinimum",
            "minimum",
            |inclusive, exclusive| inclusive > exclusive,
        );
        let upper = join(
            keywords,
            "exclusiveMaximum",
            "maximum",
            |inclusive, exclusive| inclusive < exclusive,
        );
        if lower || upper {
            notes.add(
                pointer,
                "replaced numeric exclusive bounds with booleans",
                "`exclusiveMinimum` and `exclusiveMaximum` are booleans in OpenAPI 3.0",
            );
        }
    });
}

/// If both bounds are given, the `stricter` one is kept.
fn join(
    keywords: &mut Map<String, Value>,
    exclusive: &str,
    inclusive: &str,
    stricter: fn(f64, f64) -> bool,
) -> bool {
    let Some(Value::Number(bound)) = keywords.get(exclusive).cloned() else {
        // Without its bound, the boolean has no effect.
        let nothing = keywords.contains_key(exclusive) && !keywords.contains_key(inclusive);
        return nothing && keywords.shift_remove(exclusive).is_some();
    };
    let other = keywords.get(inclusive).and_then(Value::as_f64);
    match (other, bound.as_f64()) {
        (Some(other), Some(bound)) if stricter(other, bound) => {
            keywords.shift_remove(exclusive);
        }
        _ => {
            keywords.insert(inclusive.to_owned(), Value::Number(bound));
            keywords.insert(exclusive.to_owned(), true.into());
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn the_stricter_bound_is_kept_in_the_3_0_form() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "A": { "type": "integer", "exclusiveMinimum": 0 },
                "B": { "type": "number", "exclusiveMaximum": 9, "maximum": 5 },
                "C": { "type": "number", "minimum": 1, "exclusiveMinimum": true },
                "D": { "type": "number", "exclusiveMaximum": true },
            }),
        );
        assert_eq!(
            after,
            json!({
                "A": { "type": "integer", "exclusiveMinimum": true, "minimum": 0 },
                "B": { "type": "number", "maximum": 5 },
                "C": { "type": "number", "minimum": 1, "exclusiveMinimum": true },
                "D": { "type": "number" },
            })
        );
        assert_eq!(notes.len(), 3);
    }
}
