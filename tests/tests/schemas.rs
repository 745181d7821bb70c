//! Keywords of JSON Schema: what a document allows is sent and comes back as it was, for the operation of
//! `tests/documents/constructs.yaml` about drawings.

use client_runtime::{Null, RetryPolicy};
use client_tests::recording_server::{RecordingServer, Reply};
use constructs_client::{Client, types, webhooks};
use serde_json::{Value, json};

type Failed = Box<dyn std::error::Error>;

/// A server that sends each body back, and its client without retries.
async fn echoing() -> Result<(RecordingServer, Client), Failed> {
    let echo = |request: &client_tests::recording_server::Recorded| {
        Reply::of_type(200, "application/json", request.body.clone())
    };
    let server = RecordingServer::start(echo).await?;
    let builder = Client::builder().base_url(server.base_url());
    let client = builder.retry(RetryPolicy::never()).build()?;
    Ok((server, client))
}

#[tokio::test]
async fn values_of_every_keyword_are_built_sent_and_read() -> Result<(), Failed> {
    let (server, client) = echoing().await?;
    let fill = types::Fill::builder().kind("color").value("red");
    let drawing = types::Drawing::builder()
        .at((3, "x".to_owned()))
        .layer(types::DrawingLayer::FRONT)
        .join(types::DrawingJoin::Bevel)
        .fill(types::Fill::try_from(fill)?)
        .removed(Null)
        .scale(2)
        .tags("one");
    let response = client.put_drawing().body(drawing).send().await?;
    let sent: Value = serde_json::from_slice(&server.take_requests()[0].body)?;
    let expected = json!({
        "at": [3, "x"],
        "layer": 1,
        "join": "<",
        "fill": { "kind": "color", "value": "red" },
        "removed": null,
        "scale": 2,
        "tags": "one",
    });
    assert_eq!(sent, expected);
    assert_eq!(response.at, Some((3, "x".to_owned())));
    assert_eq!(response.layer, Some(types::DrawingLayerOutput::FRONT));
    Ok(())
}

#[test]
fn what_a_schema_allows_comes_back_as_it_was() -> Result<(), Failed> {
    for valid in [
        json!({ "at": [3, "x"] }),
        json!({ "steps": ["a", 1, 2] }),
        json!({ "contact": { "mail": "m", "phone": "p", "at": 3 } }),
        json!({ "contact": { "phone": "p" } }),
        json!({ "fill": { "kind": "color", "value": "red" } }),
        json!({ "fill": { "kind": "pattern", "value": 7 } }),
        json!({ "layer": -1, "join": "m" }),
        json!({ "tags": ["a", "b"] }),
        json!({ "shape": { "shape": "Square", "size": 2 } }),
    ] {
        let request: types::Drawing = serde_json::from_value(valid.clone())?;
        assert_eq!(serde_json::to_value(request)?, valid);
        let response: types::DrawingOutput = serde_json::from_value(valid.clone())?;
        assert_eq!(serde_json::to_value(response)?, valid);
    }
    Ok(())
}

#[test]
fn responses_keep_what_a_document_does_not_list_yet() -> Result<(), Failed> {
    for later in [
        json!({ "contact": { "fax": "f" } }),
        json!({ "shape": { "shape": "Star", "points": 5 } }),
        json!({ "layer": 9, "join": "round", "scale": 9 }),
    ] {
        let response: types::DrawingOutput = serde_json::from_value(later.clone())?;
        assert_eq!(serde_json::to_value(response)?, later);
    }
    let written = json!({ "at": [3.0, "x"], "layer": 1.0 });
    let response: types::DrawingOutput = serde_json::from_value(written)?;
    assert_eq!(response.at, Some((3, "x".to_owned())));
    Ok(())
}

#[test]
fn the_name_of_a_schema_tells_branches_apart() -> Result<(), Failed> {
    let shape: types::ShapeOutput = serde_json::from_value(json!({ "shape": "Square" }))?;
    assert!(
        matches!(shape, types::ShapeOutput::SquareOutput(_)),
        "{shape:?}"
    );
    Ok(())
}

#[test]
fn what_a_schema_forbids_is_rejected_before_it_is_sent() {
    for invalid in [
        json!({ "at": [3] }),
        json!({ "at": ["x", 3] }),
        json!({ "layer": 9 }),
        json!({ "join": "round" }),
        json!({ "removed": 0 }),
        json!({ "scale": 0 }),
        json!({ "scale": 3 }),
        json!({ "shape": { "shape": "Star" } }),
    ] {
        let request = serde_json::from_value::<types::Drawing>(invalid.clone());
        assert!(request.is_err(), "{invalid}");
    }
}

#[test]
fn the_payload_of_a_webhook_is_read_and_an_invalid_one_is_named() {
    let drawing = webhooks::drawing_changed(br#"{"layer": 0, "scale": 5}"#).expect("is a drawing");
    assert_eq!(drawing.layer, Some(types::DrawingLayerOutput::NORMAL));
    let error = webhooks::drawing_changed(br#"{"at": 7}"#).expect_err("is not a tuple");
    assert!(error.to_string().contains("payload"), "{error}");
    assert!(error.to_string().contains("$.at"), "{error}");
}

#[test]
fn a_list_in_place_of_an_object_is_an_error_inside_others_too() {
    let drawing = |fill: Value| serde_json::from_value::<types::Drawing>(json!({ "fill": fill }));
    assert!(drawing(json!({ "kind": "color", "value": "red" })).is_ok());
    let error = drawing(json!(["color", "red"])).expect_err("is no object");
    let message = "invalid type: sequence, expected an object (Fill)";
    assert!(error.to_string().starts_with(message), "{error}");
}

#[test]
fn a_schema_of_a_type_has_the_names_in_json() {
    let schema = serde_json::to_value(schemars::schema_for!(types::Filter)).expect("is JSON");
    let properties = schema["properties"].as_object().expect("is an object");
    let names: Vec<&String> = properties.keys().collect();
    assert_eq!(names, ["limit", "order", "skip", "where"]);
}
