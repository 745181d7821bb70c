//! Reading the payloads that a server sends on its own initiative: webhooks and callbacks.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::decode::{self, DecodeError};

/// Why a payload could not be read. The message contains no value of the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayloadError(DecodeError);

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.describe("payload", f)
    }
}

impl std::error::Error for PayloadError {}

/// Reads the body of a request that the server sent.
///
/// # Errors
/// The body does not have the documented type.
pub fn payload<T: DeserializeOwned>(body: &[u8]) -> Result<T, PayloadError> {
    decode::json(body).map_err(PayloadError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_place_and_shows_no_value() {
        assert_eq!(payload(b"[1]"), Ok(vec![1]));
        let error = payload::<Vec<i64>>(br#"[1, "secret"]"#).expect_err("is a string");
        let message = error.to_string();
        assert!(
            message.contains("the payload does not have its documented type at $[1]"),
            "{message}"
        );
        assert!(!message.contains("secret"), "{message}");
    }
}
