//! Tests of the rendered surface of a generated client.

use client_codegen::plan::ClientPlan;
use client_codegen::surface::{Surface, render};
use client_codegen::{GenerateError, Settings};
use openapi_document::Document;
use openapi_lower::lower;
use serde_json::json;

fn surface() -> Surface {
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": "T", "version": "1" },
        "paths": { "/roles/{id}": { "put": {
            "operationId": "PutRole",
            "tags": ["Roles"],
            "parameters": [
                { "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } },
                { "name": "dry-run", "in": "query", "schema": { "type": "boolean" } },
            ],
            "requestBody": { "required": true, "content": { "application/json": {
                "schema": { "$ref": "#/components/schemas/Role" },
            } } },
            "responses": {
                "200": { "description": "", "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Kind" },
                } } },
                "202": { "description": "", "headers": {
                    "Retry-After": { "schema": { "type": "integer" } },
                } },
                "404": { "description": "", "content": { "application/json": {
                    "schema": { "type": "array", "items": { "type": "string" } },
                } } },
            },
        } } },
        "components": { "schemas": {
            "Role": { "type": "object", "required": ["kind"], "properties": {
                "kind": { "$ref": "#/components/schemas/Kind" },
                "displayName": { "type": "string" },
            } },
            "Kind": { "type": "string", "enum": ["a-b"] },
        } },
    });
    let document = Document::parse("d", document.to_string()).expect("is JSON");
    let plan = lower(&document).expect("lowers").plan;
    Surface::of(&plan, &Settings::default()).expect("generates")
}

#[test]
fn a_call_shows_its_setters_its_success_and_its_errors() {
    assert_eq!(
        render(&surface())["Roles"],
        "put_role()  // PUT /roles/{id}\n\
         \x20   .id(TryInto<::uuid::Uuid>)\n\
         \x20   .dry_run(TryInto<bool>)\n\
         \x20   .body(TryInto<types::Role>)\n\
         \x20   -> Response<responses::PutRoleSuccess>\n\
         \x20       Ok(::client_runtime::OpenEnum<types::Kind>)\n\
         \x20       Accepted\n\
         \x20       .headers().retry_after() -> Option<i64>\n\
         \x20   404: Vec<String>\n"
    );
}

#[test]
fn a_type_shows_its_fields_and_serde_arguments() {
    assert_eq!(
        render(&surface())["types"],
        "enum Kind\n\
         \x20   AB  // rename = \"a-b\"\n\
         struct Role (builder)\n\
         \x20   display_name: Option<String>  // rename = \"displayName\", skip_serializing_if = \"Option::is_none\"\n\
         \x20   kind: Kind\n"
    );
}

#[test]
fn a_derive_macro_that_is_not_rust_is_an_error_of_the_surface() {
    let feature_derives = [("schemars".to_owned(), vec!["not a path".to_owned()])];
    let settings = Settings {
        feature_derives: feature_derives.into(),
        ..Settings::default()
    };
    let surface = Surface::of(&ClientPlan::default(), &settings);
    assert!(matches!(surface, Err(GenerateError::NotRust(path, _)) if path == "not a path"));
}
