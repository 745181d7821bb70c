//! Says every parameter in one of the few ways that progenitor sends.
//!
//! Before: `{name: page, in: query, style: deepObject, schema: {properties: {size: …, nextToken:
//! …}}}`, a cookie, a header `Accept`, `{in: query, content: {application/json: …}}`.
//! After: the query parameters `page[size]` and `page[nextToken]`; no cookie and no `Accept`; a
//! query parameter that is a string.
//!
//! A query parameter can be left out, so one that may be `null` is only one that may be left out.

use openapi_document::Pointer;
use openapi_document::walk::operations_mut;
use serde_json::{Map, Value, json};

use super::schema::{components, resolved, type_of};
use super::{Notes, Pass};

pub(super) const PASS: Pass = Pass {
    name: "parameters",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let schemas = components(root);
    operations_mut(root, |pointer, path, _, operation| {
        let pointer = pointer.join("parameters");
        let before = match operation.get("parameters") {
            Some(Value::Array(parameters)) => parameters.clone(),
            _ => Vec::new(),
        };
        let mut after = Vec::new();
        for (index, parameter) in before.into_iter().enumerate() {
            lower(&schemas, &pointer.join(index), parameter, &mut after, notes);
        }
        declare_all(path, &pointer, &mut after, notes);
        if !after.is_empty() || operation.get("parameters").is_some() {
            operation["parameters"] = after.into();
        }
    });
}

fn lower(
    schemas: &Map<String, Value>,
    pointer: &Pointer,
    mut parameter: Value,
    after: &mut Vec<Value>,
    notes: &mut Notes,
) {
    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
    match parameter["in"].as_str() {
        Some("cookie") => {
            notes.add(
                pointer,
                format!("dropped the cookie `{name}`"),
                "generated calls send no cookies; set them on the HTTP client",
            );
            return;
        }
        Some("header") if is_reserved(&name) => {
            notes.add(
                pointer,
                format!("dropped the header `{name}`"),
                "OpenAPI ignores it as a parameter: it belongs to credentials and media types",
            );
            return;
        }
        Some("query") => {
            if parameter["style"] == "deepObject" {
                expand(schemas, pointer, &parameter, after, notes);
                return;
            }
            restyle(pointer, &mut parameter, notes);
        }
        Some("path") if parameter["required"] != true => {
            parameter["required"] = true.into();
        }
        _ => {}
    }
    if parameter.get("content").is_some() {
        let members = parameter.as_object_mut();
        members.map(|members| members.shift_remove("content"));
        parameter["schema"] = json!({ "type": "string" });
        notes.add(
            pointer,
            format!("made `{name}` a string"),
            "generated calls send parameters as text; encode the value as its media type says",
        );
    }
    if parameter["schema"]["nullable"] == true {
        drop_nullable(&mut parameter["schema"]);
        notes.add(
            &pointer.join("schema"),
            "dropped `nullable`",
            "a parameter without a value is left out",
        );
    }
    after.push(parameter);
}

/// OpenAPI 3.0.3, Parameter Object: definitions of these three headers are ignored.
fn is_reserved(header: &str) -> bool {
    ["accept", "content-type", "authorization"].contains(&header.to_ascii_lowercase().as_str())
}

fn drop_nullable(schema: &mut Value) {
    if let Some(members) = schema.as_object_mut() {
        members.shift_remove("nullable");
        // What was wrapped only to be nullable.
        if members.len() == 1
            && let Some([only]) = members
                .get("allOf")
                .and_then(Value::as_array)
                .map(Vec::as_slice)
        {
            *schema = only.clone();
        }
    }
}

/// One parameter a member: `page[size]`.
fn expand(
    schemas: &Map<String, Value>,
    pointer: &Pointer,
    parameter: &Value,
    after: &mut Vec<Value>,
    notes: &mut Notes,
) {
    let name = parameter["name"].as_str().unwrap_or_default();
    let schema = resolved(schemas, &parameter["schema"]);
    let Some(members) = schema["properties"].as_object() else {
        notes.add(
            pointer,
            format!("dropped `{name}`"),
            "a deepObject without listed members cannot be said as parameters",
        );
        return;
    };
    let required = schema["required"].as_array();
    let mut names = Vec::new();
    for (member, member_schema) in members {
        let expanded = format!("{name}[{member}]");
        let mut member_schema = member_schema.clone();
        drop_nullable(&mut member_schema);
        let is_required = parameter["required"] == true
            && required.is_some_and(|required| required.iter().any(|name| name == member));
        let mut single = json!({ "name": expanded, "in": "query" });
        let description = member_schema
            .get("description")
            .or(parameter.get("description"));
        if let Some(description) = description {
            single["description"] = description.clone();
        }
        if is_required {
            single["required"] = true.into();
        }
        single["schema"] = member_schema;
        after.push(single);
        names.push(expanded);
    }
    notes.add(
        pointer,
        format!("expanded `{name}` to `{}`", names.join("`, `")),
        "generated calls send one query parameter at a time",
    );
}

/// Query parameters are generated in the style `form`, exploded.
fn restyle(pointer: &Pointer, parameter: &mut Value, notes: &mut Notes) {
    let style = parameter["style"].as_str().unwrap_or("form").to_owned();
    let separator = match style.as_str() {
        "spaceDelimited" => Some("a space"),
        "pipeDelimited" => Some("`|`"),
        _ if parameter["explode"] == false && type_of(&parameter["schema"]) == Some("array") => {
            Some("`,`")
        }
        _ => None,
    };
    let exploded = parameter["explode"] == true && style != "form";
    let members = parameter.as_object_mut();
    if let Some(members) = members {
        members.shift_remove("style");
        members.shift_remove("explode");
        members.shift_remove("allowReserved");
        members.shift_remove("allowEmptyValue");
    }
    if let Some(separator) = separator.filter(|_| !exploded) {
        parameter["schema"] = json!({ "type": "string" });
        notes.add(
            pointer,
            format!("made it a string, its values joined by {separator}"),
            "generated calls repeat a parameter for each value of a list",
        );
    }
}

/// Every parameter that the template names is declared.
fn declare_all(path: &str, pointer: &Pointer, parameters: &mut Vec<Value>, notes: &mut Notes) {
    for name in openapi_document::template_parameters(path) {
        let declared = parameters
            .iter()
            .any(|parameter| parameter["in"] == "path" && parameter["name"] == *name);
        if !declared {
            parameters.push(json!({
                "name": name, "in": "path", "required": true, "schema": { "type": "string" },
            }));
            notes.add(
                pointer,
                format!("declared the path parameter `{name}`"),
                "the path names it, and a path needs a value for each",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::run;

    fn lowered(path: &str, parameters: Value) -> (Value, Vec<String>) {
        let (mut after, notes) = run(
            &PASS,
            json!({
                "paths": { path: { "get": { "parameters": parameters } } },
                "components": { "schemas": { "Page": {
                    "type": "object",
                    "required": ["size"],
                    "properties": {
                        "size": { "type": "integer", "nullable": true },
                        "nextToken": { "type": "string" },
                    },
                } } },
            }),
        );
        (after["paths"][path]["get"]["parameters"].take(), notes)
    }

    #[test]
    fn a_deep_object_becomes_one_parameter_a_member() {
        let (after, notes) = lowered(
            "/a",
            json!([{
                "name": "page", "in": "query", "style": "deepObject", "description": "d",
                "schema": { "$ref": "#/components/schemas/Page" },
            }]),
        );
        assert_eq!(
            after,
            json!([
                { "name": "page[size]", "in": "query", "description": "d", "schema": { "type": "integer" } },
                { "name": "page[nextToken]", "in": "query", "description": "d", "schema": { "type": "string" } },
            ])
        );
        assert_eq!(
            notes,
            ["#/paths/~1a/get/parameters/0: expanded `page` to `page[size]`, `page[nextToken]`"]
        );
    }

    #[test]
    fn what_cannot_be_sent_as_a_parameter_is_dropped() {
        let (after, notes) = lowered(
            "/a",
            json!([
                { "name": "sid", "in": "cookie", "schema": { "type": "string" } },
                { "name": "AUTHORIZATION", "in": "header", "schema": { "type": "string" } },
                { "name": "X-Trace", "in": "header", "schema": { "type": "string" } },
            ]),
        );
        assert_eq!(
            after,
            json!([{ "name": "X-Trace", "in": "header", "schema": { "type": "string" } }])
        );
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn lists_that_are_joined_become_strings_and_repeated_ones_stay() {
        let list = json!({ "type": "array", "items": { "type": "string" } });
        let (after, notes) = lowered(
            "/a",
            json!([
                { "name": "a", "in": "query", "explode": false, "schema": list },
                { "name": "b", "in": "query", "style": "pipeDelimited", "schema": list },
                { "name": "c", "in": "query", "style": "form", "explode": true, "schema": list },
            ]),
        );
        assert_eq!(
            after,
            json!([
                { "name": "a", "in": "query", "schema": { "type": "string" } },
                { "name": "b", "in": "query", "schema": { "type": "string" } },
                { "name": "c", "in": "query", "schema": list },
            ])
        );
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn a_parameter_that_may_be_null_is_one_that_may_be_left_out() {
        let (after, notes) = lowered(
            "/a",
            json!([{ "name": "a", "in": "query", "schema": { "type": "string", "nullable": true } }]),
        );
        assert_eq!(
            after,
            json!([{ "name": "a", "in": "query", "schema": { "type": "string" } }])
        );
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn a_path_parameter_that_nobody_declared_is_declared() {
        let (after, notes) = lowered("/a/{b}", json!([]));
        assert_eq!(
            after,
            json!([{ "name": "b", "in": "path", "required": true, "schema": { "type": "string" } }])
        );
        assert_eq!(notes.len(), 1);
    }
}
