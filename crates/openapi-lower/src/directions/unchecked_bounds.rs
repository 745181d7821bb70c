//! Says which bounds in requests no Rust type checks.
//!
//! `{type: number, maximum: 1}` and `{type: array, items: …, minItems: 1}` stay as they are, and a
//! note says that the client does not check them.
//!
//! Strings and integers have types that check them. For numbers, lists and maps typify writes the
//! bounds into the documentation of the type, and no more. By now answers have no bounds left.

use openapi_document::walk::schemas_mut;
use serde_json::Value;

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
            // A list of a fixed length is an array, and its length is checked.
            Some("array") if is_fixed(schema) => &["uniqueItems"],
            Some("array") => &["minItems", "maxItems", "uniqueItems"],
            Some("object") => &["minProperties", "maxProperties"],
            _ => &[],
        };
        for bound in bounds {
            if schema.get(bound).is_some_and(|value| *value != false) {
                let place = pointer.join(bound);
                let loss = format!("the client does not check the `{bound}` of what it sends");
                let reduced = Reduced::unchecked(loss, &place);
                let what = "left to the documentation";
                notes.add_reduced(&place, what, "no type checks it", reduced);
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
    fn what_no_type_checks_is_said_and_stays() {
        let schemas = json!({
            "A": { "type": "number", "minimum": 0, "maximum": 1 },
            "B": { "type": "array", "minItems": 1, "uniqueItems": false },
            "C": { "type": "object", "maxProperties": 3 },
            "D": { "type": "string", "maxLength": 3 },
            "E": { "type": "array", "minItems": 2, "maxItems": 2 },
        });
        let (after, notes) = run_on_schemas(&PASS, schemas.clone());
        assert_eq!(after, schemas);
        assert_eq!(notes.len(), 4);
    }
}
