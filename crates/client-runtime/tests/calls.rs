//! Tests of the requests that calls send, and of arguments that cannot be sent.

mod support;

use client_runtime::generated::Argument;
use client_runtime::operation::{
    Encoding, Field, FieldStyle, Operation, Parameter, RequestBody, Style,
};
use client_runtime::{Authentication, Error, ErrorKind, FilePart, Method, RawResponse};
use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};
use support::{Client, LIST, Request, Server, parameter, response};

fn given<T>(value: T) -> Argument<T> {
    let mut argument = Argument::default();
    argument.set(value);
    argument
}

async fn recording() -> Server {
    Server::start(|_, _| response(204, &[], "")).await
}

fn only(server: &Server) -> Request {
    let mut requests = server.take();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

const EVERYWHERE: Operation = Operation {
    id: "Everywhere",
    method: "POST",
    path: "/spaces/{spaceId}/things/{name}",
    accept: Some("application/json"),
    parameters: &[
        Parameter {
            argument: "space_id",
            required: true,
            client_default: true,
            ..parameter("spaceId", Style::Simple)
        },
        Parameter {
            required: true,
            ..parameter("name", Style::Simple)
        },
        parameter("page[size]", Style::Form),
        parameter("X-Trace", Style::Simple),
        parameter("SID", Style::Form),
        parameter("theme", Style::Form),
        parameter("Accept", Style::Simple),
    ],
    body: Some(RequestBody {
        media_type: "application/merge-patch+json",
        required: false,
        encoding: Encoding::Json,
    }),
    ..Operation::PLAIN
};

#[tokio::test]
async fn every_argument_is_sent_in_its_place() {
    let server = recording().await;
    let client = server.client();
    let mut call = client.call(EVERYWHERE);
    call.path(0, &given(7_i64));
    call.path(1, &given("a/b c".to_owned()));
    call.query(2, &given(Some(20)));
    call.header(3, &given("t".to_owned()));
    call.cookie(4, &given("x; y".to_owned()));
    call.cookie(5, &given("dark".to_owned()));
    call.body(&given(json!({ "a": 1 })));
    call.send().await.expect("succeeds");
    let request = only(&server);
    assert_eq!(request.method, "POST");
    assert_eq!(
        request.target,
        "/spaces/7/things/a%2Fb%20c?page%5Bsize%5D=20"
    );
    assert_eq!(request.headers["x-trace"], "t");
    assert_eq!(request.headers["cookie"], "SID=x%3B%20y; theme=dark");
    assert_eq!(request.headers["accept"], "application/json");
    assert_eq!(
        request.headers["content-type"],
        "application/merge-patch+json"
    );
    assert_eq!(request.headers["user-agent"], "test/1");
    assert_eq!(request.body, r#"{"a":1}"#);
}

#[tokio::test]
async fn missing_arguments_are_omitted() {
    let server = recording().await;
    let client = server.client();
    let mut call = client.call(EVERYWHERE);
    call.path(0, &given("s"));
    call.path(1, &given("n"));
    call.query(2, &Argument::<i64>::default());
    call.header(3, &given(None::<String>));
    call.cookie(4, &given(()));
    call.body(&Argument::<Value>::default());
    call.send().await.expect("succeeds");
    let request = only(&server);
    assert_eq!(request.target, "/spaces/s/things/n");
    for absent in ["x-trace", "cookie", "content-type"] {
        assert!(!request.headers.contains_key(absent), "{absent}");
    }
    assert_eq!(request.body, "");
}

#[tokio::test]
async fn the_media_type_of_the_caller_takes_precedence() {
    let server = recording().await;
    let client = server.client();
    let mut call = client.call(EVERYWHERE);
    call.path(0, &given("s"));
    call.path(1, &given("n"));
    call.header(6, &given("text/csv"));
    call.send().await.expect("succeeds");
    assert_eq!(only(&server).headers["accept"], "text/csv");
}

#[tokio::test]
async fn a_client_can_have_a_default_for_a_parameter() {
    let server = recording().await;
    let client = server.client();
    let session = client.0.with(|options| {
        for name in ["spaceId", "name"] {
            options
                .parameters
                .insert(name.to_owned(), "of/client".to_owned());
        }
    });
    let client = Client(session);
    let mut call = client.call(EVERYWHERE);
    call.path(0, &Argument::<String>::default());
    call.path(1, &given("n"));
    call.send().await.expect("succeeds");
    assert_eq!(only(&server).target, "/spaces/of%2Fclient/things/n");
    // Only if the API description allows it.
    let mut call = client.call(EVERYWHERE);
    call.path(0, &given("s"));
    call.path(1, &Argument::<String>::default());
    let error = call.send().await.expect_err("is rejected");
    assert_eq!(
        error.to_string(),
        "Everywhere failed: the argument `name` is missing"
    );
}

/// Calls with one argument that cannot be sent.
async fn rejected(client: &Client) -> Vec<(Error, &'static str)> {
    let call = || {
        let mut call = client.call(EVERYWHERE);
        call.path(0, &given("s"));
        call
    };
    let mut errors = Vec::new();
    let mut reject = async |call: client_runtime::generated::Call<'_>, message| {
        errors.push((call.send().await.expect_err(message), message));
    };

    let mut missing = client.call(EVERYWHERE);
    missing.path(0, &Argument::<String>::default());
    reject(missing, "the argument `space_id` is missing").await;

    let mut unconverted = Argument::<u8>::default();
    unconverted.set(300_i32);
    let mut rejected = client.call(EVERYWHERE);
    rejected.path(0, &unconverted);
    // Only the first reason is reported.
    rejected.path(1, &given(".."));
    reject(rejected, "the argument `space_id` is not a valid `u8`: ").await;

    for segment in [".", ".."] {
        let mut escaping = call();
        escaping.path(1, &given(segment));
        reject(escaping, "the argument `name` results in the path segment").await;
    }

    for nothing in [given(Vec::new()), given(vec![String::new()])] {
        let mut empty = call();
        empty.path(1, &nothing);
        reject(empty, "the argument `name` is empty").await;
    }

    for value in ["a\nb", "a\0", " a", "a\t"] {
        let mut header = call();
        header.path(1, &given("n"));
        header.header(3, &given(value));
        reject(header, "the argument `X-Trace` contains a character").await;
    }

    let mut number = call();
    number.path(1, &given("n"));
    number.query(2, &given(f64::NAN));
    reject(number, "the argument `page[size]` cannot be sent: ").await;

    let mut body = Argument::<i64>::default();
    body.set(u64::MAX);
    let mut rejected = call();
    rejected.path(1, &given("n"));
    rejected.body(&body);
    reject(rejected, "the argument `body` is not a valid `i64`: ").await;

    let required = Operation {
        body: Some(RequestBody {
            required: true,
            ..EVERYWHERE.body.expect("has a body")
        }),
        ..LIST
    };
    let mut missing = client.call(required);
    missing.body(&Argument::<Value>::default());
    reject(missing, "the argument `body` is missing").await;

    let mut form = call();
    form.path(1, &given("n"));
    form.form(&given(json!({})));
    reject(form, "is not a form").await;
    errors
}

#[tokio::test]
async fn an_argument_that_cannot_be_sent_is_named_and_nothing_is_sent() {
    let server = recording().await;
    let client = server.client();
    for (error, message) in rejected(&client).await {
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(error.call().expect("is of a call").attempts, 0);
        assert!(!error.is_retryable());
    }
    assert!(server.take().is_empty());
}

#[tokio::test]
async fn a_form_is_encoded_as_its_fields_specify() {
    const FIELDS: &[Field] = &[Field {
        name: "file",
        style: FieldStyle::File,
        content_type: Some("image/png"),
    }];
    #[derive(Serialize)]
    struct Body {
        file: FilePart,
        purpose: &'static str,
    }
    let server = recording().await;
    let client = server.client();
    let operation = |encoding, media_type| Operation {
        method: "POST",
        body: Some(RequestBody {
            media_type,
            required: true,
            encoding,
        }),
        ..LIST
    };
    let multipart = operation(Encoding::Multipart(FIELDS), "multipart/form-data");
    let mut call = client.call(multipart);
    call.form(&given(Body {
        file: FilePart::from("bytes").named("a.png"),
        purpose: "test",
    }));
    call.send().await.expect("succeeds");
    let request = only(&server);
    let (media_type, boundary) = request.headers["content-type"]
        .split_once("; boundary=")
        .expect("has a boundary");
    assert_eq!(media_type, "multipart/form-data");
    assert_eq!(
        request.body.replace(boundary, "B"),
        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\
         Content-Type: image/png\r\n\r\nbytes\r\n\
         --B\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\ntest\r\n--B--\r\n"
    );

    let urlencoded = "application/x-www-form-urlencoded";
    let mut call = client.call(operation(Encoding::Form(&[]), urlencoded));
    call.form(&given(json!({ "a": "b c", "d": [1, 2] })));
    call.send().await.expect("succeeds");
    let request = only(&server);
    assert_eq!(request.headers["content-type"], urlencoded);
    assert_eq!(request.body, "a=b+c&d=1&d=2");
}

#[tokio::test]
async fn a_raw_body_is_sent_unchanged() {
    let server = recording().await;
    let client = server.client();
    let operation = Operation {
        method: "PUT",
        body: Some(RequestBody {
            media_type: "text/csv",
            required: true,
            encoding: Encoding::Raw,
        }),
        ..LIST
    };
    let mut body = Argument::default();
    body.set("a;b\n");
    let mut call = client.call(operation);
    call.raw_body(body);
    call.send().await.expect("succeeds");
    let request = only(&server);
    assert_eq!(request.headers["content-type"], "text/csv");
    assert_eq!(request.body, "a;b\n");
}

#[tokio::test]
async fn a_request_without_an_operation_has_the_credentials_of_the_session() {
    let server = Server::start(|_, _| support::json(200, "[1]")).await;
    let user = Authentication::basic("user", "pass");
    let client = server.builder().authentication("User", user).build();
    let client = client.expect("builds");
    let response = client
        .0
        .request(Method::PATCH, "/a b?c=d")
        .query("e", 1)
        .header("X-Trace", "t")
        .json(&json!({ "f": 2 }))
        .send()
        .await
        .expect("succeeds");
    assert_eq!(*response.json::<Vec<u8>>().expect("decodes"), [1]);
    let request = only(&server);
    assert_eq!(
        (&*request.method, &*request.target),
        ("PATCH", "/a%20b?c=d&e=1")
    );
    assert_eq!(request.headers["authorization"], "Basic dXNlcjpwYXNz");
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(request.headers["x-trace"], "t");
    assert_eq!(request.body, r#"{"f":2}"#);

    let csv = client
        .0
        .request(Method::PUT, "/a")
        .header("content-type", "text/csv");
    let csv = csv.header("Authorization", "Own scheme");
    csv.body("a;b").send().await.expect("succeeds");
    let request = only(&server);
    assert_eq!(request.headers["content-type"], "text/csv");
    assert_eq!(request.headers["authorization"], "Own scheme");
}

#[tokio::test]
async fn the_cookie_of_the_credentials_is_added_to_all_cookies_of_the_caller() {
    let server = recording().await;
    let id = Authentication::cookie("sid", "s1");
    let client = server.builder().authentication("Cookie", id).build();
    let client = client.expect("builds");
    let request = || client.0.request(Method::GET, "/a").header("Cookie", "a=é");
    let sent = request().header("Cookie", "b=2").send().await;
    sent.expect("succeeds");
    assert_eq!(only(&server).headers["cookie"], "a=é; b=2; sid=s1");
    let sent = request().header("Cookie", "b=2;sid=own").send().await;
    sent.expect("succeeds");
    assert!(!only(&server).headers["cookie"].contains("s1"));
}

#[tokio::test]
async fn a_header_of_the_caller_replaces_credentials_in_any_header() {
    let server = recording().await;
    let key = Authentication::header("X-Token", "k1");
    let client = server.builder().authentication("Token", key).build();
    let client = client.expect("builds");
    let request = || client.0.request(Method::GET, "/a");
    request().send().await.expect("succeeds");
    assert_eq!(only(&server).headers["x-token"], "k1");
    let sent = request().header("X-Token", "own").send().await;
    sent.expect("succeeds");
    assert_eq!(only(&server).headers["x-token"], "own");
}

#[tokio::test]
async fn no_path_leads_outside_of_the_base_url() {
    let server = recording().await;
    let client = server.client();
    for path in [
        "https://other.example.com/x",
        "/a/../b",
        "/a/%2e%2E/b",
        "/a/.\t./b",
        "..\\b",
        "/a#b",
    ] {
        let error = client.0.request(Method::GET, path).send().await;
        let error = error.expect_err("is rejected");
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{path}");
    }
    assert!(server.take().is_empty());
    // No path can change the host or the user of the base URL.
    for path in [
        "@other.example.com/x",
        "//other.example.com/x",
        ".example.com",
    ] {
        client
            .0
            .request(Method::GET, path)
            .send()
            .await
            .expect("is sent to the base URL");
        assert_eq!(server.take().len(), 1, "{path}");
    }
}

#[tokio::test]
async fn the_future_of_a_call_is_send() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let server = recording().await;
    let client = server.client();
    let call = async {
        let mut call = client.call(LIST);
        call.raw_body(Argument::default());
        call.send().await.map(|_: RawResponse| ())
    };
    let _ = is_send(call).await;
    let _ = is_send(client.0.request(Method::GET, "/").send()).await;
}

#[test]
fn any_string_is_received_unchanged() {
    const OPERATION: Operation = Operation {
        path: "/before/{value}/after",
        parameters: &[
            parameter("value", Style::Simple),
            parameter("q", Style::Form),
            parameter("deep", Style::DeepObject),
        ],
        ..LIST
    };
    let runtime = tokio::runtime::Runtime::new().expect("starts");
    let server = runtime.block_on(recording());
    let client = server.client();
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(200)
    };
    let string = || {
        prop_oneof![
            "(?s).{0,12}",
            "[./\\\\%?#&+=;:@\\[\\] 2eEfF5cC\u{10FFFD}\r\n\t\0]{0,8}",
        ]
    };
    proptest!(config, |(in_path in string(), in_query in string(), deep in string())| {
        let mut call = client.call(OPERATION);
        call.path(0, &given(in_path.as_str()));
        call.query(1, &given(in_query.as_str()));
        call.query(2, &given(json!({ "a": [deep.as_str()] })));
        let result = runtime.block_on(call.send());
        if ["", ".", ".."].contains(&in_path.as_str()) {
            prop_assert!(result.is_err() && server.take().is_empty());
        } else {
            let request = server.take().remove(0);
            let (path, query) = request.target.split_once('?').expect("has a query");
            let segments: Vec<String> = path.split('/').map(|segment| {
                let decoded = percent_encoding::percent_decode_str(segment).decode_utf8();
                decoded.expect("is UTF-8").into_owned()
            }).collect();
            prop_assert_eq!(segments, ["", "before", in_path.as_str(), "after"]);
            let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).expect("is a query");
            prop_assert_eq!(pairs, [("q".to_owned(), in_query), ("deep[a][0]".to_owned(), deep)]);
        }
    });
}
