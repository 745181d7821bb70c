//! Takes formats off the types that have none, and gives numbers those that hold them.
//!
//! Before: `{type: object, format: uri-map}`, `{type: integer, minimum: 0, maximum:
//! 18446744073709551615}`, `{type: number, format: float}`.
//! After: `{type: object}`, `{type: integer, format: uint64, …}`, `{type: number}`.
//!
//! A format says more about strings and numbers only; on anything else progenitor panics. An integer
//! without a format is an `i64`, which does not hold all that the bounds allow. Of a number that is
//! written as 0.15, an `f32` makes 0.15000000596046448.

use openapi_document::walk::schemas_mut;
use serde_json::Value;

use crate::notation::webhooks::drop_member;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "formats",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        if let Some("object" | "array" | "boolean") = schema["type"].as_str() {
            let why = "only strings and numbers have formats";
            drop_member(schema, "format", pointer, notes, why);
        }
        if schema["type"] == "number" && schema["format"] == "float" {
            let why = "32 bits do not hold the numbers that are written";
            drop_member(schema, "format", pointer, notes, why);
        }
        if is_wide(schema) {
            schema["format"] = "uint64".into();
            let why = "its bounds allow more than 64 bits with a sign hold";
            notes.add(pointer, "is said to be of the format `uint64`", why);
        }
    });
}

fn is_wide(schema: &Value) -> bool {
    let minimum = schema["minimum"].as_f64();
    let maximum = schema["maximum"].as_f64();
    schema["type"] == "integer"
        && schema.get("format").is_none()
        && minimum.is_some_and(|minimum| minimum >= 0.0)
        // The float nearest to the greatest `i64` is one greater.
        && maximum.is_some_and(|maximum| maximum >= i64::MAX as f64 && maximum <= u64::MAX as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn only_scalars_keep_their_formats() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "A": { "type": "object", "format": "uri-map" },
                "B": { "type": "string", "format": "uri" },
                "C": { "type": "number", "format": "float" },
                "D": { "type": "number", "format": "double" },
            }),
        );
        assert_eq!(
            after,
            json!({
                "A": { "type": "object" },
                "B": { "type": "string", "format": "uri" },
                "C": { "type": "number" },
                "D": { "type": "number", "format": "double" },
            })
        );
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn an_integer_that_needs_all_64_bits_says_so() {
        let bounded = |maximum: u64| json!({ "type": "integer", "minimum": 0, "maximum": maximum });
        let (after, notes) =
            run_on_schemas(&PASS, json!({ "A": bounded(u64::MAX), "B": bounded(50) }));
        assert_eq!(after["A"]["format"], "uint64");
        assert_eq!(after["B"], bounded(50));
        assert_eq!(notes.len(), 1);
    }
}
