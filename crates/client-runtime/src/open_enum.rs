//! Enumerations that a server may extend.
//!
//! A closed Rust enum in a response turns the first new value that a server sends into an error of
//! every call that carries it. In responses, an enumeration `T` is therefore [`OpenEnum<T>`]; in
//! requests it stays `T`, so that a client cannot send what the API does not document.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A value of the enumeration `T`, or one that the API description does not list.
///
/// `T` is the generated enum of the documented values. Compare with `==` where one value matters,
/// and match where several do; the [`OpenEnum::Unknown`] arm is where a newer server ends up.
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
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(untagged)]
pub enum OpenEnum<T> {
    /// A value that the API description lists.
    Known(T),
    /// A value that it does not list, exactly as the server sent it.
    Unknown(String),
}

impl<T> OpenEnum<T> {
    /// The documented value, or `None` for one that the API description does not list.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// The documented value, or the string that the server sent.
    ///
    /// # Errors
    /// The string itself, when the API description does not list it.
    pub fn into_known(self) -> Result<T, String> {
        match self {
            Self::Known(value) => Ok(value),
            Self::Unknown(other) => Err(other),
        }
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
    fn what_is_no_string_is_still_an_error() {
        assert!(serde_json::from_str::<OpenEnum<Status>>("7").is_err());
    }
}
