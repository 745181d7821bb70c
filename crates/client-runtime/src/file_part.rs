//! Files in multipart forms (RFC 7578).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde::ser::SerializeTuple as _;
use serde::{Deserialize, Serialize, Serializer, de};

/// A file in a multipart form: its content, and optionally a name and a media type.
///
/// ```
/// use client_runtime::FilePart;
///
/// let file = FilePart::from("a;b\n").named("table.csv").of_type("text/csv");
/// assert_eq!(file.name(), Some("table.csv"));
/// ```
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(with = "Wire"))]
pub struct FilePart {
    content: Bytes,
    name: Option<String>,
    media_type: Option<String>,
}

impl FilePart {
    /// Sets the file name, which most servers require. The default is the name of the part.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the media type. The default is the one in the API description, or
    /// `application/octet-stream`.
    #[must_use]
    pub fn of_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// Returns the content.
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// Returns the file name.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the media type.
    pub fn media_type(&self) -> Option<&str> {
        self.media_type.as_deref()
    }
}

impl From<Bytes> for FilePart {
    fn from(content: Bytes) -> Self {
        Self {
            content,
            name: None,
            media_type: None,
        }
    }
}

impl From<Vec<u8>> for FilePart {
    fn from(content: Vec<u8>) -> Self {
        Bytes::from(content).into()
    }
}

impl From<&[u8]> for FilePart {
    fn from(content: &[u8]) -> Self {
        Bytes::copy_from_slice(content).into()
    }
}

impl From<String> for FilePart {
    fn from(content: String) -> Self {
        Bytes::from(content).into()
    }
}

impl From<&str> for FilePart {
    fn from(content: &str) -> Self {
        content.as_bytes().into()
    }
}

/// Writes the size instead of the content.
impl fmt::Debug for FilePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilePart")
            .field("content", &format_args!("{} bytes", self.content.len()))
            .field("name", &self.name)
            .field("media_type", &self.media_type)
            .finish()
    }
}

/// A file in JSON, where it has no bytes.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
struct Wire {
    base64: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
}

/// The name of the newtype that a file serializes as. The serializer of forms detects it and uses the
/// bytes directly.
pub(crate) const RAW_FILE_PART: &str = "client_runtime::FilePart";

/// Serializes as bytes for a form, and as base64 for JSON.
impl Serialize for FilePart {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(RAW_FILE_PART, &Parts(self))
    }
}

struct Parts<'a>(&'a FilePart);

impl Serialize for Parts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(file) = self;
        if serializer.is_human_readable() {
            let wire = Wire {
                base64: BASE64.encode(&file.content),
                name: file.name.clone(),
                media_type: file.media_type.clone(),
            };
            return wire.serialize(serializer);
        }
        let mut parts = serializer.serialize_tuple(3)?;
        parts.serialize_element(&RawBytes(&file.content))?;
        parts.serialize_element(&file.name)?;
        parts.serialize_element(&file.media_type)?;
        parts.end()
    }
}

struct RawBytes<'a>(&'a [u8]);

impl Serialize for RawBytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de> Deserialize<'de> for FilePart {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        let content = BASE64.decode(&wire.base64).map_err(de::Error::custom)?;
        Ok(Self {
            content: content.into(),
            name: wire.name,
            media_type: wire.media_type,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn any_bytes_survive_json_and_a_form() {
        let all: Vec<u8> = (0..=255).collect();
        let file = FilePart::from(all).named("a \"b\"").of_type("image/png");
        let encoded = serde_json::to_value(&file).expect("encodes");
        let decoded: FilePart = serde_json::from_value(encoded).expect("decodes");
        assert_eq!(decoded, file);
        assert_eq!(Value::of(&file).ok(), Some(Value::File(file)));
    }

    #[test]
    fn debug_does_not_show_the_content() {
        let shown = format!("{:?}", FilePart::from("private"));
        assert!(
            shown.contains("7 bytes") && !shown.contains("private"),
            "{shown}"
        );
    }
}
