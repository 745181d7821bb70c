//! One argument of a generated builder.
//!
//! A setter takes whatever converts into the argument's type and cannot fail, so that calls chain. The
//! failure of a conversion is kept here, and becomes an error when the call is made.

use std::fmt::Display;

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

impl<T> Argument<T> {
    /// Gives the argument. A value that does not convert replaces the previous one too, and makes the
    /// call an error of the kind [`InvalidRequest`](crate::ErrorKind::InvalidRequest).
    pub fn set<V>(&mut self, value: V)
    where
        V: TryInto<T>,
        V::Error: Display,
    {
        self.0 = match value.try_into() {
            Ok(value) => State::Given(value),
            Err(error) => State::Refused(error.to_string()),
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
