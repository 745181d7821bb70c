//! Choices of which a branch has a number that no buffer of serde holds.
//!
//! serde derives the reading of an untagged enum by way of a buffer, in which a number is an `i64`, `u64` or
//! `f64`. For a choice that reaches a [`Decimal`](crate::Decimal) or an integer of 128 bits, generated code
//! keeps the text of the value instead, and reads each branch from it.

use std::fmt;

use serde::de::{self, DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::number::{RAW_VALUE, UNSURE, is_sure};

/// How deep a value may be: as deep as serde_json reads any (`recursion_limit`).
const DEEPEST: usize = 127;

/// A value whose branch is not known yet.
pub enum Unparsed {
    /// Its text, in JSON.
    Text(String),
    /// What a buffer has made of it, where it is inside of one.
    Buffered(Value),
}

impl Unparsed {
    /// The value as one of `T`, if it is.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        match self {
            Self::Text(text) => serde_json::from_str(text).ok(),
            Self::Buffered(value) => T::deserialize(value).ok(),
        }
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
        match has_only_sure_numbers(&value) {
            true => Ok(Unparsed::Buffered(value)),
            false => Err(de::Error::custom(UNSURE)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unparsed, A::Error> {
        map.next_key::<String>()?;
        let text: String = map.next_value()?;
        // A branch may be a choice again, which begins to count anew.
        match depth(&text) > DEEPEST {
            true => Err(de::Error::custom("a value is too deep")),
            false => Ok(Unparsed::Text(text)),
        }
    }
}

/// Whether no number of a value may have lost digits in a buffer.
fn has_only_sure_numbers(value: &Value) -> bool {
    match value {
        Value::Number(number) => !number.is_f64() || is_sure(&number.to_string()),
        Value::Array(items) => items.iter().all(has_only_sure_numbers),
        Value::Object(properties) => properties.values().all(has_only_sure_numbers),
        _ => true,
    }
}

/// How many arrays and objects are open at once.
fn depth(json: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                open += 1;
                deepest = deepest.max(open);
            }
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Decimal;

    #[test]
    fn a_branch_is_read_from_the_text_with_all_digits() {
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
    fn a_value_that_was_buffered_is_read_from_the_buffer() {
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
    fn a_choice_inside_of_choices_is_as_deep_as_any_value() {
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
