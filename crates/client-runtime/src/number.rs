//! Numbers of JSON by their digits.
//!
//! A decoder gives a number as `i64`, `u64` or `f64`, and the last has 53 bits: of 12345678901234567.89 it
//! makes 12345678901234568. serde_json can give the digits themselves, as [`RawValue`], and without changing
//! how any other type is decoded. (Its feature `arbitrary_precision` changes that for the whole program.)
//!
//! Where a value went through a buffer of serde, as inside `#[serde(flatten)]` or `#[serde(untagged)]`, the
//! digits are lost. What may have lost some is refused there.
//!
//! Source: RFC 8259 section 6.

use std::fmt;

use serde::Deserializer;
use serde::de::{self, MapAccess, Unexpected, Visitor};

/// The name by which serde_json knows that the text of a value is asked for. A test of [`literal`] fails
/// if it changes.
///
/// [`RawValue`]: serde_json::value::RawValue
pub(crate) const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// How many significant digits a decimal number may have to be the only such number whose nearest `f64` is
/// what it is (IEEE 754, `DBL_DIG`).
const SURE_DIGITS: usize = 15;

/// A number, as far as a decoder tells.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Number {
    /// With all its digits.
    Literal(String),
    /// The nearest one that a float has.
    Float(f64),
}

/// Reads the digits of a number, or of a string that is one.
///
/// # Errors
/// What is neither, by its kind. `expected` is what the message says instead, with an article.
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
        Number::Float(value) => match of_float(value).filter(|text| is_sure(text)) {
            Some(text) => Ok(text),
            None => Err(de::Error::custom(UNSURE)),
        },
    }
}

/// The message about a float that may have lost digits.
pub(crate) const UNSURE: &str = "a number has more digits than can be told here";

/// Whether no other number with so few digits has the same nearest `f64` as this one.
pub(crate) fn is_sure(number: &str) -> bool {
    parts(number).is_some_and(|parts| parts.normalized().0.len() <= SURE_DIGITS)
}

/// What a text of JSON that is no number is.
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

/// The shortest notation that reads as this float; `None` for what is no number of JSON.
pub(crate) fn of_float(value: f64) -> Option<String> {
    let text = format!("{value:?}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    value.is_finite().then(|| text.to_owned())
}

/// The parts of a number in the notation of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    pub(crate) negative: bool,
    integer: &'a str,
    fraction: &'a str,
    exponent: i32,
}

/// Takes a number apart; `None` if `text` is none. Exponents that 32 bits do not hold are not read.
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
    /// The digits without zeros in front of them, and without those behind them, and the power of ten of
    /// the unit of the first: 12.50 is 125 and 1. Zero has no digits.
    pub(crate) fn normalized(&self) -> (Vec<u8>, i64) {
        let digits = self.integer.bytes().chain(self.fraction.bytes());
        let zeros = digits.clone().take_while(|digit| *digit == b'0').count();
        let mut digits: Vec<u8> = digits.skip(zeros).collect();
        let end = digits.iter().rposition(|digit| *digit != b'0');
        digits.truncate(end.map_or(0, |last| last + 1));
        // A string is not longer than an `i64` counts.
        let first = self.integer.len() as i64 - zeros as i64 - 1 + i64::from(self.exponent);
        (digits, first)
    }

    /// The integer that the number is, in the notation that Rust parses; `None` for a fraction, and for
    /// more than `most` digits.
    pub(crate) fn integer(&self, most: usize) -> Option<String> {
        let (digits, first) = self.normalized();
        if digits.is_empty() {
            return Some("0".to_owned());
        }
        let length = usize::try_from(first).ok()?.checked_add(1)?;
        if length < digits.len() || length > most {
            return None;
        }
        let sign = if self.negative { "-" } else { "" };
        let digits = String::from_utf8(digits).ok()?;
        Some(format!("{sign}{digits:0<length$}"))
    }
}

/// Takes a number from a decoder, as exact as it gives one.
struct Digits {
    expected: &'static str,
}

impl<'de> Visitor<'de> for Digits {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    /// What is no JSON at hand: a buffer, or another format.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Number, D::Error> {
        inner.deserialize_any(self)
    }

    /// The text of the value, as serde_json gives it.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Number, A::Error> {
        let name = map.next_key::<String>()?;
        if !name.is_some_and(|name| name.starts_with("$serde_json::private::")) {
            return Err(de::Error::invalid_type(Unexpected::Map, &self));
        }
        let text: String = map.next_value()?;
        // Numbers are strings with many a server.
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
    fn what_is_no_number_is_refused_by_its_kind() {
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
    fn a_float_that_may_have_lost_digits_is_refused() {
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
        fn digits_come_as_they_are_written(
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
        fn the_shortest_notation_of_a_float_reads_as_it(value: f64) {
            prop_assume!(value.is_finite());
            let text = of_float(value).expect("is a number of JSON");
            prop_assert!(parts(&text).is_some());
            prop_assert_eq!(text.parse::<f64>().ok(), Some(value));
        }
    }
}
