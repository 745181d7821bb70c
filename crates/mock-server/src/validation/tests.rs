use openapi_instances::Generator;
use serde_json::json;

use super::*;
use crate::route::{Route, Routes};
use crate::testing::{all_vendored, description, received};

/// A document with one operation, `POST /a/{id}`, and a validator of its requests.
struct Fixture {
    description: std::sync::Arc<Description>,
    routes: Routes,
    validator: RequestValidator,
}

impl Fixture {
    fn of(version: &str, operation: Value, lenient: bool) -> Self {
        let description = description(json!({
            "openapi": version,
            "info": { "title": "T", "version": "1" },
            "paths": { "/a/{id}": {
                "parameters": [
                    { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
                ],
                "post": operation,
            } },
            "components": { "schemas": { "Node": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": { "type": "string", "minLength": 2 },
                    "child": { "$ref": "#/components/schemas/Node" },
                },
            } } },
        }));
        Self {
            routes: Routes::of(&description),
            validator: RequestValidator::new(&description, lenient),
            description,
        }
    }

    fn violations(&self, request: &Received) -> Vec<Violation> {
        let Route::Operation {
            index, path_values, ..
        } = self.routes.find(&request.method, &request.path)
        else {
            panic!("{} matches no operation", request.path);
        };
        self.validator
            .violations(&self.description, index, &path_values, request)
    }

    /// Each violation as `location: reason`.
    fn lines(&self, request: &Received) -> Vec<String> {
        let lines = self.violations(request).into_iter();
        lines
            .map(|violation| format!("{}: {}", violation.location, violation.reason))
            .collect()
    }
}

fn strict(operation: Value) -> Fixture {
    Fixture::of("3.1.0", operation, false)
}

fn query(parameter: Value) -> Fixture {
    strict(json!({ "parameters": [parameter] }))
}

fn body(media_type: &str, schema: Value) -> Fixture {
    let content = json!({ media_type: { "schema": schema } });
    strict(json!({ "requestBody": { "required": true, "content": content } }))
}

fn get(target: &str) -> Received {
    received("POST", target, &[], "")
}

fn sent(media_type: &str, body: &str) -> Received {
    received("POST", "/a/1", &[("content-type", media_type)], body)
}

fn sent_json(body: Value) -> Received {
    sent("application/json", &body.to_string())
}

#[test]
fn parameters_are_validated_in_every_location() {
    let parameter = |location: &str| {
        json!({
            "name": "P-1", "in": location, "required": true,
            "schema": { "type": "integer", "minimum": 1 },
        })
    };
    let fixture = query(parameter("query"));
    assert_eq!(fixture.lines(&get("/a/1?P-1=3")), [""; 0]);
    assert_eq!(fixture.lines(&get("/a/1")), ["query P-1: is required"]);
    assert_eq!(
        fixture.lines(&get("/a/1?P-1=0")),
        ["query P-1: is less than the minimum of 1"]
    );
    assert_eq!(
        fixture.lines(&get("/a/1?P-1=x")),
        ["query P-1: is not of type \"integer\""]
    );
    for (location, header, good, bad) in [
        ("header", "p-1", "3", "0"),
        ("cookie", "cookie", "a=b; P-1=3", "P-1=0"),
    ] {
        let fixture = query(parameter(location));
        let with = |value| received("POST", "/a/1", &[(header, value)], "");
        assert_eq!(fixture.lines(&with(good)), [""; 0]);
        let message = format!("{location} P-1: is less than the minimum of 1");
        assert_eq!(fixture.lines(&with(bad)), [message]);
        let message = format!("{location} P-1: is required");
        assert_eq!(fixture.lines(&get("/a/1")), [message]);
    }
    let fixture = query(json!({
        "name": "id", "in": "path", "required": true,
        "schema": { "type": "string", "format": "uuid" },
    }));
    assert_eq!(
        fixture.lines(&get("/a/1")),
        ["path id: does not have the format `uuid`"]
    );
}

#[test]
fn a_violation_points_to_the_violated_keyword() {
    let fixture = query(json!({ "name": "p", "in": "query", "schema": { "maximum": 1 } }));
    let pointer = fixture.violations(&get("/a/1?p=2"))[0].pointer.clone();
    let message = Pointer::parse("#/paths/~1a~1{id}/post/parameters/0/schema/maximum");
    assert_eq!(pointer, message);
}

#[test]
fn properties_of_a_query_object_are_named_as_in_the_query() {
    let page = |style: &str| {
        query(
            json!({ "name": "page", "in": "query", "style": style, "explode": true, "schema": {
            "type": "object",
            "properties": { "size": { "type": "integer", "maximum": 50 }, "next": { "type": "string" } },
        } }),
        )
    };
    let deep = page("deepObject");
    assert_eq!(
        deep.lines(&get("/a/1?page[size]=5&page%5Bnext%5D=7")),
        [""; 0]
    );
    assert_eq!(
        deep.lines(&get("/a/1?page[size]=51")),
        ["query page[size]: is greater than the maximum of 50"]
    );
    assert_eq!(
        deep.lines(&get("/a/1?page[siz]=5")),
        ["query page[siz]: is not declared in the document; did you mean `size`?"]
    );
    let form = page("form");
    assert_eq!(form.lines(&get("/a/1?size=5&next=7")), [""; 0]);
    assert_eq!(
        form.lines(&get("/a/1?size=51")),
        ["query size: is greater than the maximum of 50"]
    );
}

#[test]
fn a_parameter_with_content_is_decoded_by_its_media_type() {
    let fixture = query(
        json!({ "name": "filter", "in": "query", "content": { "application/json": {
        "schema": { "type": "object", "properties": { "limit": { "type": "integer" } } },
    } } }),
    );
    assert_eq!(
        fixture.lines(&get("/a/1?filter=%7B%22limit%22:5%7D")),
        [""; 0]
    );
    assert_eq!(
        fixture.lines(&get("/a/1?filter=%7B%22limit%22:%22x%22%7D")),
        ["query filter[limit]: is not of type \"integer\""]
    );
    assert_eq!(
        fixture.lines(&get("/a/1?filter=x")),
        ["query filter: is not JSON: syntax error at column 1"]
    );
}

#[test]
fn unknown_parameters_and_properties_are_violations_unless_lenient() {
    let operation = json!({
        "parameters": [{ "name": "size", "in": "query", "schema": {} }],
        "requestBody": { "content": { "application/json": { "schema": {
            "properties": { "name": {}, "inner": { "properties": { "deep": {} } } },
        } } } },
    });
    let request = received(
        "POST",
        "/a/1?siez=1",
        &[("content-type", "application/json")],
        r#"{"nam": 1, "inner": {"deep": 1, "other": 2}}"#,
    );
    assert_eq!(
        strict(operation.clone()).lines(&request),
        [
            "query siez: is not a query parameter of the operation; the operation has `size`",
            "body /nam: is not declared in the document; did you mean `name`?",
            "body /inner/other: is not declared in the document",
        ]
    );
    assert_eq!(
        Fixture::of("3.1.0", operation, true).lines(&request),
        [""; 0]
    );
}

#[test]
fn properties_of_subschemas_and_branches_are_accepted() {
    let fixture = body(
        "application/json",
        json!({
            "allOf": [{ "$ref": "#/components/schemas/Node" }],
            "oneOf": [
                { "properties": { "a": {} }, "required": ["a"] },
                { "properties": { "b": {} }, "required": ["b"] },
            ],
        }),
    );
    assert_eq!(
        fixture.lines(&sent_json(json!({ "name": "nn", "a": 1 }))),
        [""; 0]
    );
    assert_eq!(
        fixture.lines(&sent_json(json!({ "name": "nn", "a": 1, "c": 1 }))),
        ["body /c: is not declared in the document"]
    );
}

#[test]
fn recursive_bodies_are_validated_at_every_depth() {
    let fixture = body(
        "application/json",
        json!({ "$ref": "#/components/schemas/Node" }),
    );
    let good = json!({ "name": "ab", "child": { "name": "ab", "child": { "name": "ab" } } });
    assert_eq!(fixture.lines(&sent_json(good)), [""; 0]);
    let bad = json!({ "name": "ab", "child": { "name": "a", "child": {} } });
    assert_eq!(
        fixture.lines(&sent_json(bad)),
        [
            "body /child/name: is shorter than 2 characters",
            "body /child/child/name: is required",
        ]
    );
    assert_eq!(
        fixture.lines(&sent("application/json", "{\"name\": ")),
        ["body: is not JSON: syntax error at line 1, column 9"]
    );
    assert_eq!(
        fixture.lines(&sent("application/json", "")),
        ["body: is required"]
    );
}

#[test]
fn violations_do_not_repeat_request_values() {
    let fixture = body(
        "application/json",
        json!({ "properties": {
        "secret": { "type": "string", "maxLength": 3, "pattern": "^a", "enum": ["abc"] },
    } }),
    );
    for line in fixture.lines(&sent_json(json!({ "secret": "hunter2" }))) {
        assert!(!line.contains("hunter2"), "{line}");
    }
}

#[test]
fn the_only_branch_of_the_right_type_is_reported() {
    let fixture = body(
        "application/json",
        json!({ "oneOf": [
        { "type": "null" },
        { "$ref": "#/components/schemas/Node" },
    ] }),
    );
    assert_eq!(
        fixture.lines(&sent_json(json!({}))),
        ["body /name: is required"]
    );
    assert_eq!(
        fixture.lines(&sent_json(json!(7))),
        ["body: matches none of 2 schemas"]
    );
}

#[test]
fn openapi_3_0_keywords_are_supported() {
    let operation = json!({ "requestBody": { "content": { "application/json": { "schema": {
        "properties": {
            "n": { "type": "integer", "minimum": 0, "exclusiveMinimum": true, "nullable": true },
        },
    } } } } });
    let fixture = Fixture::of("3.0.3", operation, false);
    assert_eq!(fixture.lines(&sent_json(json!({ "n": null }))), [""; 0]);
    assert_eq!(fixture.lines(&sent_json(json!({ "n": 0 }))).len(), 1);
}

#[test]
fn read_only_properties_are_neither_required_nor_allowed() {
    let fixture = body(
        "application/json",
        json!({
            "required": ["id", "name"],
            "properties": { "id": { "type": "string", "readOnly": true }, "name": {} },
        }),
    );
    assert_eq!(fixture.lines(&sent_json(json!({ "name": "n" }))), [""; 0]);
    assert_eq!(
        fixture.lines(&sent_json(json!({ "name": "n", "id": "i" }))),
        ["body /id: is read-only and not allowed in requests"]
    );
}

#[test]
fn an_undocumented_media_type_is_a_violation() {
    let fixture = body("application/*", json!({}));
    assert_eq!(
        fixture.lines(&sent("Application/JSON; charset=utf-8", "{}")),
        [""; 0]
    );
    assert_eq!(
        fixture.lines(&sent("text/plain", "x")),
        ["header Content-Type: is `text/plain`, but the operation accepts `application/*`"]
    );
    assert_eq!(
        fixture.lines(&received("POST", "/a/1", &[], "x")),
        ["header Content-Type: is missing; the operation accepts `application/*`"]
    );
}

#[test]
fn an_undocumented_body_is_a_violation() {
    let fixture = strict(json!({}));
    assert_eq!(
        fixture.lines(&sent_json(json!({}))),
        ["body: is present, but the operation has no request body"]
    );
}

#[test]
fn form_fields_are_typed_by_the_schema() {
    let schema = json!({
        "required": ["n"],
        "properties": {
            "n": { "type": "integer" },
            "tags": { "type": "array", "items": { "type": "string" } },
            "inner": { "type": "object", "properties": { "b": { "type": "boolean" } } },
        },
    });
    let fixture = body("application/x-www-form-urlencoded", schema.clone());
    let form = |text: &str| sent("application/x-www-form-urlencoded", text);
    assert_eq!(
        fixture.lines(&form("n=5&tags=a&tags=b&inner=%7B%22b%22:true%7D")),
        [""; 0]
    );
    assert_eq!(
        fixture.lines(&form("n=five&m=1")),
        [
            "body /n: is not of type \"integer\"",
            "body /m: is not declared in the document",
        ]
    );
    assert_eq!(fixture.lines(&form("tags=a")), ["body /n: is required"]);

    let fixture = body("multipart/form-data", schema);
    let parts = |fields: &[(&str, &str)]| {
        let parts = fields.iter().map(|(name, value)| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        });
        let body = format!("{}--b--\r\n", parts.collect::<String>());
        sent("multipart/form-data; boundary=b", &body)
    };
    assert_eq!(
        fixture.lines(&parts(&[
            ("n", "5"),
            ("tags", "a"),
            ("inner", r#"{"b": true}"#)
        ])),
        [""; 0]
    );
    assert_eq!(
        fixture.lines(&parts(&[("n", "five"), ("m", "1")])),
        [
            "body /n: is not of type \"integer\"",
            "body /m: is not declared in the document",
        ]
    );
    assert_eq!(
        fixture.lines(&sent("multipart/form-data", "x")),
        ["body: has no `boundary` in Content-Type"]
    );
    assert_eq!(
        fixture.lines(&sent("multipart/form-data; boundary=b", "x")),
        ["body: is not a valid multipart body of its `boundary`"]
    );
}

#[test]
fn each_line_is_validated_by_the_item_schema_and_reported_by_number() {
    let node = json!({ "$ref": "#/components/schemas/Node" });
    let list = json!({ "type": "array", "minItems": 2, "items": node });
    let media = "application/x-ndjson";
    let one = strict(json!({ "requestBody": { "content": { media: { "itemSchema": node } } } }));
    for fixture in [body(media, list.clone()), body(media, node), one] {
        let good = "{\"name\":\"ab\"}\n\r\n{\"name\":\"cd\"}";
        assert_eq!(fixture.lines(&sent(media, good)), [""; 0]);
        let bad = "{\"name\":\"ab\"}\n{\"name\":\"c\"}\n{\"name\"\n{\"name\":\"ef\",\"child\":{}}\n{\"nam\":1}\n";
        assert_eq!(
            fixture.lines(&sent(media, bad)),
            [
                "body line 2 /name: is shorter than 2 characters",
                "body line 3: is not JSON: syntax error at column 7",
                "body line 4 /child/name: is required",
                "body line 5 /name: is required",
                "body line 5 /nam: is not declared in the document; did you mean `name`?",
            ]
        );
    }
    assert_eq!(
        body(media, list).lines(&sent(media, "{\"name\":\"ab\"}\n")),
        ["body: has less than 2 items"]
    );
    let bytes = body(media, json!({ "type": "string" }));
    assert_eq!(bytes.lines(&sent(media, "no JSON")), [""; 0]);
}

#[test]
fn generated_instances_of_the_vendored_documents_are_accepted() {
    for (name, description) in all_vendored() {
        let validator = RequestValidator::new(&description, false);
        let generator = Generator::new(description.root(), Direction::Request);
        for (index, operation) in description.operations().iter().enumerate() {
            let contents = operation.body.iter().flat_map(|body| &body.content);
            for (position, content) in contents.enumerate() {
                if !content.is_json() {
                    continue;
                }
                let schema = content.schema.as_ref().expect("has a schema");
                for instance in generator.all(schema).expect("has instances") {
                    let raw = Raw::Json(instance.value);
                    let mut validation = Validation {
                        validator: &validator,
                        operation,
                        outlines: &validator.operations[index],
                        received: &get("/"),
                        violations: Vec::new(),
                    };
                    let outline = validation.outlines.body[position];
                    validation.validate_value(
                        &raw,
                        ValueSource::Body,
                        outline,
                        &content.schema_pointer(),
                    );
                    let variation = instance.variation;
                    assert_eq!(
                        validation.violations,
                        [],
                        "{} of {name}: {variation}",
                        operation.id
                    );
                }
            }
        }
    }
}

#[test]
fn a_binary_body_is_any_bytes_whatever_its_media_type_is() {
    for schema in [
        json!({ "type": "string", "format": "binary" }),
        json!({ "type": "string", "contentMediaType": "application/octet-stream" }),
    ] {
        let court = body("application/json", schema);
        for file in ["[1]", "\u{1}"] {
            let lines = court.lines(&sent("application/json", file));
            assert_eq!(lines, Vec::<String>::new());
        }
    }
    let text =
        json!({ "type": "string", "contentMediaType": "image/png", "contentEncoding": "base64" });
    let lines = body("application/json", text).lines(&sent("application/json", "[1]"));
    assert_eq!(lines.len(), 1);
}
