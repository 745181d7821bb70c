//! The properties of media types and their bodies that several passes need.

pub(crate) use openapi_document::{essence, is_json};

use openapi_document::is_json_lines;
use serde_json::{Map, Value};

use crate::schema::{component_name, resolved, type_of};

/// The encodings of a body, in the order in which a client prefers them for requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Notation {
    /// One JSON document.
    Json,
    /// A form with parts, `multipart/form-data`.
    Multipart,
    /// A form, `application/x-www-form-urlencoded`.
    Form,
    /// A string.
    Text,
    /// Any other body; a client handles it as bytes.
    Bytes,
    /// Server-sent events.
    Events,
    /// JSON documents, one per line.
    JsonLines,
    /// JSON documents, each after a record separator.
    JsonSequence,
}

impl Notation {
    /// The notation of a body, by its media type and schema. The schema decides for wildcards.
    pub(crate) fn of(components: &Map<String, Value>, media_type: &str, media: &Value) -> Self {
        let essence = essence(media_type);
        let schema = media.get("schema").map(|s| resolved(components, s));
        match essence.as_str() {
            "text/event-stream" => Self::Events,
            lines if is_json_lines(lines) => Self::JsonLines,
            "application/json-seq" => Self::JsonSequence,
            "multipart/form-data" => Self::Multipart,
            "application/x-www-form-urlencoded" => Self::Form,
            json if is_json(json) || json == "application/*+json" => match schema {
                // JSON is not binary: a file that is declared as JSON is sent as bytes.
                Some(schema) if is_binary(schema) => Self::Bytes,
                _ => Self::Json,
            },
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

    /// True if its bodies are streams of items.
    pub(crate) fn is_stream(self) -> bool {
        self >= Self::Events
    }
}

/// The part of an operation id for a media type: `csv`, `vnd-api`.
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

/// True if the instances of a schema are bytes.
pub(crate) fn is_binary(schema: &Value) -> bool {
    schema["type"] == "string" && schema["format"] == "binary"
}

fn is_empty(schema: &Value) -> bool {
    schema.as_object().is_none_or(Map::is_empty)
}

/// The properties of the objects that a schema allows, in its order, including those of its parts and
/// choices.
pub(crate) fn all_properties(
    components: &Map<String, Value>,
    schema: &Value,
) -> Vec<(String, Value)> {
    let mut found: Vec<(String, Value)> = Vec::new();
    let mut seen = Vec::new();
    let mut waiting = vec![schema];
    while let Some(schema) = waiting.pop() {
        if let Some(name) = component_name(schema) {
            // A choice may refer to the schema that contains it.
            if seen.contains(&name) {
                continue;
            }
            seen.push(name);
        }
        let schema = resolved(components, schema);
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if !found.iter().any(|(known, _)| known == name) {
                found.push((name.clone(), property.clone()));
            }
        }
        for keyword in ["oneOf", "anyOf", "allOf"] {
            waiting.extend(schema[keyword].as_array().into_iter().flatten().rev());
        }
    }
    found
}

/// True if a form with this schema has files.
pub(crate) fn has_files(components: &Map<String, Value>, schema: &Value) -> bool {
    let properties = all_properties(components, schema);
    properties
        .iter()
        .any(|(_, property)| files(components, property).is_some())
}

/// The number of files in a property of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Files {
    /// One.
    One,
    /// Any number.
    List,
}

/// The number of files in a property of a form, or `None` if it can be something else.
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
        // Nested choices are found by their own name.
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
    fn the_notation_depends_on_media_type_and_schema() {
        let of = |media_type: &str, schema: Value| {
            Notation::of(&Map::new(), media_type, &json!({ "schema": schema }))
        };
        let string = || json!({ "type": "string" });
        let binary = || json!({ "type": "string", "format": "binary" });
        let object = || json!({ "type": "object" });
        for (media_type, schema, expected) in [
            ("application/vnd.x+JSON; v=1", object(), Notation::Json),
            ("application/json", string(), Notation::Json),
            ("application/json", binary(), Notation::Bytes),
            ("*/*", object(), Notation::Json),
            ("*/*", string(), Notation::Text),
            ("*/*", binary(), Notation::Bytes),
            ("*/*", json!({}), Notation::Bytes),
            ("image/*", object(), Notation::Bytes),
            ("text/csv", string(), Notation::Text),
            ("text/csv", binary(), Notation::Bytes),
            ("text/event-stream", object(), Notation::Events),
            ("application/x-ndjson", object(), Notation::JsonLines),
            ("application/stream+json", object(), Notation::JsonLines),
            ("application/json-seq", object(), Notation::JsonSequence),
            ("application/pdf", string(), Notation::Bytes),
        ] {
            assert_eq!(of(media_type, schema), expected, "{media_type}");
        }
    }

    #[test]
    fn json_is_recognized_by_its_name() {
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
    fn a_suffix_names_the_media_type() {
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
    fn the_files_of_a_property_are_counted() {
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
    fn properties_are_found_through_parts_and_choices() {
        let components = json!({ "A": { "properties": { "a": {} } } });
        let components = components.as_object().expect("is an object");
        let schema = json!({
            "allOf": [{ "$ref": "#/components/schemas/A" }, { "properties": { "b": {} } }],
            "oneOf": [{ "properties": { "c": {}, "a": { "type": "string" } } }],
        });
        let names: Vec<String> = all_properties(components, &schema)
            .into_iter()
            .map(|(n, _)| n)
            .collect();
        assert_eq!(names, ["a", "b", "c"]);
    }
}
