//! Decoding of JSON, with errors that contain the location and no value.
//!
//! The messages of serde quote the rejected value, which may be a secret. Each message is therefore
//! rewritten to name only the kind of the value.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::json_path::{self, JsonPath};
use crate::located_schema::{LocatedSchema, Mismatch};

/// Why a body does not have the expected type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DecodeError {
    /// The path of the rejected value.
    path: JsonPath,
    what: String,
    /// `None` if the body is not JSON.
    mismatch: Option<Mismatch>,
}

impl DecodeError {
    /// Returns true if the body is not JSON.
    pub(crate) fn is_not_json(&self) -> bool {
        self.mismatch.is_none()
    }

    /// Returns overlay actions, as a JSON array, after which the API description allows the body.
    /// `schema` is the documented schema of the body.
    pub(crate) fn overlay_actions(&self, schema: &LocatedSchema) -> Option<String> {
        schema.overlay_actions(&self.path.0, self.mismatch.as_ref()?)
    }

    /// Writes the message, in which the body is called `subject`.
    pub(crate) fn describe(&self, subject: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, what, .. } = self;
        write!(
            f,
            "the {subject} does not have its documented type at {path}: {what}"
        )
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe("response", f)
    }
}

/// Decodes a body. An empty body is decoded as `null`, which optional types accept.
pub(crate) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    let is_empty = body.trim_ascii().is_empty();
    let json = if is_empty { b"null" } else { body };
    serde_json::from_slice(json).map_err(|error| match is_empty {
        true => DecodeError {
            path: JsonPath::default(),
            what: "the body is empty".to_owned(),
            mismatch: None,
        },
        false => {
            let path = json_path::of_error(body, &error);
            DecodeError {
                what: without_values(&error),
                mismatch: mismatch(body, &path, &error),
                path,
            }
        }
    })
}

fn mismatch(body: &[u8], path: &JsonPath, error: &serde_json::Error) -> Option<Mismatch> {
    let document: Value = serde_json::from_slice(body).ok()?;
    if path.get(&document).is_some_and(Value::is_null) {
        return Some(Mismatch::Null);
    }
    let message = error.to_string();
    let missing = message.strip_prefix("missing field `");
    let missing = missing.and_then(|rest| rest.split_once('`'));
    Some(match missing {
        Some((name, _)) => Mismatch::Missing(name.to_owned()),
        None => Mismatch::Other,
    })
}

/// Returns the message of a serde error without values of the document. Names from the schema (types,
/// fields, expected values) stay.
fn without_values(error: &serde_json::Error) -> String {
    if !error.is_data() {
        return match error.is_eof() {
            true => "the JSON is incomplete".to_owned(),
            false => format!(
                "invalid JSON (line {} column {})",
                error.line(),
                error.column()
            ),
        };
    }
    let message = error.to_string();
    let message = message
        .rsplit_once(" at line ")
        .map_or(&*message, |(message, _)| message);
    for of_the_schema in [
        "missing field ",
        "duplicate field ",
        "data did not match any variant",
    ] {
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
    "the value was rejected".to_owned()
}

/// The names that serde gives to kinds of values (`serde::de::Unexpected`).
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

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::Value;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Card {
        number: u64,
        kind: Kind,
        owner: Option<Owner>,
        pair: Option<(u8, u8)>,
    }

    #[derive(Debug, Deserialize)]
    enum Kind {
        Debit,
    }

    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    #[allow(dead_code)]
    enum Owner {
        Id(u64),
    }

    #[test]
    fn a_message_names_the_cause_and_shows_no_value() {
        for (json, expected) in [
            (
                r#"{"number":"s3cret, expected s3cret","kind":"Debit"}"#,
                "$.number: invalid type: string, expected u64",
            ),
            (
                r#"{"number":-73,"kind":"Debit"}"#,
                "$.number: invalid value: integer, expected u64",
            ),
            (
                r#"{"number":7,"kind":"s3cret"}"#,
                "$.kind: unknown variant, expected `Debit`",
            ),
            (
                r#"{"s3cret":7}"#,
                "$: unknown field, expected one of `number`, `kind`, `owner`, `pair`",
            ),
            (r#"{"number":7}"#, "$: missing field `kind`"),
            (
                r#"{"number":7,"kind":"Debit","owner":"s3cret"}"#,
                "data did not match any variant of untagged enum Owner",
            ),
            (
                r#"{"number":7,"kind":"Debit","pair":[1]}"#,
                "invalid length",
            ),
            (
                r#"{"number":s3cret"#,
                "$.number: invalid JSON (line 1 column 11)",
            ),
            (r#"{"number":7"#, "the JSON is incomplete"),
            ("", "$: the body is empty"),
            (" \n", "$: the body is empty"),
        ] {
            let message = super::json::<Card>(json.as_bytes())
                .expect_err(json)
                .to_string();
            assert!(
                message.ends_with(expected) || message.contains(expected),
                "{message}"
            );
            assert!(
                !message.contains("s3cret") && !message.contains("73"),
                "{message}"
            );
        }
    }

    #[test]
    fn the_message_of_a_custom_type_is_not_shown() {
        #[derive(Debug, Deserialize)]
        #[serde(try_from = "String")]
        struct Rejecting;

        impl TryFrom<String> for Rejecting {
            type Error = String;

            fn try_from(value: String) -> Result<Self, String> {
                Err(format!("{value} is not allowed"))
            }
        }
        let error = super::json::<Rejecting>(b"\"s3cret\"").expect_err("is rejected");
        assert!(
            error.to_string().ends_with("$: the value was rejected"),
            "{error}"
        );
    }

    #[test]
    fn an_empty_body_decodes_as_null() {
        assert_eq!(super::json::<Option<u8>>(b""), Ok(None));
        assert_eq!(super::json::<Value>(b" "), Ok(Value::Null));
        assert!(super::json::<u8>(b"").is_err());
    }
}
