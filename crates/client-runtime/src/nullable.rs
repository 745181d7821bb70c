//! Optional properties that may be null.
//!
//! In a request, null and absent differ: in a JSON merge patch, null removes a property, and an absent
//! property is not changed (RFC 7396 section 1). An optional property that may be null is therefore an
//! `Option<Nullable<T>>`: the `Option` is `None` if the property is absent, and the [`Nullable`] may be
//! null.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::into_optional::{ByOption, ByValue, IntoOptional};

/// A value that may be null.
///
/// Generated setters accept the value, [`Null`], or an `Option` of either, where `None` leaves the
/// property absent. [`Nullable::Null`] encodes to and decodes from JSON `null`.
///
/// ```
/// use client_runtime::Nullable;
///
/// let owner: Nullable<String> = serde_json::from_str(r#""x""#)?;
/// assert_eq!(owner, Nullable::from("x".to_owned()));
/// assert_eq!(owner.as_option().map(String::as_str), Some("x"));
/// let nobody: Nullable<String> = serde_json::from_str("null")?;
/// assert_eq!(nobody, Nullable::Null);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Nullable<T> {
    /// JSON `null`.
    Null,
    /// A value.
    Value(T),
}

impl<T> Nullable<T> {
    /// Returns a reference to the value, or `None` for null.
    pub fn as_option(&self) -> Option<&T> {
        match self {
            Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }

    /// Returns the value, or `None` for null.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }

    /// Returns true if it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T> From<Option<T>> for Nullable<T> {
    /// Converts `None` to null. Note that a setter leaves the property absent for `None`.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }
}

impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_option().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::from)
    }
}

/// The schema is the same as that of `Option`.
#[cfg(feature = "schemars")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Nullable<T> {
    fn inline_schema() -> bool {
        Option::<T>::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        Option::<T>::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        Option::<T>::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Option::<T>::json_schema(generator)
    }
}

/// JSON `null`, as an argument of setters: `.assignee(Null)` sends `{"assignee": null}`. It is also the type
/// of values that can only be null.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize,
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Null;

/// Types that the setter of an optional property that may be null accepts: a value that converts into
/// `T`, [`Null`], a [`Nullable`], or an `Option` of these. `None` leaves the property absent.
///
/// `How` distinguishes the implementations and is inferred. A bare `None` needs a type:
/// `None::<String>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not convert into an optional `{T}` or null",
    note = "a setter of a nullable value accepts any type that `TryInto` converts into it, \
            `client_runtime::Null`, or an `Option` of these"
)]
pub trait IntoNullable<T, How> {
    /// Returns the value or null, or `None` if it is absent.
    ///
    /// # Errors
    /// The message of the failed conversion.
    fn into_nullable(self) -> Result<Option<Nullable<T>>, String>;
}

/// Marks the implementation for [`Nullable`].
#[derive(Debug)]
pub enum ByNullable {}

impl<V, T> IntoNullable<T, ByValue> for V
where
    V: IntoOptional<T, ByValue>,
{
    fn into_nullable(self) -> Result<Option<Nullable<T>>, String> {
        Ok(self.into_optional()?.map(Nullable::Value))
    }
}

impl<T> IntoNullable<T, Null> for Null {
    fn into_nullable(self) -> Result<Option<Nullable<T>>, String> {
        Ok(Some(Nullable::Null))
    }
}

impl<V, T> IntoNullable<T, ByNullable> for Nullable<V>
where
    V: IntoOptional<T, ByValue>,
{
    fn into_nullable(self) -> Result<Option<Nullable<T>>, String> {
        match self {
            Self::Null => Ok(Some(Nullable::Null)),
            Self::Value(value) => value.into_nullable(),
        }
    }
}

impl<V, T, How> IntoNullable<T, ByOption<How>> for Option<V>
where
    V: IntoNullable<T, How>,
{
    fn into_nullable(self) -> Result<Option<Nullable<T>>, String> {
        self.map_or(Ok(None), V::into_nullable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted<V: IntoNullable<u8, How>, How>(value: V) -> Result<Option<Nullable<u8>>, String> {
        value.into_nullable()
    }

    #[test]
    fn a_setter_accepts_a_value_null_or_an_option() {
        assert_eq!(converted(5), Ok(Some(Nullable::Value(5))));
        assert_eq!(converted(Some(5_u32)), Ok(Some(Nullable::Value(5))));
        assert_eq!(converted(None::<u8>), Ok(None));
        assert_eq!(converted(Null), Ok(Some(Nullable::Null)));
        assert_eq!(converted(Some(Null)), Ok(Some(Nullable::Null)));
        assert_eq!(converted(Nullable::<u8>::Null), Ok(Some(Nullable::Null)));
        assert_eq!(
            converted(Some(Nullable::from(5))),
            Ok(Some(Nullable::Value(5)))
        );
        assert!(converted(300).is_err());
        assert!(converted(Some(Nullable::from(300))).is_err());
    }

    #[cfg(feature = "schemars")]
    #[test]
    fn the_schema_is_that_of_an_option() {
        assert_eq!(
            schemars::schema_for!(Nullable<u8>),
            schemars::schema_for!(Option<u8>)
        );
    }
}
