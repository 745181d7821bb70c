//! Lets a request body be left out where the document says so.
//!
//! Before: `requestBody: {required: false, content: {application/json: {schema: {$ref: Ids}}}}`.
//! After: no request body, but an optional header parameter `~body` of the type
//! `client_runtime::OptionalJson<Ids>`.
//!
//! Of a request body progenitor makes one that is always sent. A header may be left out, and the
//! client's session turns this one into the body before the request leaves; nothing of it reaches
//! the wire, and the builder has its `.body(…)` as ever.

use openapi_document::walk::operations;
use serde_json::{Value, json};

use super::rust_type::runtime_type;
use super::schema::{Names, component_name, components, components_mut, reference};
use super::success_types::schema_place;
use super::{Notes, Pass};
use crate::rust_name::pascal;

pub(super) const PASS: Pass = Pass {
    name: "optional-bodies",
    run,
};

/// The name of the parameter; `client-runtime` knows it as well.
pub const CARRIER: &str = "~body";

fn run(root: &mut Value, notes: &mut Notes) {
    let mut names = Names::of(components(root));
    for (pointer, _, _) in operations(root) {
        let Some(operation) = pointer.get_mut(root) else {
            continue;
        };
        let body = &operation["requestBody"];
        if !body.is_object() || body["required"] == true {
            continue;
        }
        let Some(schema) = body.pointer("/content/application~1json/schema").cloned() else {
            continue;
        };
        let described = body.get("description").cloned();
        let id = pascal(operation["operationId"].as_str().unwrap_or_default());
        if let Some(members) = operation.as_object_mut() {
            members.shift_remove("requestBody");
        }
        // A type parameter has no name from its place, so it needs one of its own.
        let schema = if component_name(&schema).is_some() {
            schema
        } else {
            let name = names.free(&format!("{id}Body"));
            notes.component(&name, &[schema_place(&pointer, "requestBody")]);
            components_mut(root).insert(name.clone(), schema);
            reference(&name)
        };
        let mut parameter = json!({ "name": CARRIER, "in": "header" });
        if let Some(described) = described {
            parameter["description"] = described;
        }
        parameter["schema"] = runtime_type("OptionalJson", &[schema]);
        if let Some(operation) = pointer.get_mut(root) {
            match operation.get_mut("parameters") {
                Some(Value::Array(parameters)) => parameters.push(parameter),
                _ => operation["parameters"] = json!([parameter]),
            }
        }
        notes.add(
            &pointer.join("requestBody"),
            "made it one that can be left out",
            "the document does not require it, and a generated call always sends a body",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::run;

    fn lowered(required: bool) -> (Value, usize) {
        let (mut after, notes) = run(
            &PASS,
            json!({
                "paths": { "/a": { "get": {
                    "operationId": "list",
                    "requestBody": {
                        "required": required,
                        "content": { "application/json": { "schema": { "type": "object" } } },
                    },
                } } },
                "components": { "schemas": {} },
            }),
        );
        let schemas = after["components"]["schemas"].take();
        let operation = after["paths"]["/a"]["get"].take();
        assert_eq!(schemas.get("ListBody").is_some(), !required);
        (operation, notes.len())
    }

    #[test]
    fn an_optional_body_becomes_an_optional_parameter() {
        let (operation, notes) = lowered(false);
        assert_eq!(operation.get("requestBody"), None);
        let parameter = &operation["parameters"][0];
        assert_eq!(parameter["name"], "~body");
        assert_eq!(
            parameter["schema"]["x-rust-type"]["parameters"],
            json!([reference("ListBody")])
        );
        assert_eq!(notes, 1);
    }

    #[test]
    fn a_required_body_stays_one() {
        let (operation, notes) = lowered(true);
        assert!(operation["requestBody"].is_object());
        assert_eq!(notes, 0);
    }
}
