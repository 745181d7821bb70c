//! Snapshots of what every operation of each client really sends, with the least and with the most
//! that it takes.
//!
//! The calls are made from the vendored documents; an operation that cannot be called fails, so
//! none goes without its snapshot.

use std::collections::BTreeMap;

use client_runtime::Session;
use client_tests::apis::{CONSTRUCTS, Extent, api, apis, document, operations_of, wire_snapshot};
use client_tests::call::call;
use client_tests::recording_server::{Answer, RecordingServer};
use openapi_document::is_json_lines;
use serde_json::Value;

/// Those of the operations of an API that are `wanted` by their tags.
async fn snapshots(name: &str, wanted: impl Fn(&str) -> bool) {
    // What comes back does not matter here; any answer ends the call.
    let server = RecordingServer::start(|_| Answer::empty(418))
        .await
        .expect("the server starts");
    let document = document(&api(name));
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
            let session = Session::new()
                .with_bearer("not to be seen")
                .with_basic("nor", "this");
            call(
                name,
                server.base_url(),
                reqwest::Client::new(),
                session,
                &operation.rust_name,
                arguments,
            )
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", operation.id));
            let requests = server.take_requests();
            let [request] = requests.as_slice() else {
                panic!("{}: sent {} requests", operation.id, requests.len());
            };
            assert_eq!(request.method, operation.method, "{}", operation.id);
            if let Some(body) = body
                && let Some(sent) = sent_body(request)
            {
                assert_eq!(sent, body, "{}: the body is sent as given", operation.id);
            }
            text.push_str(&format!("{} ({extent:?}): {request}", operation.call_id));
        }
    }
    for (tag, text) in by_tag {
        insta::with_settings!({
            description => format!("What the operations of the tag {tag} of {name} send"),
            omit_expression => true,
            prepend_module_to_snapshot => false,
        }, {
            insta::assert_snapshot!(wire_snapshot(name, &tag), text);
        });
    }
}

/// The body of a request as the argument that it was made of; parts are shown by their snapshots only.
fn sent_body(request: &client_tests::recording_server::Recorded) -> Option<Value> {
    let text = String::from_utf8_lossy(&request.body);
    let media_type = request.headers.get("content-type");
    let media_type = media_type.map_or("", |value| value.to_str().expect("is ASCII"));
    if media_type == "application/x-www-form-urlencoded" {
        let url = reqwest::Url::parse(&format!("http://127.0.0.1/?{text}")).expect("is a URL");
        let pairs = url.query_pairs().into_owned();
        return Some(Value::Object(
            pairs.map(|(name, value)| (name, value.into())).collect(),
        ));
    }
    if is_json_lines(media_type) {
        let lines = text.lines().map(serde_json::from_str::<Value>);
        return Some(lines.map(|line| line.expect("the line is JSON")).collect());
    }
    if media_type.starts_with("multipart/") {
        return None;
    }
    Some(serde_json::from_str(&text).expect("the body is JSON"))
}

#[tokio::test]
async fn every_request_is_as_reviewed() {
    for api in apis() {
        snapshots(&api.name, |_| true).await;
    }
    snapshots("constructs", |tag| CONSTRUCTS.contains(&tag)).await;
}

#[tokio::test]
async fn a_body_that_may_be_left_out_is_left_out() {
    let server = RecordingServer::start(|_| Answer::empty(418))
        .await
        .expect("the server starts");
    let document = document(&api("numspot"));
    let mut seen = 0;
    for operation in operations_of(&document.root) {
        if !matches!(operation.request_body(), Some((false, ..))) {
            continue;
        }
        let arguments = operation
            .arguments(Extent::Least)
            .expect("arguments can be made");
        call(
            "numspot",
            server.base_url(),
            reqwest::Client::new(),
            Session::new(),
            &operation.rust_name,
            arguments,
        )
        .await
        .expect("can be called");
        let request = server.take_requests().remove(0);
        assert!(request.body.is_empty(), "{}", operation.id);
        assert!(!request.headers.contains_key("content-type"));
        seen += 1;
    }
    assert_eq!(seen, 5);
}
