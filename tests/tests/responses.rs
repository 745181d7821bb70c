//! Decoding of documented and undocumented responses, and error messages, for the operations of
//! `tests/documents/constructs.yaml` about responses.

use std::error::Error as StdError;
use std::time::Duration;

use chrono::NaiveDate;
use client_runtime::{
    Error, ErrorKind, Method, Response, RetryPolicy, SecretString, StaticToken, TryStreamExt,
};
use client_tests::apis::workspace;
use client_tests::recording_server::{RecordingServer, Reply};
use constructs_client::{Client, OPERATIONS, SecuritySchemes as _, responses, types};
use mock_server::MockServer;
use openapi_document::Document;
use reqwest::StatusCode;
use serde_json::{Value, json};

type Failed = Box<dyn StdError>;

/// A client without retries.
fn client(server: &RecordingServer) -> Client {
    let builder = Client::builder().base_url(server.base_url());
    let client = builder.retry(RetryPolicy::never()).build();
    client.expect("a server on loopback is a base URL")
}

/// A server that sends `reply` to every request, and its client.
async fn responding(response: Reply) -> Result<(RecordingServer, Client), Failed> {
    let server = RecordingServer::start(move |_| response.clone()).await?;
    let client = client(&server);
    Ok((server, client))
}

/// The error of a call that must fail.
fn failed<T, H>(result: Result<Response<T, H>, Error>) -> Error {
    match result {
        Ok(response) => panic!("succeeds with {}", response.status()),
        Err(error) => error,
    }
}

/// The error of an operation that only documents the status 422.
async fn check_leaf_error(response: Reply) -> Result<Error, Failed> {
    let (_server, client) = responding(response).await?;
    Ok(failed(client.check_leaf().send().await))
}

#[tokio::test]
async fn an_undocumented_success_is_the_one_documented_type() -> Result<(), Failed> {
    let (_server, client) = responding(Reply::json(201, json!({ "id": "x" }))).await?;
    let job = client.start_job().send().await?;
    assert_eq!((job.status(), job.id.as_str()), (StatusCode::CREATED, "x"));
    // One documented response has a body, one has none.
    let next = client.next_job().id("x").send().await?.into_inner();
    assert!(matches!(next, responses::NextJobSuccess::Ok(job) if job.id == "x"));
    // A type that is not decoded accepts any body.
    client.touch_job().id("x").send().await?;

    let (_server, client) = responding(Reply::empty(202)).await?;
    let next = client.next_job().id("x").send().await?.into_inner();
    assert!(matches!(next, responses::NextJobSuccess::NoContent));
    Ok(())
}

#[tokio::test]
async fn an_undocumented_success_of_several_types_is_an_error_with_all_of_it() -> Result<(), Failed>
{
    let (_server, client) = responding(Reply::json(201, json!({ "id": "x" }))).await?;
    let error = failed(client.queue_job().send().await);
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.status(), Some(StatusCode::CREATED));
    assert_eq!(error.body(), r#"{"id":"x"}"#);
    assert_eq!(error.decode::<types::Job>()?.id, "x");
    assert_eq!(error.call().map(|call| call.operation), Some("queue-job"));
    assert!(error.to_string().contains("does not document"), "{error}");
    Ok(())
}

#[tokio::test]
async fn each_documented_status_has_its_type() -> Result<(), Failed> {
    use responses::{NextJobSuccess, QueueJobSuccess};
    let (_server, client) = responding(Reply::json(200, json!({ "id": "x" }))).await?;
    let next = client.next_job().id("x").send().await?.into_inner();
    assert!(matches!(next, NextJobSuccess::Ok(job) if job.id == "x"));
    let (_server, client) = responding(Reply::empty(204)).await?;
    let next = client.next_job().id("x").send().await?.into_inner();
    assert!(matches!(next, NextJobSuccess::NoContent));
    // The document has content for a status that has none in HTTP.
    let touched = client.touch_job().id("x").send().await?;
    assert_eq!(touched.status(), StatusCode::NO_CONTENT);
    let (_server, client) = responding(Reply::json(202, json!({ "ticket": "t" }))).await?;
    let queued = client.queue_job().send().await?.into_inner();
    assert!(matches!(queued, QueueJobSuccess::Accepted(ticket) if ticket.ticket == "t"));

    let (_server, client) = responding(Reply::empty(500)).await?;
    let error = failed(client.next_job().id("x").send().await);
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Api, Some(StatusCode::INTERNAL_SERVER_ERROR))
    );
    let (_server, client) = responding(Reply::json(400, json!({ "reason": "full" }))).await?;
    let error = failed(client.queue_job().send().await);
    assert_eq!(error.decode::<types::QueueJobResponse>()?.reason, "full");
    let (_server, client) = responding(Reply::json(429, json!({ "seconds": 3 }))).await?;
    let error = failed(client.queue_job().send().await);
    assert_eq!(error.decode::<types::QueueJobResponse2>()?.seconds, 3);
    Ok(())
}

#[tokio::test]
async fn a_documented_redirect_is_a_success_and_not_followed() -> Result<(), Failed> {
    let elsewhere = "https://elsewhere.invalid/results/1?signature=s3cret";
    let response = Reply::empty(302).with_header("location", elsewhere);
    let (server, client) = responding(response).await?;
    let found = client.locate_result().id("x").send().await?;
    assert_eq!(found.status(), StatusCode::FOUND);
    assert_eq!(found.headers().location()?.as_deref(), Some(elsewhere));
    assert_eq!(server.take_requests().len(), 1);
    let (_server, client) = responding(Reply::empty(404)).await?;
    assert!(failed(client.locate_result().id("x").send().await).is_not_found());
    Ok(())
}

#[tokio::test]
async fn head_has_headers_and_no_body_whatever_is_documented() -> Result<(), Failed> {
    let response = Reply::of_type(200, "application/json", "").with_header("x-total", "3");
    let (_server, client) = responding(response).await?;
    let counted = client.count_jobs().send().await?;
    assert_eq!(counted.headers().x_total()?, Some(3));
    let (_server, client) = responding(Reply::of_type(404, "application/json", "")).await?;
    let error = failed(client.count_jobs().send().await);
    assert_eq!(error.kind(), ErrorKind::Api);
    assert!(error.is_not_found() && error.body().is_empty());
    Ok(())
}

#[tokio::test]
async fn an_event_stream_is_typed_events_whatever_is_between_them() -> Result<(), Failed> {
    const EVENTS: &str = ": a comment\r\n\r\n\
        event: progress\r\nid: 1\r\ndata: {\"kind\": \"step\",\r\ndata: \"name\": \"one\"}\r\n\r\n\
        retry: 10\n\n\
        data: {\"kind\":\"step\",\"name\":\"two\"}\n\n\
        data:{\"kind\":\"end\",\"seconds\":7}\n\n";
    let (_server, client) = responding(Reply::of_type(200, "text/event-stream", EVENTS)).await?;
    let followed = client
        .follow_job_as_events()
        .id("x")
        .body(types::FollowJobAsEventsBody::builder().live(true));
    let progress: Vec<types::Progress> = followed.clone().items().await?.try_collect().await?;
    let progress: Vec<Value> = progress
        .iter()
        .map(serde_json::to_value)
        .collect::<Result<_, _>>()?;
    let expected = [
        json!({ "kind": "step", "name": "one" }),
        json!({ "kind": "step", "name": "two" }),
        json!({ "kind": "end", "seconds": 7 }),
    ];
    assert_eq!(progress, expected);
    let events: Vec<_> = followed.events().await?.try_collect().await?;
    assert_eq!(events.len(), 3);
    assert_eq!(events[0].data, "{\"kind\": \"step\",\n\"name\": \"one\"}");
    Ok(())
}

#[tokio::test]
async fn one_error_status_may_be_of_several_types() -> Result<(), Failed> {
    let fault = Reply::json(400, json!({ "code": 7, "message": "it is held" }));
    let (_server, client) = responding(fault).await?;
    let error = failed(client.drop_job().id("x").send().await);
    let fault = error.decode::<types::Fault>()?;
    assert_eq!((fault.code, fault.message.as_str()), (7, "it is held"));
    assert_eq!(
        error.to_string(),
        "drop-job failed: 400 Bad Request: it is held"
    );
    let trouble = json!({ "type": "urn:held", "title": "Held", "detail": "by the queue" });
    let trouble = Reply::of_type(409, "application/problem+json", trouble.to_string());
    let (_server, client) = responding(trouble).await?;
    let error = failed(client.drop_job().id("x").send().await);
    let trouble = error.decode::<types::Trouble>()?;
    assert_eq!((&*trouble.type_, &*trouble.title), ("urn:held", "Held"));
    assert!(error.is_conflict());
    assert_eq!(
        error.to_string(),
        "drop-job failed: 409 Conflict: Held; by the queue"
    );
    // Decoding as the type of another media type is an error with a location, not a panic.
    let error = error.decode::<types::Fault>().expect_err("is of another");
    assert_eq!(error.kind(), ErrorKind::Decode);
    Ok(())
}

#[tokio::test]
async fn documented_headers_are_typed() -> Result<(), Failed> {
    let response = Reply::json(200, json!(["a"]))
        .with_header("x-total", "128")
        .with_header("x-ratio", "0.5")
        .with_header("x-complete", "true")
        .with_header("x-expires-after", "2024-02-29T12:00:00Z")
        .with_header("x-day", "2024-02-29")
        .with_header("x-trace", "3fa85f64-5717-4562-b3fc-2c963f66afa6")
        .with_header("x-state", "yellow")
        .with_header("x-sizes", "1, 2,3")
        .with_header("x-words", "a,b c")
        .with_header("x-access-token", "s3cret")
        .with_header("keys", "k");
    let (_server, client) = responding(response).await?;
    let leaves = client.list_leaves().send().await?;
    assert_eq!(leaves.0, ["a"]);
    let headers = leaves.headers();
    assert_eq!(headers.x_total()?, Some(128));
    assert_eq!(headers.x_ratio()?, Some(0.5));
    assert_eq!(headers.x_complete()?, Some(true));
    let expires = headers.x_expires_after()?.map(|time| time.timestamp());
    assert_eq!(expires, Some(1_709_208_000));
    assert_eq!(headers.x_day()?, NaiveDate::from_ymd_opt(2024, 2, 29));
    let trace = headers.x_trace()?.map(|trace| trace.to_string());
    assert_eq!(
        trace.as_deref(),
        Some("3fa85f64-5717-4562-b3fc-2c963f66afa6")
    );
    // A value of a newer server is not a documented one.
    assert_eq!(headers.x_state()?.as_deref(), Some("yellow"));
    assert_eq!(headers.x_sizes()?, Some(vec![1, 2, 3]));
    let words = ["a", "b c"].map(str::to_owned);
    assert_eq!(headers.x_words()?, Some(words.to_vec()));
    let token: Option<SecretString> = headers.x_access_token()?;
    assert_eq!(token.as_ref().map(SecretString::expose), Some("s3cret"));
    // All headers are available, and no header hides their method `keys`.
    assert_eq!(headers.keys_header()?.as_deref(), Some("k"));
    assert_eq!(headers["keys"], "k");
    assert!(headers.keys().count() > 10);
    assert!(!format!("{headers:?}{leaves:?}{token:?}").contains("s3cret"));
    Ok(())
}

#[tokio::test]
async fn the_headers_that_the_document_allows_are_read() -> Result<(), Failed> {
    let document = Document::load(&workspace().join("tests/documents/constructs.yaml"))?;
    let server = MockServer::from_document(document).start().await?;
    let client = Client::builder().base_url(server.base_url()).build()?;
    let leaves = client.list_leaves().send().await?;
    let headers = leaves.headers();
    assert!(headers.x_total()?.is_some());
    assert!(headers.x_complete()?.is_some());
    assert!(headers.x_expires_after()?.is_some());
    assert!(headers.x_day()?.is_some());
    assert!(headers.x_trace()?.is_some());
    assert!(headers.x_state()?.is_some());
    assert!(headers.x_sizes()?.is_some());
    assert!(headers.x_access_token()?.is_some());
    let counted = client.count_jobs().send().await?;
    assert!(counted.headers().x_total()?.is_some());
    assert_eq!(
        client.touch_job().id("x").send().await?.status(),
        StatusCode::NO_CONTENT
    );
    Ok(())
}

#[tokio::test]
async fn a_header_that_is_absent_is_none_and_one_that_is_wrong_is_named() -> Result<(), Failed> {
    let response = Reply::json(200, json!([])).with_header("x-total", "s3cret");
    let (_server, client) = responding(response).await?;
    let leaves = client.list_leaves().send().await?;
    let headers = leaves.headers();
    assert_eq!(headers.x_ratio()?, None);
    assert_eq!(headers.x_sizes()?, None);
    let error = headers.x_total().expect_err("is no integer");
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(
        error.to_string(),
        "the response header `x-total` is not an integer"
    );
    Ok(())
}

#[tokio::test]
async fn an_error_status_is_an_error_of_the_api_whatever_its_body_is() -> Result<(), Failed> {
    let documented = json!({ "detail": [{ "loc": ["body"], "msg": "m", "type": "t" }] });
    let json = "application/json";
    for (media_type, body) in [
        (
            "application/problem+json",
            json!({ "title": "no" }).to_string(),
        ),
        (json, documented.to_string()),
        (json, json!({ "detail": "of another shape" }).to_string()),
        (json, json!({ "a": [1, { "b": null }] }).to_string()),
        (json, "\"a string\"".to_owned()),
        (json, "{\"it breaks".to_owned()),
        ("text/html", "<html><p>Sign in</p></html>".to_owned()),
        ("text/plain", "no".to_owned()),
        ("application/octet-stream", "\u{0}\u{1}".to_owned()),
        (json, String::new()),
    ] {
        for (status, kind) in [
            (400, ErrorKind::Api),
            (401, ErrorKind::Authentication),
            (422, ErrorKind::Api),
            (500, ErrorKind::Api),
        ] {
            let response = Reply::of_type(status, media_type, body.clone());
            let error = check_leaf_error(response.with_header("x-reason", "why")).await?;
            assert_eq!(error.kind(), kind, "{status} {body}");
            assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
            assert_eq!(error.body(), body.as_bytes(), "{status}");
            assert_eq!(error.headers()["x-reason"], "why");
            assert_eq!(error.call().map(|call| call.operation), Some("check-leaf"));
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_error_has_the_message_of_the_server_in_each_format() -> Result<(), Failed> {
    for (body, message) in [
        (json!({ "title": "a", "detail": "b" }), "a; b"),
        (json!({ "detail": "too many" }), "too many"),
        (json!({ "detail": ["a", "b"] }), "a; b"),
        (json!({ "detail": { "message": "gone" } }), "gone"),
        (
            json!({ "detail": [{ "loc": ["body", "name"], "msg": "is missing", "type": "missing" }] }),
            "body.name: is missing",
        ),
        (json!({ "message": "no" }), "no"),
        (json!({ "error": "no" }), "no"),
        (json!({ "error": { "message": "no" } }), "no"),
        (
            json!({ "error": "InvalidArgument", "message": "a dimension of 3" }),
            "a dimension of 3",
        ),
        (
            json!({ "errors": ["a", { "field": "b", "message": "c" }] }),
            "a; b: c",
        ),
        (json!({ "exception_message": "boom" }), "boom"),
        (
            json!({ "title": "wrong", "violations": [{ "propertyPath": "name", "title": "is blank" }] }),
            "wrong; name: is blank",
        ),
        (json!("a string"), "a string"),
    ] {
        // A documented status with another body, and an undocumented status.
        for (status, name) in [(422, "422 Unprocessable Entity"), (400, "400 Bad Request")] {
            let error = check_leaf_error(Reply::json(status, body.clone())).await?;
            let problem = error.problem().map(ToString::to_string);
            assert_eq!(problem.as_deref(), Some(message), "{body}");
            let expected = format!("check-leaf failed: {name}: {message}");
            assert!(error.to_string().starts_with(&expected), "{error}");
        }
    }
    // A status that is documented without content.
    let body = json!({ "error": "WrongArgument", "message": "it has no steps" });
    let (_server, client) = responding(Reply::json(400, body)).await?;
    let error = failed(client.touch_job().id("x").send().await);
    assert_eq!(
        error.to_string(),
        "touch-job failed: 400 Bad Request: it has no steps"
    );
    Ok(())
}

#[tokio::test]
async fn the_violations_of_a_validation_have_their_fields() -> Result<(), Failed> {
    let detail = json!({ "detail": [
        { "loc": ["body", "steps", 0, "name"], "msg": "is missing", "type": "missing" },
        { "loc": ["query", "q"], "msg": "is short", "type": "too_short" },
    ] });
    let error = check_leaf_error(Reply::json(422, detail)).await?;
    let violations = &error.problem().expect("is one").violations;
    let fields: Vec<&str> = violations
        .iter()
        .map(|violation| &*violation.field)
        .collect();
    assert_eq!(fields, ["body.steps.0.name", "query.q"]);
    let documented = error.decode::<types::Objections>()?.detail;
    assert_eq!(documented.map(|detail| detail.len()), Some(2));
    Ok(())
}

#[tokio::test]
async fn a_success_of_another_type_names_the_place() -> Result<(), Failed> {
    for (body, place) in [
        (json!({ "id": 7 }), "$.id:"),
        (json!({}), "$: missing field `id`"),
        (json!({ "id": "x", "steps": {} }), "$.steps:"),
        (
            json!({ "id": "x", "steps": [{ "name": "a" }, { "name": ["s3cret"] }] }),
            "$.steps[1].name:",
        ),
        (json!([]), "$:"),
    ] {
        let (_server, client) = responding(Reply::json(200, body.clone())).await?;
        let error = failed(client.start_job().send().await);
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(
            error.to_string().contains(&format!(" at {place}")),
            "{error}"
        );
        assert!(!format!("{error}{error:?}").contains("s3cret"), "{error}");
        assert_eq!(error.body(), body.to_string().as_bytes());
    }
    Ok(())
}

#[tokio::test]
async fn an_error_is_retryable_exactly_if_the_policy_retries_it() -> Result<(), Failed> {
    let policy = || {
        RetryPolicy::default()
            .attempts(2)
            .base_delay(Duration::from_millis(1))
    };
    for (status, get, post) in [
        (400, false, false),
        (404, false, false),
        (408, true, false),
        (429, true, true),
        (500, true, false),
        (502, true, false),
        (503, true, false),
        (504, true, false),
    ] {
        let (server, client) = responding(Reply::empty(status)).await?;
        let client = client.with(|options| options.retry = policy());
        for (method, expected) in [(Method::GET, get), (Method::POST, post)] {
            let error = match method {
                Method::GET => failed(client.next_job().id("x").send().await),
                _ => failed(client.start_job().send().await),
            };
            assert_eq!(error.is_retryable(), expected, "{error}");
            let attempts = error.call().map(|call| call.attempts);
            assert_eq!(attempts, Some(1 + u32::from(expected)), "{error}");
            assert_eq!(server.take_requests().len(), 1 + usize::from(expected));
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_request_of_ones_own_has_credentials_retries_and_errors() -> Result<(), Failed> {
    let server = RecordingServer::start(|request| match request.path.as_str() {
        "/jobs/x" => Reply::json(200, json!({ "id": "x" })),
        _ => Reply::json(503, json!({ "message": "later" })),
    })
    .await?;
    let client = Client::builder()
        .base_url(server.base_url())
        .bearer(StaticToken::from("t0ken"))
        .retry(
            RetryPolicy::default()
                .attempts(3)
                .base_delay(Duration::ZERO),
        )
        .build()?;
    let request = client.request(Method::GET, "/jobs/x").query("q", "a b");
    let job = request.send().await?.json::<types::Job>()?;
    assert_eq!(job.id, "x");
    let request = server.take_requests().remove(0);
    assert_eq!(request.headers["authorization"], "Bearer t0ken");
    assert_eq!(request.query, [("q".to_owned(), "a b".to_owned())]);

    let error = client.request(Method::GET, "/other").send().await;
    let error = error.expect_err("fails");
    assert_eq!(server.take_requests().len(), 3);
    assert_eq!(error.kind(), ErrorKind::Api);
    assert!(error.is_retryable());
    assert_eq!(
        error.to_string(),
        "the GET request failed: 503 Service Unavailable: later (after 3 attempts)"
    );
    Ok(())
}

#[tokio::test]
async fn a_response_is_available_without_decoding() -> Result<(), Failed> {
    let response = Reply::of_type(200, "text/csv", "a;b").with_header("etag", "1");
    let (_server, client) = responding(response).await?;
    let raw = client.start_job().send_raw().await?;
    assert_eq!((raw.status(), raw.documented()), (StatusCode::OK, Some(0)));
    assert_eq!(raw.headers()["etag"], "1");
    assert_eq!(raw.call().operation, "start-job");
    assert!(!raw.is_empty());
    assert_eq!(raw.bytes().await?, "a;b");
    let (_server, client) = responding(Reply::json(404, json!({ "message": "no" }))).await?;
    let error = client.start_job().send_raw().await.expect_err("fails");
    assert!(error.is_not_found());
    Ok(())
}

#[tokio::test]
async fn nothing_secret_is_shown() -> Result<(), Failed> {
    let session = json!({ "access_token": "s3cret", "refreshToken": "s3cret", "token_type": "b" });
    let response = Reply::json(200, session).with_header("x-session", "s3cret");
    let server = RecordingServer::start(move |_| response.clone()).await?;
    let client = Client::builder()
        .base_url(server.base_url())
        .bearer(StaticToken::from("s3cret"))
        .basic("user", "s3cret");
    let mut shown = vec![format!("{client:?}")];
    let client = client.build()?;
    shown.push(format!("{client:?}"));
    let body = types::LogInBody::builder().user("u").password("s3cret");
    let call = client.log_in().x_api_key("s3cret").body(body);
    shown.push(format!("{call:?}"));
    let raw = call.clone().send_raw().await?;
    shown.push(format!("{raw:?}"));
    let session = call.send().await?;
    shown.push(format!("{session:?}"));
    assert_eq!(session.access_token.expose(), "s3cret");
    let refresh_token = session.refresh_token.as_ref();
    assert_eq!(refresh_token.map(SecretString::expose), Some("s3cret"));
    let request = server.take_requests().remove(0);
    assert_eq!(request.headers["x-api-key"], "s3cret");
    let sent: Value = serde_json::from_slice(&request.body)?;
    assert_eq!(sent, json!({ "user": "u", "password": "s3cret" }));

    let response = Reply::json(400, json!({ "title": "no", "token": "s3cret" }));
    let error = check_leaf_error(response.with_header("set-cookie", "a=s3cret")).await?;
    shown.push(format!("{error}{error:?}{error:#?}"));
    for shown in shown {
        assert!(!shown.contains("s3cret"), "{shown}");
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() -> Result<(), Failed> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    drop(listener);
    let client = Client::builder()
        .base_url(format!("http://{address}/s3cret"))
        .retry(
            RetryPolicy::default()
                .attempts(2)
                .base_delay(Duration::ZERO),
        )
        .build()?;
    let error = failed(client.locate_result().id("s3cret").send().await);
    assert_eq!(error.kind(), ErrorKind::Transport);
    let message = error.to_string();
    let start = format!("locate-result failed: no connection to {address}: ");
    assert!(message.starts_with(&start), "{message}");
    assert!(message.ends_with(" (after 2 attempts)"), "{message}");
    // The output of a program whose `main` returns the error.
    assert_eq!(format!("{error:?}"), message);
    assert!(!format!("{error:#?}").contains("s3cret"), "{error:#?}");
    Ok(())
}

#[tokio::test]
async fn calls_are_named_once_for_methods_and_reports() -> Result<(), Failed> {
    let (server, client) = responding(Reply::empty(204)).await?;
    client.get_leaf_v2_v2_leaves().send().await?;
    client.turn_x_y().send().await?;
    client.list_l2_a().send().await?;
    client.plan_b_c_items().send().await?;
    assert_eq!(server.take_requests().len(), 4);
    for name in [
        "get_leaf_v2_v2_leaves",
        "turn_x_y",
        "list_l2_a",
        "plan_b_c_items",
    ] {
        let known = OPERATIONS
            .iter()
            .any(|operation| operation.rust_name == name);
        assert!(known, "{name}");
    }
    Ok(())
}
