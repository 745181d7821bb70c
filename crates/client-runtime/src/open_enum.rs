//! Enumerations that a server may extend.
//!
//! With a closed Rust enum in a response, every new value of a server would make calls fail. An
//! enumeration `T` is therefore an [`OpenEnum<T>`] in responses. In requests it is `T`, so that a
//! client sends documented values only.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::StrDeserializer;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::deviation::note_unknown;

/// A value of the enumeration `T`, or an undocumented value.
///
/// `T` is the generated enum of the documented values. Use `==` to compare with one value, and `match`
/// for several; values of a newer server are [`OpenEnum::Unknown`].
///
/// ```
/// use client_runtime::OpenEnum;
/// # #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// # enum Status { Done, Failed }
/// let status: OpenEnum<Status> = serde_json::from_str(r#""Paused""#)?;
/// assert!(status != Status::Done);
/// match status {
///     OpenEnum::Known(Status::Done) => println!("finished"),
///     OpenEnum::Known(Status::Failed) => println!("failed"),
///     OpenEnum::Unknown(other) => println!("not known to this version: {other}"),
/// }
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum OpenEnum<T> {
    /// A documented value.
    Known(T),
    /// An undocumented value, exactly as the server sent it.
    Unknown(String),
}

impl<T> OpenEnum<T> {
    /// Returns the documented value, or `None` for an undocumented one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// Returns the documented value, or the string that the server sent.
    ///
    /// # Errors
    /// The string, if the API description does not list it.
    pub fn into_known(self) -> Result<T, String> {
        match self {
            Self::Known(value) => Ok(value),
            Self::Unknown(other) => Err(other),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OpenEnum<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EnumVisitor<T, D>(PhantomData<(T, D)>);

        impl<'de, T: Deserialize<'de>, D> Visitor<'de> for EnumVisitor<T, D> {
            type Value = OpenEnum<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<OpenEnum<T>, E> {
                let known = T::deserialize(StrDeserializer::<E>::new(value));
                Ok(known.map_or_else(
                    |_| {
                        note_unknown::<T, D>(value);
                        OpenEnum::Unknown(value.to_owned())
                    },
                    OpenEnum::Known,
                ))
            }
        }

        deserializer.deserialize_str(EnumVisitor::<T, D>(PhantomData))
    }
}

impl<T> From<T> for OpenEnum<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T: PartialEq> PartialEq<T> for OpenEnum<T> {
    fn eq(&self, other: &T) -> bool {
        self.known() == Some(other)
    }
}

impl<T: fmt::Display> fmt::Display for OpenEnum<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => value.fmt(f),
            Self::Unknown(other) => other.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    enum Status {
        Done,
    }

    #[test]
    fn a_documented_value_decodes_to_its_variant() {
        let status: OpenEnum<Status> = serde_json::from_str(r#""Done""#).expect("decodes");
        assert_eq!(status, Status::Done);
        assert_eq!(status.into_known(), Ok(Status::Done));
    }

    #[test]
    fn an_undocumented_value_survives_a_round_trip() {
        let status: OpenEnum<Status> = serde_json::from_str(r#""Paused""#).expect("decodes");
        assert_eq!(status.known(), None);
        assert_eq!(
            serde_json::to_string(&status).expect("encodes"),
            r#""Paused""#
        );
    }

    #[test]
    fn a_value_that_is_not_a_string_is_an_error() {
        assert!(serde_json::from_str::<OpenEnum<Status>>("7").is_err());
    }
}
