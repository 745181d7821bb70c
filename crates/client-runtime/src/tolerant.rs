//! Lenient decoding of integers and times in responses.
//!
//! Generated code decodes every field that contains an integer or a time with [`read`], including those
//! in lists, maps and options. An integer may be written as `30.0` or `3e1`: JSON Schema counts all
//! numbers without a fractional part as integers (2020-12, Validation, section 6.1.1), and some
//! servers, for example in Python or PHP, write integers in this form. For times, see [`date_time`].
//!
//! The type of the field selects the decoder, so that other numbers and strings are not changed. This
//! also works for the branches of choices, whose values serde has buffered.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use serde::de::{self, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use crate::Nullable;
use crate::date_time;
use crate::number::{literal, parts};

/// The smallest integer at which a float may represent a neighbouring integer as well.
const MAX_EXACT_FLOAT: f64 = (1_u64 << 53) as f64;

/// The number of digits of the greatest `u128`.
const MAX_DIGITS: usize = 39;

/// Decodes a field of a response.
///
/// # Errors
/// The value is not a `T` in any supported notation.
pub fn read<'de, D: Deserializer<'de>, T: Tolerant<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::read(deserializer)
}

/// A type whose values can be decoded from several notations.
pub trait Tolerant<'de>: Sized {
    /// Decodes a value.
    ///
    /// # Errors
    /// The value is not a `Self` in any supported notation.
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// A wrapper whose `Deserialize` is [`Tolerant::read`].
pub struct Read<T>(pub T);

impl<'de, T: Tolerant<'de>> Deserialize<'de> for Read<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

/// An integer, as a deserializer passes it to a visitor.
enum Integer {
    Signed(i64),
    Unsigned(u64),
}

/// Accepts integers in any notation. Not generic, so that it is compiled once.
struct IntegerVisitor(&'static str);

impl Visitor<'_> for IntegerVisitor {
    type Value = Integer;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Integer, E> {
        Ok(Integer::Signed(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Integer, E> {
        Ok(Integer::Unsigned(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Integer, E> {
        match value.fract() == 0.0 && value.abs() < MAX_EXACT_FLOAT {
            true => Ok(Integer::Signed(value as i64)),
            false => Err(E::invalid_type(Unexpected::Float(value), &self)),
        }
    }
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl<'de> Tolerant<'de> for $integer {
            fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                const NAME: &str = stringify!($integer);
                if !deserializer.is_human_readable() {
                    return Self::deserialize(deserializer);
                }
                // Asked for a float, serde_json and serde's buffers pass any number unchanged. Asked
                // for an integer, a buffer rejects a float.
                let integer = deserializer.deserialize_f64(IntegerVisitor(NAME))?;
                let (value, found) = match integer {
                    Integer::Signed(value) => (value.try_into().ok(), Unexpected::Signed(value)),
                    Integer::Unsigned(value) => (value.try_into().ok(), Unexpected::Unsigned(value)),
                };
                value.ok_or_else(|| de::Error::invalid_value(found, &NAME))
            }
        }
    )*};
}
integers!(i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! non_zero_integers {
    ($($integer:ident: $inner:ty),*) => {$(
        impl<'de> Tolerant<'de> for std::num::$integer {
            fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = <$inner>::read(deserializer)?;
                let zero = Unexpected::Unsigned(0);
                Self::new(value).ok_or_else(|| de::Error::invalid_value(zero, &"a nonzero integer"))
            }
        }
    )*};
}
non_zero_integers!(NonZeroU8: u8, NonZeroU16: u16, NonZeroU32: u32, NonZeroU64: u64);

/// Integers beyond the range of `i64` and `f64` are decoded from their digits.
macro_rules! wide_integers {
    ($($integer:ty),*) => {$(
        impl<'de> Tolerant<'de> for $integer {
            fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                const NAME: &str = stringify!($integer);
                if !deserializer.is_human_readable() {
                    return Self::deserialize(deserializer);
                }
                let text = literal(deserializer, NAME)?;
                let integer = parts(&text).and_then(|parts| parts.integer(MAX_DIGITS));
                let value = integer.and_then(|integer| integer.parse().ok());
                let found = Unexpected::Other("number");
                value.ok_or_else(|| de::Error::invalid_value(found, &NAME))
            }
        }
    )*};
}
wide_integers!(i128, u128);

impl<'de> Tolerant<'de> for DateTime<Utc> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TimeVisitor;

        impl Visitor<'_> for TimeVisitor {
            type Value = DateTime<Utc>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date and time")
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<DateTime<Utc>, E> {
                let time = date_time::read(value);
                time.ok_or_else(|| E::invalid_value(Unexpected::Str(value), &self))
            }
        }

        deserializer.deserialize_str(TimeVisitor)
    }
}

impl<'de, T: Tolerant<'de>> Tolerant<'de> for Option<T> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Option::<Read<T>>::deserialize(deserializer)?;
        Ok(value.map(|value| value.0))
    }
}

impl<'de, T: Tolerant<'de>> Tolerant<'de> for Nullable<T> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::read(deserializer).map(Self::from)
    }
}

impl<'de, T: Tolerant<'de>> Tolerant<'de> for Box<T> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self::new)
    }
}

/// The maximum capacity that is reserved before items have arrived.
const MAX_CAPACITY: usize = 1024;

impl<'de, T: Tolerant<'de>> Tolerant<'de> for Vec<T> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T>(PhantomData<T>);

        impl<'de, T: Tolerant<'de>> Visitor<'de> for ListVisitor<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a sequence")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
                let length = items.size_hint().unwrap_or_default().min(MAX_CAPACITY);
                let mut list = Vec::with_capacity(length);
                while let Some(Read(item)) = items.next_element()? {
                    list.push(item);
                }
                Ok(list)
            }
        }

        deserializer.deserialize_seq(ListVisitor(PhantomData))
    }
}

impl<'de, K, T> Tolerant<'de> for HashMap<K, T>
where
    K: Deserialize<'de> + Eq + Hash,
    T: Tolerant<'de>,
{
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MapVisitor<K, T>(PhantomData<(K, T)>);

        impl<'de, K, T> Visitor<'de> for MapVisitor<K, T>
        where
            K: Deserialize<'de> + Eq + Hash,
            T: Tolerant<'de>,
        {
            type Value = HashMap<K, T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut entries: A,
            ) -> Result<HashMap<K, T>, A::Error> {
                let length = entries.size_hint().unwrap_or_default().min(MAX_CAPACITY);
                let mut map = HashMap::with_capacity(length);
                while let Some((key, Read(value))) = entries.next_entry()? {
                    map.insert(key, value);
                }
                Ok(map)
            }
        }

        deserializer.deserialize_map(MapVisitor(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Job {
        #[serde(deserialize_with = "read")]
        created: i64,
        #[serde(deserialize_with = "read", default)]
        at: Option<DateTime<Utc>>,
        #[serde(deserialize_with = "read", default)]
        sizes: Option<Vec<Option<u8>>>,
        ratio: Option<f64>,
        other: Option<Value>,
        #[serde(flatten, deserialize_with = "read")]
        counts: HashMap<String, i32>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Choice {
        Time(#[serde(deserialize_with = "read")] DateTime<Utc>),
        Count(#[serde(deserialize_with = "read")] u64),
        Number(f64),
        Tagged(Tagged),
        Other(Value),
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Tagged {
        #[serde(deserialize_with = "read")]
        id: std::num::NonZeroU64,
    }

    fn of<T: for<'de> Tolerant<'de>>(json: &str) -> Result<T, String> {
        let read = serde_json::from_str::<Read<T>>(json);
        read.map(|read| read.0).map_err(|error| error.to_string())
    }

    #[test]
    fn the_type_of_a_field_selects_the_decoder() {
        let json = r#"{
            "created": 1753000000.0, "at": "2026-11-26 01:55:50", "sizes": [1e2, null, 3],
            "ratio": 1, "other": 1.0, "a": -0.0, "b": 3
        }"#;
        let job: Job = serde_json::from_str(json).expect("decodes");
        assert_eq!(job.created, 1_753_000_000);
        let at = job.at.expect("is there");
        assert_eq!(at.to_rfc3339(), "2026-11-26T01:55:50+00:00");
        assert_eq!(job.sizes, Some(vec![Some(100), None, Some(3)]));
        assert_eq!(job.ratio, Some(1.0));
        assert_eq!(job.other.expect("is there").to_string(), "1.0");
        assert_eq!(
            job.counts,
            HashMap::from([("a".to_owned(), 0), ("b".to_owned(), 3)])
        );
        let job: Job = serde_json::from_str(r#"{"created":1,"sizes":null}"#).expect("decodes");
        assert_eq!((job.at, job.sizes), (None, None));
    }

    #[test]
    fn a_branch_of_a_choice_accepts_all_notations_of_its_type() {
        let choice = |json: &str| serde_json::from_str::<Choice>(json).expect("decodes");
        assert_eq!(choice("3.0"), Choice::Count(3));
        assert_eq!(choice("3.5"), Choice::Number(3.5));
        assert_eq!(choice("-3.0"), Choice::Number(-3.0));
        let id = std::num::NonZeroU64::new(7).expect("is not zero");
        assert_eq!(choice(r#"{"id":7.0}"#), Choice::Tagged(Tagged { id }));
        assert!(matches!(choice(r#"{"id":7.5}"#), Choice::Other(_)));
        assert!(matches!(choice("\"2026-11-26T01:55:50\""), Choice::Time(_)));
        assert!(matches!(choice("\"2026-11-26\""), Choice::Other(_)));
    }

    #[test]
    fn a_number_that_its_type_cannot_hold_is_rejected_and_never_rounded() {
        for (json, message) in [
            ("1.5", "invalid type: floating point `1.5`, expected i64"),
            ("9007199254740992.0", "invalid type: floating point"),
            ("12345678901234567890.0", "invalid type: floating point"),
            (
                "9223372036854775808",
                "invalid value: integer `9223372036854775808`, expected i64",
            ),
            ("-9223372036854775809", "invalid type: floating point"),
            ("1e400", "number out of range"),
            ("\"1\"", "invalid type: string \"1\", expected i64"),
            ("[1]", "invalid type: sequence, expected i64"),
            ("null", "invalid type: null, expected i64"),
        ] {
            let error = of::<i64>(json).expect_err(json);
            assert!(error.contains(message), "{error}");
        }
        let greatest = of("9007199254740991.0");
        assert_eq!(greatest, Ok(9_007_199_254_740_991_i64));
        assert_eq!(of("18446744073709551615"), Ok(u64::MAX));
        assert!(of::<u8>("256.0").is_err() && of::<u64>("-1.0").is_err());
        assert!(of::<std::num::NonZeroU8>("0.0").is_err());
    }

    #[test]
    fn wide_integers_have_all_their_digits_in_every_notation() {
        for json in [
            "340282366920938463463374607431768211455",
            "340282366920938463463374607431768211455.000",
            "3402823669209384634633746074317682114550e-1",
            "\"340282366920938463463374607431768211455\"",
        ] {
            assert_eq!(of(json), Ok(u128::MAX), "{json}");
            assert!(of::<i128>(json).is_err());
        }
        assert_eq!(
            of("-170141183460469231731687303715884105728"),
            Ok(i128::MIN)
        );
        assert!(of::<u128>("340282366920938463463374607431768211456").is_err());
        assert!(of::<i128>("1.5").is_err());
    }

    proptest! {
        #[test]
        fn an_integer_may_have_a_fraction_of_zero(
            value in -((1_i64 << 53) - 1)..(1_i64 << 53),
            zeros in 0_usize..8,
        ) {
            let json = format!("{value}.0{}", "0".repeat(zeros));
            prop_assert_eq!(of(&json), Ok(value));
        }

        #[test]
        fn a_plain_integer_is_decoded_as_serde_decodes_it(value: i64) {
            let json = value.to_string();
            let plain = |result: serde_json::Result<_>| result.map_err(|error| error.to_string());
            prop_assert_eq!(of::<i64>(&json), plain(serde_json::from_str(&json)));
            prop_assert_eq!(of::<i32>(&json).ok(), serde_json::from_str::<i32>(&json).ok());
            prop_assert_eq!(of::<u64>(&json).ok(), serde_json::from_str::<u64>(&json).ok());
        }

        #[test]
        fn a_float_is_an_integer_only_if_the_values_are_equal(value: f64) {
            prop_assume!(value.is_finite());
            let json = format!("{value:?}");
            if let Ok(integer) = of::<i64>(&json) {
                prop_assert_eq!(integer as f64, value);
            }
        }
    }
}
