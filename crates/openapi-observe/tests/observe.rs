//! Tests that deviations of servers are found, and that the overlay actions accept them.

use std::path::Path;

use openapi_document::{Document, overlay};
use openapi_lower::lower;
use openapi_observe::{Body, Exchange, Observation, REDACTED, RequestPath, observe, with_actions};

const EMPTY_OVERLAY: &str =
    "overlay: 1.0.0\ninfo: {title: Corrections, version: 1.0.0}\nactions: []\n";

/// Writes the actions to an overlay, applies it, and observes the same exchanges again.
fn again(document: &Document, first: &Observation, exchanges: &[Exchange]) -> Observation {
    let text = with_actions(EMPTY_OVERLAY, &first.actions).expect("the actions are added");
    let mut accepted = document.clone();
    let actions = Document::parse("overlay.yaml", text).expect("is YAML");
    overlay::apply(&actions, &mut accepted).expect("the overlay applies");
    lower(&accepted).expect("a client can be generated");
    observe(&accepted, exchanges).expect("is compared")
}

#[test]
fn every_deviation_of_a_recording_is_reported_and_accepted_by_the_overlay() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let document = Document::load(&folder.join("shop.yaml")).expect("is a document");
    let exchanges = Exchange::read(&folder.join("shop.har")).expect("is a recording");
    let first = observe(&document, &exchanges).expect("is compared");
    let report = first.to_string();
    let file = folder.join("shop.report.txt");
    if std::env::var_os("ACCEPT").is_some() {
        std::fs::write(&file, &report).expect("writes");
    }
    assert_eq!(report, std::fs::read_to_string(file).expect("is there"));
    assert!(!report.contains("s3cret"), "{report}");

    let second = again(&document, &first, &exchanges);
    let left: Vec<String> = second.to_accept().map(|one| one.describe()).collect();
    assert_eq!(left, ["a body that is not JSON"; 2]);
    assert!(second.actions.is_empty(), "{second}");
}

/// Observes one response with the status 200 and the given schema, in both versions of OpenAPI.
fn described(schema: &str, body: &str) -> Vec<Vec<String>> {
    let of_version = |version: &str| {
        let text = format!(
            "openapi: {version}\ninfo: {{title: T, version: '1'}}\npaths:\n  /a:\n    get:\n      responses:\n        \
             '200': {{description: d, content: {{application/json: {{schema: {schema}}}}}}}\n\
             components:\n  schemas:\n    \
             Name: {{type: string}}\n    \
             Level: {{type: string, enum: [low, high]}}\n    \
             Base: {{type: object, required: [id], properties: {{id: {{type: string}}}}}}\n    \
             Named: {{type: object, properties: {{id: {{type: string}}, name: {{type: string}}}}}}\n    \
             Node: {{type: object, properties: {{name: {{type: string}}, next: {{$ref: '#/components/schemas/Node'}}}}}}\n"
        );
        let document = Document::parse("d.yaml", text).expect("parses");
        let exchange = Exchange {
            source: "here".to_owned(),
            method: "GET".to_owned(),
            path: RequestPath::Concrete("/a".to_owned()),
            query: Vec::new(),
            status: 200,
            content_type: Some("application/json".to_owned()),
            body: Body::Bytes(body.into()),
        };
        let exchanges = [exchange];
        let first = observe(&document, &exchanges).expect("is compared");
        let second = again(&document, &first, &exchanges);
        assert_eq!(
            second.to_accept().count(),
            0,
            "{version} {schema} {body}\n{first}\n{second}"
        );
        let shown = first.deviations.iter();
        let shown = shown.map(|one| format!("{} {}", one.example.path, one.describe()));
        shown.collect::<Vec<_>>()
    };
    ["3.0.3", "3.1.0"].map(of_version).into()
}

#[test]
fn a_deviation_is_found_where_it_is_and_accepted_in_both_versions() {
    const NAME: &str = "{$ref: '#/components/schemas/Name'}";
    const LEVEL: &str = "{$ref: '#/components/schemas/Level'}";
    const BASE: &str = "{$ref: '#/components/schemas/Base'}";
    let cases = [
        // Null.
        ("{type: string}", "null", "$ null, or an empty body"),
        (
            "{properties: {a: {type: string}}}",
            "{\"a\": null}",
            "$.a null",
        ),
        (
            &format!("{{properties: {{a: {NAME}}}}}"),
            "{\"a\": null}",
            "$.a null",
        ),
        (
            &format!("{{properties: {{a: {LEVEL}}}}}"),
            "{\"a\": null}",
            "$.a null",
        ),
        (
            "{properties: {a: {type: string, enum: [b]}}}",
            "{\"a\": null}",
            "$.a null",
        ),
        (
            &format!("{{properties: {{a: {{oneOf: [{NAME}, {BASE}]}}}}}}"),
            "{\"a\": null}",
            "$.a null",
        ),
        (
            &format!("{{properties: {{a: {{allOf: [{BASE}]}}}}}}"),
            "{\"a\": null}",
            "$.a null",
        ),
        (
            "{type: array, items: {type: string}}",
            "[\"a\", null]",
            "$[*] null",
        ),
        (
            "{type: object, additionalProperties: {type: string}}",
            "{\"a\": null}",
            "$.* null",
        ),
        // Types.
        (
            "{type: integer, format: int32}",
            "1.5",
            "$ a value of another type (number)",
        ),
        (
            "{properties: {a: {type: string}}}",
            "{\"a\": 1}",
            "$.a a value of another type (integer)",
        ),
        (
            &format!("{{properties: {{a: {NAME}}}}}"),
            "{\"a\": [1]}",
            "$.a a value of another type (array)",
        ),
        (
            &format!("{{type: array, items: {BASE}}}"),
            "{\"id\": \"x\"}",
            "$ a value of another type (object)",
        ),
        (
            BASE,
            "{\"error\": \"x\"}",
            "$ a value of another type (object)",
        ),
        (
            &format!("{{anyOf: [{BASE}, {{type: integer}}]}}"),
            "\"x\"",
            "$ a value of another type (string)",
        ),
        // Properties.
        (BASE, "{}", "$ no property \"id\", which is required"),
        (
            BASE,
            "{\"id\": \"x\", \"n m\": 1}",
            "$ an undocumented property \"n m\" (integer)",
        ),
        (
            &format!("{{allOf: [{BASE}, {{properties: {{b: {{}}}}}}]}}"),
            "{\"id\": \"x\", \"c\": null}",
            "$ an undocumented property \"c\" (null)",
        ),
        (
            &format!("{{allOf: [{BASE}, {{required: [z], properties: {{z: {{}}}}}}]}}"),
            "{\"id\": \"x\"}",
            "$ no property \"z\", which is required",
        ),
        (
            "{$ref: '#/components/schemas/Node'}",
            "{\"next\": {\"next\": {\"name\": 1}}}",
            "$.next.next.name a value of another type (integer)",
        ),
        (
            "{$ref: '#/components/schemas/Node'}",
            "{\"data\": {}}",
            "$ an object without any documented property",
        ),
        // Values.
        (
            LEVEL,
            "\"other\"",
            "$ values that the enumeration lacks: \"other\"",
        ),
        (
            "{type: string, format: uuid}",
            "\"x\"",
            "$ a value that is no uuid",
        ),
        (
            "{type: string, format: date-time}",
            "\"2026-11-26 01:55:50\"",
            "$ another notation of date-time",
        ),
    ];
    for (schema, body, expected) in cases {
        for shown in described(schema, body) {
            assert_eq!(shown, [expected], "{schema} {body}");
        }
    }
}

#[test]
fn what_the_document_allows_is_not_a_deviation() {
    const BASE: &str = "{$ref: '#/components/schemas/Base'}";
    const NAMED: &str = "{$ref: '#/components/schemas/Named'}";
    let secret = format!("{REDACTED:?}");
    for (schema, body) in [
        ("{}", "{\"a\": null}"),
        ("{type: integer}", "30.0"),
        ("{type: object}", "{\"a\": 1}"),
        (
            "{properties: {a: {}}, additionalProperties: true}",
            "{\"b\": 1}",
        ),
        (
            "{properties: {a: {}}, additionalProperties: {type: string}}",
            "{\"b\": \"x\"}",
        ),
        (
            "{required: [p], properties: {p: {type: string, writeOnly: true}, a: {}}}",
            "{\"a\": 1}",
        ),
        (
            &format!("{{anyOf: [{BASE}, {{properties: {{b: {{type: string}}}}}}]}}"),
            "{\"id\": \"x\", \"b\": \"y\"}",
        ),
        (
            &format!(
                "{{oneOf: [{BASE}, {{type: object, required: [b], properties: {{b: {{type: string}}}}}}]}}"
            ),
            "{\"b\": \"y\"}",
        ),
        (
            &format!("{{oneOf: [{BASE}, {{type: string}}, {{type: array, items: {BASE}}}]}}"),
            "[{\"id\": \"x\"}]",
        ),
        ("{type: string, format: binary}", "\"x\""),
        ("{type: string, format: uuid}", &secret),
        ("{type: string, enum: [low, high]}", &secret),
        (
            &format!("{{oneOf: [{BASE}, {NAMED}], discriminator: {{propertyName: id}}}}"),
            &format!("{{\"id\": {secret}}}"),
        ),
    ] {
        for shown in described(schema, body) {
            assert_eq!(shown, [""; 0], "{schema} {body}");
        }
    }
}

#[test]
fn requests_that_are_not_in_the_document_are_listed_without_ids() {
    let document = Document::parse("d.yaml", "openapi: 3.1.0\npaths: {}\n").expect("parses");
    let exchange = |path: &str| Exchange {
        source: String::new(),
        method: "GET".to_owned(),
        path: RequestPath::Concrete(path.to_owned()),
        query: Vec::new(),
        status: 200,
        content_type: None,
        body: Body::Unrecorded,
    };
    let exchanges = [
        "/v1/users/17",
        "/v1/users/18",
        "/v1/s/averyveryverylongtoken",
    ]
    .map(exchange);
    let observation = observe(&document, &exchanges).expect("is compared");
    let listed: Vec<_> = observation.unmatched.into_iter().collect();
    let expected = [
        ("GET /v1/s/…".to_owned(), 1),
        ("GET /v1/users/…".to_owned(), 2),
    ];
    assert_eq!(listed, expected);
}
