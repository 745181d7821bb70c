//! Ensures that each parameter has a schema that is not nullable, and a single type if its value is
//! sent as a string.
//!
//! Before: `[{in: path}, {in: header, schema: {oneOf: …}}, {in: query, schema: {type: string, nullable:
//! true}}]`.
//! After: `[{in: path, required: true, schema: {type: string}}, {in: header, schema: {type: string}}, {in:
//! query, schema: {type: string}}]`.
//!
//! Parameters can be omitted, so a nullable parameter is an optional one.

use serde_json::{Value, json};

use crate::parameters::{Parameter, Schemas, replace_each};
use crate::schema::remove_nullable;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "parameter-types",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    replace_each(root, notes, |mut parameter, _, schemas, notes| {
        if parameter.location() == Some("path") {
            parameter.value["required"] = true.into();
        }
        if parameter.location() != Some("query") {
            require_one_type(&mut parameter, schemas, notes);
        }
        if let Some(object) = parameter.value.as_object_mut()
            && !object.contains_key("content")
        {
            object
                .entry("schema")
                .or_insert_with(|| json!({ "type": "string" }));
        }
        let schema = parameter.value.get_mut("schema");
        if let Some(schema) = schema.filter(|schema| schema["nullable"] == true) {
            remove_nullable(schema);
            let why = "null parameters are omitted";
            notes.add(&parameter.pointer.join("schema"), "removed `nullable`", why);
        }
        vec![parameter.value]
    });
}

/// Replaces values without a single type with strings, because paths, headers and cookies are strings.
fn require_one_type(parameter: &mut Parameter, schemas: &Schemas, notes: &mut Notes) {
    if parameter.has_content() || schemas.type_of(&parameter.value["schema"]).is_some() {
        return;
    }
    parameter.value["schema"] = json!({ "type": "string" });
    notes.add(
        &parameter.pointer.join("schema"),
        "changed the type to a string",
        "the value has no single type, and is sent as a string",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;

    fn lowered(path: &str, parameters: Value) -> (Value, Vec<String>) {
        let document = json!({ "paths": { path: { "get": { "parameters": parameters } } } });
        let (mut after, notes) = run(&PASS, document);
        (after["paths"][path]["get"]["parameters"].take(), notes)
    }

    #[test]
    fn values_without_a_single_type_are_strings_outside_of_queries() {
        for place in ["path", "header", "cookie"] {
            let choice = json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }] });
            let parameter = json!({ "name": "x", "in": place, "required": true, "schema": choice });
            let path = if place == "path" { "/{x}" } else { "/a" };
            let (after, notes) = lowered(path, json!([parameter]));
            assert_eq!(after[0]["schema"], json!({ "type": "string" }));
            assert_eq!(notes.len(), 1);
        }
    }

    #[test]
    fn a_nullable_parameter_is_optional() {
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
}
