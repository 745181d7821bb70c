//! The extension `x-rust-type`, by which a schema names a type of `client-runtime`.

use serde_json::{Value, json};

/// A schema whose Rust type is `client_runtime::PATH`, with type parameters made from
/// `parameters`. The `path` may carry const parameters of its own: `Bounded<1, 50>`.
pub(super) fn runtime_type(path: &str, parameters: &[Value]) -> Value {
    let mut extension = json!({
        "crate": "client-runtime",
        "version": "*",
        "path": format!("client_runtime::{path}"),
    });
    if !parameters.is_empty() {
        extension["parameters"] = parameters.into();
    }
    json!({ "x-rust-type": extension })
}

/// Puts a type of the runtime in the place of `schema`, whose description stays.
pub(super) fn replace(schema: &mut Value, path: &str, parameters: &[Value]) {
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
