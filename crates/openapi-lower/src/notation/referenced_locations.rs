//! Moves schemas that references name, but that are not components, to components.
//!
//! Before: a schema `{$ref: '#/components/schemas/Role/properties/name'}`.
//! After: the schema `{$ref: '#/components/schemas/RoleName'}`, and the component `RoleName`.
//!
//! This pass runs early, because later passes move and remove schemas. A reference to a component stays
//! valid.

use std::collections::BTreeMap;

use openapi_document::walk::schemas_mut;
use openapi_document::{Pointer, compact_clone};
use serde_json::Value;

use crate::schema::{Names, components, components_mut, reference};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "referenced-locations",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let source = compact_clone(root);
    let mut hoisted: BTreeMap<Pointer, String> = BTreeMap::new();
    let mut names = Names::of(components(root));
    loop {
        let mut missing: Vec<Pointer> = Vec::new();
        schemas_mut(root, |_, schema| {
            let Some(target) = schema.get("$ref").and_then(Value::as_str) else {
                return;
            };
            let Some(pointer) = Pointer::parse(target) else {
                return;
            };
            let tokens: Vec<String> = pointer.tokens().collect();
            if let [components, schemas, name] = tokens.as_slice()
                && components == "components"
                && schemas == "schemas"
            {
                // The reference is written differently, for instance with needless percent-encoding.
                schema["$ref"] = reference(name)["$ref"].take();
                return;
            }
            let name = hoisted.entry(pointer.clone()).or_insert_with(|| {
                missing.push(pointer);
                names.free(&name_for(&tokens))
            });
            schema["$ref"] = reference(name)["$ref"].take();
        });
        if missing.is_empty() {
            return;
        }
        for pointer in missing {
            let Some(schema) = pointer.get(&source) else {
                continue;
            };
            let name = hoisted[&pointer].clone();
            notes.add(
                &pointer,
                format!("moved to the component `{name}`"),
                "the generator only resolves references to component schemas",
            );
            notes.component(&name, std::slice::from_ref(&pointer));
            components_mut(root).insert(name, schema.clone());
        }
    }
}

/// `components/schemas/Role/properties/name` gets the name `RoleName`.
fn name_for(tokens: &[String]) -> String {
    const STRUCTURE: [&str; 9] = [
        "components",
        "schemas",
        "properties",
        "paths",
        "schema",
        "content",
        "$defs",
        "definitions",
        "allOf",
    ];
    let name_tokens = tokens
        .iter()
        .filter(|token| !STRUCTURE.contains(&token.as_str()));
    let joined: Vec<&str> = name_tokens.map(String::as_str).collect();
    client_codegen::naming::pascal(&joined.join("-"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::run as run_pass;

    #[test]
    fn a_schema_that_is_referred_to_becomes_a_component() {
        let (after, notes) = run_pass(
            &PASS,
            json!({
                "paths": {},
                "components": { "schemas": {
                    "Role": { "properties": { "name": { "type": "string" } } },
                    "Other": { "title": "O", "$ref": "#/components/schemas/Role/properties/name" },
                } },
            }),
        );
        let schemas = &after["components"]["schemas"];
        assert_eq!(
            schemas["Other"],
            json!({ "title": "O", "$ref": "#/components/schemas/RoleName" })
        );
        assert_eq!(schemas["RoleName"], json!({ "type": "string" }));
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn a_schema_that_a_later_pass_removes_is_kept_as_a_component() {
        let document = json!({
            "openapi": "3.1.0",
            "info": { "title": "T", "version": "1" },
            "paths": { "/a": { "get": { "responses": { "200": { "description": "", "content": {
                "application/json": { "schema": { "$ref": "#/components/schemas/A/properties/x" } },
            } } } } } },
            "components": { "schemas": { "A": { "properties": { "x": { "not": {} } } } } },
        });
        let document = openapi_document::Document::parse("d", document.to_string());
        let lowered = crate::lower(&document.expect("is JSON"));
        assert!(lowered.is_ok(), "{lowered:?}");
    }
}
