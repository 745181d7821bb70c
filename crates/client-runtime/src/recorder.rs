//! Records responses in a file, for a comparison with the API description.
//!
//! The file has one JSON object for each response (JSON Lines), with method, path template, status, media
//! type and body. Neither the URL nor headers nor the request are recorded, and the body is redacted.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::{Value, json};

use crate::operation::Operation;

/// The string that is recorded instead of a secret: `openapi_observe::REDACTED`.
const REDACTED: &str = "[redacted]";

/// A property whose name contains one of these, in lower case and without separators, may be a secret. The
/// list contains more than the names of strings that are typed as secrets, because an unnecessary
/// redaction does little harm.
const SECRET_WORDS: [&str; 11] = [
    "apikey",
    "auth",
    "cookie",
    "credential",
    "jwt",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "token",
];

/// Writes responses to a file.
pub(crate) struct Recorder {
    file: Mutex<File>,
    /// The names of properties that are secrets by the API description.
    secrets: &'static [&'static str],
    has_failed: AtomicBool,
}

impl Recorder {
    /// Opens the file, or creates it, readable for its owner only.
    ///
    /// # Errors
    /// The file cannot be opened for writing.
    pub(crate) fn open(path: &Path, secrets: &'static [&'static str]) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self {
            file: Mutex::new(options.open(path)?),
            secrets,
            has_failed: AtomicBool::new(false),
        })
    }

    /// Records a response. `body` is `None` if the caller streams it. A failure is only logged.
    pub(crate) fn record(
        &self,
        operation: &Operation,
        status: StatusCode,
        headers: &HeaderMap,
        body: Option<&[u8]>,
    ) {
        let content_type = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let mut line = json!({
            "operation": operation.id,
            "method": operation.method,
            "path": operation.path,
            "status": status.as_u16(),
            "content_type": content_type,
        });
        if let Some(body) = body {
            match serde_json::from_slice::<Value>(body) {
                Ok(mut json) => {
                    self.redact_root(&mut json);
                    line["json"] = json;
                }
                Err(_) => line["bytes"] = json!(body.len()),
            }
        }
        // One write for each line, so that processes can share a file.
        let line = format!("{line}\n");
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = file.write_all(line.as_bytes());
        if let Err(error) = written
            && !self.has_failed.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(%error, "a response could not be recorded");
        }
    }

    /// Redacts a body. A body that is only a string may be a token.
    fn redact_root(&self, body: &mut Value) {
        match body {
            Value::String(text) => *text = REDACTED.to_owned(),
            other => self.redact(other),
        }
    }

    fn redact(&self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.redact(item)),
            Value::Object(properties) => {
                for (name, value) in properties {
                    match self.is_secret(name) {
                        true => conceal(value),
                        false => self.redact(value),
                    }
                }
            }
            _ => {}
        }
    }

    fn is_secret(&self, name: &str) -> bool {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        let letters: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
        self.secrets.contains(&name) || SECRET_WORDS.iter().any(|word| letters.contains(word))
    }
}

/// Replaces all strings and numbers of a value. Null, the types of values and the names of properties
/// are kept.
fn conceal(value: &mut Value) {
    match value {
        Value::String(text) => *text = REDACTED.to_owned(),
        Value::Number(number) => *number = 0.into(),
        Value::Array(items) => items.iter_mut().for_each(conceal),
        Value::Object(properties) => properties.values_mut().for_each(conceal),
        Value::Null | Value::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_redacted_by_the_description_and_by_their_names() {
        let file = Mutex::new(File::open("Cargo.toml").expect("is there"));
        let recorder = Recorder {
            file,
            secrets: &["pin"],
            has_failed: AtomicBool::new(false),
        };
        for (body, expected) in [
            (json!("s3cret"), json!("[redacted]")),
            (
                json!({ "pin": 1234, "pins": 2 }),
                json!({ "pin": 0, "pins": 2 }),
            ),
            (
                json!([{ "accessToken": "s3cret", "name": "n" }]),
                json!([{ "accessToken": "[redacted]", "name": "n" }]),
            ),
            (
                json!({ "X-API-Key": ["s3cret"], "a": { "client_secret": null } }),
                json!({ "X-API-Key": ["[redacted]"], "a": { "client_secret": null } }),
            ),
            (
                json!({ "credentials": { "user": "u", "valid": true } }),
                json!({ "credentials": { "user": "[redacted]", "valid": true } }),
            ),
        ] {
            let mut redacted = body;
            recorder.redact_root(&mut redacted);
            assert_eq!(redacted, expected);
        }
    }
}
