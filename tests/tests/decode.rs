//! Every answer that a document allows decodes into its generated type, and encodes back to the
//! same JSON.
//!
//! For each documented answer of each operation a server in the process sends instances of the
//! schema as the *vendored* document has it: with the least and the most members, each enumerated
//! value, a value that no enumeration lists, a member that no object lists, `null` where it may be.
//! This is what catches a type that compiles and can decode nothing, and whatever the lowering gets
//! wrong about answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use client_runtime::{RetryPolicy, Session};
use client_tests::apis::{Extent, api, document, operations_of};
use client_tests::call::{Outcome, call};
use client_tests::recording_server::{Answer, RecordingServer};
use openapi_document::instances::{Direction, Generator, Instance};
use serde_json::Value;

/// A status of the kind that a key of `responses` stands for.
fn status_of(key: &str) -> Vec<u16> {
    match key {
        "default" => vec![400, 503],
        range if range.ends_with("XX") => {
            let digit: u16 = range[..1].parse().expect("a range starts with a digit");
            vec![digit * 100 + 9]
        }
        code => vec![code.parse().expect("a status is a number")],
    }
}

async fn check(name: &'static str) {
    // Which answer to send, by the first segment of the path.
    let answers: Arc<Mutex<BTreeMap<String, Answer>>> = Arc::default();
    let sent = Arc::clone(&answers);
    let server = RecordingServer::start(move |request| {
        let case = request.path.split('/').nth(1).unwrap_or_default();
        let answers = sent.lock().expect("nobody panics with the lock");
        answers[case].clone()
    })
    .await
    .expect("the server starts");

    let document = document(&api(name));
    let generator = Generator::new(&document.root, Direction::Answer);
    let http = reqwest::Client::new();
    // Every answer counts here, also one that says to try again.
    let session = Session::new().with(|options| options.retry = RetryPolicy::never());
    let (mut cases, mut wrong) = (0, Vec::new());
    for operation in operations_of(&document.root) {
        let arguments = operation.arguments(Extent::Least).expect("arguments");
        for (key, schema) in operation.answers() {
            let instances = match schema {
                Some(schema) => generator
                    .all(schema)
                    .unwrap_or_else(|error| panic!("{}: {error}", operation.id))
                    .into_iter()
                    .map(Some)
                    .collect(),
                None => vec![None],
            };
            for status in status_of(key) {
                for instance in &instances {
                    let case = format!("case-{cases}");
                    cases += 1;
                    let body = instance
                        .as_ref()
                        .map(|instance: &Instance| instance.value.clone());
                    let answer = match &body {
                        Some(body) => Answer::json(status, body.clone()),
                        None => Answer::empty(status),
                    };
                    answers
                        .lock()
                        .expect("nobody panics with the lock")
                        .insert(case.clone(), answer);
                    let base_url = format!("{}/{case}", server.base_url());
                    let outcome = call(
                        name,
                        &base_url,
                        http.clone(),
                        session.clone(),
                        &operation.rust_name,
                        arguments.clone(),
                    )
                    .await
                    .unwrap_or_else(|error| panic!("{}: {error}", operation.id));
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
    assert!(cases > 100, "only {cases} cases were made for {name}");
    assert!(
        wrong.is_empty(),
        "{} of {cases} answers of {name} are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn judge(outcome: &Outcome, status: u16, sent: Option<&Value>) -> Result<(), String> {
    let (kind, got, body) = match outcome {
        Outcome::Success { status, body } => ("a success", status, body),
        Outcome::Failure { status, body } => ("a failure", status, body),
        Outcome::Other(message) => return Err(message.clone()),
    };
    if *got != status || (kind == "a success") != (200..300).contains(&status) {
        return Err(format!("status {status} came as {kind} of {got}"));
    }
    same(sent.unwrap_or(&Value::Null), body, "")
}

/// Whether what was decoded and encoded again is what was sent. Members that no object lists may be
/// gone, and an optional member that was `null` may be missing; a time may be written another way.
fn same(sent: &Value, got: &Value, at: &str) -> Result<(), String> {
    match (sent, got) {
        (Value::Object(sent), Value::Object(got)) => {
            for (name, sent) in sent {
                let at = format!("{at}/{name}");
                match got.get(name) {
                    Some(got) => same(sent, got, &at)?,
                    None if sent.is_null() || name == "xUnknownMember" => {}
                    None => return Err(format!("{at} is lost")),
                }
            }
            match got.keys().find(|name| !sent.contains_key(*name)) {
                Some(made_up) => Err(format!("{at}/{made_up} is made up")),
                None => Ok(()),
            }
        }
        (Value::Array(sent), Value::Array(got)) if sent.len() == got.len() => sent
            .iter()
            .zip(got)
            .enumerate()
            .try_for_each(|(index, (sent, got))| same(sent, got, &format!("{at}/{index}"))),
        (Value::String(sent), Value::String(got)) if sent != got => {
            let time = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
            match (time(sent), time(got)) {
                (Some(sent), Some(got)) if sent == got => Ok(()),
                _ => Err(format!("{at}: {sent:?} came back as {got:?}")),
            }
        }
        (Value::Number(sent), Value::Number(got)) if sent.as_f64() == got.as_f64() => Ok(()),
        (sent, got) if sent == got => Ok(()),
        (sent, got) => Err(format!("{at}: {sent} came back as {got}")),
    }
}

#[tokio::test]
async fn every_numspot_answer_decodes_and_encodes_back() {
    check("numspot").await;
}

#[tokio::test]
async fn every_alumio_answer_decodes_and_encodes_back() {
    check("alumio").await;
}

#[test]
fn a_lost_or_changed_member_is_noticed() {
    use serde_json::json;
    let sent = json!({ "a": [{ "b": 1 }], "n": null });
    assert_eq!(same(&sent, &json!({ "a": [{ "b": 1.0 }] }), ""), Ok(()));
    for got in [
        json!({ "n": null }),
        json!({ "a": [{}] }),
        json!({ "a": [{ "b": 2 }] }),
        json!({ "a": [{ "b": 1 }], "c": 1 }),
    ] {
        assert!(same(&sent, &got, "").is_err(), "{got}");
    }
}
