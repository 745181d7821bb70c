//! The parameter that selects one of several media types.

use serde_json::{Value, json};

/// Adds a header parameter to an operation that selects one of several media types.
pub(super) fn add_media_type_parameter(
    operation: &mut Value,
    header: &str,
    media_types: &[String],
) {
    let mut schema = json!({ "type": "string" });
    if !media_types.iter().any(|name| name.contains('*')) {
        schema["enum"] = media_types.into();
    }
    let names = media_types.join("`, `");
    let parameter = json!({
        "name": header,
        "in": "header",
        "required": header == "Content-Type",
        "description": format!("The media type of the body: `{names}`."),
        "schema": schema,
    });
    match operation.get_mut("parameters") {
        Some(Value::Array(parameters)) => parameters.push(parameter),
        _ => operation["parameters"] = json!([parameter]),
    }
}
