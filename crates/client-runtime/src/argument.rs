//! One argument of a generated builder.
//!
//! Setters accept any type that converts into the argument's type and never fail, so that they can be
//! chained. A failed conversion is stored here and reported when the call is sent or the value is
//! built.

use std::fmt::Display;

use serde_json::Value;

use crate::into_optional::{IntoOptional, IntoOptionalJson};
use crate::nullable::{IntoNullable, Nullable};

/// The state of an argument: missing, given, or rejected by its type.
#[derive(Debug, Clone)]
pub struct Argument<T>(State<T>);

#[derive(Debug, Clone)]
enum State<T> {
    Missing,
    Given(T),
    /// The message of the failed conversion.
    Rejected(String),
}

impl<T> Default for Argument<T> {
    /// Returns an argument that is not given.
    fn default() -> Self {
        Self(State::Missing)
    }
}

impl<T> From<Option<T>> for Argument<T> {
    /// Returns a given argument for `Some`, and a missing one for `None`.
    fn from(value: Option<T>) -> Self {
        Self(value.map_or(State::Missing, State::Given))
    }
}

impl<T> Argument<T> {
    /// Returns a given argument.
    pub fn given(value: T) -> Self {
        Self(State::Given(value))
    }

    /// Sets the argument, replacing any earlier value. A value that does not convert makes the call
    /// fail with [`InvalidRequest`](crate::ErrorKind::InvalidRequest).
    pub fn set<V>(&mut self, value: V)
    where
        V: TryInto<T>,
        V::Error: Display,
    {
        self.put(value.try_into().map(Some).map_err(|e| e.to_string()));
    }

    /// Like [`set`](Self::set); `None` leaves the argument unset.
    pub fn set_optional<V, How>(&mut self, value: V)
    where
        V: IntoOptional<T, How>,
    {
        self.put(value.into_optional());
    }

    fn put(&mut self, value: Result<Option<T>, String>) {
        self.0 = match value {
            Ok(Some(value)) => State::Given(value),
            Ok(None) => State::Missing,
            Err(error) => State::Rejected(error),
        };
    }

    /// Takes the value, if there is one, and leaves the argument unset. A failed conversion stays.
    pub fn take(&mut self) -> Option<T> {
        match std::mem::replace(&mut self.0, State::Missing) {
            State::Given(value) => Some(value),
            other => {
                self.0 = other;
                None
            }
        }
    }

    /// Returns the value, or `None` if the argument was not given.
    ///
    /// # Errors
    /// The message of a failed conversion, such as ``is not a valid `Uuid`: …``. The name of the
    /// argument precedes it.
    pub(crate) fn get(&self) -> Result<Option<&T>, String> {
        match &self.0 {
            State::Missing => Ok(None),
            State::Given(value) => Ok(Some(value)),
            State::Rejected(error) => Err(rejected(std::any::type_name::<T>(), error)),
        }
    }

    /// Like [`get`](Self::get), but consumes the argument.
    pub(crate) fn into_inner(self) -> Result<Option<T>, String> {
        match self.0 {
            State::Missing => Ok(None),
            State::Given(value) => Ok(Some(value)),
            State::Rejected(error) => Err(rejected(std::any::type_name::<T>(), &error)),
        }
    }

    /// Returns the value of the optional property `name`.
    ///
    /// # Errors
    /// A message that names the property, if its value was rejected.
    pub fn optional(self, name: &str) -> Result<Option<T>, String> {
        let value = self.into_inner();
        value.map_err(|error| format!("the property `{name}` {error}"))
    }

    /// Returns the value of the required property `name`.
    ///
    /// # Errors
    /// A message that names the property, if it is missing or its value was rejected.
    pub fn required(self, name: &str) -> Result<T, String> {
        let value = self.optional(name)?;
        value.ok_or_else(|| format!("the property `{name}` is missing"))
    }

    /// Returns the value of the field `name`, or the default of its type.
    ///
    /// # Errors
    /// A message that names the field, if its value was rejected.
    pub fn or_default(self, name: &str) -> Result<T, String>
    where
        T: Default,
    {
        self.optional(name).map(Option::unwrap_or_default)
    }
}

impl<T> Argument<Option<T>> {
    /// Like [`set`](Argument::set), for a required value that may be null: both `None` and
    /// [`Null`](crate::Null) mean null.
    pub fn set_or_null<V, How>(&mut self, value: V)
    where
        V: IntoNullable<T, How>,
    {
        let value = value.into_nullable();
        self.put(value.map(|value| Some(value.and_then(Nullable::into_option))));
    }
}

impl<T> Argument<Nullable<T>> {
    /// Like [`set`](Argument::set), for an optional value that may be null: `None` leaves it absent,
    /// and [`Null`](crate::Null) sets it to null.
    pub fn set_nullable<V, How>(&mut self, value: V)
    where
        V: IntoNullable<T, How>,
    {
        self.put(value.into_nullable());
    }
}

impl Argument<Value> {
    /// Like [`set_optional`](Argument::set_optional), for any JSON value.
    pub fn set_json<V: IntoOptionalJson>(&mut self, value: V) {
        self.0 = value
            .into_optional_json()
            .map_or(State::Missing, State::Given);
    }
}

fn rejected(type_name: &str, error: &str) -> String {
    format!("is not a valid `{}`: {error}", short_type_name(type_name))
}

/// Returns a type name without module paths: `Vec<Role>` for `alloc::vec::Vec<api::types::Role>`.
fn short_type_name(full: &str) -> String {
    let mut short = String::new();
    for character in full.chars() {
        if character == ':' {
            let is_segment = |c: char| c.is_alphanumeric() || c == '_';
            short.truncate(short.trim_end_matches(is_segment).len());
        } else {
            short.push(character);
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Null;

    #[test]
    fn a_value_is_given_and_taken_once() {
        let mut argument = Argument::<i64>::default();
        assert_eq!(argument.get(), Ok(None));
        argument.set(3_i32);
        assert_eq!(argument.get(), Ok(Some(&3)));
        assert_eq!(argument.take(), Some(3));
        assert_eq!(argument.take(), None);
    }

    #[test]
    fn a_failed_conversion_names_the_type_and_the_cause() {
        let mut argument = Argument::<u8>::default();
        argument.set(3_u8);
        argument.set(300_i32);
        assert_eq!(argument.take(), None);
        let message = argument.get().expect_err("is rejected");
        assert!(message.starts_with("is not a valid `u8`: "), "{message}");
        argument.set(3_u8);
        assert_eq!(argument.into_inner(), Ok(Some(3)));
    }

    #[test]
    fn an_optional_argument_takes_a_value_or_an_option_of_one() {
        let mut argument = Argument::<String>::default();
        argument.set_optional("a");
        assert_eq!(argument.get(), Ok(Some(&"a".to_owned())));
        argument.set_optional(Some("b"));
        assert_eq!(argument.get(), Ok(Some(&"b".to_owned())));
        argument.set_optional(None::<String>);
        assert_eq!(argument.get(), Ok(None));
        let mut argument = Argument::<u8>::default();
        argument.set_optional(Some(300));
        let message = argument.optional("size").expect_err("is rejected");
        assert!(
            message.starts_with("the property `size` is not a valid `u8`: "),
            "{message}"
        );
    }

    #[test]
    fn a_required_value_may_be_null_but_not_missing() {
        let mut argument = Argument::<Option<String>>::default();
        let missing = argument.clone().required("name");
        assert_eq!(missing, Err("the property `name` is missing".to_owned()));
        argument.set_or_null("a");
        assert_eq!(argument.clone().required("name"), Ok(Some("a".to_owned())));
        argument.set_or_null(Null);
        assert_eq!(argument.clone().required("name"), Ok(None));
        argument.set_or_null(None::<String>);
        assert_eq!(argument.required("name"), Ok(None));
    }

    #[test]
    fn any_json_is_absent_only_where_no_value_is_given() {
        let given = |argument: &Argument<Value>| argument.clone().optional("any");
        let mut argument = Argument::<Value>::default();
        argument.set_json("a");
        assert_eq!(given(&argument), Ok(Some("a".into())));
        argument.set_json(Some(5));
        assert_eq!(given(&argument), Ok(Some(5.into())));
        argument.set_json(Value::Null);
        assert_eq!(given(&argument), Ok(Some(Value::Null)));
        argument.set_json(None::<Value>);
        assert_eq!(given(&argument), Ok(None));
    }

    #[test]
    fn type_names_have_no_paths() {
        for (full, short) in [
            ("uuid::Uuid", "Uuid"),
            (
                "core::option::Option<alloc::vec::Vec<api::types::Role>>",
                "Option<Vec<Role>>",
            ),
            ("(a::B, &'static str)", "(B, &'static str)"),
            ("i64", "i64"),
        ] {
            assert_eq!(short_type_name(full), short);
        }
    }
}
