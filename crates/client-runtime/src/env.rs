//! Reading what a client is built from out of environment variables.
//!
//! Errors name the variable and never its value, which may be a secret.

use std::env::VarError;

use crate::BuildError;

/// The value of a variable, or `None` where it is not set or empty.
///
/// # Errors
/// [`BuildError::Environment`] for a value that is not UTF-8, or that holds a control character,
/// most often the line break at the end of a file.
pub fn optional(name: &str) -> Result<Option<String>, BuildError> {
    checked(name, std::env::var(name))
}

/// The value of a variable.
///
/// # Errors
/// Those of [`optional`], and a variable that is not set or empty.
pub fn required(name: &str) -> Result<String, BuildError> {
    optional(name)?.ok_or_else(|| unusable(name, NOT_SET))
}

/// The error about a variable whose value cannot be used.
pub fn unusable(name: &str, what: &str) -> BuildError {
    BuildError::Environment {
        variable: name.to_owned(),
        what: what.to_owned(),
    }
}

fn checked(name: &str, value: Result<String, VarError>) -> Result<Option<String>, BuildError> {
    match usable(value) {
        Ok(value) => Ok(Some(value)),
        Err(NOT_SET | EMPTY) => Ok(None),
        Err(what) => Err(unusable(name, what)),
    }
}

const NOT_SET: &str = "is not set";
const EMPTY: &str = "is empty";

/// The value, or what is wrong with it. What is wrong may be said, but never the value itself, nor
/// the error of `std::env::var`, which holds it.
pub(crate) fn usable(value: Result<String, VarError>) -> Result<String, &'static str> {
    match value {
        Ok(value) if value.is_empty() => Err(EMPTY),
        Ok(value) if value.contains(char::is_control) => {
            Err("holds a control character, such as a line break at its end")
        }
        Ok(value) => Ok(value),
        Err(VarError::NotPresent) => Err(NOT_SET),
        Err(VarError::NotUnicode(_)) => Err("is not UTF-8"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_is_not_there_is_named() {
        let error = required("NO_SUCH_VARIABLE_OF_OURS").expect_err("is not set");
        assert_eq!(
            error.to_string(),
            "the environment variable NO_SUCH_VARIABLE_OF_OURS is not set"
        );
        assert_eq!(optional("NO_SUCH_VARIABLE_OF_OURS").ok(), Some(None));
    }

    #[test]
    fn an_unusable_value_is_not_shown() {
        let error = checked("V", Ok("hunter2\n".to_owned())).expect_err("is refused");
        assert!(!error.to_string().contains("hunter2"));
        assert_eq!(checked("V", Ok(String::new())).ok(), Some(None));
        assert_eq!(
            checked("V", Ok("x".to_owned())).ok(),
            Some(Some("x".to_owned()))
        );
    }
}
