//! Leaves every answer one body that generated calls can read: JSON, a stream, or none.
//!
//! Before: a success of `text/plain`, of `application/pdf`, of `text/event-stream` with a schema of
//! its events; an error of `text/plain`.
//! After: a string in JSON, which the session of the client makes of the text (`x-success: text`); a
//! stream of bytes; a stream of bytes whose items have a component of their own (`x-success:
//! stream`); a string again (`x-error: text`).
//!
//! What a call asks for goes into `x-accept` where it is not plain JSON. Where bytes come by several
//! names, or by a wildcard, the call gets a parameter `Accept` to say which.

use std::collections::BTreeSet;

use openapi_document::walk::operations;
use openapi_document::{Pointer, copy_members};
use serde_json::{Map, Value, json};

use super::error_types::is_error;
use super::json_media_types::{ASKED_FOR, is_json};
use super::media_type::{Notation, essence};
use super::schema::{Names, components};
use super::success_types::is_success;
use super::{Notes, Pass, Reduced, stream_items};
use crate::rust_name::pascal;

pub(super) const PASS: Pass = Pass {
    name: "answer-media-types",
    run,
};

const JSON: &str = "application/json";
const WHY: &str = "generated calls read JSON, and stream everything else";

fn run(root: &mut Value, notes: &mut Notes) {
    let components = copy_members(components(root));
    let mut names = Names::of(&components);
    for (pointer, _, _) in operations(root) {
        let Some(mut operation) = pointer.get(root).cloned() else {
            continue;
        };
        let here = pointer.join("responses");
        let asked_for = read_successes(&components, &mut operation, &here, notes);
        read_errors(&components, &mut operation, &here, notes);
        let id = pascal(operation["operationId"].as_str().unwrap_or_default());
        name_items(root, &mut names, (&id, &here), &mut operation, notes);
        let is_bytes = operation["x-success"] == "stream";
        if is_bytes && (asked_for.len() > 1 || asked_for.iter().any(|name| name.contains('*'))) {
            choose(&mut operation, "Accept", &asked_for);
        }
        if asked_for.iter().any(|name| name != JSON) {
            operation["x-accept"] = asked_for.join(", ").into();
        }
        if let Some(place) = pointer.get_mut(root) {
            *place = operation;
        }
    }
}

/// Gives an operation a header parameter for one of several media types.
pub(super) fn choose(operation: &mut Value, header: &str, media_types: &[String]) {
    let mut schema = json!({ "type": "string" });
    if !media_types.iter().any(|name| name.contains('*')) {
        schema["enum"] = media_types.into();
    }
    let names = media_types.join("`, `");
    let parameter = json!({
        "name": header,
        "in": "header",
        "required": header == "Content-Type",
        "description": format!("The media type of the body: `{names}`."),
        "schema": schema,
    });
    match operation.get_mut("parameters") {
        Some(Value::Array(parameters)) => parameters.push(parameter),
        _ => operation["parameters"] = json!([parameter]),
    }
}

/// Leaves each success one body, and gives the media types to ask for.
fn read_successes(
    components: &Map<String, Value>,
    operation: &mut Value,
    pointer: &Pointer,
    notes: &mut Notes,
) -> Vec<String> {
    let mut typed = Vec::new();
    let mut streamed = Vec::new();
    let mut has_text = false;
    for (status, answer) in answers_mut(operation).filter(|(status, _)| is_success(status)) {
        let Some(Value::Object(content)) = answer.get_mut("content") else {
            continue;
        };
        let pointer = pointer.join(status).join("content");
        let preferred = content
            .iter()
            .map(|(name, media)| (Notation::of(components, name, media), name.clone()))
            .min_by_key(|(notation, _)| *notation);
        let Some((notation, name)) = preferred else {
            continue;
        };
        match notation {
            Notation::Json => {
                typed.push(asked_for_by(&content[&name], &name));
                take_as_json(content, &name, &pointer, notes);
            }
            Notation::Text | Notation::Form | Notation::Multipart => {
                typed.push(name.clone());
                has_text = true;
                take_as_text(content, &name, &pointer, notes);
            }
            Notation::Bytes => {
                streamed.extend(content.keys().cloned());
                note_untyped(components, content, &pointer, notes);
            }
            Notation::Events | Notation::JsonLines | Notation::JsonSequence => {
                content.retain(|other, _| *other == name);
                streamed.push(name);
            }
        }
    }
    // What is typed is read whole, and nothing else can be read beside it.
    for names in [&mut typed, &mut streamed] {
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
    }
    let (asked_for, reading) = match (typed.is_empty(), streamed.is_empty()) {
        (true, true) => return Vec::new(),
        (true, false) => (streamed, "stream"),
        (false, _) if has_text => (typed, "text"),
        (false, _) => return typed,
    };
    operation["x-success"] = reading.into();
    asked_for
}

fn answers_mut(operation: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    let answers = operation.get_mut("responses");
    let answers = answers.and_then(Value::as_object_mut);
    answers.into_iter().flatten()
}

/// By which name a JSON answer is asked for.
fn asked_for_by(media: &Value, name: &str) -> String {
    let name = media[ASKED_FOR].as_str().unwrap_or(name);
    match essence(name).as_str() {
        JSON => JSON.to_owned(),
        wildcard if wildcard.contains('*') => JSON.to_owned(),
        _ => name.to_owned(),
    }
}

fn take_as_json(
    content: &mut Map<String, Value>,
    name: &str,
    pointer: &Pointer,
    notes: &mut Notes,
) {
    let Some(mut media) = content.shift_remove(name) else {
        return;
    };
    if let Some(members) = media.as_object_mut() {
        members.shift_remove("encoding");
        members.shift_remove(ASKED_FOR);
        members.entry("schema").or_insert_with(|| json!({}));
    }
    if name != JSON {
        notes.add(pointer, format!("`{name}` became `{JSON}`"), WHY);
    }
    content.clear();
    content.insert(JSON.to_owned(), media);
}

fn take_as_text(
    content: &mut Map<String, Value>,
    name: &str,
    pointer: &Pointer,
    notes: &mut Notes,
) {
    let description = content[name]["schema"].get("description").cloned();
    let mut schema = json!({ "type": "string" });
    if let Some(description) = description {
        schema["description"] = description;
    }
    content.clear();
    content.insert(JSON.to_owned(), json!({ "schema": schema }));
    notes.add(pointer, format!("`{name}` became a string"), WHY);
}

/// A schema of something that is not read is no use to anyone.
fn note_untyped(
    components: &Map<String, Value>,
    content: &Map<String, Value>,
    pointer: &Pointer,
    notes: &mut Notes,
) {
    for (name, media) in content {
        let schema = media
            .get("schema")
            .map(|s| super::schema::resolved(components, s));
        if schema.is_some_and(|schema| schema.get("properties").is_some()) {
            notes.add_reduced(
                &pointer.join(name),
                "left it a stream of bytes",
                WHY,
                Reduced::updating(
                    format!("you get the bytes of `{name}` and decode them yourself; its schema makes no type"),
 pointer,
 "{application/json: {schema: {}}}",
),
            );
        }
    }
}

/// Leaves each error JSON or nothing. Text is a string where no error of the operation is JSON.
fn read_errors(
    components: &Map<String, Value>,
    operation: &mut Value,
    pointer: &Pointer,
    notes: &mut Notes,
) {
    let json_of = |content: &Map<String, Value>| {
        let mut names = content.iter();
        let found = names.find(|(name, media)| {
            is_json(name) || Notation::of(components, name, media) == Notation::Json
        });
        found.map(|(name, _)| name.clone())
    };
    let mut has_json = false;
    for (status, answer) in answers_mut(operation).filter(|(status, _)| is_error(status)) {
        if let Some(Value::Object(content)) = answer.get_mut("content")
            && let Some(name) = json_of(content)
        {
            has_json = true;
            let pointer = pointer.join(status).join("content");
            take_as_json(content, &name, &pointer, notes);
        }
    }
    let mut is_text = false;
    for (status, answer) in answers_mut(operation).filter(|(status, _)| is_error(status)) {
        let Some(Value::Object(content)) = answer.get_mut("content") else {
            continue;
        };
        let Some(name) = content.keys().next().filter(|name| *name != JSON).cloned() else {
            continue;
        };
        let pointer = pointer.join(status).join("content");
        if has_json {
            content.clear();
            notes.add(
                &pointer,
                format!("dropped `{name}`"),
                "a generated call has one type of error; this one is reported with its status and body",
            );
        } else {
            is_text = true;
            take_as_text(content, &name, &pointer, notes);
        }
    }
    if is_text {
        operation["x-error"] = "text".into();
    }
}

/// Makes a component of what a stream's items are, so that there is a type of that name.
fn name_items(
    root: &mut Value,
    names: &mut Names,
    (id, here): (&str, &Pointer),
    operation: &mut Value,
    notes: &mut Notes,
) {
    for (status, answer) in answers_mut(operation).filter(|(status, _)| is_success(status)) {
        let media = answer.get_mut("content").and_then(Value::as_object_mut);
        for (name, media) in media.into_iter().flatten() {
            let notation = Notation::of(&Map::new(), name, media);
            if !notation.is_stream() {
                continue;
            }
            let media_type = here.join(status).join("content").join(name);
            // The array is the stream. The data of an event can be an array itself.
            let of_array = stream_items::described(components(root), media, &media_type);
            let of_array = of_array.filter(|_| notation != Notation::Events);
            // OpenAPI 3.2 says of what type one item is, earlier versions have but the schema.
            let item = media.get("itemSchema").or(media.get("schema")).cloned();
            let (item, places) = match (of_array, item) {
                (Some((item, place)), _) => (item, vec![place]),
                (None, Some(item)) => {
                    let places = ["itemSchema", "schema"];
                    (item, places.map(|keyword| media_type.join(keyword)).into())
                }
                (None, None) => continue,
            };
            media["schema"] = stream_items::named(root, names, id, (item, &places), notes);
            if let Some(media) = media.as_object_mut() {
                media.shift_remove("itemSchema");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::json_media_types::remember;
    use crate::lower::schema::reference;
    use crate::lower::testing::{losses, run};

    fn operation(responses: Value) -> Value {
        json!({ "paths": { "/a": { "get": { "operationId": "get", "responses": responses } } } })
    }

    fn lowered(responses: Value) -> (Value, Value) {
        let (mut after, _) = run(&PASS, operation(responses));
        let schemas = after["components"]["schemas"].take();
        (after["paths"]["/a"]["get"].take(), schemas)
    }

    fn content(content: Value) -> Value {
        json!({ "content": content })
    }

    #[test]
    fn text_becomes_a_string() {
        let text = json!({ "text/plain": { "schema": { "type": "string", "description": "d" } } });
        let (after, _) = lowered(json!({ "200": content(text.clone()), "400": content(text) }));
        let string = json!({ "schema": { "type": "string", "description": "d" } });
        assert_eq!(
            after["responses"]["200"]["content"],
            json!({ JSON: string })
        );
        assert_eq!(
            after["responses"]["400"]["content"],
            json!({ JSON: string })
        );
        assert_eq!(after["x-success"], "text");
        assert_eq!(after["x-error"], "text");
        assert_eq!(after["x-accept"], "text/plain");
    }

    #[test]
    fn bytes_by_several_names_are_chosen_from() {
        let images = json!({ "image/png": {}, "image/jpeg": {} });
        let (after, _) = lowered(json!({ "200": content(images.clone()) }));
        assert_eq!(after["responses"]["200"]["content"], images);
        assert_eq!(after["x-success"], "stream");
        assert_eq!(after["x-accept"], "image/png, image/jpeg");
        let parameter = &after["parameters"][0];
        assert_eq!(parameter["name"], "Accept");
        assert_eq!(
            parameter["schema"]["enum"],
            json!(["image/png", "image/jpeg"])
        );
    }

    #[test]
    fn the_items_of_a_stream_get_a_type() {
        let item = json!({ "type": "object", "properties": { "a": {} } });
        let (after, schemas) =
            lowered(json!({ "200": content(json!({ "text/event-stream": { "schema": item } })) }));
        let media = &after["responses"]["200"]["content"]["text/event-stream"];
        assert_eq!(media["schema"], reference("GetItem"));
        assert_eq!(schemas["GetItem"], item);
        assert_eq!(after["x-accept"], "text/event-stream");
    }

    #[test]
    fn the_items_of_lines_are_those_of_the_array() {
        let item = json!({ "type": "object", "properties": { "a": {} } });
        let list = json!({ "type": "array", "items": item });
        for (media_type, typed) in [
            ("application/x-ndjson", true),
            ("application/json-seq", true),
            ("text/event-stream", false),
        ] {
            let media = content(json!({ media_type: { "schema": list } }));
            let (after, schemas) = lowered(json!({ "200": media }));
            let schema = &after["responses"]["200"]["content"][media_type]["schema"];
            let expected = if typed { &reference("GetItem") } else { &list };
            assert_eq!(schema, expected, "{media_type}");
            assert_eq!(schemas.get("GetItem"), typed.then_some(&item));
        }
    }

    #[test]
    fn json_is_asked_for_by_the_name_that_the_server_knows() {
        let mut media = json!({ "schema": {} });
        remember(&mut media, "application/vnd.x+json");
        let (after, _) = lowered(json!({ "200": content(json!({ JSON: media })) }));
        assert_eq!(after["x-accept"], "application/vnd.x+json");
        let (after, _) = lowered(
            json!({ "200": content(json!({ "*/*": { "schema": { "type": "object" } } })) }),
        );
        assert_eq!(
            after["responses"]["200"]["content"][JSON]["schema"]["type"],
            "object"
        );
        assert_eq!(after.get("x-accept"), None);
    }

    #[test]
    fn an_error_in_text_beside_one_in_json_is_left_to_be_unexpected() {
        let (after, _) = lowered(json!({
            "400": content(json!({ "application/json": { "schema": { "type": "object" } } })),
            "500": content(json!({ "text/html": {} })),
        }));
        assert_eq!(after["responses"]["500"]["content"], json!({}));
        assert_eq!(after.get("x-error"), None);
    }

    #[test]
    fn a_type_that_is_lost_is_said() {
        let xml = json!({ "application/xml": { "schema": { "properties": { "a": {} } } } });
        assert_eq!(
            losses(&PASS, operation(json!({ "200": content(xml) }))).len(),
            1
        );
    }
}
