//! Settings of clients from environment variables.
//!
//! Errors contain the name of the variable, and never its value, which may be a secret.

use std::env::VarError;

use crate::BuildError;

/// Returns the value of a variable, or `None` if it is not set or empty.
///
/// # Errors
/// [`BuildError::Environment`] if the value is not UTF-8 or contains a control character, such as a
/// line break at the end.
pub fn optional(name: &str) -> Result<Option<String>, BuildError> {
    checked(name, std::env::var(name))
}

/// Returns the value of a variable.
///
/// # Errors
/// As for [`optional`], and if the variable is not set or empty.
pub fn required(name: &str) -> Result<String, BuildError> {
    optional(name)?.ok_or_else(|| unusable(name, NOT_SET))
}

/// Returns the error for a variable whose value cannot be used.
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

/// Returns the value, or why it cannot be used. The message contains neither the value nor the error of
/// `std::env::var`, which contains it.
pub(crate) fn usable(value: Result<String, VarError>) -> Result<String, &'static str> {
    match value {
        Ok(value) if value.is_empty() => Err(EMPTY),
        Ok(value) if value.contains(char::is_control) => {
            Err("contains a control character, such as a line break at the end")
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
    fn a_missing_variable_is_named() {
        let error = required("NO_SUCH_VARIABLE_OF_OURS").expect_err("is not set");
        assert_eq!(
            error.to_string(),
            "the environment variable NO_SUCH_VARIABLE_OF_OURS is not set"
        );
        assert_eq!(optional("NO_SUCH_VARIABLE_OF_OURS").ok(), Some(None));
    }

    #[test]
    fn an_unusable_value_is_not_shown() {
        let error = checked("V", Ok("hunter2\n".to_owned())).expect_err("is rejected");
        assert!(!error.to_string().contains("hunter2"));
        assert_eq!(checked("V", Ok(String::new())).ok(), Some(None));
        assert_eq!(
            checked("V", Ok("x".to_owned())).ok(),
            Some(Some("x".to_owned()))
        );
    }
}
