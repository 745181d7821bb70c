//! Leaves every request body one media type, one that generated calls can send.
//!
//! Before: `content: {application/xml: …, application/vnd.x+json: …}`, or `{multipart/form-data:
//! …}`.
//! After: `content: {application/json: …}`; `{application/octet-stream: {schema: {type: string,
//! format: binary}}}`, where the caller gives the encoded bytes.
//!
//! JSON is preferred, then forms, then plain text, then bytes. Where the media type that is sent
//! goes by another name, `x-content-type` on the operation has it, and the session of the client
//! puts it into the request.

use openapi_document::walk::operations_mut;
use serde_json::{Map, Value, json};

use super::json_media_types::is_json;
use super::{Notes, Pass};

pub(super) const PASS: Pass = Pass {
    name: "request-media-types",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    operations_mut(root, |pointer, _, _, operation| {
        let Some(body) = operation.get_mut("requestBody") else {
            return;
        };
        let Some(content) = body.get_mut("content").and_then(Value::as_object_mut) else {
            return;
        };
        let pointer = pointer.join("requestBody").join("content");
        let Some(chosen) = preferred(content) else {
            return;
        };
        let dropped: Vec<String> = content
            .keys()
            .filter(|name| **name != chosen)
            .cloned()
            .collect();
        if !dropped.is_empty() {
            notes.add(
                &pointer,
                format!("kept `{chosen}`, dropped `{}`", dropped.join("`, `")),
                "a generated call sends one media type",
            );
        }
        let schema = content
            .get(&chosen)
            .and_then(|media_type| media_type.get("schema"))
            .cloned()
            .unwrap_or_else(|| json!({}));
        let (sent, schema) = match kind(&chosen) {
            Sent::Json => ("application/json", schema),
            Sent::Form => ("application/x-www-form-urlencoded", schema),
            Sent::Text => ("text/plain", json!({ "type": "string" })),
            Sent::Bytes => (
                "application/octet-stream",
                json!({ "type": "string", "format": "binary" }),
            ),
        };
        if sent != chosen {
            notes.add(
                &pointer,
                format!("`{chosen}` is sent as `{sent}`"),
                "generated calls send JSON, forms, plain text and bytes",
            );
        }
        let restore = sent != chosen && !chosen.contains('*') && !chosen.starts_with("multipart/");
        content.clear();
        content.insert(sent.to_owned(), json!({ "schema": schema }));
        if restore {
            operation["x-content-type"] = chosen.into();
        }
    });
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sent {
    Json,
    Form,
    Text,
    Bytes,
}

fn kind(media_type: &str) -> Sent {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    match essence.to_ascii_lowercase().as_str() {
        essence if is_json(essence) => Sent::Json,
        // Anything goes, so JSON does.
        "*/*" | "application/*" => Sent::Json,
        "application/x-www-form-urlencoded" => Sent::Form,
        "text/plain" => Sent::Text,
        _ => Sent::Bytes,
    }
}

fn preferred(content: &Map<String, Value>) -> Option<String> {
    content.keys().min_by_key(|name| kind(name)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::run;

    fn lowered(content: Value) -> (Value, usize) {
        let (mut after, notes) = run(&PASS, posting(content));
        let content = after["paths"]["/a"]["post"]["requestBody"]["content"].take();
        (content, notes.len())
    }

    fn posting(content: Value) -> Value {
        json!({ "paths": { "/a": { "post": { "requestBody": { "content": content } } } } })
    }

    #[test]
    fn the_name_that_a_server_expects_is_kept_for_the_session() {
        let patch = json!({ "application/merge-patch+json": {} });
        let (after, _) = run(&PASS, posting(patch));
        assert_eq!(
            after["paths"]["/a"]["post"]["x-content-type"],
            "application/merge-patch+json"
        );
        let (after, _) = run(&PASS, posting(json!({ "application/json": {} })));
        assert_eq!(after["paths"]["/a"]["post"].get("x-content-type"), None);
    }

    #[test]
    fn json_by_any_name_is_preferred() {
        let schema = json!({ "type": "object" });
        assert_eq!(
            lowered(json!({
                "application/xml": {},
                "application/merge-patch+json": { "schema": schema },
            })),
            (json!({ "application/json": { "schema": schema } }), 2)
        );
    }

    #[test]
    fn what_cannot_be_typed_is_sent_as_bytes() {
        assert_eq!(
            lowered(json!({ "multipart/form-data": { "schema": { "type": "object" } } })),
            (
                json!({ "application/octet-stream": {
                    "schema": { "type": "string", "format": "binary" },
                } }),
                1
            )
        );
    }

    #[test]
    fn a_single_form_is_left_alone() {
        let content = json!({ "application/x-www-form-urlencoded": { "schema": {} } });
        assert_eq!(lowered(content.clone()), (content, 0));
    }
}
