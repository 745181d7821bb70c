//! Tests of the reports and records of responses that differ from the API description.

mod support;

use std::sync::{Arc, Mutex};

use client_runtime::generated::{DocumentedResponse, Object, Properties, object};
use client_runtime::operation::{Operation, ResponseBody, StatusPattern};
use client_runtime::{Deviation, DeviationKind, ErrorKind, OpenEnum};
use serde::de::MapAccess;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use support::{Client, LIST, Server, documented, json as response};

#[derive(Debug, PartialEq, Deserialize)]
enum State {
    #[serde(rename = "open")]
    Open,
}

#[derive(Debug)]
#[allow(dead_code)]
struct Order {
    state: Option<OpenEnum<State>>,
    owner: Option<Owner>,
    parent: Option<Box<Order>>,
}

impl<'de> Object<'de> for Order {
    const NAME: &'static str = "Order";
    const PROPERTIES: &'static [&'static str] = &["state", "owner", "parent"];
    const REQUIRES_NONE: bool = true;

    fn read<A: MapAccess<'de>>(mut object: Properties<A, Self>) -> Result<Self, A::Error> {
        let (mut state, mut owner, mut parent) = (None, None, None);
        while let Some(index) = object.next()? {
            match index {
                0 => object.value(&mut state)?,
                1 => object.value(&mut owner)?,
                2 => object.value(&mut parent)?,
                _ => object.skip()?,
            }
        }
        Ok(Self {
            state: object.optional(state, "state"),
            owner,
            parent: parent.unwrap_or_default(),
        })
    }
}

impl<'de> Deserialize<'de> for Order {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer)
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[allow(dead_code)]
enum Owner {
    Person {
        state: OpenEnum<State>,
        name: String,
    },
    Team {
        team: String,
    },
}

const ORDER: Operation = Operation {
    responses: &[DocumentedResponse {
        status: StatusPattern::Code(200),
        body: ResponseBody::Json,
        ..DocumentedResponse::PLAIN
    }],
    ..LIST
};

/// Decodes the responses as orders, and returns what was reported.
async fn reported(responses: Vec<(u16, Value)>) -> Vec<Deviation> {
    let count = responses.len();
    let server = Server::start(move |number, _| {
        let (status, body) = &responses[number];
        response(*status, &body.to_string())
    })
    .await;
    let found = Arc::new(Mutex::new(Vec::new()));
    let sink = found.clone();
    let builder = server.builder().on_deviation(move |deviation| {
        sink.lock()
            .expect("is not poisoned")
            .push(deviation.clone());
    });
    let client = builder.build().expect("builds");
    for _ in 0..count {
        let raw = client.call(ORDER).send().await.expect("succeeds");
        raw.json::<Order>().expect("decodes");
    }
    let found = found.lock().expect("is not poisoned");
    found.clone()
}

fn kinds(deviations: &[Deviation]) -> Vec<&DeviationKind> {
    deviations.iter().map(|deviation| &deviation.kind).collect()
}

#[tokio::test]
async fn a_response_as_documented_is_no_deviation() {
    let found = reported(vec![
        (200, json!({ "state": "open" })),
        (200, json!({})),
        (
            200,
            json!({ "parent": null, "owner": { "state": "open", "name": "n" } }),
        ),
    ])
    .await;
    assert_eq!(found, []);
}

#[tokio::test]
async fn each_deviation_is_reported_once_and_the_call_succeeds() {
    let paused = json!({ "state": "paused" });
    let found = reported(vec![
        (200, paused.clone()),
        (201, paused),
        (200, json!({ "data": { "state": "open" } })),
    ])
    .await;
    let unknown = DeviationKind::UnknownValue {
        enumeration: "State",
        value: "paused".to_owned(),
    };
    let created = DeviationKind::UndocumentedStatus(reqwest::StatusCode::CREATED);
    let unlike = DeviationKind::NoKnownProperty { object: "Order" };
    assert_eq!(kinds(&found), [&unknown, &created, &unlike]);
    assert!(
        found
            .iter()
            .all(|deviation| deviation.operation == "ListThings")
    );
}

#[tokio::test]
async fn null_for_a_property_without_null_is_reported_and_read_as_absent() {
    let null = DeviationKind::NullProperty {
        object: "Order",
        property: "state",
    };
    let found = reported(vec![(
        200,
        json!({ "state": null, "parent": { "state": null } }),
    )])
    .await;
    assert_eq!(kinds(&found), [&null]);
    assert!(
        found[0]
            .to_string()
            .ends_with("the property `state` of `Order` is null")
    );
}

#[tokio::test]
async fn an_object_inside_another_without_a_known_property_is_reported() {
    let parent = json!({ "state": "open", "parent": { "status": "open" } });
    let unlike = DeviationKind::NoKnownProperty { object: "Order" };
    assert_eq!(kinds(&reported(vec![(200, parent)]).await), [&unlike]);
}

#[tokio::test]
async fn a_branch_of_a_choice_that_is_not_taken_does_not_deviate() {
    let team = json!({ "owner": { "state": "of its own", "team": "t" } });
    assert_eq!(reported(vec![(200, team)]).await, []);
}

#[tokio::test]
async fn a_list_in_place_of_an_object_is_an_error_with_the_whole_body() {
    let server = Server::start(|_, _| response(200, r#"{"parent":["open"]}"#)).await;
    let client = server.builder().build().expect("builds");
    let raw = client.call(ORDER).send().await.expect("succeeds");
    let error = raw.json::<Order>().expect_err("is no object");
    assert_eq!(error.kind(), ErrorKind::Decode);
    let message = "at $.parent: invalid type: sequence, expected an object (Order)";
    assert!(error.to_string().contains(message), "{error}");
    assert_eq!(&error.body()[..], br#"{"parent":["open"]}"#);
}

#[tokio::test]
async fn json_in_place_of_a_text_is_reported_and_returned_as_it_is() {
    const TEXT: Operation = Operation {
        responses: &[documented(StatusPattern::Code(200), ResponseBody::Text)],
        ..LIST
    };
    let server = Server::start(|number, _| match number {
        0 => response(200, r#""a text""#),
        _ => response(200, r#"{"a": 1}"#),
    })
    .await;
    let (sink, found) = std::sync::mpsc::channel();
    let builder = server.builder().on_deviation(move |deviation| {
        sink.send(deviation.kind.clone()).expect("is received");
    });
    let client = builder.build().expect("builds");
    for expected in ["a text", r#"{"a": 1}"#] {
        let raw = client.call(TEXT).send().await.expect("succeeds");
        assert_eq!(*raw.text().expect("is a text"), *expected);
    }
    drop(client);
    assert_eq!(Vec::from_iter(found), [DeviationKind::NotText]);
}

#[tokio::test]
async fn responses_are_recorded_without_secrets() {
    let server = Server::start(|number, _| match number {
        0 => response(200, r#"{"id": 1, "access_token": "s3cret"}"#),
        1 => response(404, r#"{"detail": "gone"}"#),
        _ => response(200, "no JSON"),
    })
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.jsonl");
    let client: Client = server.builder().record(&path).build().expect("builds");
    for _ in 0..3 {
        let _ = client.call(LIST).send().await;
    }
    let text = std::fs::read_to_string(&path).expect("was written");
    assert!(!text.contains("s3cret"), "{text}");
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("is JSON"))
        .collect();
    let of = |status: u16| {
        json!({
            "operation": "ListThings", "method": "GET", "path": "/things", "status": status,
            "content_type": "application/json",
        })
    };
    let with = |mut line: Value, name: &str, value: Value| {
        line[name] = value;
        line
    };
    assert_eq!(
        lines,
        [
            with(
                of(200),
                "json",
                json!({ "id": 1, "access_token": "[redacted]" })
            ),
            with(of(404), "json", json!({ "detail": "gone" })),
            with(of(200), "bytes", json!(7)),
        ]
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_an_error_of_the_builder() {
    let server = Server::start(|_, _| response(200, "[]")).await;
    let missing = std::path::Path::new("/no/such/folder/run.jsonl");
    let error = server.builder().record(missing).build().err();
    let message = error.map(|error| error.to_string()).unwrap_or_default();
    assert!(
        message.contains("cannot be recorded in /no/such/folder"),
        "{message}"
    );
}
