//! Tests of the server over its socket: rejections, faults on the wire, and recorded requests.

use std::io;
use std::time::Duration;

use http::{Method, StatusCode};
use mock_server::{Builder, Fault, MockServer, StartError};
use openapi_document::Document;
use reqwest::{Client, Response};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const DOCUMENT: &str = "
openapi: 3.1.0
info: {title: Pets, version: '1'}
servers: [{url: 'https://pets.example.com/v1'}]
paths:
  /pets:
    get:
      operationId: ListPets
      security: [{Token: []}, {}]
      parameters: [{name: size, in: query, schema: {type: integer, maximum: 50}}]
      responses:
        '200':
          description: All pets.
          content:
            application/json:
              schema: {type: array, minItems: 2, items: {type: string}}
        '400':
          description: Not like this.
          content:
            application/json:
              schema:
                type: object
                required: [message, code]
                properties: {message: {type: string}, code: {enum: [bad_request]}}
    post:
      operationId: AddPet
      security: [{Token: []}]
      requestBody:
        required: true
        content: {application/json: {schema: {properties: {name: {type: string}}}}}
      responses: {'201': {description: Added.}, '415': {description: Not that.}}
components: {securitySchemes: {Token: {type: http, scheme: bearer}}}
";

fn pets() -> Builder {
    MockServer::from_document(Document::parse("pets.yaml", DOCUMENT).expect("parses"))
}

/// An HTTP client. In a build of the whole workspace, reqwest has no default TLS provider and needs one
/// to start.
fn client() -> Client {
    // Fails if a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}

async fn started(builder: Builder) -> MockServer {
    builder.start().await.expect("starts")
}

async fn get(server: &MockServer, path: &str) -> Response {
    let url = format!("{}{path}", server.base_url());
    client().get(url).send().await.expect("responds")
}

async fn json_of(response: Response) -> Value {
    response.json().await.expect("is JSON")
}

#[tokio::test]
async fn operations_are_served_below_the_base_path() {
    let server = started(pets()).await;
    let response = get(&server, "/pets?size=5").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(json_of(response).await.as_array().map(Vec::len), Some(2));
    let root = client()
        .get(format!("http://{}/pets", server.address()))
        .send();
    assert_eq!(
        root.await.expect("responds").status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn unknown_paths_and_methods_get_the_known_ones() {
    let server = started(pets()).await;
    let response = get(&server, "/pet").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let problem = json_of(response).await;
    assert_eq!(
        problem["detail"],
        "No path of the document matches; the nearest is /v1/pets"
    );
    let url = format!("{}/pets", server.base_url());
    let response = client()
        .request(Method::DELETE, url)
        .send()
        .await
        .expect("responds");
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()["allow"], "GET, POST");
}

#[tokio::test]
async fn an_invalid_request_is_rejected_with_the_documented_error_schema() {
    let server = started(pets()).await;
    let response = get(&server, "/pets?size=51&seize=1").await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(response.headers()["content-type"], "application/json");
    let problem = json_of(response).await;
    assert_eq!(problem["code"], "bad_request");
    assert_eq!(
        problem["message"],
        "query size is greater than the maximum of 50; query seize is not a query parameter of the \
         operation; the operation has `size`"
    );
    assert_eq!(problem["violations"][0]["where"], "query size");
}

#[tokio::test]
async fn missing_credentials_are_rejected_before_validation() {
    let server = started(pets()).await;
    let url = format!("{}/pets", server.base_url());
    let response = client().post(url).body("x").send().await.expect("responds");
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
}

#[tokio::test]
async fn an_undocumented_media_type_is_415_where_415_is_documented() {
    let server = started(pets()).await;
    let post = |body: &'static str, media_type: &'static str| {
        let request = client().post(format!("{}/pets", server.base_url()));
        request
            .bearer_auth("t")
            .header("content-type", media_type)
            .body(body)
            .send()
    };
    let status = |response: Result<Response, _>| response.map(|response| response.status());
    let wrong_type = post("x", "text/plain").await;
    assert_eq!(
        status(wrong_type).ok(),
        Some(StatusCode::UNSUPPORTED_MEDIA_TYPE)
    );
    let wrong_body = post("x", "application/json").await;
    assert_eq!(status(wrong_body).ok(), Some(StatusCode::BAD_REQUEST));
}

#[tokio::test]
async fn a_lenient_server_accepts_unknown_parameters() {
    let server = started(pets().lenient()).await;
    assert_eq!(get(&server, "/pets?seize=1").await.status(), StatusCode::OK);
    assert_eq!(
        get(&server, "/pets?size=x").await.status(),
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_fault_applies_to_its_operation_the_given_number_of_times() {
    let busy = Fault::status(StatusCode::SERVICE_UNAVAILABLE).retry_after(2);
    let server = started(pets().fault(busy.operation("ListPets").once())).await;
    let response = get(&server, "/pets").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "2");
    assert_eq!(get(&server, "/pets").await.status(), StatusCode::OK);

    server
        .fault(Fault::bad_json())
        .expect("applies to all operations");
    let response = get(&server, "/pets").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.json::<Value>().await.is_err());
    server.clear_faults();
    assert_eq!(get(&server, "/pets").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_request_header_selects_its_fault() {
    let server = started(pets()).await;
    let with_fault = |fault: &'static str| {
        let request = client().get(format!("{}/pets", server.base_url()));
        request.header("x-mock-fault", fault).send()
    };
    let response = with_fault("status=429;retry-after=7")
        .await
        .expect("responds");
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.headers()["retry-after"], "7");
    let response = with_fault("explode").await.expect("responds");
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let late = tokio::time::timeout(Duration::from_millis(50), with_fault("latency=60000"));
    assert!(late.await.is_err(), "the response is late");
}

/// Writes a request to the socket. Returns the received bytes and the end of the connection.
async fn raw(server: &MockServer, fault: &str) -> (Vec<u8>, io::Result<usize>) {
    let mut stream = TcpStream::connect(server.address())
        .await
        .expect("connects");
    let request = format!("GET /v1/pets HTTP/1.1\r\nhost: mock\r\nx-mock-fault: {fault}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("writes");
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).await;
    (bytes, end)
}

#[tokio::test]
async fn a_reset_fault_resets_the_connection() {
    let server = started(pets()).await;
    let (bytes, end) = raw(&server, "reset").await;
    assert_eq!(bytes, b"");
    let kind = end.map_err(|error| error.kind());
    assert_eq!(kind, Err(io::ErrorKind::ConnectionReset));
    let [recorded] = &server.requests()[..] else {
        panic!("one request is recorded");
    };
    assert_eq!(recorded.status, None);
}

#[tokio::test]
async fn a_truncated_response_ends_within_its_body() {
    let server = started(pets()).await;
    let (bytes, _) = raw(&server, "truncate").await;
    let text = String::from_utf8(bytes).expect("is text");
    let (head, body) = text.split_once("\r\n\r\n").expect("has a head");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length
        .and_then(|length| length.parse().ok())
        .expect("has a length");
    assert!(
        !body.is_empty() && body.len() < length,
        "{} of {length}",
        body.len()
    );
}

#[tokio::test]
async fn requests_are_recorded_with_their_violations() {
    let server = started(pets().record(2)).await;
    for query in ["?size=1", "?size=2", "?size=x"] {
        get(&server, &format!("/pets{query}")).await;
    }
    let requests = server.requests();
    let seen: Vec<_> = requests
        .iter()
        .map(|recorded| (recorded.request.query.as_deref(), recorded.is_conforming()))
        .collect();
    assert_eq!(seen, [(Some("size=2"), true), (Some("size=x"), false)]);
    assert_eq!(requests[1].operation.as_deref(), Some("ListPets"));
    assert_eq!(requests[1].violations[0].location, "query size");
    assert_eq!(server.coverage().operations[0].calls(), 3);
    server.clear_requests();
    assert_eq!(server.requests(), []);
}

#[tokio::test]
async fn it_stops_when_it_is_dropped() {
    let server = started(pets()).await;
    let mut stream = TcpStream::connect(server.address())
        .await
        .expect("connects");
    drop(server);
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes));
    assert!(read.await.is_ok(), "the connection ends");
}

#[tokio::test]
async fn start_errors_name_their_cause() {
    let document = Document::parse("d.yaml", "swagger: '2.0'").expect("parses");
    let rejected = MockServer::from_document(document).start().await;
    assert!(
        matches!(rejected, Err(StartError::Document(_))),
        "{rejected:?}"
    );

    let rejected = pets()
        .fault(Fault::reset().operation("ListPet"))
        .start()
        .await;
    let message = rejected.expect_err("is rejected").to_string();
    assert_eq!(
        message,
        "the document has no operation `ListPet`; did you mean `ListPets`?"
    );

    let server = started(pets()).await;
    let rejected = pets().port(server.address().port()).start().await;
    let message = rejected.expect_err("is rejected").to_string();
    assert!(message.contains("choose another port"), "{message}");
}

#[tokio::test]
async fn malformed_requests_get_a_4xx() {
    let server = started(pets()).await;
    for request in [
        &b"\x00\xff\r\n\r\n"[..],
        b"GET /v1/%ff%fe?%ff=%&=&&a[=1&a]=2 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        b"POST /v1/pets HTTP/1.1\r\nhost: x\r\nauthorization: Bearer t\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n\xff\xfe",
    ] {
        let mut stream = TcpStream::connect(server.address()).await.expect("connects");
        stream.write_all(request).await.expect("writes");
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        assert!(bytes.starts_with(b"HTTP/1.1 4"), "{}", String::from_utf8_lossy(&bytes));
    }
    let response = get(&server, "/pets").await;
    assert_eq!(response.status(), StatusCode::OK);
}
