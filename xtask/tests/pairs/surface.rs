//! The pairs for changes of the generated surface.

use openapi_diff::catalogue::Verdict::{Additive as A, Breaking as B, MayBreak as M, Neutral as N};
use serde_json::{Value, json};

use super::{Pair, With as _, document, get, request, response, whole};

/// A pair for each kind of change of the surface.
pub(super) fn surface() -> Vec<Pair> {
    let text = || json!({ "type": "string" });
    let object = |properties: Value| json!({ "type": "object", "properties": properties });
    let values = |values: Value| object(json!({ "a": { "type": "string", "enum": values } }));
    let query = |schema: Value| {
        get(json!({ "parameters": [{ "name": "q", "in": "query", "schema": schema }] }))
    };
    let called = |name: &str| {
        get(
            json!({ "responses": { "204": null, "200": { "description": "", "content": {
            "application/json": { "schema": { "$ref": format!("#/components/schemas/{name}") } },
        } } } }),
        )
        .with(
            "components",
            json!({ "schemas": { name: object(json!({ "a": text() })) } }),
        )
        .without_null()
    };
    let id = |id: &str| get(json!({ "operationId": id }));
    let sum = |second: Value| json!({ "oneOf": [{ "type": "string" }, second] });
    let property = |name: &str| request(object(json!({ name: text(), "z": text() })));
    let none = || request(object(json!({ "z": text() })));
    let nested = || {
        request(object(
            json!({ "z": text(), "a": object(json!({ "b": text() })) }),
        ))
    };
    vec![
        whole("rust-method-added", (document(json!({})), id("A")), A, A),
        whole("rust-method-removed", (id("A"), document(json!({}))), B, B),
        whole(
            "rust-result-changed",
            (response(text()), response(json!({ "type": "boolean" }))),
            B,
            B,
        ),
        whole("rust-setter-added", (get(json!({})), query(text())), A, A),
        whole("rust-setter-removed", (query(text()), get(json!({}))), M, B),
        whole(
            "rust-setter-changed",
            (query(text()), query(json!({ "type": "boolean" }))),
            B,
            B,
        ),
        whole("rust-type-added", (none(), nested()), A, A),
        whole("rust-type-removed", (nested(), none()), M, B),
        whole("rust-type-renamed", (called("A"), called("B")), N, B),
        whole(
            "rust-type-changed",
            (
                request(text().with("maxLength", json!(3))),
                request(object(json!({}))),
            ),
            B,
            B,
        ),
        whole("rust-field-added", (none(), property("a")), A, A),
        whole("rust-field-removed", (property("a"), none()), M, B),
        whole(
            "rust-field-changed",
            (
                property("a"),
                request(object(json!({ "a": { "type": "boolean" }, "z": text() }))),
            ),
            B,
            B,
        ),
        whole(
            "rust-variant-added",
            (
                request(values(json!(["x"]))),
                request(values(json!(["x", "y"]))),
            ),
            A,
            A,
        ),
        whole(
            "rust-variant-removed",
            (
                request(values(json!(["x", "y"]))),
                request(values(json!(["x"]))),
            ),
            B,
            B,
        ),
        whole(
            "rust-variant-changed",
            (
                request(sum(
                    json!({ "type": "array", "items": { "type": "string" } }),
                )),
                request(sum(
                    json!({ "type": "array", "items": { "type": "boolean" } }),
                )),
            ),
            B,
            B,
        ),
        whole(
            "rust-wire-name-changed",
            (property("a-b"), property("a_b")),
            M,
            N,
        ),
    ]
}
