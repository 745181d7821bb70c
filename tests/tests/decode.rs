//! Tests that every documented response decodes into its generated type and encodes to the same JSON.
//!
//! For each documented response of each operation, an in-process server sends instances of the
//! schema in the *vendored* document: minimal and maximal objects, each enumerated value, an unknown
//! enumerated value, an unknown property, and `null` where it is allowed. This finds types that
//! compile but decode nothing, and errors of the lowering.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use client_runtime::{Builder, RetryPolicy};
use client_tests::apis::{Extent, api, apis, document, operations_of};
use client_tests::call::{AnyClient, Outcome, call};
use client_tests::recording_server::{RecordingServer, Reply};
use openapi_document::Direction;
use openapi_instances::same;
use openapi_instances::{Generator, Instance};
use serde_json::Value;

/// Statuses that a key of `responses` covers and the other `keys` do not.
fn status_of(key: &str, keys: &[&str]) -> Vec<u16> {
    match key {
        "default" => [400, 418, 500, 503]
            .into_iter()
            .filter(|status| !keys.contains(&&*status.to_string()))
            .take(2)
            .collect(),
        range if range.ends_with("XX") => {
            let digit: u16 = range[..1].parse().expect("a range starts with a digit");
            vec![digit * 100 + 9]
        }
        code => vec![code.parse().expect("a status is a number")],
    }
}

/// Sends every response of the API and returns their number.
async fn check(name: &str) -> usize {
    // The response to send, by the first path segment.
    let responses: Arc<Mutex<BTreeMap<String, Reply>>> = Arc::default();
    let sent = Arc::clone(&responses);
    let server = RecordingServer::start(move |request| {
        let case = request.path.split('/').nth(1).unwrap_or_default();
        let responses = sent.lock().expect("the lock is not poisoned");
        responses[case].clone()
    })
    .await
    .expect("the server starts");

    let document = document(&api(name));
    let generator = Generator::new(&document.root, Direction::Response);
    let http = client_runtime::http_client_builder().expect("has TLS");
    let http = http.build().expect("builds");
    let (mut cases, mut wrong) = (0, Vec::new());
    for operation in operations_of(&document.root) {
        let arguments = operation.arguments(Extent::Least).expect("arguments");
        let responses_of = operation.responses();
        let keys: Vec<&str> = responses_of.iter().map(|(key, _)| *key).collect();
        for (key, schema) in responses_of.iter().copied() {
            // A client without redirects and cache receives no such response.
            if key.starts_with(['1', '3']) {
                continue;
            }
            let in_lines = operation.responds_in_lines(key);
            let instances = match schema {
                Some(schema) => generator
                    .all(schema)
                    .unwrap_or_else(|error| panic!("{}: {error}", operation.id))
                    .into_iter()
                    .map(Some)
                    .collect(),
                None => vec![None],
            };
            for status in status_of(key, &keys) {
                for instance in &instances {
                    let case = format!("case-{cases}");
                    cases += 1;
                    let body = instance
                        .as_ref()
                        .map(|instance: &Instance| instance.value.clone());
                    let response = match &body {
                        Some(Value::Array(items)) if in_lines => lines(status, items),
                        Some(body) => Reply::json(status, body.clone()),
                        None => Reply::empty(status),
                    };
                    responses
                        .lock()
                        .expect("the lock is not poisoned")
                        .insert(case.clone(), response);
                    // No retries: every response is checked.
                    let builder = Builder::<AnyClient>::default()
                        .base_url(format!("{}/{case}", server.base_url()))
                        .http_client(http.clone())
                        .retry(RetryPolicy::never());
                    let outcome = call(name, builder, &operation.rust_name, arguments.clone())
                        .await
                        .unwrap_or_else(|error| panic!("{}: {error}", operation.id));
                    let outcome = if in_lines { unlined(outcome) } else { outcome };
                    if let Err(reason) = judge(&outcome, status, body.as_ref()) {
                        let variation = instance
                            .as_ref()
                            .map(|instance| instance.variation.to_string());
                        wrong.push(format!(
                            "{} {key} ({}): {reason}",
                            operation.id,
                            variation.unwrap_or_else(|| "no body".to_owned()),
                        ));
                    }
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {cases} responses of {name} are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    cases
}

fn lines(status: u16, items: &[Value]) -> Reply {
    let lines: String = items.iter().map(|item| format!("{item}\n")).collect();
    Reply::of_type(status, "application/x-ndjson", lines)
}

/// JSON lines are received as one string. Returns the list of their values.
fn unlined(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Success { status, body } => {
            let lines = body.as_str().unwrap_or_default().lines();
            let body = lines.map(|line| serde_json::from_str::<Value>(line).unwrap_or_default());
            let body = body.collect();
            Outcome::Success { status, body }
        }
        other => other,
    }
}

fn judge(outcome: &Outcome, status: u16, sent: Option<&Value>) -> Result<(), String> {
    let (kind, got, body) = match outcome {
        Outcome::Success { status, body } => ("a success", status, body),
        Outcome::Failure { status, body, .. } => ("a failure", status, body),
        Outcome::Other(message) => return Err(message.clone()),
    };
    if *got != status || (kind == "a success") != (200..300).contains(&status) {
        return Err(format!("status {status} was received as {kind} of {got}"));
    }
    match sent {
        // A `text/plain` response is a string; it is empty if there is no body.
        None if body == "" => Ok(()),
        sent => same(sent.unwrap_or(&Value::Null), body),
    }
}

#[tokio::test]
async fn every_response_decodes_and_encodes_back() {
    let mut cases = 0;
    for api in apis() {
        cases += check(&api.name).await;
    }
    assert!(cases > 500, "only {cases} cases");
}
