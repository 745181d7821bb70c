//! Tests of the documented responses: status, media type, examples, headers and bodies.

use super::*;
use crate::testing::{all_vendored, description, received, value};

fn generator(document: Value) -> ResponseGenerator {
    ResponseGenerator::of(description(document), 0)
}

/// The reply to a request with these headers.
fn reply_to(generator: &ResponseGenerator, headers: &[(&str, &str)]) -> Reply {
    let received = received("GET", "/a", headers, "");
    let preference = Preference::of(&received.headers).expect("a preference");
    let operation = &generator.description.operations()[0];
    generator.respond(operation, &received, &preference)
}

fn with_responses(responses: Value) -> ResponseGenerator {
    generator(json!({
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"operationId": "GetA", "responses": responses}}},
    }))
}

fn with_content(content: Value) -> ResponseGenerator {
    with_responses(
        json!({"404": {"description": "no"}, "200": {"description": "yes", "content": content}}),
    )
}

#[test]
fn every_documented_response_of_the_vendored_documents_is_valid() {
    let mut bodies = 0;
    for (name, description) in all_vendored() {
        let generator = ResponseGenerator::of(Arc::clone(&description), 0);
        for operation in description.operations() {
            for response in &operation.responses {
                for preferred in ["", ", dynamic=true", ", dynamic=true"] {
                    let code = match response.status {
                        Status::Code(code) => code,
                        Status::Range(hundred) => u16::from(hundred) * 100,
                        Status::Default => 418,
                    };
                    let prefer = format!("code={code}{preferred}");
                    let request = received("GET", "/", &[("Prefer", &prefer)], "");
                    let preference = Preference::of(&request.headers).expect("a preference");
                    let reply = generator.respond(operation, &request, &preference);
                    assert_eq!(
                        reply.status, code,
                        "{} {prefer} of {name}: {reply:?}",
                        operation.id
                    );
                    let Some(content) = response.content.first() else {
                        assert!(reply.body.is_empty());
                        continue;
                    };
                    if content.is_json() {
                        let errors = generator
                            .schemas
                            .errors(&content.schema_pointer(), &value(&reply));
                        let errors: Vec<String> =
                            errors.into_iter().map(|f| f.pointer + &f.reason).collect();
                        assert!(
                            errors.is_empty(),
                            "{} {code} of {name}: {errors:?}",
                            operation.id
                        );
                        bodies += 1;
                    }
                }
            }
        }
    }
    assert!(bodies > 50, "only {bodies} bodies");
}

#[test]
fn a_list_in_json_lines_has_one_item_a_line() {
    let lines = json!({"application/x-ndjson": {"example": [{"a": 1}, "b"]}});
    let reply = reply_to(&with_content(lines), &[]);
    assert_eq!(reply.body, "{\"a\":1}\n\"b\"\n");
}

#[test]
fn the_first_success_is_sent_unless_another_status_is_preferred() {
    let schema = |name: &str| json!({"description": "", "content": {"application/json": {"schema": {"const": name}}}});
    let generator = with_responses(json!({
        "404": schema("missing"), "default": schema("other"), "201": schema("made"), "4XX": schema("wrong"),
    }));
    for (prefer, status, body) in [
        ("", 201, "made"),
        ("code=404", 404, "missing"),
        ("code=409", 409, "wrong"),
        ("code=503", 503, "other"),
    ] {
        let reply = reply_to(&generator, &[("Prefer", prefer)]);
        assert_eq!(
            (reply.status.as_u16(), value(&reply)),
            (status, json!(body))
        );
    }
    for (responses, status) in [
        (json!({"default": schema("any")}), 200),
        (json!({"2XX": schema("any"), "400": schema("no")}), 200),
        (json!({"302": schema("there")}), 302),
        (json!({"400": schema("no")}), 400),
        (json!({}), 200),
    ] {
        assert_eq!(reply_to(&with_responses(responses), &[]).status, status);
    }
}

#[test]
fn an_unknown_status_or_example_is_a_problem_that_lists_the_known_ones() {
    let generator = with_content(
        json!({"application/json": {"examples": {"a": {"value": 1}, "b": {"value": 2}}}}),
    );
    let details = |prefer| {
        let reply = reply_to(&generator, &[("Prefer", prefer)]);
        (
            reply.status.as_u16(),
            reply.problem.expect("is a problem").detail,
        )
    };
    assert_eq!(
        details("code=500"),
        (
            400,
            "GetA documents no response 500; it documents 404, 200.".to_owned()
        )
    );
    assert_eq!(
        details("example=c"),
        (
            400,
            "There is no example `c`; the examples are a, b.".to_owned()
        )
    );
    assert_eq!(value(&reply_to(&generator, &[("Prefer", "example=b")])), 2);
}

#[test]
fn an_invalid_example_is_not_sent() {
    let schema = json!({"type": "integer", "example": 5});
    let generator = with_content(json!({"application/json": {"schema": schema, "examples": {
        "bad": {"value": "x"}, "good": {"value": 7},
    }}}));
    assert_eq!(value(&reply_to(&generator, &[])), 7);
    let reply = reply_to(&generator, &[("Prefer", "example=bad")]);
    assert_eq!(reply.status, 500);
    let generator = with_content(json!({"application/json": {"schema": schema, "example": "x"}}));
    assert_eq!(value(&reply_to(&generator, &[])), 5);
}

#[test]
fn dynamic_bodies_differ_and_come_in_a_reproducible_order() {
    let content = json!({"application/json": {"example": "x", "schema": {
        "type": "string", "format": "uuid", "example": "497f6eca-6276-4993-bfeb-53cbbbba6f08"}}});
    let bodies = |prefer| {
        let generator = with_content(content.clone());
        let bodies = (0..4).map(|_| value(&reply_to(&generator, &[("Prefer", prefer)])));
        bodies.collect::<Vec<_>>()
    };
    let dynamic = bodies("dynamic=true");
    assert_eq!(dynamic, bodies("dynamic=true"));
    let distinct: std::collections::BTreeSet<String> =
        dynamic.iter().map(Value::to_string).collect();
    assert_eq!(distinct.len(), 4);
    assert_eq!(bodies("")[0], bodies("")[3]);
}

#[test]
fn the_preferred_accepted_media_type_is_sent() {
    let generator = with_content(json!({
        "application/json": {"schema": {"const": "j"}},
        "text/csv": {"schema": {"const": "c"}},
    }));
    for (accept, media_type, body) in [
        ("*/*", "application/json", "\"j\""),
        ("text/csv", "text/csv", "c"),
        ("application/json;q=0.1, text/*", "text/csv", "c"),
        ("text/csv;q=0, */*;q=0.1", "application/json", "\"j\""),
    ] {
        let reply = reply_to(&generator, &[("Accept", accept)]);
        assert_eq!(reply.headers[header::CONTENT_TYPE], media_type, "{accept}");
        assert_eq!(reply.body, body);
    }
    let reply = reply_to(&generator, &[("Accept", "image/png")]);
    assert_eq!(reply.status, 406);
    let detail = reply.problem.expect("is a problem").detail;
    assert_eq!(
        detail,
        "The response is available as application/json, text/csv."
    );
}

#[test]
fn a_binary_body_is_not_json_whatever_its_media_type_is() {
    let binary = json!({ "type": "string", "format": "binary" });
    let content = json!({ "application/json": { "schema": binary, "example": "[1]" } });
    let reply = reply_to(&with_content(content), &[]);
    assert_eq!(reply.body, "[1]");
    assert_eq!(reply.headers[header::CONTENT_TYPE], "application/json");
}

#[test]
fn an_error_is_sent_even_if_its_media_type_is_not_accepted() {
    let generator = with_responses(json!({
        "200": {"description": "d", "content": {"application/json": {"schema": {"const": 1}}}},
        "404": {"description": "d", "content": {"application/problem+json": {"schema": {"const": 2}}}},
    }));
    let headers = [("Accept", "application/json"), ("Prefer", "code=404")];
    let reply = reply_to(&generator, &headers);
    assert_eq!((reply.status.as_u16(), &*reply.body), (404, &b"2"[..]));
}

#[test]
fn documented_headers_are_sent_and_a_204_has_no_body() {
    let generator = with_responses(json!({"204": {
        "description": "", "content": {"application/json": {"schema": true}},
        "headers": {
            "X-Count": {"schema": {"type": "integer", "minimum": 3, "maximum": 3}},
            "X-Tags": {"schema": {"type": "array"}, "example": ["a", "b"]},
            "Content-Type": {"schema": {"const": "text/odd"}},
        },
    }}));
    let reply = reply_to(&generator, &[]);
    assert_eq!(reply.headers["x-count"], "3");
    assert_eq!(reply.headers["x-tags"], "a,b");
    assert!(reply.body.is_empty() && !reply.headers.contains_key(header::CONTENT_TYPE));
}

#[test]
fn an_unsatisfiable_schema_is_a_problem_that_names_it() {
    let reply = reply_to(
        &with_content(json!({"application/json": {"schema": {"type": "integer", "not": {}}}})),
        &[],
    );
    assert_eq!(reply.status, 500);
    let detail = reply.problem.expect("is a problem").detail;
    assert!(
        detail.contains("#/paths/~1a/get/responses/200/content/application~1json/schema"),
        "{detail}"
    );
}
