//! The plan of a request body.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The request body of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BodyPlan {
    /// The media type.
    pub media_type: String,
    /// Whether it is required.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// How it is encoded.
    pub encoding: BodyEncoding,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The encoding of a request body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BodyEncoding {
    /// As JSON.
    Json {
        /// The lowered schema.
        schema: Value,
    },
    /// As `application/x-www-form-urlencoded`.
    Form {
        /// The lowered schema.
        schema: Value,
        /// The properties with an encoding other than the default.
        fields: Vec<FieldPlan>,
    },
    /// As `multipart/form-data`.
    Multipart {
        /// The lowered schema.
        schema: Value,
        /// The properties with an encoding other than the default.
        fields: Vec<FieldPlan>,
    },
    /// As a string.
    Text,
    /// As bytes.
    Bytes,
    /// As JSON lines.
    JsonLines {
        /// The lowered schema of one line.
        item: Value,
    },
}

impl BodyEncoding {
    /// Returns the schema of the body, or of its items, if it is typed.
    pub fn schema(&self) -> Option<&Value> {
        match self {
            Self::Json { schema }
            | Self::Form { schema, .. }
            | Self::Multipart { schema, .. }
            | Self::JsonLines { item: schema } => Some(schema),
            Self::Text | Self::Bytes => None,
        }
    }
}

/// The encoding of a property of a form (OpenAPI 3.1.1, Encoding Object).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FieldPlan {
    /// The name of the property.
    pub name: String,
    /// The encoding of its value.
    pub style: FieldStyle,
    /// The media type of its part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

/// The encoding of the value of a property of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FieldStyle {
    /// Scalars as strings, lists as one field for each item, objects as JSON.
    Plain,
    /// As JSON.
    Json,
    /// One field for each scalar, with its path in brackets.
    Brackets,
    /// One field for each property of an object.
    Properties,
    /// A list as one value, with its items joined by this character.
    Joined(char),
    /// A file, or a list of files.
    File,
}
