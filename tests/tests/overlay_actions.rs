//! Tests that the overlay actions of decoding errors correct the API description.

use std::error::Error as StdError;

use client_codegen::plan::{LocatedSchema, SchemaContents};
use client_runtime::{Error, RetryPolicy, StaticToken};
use client_tests::apis::{api, apis, document};
use client_tests::recording_server::{RecordingServer, Reply};
use numspot_client::{Client, SecuritySchemes as _};
use openapi_document::{Document, Pointer, overlay};
use serde_json::{Value, json};
use uuid::Uuid;

type Failed = Box<dyn StdError>;

/// The error of a list of spaces with this body.
async fn rejected(body: Value) -> Result<Error, Failed> {
    let server = RecordingServer::start(move |_| Reply::json(200, body.clone())).await?;
    let builder = Client::builder().base_url(server.base_url());
    let builder = builder.bearer_auth(StaticToken::from("token"));
    let client = builder.retry(RetryPolicy::never()).build()?;
    match client.list_roles_space().space_id(Uuid::nil()).send().await {
        Ok(_) => Err("the response is accepted".into()),
        Err(error) => Ok(error),
    }
}

fn role() -> Value {
    json!({
        "uuid": Uuid::nil(),
        "name": "Reader",
        "description": "Reads",
        "tenantType": ["space"],
        "custom": false,
        "createdOn": "2026-01-01T00:00:00Z",
        "updatedOn": "2026-01-01T00:00:00Z",
    })
}

/// The vendored document of the Numspot API, corrected by the overlay actions of an error.
fn corrected(error: &Error) -> Result<Document, Failed> {
    let actions = error.overlay_actions().ok_or("there are no actions")?;
    let source = format!("overlay: 1.0.0\nactions: {actions}\n");
    let mut document = document(&api("numspot"));
    overlay::apply(&Document::parse("the actions", source)?, &mut document)?;
    Ok(document)
}

#[tokio::test]
async fn the_overlay_actions_of_an_error_make_the_description_allow_the_response()
-> Result<(), Failed> {
    let mut nameless = role();
    nameless["name"] = Value::Null;
    let error = rejected(json!({ "items": [role(), nameless], "totalCount": 2 })).await?;
    let document = corrected(&error)?;
    let name = &document.root["components"]["schemas"]["Role"]["properties"]["name"];
    assert_eq!(name["type"], json!(["string", "null"]), "{error}");
    assert!(
        error
            .to_string()
            .contains("$.components.schemas.Role.properties.name")
    );

    let mut missing = role();
    missing
        .as_object_mut()
        .ok_or("is an object")?
        .remove("name");
    let error = rejected(json!({ "items": [missing], "totalCount": 1 })).await?;
    let document = corrected(&error)?;
    let required = &document.root["components"]["schemas"]["Role"]["required"];
    assert_eq!(required, &json!(["description", "tenantType"]), "{error}");

    let mut number = role();
    number["name"] = json!(7);
    let error = rejected(json!({ "items": [number], "totalCount": 1 })).await?;
    let document = corrected(&error)?;
    let name = &document.root["components"]["schemas"]["Role"]["properties"]["name"];
    assert_eq!(name, &json!({}), "{error}");
    openapi_lower::lower(&document)?;

    let error = rejected(json!([])).await?;
    let list = &corrected(&error)?.root["components"]["schemas"]["RolesPaginatedList"];
    assert_eq!(list, &json!({}), "{error}");
    Ok(())
}

#[tokio::test]
async fn there_are_no_overlay_actions_for_a_response_that_is_not_json() -> Result<(), Failed> {
    let server = RecordingServer::start(|_| Reply::of_type(200, "application/json", "{")).await?;
    let builder = Client::builder().base_url(server.base_url());
    let builder = builder.bearer_auth(StaticToken::from("token"));
    let client = builder.retry(RetryPolicy::never()).build()?;
    let call = client.list_roles_space().space_id(Uuid::nil()).send().await;
    let error = call.err().ok_or("the response is accepted")?;
    assert_eq!(error.overlay_actions(), None);
    Ok(())
}

#[test]
fn every_schema_of_a_response_is_located_in_the_document() {
    for api in apis() {
        let document = document(&api);
        let lowered = openapi_lower::lower(&document).expect("the document is lowered");
        let plan = &lowered.plan;
        assert!(!plan.located_schemas.is_empty());
        for (name, schema) in &plan.located_schemas {
            is_located(&document, name, schema);
        }
    }
}

fn is_located(document: &Document, name: &str, schema: &LocatedSchema) {
    let at = Pointer::parse(&schema.at).filter(|_| !schema.at.is_empty());
    let found = at.and_then(|at| at.get(&document.root));
    assert!(found.is_some(), "{name}: {schema:?}");
    match &schema.contents {
        Some(SchemaContents::Items(inner) | SchemaContents::Values(inner)) => {
            is_located(document, name, inner);
        }
        Some(SchemaContents::Properties(properties)) => {
            for (property, located) in properties {
                is_located(document, &format!("{name}.{property}"), &located.schema);
                if !located.required_at.is_empty() {
                    let at = Pointer::parse(&located.required_at).expect("is a pointer");
                    let object = at.get(&document.root).expect("is in the document");
                    let required = object["required"].as_array().expect("is a list");
                    assert!(required.iter().any(|name| name == property), "{object}");
                }
            }
        }
        Some(SchemaContents::Reference(_)) | None => {}
    }
}
