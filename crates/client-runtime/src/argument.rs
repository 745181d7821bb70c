//! One argument of a generated builder.
//!
//! A setter takes whatever converts into the argument's type and cannot fail, so that calls chain. The
//! failure of a conversion is kept here, and becomes an error when the call is made or the value is built.

use std::fmt::Display;

use serde_json::{Map, Value};

use crate::nullable::{IntoNullable, Nullable};

/// An argument: not given, given, or refused by its type.
#[derive(Debug, Clone)]
pub struct Argument<T>(State<T>);

#[derive(Debug, Clone)]
enum State<T> {
    Missing,
    Given(T),
    /// The message of the failed conversion.
    Refused(String),
}

impl<T> Default for Argument<T> {
    /// An argument that is not given.
    fn default() -> Self {
        Self(State::Missing)
    }
}

impl<T> From<Option<T>> for Argument<T> {
    /// An argument that is given with the value, or not given.
    fn from(value: Option<T>) -> Self {
        Self(value.map_or(State::Missing, State::Given))
    }
}

impl<T> Argument<T> {
    /// An argument that is given.
    pub fn given(value: T) -> Self {
        Self(State::Given(value))
    }

    /// Gives the argument. A value that does not convert replaces the previous one too, and makes the
    /// call an error of the kind [`InvalidRequest`](crate::ErrorKind::InvalidRequest).
    pub fn set<V>(&mut self, value: V)
    where
        V: TryInto<T>,
        V::Error: Display,
    {
        self.put(value.try_into().map(Some).map_err(|e| e.to_string()));
    }

    /// As [`set`](Self::set), where `None` leaves the argument not given.
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
            Err(error) => State::Refused(error),
        };
    }

    /// Takes the value out, if there is one, and leaves the argument not given. The failure of a
    /// conversion stays.
    pub fn take(&mut self) -> Option<T> {
        match std::mem::replace(&mut self.0, State::Missing) {
            State::Given(value) => Some(value),
            other => {
                self.0 = other;
                None
            }
        }
    }

    /// The value, `None` where the argument was not given, or why it is refused.
    ///
    /// # Errors
    /// What follows the name of the argument in a message: ``is no valid `Uuid`: …``.
    pub(crate) fn get(&self) -> Result<Option<&T>, String> {
        match &self.0 {
            State::Missing => Ok(None),
            State::Given(value) => Ok(Some(value)),
            State::Refused(error) => Err(refused(std::any::type_name::<T>(), error)),
        }
    }

    /// As [`get`](Self::get), with the value itself.
    pub(crate) fn into_inner(self) -> Result<Option<T>, String> {
        match self.0 {
            State::Missing => Ok(None),
            State::Given(value) => Ok(Some(value)),
            State::Refused(error) => Err(refused(std::any::type_name::<T>(), &error)),
        }
    }

    /// The value of the property `name`, which may be absent.
    ///
    /// # Errors
    /// A message that names the property, where its value is refused.
    pub fn optional(self, name: &str) -> Result<Option<T>, String> {
        let value = self.into_inner();
        value.map_err(|error| format!("the property `{name}` {error}"))
    }

    /// The value of the property `name`, which must be given.
    ///
    /// # Errors
    /// A message that names the property, where it is not given or its value is refused.
    pub fn required(self, name: &str) -> Result<T, String> {
        let value = self.optional(name)?;
        value.ok_or_else(|| format!("the property `{name}` is missing"))
    }

    /// The value of the field `name`, or that of its type's `Default`.
    ///
    /// # Errors
    /// A message that names the field, where its value is refused.
    pub fn or_default(self, name: &str) -> Result<T, String>
    where
        T: Default,
    {
        self.optional(name).map(Option::unwrap_or_default)
    }
}

impl<T> Argument<Option<T>> {
    /// As [`set`](Argument::set), of a value that must be given and may be null: both `None` and
    /// [`Null`](crate::Null) are null.
    pub fn set_or_null<V, How>(&mut self, value: V)
    where
        V: IntoNullable<T, How>,
    {
        let value = value.into_nullable();
        self.put(value.map(|value| Some(value.and_then(Nullable::into_option))));
    }
}

impl<T> Argument<Nullable<T>> {
    /// As [`set`](Argument::set), of a value that may be absent and may be null: `None` leaves it absent,
    /// and [`Null`](crate::Null) is null.
    pub fn set_nullable<V, How>(&mut self, value: V)
    where
        V: IntoNullable<T, How>,
    {
        self.put(value.into_nullable());
    }
}

impl Argument<Value> {
    /// As [`set_optional`](Argument::set_optional), of a value that may be any JSON.
    pub fn set_json<V: IntoOptionalJson>(&mut self, value: V) {
        self.0 = value
            .into_optional_json()
            .map_or(State::Missing, State::Given);
    }
}

/// What the setter of an optional parameter or property takes: a value that converts into `T`, or an
/// `Option` of one, where `None` leaves it absent.
///
/// `How` tells the implementations apart and is inferred. A bare `None` needs a type: `None::<String>`.
///
/// ```
/// use client_runtime::IntoOptional;
///
/// fn limit<V: IntoOptional<i64, How>, How>(value: V) -> Result<Option<i64>, String> {
///     value.into_optional()
/// }
/// assert_eq!(limit(5), Ok(Some(5)));
/// assert_eq!(limit(Some(5_u32)), Ok(Some(5)));
/// assert_eq!(limit(None::<i64>), Ok(None));
/// assert!(limit(u64::MAX).is_err());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not convert into an optional `{T}`",
    note = "a setter of an optional value takes what `TryInto` converts into it, or an `Option` of that"
)]
pub trait IntoOptional<T, How> {
    /// The value, or `None` where there is none.
    ///
    /// # Errors
    /// The message of the failed conversion.
    fn into_optional(self) -> Result<Option<T>, String>;
}

/// Tells the implementation for values from those for other types.
#[derive(Debug)]
pub enum ByValue {}

/// Tells the implementation for an `Option` from those for other types. `How` is that of the value inside.
#[derive(Debug)]
pub struct ByOption<How>(std::marker::PhantomData<How>);

impl<V, T> IntoOptional<T, ByValue> for V
where
    V: TryInto<T>,
    V::Error: Display,
{
    fn into_optional(self) -> Result<Option<T>, String> {
        self.try_into().map(Some).map_err(|e| e.to_string())
    }
}

impl<V, T> IntoOptional<T, ByOption<ByValue>> for Option<V>
where
    V: TryInto<T>,
    V::Error: Display,
{
    fn into_optional(self) -> Result<Option<T>, String> {
        self.map(TryInto::try_into)
            .transpose()
            .map_err(|e| e.to_string())
    }
}

/// What the setter of an optional property takes that may be any JSON: a [`Value`], what JSON can say
/// directly, or an `Option` of one, where `None` leaves the property absent. `Value::Null` is null.
///
/// It is a trait of its own because a `Value` is made of an `Option`, too, where `None` is null.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no JSON that a setter takes",
    note = "`serde_json::json!` and `serde_json::to_value` make a value of anything"
)]
pub trait IntoOptionalJson {
    /// The value, or `None` where there is none.
    fn into_optional_json(self) -> Option<Value>;
}

macro_rules! json {
    ($($type:ty),* $(,)?) => {$(
        impl IntoOptionalJson for $type {
            fn into_optional_json(self) -> Option<Value> {
                Some(self.into())
            }
        }
    )*};
}
json!(
    Value,
    Map<String, Value>,
    Vec<Value>,
    String,
    &str,
    bool,
    i8,
    i16,
    i32,
    i64,
    isize,
    u8,
    u16,
    u32,
    u64,
    usize,
    f32,
    f64,
);

impl<V: IntoOptionalJson> IntoOptionalJson for Option<V> {
    fn into_optional_json(self) -> Option<Value> {
        self.and_then(V::into_optional_json)
    }
}

fn refused(type_name: &str, error: &str) -> String {
    format!("is no valid `{}`: {error}", short_type_name(type_name))
}

/// A type name without the paths of modules: `Vec<Role>` of `alloc::vec::Vec<api::types::Role>`.
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
    fn a_value_that_does_not_convert_says_why_and_of_which_type() {
        let mut argument = Argument::<u8>::default();
        argument.set(3_u8);
        argument.set(300_i32);
        assert_eq!(argument.take(), None);
        let message = argument.get().expect_err("is refused");
        assert!(message.starts_with("is no valid `u8`: "), "{message}");
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
        let message = argument.optional("size").expect_err("is refused");
        assert!(
            message.starts_with("the property `size` is no valid `u8`: "),
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
