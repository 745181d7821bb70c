//! Removes formats from types that have none, and adds the format that a number needs.
//!
//! Before: `{type: object, format: uri-map}`, `{type: integer, minimum: 0, maximum:
//! 18446744073709551615}`, `{type: number, format: float}`, `{type: integer, format: bigint}`.
//! After: `{type: object}`, `{type: integer, format: uint64, …}`, `{type: number}`, `{type: integer,
//! format: int128}`.
//!
//! Only strings and numbers have formats; progenitor panics on others. An integer without a format is an
//! `i64`, which may be too small for its bounds. As an `f32`, the number 0.15 becomes 0.15000000596046448.

use openapi_document::Pointer;
use openapi_document::walk::schemas_mut;
use serde_json::Value;

use crate::fields::drop_field;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "formats",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let mut unbounded: Vec<Pointer> = Vec::new();
    schemas_mut(root, |pointer, schema| {
        if let Some("object" | "array" | "boolean") = schema["type"].as_str() {
            let why = "only strings and numbers have formats";
            drop_field(schema, "format", pointer, notes, why);
        }
        if schema["type"] == "number" && schema["format"] == "float" {
            let why = "32 bits cannot represent the decimal numbers exactly";
            drop_field(schema, "format", pointer, notes, why);
        }
        let other_name = match (schema["type"].as_str(), schema["format"].as_str()) {
            (Some("integer"), Some("bigint" | "big-int" | "biginteger" | "big-integer")) => {
                "int128"
            }
            (Some("number"), Some("decimal128")) => "decimal",
            _ => "",
        };
        if !other_name.is_empty() {
            schema["format"] = other_name.into();
            let what = format!("changed the format to `{other_name}`");
            notes.add(pointer, what, "it is another name of the same format");
        }
        match wide_format(schema) {
            // No Rust integer has enough bits.
            Some("decimal") => {
                schema["type"] = "number".into();
                schema["format"] = "decimal".into();
                let why = "its bounds need more than 128 bits";
                notes.add(pointer, "changed the type to a decimal number", why);
            }
            Some(format) => {
                schema["format"] = format.into();
                let why = "its bounds exceed a signed 64-bit integer";
                notes.add(pointer, format!("added the format `{format}`"), why);
            }
            None if has_wide_values(schema) => {
                schema["type"] = "integer".into();
                schema["format"] = "int128".into();
                let why = "a listed value exceeds a signed 64-bit integer";
                notes.add(pointer, "added the format `int128`", why);
                if let Some(keywords) = schema.as_object_mut() {
                    keywords.shift_remove("enum");
                }
                let loss = "the client does not check that the value is a listed one";
                let why = "the generator has no enumerations of integers of this size";
                notes.add_unchecked(&pointer.join("enum"), why, loss);
            }
            None if is_unbounded(schema) => unbounded.push(pointer.clone()),
            None => {}
        }
    });
    if let Some(first) = unbounded.first() {
        let what = match unbounded.len() - 1 {
            0 => LIMITED.to_owned(),
            1 => format!("{LIMITED}; here, and in 1 other location"),
            others => format!("{LIMITED}; here, and in {others} other locations"),
        };
        let why = "the document has no bounds; with `format: int128`, the client supports greater integers";
        notes.add(first, what, why);
    }
}

/// True for an enumeration of integers without a format, one of which is no `i64`.
fn has_wide_values(schema: &Value) -> bool {
    let is_integer = schema.get("type").is_none_or(|kind| kind == "integer");
    let values = schema["enum"]
        .as_array()
        .filter(|_| is_integer && schema.get("format").is_none());
    values.is_some_and(|values| {
        let is_integer = |value: &Value| value.is_i64() || value.is_u64();
        values.iter().all(is_integer) && !values.iter().all(Value::is_i64)
    })
}

/// The change of integers without a format and bounds. There is one note for all of them, because
/// almost every document has such integers.
const LIMITED: &str =
    "limited integers to 64 bits: greater ones are not decoded and cannot be sent";

/// True if a value of this schema may need more bits than its Rust type has.
fn is_unbounded(schema: &Value) -> bool {
    let is_bounded = (schema.get("minimum").is_some() && schema.get("maximum").is_some())
        || schema.get("enum").is_some()
        || schema.get("format").is_some();
    schema["type"] == "integer" && !is_bounded
}

/// The format of an integer without a format whose bounds exceed an `i64`.
///
/// Bounds beyond a `u64` were parsed as floats. The float nearest to the maximum of `i64` is greater by
/// one, and many tools write it for that maximum. If negative values are allowed, only greater bounds
/// count.
fn wide_format(schema: &Value) -> Option<&'static str> {
    if schema["type"] != "integer" || schema.get("format").is_some() {
        return None;
    }
    let minimum = schema["minimum"].as_f64();
    let maximum = schema["maximum"].as_f64().unwrap_or_default();
    let has_u64 = schema["maximum"].is_u64();
    let is_positive = minimum.is_some_and(|minimum| minimum >= 0.0);
    match minimum.unwrap_or_default() {
        _ if is_positive && maximum > u128::MAX as f64 => Some("decimal"),
        _ if is_positive && maximum >= u64::MAX as f64 && !has_u64 => Some("uint128"),
        _ if is_positive && maximum >= i64::MAX as f64 => Some("uint64"),
        _ if is_positive => None,
        minimum if minimum < i128::MIN as f64 || maximum > i128::MAX as f64 => Some("decimal"),
        minimum if minimum < i64::MIN as f64 || maximum > i64::MAX as f64 => Some("int128"),
        _ => None,
    }
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
    fn a_listed_integer_that_exceeds_an_i64_needs_a_format() {
        let wide = 9_223_372_036_854_775_808_u64;
        let (after, _) = run_on_schemas(
            &PASS,
            json!({
                "A": { "enum": [wide, -1] },
                "B": { "type": "integer", "enum": [wide] },
                "C": { "enum": [wide, "a"] },
                "D": { "type": "integer", "enum": [1] },
            }),
        );
        assert_eq!(
            after,
            json!({
                "A": { "type": "integer", "format": "int128" },
                "B": { "type": "integer", "format": "int128" },
                "C": { "enum": [wide, "a"] },
                "D": { "type": "integer", "enum": [1] },
            })
        );
    }

    #[test]
    fn integers_without_bounds_are_noted_once() {
        let integer = json!({ "type": "integer" });
        let bounded = json!({ "type": "integer", "minimum": 0, "maximum": 9 });
        let object = json!({ "type": "object", "properties": { "a": integer, "b": integer } });
        let (_, notes) = run_on_schemas(&PASS, json!({ "A": object, "B": bounded }));
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(
            notes[0].contains("properties/a") && notes[0].contains("in 1 other"),
            "{notes:?}"
        );
        let (_, none) = run_on_schemas(&PASS, json!({ "B": bounded }));
        assert!(none.is_empty());
    }

    #[test]
    fn an_integer_that_exceeds_an_i64_gets_a_format() {
        let (two_to_64, two_to_200) = (18446744073709551616.0, 2_f64.powi(200));
        for (bounds, format) in [
            (json!({ "minimum": 0, "maximum": u64::MAX }), Some("uint64")),
            (
                json!({ "minimum": 0, "maximum": two_to_64 }),
                Some("uint128"),
            ),
            (
                json!({ "minimum": 0, "maximum": two_to_200 }),
                Some("decimal"),
            ),
            (json!({ "maximum": two_to_64 }), Some("int128")),
            (json!({ "maximum": u64::MAX }), Some("int128")),
            (json!({ "minimum": -two_to_64 }), Some("int128")),
            (json!({ "minimum": -two_to_200 }), Some("decimal")),
            (json!({ "minimum": i64::MIN, "maximum": i64::MAX }), None),
            // Tools that only have floats write these.
            (
                json!({ "minimum": -9223372036854776000.0, "maximum": 9223372036854776000_u64 }),
                None,
            ),
            (json!({ "minimum": 0, "maximum": 50 }), None),
            (
                json!({ "maximum": two_to_64, "format": "int64" }),
                Some("int64"),
            ),
        ] {
            let mut schema = bounds.clone();
            schema["type"] = "integer".into();
            let (after, _) = run_on_schemas(&PASS, json!({ "A": schema }));
            assert_eq!(after["A"]["format"].as_str(), format, "{bounds}");
        }
    }

    #[test]
    fn other_names_of_wide_numbers_are_known() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "A": { "type": "integer", "format": "bigint" },
                "B": { "type": "number", "format": "decimal128" },
                "C": { "type": "string", "format": "bigint" },
            }),
        );
        assert_eq!(after["A"]["format"], "int128");
        assert_eq!(after["B"]["format"], "decimal");
        assert_eq!(after["C"]["format"], "bigint");
        assert_eq!(notes.len(), 2);
    }
}
