//! Calls each client against the mock server of its vendored document. Every operation is called as
//! documented, every response decodes, every documented error is reported, and every request that
//! violates one rule is rejected.

use std::collections::{BTreeMap, BTreeSet};

use client_runtime::{Builder, ErrorKind, RetryPolicy};
use client_tests::apis::{CONSTRUCTS, Extent, Operation, api, apis, document, operations_of};
use client_tests::call::{AnyClient, Outcome, call};
use client_tests::expectations::Expectations;
use mock_server::{MockServer, Received};
use openapi_document::{followed, is_json_lines};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Url};
use serde_json::{Value, json};
use xtask::registry::Api;

/// An API and the mock server of its document.
struct Contract {
    api: String,
    root: Value,
    server: MockServer,
    http: reqwest::Client,
}

impl Contract {
    async fn of(api: &Api) -> Self {
        let document = document(api);
        let root = document.root.clone();
        let server = MockServer::from_document(document).record(1).start().await;
        let http = client_runtime::http_client_builder().expect("has TLS");
        Self {
            api: api.name.clone(),
            root,
            server: server.expect("the document can be served"),
            http: http.build().expect("builds"),
        }
    }

    async fn call(&self, http: &reqwest::Client, of: &Operation<'_>, extent: Extent) -> Outcome {
        let arguments = of.arguments(extent).expect("arguments can be made");
        // No retries: every response is checked.
        let builder = Builder::<AnyClient>::default()
            .base_url(self.server.base_url())
            .http_client(http.clone())
            .retry(RetryPolicy::never());
        let outcome = call(&self.api, builder, &of.rust_name, arguments).await;
        outcome.unwrap_or_else(|error| panic!("{}: {error}", of.id))
    }

    /// The last request, for which the server found no violation.
    fn request(&self, of: &Operation<'_>, extent: Extent) -> Received {
        let recorded = self.server.requests().pop().expect("a request came");
        assert_eq!(recorded.operation.as_deref(), Some(&*of.id), "{extent:?}");
        assert_eq!(recorded.violations, [], "{} with {extent:?}", of.id);
        recorded.request
    }
}

async fn each_is_called_as_documented(api: &Api) {
    let contract = Contract::of(api).await;
    for operation in operations_of(&contract.root) {
        if !is_called(api, &operation) {
            continue;
        }
        for extent in [Extent::Least, Extent::Most] {
            let outcome = contract.call(&contract.http, &operation, extent).await;
            contract.request(&operation, extent);
            assert!(
                matches!(outcome, Outcome::Success { .. }),
                "{} with {extent:?}: {outcome:?}",
                operation.id
            );
        }
    }
    let coverage = contract.server.coverage();
    let called: Vec<String> = operations_of(&contract.root)
        .into_iter()
        .filter(|operation| is_called(api, operation))
        .map(|operation| operation.id)
        .collect();
    let missing = coverage
        .operations
        .iter()
        .find(|covered| covered.calls() == 0 && called.contains(&covered.id));
    assert!(missing.is_none() && !called.is_empty(), "{missing:?}");
}

/// True if these tests call the operation: all operations of vendored documents.
fn is_called(api: &Api, operation: &Operation<'_>) -> bool {
    api.name != "constructs" || CONSTRUCTS.contains(&&*operation.tag)
}

#[tokio::test]
async fn every_operation_is_called_as_documented() {
    for api in apis() {
        each_is_called_as_documented(&api).await;
    }
}

#[tokio::test]
async fn lines_parts_and_pages_are_called_as_documented() {
    each_is_called_as_documented(&api("constructs")).await;
}

/// Each documented error status of each operation, with the client's error.
async fn each_documented_error_is_reported(api: &Api) {
    let contract = Contract::of(api).await;
    let mut callers: BTreeMap<String, reqwest::Client> = BTreeMap::new();
    let mut provoked = 0;
    for operation in operations_of(&contract.root) {
        for (key, schema) in operation.responses() {
            let code = match key {
                "default" | "5XX" => "500",
                "4XX" => "418",
                key if key.starts_with(['4', '5']) => key,
                _ => continue,
            };
            let http = callers.entry(code.to_owned()).or_insert_with(|| {
                let prefer = format!("code={code}").parse().expect("is a header value");
                let headers = HeaderMap::from_iter([("prefer".parse().expect("is one"), prefer)]);
                let http = client_runtime::http_client_builder().expect("has TLS");
                let http = http.default_headers(headers);
                http.build().expect("can be built")
            });
            let about = format!("{} {code}", operation.id);
            let outcome = contract.call(http, &operation, Extent::Least).await;
            contract.request(&operation, Extent::Least);
            let Outcome::Failure {
                status,
                body,
                error,
            } = outcome
            else {
                panic!("{about}: {outcome:?}");
            };
            assert_eq!(status.to_string(), code, "{about}");
            assert_eq!(schema.is_some(), !body.is_null(), "{about}: {body}");
            let kind = match status {
                401 => ErrorKind::Authentication,
                _ => ErrorKind::Api,
            };
            assert_eq!(error.kind(), kind, "{about}");
            assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
            let called = error.call().unwrap_or_else(|| panic!("{about}: {error}"));
            assert_eq!(called.operation, operation.call_id);
            // A rejected token is renewed once. Other credentials cannot be renewed.
            let attempts = match status {
                401 if operation.needs_token() => 2,
                _ => 1,
            };
            assert_eq!(called.attempts, attempts, "{about}");
            // The error message has the text of the problem document.
            let title = ["title", "error_description", "message", "error"]
                .into_iter()
                .find_map(|name| body[name].as_str());
            if let Some(title) = title {
                assert!(error.to_string().contains(title), "{about}: {error}");
            }
            provoked += 1;
        }
    }
    if let Some(expected) = Expectations::of(&api.name).documented_errors {
        assert_eq!(provoked, expected, "of {}", api.name);
    }
}

#[tokio::test]
async fn every_documented_error_is_reported() {
    for api in apis() {
        each_documented_error_is_reported(&api).await;
    }
}

/// A valid request with one violated rule.
struct Broken {
    /// The rule.
    rule: &'static str,
    /// The request.
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Vec<u8>,
    /// The expected status, and a string that the response must contain.
    status: u16,
    names: String,
}

/// `request` with each rule violated once.
fn broken(base: &Url, operation: &Operation<'_>, request: &Received) -> Vec<Broken> {
    let mut url = base.clone();
    url.set_path(&request.path);
    url.set_query(request.query.as_deref());
    let mut headers = request.headers.clone();
    headers.remove("content-length");
    let sound = |rule, names: &str| Broken {
        rule,
        method: request.method.clone(),
        url: url.clone(),
        headers: headers.clone(),
        body: request.body.to_vec(),
        status: 400,
        names: names.to_owned(),
    };
    let mut all = Vec::new();

    let mut case = sound("an unknown query parameter", "surprise");
    case.url.query_pairs_mut().append_pair("surprise", "1");
    all.push(case);

    if operation.needs_credentials() {
        let mut case = sound("no credentials", "");
        case.headers.remove(AUTHORIZATION);
        case.status = 401;
        all.push(case);
        let mut case = sound("malformed credentials", "");
        let value = HeaderValue::from_static("Nonsense");
        case.headers.insert(AUTHORIZATION, value);
        case.status = 401;
        all.push(case);
    }

    for parameter in operation.parameters() {
        let name = parameter.name;
        let schema = followed(operation.root, &parameter.node.value["schema"]);
        let place = format!("{{{name}}}");
        if parameter.location == "path" && schema["format"] == "uuid" {
            let mut case = sound("a path parameter of another type", name);
            let own = operation.path.split('/').rev();
            let mut segments: Vec<&str> = request.path.rsplit('/').collect();
            for (segment, own) in segments.iter_mut().zip(own) {
                if own == place {
                    *segment = "not-a-uuid";
                }
            }
            segments.reverse();
            case.url.set_path(&segments.join("/"));
            all.push(case);
        }
        let size = followed(operation.root, &schema["properties"]["size"]);
        if parameter.location == "query" && size["minimum"] == 1 {
            let mut case = sound("a property of a query object out of bounds", "page");
            case.url.set_query(Some("page%5Bsize%5D=0"));
            all.push(case);
        }
        if parameter.location == "query" && schema["type"] == "boolean" {
            let mut case = sound("a query parameter of another type", name);
            case.url.set_query(None);
            case.url.query_pairs_mut().append_pair(name, "perhaps");
            all.push(case);
        }
    }

    let Some((required, media_type, schema)) = operation.request_body() else {
        return all;
    };
    let mut case = sound("another media type", "Content-Type");
    let value = HeaderValue::from_static("text/plain");
    case.headers.insert(CONTENT_TYPE, value);
    all.push(case);
    if required {
        let mut case = sound("no body", "body");
        case.headers.remove(CONTENT_TYPE);
        case.body.clear();
        all.push(case);
    }
    if is_json_lines(media_type) {
        let mut case = sound("a line that is not JSON", "body line 1");
        case.body.insert(0, b'{');
        all.push(case);
    }
    if is_json_lines(media_type) || !media_type.contains("json") {
        return all;
    }
    let mut case = sound("a body that is not JSON", "body");
    case.body.truncate(request.body.len() - 1);
    all.push(case);
    let sent: Value = serde_json::from_slice(&request.body).expect("is JSON");
    let schema = followed(operation.root, schema);
    let (Some(properties), Some(known)) = (sent.as_object(), schema["properties"].as_object())
    else {
        return all;
    };
    let with = |rule, names: &str, change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
        let mut properties = properties.clone();
        change(&mut properties);
        Broken {
            body: Value::Object(properties).to_string().into_bytes(),
            ..sound(rule, names)
        }
    };
    if schema.get("additionalProperties").is_none() {
        all.push(with("an unknown property", "surprise", &|properties| {
            properties.insert("surprise".to_owned(), json!(1));
        }));
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap_or_default();
        all.push(with("a required property missing", name, &|properties| {
            properties.remove(name);
        }));
    }
    for (name, schema) in known {
        let schema = followed(operation.root, schema);
        if ["string", "integer", "boolean", "array"]
            .iter()
            .any(|of| schema["type"] == *of)
        {
            all.push(with("a property of another type", name, &|properties| {
                properties.insert(name.clone(), json!({ "a": 1 }));
            }));
        }
    }
    all
}

async fn each_broken_rule_of_an_api_is_named(api: &Api) {
    let contract = Contract::of(api).await;
    let base: Url = contract.server.base_url().parse().expect("is a URL");
    let mut tried = BTreeSet::new();
    for operation in operations_of(&contract.root) {
        if !is_called(api, &operation) {
            continue;
        }
        contract
            .call(&contract.http, &operation, Extent::Most)
            .await;
        let request = contract.request(&operation, Extent::Most);
        for case in broken(&base, &operation, &request) {
            let about = format!("{} with {}", operation.id, case.rule);
            let sent = contract.http.request(case.method, case.url);
            let sent = sent.headers(case.headers).body(case.body);
            let response = sent.send().await.expect("is sent");
            let status = response.status().as_u16();
            let text = response.text().await.expect("has a body");
            assert_eq!(status, case.status, "{about}: {text}");
            assert!(text.contains(&case.names), "{about}: {text}");
            tried.insert(case.rule.to_owned());
        }
    }
    if let Some(rules) = Expectations::of(&api.name).broken_rules {
        assert_eq!(tried, rules, "of {}", api.name);
    }
}

#[tokio::test]
async fn each_broken_rule_is_named() {
    for api in apis() {
        each_broken_rule_of_an_api_is_named(&api).await;
    }
}

#[tokio::test]
async fn each_broken_rule_of_lines_parts_and_pages_is_named() {
    each_broken_rule_of_an_api_is_named(&api("constructs")).await;
}
