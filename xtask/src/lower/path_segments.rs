//! Refuses path parameters that would reach another route.
//!
//! Before: `{name: nodePoolName, in: path, schema: {type: string}}`.
//! After: the same with the type `client_runtime::PathSegment`.
//!
//! The values `..`, `.` and the empty string change which path a request goes to, and a backslash
//! in a value would be taken for a slash. Formats and enumerations that have none of it keep their
//! own types; the pattern or the lengths of a string are left to the server.

use openapi_document::Pointer;
use openapi_document::walk::operations;
use serde_json::{Map, Value};

use super::rust_type::replace;
use super::schema::{components, has_native_format, resolved, type_of};
use super::{Notes, Pass};

pub(super) const PASS: Pass = Pass {
    name: "path-segments",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    for pointer in segments(root) {
        let Some(parameter) = pointer.get_mut(root) else {
            continue;
        };
        replace(&mut parameter["schema"], "PathSegment", &[]);
        notes.add(
            &pointer,
            format!(
                "`{}` became a path segment",
                parameter["name"].as_str().unwrap_or_default()
            ),
            "an empty string, `.`, `..` or a backslash would reach another route",
        );
    }
}

/// Where the path parameters stand that could reach another route.
fn segments(root: &Value) -> Vec<Pointer> {
    let components = components(root);
    let mut found = Vec::new();
    for (operation, _, _) in operations(root) {
        let pointer = operation.join("parameters");
        let parameters = pointer.get(root).and_then(Value::as_array);
        for (index, parameter) in parameters.into_iter().flatten().enumerate() {
            if parameter["in"] == "path" && admits_other_paths(components, &parameter["schema"]) {
                found.push(pointer.join(index));
            }
        }
    }
    found
}

fn admits_other_paths(components: &Map<String, Value>, schema: &Value) -> bool {
    const OTHER_PATHS: [&str; 3] = ["", ".", ".."];
    let schema = resolved(components, schema);
    if schema.get("x-rust-type").is_some() {
        return false;
    }
    match type_of(schema) {
        Some("string") => {}
        None => return true,
        Some(_) => return false,
    }
    if let Some(values) = schema["enum"].as_array() {
        return values
            .iter()
            .filter_map(Value::as_str)
            .any(|value| OTHER_PATHS.contains(&value) || value.contains('\\'));
    }
    // No type of a format takes any of this.
    !has_native_format(schema)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::run;
    use serde_json::json;

    fn became_a_segment(schema: Value) -> bool {
        let (after, notes) = run(
            &PASS,
            json!({ "paths": { "/{a}": { "get": { "parameters": [
                { "name": "a", "in": "path", "required": true, "schema": schema },
            ] } } } }),
        );
        let path = &after["paths"]["/{a}"]["get"]["parameters"][0]["schema"]["x-rust-type"]["path"];
        assert_eq!(path == "client_runtime::PathSegment", notes.len() == 1);
        notes.len() == 1
    }

    #[test]
    fn only_strings_that_admit_another_path_become_segments() {
        for (schema, expected) in [
            (json!({ "type": "string" }), true),
            (json!({}), true),
            (json!({ "type": "string", "format": "email" }), true),
            (json!({ "type": "string", "pattern": "^[a-z]+$" }), true),
            (json!({ "type": "string", "format": "uuid" }), false),
            (json!({ "type": "string", "enum": ["users"] }), false),
            (json!({ "type": "string", "enum": ["users", ".."] }), true),
            (json!({ "type": "string", "enum": ["a\\b"] }), true),
            (json!({ "type": "integer" }), false),
        ] {
            assert_eq!(became_a_segment(schema.clone()), expected, "{schema}");
        }
    }
}
