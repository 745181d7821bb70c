//! The log that a client writes when it records (`Builder::record` of `client-runtime`): JSON Lines, one
//! object for each response. The bodies are redacted.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Body, Exchange, RequestPath};

#[derive(Deserialize)]
struct Line {
    method: String,
    /// The path template.
    path: String,
    status: u16,
    content_type: Option<String>,
    /// The body, if it is JSON. Null is also a body.
    #[serde(default, deserialize_with = "present")]
    json: Option<Value>,
    /// The body, if it is not JSON: its size in bytes.
    bytes: Option<usize>,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

pub(super) fn exchanges(name: &str, text: &str) -> Result<Vec<Exchange>, String> {
    let lines = text.lines().enumerate();
    let lines = lines.filter(|(_, line)| !line.trim().is_empty());
    let read = lines.map(|(index, line)| {
        let number = index + 1;
        let line: Line =
            serde_json::from_str(line).map_err(|error| format!("line {number}: {error}"))?;
        Ok(Exchange {
            source: format!("{name}, line {number}"),
            method: line.method,
            path: RequestPath::Template(line.path),
            query: Vec::new(),
            status: line.status,
            content_type: line.content_type,
            body: match (line.json, line.bytes) {
                (Some(json), _) => Body::Json(json),
                (None, Some(0)) => Body::Bytes(Vec::new()),
                (None, _) => Body::Unrecorded,
            },
        })
    });
    read.collect()
}
