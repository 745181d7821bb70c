//! The server accepts requests that conform to the document, in every notation, and rejects all others.

use mock_server::MockServer;
use openapi_document::Document;
use reqwest::{Client, redirect};
use serde_json::Value;

const DOCUMENT: &str = "
openapi: 3.0.3
info: {title: Agreement, version: '1'}
servers: [{url: 'https://api.example.com/v1'}]
paths:
  /deep:
    get:
      parameters:
        - {name: tags, in: query, style: deepObject, explode: true, schema: {type: array, items: {type: string}}}
        - name: since
          in: query
          style: deepObject
          explode: true
          schema: {anyOf: [{type: object, properties: {from: {type: integer}}}, {type: integer}]}
        - name: where
          in: query
          style: deepObject
          explode: true
          schema:
            type: object
            properties:
              sizes: {type: array, items: {type: integer}}
              lines: {type: array, items: {type: object, properties: {sku: {type: string}}}}
      responses: {'204': {description: Done.}}
  /files/{name}.{kind}:
    get:
      parameters:
        - {name: name, in: path, required: true, schema: {type: string}}
        - {name: kind, in: path, required: true, schema: {type: string, enum: [csv, json]}}
      responses: {'204': {description: Done.}}
  /codes/{letter}{digits}:
    get:
      parameters:
        - {name: letter, in: path, required: true, schema: {type: string, pattern: '^[a-z]+$'}}
        - {name: digits, in: path, required: true, schema: {type: integer}}
      responses: {'204': {description: Done.}}
  /quoted('{key}'):
    get:
      parameters: [{name: key, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: Done.}}
  /upload:
    servers: [{url: 'https://upload.example.com/files'}]
    get: {responses: {'204': {description: Done.}}}
  /blob:
    get:
      responses:
        '302': {description: Where it is., headers: {Location: {schema: {type: string}}}}
        default: {description: An error., content: {application/json: {schema: {type: string}}}}
  /search:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Search'}}}}
      responses: {'200': {description: The same., content: {application/json: {schema: {$ref: '#/components/schemas/Search'}}}}}
  /animals:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Animal'}}}}
      responses: {'200': {description: The same., content: {application/json: {schema: {$ref: '#/components/schemas/Animal'}}}}}
  /things:
    patch:
      requestBody:
        required: true
        content:
          application/merge-patch+json: {schema: {$ref: '#/components/schemas/Thing'}}
          application/json: {schema: {$ref: '#/components/schemas/Thing'}}
      responses: {'204': {description: Done.}}
  /secured:
    get:
      security: [{Key: []}]
      parameters: [{name: X-Ids, in: header, schema: {type: array, minItems: 2, items: {type: integer}}}]
      responses: {'200': {description: It., content: {application/json: {schema: {}}, text/plain: {schema: {type: string}}}}}
components:
  securitySchemes: {Key: {type: apiKey, in: query, name: 'api[key]'}}
  schemas:
    Search:
      type: object
      properties: {ids: {type: array, items: {type: string}}, name: {type: string}, note: {type: string}}
      oneOf: [{required: [ids]}, {required: [name]}]
    Animal:
      type: object
      required: [kind]
      properties: {kind: {type: string}}
      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
      discriminator: {propertyName: kind}
    Cat: {allOf: [{$ref: '#/components/schemas/Animal'}, {type: object, properties: {lives: {type: integer}}}]}
    Dog: {allOf: [{$ref: '#/components/schemas/Animal'}, {type: object, properties: {tricks: {type: integer}}}]}
    Thing: {type: object, properties: {name: {type: string}, inner: {type: object, properties: {size: {type: integer}}}}}
";

/// An HTTP client. In a build of the whole workspace, reqwest has no default TLS provider and needs one
/// to start.
fn client() -> Client {
    // Fails if a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().redirect(redirect::Policy::none());
    client.build().expect("builds")
}

async fn server() -> MockServer {
    let document = Document::parse("agreement.yaml", DOCUMENT).expect("parses");
    MockServer::from_document(document)
        .start()
        .await
        .expect("starts")
}

/// The URL of the host, without the base path.
fn host(server: &MockServer) -> String {
    let url = server.base_url();
    url.strip_suffix("/v1").unwrap_or(&url).to_owned()
}

async fn status(client: &Client, url: &str) -> u16 {
    let response = client.get(url).send().await.expect("responds");
    response.status().as_u16()
}

#[tokio::test]
async fn a_path_or_query_is_taken_in_every_spelling_of_its_values() {
    let (server, client) = (server().await, client());
    for (path, expected) in [
        ("/v1/deep", 204),
        ("/v1/deep?tags[]=a&tags[]=b", 204),
        ("/v1/deep?tags[1]=b&tags[0]=a", 204),
        ("/v1/deep?tags=a&tags=b", 204),
        ("/v1/deep?tags%5B0%5D=a", 204),
        ("/v1/deep?tags[name]=a", 400),
        ("/v1/deep?since=5", 204),
        ("/v1/deep?since[from]=5", 204),
        ("/v1/deep?since=soon", 400),
        ("/v1/deep?where[sizes][]=1&where[sizes][]=2", 204),
        ("/v1/deep?where[sizes][0]=1&where[sizes][1]=2", 204),
        ("/v1/deep?where[sizes]=1", 204),
        ("/v1/deep?where[sizes][0]=a", 400),
        (
            "/v1/deep?where[lines][0][sku]=a&where[lines][1][sku]=b",
            204,
        ),
        ("/v1/deep?where=1", 400),
        ("/v1/files/a.csv", 204),
        ("/v1/files/a.b.csv", 204),
        ("/v1/files/a.txt", 400),
        ("/v1/codes/ab12", 204),
        ("/v1/codes/12", 400),
        ("/v1/quoted('a')", 204),
        ("/v1/quoted(%27a%27)", 204),
        ("/v1/quoted(a)", 404),
        ("/files/upload", 204),
        ("/v1/upload", 204),
        ("/upload", 404),
    ] {
        let url = format!("{}{path}", host(&server));
        assert_eq!(status(&client, &url).await, expected, "{path}");
    }
}

#[tokio::test]
async fn what_decides_a_choice_decides_for_the_server_too() {
    let (server, client) = (server().await, client());
    for (path, body, expected) in [
        ("/search", r#"{"ids": ["a"], "note": "n"}"#, 200),
        ("/search", r#"{"name": "a"}"#, 200),
        ("/search", r#"{"name": "a", "ids": []}"#, 400),
        ("/animals", r#"{"kind": "Cat", "lives": 7}"#, 200),
        ("/animals", r#"{"kind": "Dog"}"#, 200),
        ("/animals", r#"{"kind": "Bird"}"#, 400),
    ] {
        let request = client.post(format!("{}{path}", server.base_url()));
        let request = request
            .header("content-type", "application/json")
            .body(body);
        let response = request.send().await.expect("responds");
        let status = response.status().as_u16();
        let text = response.text().await.expect("is read");
        assert_eq!(status, expected, "{path} {body}: {text}");
        if status == 200 {
            let value: Value = serde_json::from_str(&text).expect("is JSON");
            assert!(value.is_object(), "{text}");
        }
    }
}

#[tokio::test]
async fn a_merge_patch_may_remove_what_is_not_nullable() {
    let (server, client) = (server().await, client());
    for (media_type, body, expected) in [
        (
            "application/merge-patch+json",
            r#"{"name": null, "inner": {"size": null}}"#,
            204,
        ),
        ("application/merge-patch+json", r#"{"name": 1}"#, 400),
        ("application/json", r#"{"name": null}"#, 400),
    ] {
        let request = client.patch(format!("{}/things", server.base_url()));
        let request = request.header("content-type", media_type).body(body);
        let response = request.send().await.expect("responds");
        assert_eq!(response.status().as_u16(), expected, "{media_type} {body}");
    }
}

#[tokio::test]
async fn a_documented_redirect_precedes_the_default_response() {
    let (server, client) = (server().await, client());
    for (prefer, expected) in [("", 302), ("code=302", 302), ("code=500", 500)] {
        let request = client.get(format!("{}/blob", server.base_url()));
        let response = request
            .header("prefer", prefer)
            .send()
            .await
            .expect("responds");
        assert_eq!(response.status().as_u16(), expected, "{prefer}");
        assert_eq!(response.headers().contains_key("location"), expected == 302);
    }
}

#[tokio::test]
async fn names_are_decoded_and_repeated_header_lines_are_one_list() {
    let (server, client) = (server().await, client());
    let request = |query: &str, headers: &[(&'static str, &'static str)]| {
        let mut request = client.get(format!("{}/secured?{query}", server.base_url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send()
    };
    for (query, headers, expected) in [
        ("api%5Bkey%5D=k", &[][..], 200),
        ("api[key]=k", &[("x-ids", "1, 2")], 200),
        ("api[key]=k", &[("x-ids", "1"), ("x-ids", "2")], 200),
        ("api[key]=k", &[("x-ids", "1")], 400),
        ("other=k", &[], 401),
    ] {
        let response = request(query, headers).await.expect("responds");
        assert_eq!(response.status().as_u16(), expected, "{query} {headers:?}");
    }
    for accept in [
        "application/json;Q=0.1, text/plain",
        "application/json; Q = 0.1,text/plain;q=0.2",
    ] {
        let headers = [("accept", accept)];
        let response = request("api[key]=k", &headers.map(|(name, value)| (name, value))).await;
        let response = response.expect("responds");
        assert_eq!(response.headers()["content-type"], "text/plain", "{accept}");
    }
}
