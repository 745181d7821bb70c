//! Converts every request body to one that calls can send: JSON, a form, a string or bytes.
//!
//! Before: `content: {multipart/form-data: {schema: {properties: {file: {type: string, format:
//! binary}}}}}`, `{text/csv: {schema: {maxLength: 9}}}`, `{image/png: {}, image/jpeg: {}}`, `{}`.
//! After: `file` is a `client_runtime::FilePart`; `text/csv` is any string; the operation has a parameter
//! `Content-Type` that selects the image type; no body.
//!
//! Before: `content: {application/x-ndjson: {schema: {type: array, items: {properties: …}}}}`.
//! After: `content: {application/x-ndjson: {itemSchema: {$ref: '#/components/schemas/PostItem'}}}`.
//!
//! A wildcard, or a media type with its own parameters such as a boundary, also adds a parameter
//! `Content-Type`. A form without listed properties is sent as bytes.

use client_codegen::naming::pascal;
use openapi_document::Pointer;
use openapi_document::walk::operations;
use serde_json::{Value, json};

use crate::media_type::{Files, Notation, all_properties, files};
use crate::operations::media_type_parameter::add_media_type_parameter;
use crate::reach::references_in;
use crate::rust_type::{replace, runtime_type};
use crate::schema::{Names, component_name, components, components_mut, reference, resolved};
use crate::stream_items;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "request-media-types",
    run,
};

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
                notes.add(&content, "removed the body", "it has no media type");
            }
            continue;
        };
        let lists_none = all_properties(components(root), &media["schema"]).is_empty();
        match Notation::of(components(root), name, media) {
            Notation::Json | Notation::Form => {
                let schema = media.get("schema").cloned().unwrap_or_else(|| json!({}));
                put_schema(root, &content, name, schema);
            }
            Notation::Multipart if !lists_none => {
                let schema = with_files(root, &pointer, media["schema"].clone(), notes);
                put_schema(root, &content, name, schema);
            }
            Notation::JsonLines => send_lines(root, &pointer, name, media, notes),
            Notation::Text => put_schema(root, &content, name, json!({ "type": "string" })),
            _ => send_bytes(root, &pointer, described.keys().cloned().collect(), notes),
        }
    }
}

fn put_schema(root: &mut Value, content: &Pointer, media_type: &str, schema: Value) {
    if let Some(media) = content.join(media_type).get_mut(root) {
        if !media.is_object() {
            *media = json!({});
        }
        media["schema"] = schema;
    }
}

/// The schema of a form with its files as `FilePart`s. A component that is also used elsewhere is copied.
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
            let has_files = crate::media_type::has_files(all, part);
            if has_files {
                *part = resolved(all, part).clone();
                put_files(root, part);
            }
        }
    }
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (_, property) in properties.into_iter().flatten() {
        match files(all, property) {
            Some(Files::One) => replace(property, "FilePart", &[]),
            Some(Files::List) => {
                let described = property.get("description").cloned();
                *property = json!({ "type": "array", "items": runtime_type("FilePart", &[]) });
                if let Some(described) = described {
                    property["description"] = described;
                }
            }
            None => {}
        }
    }
}

/// Sets the schema of one line. Lines without a schema are bytes.
fn send_lines(root: &mut Value, pointer: &Pointer, name: &str, media: &Value, notes: &mut Notes) {
    let place = pointer.join("requestBody").join("content").join(name);
    let Some((item, source)) = stream_items::described(components(root), media, &place) else {
        return send_bytes(root, pointer, vec![name.to_owned()], notes);
    };
    let id = pointer.join("operationId");
    let id = pascal(id.get(root).and_then(Value::as_str).unwrap_or_default());
    let mut names = Names::of(components(root));
    let item = stream_items::named(root, &mut names, &id, (item, &[source]), notes);
    if let Some(media) = place.get_mut(root) {
        *media = json!({ "itemSchema": item });
    }
}

/// Removes the schema of bytes, and adds a parameter if there are several media types.
fn send_bytes(root: &mut Value, pointer: &Pointer, names: Vec<String>, notes: &mut Notes) {
    let content = pointer.join("requestBody").join("content");
    for name in &names {
        put_schema(
            root,
            &content,
            name,
            json!({ "type": "string", "format": "binary" }),
        );
    }
    let has_parameters = |name: &String| name.contains('*') || name.starts_with("multipart/");
    if names.len() < 2 && !names.iter().any(has_parameters) {
        return;
    }
    let what = format!(
        "added a parameter that selects one of `{}`",
        names.join("`, `")
    );
    notes.add(&content, what, "the document allows several media types");
    let names: Vec<String> = names
        .iter()
        .map(|name| match name.starts_with("multipart/") {
            // The caller chooses its boundary.
            true => format!("{name}; boundary=*"),
            false => name.clone(),
        })
        .collect();
    if let Some(operation) = pointer.get_mut(root) {
        add_media_type_parameter(operation, "Content-Type", &names);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;

    fn posting(content: Value) -> Value {
        json!({
            "paths": { "/a": { "post": {
                "operationId": "post it",
                "requestBody": { "required": true, "content": content },
            } } },
            "components": { "schemas": {} },
        })
    }

    /// The lowered operation of `content`, and its body.
    fn lowered(content: Value) -> (Value, Value) {
        let (mut after, _) = run(&PASS, posting(content));
        let operation = after["paths"]["/a"]["post"].take();
        let content = operation["requestBody"]["content"].clone();
        (operation, content)
    }

    #[test]
    fn every_media_type_keeps_its_name() {
        let schema = json!({ "type": "object" });
        for name in [
            "application/merge-patch+json",
            "application/x-www-form-urlencoded",
        ] {
            let before = json!({ name: { "schema": schema } });
            assert_eq!(lowered(before.clone()).1, before);
        }
        let string = json!({ "text/csv": { "schema": { "type": "string" } } });
        let (_, content) = lowered(json!({ "text/csv": { "schema": { "maxLength": 9 } } }));
        assert_eq!(content, string);
    }

    #[test]
    fn a_form_with_parts_has_files() {
        let file = json!({ "type": "string", "format": "binary", "description": "d" });
        let (_, content) = lowered(json!({ "multipart/form-data": {
            "schema": { "properties": { "meta": {}, "file": file, "more": { "type": "array", "items": file } } },
        } }));
        let properties = &content["multipart/form-data"]["schema"]["properties"];
        let path = "client_runtime::FilePart";
        assert_eq!(properties["file"]["x-rust-type"]["path"], path);
        assert_eq!(properties["file"]["description"], "d");
        assert_eq!(properties["more"]["items"]["x-rust-type"]["path"], path);
    }

    #[test]
    fn a_component_that_is_used_elsewhere_is_not_changed() {
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
    fn lines_have_a_type() {
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
            let content = &after["paths"]["/a"]["post"]["requestBody"]["content"];
            assert_eq!(
                content["application/jsonl"].get("itemSchema"),
                expected,
                "{media}"
            );
            let made = after["components"]["schemas"].get("PostItItem");
            assert_eq!(made, (expected == Some(&own)).then_some(&thing), "{media}");
        }
    }

    #[test]
    fn bytes_with_several_media_types_have_a_parameter() {
        let (operation, _) = lowered(json!({ "image/png": {}, "image/jpeg": {} }));
        let parameter = &operation["parameters"][0];
        assert_eq!(parameter["name"], "Content-Type");
        assert_eq!(parameter["required"], true);
        assert_eq!(
            parameter["schema"]["enum"],
            json!(["image/png", "image/jpeg"])
        );
        let (operation, _) =
            lowered(json!({ "text/csv": { "schema": { "format": "binary", "type": "string" } } }));
        assert_eq!(operation.get("parameters"), None);
    }

    #[test]
    fn forms_without_listed_properties_are_bytes() {
        for media_type in ["multipart/form-data", "multipart/mixed"] {
            let (operation, _) = lowered(json!({ media_type: { "schema": { "type": "object" } } }));
            assert_eq!(
                operation["parameters"][0]["name"], "Content-Type",
                "{media_type}"
            );
            assert_eq!(operation["parameters"][0]["schema"].get("enum"), None);
        }
    }
}
