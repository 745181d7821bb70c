//! Converts keywords of Swagger 2 in OpenAPI 3 documents.
//!
//! Before: `parameters: [{name: size, in: query, type: integer}, {in: body, schema: …}]`, `responses:
//! {'200': {schema: …}}`.
//! After: the parameter has a `schema`, and body and response have `content`.

use serde_json::{Map, Value, json};

use super::Repair;
use super::swagger_fields::{self, HINT, MediaTypes};
use crate::walk::{Kind, operations, visit_from_mut};
use crate::{Finding, Pointer};

const MULTIPART: &str = "multipart/form-data";

/// The keywords of a Swagger 2 parameter that are keywords of its schema in OpenAPI 3.
const OF_SCHEMA: [&str; 16] = [
    "type",
    "format",
    "items",
    "default",
    "enum",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "multipleOf",
];

pub(super) fn convert(repair: &mut Repair<'_>) {
    swagger_fields::convert(repair);
    let produced = swagger_fields::take_media_types(repair, "produces");
    let consumed = swagger_fields::take_media_types(repair, "consumes");
    let mut findings = Vec::new();
    visit_from_mut(
        Kind::Document,
        &Pointer::root(),
        &mut repair.root,
        &mut |kind, pointer, value| {
            let Some(fields) = value.as_object_mut() else {
                return;
            };
            let repaired = match kind {
                Kind::Parameter | Kind::Header => schema_of_type(fields),
                Kind::Response => content_of_schema(fields, produced.at(pointer)),
                _ => return,
            };
            if let Some((keyword, repair)) = repaired {
                let problem = format!(
                    "the keyword `{keyword}` is from Swagger 2, and OpenAPI 3 does not have it here"
                );
                findings.push(Finding::new(&pointer.join(keyword), problem, repair, HINT));
            }
        },
    );
    findings.into_iter().for_each(|finding| repair.add(finding));
    for (operation, _, _) in operations(&repair.root) {
        convert_bodies(repair, &operation, &consumed);
    }
}

/// Moves the keywords of a schema beside `name` and `in` into a `schema`.
fn schema_of_type(fields: &mut Map<String, Value>) -> Option<(&'static str, &'static str)> {
    let is_swagger = fields.get("type").is_some_and(Value::is_string)
        && !["schema", "content", "$ref"].iter().any(|name| fields.contains_key(*name))
        // A body and a form are converted with their operation.
        && !is_in(fields, "body")
        && !is_in(fields, "formData");
    if !is_swagger {
        return None;
    }
    let mut schema = Map::new();
    for keyword in OF_SCHEMA {
        if let Some(value) = fields.shift_remove(keyword) {
            schema.insert(keyword.to_owned(), value);
        }
    }
    let format = fields.shift_remove("collectionFormat");
    let style = match format.as_ref().and_then(Value::as_str) {
        Some("multi") => Some(("form", true)),
        Some("ssv") => Some(("spaceDelimited", false)),
        Some("pipes") => Some(("pipeDelimited", false)),
        _ if schema["type"] == "array" && is_in(fields, "query") => Some(("form", false)),
        _ => None,
    };
    if let Some((style, explode)) = style {
        fields.entry("style").or_insert(style.into());
        fields.entry("explode").or_insert(explode.into());
    }
    fields.insert("schema".to_owned(), schema.into());
    Some(("type", "moved it into a `schema`"))
}

fn is_in(fields: &Map<String, Value>, place: &str) -> bool {
    fields.get("in").is_some_and(|is| is == place)
}

fn content_of_schema(
    fields: &mut Map<String, Value>,
    media_type: &str,
) -> Option<(&'static str, &'static str)> {
    if fields.contains_key("content") || !fields.get("schema").is_some_and(Value::is_object) {
        return None;
    }
    let schema = fields.shift_remove("schema")?;
    fields.insert(
        "content".to_owned(),
        json!({ media_type: { "schema": schema } }),
    );
    Some(("schema", "moved it into `content`"))
}

/// Converts the parameters of an operation that are `in: body` or `in: formData` to a request body.
fn convert_bodies(repair: &mut Repair<'_>, operation: &Pointer, consumed: &MediaTypes) {
    let place = operation.join("parameters");
    let parameters = place.get(&repair.root).and_then(Value::as_array);
    let is_body = |parameter: &Value| parameter["in"] == "body" || parameter["in"] == "formData";
    let found: Vec<(usize, Value)> = parameters
        .into_iter()
        .flatten()
        .enumerate()
        .filter(|(_, parameter)| is_body(parameter))
        .map(|(index, parameter)| (index, parameter.clone()))
        .collect();
    let has_body = operation
        .get(&repair.root)
        .is_none_or(|operation| operation.get("requestBody").is_some());
    if found.is_empty() || has_body {
        return;
    }
    let bodies = found.iter().map(|(_, parameter)| parameter);
    let body = match bodies.clone().find(|parameter| parameter["in"] == "body") {
        Some(body) => json!({
            "required": body["required"] == true,
            "content": { consumed.at(operation): { "schema": body["schema"] } },
        }),
        None => form_of(bodies, consumed.at(operation)),
    };
    for (index, parameter) in found.iter().rev() {
        let pointer = place.join(index);
        repair.add(Finding::new(
            &pointer,
            format!(
                "`in: {}` is from Swagger 2, and OpenAPI 3 does not have it",
                parameter["in"].as_str().unwrap_or_default()
            ),
            "moved the parameter into the `requestBody`",
            HINT,
        ));
        repair.remove(&pointer);
    }
    if let Some(operation) = operation.get_mut(&mut repair.root) {
        operation["requestBody"] = body;
    }
}

fn form_of<'a>(parameters: impl Iterator<Item = &'a Value>, consumed: &str) -> Value {
    let (mut properties, mut required, mut has_files) = (Map::new(), Vec::new(), false);
    for parameter in parameters {
        let Some(name) = parameter["name"].as_str() else {
            continue;
        };
        let mut schema = Map::new();
        for (keyword, value) in parameter.as_object().into_iter().flatten() {
            if OF_SCHEMA.contains(&keyword.as_str()) || keyword == "description" {
                schema.insert(keyword.clone(), value.clone());
            }
        }
        if parameter["type"] == "file" {
            has_files = true;
            schema.insert("type".to_owned(), "string".into());
            schema.insert("format".to_owned(), "binary".into());
        }
        if let Some(own) = parameter.get("schema").and_then(Value::as_object) {
            schema.extend(own.clone());
        }
        if parameter["required"] == true {
            required.push(name);
        }
        properties.insert(name.to_owned(), schema.into());
    }
    let media_type = match has_files || consumed == MULTIPART {
        true => MULTIPART,
        false => "application/x-www-form-urlencoded",
    };
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    json!({ "content": { media_type: { "schema": schema } } })
}
