//! The extension `x-rust-type`, with which a schema names a type of `client-runtime`.

use openapi_document::Pointer;
use openapi_document::walk::{Kind, visit_from_mut};
use serde_json::{Value, json};

/// A schema whose Rust type is `client_runtime::PATH`, with type parameters made from `parameters`. The
/// `path` may contain const parameters: `Bounded<1, 50>`.
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

/// The schema of a type parameter. typify interprets it as JSON Schema, where `nullable` has no meaning
/// and exclusive bounds are numbers.
fn in_json_schema(mut schema: Value) -> Value {
    visit_from_mut(
        Kind::Schema,
        &Pointer::root(),
        &mut schema,
        &mut |_, _, inner| {
            let Some(keywords) = inner.as_object_mut() else {
                return;
            };
            for (bound, exclusive) in [
                ("minimum", "exclusiveMinimum"),
                ("maximum", "exclusiveMaximum"),
            ] {
                if keywords.get(exclusive).is_some_and(Value::is_boolean)
                    && keywords.shift_remove(exclusive) == Some(Value::Bool(true))
                    && let Some(value) = keywords.shift_remove(bound)
                {
                    keywords.insert(exclusive.to_owned(), value);
                }
            }
            if keywords.shift_remove("nullable") == Some(Value::Bool(true)) {
                *inner = json!({ "oneOf": [inner.take(), { "type": "null" }] });
            }
        },
    );
    schema
}

/// The schemas of the type parameters of a runtime type.
pub(crate) fn parameters_of(schema: &Value) -> impl Iterator<Item = &Value> {
    let parameters = schema["x-rust-type"]["parameters"].as_array();
    parameters.into_iter().flatten()
}

/// The schema of the non-null values if a schema names the runtime's `Nullable`; otherwise the schema
/// itself.
pub(crate) fn not_null(schema: &Value) -> &Value {
    let inner = parameters_of(schema).next();
    inner
        .filter(|_| runtime_path(schema) == Some("Nullable"))
        .unwrap_or(schema)
}

/// Replaces `schema` with a runtime type. The description is kept.
pub(crate) fn replace(schema: &mut Value, path: &str, parameters: &[Value]) {
    let mut replaced = runtime_type(path, parameters);
    if schema.get("nullable") == Some(&Value::Bool(true)) {
        // typify ignores `nullable` beside a lone extension.
        replaced = json!({ "allOf": [replaced], "nullable": true });
    }
    for keyword in ["description", "deprecated"] {
        if let Some(kept) = schema.get(keyword) {
            replaced[keyword] = kept.clone();
        }
    }
    *schema = replaced;
}

/// The path of the runtime type that a schema names, without the crate: `FilePart`.
pub(crate) fn runtime_path(schema: &Value) -> Option<&str> {
    schema["x-rust-type"]["path"]
        .as_str()?
        .strip_prefix("client_runtime::")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_parameter_is_json_schema() {
        let number = json!({
            "type": "number",
            "minimum": 0,
            "exclusiveMinimum": true,
            "maximum": 9,
            "exclusiveMaximum": false,
            "nullable": true,
        });
        let list = json!({ "type": "array", "items": number });
        let made = runtime_type("Nullable", &[list]);
        let inner = json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 9 });
        let inner = json!({ "oneOf": [inner, { "type": "null" }] });
        assert_eq!(*not_null(&made), json!({ "type": "array", "items": inner }));
    }
}
