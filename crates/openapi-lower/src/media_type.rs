//! What several passes ask of a media type.

use openapi_document::is_json_lines;
use serde_json::{Map, Value};

use crate::schema::{component_name, resolved, type_of};

/// How the bodies of a media type are written, in the order in which a client prefers to send them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Notation {
    /// One JSON text.
    Json,
    /// A form with parts, `multipart/form-data`.
    Multipart,
    /// A form, `application/x-www-form-urlencoded`.
    Form,
    /// Text.
    Text,
    /// Anything else, which is bytes to a client.
    Bytes,
    /// Server-sent events.
    Events,
    /// JSON texts, each in its line.
    JsonLines,
    /// JSON texts, each behind a record separator.
    JsonSequence,
}

impl Notation {
    /// Of a body by its media type and schema. What a wildcard stands for is seen from the schema.
    pub(crate) fn of(components: &Map<String, Value>, media_type: &str, media: &Value) -> Self {
        let essence = essence(media_type);
        let schema = media.get("schema").map(|s| resolved(components, s));
        match essence.as_str() {
            "text/event-stream" => Self::Events,
            lines if is_json_lines(lines) => Self::JsonLines,
            "application/json-seq" => Self::JsonSequence,
            "multipart/form-data" => Self::Multipart,
            "application/x-www-form-urlencoded" => Self::Form,
            json if is_json(json) || json == "application/*+json" => Self::Json,
            any if any.contains('*') => match schema.filter(|schema| !is_empty(schema)) {
                Some(schema) if is_binary(schema) => Self::Bytes,
                Some(schema) if type_of(schema) == Some("string") => Self::Text,
                Some(_) if any == "*/*" || any == "application/*" => Self::Json,
                _ if any == "text/*" => Self::Text,
                _ => Self::Bytes,
            },
            text if text.starts_with("text/") => match schema {
                Some(schema) if is_binary(schema) => Self::Bytes,
                _ => Self::Text,
            },
            _ => Self::Bytes,
        }
    }

    /// Whether its bodies are streams of items.
    pub(crate) fn is_stream(self) -> bool {
        self >= Self::Events
    }
}

/// Whether a media type is JSON by its name: `application/json`, or any with the suffix `+json`
/// (RFC 6839 section 3.1), parameters aside; but for the one that is many JSON texts.
pub fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence == "application/json"
        || essence == "text/json"
        || essence.ends_with("+json") && !is_json_lines(&essence)
}

/// A media type without its parameters, in lower case.
pub(crate) fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// What a media type adds to the name of a call that is made for it: `csv`, `vnd-api`.
pub(crate) fn suffix(media_type: &str, notation: Notation) -> String {
    match notation {
        Notation::Multipart => "multipart".to_owned(),
        Notation::Form => "form".to_owned(),
        Notation::Events => "events".to_owned(),
        Notation::JsonLines | Notation::JsonSequence => "items".to_owned(),
        _ if media_type.contains('*') => "bytes".to_owned(),
        _ => match essence(media_type).as_str() {
            "text/plain" => "text".to_owned(),
            "application/octet-stream" => "bytes".to_owned(),
            essence => {
                let subtype = essence.split('/').next_back().unwrap_or_default();
                let subtype = subtype.split('+').next().unwrap_or_default();
                subtype.trim_start_matches("x-").to_owned()
            }
        },
    }
}

/// Whether the instances of a schema are bytes.
pub(crate) fn is_binary(schema: &Value) -> bool {
    schema["type"] == "string" && schema["format"] == "binary"
}

fn is_empty(schema: &Value) -> bool {
    schema.as_object().is_none_or(Map::is_empty)
}

/// The members of the objects that a schema allows, in its order, through its parts and choices.
pub(crate) fn members(components: &Map<String, Value>, schema: &Value) -> Vec<(String, Value)> {
    let mut found: Vec<(String, Value)> = Vec::new();
    let mut seen = Vec::new();
    let mut waiting = vec![schema];
    while let Some(schema) = waiting.pop() {
        if let Some(name) = component_name(schema) {
            // A choice may refer to what it is a part of.
            if seen.contains(&name) {
                continue;
            }
            seen.push(name);
        }
        let schema = resolved(components, schema);
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            if !found.iter().any(|(known, _)| known == name) {
                found.push((name.clone(), member.clone()));
            }
        }
        for keyword in ["oneOf", "anyOf", "allOf"] {
            waiting.extend(schema[keyword].as_array().into_iter().flatten().rev());
        }
    }
    found
}

/// Whether a form of this schema has files.
pub(crate) fn has_files(components: &Map<String, Value>, schema: &Value) -> bool {
    let members = members(components, schema);
    members
        .iter()
        .any(|(_, member)| files(components, member).is_some())
}

/// How many files a member of a form is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Files {
    /// One.
    One,
    /// Any number.
    List,
}

/// How many files a member of a form is; none when it is something else, or may be.
pub(crate) fn files(components: &Map<String, Value>, schema: &Value) -> Option<Files> {
    let schema = resolved(components, schema);
    if is_binary(schema) {
        return Some(Files::One);
    }
    if let Some(items) = schema.get("items") {
        return is_binary(resolved(components, items)).then_some(Files::List);
    }
    let parts = ["oneOf", "anyOf", "allOf"];
    let parts = parts
        .iter()
        .find_map(|keyword| schema[keyword].as_array())?;
    let parts = parts.iter().map(|part| match component_name(part) {
        // What is a choice again is told by its own name.
        Some(name) => components
            .get(&name)
            .filter(|part| is_binary(part))
            .map(|_| Files::One),
        None => files(components, part),
    });
    let parts: Option<Vec<Files>> = parts.collect();
    parts?.into_iter().max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_media_type_is_written_as_its_name_and_schema_say() {
        let of = |media_type: &str, schema: Value| {
            Notation::of(&Map::new(), media_type, &json!({ "schema": schema }))
        };
        let text = || json!({ "type": "string" });
        let binary = || json!({ "type": "string", "format": "binary" });
        let object = || json!({ "type": "object" });
        for (media_type, schema, expected) in [
            ("application/vnd.x+JSON; v=1", object(), Notation::Json),
            ("*/*", object(), Notation::Json),
            ("*/*", text(), Notation::Text),
            ("*/*", binary(), Notation::Bytes),
            ("*/*", json!({}), Notation::Bytes),
            ("image/*", object(), Notation::Bytes),
            ("text/csv", text(), Notation::Text),
            ("text/csv", binary(), Notation::Bytes),
            ("text/event-stream", object(), Notation::Events),
            ("application/x-ndjson", object(), Notation::JsonLines),
            ("application/stream+json", object(), Notation::JsonLines),
            ("application/json-seq", object(), Notation::JsonSequence),
            ("application/pdf", text(), Notation::Bytes),
        ] {
            assert_eq!(of(media_type, schema), expected, "{media_type}");
        }
    }

    #[test]
    fn json_is_told_by_its_name() {
        for name in [
            "application/json",
            "application/problem+json; v=1",
            "text/JSON",
        ] {
            assert!(is_json(name), "{name}");
        }
        for name in [
            "application/stream+json",
            "application/x-ndjson",
            "text/plain",
        ] {
            assert!(!is_json(name), "{name}");
        }
    }

    #[test]
    fn a_suffix_says_what_is_sent() {
        for (media_type, notation, expected) in [
            ("text/csv; header=present", Notation::Text, "csv"),
            ("application/x-tar", Notation::Bytes, "tar"),
            ("application/atom+xml", Notation::Bytes, "atom"),
            ("image/*", Notation::Bytes, "bytes"),
        ] {
            assert_eq!(suffix(media_type, notation), expected);
        }
    }

    #[test]
    fn a_member_is_as_many_files_as_it_may_be() {
        let file = json!({ "type": "string", "format": "binary" });
        let list = json!({ "type": "array", "items": file });
        for (schema, expected) in [
            (json!({ "anyOf": [file, list] }), Some(Files::List)),
            (
                json!({ "allOf": [file], "nullable": true }),
                Some(Files::One),
            ),
            (json!({ "anyOf": [file, { "type": "string" }] }), None),
            (list, Some(Files::List)),
            (file, Some(Files::One)),
            (json!({}), None),
        ] {
            assert_eq!(files(&Map::new(), &schema), expected, "{schema}");
        }
    }

    #[test]
    fn members_are_found_through_parts_and_choices() {
        let components = json!({ "A": { "properties": { "a": {} } } });
        let components = components.as_object().expect("is an object");
        let schema = json!({
            "allOf": [{ "$ref": "#/components/schemas/A" }, { "properties": { "b": {} } }],
            "oneOf": [{ "properties": { "c": {}, "a": { "type": "string" } } }],
        });
        let names: Vec<String> = members(components, &schema)
            .into_iter()
            .map(|(n, _)| n)
            .collect();
        assert_eq!(names, ["a", "b", "c"]);
    }
}
