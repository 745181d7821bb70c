//! The pairs of schemas: properties, values, alternatives.

use openapi_diff::catalogue::Verdict::{
    self, Additive as A, Breaking as B, MayBreak as M, Neutral as N,
};
use serde_json::{Value, json};

use super::{Pair, With as _, object_schema, request, response, schema, whole};

pub(super) fn properties() -> Vec<Pair> {
    let object = |properties: Value, required: Value| json!({ "type": "object", "properties": properties, "required": required });
    let text = || json!({ "type": "string" });
    let a = |required: Value| object(json!({ "a": text() }), required);
    let ab = |required: Value| object(json!({ "a": text(), "b": text() }), required);
    let marked = |mark: &str| json!({ "type": "string", mark: true });
    [
        object_schema(
            "property-added",
            (a(json!([])), ab(json!([]))),
            (A, A),
            (A, A),
        ),
        object_schema(
            "required-property-added",
            (a(json!([])), ab(json!(["b"]))),
            (B, A),
            (A, A),
        ),
        object_schema(
            "property-removed",
            (ab(json!([])), a(json!([]))),
            (M, B),
            (M, B),
        ),
        object_schema(
            "property-removed",
            (ab(json!(["b"])), a(json!([]))),
            (M, B),
            (B, B),
        ),
        object_schema(
            "property-became-required",
            (a(json!([])), a(json!(["a"]))),
            (B, B),
            (A, B),
        ),
        object_schema(
            "property-became-optional",
            (a(json!(["a"])), a(json!([]))),
            (A, B),
            (B, B),
        ),
        schema(
            "schema-deprecated",
            (text(), marked("deprecated")),
            (N, N),
            (N, N),
        ),
        schema(
            "schema-undeprecated",
            (marked("deprecated"), text()),
            (N, N),
            (N, N),
        ),
        object_schema(
            "additional-properties-refused",
            (
                a(json!([])),
                a(json!([])).with("additionalProperties", json!(false)),
            ),
            (B, N),
            (N, N),
        ),
        object_schema(
            "additional-properties-allowed",
            (
                a(json!([])).with("additionalProperties", json!(false)),
                a(json!([])),
            ),
            (A, N),
            (A, N),
        ),
        object_schema(
            "additional-properties-typed",
            (
                json!({ "type": "object" }),
                json!({ "type": "object", "additionalProperties": { "type": "string" } }),
            ),
            (B, B),
            (N, B),
        ),
        object_schema(
            "additional-properties-untyped",
            (
                json!({ "type": "object", "additionalProperties": { "type": "string" } }),
                json!({ "type": "object" }),
            ),
            (A, B),
            (B, B),
        ),
    ]
    .into_iter()
    .flatten()
    .chain([
        read_or_write("became-read-only", (text(), marked("readOnly")), true, B, B),
        read_or_write(
            "no-longer-read-only",
            (marked("readOnly"), text()),
            true,
            A,
            A,
        ),
        read_or_write(
            "became-write-only",
            (text(), marked("writeOnly")),
            false,
            B,
            B,
        ),
        read_or_write(
            "no-longer-write-only",
            (marked("writeOnly"), text()),
            false,
            A,
            A,
        ),
    ])
    .collect()
}

/// A pair of objects whose property `b` is `readOnly` or `writeOnly` before or after.
fn read_or_write(
    check: &'static str,
    (before, after): (Value, Value),
    in_request: bool,
    wire: Verdict,
    rust: Verdict,
) -> Pair {
    let object = |b: Value| {
        let schema =
            json!({ "type": "object", "properties": { "a": { "type": "string" }, "b": b } });
        match in_request {
            true => request(schema),
            false => response(schema),
        }
    };
    whole(check, (object(before), object(after)), wire, rust)
}

pub(super) fn values() -> Vec<Pair> {
    let text = || json!({ "type": "string" });
    let integer = || json!({ "type": "integer", "format": "int64" });
    let of = |keyword: &str, value: Value| text().with(keyword, value);
    let list = |values: Value| of("enum", values);
    let steps = |step: u32| integer().with("multipleOf", json!(step));
    [
        schema("type-changed", (text(), json!({ "type": "boolean" })), (B, B), (B, B)),
        schema(
            "type-widened",
            (json!({ "type": "integer" }), json!({ "type": "number" })),
            (A, B),
            (B, B),
        ),
        schema(
            "type-narrowed",
            (json!({ "type": "number" }), json!({ "type": "integer" })),
            (B, B),
            (N, B),
        ),
        object_schema(
            "became-nullable",
            (
                json!({ "type": "object", "required": ["a"], "properties": { "a": text() } }),
                json!({ "type": "object", "required": ["a"], "properties": { "a": { "type": ["string", "null"] } } }),
            ),
            (A, B),
            (B, B),
        ),
        object_schema(
            "no-longer-nullable",
            (
                json!({ "type": "object", "required": ["a"], "properties": { "a": { "type": ["string", "null"] } } }),
                json!({ "type": "object", "required": ["a"], "properties": { "a": text() } }),
            ),
            (B, B),
            (A, B),
        ),
        schema("format-added", (text(), of("format", json!("uuid"))), (M, B), (N, B)),
        schema(
            "format-widened",
            (integer().with("format", json!("int32")), integer()),
            (A, B),
            (B, B),
        ),
        schema(
            "format-narrowed",
            (integer(), integer().with("format", json!("int32"))),
            (B, B),
            (N, B),
        ),
        schema("format-removed", (of("format", json!("uuid")), text()), (A, B), (B, B)),
        schema(
            "format-changed",
            (of("format", json!("uuid")), of("format", json!("date-time"))),
            (B, B),
            (B, B),
        ),
        schema(
            "format-hint-changed",
            (text(), of("format", json!("password"))),
            (N, B),
            (N, B),
        ),
        schema("pattern-added", (text(), of("pattern", json!("^a+$"))), (B, B), (N, N)),
        schema("pattern-removed", (of("pattern", json!("^a+$")), text()), (A, B), (N, N)),
        schema(
            "pattern-changed",
            (of("pattern", json!("^a+$")), of("pattern", json!("^b+$"))),
            (M, N),
            (N, N),
        ),
        schema(
            "bound-tightened",
            (of("maxLength", json!(9)), of("maxLength", json!(5))),
            (B, N),
            (N, N),
        ),
        schema(
            "bound-loosened",
            (
                integer().with("maximum", json!(5)),
                integer().with("maximum", json!(9)),
            ),
            (A, B),
            (N, N),
        ),
        schema("multiple-changed", (steps(4), steps(6)), (B, N), (N, N)),
        schema("enum-introduced", (text(), list(json!(["x"]))), (B, B), (N, B)),
        schema("enum-lifted", (list(json!(["x"])), text()), (A, B), (A, B)),
        schema(
            "enum-value-added",
            (list(json!(["x", "y"])), list(json!(["x", "y", "z"]))),
            (A, A),
            (A, A),
        ),
        schema(
            "enum-value-removed",
            (list(json!(["x", "y", "z"])), list(json!(["x", "y"]))),
            (B, B),
            (N, B),
        ),
        schema("default-added", (text(), of("default", json!("d"))), (N, N), (N, N)),
        schema("default-removed", (of("default", json!("d")), text()), (B, N), (N, N)),
        schema(
            "default-changed",
            (of("default", json!("d")), of("default", json!("e"))),
            (B, N),
            (N, N),
        ),
        schema(
            "constraint-changed",
            (
                of("contentSchema", json!({ "type": "boolean" })),
                of("contentSchema", json!({ "type": "integer" })),
            ),
            (M, N),
            (N, N),
        ),
        schema(
            "constraint-added",
            (text(), of("contentSchema", json!({ "type": "integer" }))),
            (B, N),
            (N, N),
        ),
        schema(
            "constraint-lifted",
            (of("contentSchema", json!({ "type": "integer" })), text()),
            (A, N),
            (N, N),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(super) fn alternatives() -> Vec<Pair> {
    let shape = |name: &str| json!({ "type": "object", "required": [name], "properties": { name: { "type": "string" } }, "additionalProperties": false });
    let kind = |name: &str, tag: &str| {
        json!({
            "type": "object", "required": ["kind", "other", name],
            "properties": { "kind": { "type": "string", "enum": [tag] }, "other": { "type": "string", "enum": [tag] }, name: { "type": "string" } },
        })
    };
    let of = |keyword: &str, shapes: &[Value]| json!({ keyword: shapes });
    let told_apart = |by: &str| {
        json!({
            "oneOf": [kind("a", "x"), kind("b", "y")],
            "discriminator": { "propertyName": by },
        })
    };
    let mapped = |mapping: Value| {
        let mut document = response(json!({
            "oneOf": [{ "$ref": "#/components/schemas/A" }, { "$ref": "#/components/schemas/B" }],
            "discriminator": { "propertyName": "kind", "mapping": mapping },
        }));
        for (component, name) in [("A", "a"), ("B", "b")] {
            document["components"]["schemas"][component] = json!({
                "type": "object", "required": ["kind"],
                "properties": { "kind": { "type": "string" }, name: { "type": "string" } },
            });
        }
        document
    };
    let (a, b) = ("#/components/schemas/A", "#/components/schemas/B");
    let (few, more) = (json!({ "x": a, "y": b }), json!({ "x": a, "y": b, "z": b }));
    let open =
        |name: &str| json!({ "type": "object", "properties": { name: { "type": "string" } } });
    let overlapping = [open("a"), open("b")];
    let untold = of("oneOf", &[kind("a", "x"), kind("b", "y")]);
    let two = [shape("a"), shape("b")];
    let three = [shape("a"), shape("b"), shape("c")];
    [
        schema(
            "alternative-added",
            (of("oneOf", &two), of("oneOf", &three)),
            (A, A),
            (B, A),
        ),
        schema(
            "alternative-removed",
            (of("oneOf", &three), of("oneOf", &two)),
            (B, B),
            (N, B),
        ),
        schema(
            "alternatives-introduced",
            (shape("a"), of("oneOf", &two)),
            (A, B),
            (B, B),
        ),
        schema(
            "alternatives-dissolved",
            (of("oneOf", &two), shape("a")),
            (B, B),
            (N, B),
        ),
        schema(
            "alternatives-exclusive",
            (of("anyOf", &overlapping), of("oneOf", &overlapping)),
            (B, N),
            (N, N),
        ),
        schema(
            "alternatives-combinable",
            (of("oneOf", &overlapping), of("anyOf", &overlapping)),
            (A, N),
            (N, N),
        ),
        schema(
            "alternatives-overlap",
            (open("a"), of("oneOf", &overlapping)),
            (B, A),
            (B, A),
        ),
        schema(
            "discriminator-added",
            (untold.clone(), told_apart("kind")),
            (N, N),
            (N, N),
        ),
        schema(
            "discriminator-removed",
            (told_apart("kind"), untold),
            (N, N),
            (N, N),
        ),
        schema(
            "discriminator-changed",
            (told_apart("kind"), told_apart("other")),
            (B, N),
            (B, N),
        ),
    ]
    .into_iter()
    .flatten()
    .chain([
        whole(
            "discriminator-value-added",
            (mapped(few.clone()), mapped(more.clone())),
            A,
            A,
        ),
        whole(
            "discriminator-value-removed",
            (mapped(more), mapped(few)),
            N,
            B,
        ),
    ])
    .collect()
}
