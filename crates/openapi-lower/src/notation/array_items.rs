//! Adds a schema of the items to every array, and replaces `items: false` with a maximum length.
//!
//! Before (3.1): `{type: array}`, `{type: array, items: false}`, `{prefixItems: [A, B], items: false}`,
//! `{prefixItems: [A, false, B]}`.
//! After: `{type: array, items: {}}`, `{type: array, items: {}, maxItems: 0}`, `{prefixItems: [A, B], items: {},
//! maxItems: 2}`, `{prefixItems: [A], items: {}, maxItems: 1}`.

use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value, json};

use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "array-items",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        let mut length = None;
        if let Some(Value::Array(prefix)) = keywords.get_mut("prefixItems") {
            if let Some(end) = prefix.iter().position(is_never) {
                prefix.truncate(end);
                length = Some(end);
            }
            if prefix.is_empty() {
                keywords.shift_remove("prefixItems");
            }
        }
        let prefix = keywords.get("prefixItems").and_then(Value::as_array);
        let prefix = prefix.map_or(0, Vec::len);
        if keywords.get("items").is_some_and(is_never) {
            length = Some(prefix);
        }
        if let Some(length) = length {
            shorten(keywords, length);
            let why = "no value is valid for its later items";
            notes.add(pointer, format!("limited to {length} items"), why);
        }
        let is_array = keywords.get("type").and_then(Value::as_str) == Some("array") || prefix > 0;
        let has_schema = keywords.get("items").is_some_and(Value::is_object);
        if length.is_some() || !has_schema && (is_array || keywords.contains_key("items")) {
            keywords.insert("items".to_owned(), json!({}));
            notes.add(
                pointer,
                "allowed any items",
                "an array needs a schema of its items",
            );
        }
    });
}

/// Limits the number of items.
pub(crate) fn shorten(keywords: &mut Map<String, Value>, length: usize) {
    let known = keywords.get("maxItems").and_then(Value::as_u64);
    let length = known.map_or(length as u64, |known| known.min(length as u64));
    keywords.insert("maxItems".to_owned(), length.into());
}

fn is_never(schema: &Value) -> bool {
    *schema == false || *schema == json!({ "not": {} })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schema;

    #[test]
    fn items_that_cannot_be_limit_the_length() {
        let (string, any) = (json!({ "type": "string" }), json!({}));
        for (schema, expected) in [
            (
                json!({ "type": "array" }),
                json!({ "type": "array", "items": any }),
            ),
            (json!({ "items": true }), json!({ "items": any })),
            (
                json!({ "items": false, "maxItems": 3 }),
                json!({ "items": any, "maxItems": 0 }),
            ),
            (
                json!({ "prefixItems": [string, string], "items": false }),
                json!({ "prefixItems": [string, string], "items": any, "maxItems": 2 }),
            ),
            (
                json!({ "prefixItems": [string, false, string], "items": string }),
                json!({ "prefixItems": [string], "items": any, "maxItems": 1 }),
            ),
            (
                json!({ "prefixItems": [string] }),
                json!({ "prefixItems": [string], "items": any }),
            ),
        ] {
            assert_eq!(run_on_schema(&PASS, schema.clone()), expected, "{schema}");
        }
    }
}
