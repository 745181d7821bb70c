//! The extension `x-rust-type`, by which a schema names a type of `client-runtime`.

use openapi_document::Pointer;
use openapi_document::walk::{Kind, visit_from_mut};
use serde_json::{Value, json};

/// A schema whose Rust type is `client_runtime::PATH`, with type parameters made from
/// `parameters`. The `path` may carry const parameters of its own: `Bounded<1, 50>`.
pub(crate) fn runtime_type(path: &str, parameters: &[Value]) -> Value {
    let mut extension = json!({
        "crate": "client-runtime",
        "version": "*",
        "path": format!("client_runtime::{path}"),
    });
    if !parameters.is_empty() {
        extension["parameters"] = parameters.iter().cloned().map(in_json_schema).collect();
    }
    json!({ "x-rust-type": extension })
}

/// The schema of a type parameter, which typify reads as JSON Schema, where `nullable` says nothing.
fn in_json_schema(mut schema: Value) -> Value {
    visit_from_mut(
        Kind::Schema,
        &Pointer::root(),
        &mut schema,
        &mut |_, _, inner| {
            let members = inner.as_object_mut();
            let nullable = members.and_then(|members| members.shift_remove("nullable"));
            if nullable == Some(Value::Bool(true)) {
                *inner = json!({ "oneOf": [inner.take(), { "type": "null" }] });
            }
        },
    );
    schema
}

/// The schemas that the type parameters of a type of the runtime are made from.
pub(crate) fn parameters_of(schema: &Value) -> impl Iterator<Item = &Value> {
    let parameters = schema["x-rust-type"]["parameters"].as_array();
    parameters.into_iter().flatten()
}

/// Puts a type of the runtime in the place of `schema`, whose description stays.
pub(crate) fn replace(schema: &mut Value, path: &str, parameters: &[Value]) {
    let mut replaced = runtime_type(path, parameters);
    if schema.get("nullable") == Some(&Value::Bool(true)) {
        // Beside an extension alone, typify would not see the `nullable`.
        replaced = json!({ "allOf": [replaced], "nullable": true });
    }
    for keyword in ["description", "deprecated"] {
        if let Some(kept) = schema.get(keyword) {
            replaced[keyword] = kept.clone();
        }
    }
    *schema = replaced;
}

/// The type of the runtime that a schema names, below its crate: `FilePart`.
pub(crate) fn runtime_path(schema: &Value) -> Option<&str> {
    schema["x-rust-type"]["path"]
        .as_str()?
        .strip_prefix("client_runtime::")
}
