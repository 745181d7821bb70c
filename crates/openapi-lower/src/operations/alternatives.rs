//! Adds an operation for each alternative media type of a request or a response.
//!
//! Before: `POST /speech` that accepts `application/json` or `multipart/form-data` with a different schema,
//! and responds with `application/json` or `text/event-stream`.
//! After: `POST /speech` with JSON in both directions, `POST /speech#with-multipart` and
//! `POST /speech#as-events`, with matching operation ids.
//!
//! A generated call has one media type in each direction. Fragments are not sent to the server (RFC 9110
//! section 7.1), so they distinguish operations with the same URL. The same schema in another notation is
//! not an alternative and gets no call: JSON has priority over forms, strings and bytes. Several media
//! types of bytes are one call with a parameter for the media type.

use openapi_document::walk::{ADDITIONAL_OPERATIONS, item_of, operation_pointer, operations};
use openapi_document::{Pointer, compact_clone_object};
use serde_json::{Map, Value};

use crate::media_type::{Notation, has_files, suffix};
use crate::operation_names::Ids;
use crate::schema::components;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "alternatives",
    run,
};

const WHY: &str = "a generated call has one media type in each direction";

fn run(root: &mut Value, notes: &mut Notes) {
    let components = compact_clone_object(components(root));
    let mut ids = Ids::of(root);
    for (pointer, path, method) in operations(root) {
        let Some(operation) = pointer.get_mut(root) else {
            continue;
        };
        let mut made = split_request(&components, operation, &pointer, notes);
        made.extend(split_responses(&components, operation, &pointer, notes));
        for (relation, mut alternative) in made {
            let id = alternative["operationId"].as_str().unwrap_or_default();
            let id = ids.free(&format!("{id}-{relation}"));
            notes.add(&pointer, format!("added the operation `{id}`"), WHY);
            alternative["operationId"] = id.into();
            let mut key = format!("{path}#{relation}");
            while operation_pointer(&key, &method).get(root).is_some() {
                key.push('-');
            }
            let place = operation_pointer(&key, &method);
            notes.origins.record(&place, std::slice::from_ref(&pointer));
            let item = &mut root["paths"][&key];
            match place.parent() == Some(item_of(&place)) {
                true => item[&method] = alternative,
                false => item[ADDITIONAL_OPERATIONS][&method] = alternative,
            }
        }
    }
}

/// An encoding of a body: its notation and its media types.
struct Way {
    notation: Notation,
    names: Vec<String>,
}

/// The alternative encodings of the body of `content`, the preferred one first, and the redundant media
/// types.
fn ways(components: &Map<String, Value>, content: &Map<String, Value>) -> (Vec<Way>, Vec<String>) {
    let mut names: Vec<(&String, Notation)> = content
        .iter()
        .map(|(name, media)| (name, Notation::of(components, name, media)))
        .collect();
    names.sort_by_key(|(name, notation)| {
        // JSON cannot contain files, regardless of its schema.
        let cannot =
            *notation == Notation::Json && has_files(components, &content[*name]["schema"]);
        (cannot, *notation, *name != "application/json")
    });
    let mut ways: Vec<Way> = Vec::new();
    let mut same = Vec::new();
    for (name, notation) in names {
        let described = |name: &str| ["schema", "itemSchema"].map(|at| content[name].get(at));
        // The schema of a stream describes its items, so the same schema has a different meaning.
        let says_the_same = |way: &Way| {
            described(&way.names[0]) == described(name)
                && (way.notation == notation || !notation.is_stream())
        };
        if let Some(bytes) = ways
            .iter_mut()
            .find(|way| way.notation == Notation::Bytes && notation == Notation::Bytes)
        {
            bytes.names.push(name.clone());
        } else if ways.iter().any(says_the_same) {
            same.push(name.clone());
        } else {
            let names = vec![name.clone()];
            ways.push(Way { notation, names });
        }
    }
    (ways, same)
}

fn note_same(same: &[String], pointer: &Pointer, notes: &mut Notes) {
    if !same.is_empty() {
        notes.add(
            pointer,
            format!("removed `{}`", same.join("`, `")),
            "another media type has the same schema",
        );
    }
}

/// Restricts the operation to the preferred media type of its request, and returns an operation for each
/// alternative.
fn split_request(
    components: &Map<String, Value>,
    operation: &mut Value,
    pointer: &Pointer,
    notes: &mut Notes,
) -> Vec<(String, Value)> {
    let Some(Value::Object(content)) = operation["requestBody"].get("content").cloned() else {
        return Vec::new();
    };
    let (ways, same) = ways(components, &content);
    note_same(&same, &pointer.join("requestBody").join("content"), notes);
    let mut made = Vec::new();
    for (index, way) in ways.iter().enumerate() {
        let kept = content.iter().filter(|(name, _)| way.names.contains(name));
        let kept: Map<String, Value> = kept.map(|(k, v)| (k.clone(), v.clone())).collect();
        if index == 0 {
            operation["requestBody"]["content"] = kept.into();
            continue;
        }
        let mut alternative = operation.clone();
        alternative["requestBody"]["content"] = kept.into();
        let relation = suffix(&way.names[0], way.notation);
        made.push((format!("with-{relation}"), alternative));
    }
    made
}

/// Does the same for its success responses, each of which has its own alternatives.
fn split_responses(
    components: &Map<String, Value>,
    operation: &mut Value,
    pointer: &Pointer,
    notes: &mut Notes,
) -> Vec<(String, Value)> {
    let whole = operation.clone();
    let mut others: Vec<Way> = Vec::new();
    for response in successes_mut(operation) {
        let Some(Value::Object(content)) = response.get_mut("content") else {
            continue;
        };
        let (ways, same) = ways(components, content);
        note_same(&same, &pointer.join("responses"), notes);
        let mut ways = ways.into_iter();
        if let Some(preferred) = ways.next() {
            content.retain(|name, _| preferred.names.contains(name));
        }
        let is_new = |way: &Way| !others.iter().any(|known| known.names == way.names);
        let new: Vec<Way> = ways.filter(is_new).collect();
        others.extend(new);
    }
    let mut made = Vec::new();
    for way in others {
        let mut alternative = whole.clone();
        for response in successes_mut(&mut alternative) {
            let Some(Value::Object(content)) = response.get_mut("content") else {
                continue;
            };
            let is_other = !content.keys().any(|name| way.names.contains(name));
            content.retain(|name, _| way.names.contains(name));
            // A request that accepts one media type does not get another.
            if is_other {
                *response = Value::Null;
            }
        }
        if let Some(Value::Object(responses)) = alternative.get_mut("responses") {
            responses.retain(|_, response| !response.is_null());
        }
        let relation = suffix(&way.names[0], way.notation);
        made.push((format!("as-{relation}"), alternative));
    }
    made
}

/// True if a status key is a success: `200` to `299`, or the range `2XX`.
fn is_success(status: &str) -> bool {
    status.len() == 3 && status.starts_with('2')
}

/// The success responses of an operation, or `default` if it has none.
fn successes_mut(operation: &mut Value) -> impl Iterator<Item = &mut Value> {
    let responses = operation.get_mut("responses");
    let responses = responses.and_then(Value::as_object_mut);
    let has_success = responses
        .as_ref()
        .is_some_and(|responses| responses.keys().any(|status| is_success(status)));
    let responses = responses.into_iter().flatten();
    responses
        .filter(move |(status, _)| is_success(status) || !has_success && *status == "default")
        .map(|(_, response)| response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;
    use serde_json::json;

    fn lowered(operation: Value) -> (Map<String, Value>, Vec<String>) {
        let (mut after, notes) = run(&PASS, json!({ "paths": { "/a": { "post": operation } } }));
        match after["paths"].take() {
            Value::Object(paths) => (paths, notes),
            _ => (Map::new(), notes),
        }
    }

    fn keys(value: &Value) -> Vec<&String> {
        value.as_object().into_iter().flat_map(Map::keys).collect()
    }

    #[test]
    fn each_alternative_media_type_is_a_separate_call() {
        let json = json!({ "schema": { "type": "object", "properties": { "url": {} } } });
        let (paths, notes) = lowered(json!({
            "operationId": "upload",
            "requestBody": { "content": {
                "multipart/form-data": { "schema": { "type": "object" } },
                "application/json": json,
                "application/xml": json,
            } },
            "responses": {
                "200": { "content": { "application/json": {}, "text/event-stream": {} } },
                "400": { "content": { "text/plain": {} } },
            },
        }));
        assert_eq!(
            paths.keys().collect::<Vec<_>>(),
            ["/a", "/a#with-multipart", "/a#as-events"]
        );
        let sent = |path: &str| keys(&paths[path]["post"]["requestBody"]["content"]);
        let read = |path: &str| keys(&paths[path]["post"]["responses"]["200"]["content"]);
        assert_eq!(sent("/a"), ["application/json"]);
        assert_eq!(read("/a"), ["application/json"]);
        assert_eq!(sent("/a#with-multipart"), ["multipart/form-data"]);
        assert_eq!(sent("/a#as-events"), ["application/json"]);
        assert_eq!(read("/a#as-events"), ["text/event-stream"]);
        let ids: Vec<&Value> = paths
            .values()
            .map(|item| &item["post"]["operationId"])
            .collect();
        assert_eq!(ids, ["upload", "upload-with-multipart", "upload-as-events"]);
        // One note for the redundant XML, two for the new operations.
        assert_eq!(notes.len(), 3);
    }

    #[test]
    fn responses_of_different_statuses_are_not_alternatives() {
        let (paths, _) = lowered(json!({
            "operationId": "get",
            "responses": {
                "200": { "content": { "application/json": { "schema": { "type": "object" } } } },
                "202": { "content": { "text/plain": {} } },
            },
        }));
        assert_eq!(paths.len(), 1);
    }

    #[test]
    fn bytes_with_several_media_types_are_one_call() {
        let (paths, notes) = lowered(json!({
            "operationId": "upload",
            "requestBody": { "content": { "image/png": {}, "image/jpeg": {} } },
        }));
        let content = &paths["/a"]["post"]["requestBody"]["content"];
        assert_eq!(keys(content), ["image/png", "image/jpeg"]);
        assert_eq!((paths.len(), notes.len()), (1, 0));
    }

    #[test]
    fn json_lines_are_a_separate_call() {
        let thing = json!({ "$ref": "#/components/schemas/Thing" });
        let things = json!({ "schema": { "type": "array", "items": thing } });
        let names = json!({ "type": "array", "items": { "type": "string" } });
        let (paths, _) = lowered(json!({
            "operationId": "import",
            "requestBody": { "content": {
                "application/x-ndjson": things,
                "application/jsonl": things,
                "application/json": { "schema": thing },
                "multipart/form-data": { "schema": { "properties": { "filename": names } } },
            } },
        }));
        let calls: Vec<_> = paths
            .values()
            .map(|item| {
                let operation = &item["post"];
                let content = keys(&operation["requestBody"]["content"]);
                (
                    operation["operationId"].as_str().expect("has one"),
                    content[0].as_str(),
                )
            })
            .collect();
        assert_eq!(
            calls,
            [
                ("import", "application/json"),
                ("import-with-multipart", "multipart/form-data"),
                ("import-with-items", "application/x-ndjson"),
            ]
        );
    }

    #[test]
    fn bodies_with_files_are_sent_as_multipart() {
        let file = json!({ "schema": { "properties": { "file": { "type": "string", "format": "binary" } } } });
        let (paths, _) = lowered(json!({
            "operationId": "upload",
            "requestBody": { "content": { "application/json": file, "multipart/form-data": file } },
        }));
        let content = &paths["/a"]["post"]["requestBody"]["content"];
        assert_eq!(keys(content), ["multipart/form-data"]);
    }
}
