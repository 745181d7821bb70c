//! Removes lower bounds of 0 from lengths and counts.
//!
//! Before: `{type: string, minLength: 0}`, `{type: array, items: …, minItems: 0}`.
//! After: `{type: string}`, `{type: array, items: …}`.
//!
//! They have no effect, but typify generates a separate type for a string with a bound.

use openapi_document::walk::schemas_mut;
use serde_json::Value;

use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "idle-bounds",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        for bound in ["minLength", "minItems", "minProperties"] {
            if keywords.get(bound).and_then(Value::as_u64) == Some(0) {
                keywords.shift_remove(bound);
                let place = pointer.join(bound);
                notes.add(&place, "removed the bound", "it bounds nothing");
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn a_string_without_effective_bounds_is_a_string() {
        let schemas = json!({
            "A": { "type": "string", "minLength": 0 },
            "B": { "type": "string", "minLength": 1 },
            "C": { "type": "array", "items": {}, "minItems": 0, "maxItems": 2 },
        });
        let (after, notes) = run_on_schemas(&PASS, schemas);
        assert_eq!(
            after,
            json!({
                "A": { "type": "string" },
                "B": { "type": "string", "minLength": 1 },
                "C": { "type": "array", "items": {}, "maxItems": 2 },
            })
        );
        assert_eq!(notes.len(), 2);
    }
}
