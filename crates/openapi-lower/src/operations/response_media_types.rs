//! Converts every response body to one that calls can read: JSON, a string, or a stream.
//!
//! Before: a success of `application/pdf` with a schema, one of `text/event-stream` with a schema of its
//! events; JSON with `encoding`; `204` with `content`.
//! After: `application/pdf` is a stream of bytes; the events have a component; JSON only has a schema;
//! `204` has no content.
//!
//! A body with a binary schema is a stream of bytes for every media type, including `application/json`. If
//! bytes have several media types, or a wildcard, the call gets a parameter `Accept` that selects one.

use client_codegen::naming::pascal;
use client_codegen::plan::StatusPattern;
use openapi_document::walk::operations;
use openapi_document::{Pointer, compact_clone_object};
use serde_json::{Map, Value, json};

use crate::media_type::{Notation, is_json};
use crate::operations::media_type_parameter::add_media_type_parameter;
use crate::schema::{Names, components};
use crate::stream_items;
use crate::{Notes, Pass, Reduced};

pub(crate) const PASS: Pass = Pass {
    name: "response-media-types",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let components = compact_clone_object(components(root));
    let mut names = Names::of(&components);
    for (pointer, _, method) in operations(root) {
        let Some(mut operation) = pointer.get(root).cloned() else {
            continue;
        };
        let here = pointer.join("responses");
        drop_impossible_bodies(&method, &mut operation, &here, notes);
        read_bodies(&components, &mut operation, &here, notes);
        let id = pascal(operation["operationId"].as_str().unwrap_or_default());
        name_items(root, &mut names, (&id, &here), &mut operation, notes);
        if let Some(place) = pointer.get_mut(root) {
            *place = operation;
        }
    }
}

fn responses_mut(operation: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    let responses = operation.get_mut("responses");
    let responses = responses.and_then(Value::as_object_mut);
    responses.into_iter().flatten()
}

/// Removes the content of responses without a body: those of HEAD, and of the statuses 204, 205 and 304
/// (RFC 9110 section 15.3.5 and others).
fn drop_impossible_bodies(
    method: &str,
    operation: &mut Value,
    pointer: &Pointer,
    notes: &mut Notes,
) {
    for (status, response) in responses_mut(operation) {
        let is_empty = method == "head" || ["204", "205", "304"].contains(&status.as_str());
        let content = response.get("content").and_then(Value::as_object);
        if is_empty
            && content.is_some_and(|content| !content.is_empty())
            && let Some(response) = response.as_object_mut()
        {
            response.shift_remove("content");
            let pointer = pointer.join(status).join("content");
            notes.add(
                &pointer,
                "removed the content",
                "HTTP does not allow a body in this response",
            );
        }
    }
}

/// Converts each body to one that calls can read.
fn read_bodies(
    components: &Map<String, Value>,
    operation: &mut Value,
    pointer: &Pointer,
    notes: &mut Notes,
) {
    let mut streamed: Vec<String> = Vec::new();
    for (status, response) in responses_mut(operation) {
        let is_error = StatusPattern::parse(status)
            .and_then(StatusPattern::class)
            .is_some_and(|class| class > 3);
        let Some(Value::Object(content)) = response.get_mut("content") else {
            continue;
        };
        let pointer = pointer.join(status).join("content");
        for (name, media) in content {
            match Notation::of(components, name, media) {
                Notation::Json => {
                    let schema = media.get("schema").cloned().unwrap_or_else(|| json!({}));
                    *media = json!({ "schema": schema });
                }
                Notation::Text | Notation::Form | Notation::Multipart => {
                    *media = json!({ "schema": string(&media["schema"]) });
                }
                Notation::Bytes => {
                    if !is_error {
                        note_untyped(components, name, media, &pointer, notes);
                        if !streamed.contains(name) {
                            streamed.push(name.clone());
                        }
                    }
                    // Only the schema shows that this is not JSON.
                    *media = match is_json(name) {
                        true => json!({ "schema": { "type": "string", "format": "binary" } }),
                        false => json!({}),
                    };
                }
                Notation::Events | Notation::JsonLines | Notation::JsonSequence => {}
            }
        }
    }
    if streamed.len() > 1 || streamed.iter().any(|name| name.contains('*')) {
        add_media_type_parameter(operation, "Accept", &streamed);
    }
}

/// A schema of any string, with the description of `schema`.
fn string(schema: &Value) -> Value {
    let mut string = json!({ "type": "string" });
    if let Some(description) = schema.get("description") {
        string["description"] = description.clone();
    }
    string
}

/// Reports that the schema of a body is not used, because the body is not decoded.
fn note_untyped(
    components: &Map<String, Value>,
    name: &str,
    media: &Value,
    pointer: &Pointer,
    notes: &mut Notes,
) {
    let schema = media
        .get("schema")
        .map(|s| crate::schema::resolved(components, s));
    if schema.is_some_and(|schema| schema.get("properties").is_some()) {
        let loss = format!("you decode the bytes of `{name}` yourself; its schema has no type");
        notes.add_reduced(
            &pointer.join(name),
            "changed the body to a stream of bytes",
            "the client only decodes JSON and strings",
            Reduced::updating(loss, pointer, "{application/json: {schema: {}}}"),
        );
    }
}

/// Moves the schema of a stream's items to a component, so that the items have a type.
fn name_items(
    root: &mut Value,
    names: &mut Names,
    (id, here): (&str, &Pointer),
    operation: &mut Value,
    notes: &mut Notes,
) {
    for (status, response) in responses_mut(operation) {
        let media = response.get_mut("content").and_then(Value::as_object_mut);
        for (name, media) in media.into_iter().flatten() {
            let notation = Notation::of(&Map::new(), name, media);
            if !notation.is_stream() {
                continue;
            }
            let media_type = here.join(status).join("content").join(name);
            // The array is the stream. The data of an event can itself be an array.
            let of_array = stream_items::described(components(root), media, &media_type);
            let of_array = of_array.filter(|_| notation != Notation::Events);
            // OpenAPI 3.2 has the schema of one item; earlier versions only have `schema`.
            let item = media.get("itemSchema").or(media.get("schema")).cloned();
            let (item, places) = match (of_array, item) {
                (Some((item, place)), _) => (item, vec![place]),
                (None, Some(item)) => {
                    let places = ["itemSchema", "schema"];
                    (item, places.map(|keyword| media_type.join(keyword)).into())
                }
                (None, None) => continue,
            };
            let item = stream_items::named(root, names, id, (item, &places), notes);
            *media = json!({ "schema": item });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;
    use crate::testing::{losses, run};

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
    fn strings_have_no_constraints_and_json_has_a_schema() {
        let text = json!({ "text/plain": { "schema": { "pattern": "a", "description": "d" } } });
        let json = json!({ "application/problem+json": { "encoding": {} } });
        let (after, _) = lowered(json!({ "200": content(text), "400": content(json) }));
        assert_eq!(
            after["responses"],
            json!({
                "200": content(json!({
                    "text/plain": { "schema": { "type": "string", "description": "d" } },
                })),
                "400": content(json!({ "application/problem+json": { "schema": {} } })),
            })
        );
    }

    #[test]
    fn binary_schemas_are_bytes_whatever_the_media_type() {
        let binary =
            json!({ "schema": { "type": "string", "format": "binary", "description": "d" } });
        let files = json!({ "application/json": binary, "text/csv": binary });
        let (after, _) = lowered(json!({ "200": content(files) }));
        let files = &after["responses"]["200"]["content"];
        let kept = json!({ "schema": { "type": "string", "format": "binary" } });
        assert_eq!(files["application/json"], kept);
        assert_eq!(files["text/csv"], json!({}));
        let names = &after["parameters"][0]["schema"]["enum"];
        assert_eq!(*names, json!(["application/json", "text/csv"]));
    }

    #[test]
    fn bytes_with_several_media_types_have_a_parameter() {
        let images = json!({ "image/png": {}, "image/jpeg": {} });
        let (after, _) = lowered(json!({ "200": content(images.clone()) }));
        assert_eq!(after["responses"]["200"]["content"], images);
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
    fn responses_without_a_body_have_no_content() {
        let json = content(json!({ "application/json": {} }));
        let (after, _) = lowered(json!({ "200": json, "204": json, "304": json }));
        let has_content = |status: &str| after["responses"][status].get("content").is_some();
        assert_eq!(["200", "204", "304"].map(has_content), [true, false, false]);
    }

    #[test]
    fn a_lost_type_is_reported() {
        let xml = json!({ "application/xml": { "schema": { "properties": { "a": {} } } } });
        assert_eq!(
            losses(&PASS, operation(json!({ "200": content(xml) }))).len(),
            1
        );
    }
}
