//! Snapshots of the requests of every operation, with minimal and maximal arguments.
//!
//! The arguments are derived from the vendored documents. An operation that cannot be called fails the
//! test, so that no operation lacks a snapshot.

use std::collections::BTreeMap;

use client_runtime::Builder;
use client_tests::apis::{CONSTRUCTS, Extent, api, apis, document, operations_of, wire_snapshot};
use client_tests::call::{AnyClient, call};
use client_tests::expectations::Expectations;
use client_tests::recording_server::{Recorded, RecordingServer, Reply};
use openapi_document::is_json_lines;
use serde_json::Value;
use xtask::registry::Api;

/// The requests of an API's operations whose tags are `wanted`.
async fn snapshots(api: &Api, wanted: impl Fn(&str) -> bool) {
    let name = &api.name;
    // The response does not matter; any response ends the call.
    let server = RecordingServer::start(|_| Reply::empty(418))
        .await
        .expect("the server starts");
    // An HTTP client without a user agent.
    let http = client_runtime::http_client_builder().expect("has TLS");
    let http = http.build().expect("builds");
    let document = document(api);
    let mut by_tag: BTreeMap<String, String> = BTreeMap::new();
    for operation in operations_of(&document.root) {
        if !wanted(&operation.tag) {
            continue;
        }
        let text = by_tag.entry(operation.tag.clone()).or_default();
        for extent in [Extent::Least, Extent::Most] {
            let arguments = operation
                .arguments(extent)
                .unwrap_or_else(|error| panic!("{}: {error}", operation.id));
            let body = arguments.0.get("body").cloned();
            let builder = Builder::<AnyClient>::default()
                .base_url(server.base_url())
                .http_client(http.clone());
            let called = call(name, builder, &operation.rust_name, arguments).await;
            called.unwrap_or_else(|error| panic!("{}: {error}", operation.id));
            let requests = server.take_requests();
            let [request] = requests.as_slice() else {
                panic!("{}: sent {} requests", operation.id, requests.len());
            };
            assert_eq!(request.method, operation.method, "{}", operation.id);
            if let Some(body) = body
                && let Some(sent) = sent_body(request, &body)
            {
                assert_eq!(sent, body, "{}: the body is sent as given", operation.id);
            }
            let sent = without_boundary(request, &request.to_string());
            text.push_str(&format!("{} ({extent:?}): {sent}", operation.call_id));
        }
    }
    for (tag, text) in by_tag {
        insta::with_settings!({
            description => format!("Requests of the operations with the tag {tag} of {name}"),
            omit_expression => true,
            prepend_module_to_snapshot => false,
        }, {
            insta::assert_snapshot!(wire_snapshot(name, &tag), text);
        });
    }
}

/// A request for a snapshot; the random boundary of a form is replaced with a fixed string.
fn without_boundary(request: &Recorded, shown: &str) -> String {
    let content_type = request.headers.get("content-type");
    let content_type = content_type.and_then(|value| value.to_str().ok());
    match content_type.and_then(|value| value.split_once("boundary=")) {
        Some((_, boundary)) => shown.replace(boundary, "boundary"),
        None => shown.to_owned(),
    }
}

/// The sent body as JSON, if its format is self-describing: JSON, JSON lines, or a form of strings.
fn sent_body(request: &Recorded, given: &Value) -> Option<Value> {
    let content_type = request.headers.get("content-type")?.to_str().ok()?;
    let text = String::from_utf8_lossy(&request.body);
    if is_json_lines(content_type) {
        let lines = text.lines().map(serde_json::from_str::<Value>);
        return Some(lines.map(|line| line.expect("the line is JSON")).collect());
    }
    if content_type.contains("json") {
        return Some(serde_json::from_str(&text).expect("the body is JSON"));
    }
    let mut given = given.as_object()?.values();
    if content_type != "application/x-www-form-urlencoded" || !given.all(Value::is_string) {
        return None;
    }
    let url = reqwest::Url::parse(&format!("http://127.0.0.1/?{text}")).expect("is a URL");
    let pairs = url.query_pairs().into_owned();
    Some(Value::Object(
        pairs.map(|(name, value)| (name, value.into())).collect(),
    ))
}

#[tokio::test]
async fn every_request_is_as_reviewed() {
    for api in apis() {
        snapshots(&api, |_| true).await;
    }
    snapshots(&api("constructs"), |tag| CONSTRUCTS.contains(&tag)).await;
}

#[tokio::test]
async fn a_body_that_may_be_left_out_is_left_out() {
    let server = RecordingServer::start(|_| Reply::empty(418))
        .await
        .expect("the server starts");
    for api in apis() {
        let left_out = bodies_left_out(&api, &server).await;
        if let Some(expected) = Expectations::of(&api.name).optional_bodies {
            assert_eq!(left_out, expected, "of {}", api.name);
        }
    }
}

/// Calls each operation with an optional body without it, and returns their number.
async fn bodies_left_out(api: &Api, server: &RecordingServer) -> usize {
    let document = document(api);
    let mut seen = 0;
    for operation in operations_of(&document.root) {
        if !matches!(operation.request_body(), Some((false, ..))) {
            continue;
        }
        let arguments = operation
            .arguments(Extent::Least)
            .expect("arguments can be made");
        let builder = Builder::<AnyClient>::default().base_url(server.base_url());
        let called = call(&api.name, builder, &operation.rust_name, arguments).await;
        called.expect("can be called");
        let request = server.take_requests().remove(0);
        assert!(request.body.is_empty(), "{}", operation.id);
        assert!(!request.headers.contains_key("content-type"));
        seen += 1;
    }
    seen
}
