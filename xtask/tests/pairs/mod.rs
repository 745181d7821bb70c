//! A minimal pair of documents for each check, and for each direction that matters: the documents
//! and the expected verdicts on the wire and in Rust.

mod schemas;
mod surface;

use openapi_diff::catalogue::Verdict::{
    self, Additive as A, Breaking as B, MayBreak as M, Neutral as N,
};
use serde_json::{Value, json};

/// Two documents with one difference.
pub(crate) struct Pair {
    /// The check that finds the difference.
    pub(crate) check: &'static str,
    /// The variant, if a check has several pairs.
    pub(crate) variant: &'static str,
    pub(crate) before: Value,
    pub(crate) after: Value,
    /// The required days of notice.
    pub(crate) grace_days: Option<u32>,
    pub(crate) wire: Verdict,
    pub(crate) rust: Verdict,
}

/// All pairs.
pub(crate) fn all() -> Vec<Pair> {
    [
        operations(),
        parameters(),
        bodies(),
        responses(),
        schemas::properties(),
        schemas::values(),
        schemas::alternatives(),
        access(),
        surface::surface(),
    ]
    .into_iter()
    .flatten()
    .chain(policies())
    .collect()
}

/// Pairs in which a deprecation has too little notice.
fn policies() -> [Pair; 2] {
    let demanding = |check, after| Pair {
        grace_days: Some(30),
        ..operation(check, (json!({}), after), B, N)
    };
    [
        demanding("sunset-missing", json!({ "deprecated": true })),
        demanding(
            "sunset-too-soon",
            json!({ "deprecated": true, "x-sunset": "1970-01-09" }),
        ),
    ]
}

/// A document with these paths, and with components.
pub(crate) fn document(paths: Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Things", "version": "1" },
        "servers": [{ "url": "https://things.example" }],
        "paths": paths,
    })
}

/// A document with the operation `GET /things`, merged with `operation`.
fn get(operation: Value) -> Value {
    let mut whole = json!({
        "operationId": "ListThings",
        "tags": ["things"],
        "responses": { "204": { "description": "" } },
    });
    merge(&mut whole, operation);
    document(json!({ "/things": { "get": whole } }))
}

fn merge(whole: &mut Value, part: Value) {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            for (name, value) in part {
                merge(whole.entry(name).or_insert(Value::Null), value);
            }
        }
        (whole, part) => *whole = part,
    }
}

/// A document with one operation whose request body has this schema.
pub(crate) fn request(schema: Value) -> Value {
    document(json!({ "/things": { "post": {
        "operationId": "CreateThing",
        "tags": ["things"],
        "requestBody": {
            "required": true,
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } },
        },
        "responses": { "204": { "description": "" } },
    } } }))
    .with("components", json!({ "schemas": { "Thing": schema } }))
}

/// A document with one operation whose response has this schema.
pub(crate) fn response(schema: Value) -> Value {
    get(json!({ "responses": { "204": null, "200": {
        "description": "",
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } },
    } } }))
    .with("components", json!({ "schemas": { "Thing": schema } }))
    .without_null()
}

trait With {
    fn with(self, name: &str, value: Value) -> Value;
    fn without_null(self) -> Value;
}

impl With for Value {
    fn with(mut self, name: &str, value: Value) -> Value {
        self[name] = value;
        self
    }

    fn without_null(mut self) -> Value {
        for path in self["paths"].as_object_mut().into_iter().flatten() {
            for operation in path.1.as_object_mut().into_iter().flatten() {
                let responses = operation.1["responses"].as_object_mut();
                responses
                    .expect("has responses")
                    .retain(|_, response| !response.is_null());
            }
        }
        self
    }
}

/// A pair of complete documents.
fn whole(
    check: &'static str,
    (before, after): (Value, Value),
    wire: Verdict,
    rust: Verdict,
) -> Pair {
    Pair {
        check,
        variant: "",
        before,
        after,
        grace_days: None,
        wire,
        rust,
    }
}

/// A pair of operations.
fn operation(
    check: &'static str,
    (before, after): (Value, Value),
    wire: Verdict,
    rust: Verdict,
) -> Pair {
    whole(check, (get(before), get(after)), wire, rust)
}

/// Two pairs of objects with a property `a` of these schemas, in a request and in a response, with
/// their verdicts.
fn schema(
    check: &'static str,
    (before, after): (Value, Value),
    in_request: (Verdict, Verdict),
    in_response: (Verdict, Verdict),
) -> [Pair; 2] {
    let object = |schema| json!({ "type": "object", "properties": { "a": schema } });
    object_schema(
        check,
        (object(before), object(after)),
        in_request,
        in_response,
    )
}

/// The same for the whole object.
fn object_schema(
    check: &'static str,
    (before, after): (Value, Value),
    in_request: (Verdict, Verdict),
    in_response: (Verdict, Verdict),
) -> [Pair; 2] {
    [
        Pair {
            check,
            variant: " in a request",
            before: request(before.clone()),
            after: request(after.clone()),
            grace_days: None,
            wire: in_request.0,
            rust: in_request.1,
        },
        Pair {
            check,
            variant: " in a response",
            before: response(before),
            after: response(after),
            grace_days: None,
            wire: in_response.0,
            rust: in_response.1,
        },
    ]
}

fn operations() -> Vec<Pair> {
    let things = json!({ "operationId": "ListThings", "tags": ["things"], "responses": { "204": { "description": "" } } });
    let others = json!({ "operationId": "ListOthers", "tags": ["things"], "responses": { "204": { "description": "" } } });
    let one = || document(json!({ "/things": { "get": things } }));
    let two = || document(json!({ "/things": { "get": things }, "/others": { "get": others } }));
    let put = document(json!({ "/things": { "put": things } }));
    let moved = document(json!({ "/v2/things": { "get": things } }));
    let done = json!({ "post": { "responses": { "204": { "description": "" } } } });
    let hooks = |names: &[&str]| {
        let hooks = names.iter().map(|name| ((*name).to_owned(), done.clone()));
        one().with("webhooks", Value::Object(hooks.collect()))
    };
    let callback = || json!({ "callbacks": { "done": { "{$request.query.url}": done } } });
    vec![
        whole("operation-added", (one(), two()), A, A),
        whole("operation-removed", (two(), one()), B, B),
        whole("operation-path-changed", (one(), moved), B, N),
        whole("operation-method-changed", (one(), put), B, N),
        operation(
            "operation-id-changed",
            (json!({}), json!({ "operationId": "GetThings" })),
            N,
            B,
        ),
        operation(
            "operation-tag-changed",
            (json!({}), json!({ "tags": ["other"] })),
            N,
            // All methods belong to the client.
            N,
        ),
        operation(
            "operation-deprecated",
            (json!({}), json!({ "deprecated": true })),
            N,
            N,
        ),
        operation(
            "operation-undeprecated",
            (json!({ "deprecated": true }), json!({})),
            N,
            N,
        ),
        operation(
            "sunset-announced",
            (json!({}), json!({ "x-sunset": "2030-01-01" })),
            N,
            N,
        ),
        operation(
            "sunset-withdrawn",
            (json!({ "x-sunset": "2030-01-01" }), json!({})),
            A,
            N,
        ),
        operation(
            "sunset-brought-forward",
            (
                json!({ "x-sunset": "2030-01-01" }),
                json!({ "x-sunset": "2029-01-01" }),
            ),
            B,
            N,
        ),
        operation(
            "sunset-postponed",
            (
                json!({ "x-sunset": "2029-01-01" }),
                json!({ "x-sunset": "2030-01-01" }),
            ),
            A,
            N,
        ),
        operation(
            "sunset-invalid",
            (json!({}), json!({ "x-sunset": "soon" })),
            N,
            N,
        ),
        operation(
            "operation-tags-changed",
            (json!({}), json!({ "tags": ["things", "more"] })),
            N,
            N,
        ),
        operation(
            "stability-changed",
            (json!({}), json!({ "x-stability-level": "beta" })),
            N,
            N,
        ),
        whole("webhook-added", (hooks(&["a"]), hooks(&["a", "b"])), A, N),
        whole("webhook-removed", (hooks(&["a", "b"]), hooks(&["a"])), B, N),
        operation("callback-added", (json!({}), callback()), A, N),
        operation("callback-removed", (callback(), json!({})), B, N),
        operation(
            "extension-changed",
            (json!({}), json!({ "x-idempotent": true })),
            N,
            N,
        ),
        operation(
            "text-changed",
            (json!({ "summary": "A" }), json!({ "summary": "B" })),
            N,
            N,
        ),
        whole(
            "document-changed",
            (
                get(json!({})),
                get(json!({})).with("info", json!({ "title": "Things", "version": "2" })),
            ),
            N,
            N,
        ),
    ]
}

fn parameters() -> Vec<Pair> {
    let with = |parameter: Value| json!({ "parameters": [parameter] });
    let query = || json!({ "name": "q", "in": "query", "schema": { "type": "string" } });
    let list = |style: &str| {
        json!({
            "name": "q", "in": "query", "style": style, "explode": false,
            "schema": { "type": "array", "items": { "type": "string" } },
        })
    };
    let given = || query().with("required", json!(true));
    let path = |name: &str| {
        let template = format!("/things/{{{name}}}");
        document(json!({ template: { "get": {
            "operationId": "GetThing",
            "tags": ["things"],
            "parameters": [{ "name": name, "in": "path", "required": true, "schema": { "type": "integer", "format": "int64" } }],
            "responses": { "204": { "description": "" } },
        } } }))
    };
    vec![
        operation("parameter-added", (json!({}), with(query())), A, A),
        operation("required-parameter-added", (json!({}), with(given())), B, A),
        operation("parameter-removed", (with(query()), json!({})), M, B),
        whole("parameter-renamed", (path("a"), path("b")), N, B),
        operation(
            "parameter-became-required",
            (with(query()), with(given())),
            B,
            N,
        ),
        operation(
            "parameter-became-optional",
            (with(given()), with(query())),
            A,
            N,
        ),
        operation(
            "parameter-location-changed",
            (with(query()), with(query().with("in", json!("header")))),
            B,
            N,
        ),
        operation(
            "parameter-style-changed",
            (with(list("form")), with(list("spaceDelimited"))),
            B,
            // The table of operations has the style; the type is that of the value.
            N,
        ),
        operation(
            "parameter-deprecated",
            (with(query()), with(query().with("deprecated", json!(true)))),
            N,
            N,
        ),
        operation(
            "parameter-undeprecated",
            (with(query().with("deprecated", json!(true))), with(query())),
            N,
            N,
        ),
    ]
}

fn bodies() -> Vec<Pair> {
    let content = |names: &[&str]| {
        let media =
            json!({ "schema": { "type": "object", "properties": { "a": { "type": "string" } } } });
        let names = names.iter().map(|name| ((*name).to_owned(), media.clone()));
        Value::Object(names.collect())
    };
    let with = |required: bool, names: &[&str]| json!({ "requestBody": { "required": required, "content": content(names) } });
    let json_only = ["application/json"];
    let both = ["application/json", "text/csv"];
    let mut form = with(true, &["application/x-www-form-urlencoded"]);
    let before = form.clone();
    form["requestBody"]["content"]["application/x-www-form-urlencoded"]["encoding"] =
        json!({ "a": { "style": "spaceDelimited" } });
    vec![
        operation("body-added", (json!({}), with(false, &json_only)), A, A),
        operation(
            "required-body-added",
            (json!({}), with(true, &json_only)),
            B,
            A,
        ),
        operation("body-removed", (with(true, &json_only), json!({})), B, B),
        operation(
            "body-became-required",
            (with(false, &json_only), with(true, &json_only)),
            B,
            // A call without it compiles, but fails before it is sent.
            N,
        ),
        operation(
            "body-became-optional",
            (with(true, &json_only), with(false, &json_only)),
            A,
            N,
        ),
        operation(
            "media-type-added",
            (with(true, &json_only), with(true, &both)),
            A,
            N,
        ),
        operation(
            "media-type-removed",
            (with(true, &both), with(true, &json_only)),
            B,
            N,
        ),
        operation(
            "media-type-renamed",
            (
                with(true, &["application/json"]),
                with(true, &["application/vnd.things+json"]),
            ),
            B,
            N,
        ),
        operation("encoding-changed", (before, form), B, N),
    ]
}

fn responses() -> Vec<Pair> {
    let text = || json!({ "type": "string" });
    let json_of = |schema: Value| json!({ "description": "", "content": { "application/json": { "schema": schema } } });
    let with = |responses: Value| {
        let mut operation = json!({ "responses": { "204": null } });
        merge(&mut operation, json!({ "responses": responses }));
        get(operation).without_null()
    };
    let header = |header: Value| {
        with(json!({ "204": { "description": "", "headers": { "X-Count": header } } }))
    };
    let plain = || with(json!({ "204": { "description": "" } }));
    let count =
        |required: bool| header(json!({ "required": required, "schema": { "type": "integer" } }));
    let count_deprecated = || json!({ "deprecated": true, "schema": { "type": "integer" } });
    vec![
        whole(
            "success-added",
            (
                with(json!({ "200": json_of(text()) })),
                with(json!({ "200": json_of(text()), "201": json_of(text()) })),
            ),
            A,
            N,
        ),
        whole(
            "success-added",
            (
                with(json!({ "200": json_of(text()) })),
                with(
                    json!({ "200": json_of(text()), "201": json_of(json!({ "type": "boolean" })) }),
                ),
            ),
            B,
            B,
        ),
        whole(
            "success-covered",
            (
                with(json!({ "2XX": json_of(text()) })),
                with(json!({ "2XX": json_of(text()), "201": json_of(text()) })),
            ),
            A,
            N,
        ),
        whole(
            "success-removed",
            (
                with(json!({ "200": json_of(text()), "201": json_of(text()) })),
                with(json!({ "200": json_of(text()) })),
            ),
            M,
            N,
        ),
        whole(
            "success-removed",
            (
                with(
                    json!({ "200": json_of(text()), "201": json_of(json!({ "type": "boolean" })) }),
                ),
                with(json!({ "200": json_of(text()) })),
            ),
            B,
            B,
        ),
        whole(
            "status-generalized",
            (
                with(json!({ "200": json_of(text()) })),
                with(json!({ "2XX": json_of(text()) })),
            ),
            A,
            N,
        ),
        whole(
            "status-specialized",
            (
                with(json!({ "2XX": json_of(text()) })),
                with(json!({ "200": json_of(text()) })),
            ),
            N,
            N,
        ),
        whole(
            "links-changed",
            (
                plain(),
                with(
                    json!({ "204": { "description": "", "links": { "next": { "operationId": "ListThings" } } } }),
                ),
            ),
            N,
            N,
        ),
        whole(
            "error-added",
            (
                plain(),
                with(json!({ "204": { "description": "" }, "404": { "description": "" } })),
            ),
            A,
            N,
        ),
        whole(
            "error-removed",
            (
                with(json!({ "204": { "description": "" }, "404": { "description": "" } })),
                plain(),
            ),
            N,
            N,
        ),
        whole("header-added", (plain(), count(false)), A, N),
        whole("header-removed", (count(false), plain()), M, B),
        whole("header-removed", (count(true), plain()), B, B),
        whole(
            "header-deprecated",
            (count(false), header(count_deprecated())),
            N,
            N,
        ),
        whole(
            "header-undeprecated",
            (header(count_deprecated()), count(false)),
            N,
            N,
        ),
        whole("header-became-required", (count(false), count(true)), A, N),
        whole("header-became-optional", (count(true), count(false)), B, N),
    ]
}

fn access() -> Vec<Pair> {
    let with = |security: Value| {
        get(json!({ "security": security })).with(
            "components",
            json!({ "securitySchemes": {
                "Token": { "type": "http", "scheme": "bearer" },
                "Key": { "type": "apiKey", "in": "header", "name": "X-Key" },
                "Flow": { "type": "oauth2", "flows": {} },
            } }),
        )
    };
    let served = |urls: &[&str]| {
        let urls: Vec<Value> = urls.iter().map(|url| json!({ "url": url })).collect();
        get(json!({})).with("servers", urls.into())
    };
    let token = || json!({ "Token": [] });
    let key = || json!({ "Key": [] });
    let scopes = |names: &[&str]| with(json!([{ "Flow": names }]));
    let pair = |before: Value, after: Value| (with(before), with(after));
    let (a, b) = ("https://a.example", "https://b.example");
    vec![
        whole("security-required", pair(json!([]), json!([token()])), B, N),
        whole("security-lifted", pair(json!([token()]), json!([])), A, N),
        whole(
            "security-alternative-added",
            pair(json!([token()]), json!([token(), key()])),
            A,
            N,
        ),
        whole(
            "security-alternative-removed",
            pair(json!([token(), key()]), json!([token()])),
            B,
            N,
        ),
        whole(
            "security-changed",
            pair(json!([token()]), json!([key()])),
            B,
            N,
        ),
        whole(
            "security-scope-added",
            (scopes(&["r"]), scopes(&["r", "w"])),
            B,
            N,
        ),
        whole(
            "security-scope-removed",
            (scopes(&["r", "w"]), scopes(&["r"])),
            A,
            N,
        ),
        whole("server-added", (served(&[a]), served(&[a, b])), A, N),
        whole("server-removed", (served(&[a, b]), served(&[a])), B, N),
        whole("server-changed", (served(&[a]), served(&[b])), B, N),
    ]
}
