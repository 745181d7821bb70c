//! Tests of how a session handles responses: attempts, redirects, bodies, errors.

mod support;

use std::time::Duration;

use client_runtime::generated::{Argument, Body};
use client_runtime::operation::{Encoding, Operation, RequestBody, ResponseBody, StatusPattern};
use client_runtime::{
    Authentication, Error, ErrorKind, Method, RetryPolicy, StaticToken, TryStreamExt, stream,
};
use serde_json::{Value, json};
use support::{Client, LIST, Server, documented, json, redirect, response};

const SECURED: Operation = Operation {
    security: Some(&[&[support::TOKEN]]),
    ..LIST
};

const fn with_body(method: &'static str, encoding: Encoding) -> Operation {
    Operation {
        method,
        body: Some(RequestBody {
            media_type: "application/json",
            required: true,
            encoding,
        }),
        ..SECURED
    }
}

fn secured(server: &Server) -> Client {
    let builder = server
        .builder()
        .authentication("Token", Authentication::bearer(StaticToken::from("t0ken")));
    builder.build().expect("builds")
}

async fn list(client: &Client) -> Result<Value, Error> {
    let response = client.call(SECURED).send().await?;
    Ok(response.json::<Value>()?.into_inner())
}

fn streamed() -> Argument<Body> {
    let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>("chunk")]);
    let mut body = Argument::default();
    body.set(Body::wrap_stream(chunks));
    body
}

fn bytes() -> Argument<Body> {
    let mut body = Argument::default();
    body.set("bytes");
    body
}

#[tokio::test]
async fn each_attempt_sends_the_whole_request() {
    let server = Server::start(|number, _| match number {
        0 => response(503, &[("Retry-After", "0")], ""),
        1 => response(429, &[], ""),
        _ => json(200, "{}"),
    })
    .await;
    let client = secured(&server);
    let mut call = client.call(with_body("POST", Encoding::Raw));
    call.raw_body(bytes());
    let response = call.send().await.expect("succeeds");
    assert_eq!(response.call().attempts, 3);
    let requests = server.take();
    assert_eq!(requests.len(), 3);
    for request in requests {
        assert_eq!(request.body, "bytes");
        assert_eq!(request.headers["authorization"], "Bearer t0ken");
        assert_eq!(request.headers["content-type"], "application/json");
    }
}

#[tokio::test]
async fn a_streamed_body_is_sent_once() {
    let server = Server::start(|_, _| response(429, &[], "")).await;
    let client = secured(&server);
    let mut call = client.call(with_body("PUT", Encoding::Raw));
    call.raw_body(streamed());
    let error = call.send().await.expect_err("fails");
    assert_eq!(server.take().len(), 1);
    // A caller that has the stream again may retry.
    assert!(error.is_retryable());
}

#[tokio::test]
async fn a_rejected_token_is_renewed_once_unless_the_body_is_a_stream() {
    for (body, expected) in [(bytes(), 2), (streamed(), 1)] {
        let server = Server::start(|_, _| response(401, &[], "")).await;
        let client = secured(&server);
        let mut call = client.call(with_body("POST", Encoding::Raw));
        call.raw_body(body);
        let error = call.send().await.expect_err("fails");
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert_eq!(server.take().len(), expected);
        assert!(!error.is_retryable());
    }
}

#[tokio::test]
async fn a_redirect_within_the_origin_is_followed_with_everything() {
    let server = Server::start(|number, _| match number {
        0 => redirect(307, "/elsewhere?a=b"),
        1 => redirect(308, "again"),
        _ => json(200, "{}"),
    })
    .await;
    let client = secured(&server);
    let mut call = client.call(with_body("POST", Encoding::Json));
    let mut body = Argument::default();
    body.set(json!({ "a": 1 }));
    call.body::<Value>(&body);
    let response = call.send().await.expect("succeeds");
    assert_eq!(response.call().attempts, 1);
    let requests = server.take();
    let targets: Vec<&str> = requests.iter().map(|request| &*request.target).collect();
    assert_eq!(targets, ["/things", "/elsewhere?a=b", "/again"]);
    for request in requests {
        assert_eq!(request.method, "POST");
        assert_eq!(request.body, r#"{"a":1}"#);
        assert_eq!(request.headers["authorization"], "Bearer t0ken");
    }
}

#[tokio::test]
async fn a_redirect_may_turn_a_post_into_a_get_without_body() {
    for status in [301, 302, 303] {
        let server = Server::start(move |number, _| match number {
            0 => redirect(status, "/result"),
            _ => json(200, "{}"),
        })
        .await;
        let client = secured(&server);
        let mut call = client.call(with_body("POST", Encoding::Raw));
        // The stream is not sent again here, so the redirect is followed.
        call.raw_body(streamed());
        call.send().await.expect("succeeds");
        let second = server.take().remove(1);
        assert_eq!((&*second.method, &*second.target), ("GET", "/result"));
        assert_eq!(second.body, "");
        assert!(!second.headers.contains_key("content-type"));
        assert_eq!(second.headers["authorization"], "Bearer t0ken");
    }
}

#[tokio::test]
async fn no_credentials_and_headers_of_the_caller_are_sent_to_another_server() {
    let other = Server::start(|_, _| json(200, "{}")).await;
    let there = format!("{}/there", other.base_url);
    let server = Server::start(move |_, _| redirect(302, &there)).await;
    let client = secured(&server);
    list(&client).await.expect("succeeds");
    let request = client.0.request(Method::GET, "/things");
    let request = request
        .header("Cookie", "s3cret=1")
        .header("X-Api-Key", "s3cret");
    request.send().await.expect("succeeds");
    for request in other.take() {
        let mut names: Vec<&str> = request.headers.keys().map(String::as_str).collect();
        names.retain(|name| !["accept", "accept-encoding", "host", "user-agent"].contains(name));
        assert!(names.is_empty(), "{names:?}");
        assert_eq!(request.headers["user-agent"], "test/1");
    }
    assert_eq!(server.take()[0].headers["authorization"], "Bearer t0ken");
}

#[tokio::test]
async fn a_401_of_another_server_does_not_reject_the_token() {
    let other = Server::start(|_, _| response(401, &[], "")).await;
    let there = other.base_url.clone();
    let server = Server::start(move |_, _| redirect(302, &there)).await;
    let error = list(&secured(&server)).await.expect_err("is rejected");
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!((server.take().len(), other.take().len()), (1, 1));
}

#[tokio::test]
async fn a_redirect_that_is_not_followed_is_an_error_with_the_reason() {
    let other = Server::start(|_, _| json(200, "{}")).await;
    let there = other.base_url.clone();
    let server = Server::start(move |_, request| match &*request.method {
        "POST" => redirect(307, &there),
        "PUT" => redirect(307, "/s3cret"),
        _ => redirect(302, "/s3cret"),
    })
    .await;
    let client = secured(&server);

    let mut call = client.call(with_body("POST", Encoding::Raw));
    call.raw_body(bytes());
    let elsewhere = call.send().await.expect_err("is not followed");
    assert!(
        elsewhere.to_string().contains("neither GET nor HEAD"),
        "{elsewhere}"
    );

    let mut call = client.call(with_body("PUT", Encoding::Raw));
    call.raw_body(streamed());
    let stream = call.send().await.expect_err("is not followed");
    assert!(stream.to_string().contains("a stream"), "{stream}");

    server.take();
    let often = list(&client).await.expect_err("is not followed");
    assert!(often.to_string().contains("ten redirects"), "{often}");
    assert_eq!(server.take().len(), 11);

    for error in [elsewhere, stream, often] {
        assert_eq!(error.kind(), ErrorKind::Api);
        assert!(error.status().expect("has a status").is_redirection());
        assert!(!error.is_retryable());
        assert!(error.to_string().contains("is not followed: "), "{error}");
        assert!(!format!("{error:?}").contains("s3cret"));
    }
    assert!(other.take().is_empty());
}

#[tokio::test]
async fn a_custom_http_client_is_not_redirected_to_another_server() {
    let other = Server::start(|_, _| json(200, "{}")).await;
    let there = other.base_url.clone();
    let server = Server::start(move |_, _| redirect(302, &there)).await;
    let http = client_runtime::http_client_builder().expect("has TLS");
    let http = http.redirect(reqwest::redirect::Policy::none());
    let http = http.build().expect("builds");
    let client = server.builder().http_client(http).build().expect("builds");
    let error = list(&client).await.expect_err("is not followed");
    assert!(
        error.to_string().contains("a custom HTTP client"),
        "{error}"
    );
    assert!(other.take().is_empty());
}

#[tokio::test]
async fn a_documented_redirect_is_a_success() {
    let server = Server::start(|_, _| redirect(302, "/elsewhere")).await;
    for status in [StatusPattern::Code(302), StatusPattern::Range(3)] {
        let operation = Operation {
            responses: Box::leak(Box::new([documented(status, ResponseBody::None)])),
            ..LIST
        };
        let client = server.client();
        let response = client.call(operation).send().await.expect("succeeds");
        assert_eq!(response.documented(), Some(0));
        assert_eq!(response.headers()["location"], "/elsewhere");
        assert_eq!(server.take().len(), 1);
    }
}

#[tokio::test]
async fn some_responses_have_no_body_regardless_of_their_headers() {
    let server =
        Server::start(|number, _| response([200, 204, 205, 304][number], &[], "not to be read"))
            .await;
    let client = server.client();
    let head = client
        .call(Operation {
            method: "HEAD",
            ..LIST
        })
        .send()
        .await;
    assert_eq!(head.expect("succeeds").bytes().await.expect("is empty"), "");
    for _ in [204, 205] {
        let response = client.call(LIST).send().await.expect("succeeds");
        assert_eq!(response.documented(), None);
        assert_eq!(
            response
                .json::<Option<Value>>()
                .expect("is null")
                .into_inner(),
            None
        );
    }
    let error = client
        .call(LIST)
        .send()
        .await
        .expect_err("is not documented");
    assert_eq!(error.status().map(|status| status.as_u16()), Some(304));
    assert_eq!(error.body(), "");
}

#[tokio::test]
async fn an_undocumented_success_decodes_as_the_documented_one() {
    let server = Server::start(|_, _| json(201, "[7]")).await;
    let client = server.client();
    let response = client.call(LIST).send().await.expect("succeeds");
    assert_eq!(response.documented(), None);
    assert_eq!(*response.json::<Vec<u8>>().expect("decodes"), [7]);
    let response = client.call(LIST).send().await.expect("succeeds");
    let error = response.undocumented();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.body(), "[7]");
    assert_eq!(
        error.to_string(),
        "ListThings failed: 201 Created: the API description does not document this status"
    );
}

#[tokio::test]
async fn an_error_response_with_any_body_is_an_error_of_the_api() {
    let page = "<html>Log in</html>";
    for (content_type, body, said) in [
        (
            "application/problem+json",
            r#"{"title":"Taken","status":409}"#,
            ": Taken",
        ),
        (
            "application/json",
            r#"{"detail":[{"loc":["body","a"],"msg":"bad"}]}"#,
            ": body.a: bad",
        ),
        ("application/json", "[1]", ""),
        ("application/json", "{not json", ": {not json"),
        ("text/plain", "no such thing", ": no such thing"),
        ("text/html", page, ""),
        ("text/plain", "", ""),
    ] {
        let server = Server::start(move |_, _| {
            response(
                409,
                &[("Content-Type", content_type), ("X-Request-Id", "r1")],
                body,
            )
        })
        .await;
        let client = server.client();
        let operation = Operation {
            responses: &[],
            ..LIST
        };
        let error = client.call(operation).send().await.expect_err("fails");
        assert_eq!(error.kind(), ErrorKind::Api);
        assert!(error.is_conflict());
        assert_eq!(error.body(), body);
        assert_eq!(error.headers()["content-type"], content_type);
        assert_eq!(error.request_id(), Some("r1"));
        assert_eq!(
            error.to_string(),
            format!("ListThings failed: 409 Conflict{said}")
        );
    }
}

#[tokio::test]
async fn an_undocumented_error_is_reported_as_undocumented() {
    let server = Server::start(|_, _| json(418, r#"{"title":"teapot"}"#)).await;
    let error = server.client().call(LIST).send().await.expect_err("fails");
    assert_eq!(error.kind(), ErrorKind::Api);
    let said = error.to_string();
    assert!(said.contains("418") && said.contains("teapot") && said.contains("not document"));
}

#[tokio::test]
async fn a_response_of_another_media_type_than_json_is_named_by_it() {
    for (media_type, body) in [
        ("text/html", "<html>Log in</html>"),
        ("text/csv", "Log in,x"),
    ] {
        let header = format!("{media_type}; charset=utf-8");
        let server =
            Server::start(move |_, _| response(200, &[("Content-Type", &header)], body)).await;
        let error = list(&server.client()).await.expect_err("is not JSON");
        assert_eq!(error.kind(), ErrorKind::Decode);
        let said = error.to_string();
        let message = format!("the response is {media_type} and not JSON");
        assert!(said.contains(&message), "{said}");
        assert!(!format!("{said} {error:?}").contains("Log in"));
        assert_eq!(error.body(), body);
    }
}

#[tokio::test]
async fn json_of_another_media_type_is_decoded() {
    let body = r#"{"items":[]}"#;
    let server =
        Server::start(move |_, _| response(200, &[("Content-Type", "text/plain")], body)).await;
    assert!(list(&server.client()).await.is_ok());
}

#[tokio::test]
async fn a_string_is_decoded_only_from_a_json_response() {
    for (content_type, body, expected) in [
        ("text/plain", "a \"string\"\n", "a \"string\"\n"),
        ("text/plain", "\"quoted\"", "\"quoted\""),
        ("application/json", "\"quoted\"", "quoted"),
        ("application/json", "{}", "{}"),
        ("application/json", "not json", "not json"),
    ] {
        let server =
            Server::start(move |_, _| response(200, &[("Content-Type", content_type)], body)).await;
        let client = server.client();
        let response = client.call(LIST).send().await.expect("succeeds");
        assert_eq!(*response.text().expect("is a string"), expected);
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_not_read() {
    for head in [
        "Content-Length: 1000000\r\n\r\n",
        // Without a length, the body ends with the connection.
        "\r\n",
    ] {
        for status in [200, 500] {
            let server = Server::start(move |_, _| {
                let start = format!("HTTP/1.1 {status} Reason\r\nConnection: close\r\n{head}");
                start + &"x".repeat(1_000_000)
            })
            .await;
            let builder = server
                .builder()
                .max_response_bytes(1000)
                .retry(RetryPolicy::never());
            let client = builder.build().expect("builds");
            let error = list(&client).await.expect_err("is too large");
            let kind = if status == 200 {
                ErrorKind::Decode
            } else {
                ErrorKind::Api
            };
            assert_eq!(error.kind(), kind);
            assert!(
                error.to_string().contains("larger than 1000 bytes"),
                "{error}"
            );
            assert!(!error.body().is_empty() && error.body().len() <= 1000);
            assert_eq!(server.take().len(), 1);
        }
    }
}

const EVENTS: Operation = Operation {
    responses: &[documented(StatusPattern::Code(200), ResponseBody::Stream)],
    ..LIST
};

#[tokio::test]
async fn a_stream_of_any_size_is_read_by_the_caller() {
    let server = Server::start(|_, _| response(200, &[], &"x".repeat(100_000))).await;
    let client = server
        .builder()
        .max_response_bytes(10)
        .build()
        .expect("builds");
    let response = client.call(EVENTS).send().await.expect("succeeds");
    let mut bytes = response.stream().expect("streams").into_inner();
    let mut length = 0;
    while let Some(chunk) = bytes.try_next().await.expect("arrives") {
        length += chunk.len();
    }
    assert_eq!(length, 100_000);
    // The limit applies to a caller that reads the whole body.
    let response = client.call(EVENTS).send().await.expect("succeeds");
    let error = response.bytes().await.expect_err("is too large");
    assert_eq!(error.kind(), ErrorKind::Decode);
    let response = client.call(EVENTS).send().await.expect("succeeds");
    assert!(response.json::<Value>().is_err());
}

#[tokio::test]
async fn an_error_of_a_stream_has_its_call() {
    let server = Server::start(|_, _| {
        "HTTP/1.1 200 OK\r\nX-Request-Id: r1\r\nContent-Length: 100\r\n\r\n1\n\"x\"\n2\n".to_owned()
    })
    .await;
    for (method, is_retryable) in [("GET", true), ("POST", false)] {
        let client = server.client();
        let response = client.call(Operation { method, ..EVENTS }).send().await;
        let bytes = response
            .and_then(|response| response.stream())
            .expect("streams");
        let mut items = stream::json_lines::<u8>(bytes.into_inner());
        assert_eq!(items.try_next().await.expect("decodes"), Some(1));
        let decode = items.try_next().await.expect_err("is of another type");
        assert_eq!(decode.kind(), ErrorKind::Decode);
        assert_eq!(items.try_next().await.expect("decodes"), Some(2));
        let broken = items.try_next().await.expect_err("breaks off");
        assert_eq!(broken.kind(), ErrorKind::Transport);
        assert_eq!(broken.is_retryable(), is_retryable);
        for error in [decode, broken] {
            assert_eq!(error.call().expect("is known").operation, "ListThings");
            assert_eq!(error.request_id(), Some("r1"));
            assert_eq!(error.status().map(|status| status.as_u16()), Some(200));
        }
        assert!(items.try_next().await.expect("has ended").is_none());
    }
}

#[tokio::test]
async fn a_caller_can_take_over_the_connection() {
    const OPERATION: Operation = Operation {
        responses: &[documented(StatusPattern::Code(101), ResponseBody::Upgrade)],
        ..LIST
    };
    let server = Server::start(|_, _| {
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nhello"
            .to_owned()
    })
    .await;
    let client = server.client();
    let response = client.call(OPERATION).send().await.expect("succeeds");
    let mut connection = response.upgrade().await.expect("switches").into_inner();
    let mut said = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut connection, &mut said)
        .await
        .expect("reads");
    assert_eq!(said, "hello");
    let handshake = server.take().remove(0).headers;
    assert_eq!(
        (&*handshake["connection"], &*handshake["upgrade"]),
        ("Upgrade", "websocket")
    );
    assert_eq!(handshake["sec-websocket-version"], "13");

    let server = Server::start(|_, _| json(200, "{}")).await;
    let client = server.client();
    let response = client.call(OPERATION).send().await.expect("succeeds");
    let error = response.upgrade().await.expect_err("does not switch");
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn an_error_is_retryable_if_the_policy_would_retry() {
    for (method, idempotent, status, expected) in [
        ("GET", None, 503, true),
        ("GET", None, 500, true),
        ("GET", None, 404, false),
        ("PUT", None, 502, true),
        ("PUT", None, 500, false),
        ("POST", None, 429, true),
        ("POST", None, 503, false),
        ("POST", Some(true), 503, true),
        ("GET", Some(false), 503, false),
    ] {
        let server = Server::start(move |_, _| response(status, &[], "")).await;
        let operation = Operation {
            method,
            idempotent,
            ..LIST
        };
        let client = server.client();
        let error = client.call(operation).send().await.expect_err("fails");
        assert_eq!(
            error.is_retryable(),
            expected,
            "{method} {idempotent:?} {status}"
        );
        let sent = server.take().len();
        assert_eq!(
            sent,
            if expected { 4 } else { 1 },
            "{method} {idempotent:?} {status}"
        );
        assert_eq!(error.call().expect("is known").attempts as usize, sent);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_without_a_response_ends_after_its_timeout() {
    // The listener accepts connections and never responds.
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .expect("listens");
    let address = listener.local_addr().expect("has an address");
    let builder = client_runtime::Builder::<Client>::default()
        .base_url(format!("http://{address}"))
        .allow_missing_credentials()
        .timeout(Duration::from_secs(70));
    let client = builder.build().expect("builds");
    let start = tokio::time::Instant::now();
    let error = list(&client).await.expect_err("takes too long");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.is_retryable());
    assert!(
        start.elapsed() <= Duration::from_secs(71),
        "{:?}",
        start.elapsed()
    );
    assert!(error.to_string().contains("no response in time"), "{error}");
}

#[tokio::test]
async fn no_secret_is_shown() {
    let server = Server::start(|_, _| {
        let head = [
            ("Set-Cookie", "s3cret-cookie"),
            ("Content-Type", "application/json"),
        ];
        response(400, &head, r#"{"message":"no","echo":"s3cret-body"}"#)
    })
    .await;
    let token = Authentication::bearer(StaticToken::from("s3cret-token"));
    let user = Authentication::basic("user", "s3cret-password");
    let builder = server.builder().authentication("Token", token);
    let builder = builder.authentication("User", user);
    let shown_builder = format!("{builder:?}");
    let client = builder.build().expect("builds");
    let request = client
        .0
        .request(Method::GET, "/s3cret-path")
        .query("key", "s3cret-query");
    let error = request.send().await.expect_err("fails");
    let shown = format!(
        "{shown_builder} {:?} {error} {error:?} {error:#?}",
        client.0
    );
    assert!(!shown.contains("s3cret"), "{shown}");
    assert!(
        error.to_string().starts_with("the GET request failed: 400"),
        "{error}"
    );

    let ok =
        Server::start(|_, _| response(200, &[("Set-Cookie", "s3cret-cookie")], "\"s3cret-body\""))
            .await;
    let response = ok.client().call(LIST).send().await.expect("succeeds");
    assert!(!format!("{response:?}").contains("s3cret"), "{response:?}");
    let response = response.empty().expect("succeeds");
    assert_eq!(
        format!("{response:?}"),
        "Response { status: 200, value: (), .. }"
    );
}

#[tokio::test]
async fn nothing_is_sent_to_a_documented_server_after_the_caller_sets_a_base_url() {
    let server = Server::start(|_, _| json(200, "{}")).await;
    let operation = Operation {
        server: Some("https://uploads.example.com"),
        ..LIST
    };
    // The caller has set the base URL, so nothing is sent to another server.
    server
        .client()
        .call(operation)
        .send()
        .await
        .expect("goes to the base URL");
    assert_eq!(server.take().len(), 1);
}
