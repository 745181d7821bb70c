//! JSON numbers by their digits.
//!
//! serde passes a number as `i64`, `u64` or `f64`, and an `f64` has 53 bits: 12345678901234567.89
//! becomes 12345678901234568. serde_json can return the digits themselves, as a [`RawValue`], without
//! affecting how other types are decoded. (Its feature `arbitrary_precision` changes that for the whole
//! program.)
//!
//! Inside serde's buffers, as for `#[serde(untagged)]`, the digits are lost. A
//! float whose shortest notation has more than 15 significant digits is rejected there. Digits beyond
//! those of a shorter notation cannot be detected: 0.1000000000000000000001 is read as 0.1.
//!
//! Source: RFC 8259 section 6.
//!
//! [`RawValue`]: serde_json::value::RawValue

use std::fmt;

use serde::Deserializer;
use serde::de::{self, MapAccess, Unexpected, Visitor};

/// The newtype name that requests the JSON of a value from serde_json. It is private to serde_json;
/// tests of [`literal`] fail if it changes.
pub(crate) const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// The number of significant digits up to which different decimal numbers have different nearest `f64`
/// values (IEEE 754, `DBL_DIG`).
const EXACT_DIGITS: usize = 15;

/// A number, as exactly as a deserializer passes it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Number {
    /// All digits.
    Literal(String),
    /// The nearest float.
    Float(f64),
}

/// Returns the digits of a number, or of a string that contains one.
///
/// # Errors
/// Any other value, by its kind. `expected` names the expected type in the message, with an article.
pub(crate) fn literal<'de, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
) -> Result<String, D::Error> {
    let number = deserializer.deserialize_newtype_struct(RAW_VALUE, Digits { expected })?;
    match number {
        Number::Literal(text) => match parts(&text) {
            Some(_) => Ok(text),
            None => Err(de::Error::invalid_type(kind(&text), &expected)),
        },
        Number::Float(value) => match of_float(value).filter(|text| is_exact(text)) {
            Some(text) => Ok(text),
            None => Err(de::Error::custom(INEXACT)),
        },
    }
}

/// The error for a float that may have lost digits.
pub(crate) const INEXACT: &str = "a number has more digits than can be decoded exactly here";

/// Returns true if no other number with at most [`EXACT_DIGITS`] digits has the same nearest `f64`.
pub(crate) fn is_exact(number: &str) -> bool {
    parts(number).is_some_and(|parts| parts.normalized().0.len() <= EXACT_DIGITS)
}

/// Returns the kind of a JSON value that is not a number.
fn kind(json: &str) -> Unexpected<'_> {
    match json.as_bytes().first() {
        Some(b'{') => Unexpected::Map,
        Some(b'[') => Unexpected::Seq,
        Some(b't') => Unexpected::Bool(true),
        Some(b'f') => Unexpected::Bool(false),
        Some(b'n') => Unexpected::Unit,
        _ => Unexpected::Str(json),
    }
}

/// Returns the shortest notation that parses as this float; `None` if the float is not finite.
pub(crate) fn of_float(value: f64) -> Option<String> {
    let text = format!("{value:?}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    value.is_finite().then(|| text.to_owned())
}

/// The parts of a number in JSON notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    pub(crate) negative: bool,
    integer: &'a str,
    fraction: &'a str,
    exponent: i32,
}

/// Splits a number; `None` if `text` is not a number, or if its exponent exceeds 32 bits.
pub(crate) fn parts(text: &str) -> Option<Parts<'_>> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()?),
        None => (unsigned, 0),
    };
    let (integer, fraction) = match mantissa.split_once('.') {
        Some((integer, fraction)) if !fraction.is_empty() => (integer, fraction),
        Some(_) => return None,
        None => (mantissa, ""),
    };
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_integer = integer == "0" || !integer.is_empty() && !integer.starts_with('0');
    (is_integer && are_digits(integer) && are_digits(fraction)).then_some(Parts {
        negative: unsigned.len() < text.len(),
        integer,
        fraction,
        exponent,
    })
}

impl Parts<'_> {
    /// Returns the digits without leading and trailing zeros, and the power of ten of the first digit:
    /// 12.50 is 125 and 1. Zero has no digits.
    pub(crate) fn normalized(&self) -> (Vec<u8>, i64) {
        let digits = self.integer.bytes().chain(self.fraction.bytes());
        let zeros = digits.clone().take_while(|digit| *digit == b'0').count();
        let mut digits: Vec<u8> = digits.skip(zeros).collect();
        let end = digits.iter().rposition(|digit| *digit != b'0');
        digits.truncate(end.map_or(0, |last| last + 1));
        // The length of a string fits into an `i64`.
        let first = self.integer.len() as i64 - zeros as i64 - 1 + i64::from(self.exponent);
        (digits, first)
    }

    /// Returns the value as an integer in Rust's notation; `None` if it has a fractional part or more
    /// than `max_digits` digits.
    pub(crate) fn integer(&self, max_digits: usize) -> Option<String> {
        let (digits, first) = self.normalized();
        if digits.is_empty() {
            return Some("0".to_owned());
        }
        let length = usize::try_from(first).ok()?.checked_add(1)?;
        if length < digits.len() || length > max_digits {
            return None;
        }
        let sign = if self.negative { "-" } else { "" };
        let digits = String::from_utf8(digits).ok()?;
        Some(format!("{sign}{digits:0<length$}"))
    }
}

/// Accepts a number, as exactly as a deserializer passes it.
struct Digits {
    expected: &'static str,
}

impl<'de> Visitor<'de> for Digits {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    /// Other formats, and serde's buffers.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Number, D::Error> {
        inner.deserialize_any(self)
    }

    /// The JSON of the value, from serde_json.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Number, A::Error> {
        let name = map.next_key::<String>()?;
        if !name.is_some_and(|name| name.starts_with("$serde_json::private::")) {
            return Err(de::Error::invalid_type(Unexpected::Map, &self));
        }
        let text: String = map.next_value()?;
        // Many servers write numbers as strings.
        let string = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        Ok(Number::Literal(match string {
            Some(string) => string.to_owned(),
            None => text,
        }))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Number, E> {
        Ok(Number::Literal(value.to_string()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Number, E> {
        Ok(Number::Literal(value.to_string()))
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<Number, E> {
        Ok(Number::Literal(value.to_string()))
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<Number, E> {
        Ok(Number::Literal(value.to_string()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Number, E> {
        Ok(Number::Float(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Number, E> {
        Ok(Number::Literal(value.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde::de::value::F64Deserializer;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Exact(#[serde(deserialize_with = "number")] String);

    fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        literal(deserializer, "a number")
    }

    fn read(json: &str) -> Result<String, String> {
        let exact = serde_json::from_str::<Exact>(json);
        exact
            .map(|exact| exact.0)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn other_values_are_rejected_by_their_kind() {
        for (json, kind) in [
            ("{\"a\":1}", "map"),
            ("[1]", "sequence"),
            ("true", "boolean"),
            ("null", "null"),
            ("\"x\"", "string"),
            ("\"1\\u0030\"", "string"),
        ] {
            let error = read(json).expect_err(json);
            assert!(error.contains(&format!("invalid type: {kind}")), "{error}");
            assert!(error.contains("expected a number"), "{error}");
        }
        for text in [
            "",
            "-",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "1e99999999999",
            "0x1",
            "1_0",
            "1 ",
            "١",
        ] {
            assert_eq!(parts(text), None, "{text}");
        }
    }

    #[test]
    fn an_integer_may_be_written_with_a_fraction_of_zero_or_an_exponent() {
        for (text, expected) in [
            ("30.0", Some("30")),
            ("-30.000", Some("-30")),
            ("1e3", Some("1000")),
            ("1.5E+1", Some("15")),
            ("1200e-2", Some("12")),
            ("0.0012e4", Some("12")),
            ("-0.0", Some("0")),
            ("0e99999", Some("0")),
            ("12345678901234567890.0", Some("12345678901234567890")),
            ("1.5", None),
            ("1e-1", None),
            ("1.00000000000000000000000001", None),
            ("1e400", None),
        ] {
            let integer = parts(text).expect("is a number").integer(39);
            assert_eq!(integer.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_float_that_may_have_lost_digits_is_rejected() {
        let of = |value: f64| {
            let deserializer = F64Deserializer::<de::value::Error>::new(value);
            number(deserializer)
        };
        assert_eq!(of(0.1).ok(), Some("0.1".to_owned()));
        assert_eq!(of(1e22).ok(), Some("1e22".to_owned()));
        assert!(of(12345678901234567.89).is_err());
        assert!(of(0.1 + 0.2).is_err());
    }

    proptest! {
        #[test]
        fn all_digits_are_kept(
            json in "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][-+]?[0-9]{1,4})?",
            quote in any::<bool>(),
        ) {
            let quote = if quote { "\"" } else { "" };
            let read = read(&format!(" {quote}{json}{quote} "));
            prop_assert_eq!(read, Ok(json));
        }

        #[test]
        fn an_integer_is_the_same_in_every_notation(value: i128, zeros in 0_usize..20) {
            let shifted = format!("{value}{}e-{zeros}", "0".repeat(zeros));
            let fraction = format!("{value}.{}", "0".repeat(zeros + 1));
            for text in [value.to_string(), shifted, fraction] {
                let integer = parts(&text).and_then(|parts| parts.integer(39));
                prop_assert_eq!(integer, Some(value.to_string()));
            }
        }

        #[test]
        fn the_shortest_notation_of_a_float_parses_as_it(value: f64) {
            prop_assume!(value.is_finite());
            let text = of_float(value).expect("is a number of JSON");
            prop_assert!(parts(&text).is_some());
            prop_assert_eq!(text.parse::<f64>().ok(), Some(value));
        }
    }
}
