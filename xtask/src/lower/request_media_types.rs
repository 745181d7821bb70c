//! Leaves every request body one that generated calls can take: JSON, text or bytes.
//!
//! Before: `content: {application/vnd.x+json: …}`, `{application/x-www-form-urlencoded: …}`,
//! `{multipart/form-data: {schema: {properties: {file: {type: string, format: binary}}}}}`.
//! After: `content: {application/json: …}` in all three, with `x-content-type` or `x-encoding` on
//! the operation for the session of the client, which writes the body anew; `file` is a
//! `client_runtime::FilePart`.
//!
//! Before: `content: {application/x-ndjson: {schema: {type: array, items: {properties: …}}}}`.
//! After: `content: {application/octet-stream: {schema: {type: string, format: binary}, itemSchema:
//! {$ref: '#/components/schemas/PostItem'}}}`, from which the builder gets methods for typed items.
//!
//! Where several media types of bytes are left, or a wildcard, or one that has parameters of its own
//! such as a boundary, the call gets a parameter `Content-Type` to say which. A form whose members
//! are not listed is bytes, too.

use openapi_document::Pointer;
use openapi_document::walk::operations;
use serde_json::{Map, Value, json};

use super::answer_media_types::choose;
use super::media_type::{Files, Notation, essence, files, members};
use super::rust_type::{replace, runtime_type};
use super::schema::{
    Names, component_name, components, components_mut, reference, resolved, type_of,
};
use super::split_directions::references_in;
use super::{Notes, Pass, Reduced, stream_items};
use crate::rust_name::pascal;

pub(super) const PASS: Pass = Pass {
    name: "request-media-types",
    run,
};

const WHY: &str =
    "generated calls send JSON, plain text and bytes; the session writes anything else";

fn run(root: &mut Value, notes: &mut Notes) {
    for (pointer, _, _) in operations(root) {
        let body = pointer.join("requestBody");
        let content = body.join("content");
        let Some(Value::Object(described)) = content.get(root).cloned() else {
            continue;
        };
        let Some((name, media)) = described.iter().next() else {
            if let Some(operation) = pointer.get_mut(root).and_then(Value::as_object_mut) {
                operation.shift_remove("requestBody");
                notes.add(&content, "dropped the body", "it has no media type");
            }
            continue;
        };
        let lists_none = members(components(root), &media["schema"]).is_empty();
        match Notation::of(components(root), name, media) {
            Notation::Json => send_json(root, &pointer, name, media, notes),
            Notation::Form => send_form(root, &pointer, name, media, notes),
            Notation::Multipart if !lists_none => send_parts(root, &pointer, name, media, notes),
            Notation::Text => send_text(root, &pointer, name, notes),
            Notation::JsonLines => send_lines(root, &pointer, name, media, notes),
            _ => send_bytes(root, &pointer, described.keys().cloned().collect(), notes),
        }
    }
}

/// Puts one media type in the place of what the body was described with.
fn send(root: &mut Value, pointer: &Pointer, media_type: &str, schema: Value) {
    let content = pointer.join("requestBody").join("content");
    if let Some(place) = content.get_mut(root) {
        *place = json!({ media_type: { "schema": schema } });
    }
}

fn note_sent(pointer: &Pointer, name: &str, how: &str, notes: &mut Notes) {
    let pointer = pointer.join("requestBody").join("content");
    notes.add(&pointer, format!("`{name}` is {how}"), WHY);
}

fn mark(root: &mut Value, pointer: &Pointer, extension: &str, value: Value) {
    if let Some(operation) = pointer.get_mut(root) {
        operation[extension] = value;
    }
}

fn schema_of(media: &Value) -> Value {
    media.get("schema").cloned().unwrap_or_else(|| json!({}))
}

fn send_json(root: &mut Value, pointer: &Pointer, name: &str, media: &Value, notes: &mut Notes) {
    send(root, pointer, "application/json", schema_of(media));
    if name != "application/json" {
        note_sent(pointer, name, "written as JSON", notes);
        if !name.contains('*') && essence(name) != "application/json" {
            mark(root, pointer, "x-content-type", name.into());
        }
    }
}

fn send_form(root: &mut Value, pointer: &Pointer, name: &str, media: &Value, notes: &mut Notes) {
    let all = components(root);
    let fields: Vec<Value> = members(all, &media["schema"])
        .iter()
        .filter_map(|(name, schema)| {
            let encoding = media["encoding"].get(name)?;
            Some(field(all, name, schema, encoding))
        })
        .collect();
    send(root, pointer, "application/json", schema_of(media));
    note_sent(
        pointer,
        name,
        "written as JSON, and a form made of it",
        notes,
    );
    let encoding = json!({ "notation": "form", "fields": fields });
    mark(root, pointer, "x-encoding", encoding);
}

fn send_parts(root: &mut Value, pointer: &Pointer, name: &str, media: &Value, notes: &mut Notes) {
    let all = components(root);
    let fields: Vec<Value> = members(all, &media["schema"])
        .iter()
        .map(|(name, schema)| field(all, name, schema, &media["encoding"][name]))
        .collect();
    let schema = with_files(root, pointer, schema_of(media), notes);
    send(root, pointer, "application/json", schema);
    note_sent(
        pointer,
        name,
        "written as JSON, and parts made of it",
        notes,
    );
    let encoding = json!({ "notation": "multipart", "fields": fields });
    mark(root, pointer, "x-encoding", encoding);
}

/// How one member is written (OpenAPI 3.1.1, Encoding Object): `style` and `explode` as in a query
/// where they are given, otherwise as the content type says.
fn field(components: &Map<String, Value>, name: &str, schema: &Value, encoding: &Value) -> Value {
    let says_style = ["style", "explode", "allowReserved"]
        .iter()
        .any(|keyword| encoding.get(keyword).is_some());
    let style = encoding["style"].as_str().unwrap_or("form");
    let exploded = encoding["explode"].as_bool().unwrap_or(style == "form");
    let content_type = encoding["contentType"].as_str();
    // Of several the first; a wildcard leaves it to the caller.
    let content_type = content_type.and_then(|types| types.split(',').next());
    let content_type = content_type
        .map(str::trim)
        .filter(|name| !name.contains('*'));
    let is_list = type_of(resolved(components, schema)) == Some("array");
    let (style, separator) = if files(components, schema).is_some() {
        ("file", None)
    } else if content_type.is_some_and(super::json_media_types::is_json) {
        ("json", None)
    } else if !says_style {
        ("plain", None)
    } else {
        match (style, exploded, is_list) {
            ("deepObject", ..) => ("brackets", None),
            ("spaceDelimited", false, true) => ("joined", Some(" ")),
            ("pipeDelimited", false, true) => ("joined", Some("|")),
            (_, false, true) => ("joined", Some(",")),
            (_, true, false) => ("members", None),
            _ => ("plain", None),
        }
    };
    let mut field = json!({ "name": name, "style": style });
    if let Some(separator) = separator {
        field["separator"] = separator.into();
    }
    if let Some(content_type) = content_type.filter(|_| !says_style) {
        field["contentType"] = content_type.into();
    }
    field
}

/// The schema of a form with its files as `FilePart`s. A component that others use, too, is left to
/// them, and copied.
fn with_files(root: &mut Value, pointer: &Pointer, mut schema: Value, notes: &mut Notes) -> Value {
    while let Some(name) = component_name(&schema) {
        let uses = references_in(root)
            .iter()
            .filter(|used| **used == name)
            .count();
        let Some(component) = components_mut(root).get_mut(&name) else {
            return schema;
        };
        let is_alias = component_name(component).is_some();
        if uses == 1 && !is_alias {
            let mut own = component.take();
            put_files(root, &mut own);
            components_mut(root).insert(name, own);
            return schema;
        }
        schema = component.clone();
        if !is_alias {
            put_files(root, &mut schema);
            let id = pointer.join("operationId");
            let id = id.get(root).and_then(Value::as_str).unwrap_or_default();
            let copy = Names::of(components(root)).free(&format!("{}Form", pascal(id)));
            notes.component(&copy, &[Pointer::of(["components", "schemas", &name])]);
            components_mut(root).insert(copy.clone(), schema);
            return reference(&copy);
        }
    }
    put_files(root, &mut schema);
    schema
}

fn put_files(root: &Value, schema: &mut Value) {
    let all = components(root);
    for keyword in ["allOf", "oneOf", "anyOf"] {
        for part in schema
            .get_mut(keyword)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            let has_files = super::media_type::has_files(all, part);
            if has_files {
                *part = resolved(all, part).clone();
                put_files(root, part);
            }
        }
    }
    let members = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (_, member) in members.into_iter().flatten() {
        match files(all, member) {
            Some(Files::One) => replace(member, "FilePart", &[]),
            Some(Files::List) => {
                let described = member.get("description").cloned();
                *member = json!({ "type": "array", "items": runtime_type("FilePart", &[]) });
                if let Some(described) = described {
                    member["description"] = described;
                }
            }
            None => {}
        }
    }
}

fn send_text(root: &mut Value, pointer: &Pointer, name: &str, notes: &mut Notes) {
    send(root, pointer, "text/plain", json!({ "type": "string" }));
    if name != "text/plain" {
        note_sent(pointer, name, "sent as text", notes);
        if !name.contains('*') {
            mark(root, pointer, "x-content-type", name.into());
        }
    }
    note_required(root, pointer, notes);
}

/// Bytes to the generated call; what a line is made of stays beside them.
fn send_lines(root: &mut Value, pointer: &Pointer, name: &str, media: &Value, notes: &mut Notes) {
    let content = pointer.join("requestBody").join("content");
    let item = stream_items::described(components(root), media, &content.join(name));
    send_bytes(root, pointer, vec![name.to_owned()], notes);
    let Some((item, place)) = item else {
        return;
    };
    let id = pointer.join("operationId");
    let id = pascal(id.get(root).and_then(Value::as_str).unwrap_or_default());
    let mut names = Names::of(components(root));
    let item = stream_items::named(root, &mut names, &id, (item, &[place]), notes);
    if let Some(bytes) = content.join("application/octet-stream").get_mut(root) {
        bytes["itemSchema"] = item;
    }
}

fn send_bytes(root: &mut Value, pointer: &Pointer, names: Vec<String>, notes: &mut Notes) {
    let bytes = json!({ "type": "string", "format": "binary" });
    send(root, pointer, "application/octet-stream", bytes);
    let has_parameters = |name: &String| name.contains('*') || name.starts_with("multipart/");
    match names.as_slice() {
        [name] if name == "application/octet-stream" => {}
        [name] if !has_parameters(name) => {
            note_sent(pointer, name, "sent as bytes", notes);
            mark(root, pointer, "x-content-type", name.as_str().into());
        }
        names => {
            note_sent(pointer, &names.join("`, `"), "sent as bytes", notes);
            let names: Vec<String> = names
                .iter()
                .map(|name| match name.starts_with("multipart/") {
                    // Its boundary is the caller's to choose.
                    true => format!("{name}; boundary=*"),
                    false => name.clone(),
                })
                .collect();
            if let Some(operation) = pointer.get_mut(root) {
                choose(operation, "Content-Type", &names);
            }
        }
    }
    note_required(root, pointer, notes);
}

/// Text and bytes are always sent.
fn note_required(root: &mut Value, pointer: &Pointer, notes: &mut Notes) {
    let body = pointer.join("requestBody");
    let Some(body) = body.get_mut(root).filter(|body| body["required"] != true) else {
        return;
    };
    body["required"] = true.into();
    let pointer = pointer.join("requestBody");
    notes.add_reduced(
        &pointer,
        "made it a body that is always sent",
        "generated calls can leave out JSON bodies only",
        Reduced::updating(
            "you cannot make the call without a body; give an empty one",
            &pointer,
            "{required: true}",
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::{losses, run};

    fn posting(content: Value) -> Value {
        json!({
            "paths": { "/a": { "post": {
                "operationId": "post it",
                "requestBody": { "required": true, "content": content },
            } } },
            "components": { "schemas": {} },
        })
    }

    /// The operation that `content` becomes, and what its body is.
    fn lowered(content: Value) -> (Value, Value) {
        let (mut after, _) = run(&PASS, posting(content));
        let operation = after["paths"]["/a"]["post"].take();
        let content = operation["requestBody"]["content"].clone();
        (operation, content)
    }

    #[test]
    fn the_name_that_a_server_expects_is_kept_for_the_session() {
        let schema = json!({ "type": "object" });
        let (operation, content) =
            lowered(json!({ "application/merge-patch+json": { "schema": schema } }));
        assert_eq!(operation["x-content-type"], "application/merge-patch+json");
        assert_eq!(content, json!({ "application/json": { "schema": schema } }));
        let (operation, _) = lowered(json!({ "application/json": {} }));
        assert_eq!(operation.get("x-content-type"), None);
    }

    #[test]
    fn a_form_says_how_its_members_are_written() {
        let list = json!({ "type": "array", "items": { "type": "string" } });
        let (operation, content) = lowered(json!({ "application/x-www-form-urlencoded": {
            "schema": { "properties": { "a": list, "b": list, "c": { "type": "object" }, "d": {}, "e": list } },
            "encoding": {
                "a": { "style": "deepObject", "explode": true },
                "b": { "explode": false },
                "c": { "style": "form" },
                "d": { "contentType": "application/json" },
            },
        } }));
        assert_eq!(content.as_object().map(Map::len), Some(1));
        assert!(content["application/json"].get("encoding").is_none());
        assert_eq!(
            operation["x-encoding"],
            json!({ "notation": "form", "fields": [
                { "name": "a", "style": "brackets" },
                { "name": "b", "style": "joined", "separator": "," },
                { "name": "c", "style": "members" },
                { "name": "d", "style": "json", "contentType": "application/json" },
            ] })
        );
    }

    #[test]
    fn a_form_with_parts_has_files() {
        let file = json!({ "type": "string", "format": "binary", "description": "d" });
        let (operation, content) = lowered(json!({ "multipart/form-data": {
            "schema": { "properties": { "meta": {}, "file": file, "more": { "type": "array", "items": file } } },
            "encoding": { "file": { "contentType": "image/png, image/jpeg" } },
        } }));
        let members = &content["application/json"]["schema"]["properties"];
        let path = "client_runtime::FilePart";
        assert_eq!(members["file"]["x-rust-type"]["path"], path);
        assert_eq!(members["file"]["description"], "d");
        assert_eq!(members["more"]["items"]["x-rust-type"]["path"], path);
        assert_eq!(
            operation["x-encoding"],
            json!({ "notation": "multipart", "fields": [
                { "name": "meta", "style": "plain" },
                { "name": "file", "style": "file", "contentType": "image/png" },
                { "name": "more", "style": "file" },
            ] })
        );
    }

    #[test]
    fn a_component_that_is_no_form_elsewhere_stays_as_it_is() {
        let form = json!({ "properties": { "file": { "type": "string", "format": "binary" } } });
        let mut before = posting(json!({ "multipart/form-data": { "schema": reference("Form") } }));
        before["components"]["schemas"] =
            json!({ "Form": form, "Other": { "items": reference("Form") } });
        let (after, _) = run(&PASS, before);
        let schemas = &after["components"]["schemas"];
        assert_eq!(schemas["Form"], form);
        assert!(
            schemas["PostItForm"]["properties"]["file"]
                .get("x-rust-type")
                .is_some()
        );
    }

    #[test]
    fn bytes_of_several_types_say_which() {
        let (operation, content) = lowered(json!({ "image/png": {}, "image/jpeg": {} }));
        assert_eq!(
            content,
            json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } })
        );
        let parameter = &operation["parameters"][0];
        assert_eq!(parameter["name"], "Content-Type");
        assert_eq!(parameter["required"], true);
        assert_eq!(
            parameter["schema"]["enum"],
            json!(["image/png", "image/jpeg"])
        );
        let (operation, _) =
            lowered(json!({ "text/csv": { "schema": { "format": "binary", "type": "string" } } }));
        assert_eq!(operation["x-content-type"], "text/csv");
        assert_eq!(operation.get("parameters"), None);
    }

    #[test]
    fn parts_that_are_not_listed_are_the_callers_to_write() {
        for media_type in ["multipart/form-data", "multipart/mixed"] {
            let (operation, _) = lowered(json!({ media_type: { "schema": { "type": "object" } } }));
            assert_eq!(
                operation["parameters"][0]["name"], "Content-Type",
                "{media_type}"
            );
            assert_eq!(operation["parameters"][0]["schema"].get("enum"), None);
        }
    }

    #[test]
    fn lines_keep_what_they_are_made_of() {
        let bytes = json!({ "type": "string", "format": "binary" });
        let thing = json!({ "type": "object", "properties": { "a": {} } });
        let list = |items: &Value| json!({ "type": "array", "items": items });
        let own = reference("PostItItem");
        for (media, expected) in [
            (json!({ "schema": list(&thing) }), Some(&own)),
            (json!({ "schema": thing }), Some(&own)),
            (json!({ "itemSchema": thing }), Some(&own)),
            (
                json!({ "schema": list(&reference("Thing")) }),
                Some(&reference("Thing")),
            ),
            (
                json!({ "schema": reference("Things") }),
                Some(&reference("Thing")),
            ),
            (
                json!({ "schema": list(&json!({ "type": "integer" })) }),
                Some(&json!({ "type": "integer" })),
            ),
            (json!({ "schema": bytes }), None),
            (json!({}), None),
        ] {
            let mut before = posting(json!({ "application/jsonl": media }));
            before["components"]["schemas"] =
                json!({ "Thing": thing, "Things": list(&reference("Thing")) });
            let (after, _) = run(&PASS, before);
            let operation = &after["paths"]["/a"]["post"];
            let content = &operation["requestBody"]["content"]["application/octet-stream"];
            assert_eq!(content["schema"], bytes, "{media}");
            assert_eq!(content.get("itemSchema"), expected, "{media}");
            assert_eq!(operation["x-content-type"], "application/jsonl");
            let made = after["components"]["schemas"].get("PostItItem");
            assert_eq!(made, (expected == Some(&own)).then_some(&thing), "{media}");
        }
    }

    #[test]
    fn bytes_that_could_be_left_out_are_a_loss() {
        let mut before = posting(json!({ "application/octet-stream": {} }));
        assert_eq!(losses(&PASS, before.clone()).len(), 0);
        before["paths"]["/a"]["post"]["requestBody"]["required"] = false.into();
        assert_eq!(losses(&PASS, before).len(), 1);
    }
}
