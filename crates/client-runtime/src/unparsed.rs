//! Choices that contain numbers beyond the precision of serde's buffers.
//!
//! The derived `Deserialize` of an untagged enum buffers the value, and numbers in the buffer are an
//! `i64`, `u64` or `f64`. For a choice that contains a [`Decimal`](crate::Decimal) or an integer of 128
//! bits, generated code keeps the JSON of the value instead, and decodes each branch from it.

use std::fmt;

use serde::de::{self, DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::deviation;
use crate::number::{INEXACT, RAW_VALUE, is_exact};

/// The maximum nesting depth of a value, the same as the recursion limit of serde_json.
const MAX_DEPTH: usize = 127;

/// A value whose branch is not known yet.
pub enum Unparsed {
    /// The JSON of the value.
    Text(String),
    /// The buffered value, if it is inside a buffer already.
    Buffered(Value),
}

impl Unparsed {
    /// Decodes the value as a `T`, or returns `None`.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        deviation::unwatched(|| match self {
            Self::Text(text) => serde_json::from_str(text).ok(),
            Self::Buffered(value) => T::deserialize(value).ok(),
        })
    }
}

impl<'de> Deserialize<'de> for Unparsed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(RAW_VALUE, UnparsedVisitor)
    }
}

struct UnparsedVisitor;

impl<'de> Visitor<'de> for UnparsedVisitor {
    type Value = Unparsed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Unparsed, D::Error> {
        let value = Value::deserialize(inner)?;
        match has_only_exact_numbers(&value) {
            true => Ok(Unparsed::Buffered(value)),
            false => Err(de::Error::custom(INEXACT)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unparsed, A::Error> {
        map.next_key::<String>()?;
        let text: String = map.next_value()?;
        // A branch may be a choice again, for which serde_json counts the depth from zero.
        match depth(&text) > MAX_DEPTH {
            true => Err(de::Error::custom("the value is nested too deeply")),
            false => Ok(Unparsed::Text(text)),
        }
    }
}

/// Returns true if no number of the value can have lost digits in a buffer.
fn has_only_exact_numbers(value: &Value) -> bool {
    match value {
        Value::Number(number) => !number.is_f64() || is_exact(&number.to_string()),
        Value::Array(items) => items.iter().all(has_only_exact_numbers),
        Value::Object(properties) => properties.values().all(has_only_exact_numbers),
        _ => true,
    }
}

/// Returns the maximum number of arrays and objects that are open at once.
fn depth(json: &str) -> usize {
    let (mut open, mut max) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                open += 1;
                max = max.max(open);
            }
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    max
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Decimal;

    #[test]
    fn a_branch_is_decoded_with_all_digits() {
        let json = r#"{"a": [12345678901234567.89]}"#;
        let value: Unparsed = serde_json::from_str(json).expect("decodes");
        assert!(value.read::<bool>().is_none());
        let map = value.read::<std::collections::BTreeMap<String, Vec<Decimal>>>();
        assert_eq!(
            map.expect("is one")["a"][0].to_string(),
            "12345678901234567.89"
        );
    }

    #[test]
    fn a_buffered_value_is_decoded_from_the_buffer() {
        #[derive(Deserialize)]
        struct Holder {
            #[serde(flatten)]
            values: std::collections::BTreeMap<String, Unparsed>,
        }
        let holder = |json: &str| serde_json::from_str::<Holder>(json);
        let read = holder(r#"{"a":[0.50]}"#).expect("decodes");
        let list = read.values["a"].read::<Vec<Decimal>>();
        assert_eq!(list.expect("is one"), ["0.5".parse().expect("is one")]);
        assert!(holder(r#"{"a":[12345678901234567.89]}"#).is_err());
    }

    #[test]
    fn nested_choices_have_the_depth_limit_of_other_values() {
        #[derive(Debug)]
        struct Nested(#[allow(dead_code)] Option<Vec<Nested>>);

        impl<'de> Deserialize<'de> for Nested {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = Unparsed::deserialize(deserializer)?;
                Ok(Self(value.read()))
            }
        }
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(serde_json::from_str::<Nested>(&nested(100)).is_ok());
        assert!(serde_json::from_str::<Nested>(&nested(100_000)).is_err());
        assert_eq!(depth(r#"["[[\"[", {"a": []}]"#), 3);
    }
}
