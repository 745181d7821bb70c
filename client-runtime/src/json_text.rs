//! Parameters that are JSON in a text.
//!
//! A parameter may say its `content` instead of a schema (OpenAPI 3.0.3, Parameter Object): then its
//! value is a document of that media type.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer, ser};

/// A value that is sent as the text of its JSON.
///
/// Made from the value itself (`From<T>`) or, in a generated client, from its builder.
///
/// ```
/// use client_runtime::JsonText;
///
/// assert_eq!(JsonText::from(vec![1, 2]).to_string(), "[1,2]");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct JsonText<T>(T);

impl<T> From<T> for JsonText<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

/// Writes the JSON.
impl<T: Serialize> fmt::Display for JsonText<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(&self.0).map_err(|_| fmt::Error)?)
    }
}

/// Encodes as a string that holds the JSON.
impl<T: Serialize> Serialize for JsonText<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = serde_json::to_string(&self.0).map_err(ser::Error::custom)?;
        serializer.serialize_str(&text)
    }
}
