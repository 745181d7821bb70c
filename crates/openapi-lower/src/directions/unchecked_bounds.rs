//! Reports the bounds in requests that no Rust type checks.
//!
//! Before: `{type: number, maximum: 1}`, `{type: array, items: …, minItems: 1}`.
//! After: the same, with a note that the client does not check them.
//!
//! Strings and integers have types that check their bounds. For numbers, lists, maps and strings with the
//! format of a Rust type, typify only documents them. Response schemas have no bounds at this point.

use openapi_document::walk::schemas_mut;
use serde_json::Value;

use crate::schema::has_native_format;
use crate::{Notes, Pass, Reduced};

pub(crate) const PASS: Pass = Pass {
    name: "unchecked-bounds",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let bounds: &[&str] = match schema["type"].as_str() {
            Some("number") => &[
                "minimum",
                "maximum",
                "exclusiveMinimum",
                "exclusiveMaximum",
                "multipleOf",
            ],
            // The Rust type of the format replaces the string.
            Some("string") if has_native_format(schema) => &["pattern", "minLength", "maxLength"],
            // A list with a fixed length is generated as an array, whose length is checked.
            Some("array") if is_fixed(schema) => &["uniqueItems"],
            Some("array") => &["minItems", "maxItems", "uniqueItems"],
            Some("object") => &["minProperties", "maxProperties"],
            _ => &[],
        };
        for bound in bounds {
            if schema.get(bound).is_some_and(|value| *value != false) {
                let place = pointer.join(bound);
                let loss = format!("the client does not check `{bound}` before it sends the value");
                let reduced = Reduced::unchecked(loss, &place);
                let what = "kept in the documentation only";
                notes.add_reduced(&place, what, "no Rust type checks it", reduced);
            }
        }
    });
}

fn is_fixed(schema: &Value) -> bool {
    let length = schema.get("maxItems");
    length.is_some() && length == schema.get("minItems")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn bounds_that_no_type_checks_are_reported_and_kept() {
        let schemas = json!({
            "A": { "type": "number", "minimum": 0, "maximum": 1 },
            "B": { "type": "array", "minItems": 1, "uniqueItems": false },
            "C": { "type": "object", "maxProperties": 3 },
            "D": { "type": "string", "maxLength": 3 },
            "E": { "type": "array", "minItems": 2, "maxItems": 2 },
            "F": { "type": "string", "format": "uuid", "pattern": "^0" },
        });
        let (after, notes) = run_on_schemas(&PASS, schemas.clone());
        assert_eq!(after, schemas);
        assert_eq!(notes.len(), 5);
    }
}
