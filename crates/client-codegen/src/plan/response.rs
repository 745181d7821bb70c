//! The plans of responses: statuses, headers, bodies, and the documented locations of their schemas.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One documented response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ResponsePlan {
    /// The key in the document: `200`, `2XX` or `default`.
    pub status: StatusPattern,
    /// The media type of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The kind of the body.
    pub body: ResponseBody,
    /// The schema of the body, or of its items, with its location in the API description, unless it is
    /// a reference to a component.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub located: Option<LocatedSchema>,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A schema of a response with its location in the API description. From it, a client derives the
/// overlay action that accepts a response which the schema does not allow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LocatedSchema {
    /// The JSON pointer of the schema in the API description. Empty if it is not exactly known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub at: String,
    /// The `type` that the schema has there. Empty if it has none or several.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// The schemas inside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contents: Option<SchemaContents>,
}

/// The schemas inside a schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SchemaContents {
    /// The component of this name.
    Reference(String),
    /// The schema of the items.
    Items(Box<LocatedSchema>),
    /// The schema of the values of a map.
    Values(Box<LocatedSchema>),
    /// The properties, by name.
    Properties(BTreeMap<String, LocatedProperty>),
}

/// A property of an object in a response.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LocatedProperty {
    /// The JSON pointer of the schema whose `required` has the property. Empty if there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub required_at: String,
    /// The schema of the value.
    pub schema: LocatedSchema,
}

/// A documented header of the successes of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HeaderPlan {
    /// The name that is sent.
    pub name: String,
    /// The name of the method that reads it.
    pub method_name: String,
    /// The type of the value.
    pub value: HeaderValue,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The type of the value of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HeaderValue {
    /// One scalar.
    One(HeaderScalar),
    /// A list of scalars, separated by commas.
    List(HeaderScalar),
}

/// The type of a scalar in a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HeaderScalar {
    /// A string, or a value without a simpler type.
    String,
    /// A secret, which is never printed.
    Secret,
    /// A boolean.
    Boolean,
    /// An integer.
    Integer,
    /// A number.
    Number,
    /// A decimal number with all its digits.
    Decimal,
    /// A date and time.
    DateTime,
    /// A date.
    Date,
    /// A UUID.
    Uuid,
}

/// The statuses of a documented response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum StatusPattern {
    /// One status code.
    Code(u16),
    /// All status codes with this first digit.
    Range(u8),
    /// All statuses without another response.
    Default,
}

impl StatusPattern {
    /// Parses a key of `responses`; `None` if it is invalid.
    pub fn parse(key: &str) -> Option<Self> {
        if key == "default" {
            return Some(Self::Default);
        }
        let first = key
            .bytes()
            .next()
            .filter(|byte| (b'1'..=b'5').contains(byte))?;
        if key.len() == 3 && key[1..].eq_ignore_ascii_case("xx") {
            return Some(Self::Range(first - b'0'));
        }
        key.parse()
            .ok()
            .filter(|code| (100..600).contains(code))
            .map(Self::Code)
    }

    /// Returns the first digit of the statuses; `None` for `default`.
    pub fn class(self) -> Option<u8> {
        match self {
            Self::Code(code) => u8::try_from(code / 100).ok(),
            Self::Range(class) => Some(class),
            Self::Default => None,
        }
    }
}

impl std::fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Range(class) => write!(f, "{class}XX"),
            Self::Default => f.write_str("default"),
        }
    }
}

impl From<StatusPattern> for String {
    fn from(pattern: StatusPattern) -> Self {
        pattern.to_string()
    }
}

impl TryFrom<String> for StatusPattern {
    type Error = String;

    fn try_from(key: String) -> Result<Self, String> {
        Self::parse(&key)
            .ok_or_else(|| format!("`{key}` is not a status code, a range or `default`"))
    }
}

/// The body of a response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ResponseBody {
    /// No body.
    None,
    /// JSON.
    Json {
        /// The lowered schema.
        schema: Value,
    },
    /// A string.
    Text,
    /// Bytes, which the caller streams.
    Bytes,
    /// Server-sent events, which the caller streams.
    Events {
        /// The lowered schema of the data of one event.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<Value>,
    },
    /// JSON lines, which the caller streams.
    JsonLines {
        /// The lowered schema of one line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<Value>,
    },
    /// A JSON text sequence (RFC 7464), which the caller streams.
    JsonSequence {
        /// The lowered schema of one record.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<Value>,
    },
    /// The connection, after `101 Switching Protocols`.
    Upgrade,
}

impl ResponseBody {
    /// Returns the schema of the body, or of its items, if it is typed.
    pub fn schema(&self) -> Option<&Value> {
        match self {
            Self::Json { schema } => Some(schema),
            Self::Events { item } | Self::JsonLines { item } | Self::JsonSequence { item } => {
                item.as_ref()
            }
            Self::None | Self::Text | Self::Bytes | Self::Upgrade => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_key_is_read_and_written_as_the_document_has_it() {
        for key in ["200", "404", "2XX", "default"] {
            let pattern = StatusPattern::parse(key).expect("is a key");
            assert_eq!(pattern.to_string(), key);
        }
        assert_eq!(StatusPattern::parse("4xx"), Some(StatusPattern::Range(4)));
        for key in ["", "20", "2000", "6XX", "x-note", "99"] {
            assert_eq!(StatusPattern::parse(key), None, "{key}");
        }
    }
}
