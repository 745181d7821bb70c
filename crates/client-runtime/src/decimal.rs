//! Decimal numbers of any precision.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::number::{literal, of_float, parts};

/// The newtype name by which serializers of this crate recognize a [`Decimal`].
pub(crate) const DECIMAL: &str = "$client_runtime::Decimal";

/// A decimal number that keeps all its digits: `12345678901234567.89`, `12.30`.
///
/// Generated code uses it for `type: number` with `format: decimal`. An `f64` has 15 to 17 significant
/// digits and cannot represent most amounts of money exactly. This type has no limit on the number of
/// digits, and keeps trailing zeros. It decodes from a JSON number or a string that contains one, and
/// encodes to a JSON number.
///
/// It converts from integers, floats, and strings in JSON notation, and compares by value. It has no
/// arithmetic: pass [`as_str`](Self::as_str) to a decimal library for that.
///
/// ```
/// use client_runtime::Decimal;
///
/// let price: Decimal = "12.30".parse()?;
/// assert_eq!(price.to_string(), "12.30");
/// assert_eq!(price, Decimal::try_from(12.3)?);
/// assert!(price < Decimal::from(13));
/// # Ok::<(), client_runtime::DecimalError>(())
/// ```
#[derive(Clone)]
pub struct Decimal(Box<RawValue>);

/// The error for a value that is not a decimal number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a decimal number in JSON notation")]
pub struct DecimalError(String);

impl Decimal {
    /// Returns the number in JSON notation (RFC 8259 section 6).
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Returns the nearest `f64`; infinity if the number is out of range.
    pub fn to_f64(&self) -> f64 {
        // Rust parses all JSON numbers.
        self.as_str().parse().unwrap_or(f64::NAN)
    }

    /// Returns `None` if `text` is not a number.
    fn of(text: String) -> Option<Self> {
        parts(&text)?;
        RawValue::from_string(text).ok().map(Self)
    }

    /// Returns the sign, the power of ten of the first digit, and the digits.
    fn value(&self) -> (bool, i64, Vec<u8>) {
        let parts = parts(self.as_str());
        // The constructors only accept numbers.
        let (negative, (digits, first)) = parts.map_or_else(Default::default, |parts| {
            (parts.negative, parts.normalized())
        });
        match digits.is_empty() {
            true => (false, 0, digits),
            false => (negative, first, digits),
        }
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        Self::of(text.to_owned()).ok_or_else(|| DecimalError(text.to_owned()))
    }
}

impl TryFrom<&str> for Decimal {
    type Error = DecimalError;

    fn try_from(text: &str) -> Result<Self, DecimalError> {
        text.parse()
    }
}

impl TryFrom<String> for Decimal {
    type Error = DecimalError;

    fn try_from(text: String) -> Result<Self, DecimalError> {
        text.parse()
    }
}

/// Converts to the shortest number that parses as this float: `0.1` for `0.1`.
impl TryFrom<f64> for Decimal {
    type Error = DecimalError;

    /// # Errors
    /// The float is infinite or NaN.
    fn try_from(value: f64) -> Result<Self, DecimalError> {
        let number = of_float(value).and_then(Self::of);
        number.ok_or_else(|| DecimalError(value.to_string()))
    }
}

macro_rules! from_integers {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Decimal {
            fn from(value: $integer) -> Self {
                match Self::of(value.to_string()) {
                    Some(number) => number,
                    None => unreachable!("integers are JSON numbers"),
                }
            }
        }
    )*};
}
from_integers!(
    i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize
);

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decimal({})", self.as_str())
    }
}

/// Compares by value: `12.30` equals `12.3`.
impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value()
    }
}

impl Eq for Decimal {}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value().hash(state);
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let ((ours, our_first, our_digits), (theirs, their_first, their_digits)) =
            (self.value(), other.value());
        let sign = |negative: bool, digits: &[u8]| match (negative, digits.is_empty()) {
            (_, true) => 0,
            (false, _) => 1,
            (true, _) => -1,
        };
        let (our_sign, their_sign) = (sign(ours, &our_digits), sign(theirs, &their_digits));
        let by_size = (our_first, our_digits).cmp(&(their_first, their_digits));
        our_sign.cmp(&their_sign).then(match ours {
            true => by_size.reverse(),
            false => by_size,
        })
    }
}

/// Encodes as a JSON number with the same digits. Other formats encode serde_json's `RawValue`.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(DECIMAL, &*self.0)
    }
}

/// Decodes from a number, or a string that contains one. Inside serde's buffers (`untagged`) the
/// digits of a number are lost: a float whose shortest notation has more than 15 significant digits is an
/// error there, and trailing zeros are not kept.
impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = literal(deserializer, "a decimal number")?;
        match RawValue::from_string(text) {
            Ok(raw) => Ok(Self(raw)),
            Err(_) => Err(serde::de::Error::custom(
                "the value is not a decimal number",
            )),
        }
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Decimal {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "format": "decimal" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("is a decimal number")
    }

    #[test]
    fn it_converts_from_integers_floats_and_strings() {
        for (number, expected) in [
            (Decimal::from(-3), "-3"),
            (
                Decimal::from(u128::MAX),
                "340282366920938463463374607431768211455",
            ),
            (decimal("12.30"), "12.30"),
            (Decimal::try_from(0.1).expect("is finite"), "0.1"),
            (Decimal::try_from(3.0).expect("is finite"), "3"),
            (Decimal::try_from(1e300).expect("is finite"), "1e300"),
        ] {
            assert_eq!(number.to_string(), expected);
            assert_eq!(serde_json::to_string(&number).expect("encodes"), expected);
        }
        for rejected in ["", "12,3", " 1", "NaN", "1.", "٣", "1\n"] {
            assert!(Decimal::try_from(rejected).is_err(), "{rejected}");
        }
        for rejected in [f64::NAN, f64::INFINITY] {
            assert!(Decimal::try_from(rejected).is_err());
        }
        let rejected = Decimal::try_from("12,3")
            .expect_err("is invalid")
            .to_string();
        assert_eq!(
            rejected,
            "\"12,3\" is not a decimal number in JSON notation"
        );
    }

    #[test]
    fn it_compares_by_value() {
        let ordered = [
            "-1e400",
            "-12.5",
            "-12.4999",
            "-0.1",
            "0.0",
            "1e-400",
            "0.1",
            "0.11",
            "1",
            "9.99",
            "10",
            "12345678901234567.88",
            "12345678901234567.89",
            "1e400",
        ];
        let ordered = ordered.map(decimal);
        for (index, one) in ordered.iter().enumerate() {
            for (other_index, other) in ordered.iter().enumerate() {
                assert_eq!(one.cmp(other), index.cmp(&other_index), "{one} {other}");
            }
        }
        for (one, other) in [
            ("12.30", "12.3"),
            ("1000", "1E3"),
            ("-0.0", "0"),
            ("10e-1", "1"),
        ] {
            assert_eq!(decimal(one), decimal(other));
        }
    }

    #[test]
    fn it_decodes_from_a_string_and_encodes_as_a_number() {
        let read: Vec<Decimal> = serde_json::from_str(r#"["0.100",0.100]"#).expect("decodes");
        assert_eq!(
            serde_json::to_string(&read).expect("encodes"),
            "[0.100,0.100]"
        );
        assert!(serde_json::from_str::<Decimal>("\"1\\n\"").is_err());
    }

    proptest! {
        #[test]
        fn the_digits_survive_a_round_trip(
            json in "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][-+]?[0-9]{1,4})?",
        ) {
            let read: Decimal = serde_json::from_str(&json).expect("decodes");
            prop_assert_eq!(read.to_string(), json.clone());
            prop_assert_eq!(serde_json::to_string(&read).expect("encodes"), json);
        }

        #[test]
        fn it_compares_as_scaled_integers_do(one: i64, other: i64, scale in 0_i32..20) {
            let scaled = |value: i64| decimal(&format!("{value}e-{scale}"));
            prop_assert_eq!(scaled(one).cmp(&scaled(other)), one.cmp(&other));
        }
    }
}
