//! Integers with bounds, for requests.
//!
//! A documented `minimum` or `maximum` is checked before a request is sent. Setters still accept plain
//! literals: `.page_size(20)` compiles, and `.page_size(2000)` makes the call fail. Responses use plain
//! integers, so that a value out of bounds does not make a call fail.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An integer between `MIN` and `MAX`, inclusive.
///
/// Created from any integer type with `try_from`, or from a string with `parse`.
///
/// ```
/// use client_runtime::Bounded;
///
/// let size: Bounded<1, 50> = 20.try_into()?;
/// assert_eq!(size.get(), 20);
/// let rejected = Bounded::<1, 50>::try_from(51_i32).unwrap_err();
/// assert_eq!(rejected.to_string(), "51 is not between 1 and 50");
/// # Ok::<(), client_runtime::OutOfBounds>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Bounded<const MIN: i64, const MAX: i64>(i64);

/// An integer greater than or equal to `MIN`.
pub type AtLeast<const MIN: i64> = Bounded<MIN, { i64::MAX }>;

/// An integer less than or equal to `MAX`.
pub type AtMost<const MAX: i64> = Bounded<{ i64::MIN }, MAX>;

/// The error for an integer that is out of bounds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value} is not {}", describe(*.min, *.max))]
pub struct OutOfBounds {
    value: String,
    min: i64,
    max: i64,
}

fn describe(min: i64, max: i64) -> String {
    match (min, max) {
        (min, i64::MAX) => format!("an integer of at least {min}"),
        (i64::MIN, max) => format!("an integer of at most {max}"),
        (min, max) => format!("between {min} and {max}"),
    }
}

impl<const MIN: i64, const MAX: i64> Bounded<MIN, MAX> {
    /// Returns the integer.
    pub const fn get(self) -> i64 {
        self.0
    }

    fn reject(value: impl fmt::Display) -> OutOfBounds {
        OutOfBounds {
            value: value.to_string(),
            min: MIN,
            max: MAX,
        }
    }
}

macro_rules! from_integers {
    ($($integer:ty),*) => {$(
        impl<const MIN: i64, const MAX: i64> TryFrom<$integer> for Bounded<MIN, MAX> {
            type Error = OutOfBounds;

            fn try_from(value: $integer) -> Result<Self, OutOfBounds> {
                i64::try_from(value)
                    .ok()
                    .filter(|inside| (MIN..=MAX).contains(inside))
                    .map(Self)
                    .ok_or_else(|| Self::reject(value))
            }
        }
    )*};
}
from_integers!(
    i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize
);

impl<const MIN: i64, const MAX: i64> FromStr for Bounded<MIN, MAX> {
    type Err = OutOfBounds;

    fn from_str(text: &str) -> Result<Self, OutOfBounds> {
        let value: i64 = text.parse().map_err(|_| Self::reject(text))?;
        Self::try_from(value)
    }
}

impl<const MIN: i64, const MAX: i64> From<Bounded<MIN, MAX>> for i64 {
    fn from(value: Bounded<MIN, MAX>) -> i64 {
        value.0
    }
}

impl<const MIN: i64, const MAX: i64> fmt::Display for Bounded<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(feature = "schemars")]
impl<const MIN: i64, const MAX: i64> schemars::JsonSchema for Bounded<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Bounded_{MIN}_{MAX}").into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn exactly_the_integers_between_the_bounds_are_accepted(value: i64) {
            prop_assert_eq!(
                Bounded::<-3, 7>::try_from(value).is_ok(),
                (-3..=7).contains(&value)
            );
        }

        #[test]
        fn all_conversions_agree(value in -20i64..20) {
            let converted = Bounded::<-3, 7>::try_from(value).ok();
            prop_assert_eq!(value.to_string().parse().ok(), converted);
            prop_assert_eq!(serde_json::from_str(&value.to_string()).ok(), converted);
        }
    }

    #[test]
    fn the_error_for_an_integer_beyond_64_bits_shows_its_value() {
        let rejected = AtLeast::<0>::try_from(u64::MAX).expect_err("is too large");
        assert_eq!(
            rejected.to_string(),
            "18446744073709551615 is not an integer of at least 0"
        );
    }

    #[test]
    fn encodes_as_the_plain_integer() {
        let value = AtMost::<9>::try_from(4).expect("is in bounds");
        assert_eq!(serde_json::to_string(&value).expect("encodes"), "4");
    }
}
