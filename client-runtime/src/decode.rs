//! Decoding JSON, with errors that say where and show no value.
//!
//! A decoder's own message quotes the value that it refuses, which may be a secret. So the message is
//! taken apart: what was found is named by its kind only.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::json_path;

/// Why a body is not of its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DecodeError {
    /// The JSONPath of the value that is refused.
    path: String,
    what: String,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, what } = self;
        write!(
            f,
            "the response is not of its documented type at {path}: {what}"
        )
    }
}

/// Decodes a body. One without any content is decoded as `null`, which optional types take.
pub(crate) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    let is_empty = body.trim_ascii().is_empty();
    let json = if is_empty { b"null" } else { body };
    serde_json::from_slice(json).map_err(|error| match is_empty {
        true => DecodeError {
            path: "$".to_owned(),
            what: "the body is empty".to_owned(),
        },
        false => DecodeError {
            path: json_path::of_error(body, &error),
            what: without_values(&error),
        },
    })
}

/// The message of a decoder without the values of the document. What a schema says (names of types,
/// of fields, of expected values) stays.
fn without_values(error: &serde_json::Error) -> String {
    if !error.is_data() {
        return match error.is_eof() {
            true => "the JSON breaks off".to_owned(),
            false => format!(
                "it is not JSON (line {} column {})",
                error.line(),
                error.column()
            ),
        };
    }
    let message = error.to_string();
    let message = message
        .rsplit_once(" at line ")
        .map_or(&*message, |(message, _)| message);
    for of_the_schema in ["missing field ", "duplicate field ", "data did not match any variant"] {
        if message.starts_with(of_the_schema) {
            return message.to_owned();
        }
    }
    let expected = message
        .rsplit_once(", expected ")
        .map(|(_, expected)| format!(", expected {expected}"))
        .unwrap_or_default();
    for (prefix, kinds) in [
        ("invalid type: ", KINDS),
        ("invalid value: ", KINDS),
        ("invalid length ", &[][..]),
        ("unknown variant ", &[]),
        ("unknown field ", &[]),
    ] {
        if let Some(found) = message.strip_prefix(prefix) {
            let kind = kinds.iter().find(|kind| found.starts_with(**kind));
            let kind = kind.copied().unwrap_or_default();
            let start = format!("{prefix}{kind}");
            return format!("{}{expected}", start.trim_end_matches([' ', ':']));
        }
    }
    "the value is refused".to_owned()
}

/// What serde calls a value that it did not expect (`serde::de::Unexpected`).
const KINDS: &[&str] = &[
    "boolean",
    "integer",
    "floating point",
    "character",
    "string",
    "byte array",
    "unit value",
    "null",
    "Option value",
    "newtype struct",
    "sequence",
    "map",
    "enum",
    "unit variant",
    "newtype variant",
    "tuple variant",
    "struct variant",
];
