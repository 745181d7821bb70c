//! Changes the type of bounded integers to one that accepts plain literals.
//!
//! Before: `{type: integer, format: int32, minimum: 1, maximum: 50}`.
//! After: the type `client_runtime::Bounded<1, 50>`.
//!
//! typify would generate `NonZeroU32` for a `minimum` of one, so that `.page_size(20)` does not compile,
//! and ignore the `maximum`. Bounds that the format implies are removed. Response schemas have no bounds at
//! this point, so only requests are affected.

use openapi_document::walk::schemas_mut;
use serde_json::Value;

use crate::rust_type::replace;
use crate::{Notes, Pass, Reduced};

pub(crate) const PASS: Pass = Pass {
    name: "integers",
    run,
};

/// The keywords that bound an integer.
pub(super) const BOUNDS: [&str; 5] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
];

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        if schema["type"] == "integer" && schema.get("multipleOf").is_some() {
            let place = pointer.join("multipleOf");
            let loss = "the client does not check `multipleOf`";
            let reduced = Reduced::unchecked(loss, &place);
            notes.add_reduced(
                &place,
                "removed the keyword",
                "no Rust type checks it",
                reduced,
            );
        }
        let bounded = BOUNDS.iter().any(|bound| schema.get(bound).is_some());
        if schema["type"] != "integer" || !bounded || schema.get("enum").is_some() {
            return;
        }
        let (min, max) = bounds(schema);
        let (least, most) = range(schema["format"].as_str());
        let (min, max) = (
            min.filter(|min| *min > least),
            max.filter(|max| *max < most),
        );
        let fits = |bound: Option<i128>| bound.map(i64::try_from).transpose();
        let path = match (fits(min), fits(max)) {
            (Ok(None), Ok(None)) | (Err(_), _) | (_, Err(_)) => None,
            (Ok(Some(min)), Ok(Some(max))) => Some(format!("Bounded<{min}, {max}>")),
            // The bounds of the type are signed 64-bit integers.
            (Ok(_), Ok(None)) if most > i128::from(i64::MAX) => None,
            (Ok(None), Ok(_)) if least < i128::from(i64::MIN) => None,
            (Ok(Some(min)), Ok(None)) if schema["format"].is_null() => {
                Some(format!("AtLeast<{min}>"))
            }
            (Ok(None), Ok(Some(max))) if schema["format"].is_null() => {
                Some(format!("AtMost<{max}>"))
            }
            // One bound is given; the other is that of the format.
            (Ok(min), Ok(max)) => {
                let min = min.map_or(least, i128::from);
                let max = max.map_or(most, i128::from);
                Some(format!("Bounded<{min}, {max}>"))
            }
        };
        match path {
            Some(path) => {
                replace(schema, &path, &[]);
                notes.add(
                    pointer,
                    format!("changed the type to `{path}`"),
                    "the type checks the bounds and accepts integer literals",
                );
            }
            None => {
                if let Some(keywords) = schema.as_object_mut() {
                    keywords.retain(|keyword, _| !BOUNDS.contains(&keyword.as_str()));
                }
                let what = "removed the bounds";
                if min.is_none() && max.is_none() {
                    notes.add(pointer, what, "the format already implies them");
                } else {
                    let loss = "the client does not check the bounds before it sends the value";
                    let why = "they do not fit in 64-bit integers";
                    notes.add_reduced(pointer, what, why, Reduced::unchecked(loss, pointer));
                }
            }
        }
    });
}

/// The bounds of the schema, both inclusive.
fn bounds(schema: &Value) -> (Option<i128>, Option<i128>) {
    // Rounded inwards, and true if the bound was an integer. 1.0 and 1e3 are integers too; casts from
    // floats saturate.
    let integer = |name: &str, inwards: fn(f64) -> f64| {
        let value = schema.get(name)?;
        let wide = value.as_i64().map(i128::from);
        let wide = wide.or_else(|| value.as_u64().map(i128::from));
        let rounded = || {
            let value = value.as_f64()?;
            Some((inwards(value) as i128, value.fract() == 0.0))
        };
        wide.map(|value| (value, true)).or_else(rounded)
    };
    let is_exclusive = |name: &str, is_integer: bool| is_integer && schema[name] == true;
    let min = integer("minimum", f64::ceil).map(|(min, is_integer)| {
        min.saturating_add(is_exclusive("exclusiveMinimum", is_integer).into())
    });
    let max = integer("maximum", f64::floor).map(|(max, is_integer)| {
        max.saturating_sub(is_exclusive("exclusiveMaximum", is_integer).into())
    });
    (min, max)
}

/// The range of the Rust type of a format.
fn range(format: Option<&str>) -> (i128, i128) {
    match format {
        Some("int8") => (i8::MIN.into(), i8::MAX.into()),
        Some("uint8") => (0, u8::MAX.into()),
        Some("int16") => (i16::MIN.into(), i16::MAX.into()),
        Some("uint16") => (0, u16::MAX.into()),
        Some("int" | "int32") => (i32::MIN.into(), i32::MAX.into()),
        Some("uint" | "uint32") => (0, u32::MAX.into()),
        Some("uint64") => (0, u64::MAX.into()),
        Some("int128") => (i128::MIN, i128::MAX),
        // The maximum of `u128` exceeds the type of the bounds.
        Some("uint128") => (0, i128::MAX),
        _ => (i64::MIN.into(), i64::MAX.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    fn became(schema: Value) -> Value {
        let (mut after, notes) = run_on_schemas(&PASS, json!({ "A": schema }));
        assert_eq!(notes.len(), 1);
        after["A"].take()
    }

    fn path_of(schema: Value) -> String {
        let became = became(schema);
        let path = became["x-rust-type"]["path"].as_str().unwrap_or("none");
        path.trim_start_matches("client_runtime::").to_owned()
    }

    #[test]
    fn bounds_become_the_parameters_of_a_type() {
        for (schema, path) in [
            (
                json!({ "minimum": 1, "maximum": 50, "format": "int32" }),
                "Bounded<1, 50>",
            ),
            (json!({ "minimum": 1 }), "AtLeast<1>"),
            (json!({ "maximum": 7.0 }), "AtMost<7>"),
            (json!({ "minimum": 0.5, "maximum": 2.5 }), "Bounded<1, 2>"),
            (
                json!({ "minimum": -0.5, "maximum": -0.5 }),
                "Bounded<0, -1>",
            ),
            (
                json!({ "maximum": 1.5, "exclusiveMaximum": true, "minimum": 0.5, "exclusiveMinimum": true }),
                "Bounded<1, 1>",
            ),
            (
                json!({ "minimum": 0, "exclusiveMinimum": true, "maximum": 9 }),
                "Bounded<1, 9>",
            ),
            (
                json!({ "minimum": 1, "format": "uint16" }),
                "Bounded<1, 65535>",
            ),
            (
                json!({ "minimum": 1, "maximum": 9, "format": "uint128" }),
                "Bounded<1, 9>",
            ),
            (json!({ "maximum": 9, "format": "uint64" }), "Bounded<0, 9>"),
        ] {
            let mut schema = schema;
            schema["type"] = "integer".into();
            assert_eq!(path_of(schema.clone()), path, "{schema}");
        }
    }

    #[test]
    fn bounds_that_the_format_implies_are_removed() {
        assert_eq!(
            became(json!({
                "type": "integer", "format": "int32",
                "minimum": -2147483648_i64, "maximum": 2147483647,
            })),
            json!({ "type": "integer", "format": "int32" })
        );
    }

    #[test]
    fn an_integer_of_more_than_64_bits_has_no_bounds_on_one_side_only() {
        for (bounds, format) in [
            (json!({ "minimum": 1 }), "uint64"),
            (json!({ "minimum": 1 }), "uint128"),
            (json!({ "maximum": 9 }), "int128"),
        ] {
            let mut schema = bounds;
            schema["type"] = "integer".into();
            schema["format"] = format.into();
            assert_eq!(
                became(schema),
                json!({ "type": "integer", "format": format })
            );
        }
    }

    #[test]
    fn numbers_and_plain_integers_are_not_changed() {
        let schemas =
            json!({ "A": { "type": "integer" }, "B": { "type": "number", "minimum": 1 } });
        assert_eq!(run_on_schemas(&PASS, schemas.clone()), (schemas, vec![]));
    }
}
