//! The headers of the successes of a plan.

use client_codegen::naming::snake;
use client_codegen::plan::{HeaderPlan, HeaderScalar, HeaderValue, OperationPlan, StatusPattern};
use serde_json::{Map, Value};

use super::plans::Reader;
use super::responses::described;
use crate::Notes;
use crate::rust_type::runtime_path;
use crate::schema::{resolved, type_of};

impl Reader<'_> {
    /// The headers of all success responses, except `Content-Type` (OpenAPI 3.1.1, Response Object).
    pub(super) fn headers(&self, plan: &OperationPlan, notes: &mut Notes) -> Vec<HeaderPlan> {
        let successes = plan.successes();
        let is_success = |status| {
            successes
                .iter()
                .any(|(_, success)| success.status == status)
        };
        let mut plans: Vec<HeaderPlan> = Vec::new();
        for (key, response) in self.operation.responses() {
            if !StatusPattern::parse(key).is_some_and(is_success) {
                continue;
            }
            for (name, header) in response.headers() {
                if name.eq_ignore_ascii_case("content-type") || !is_header_name(name) {
                    continue;
                }
                let value = header_value(self.components, header.value);
                let known = plans
                    .iter_mut()
                    .find(|known| known.name.eq_ignore_ascii_case(name));
                let Some(known) = known else {
                    plans.push(HeaderPlan {
                        name: name.to_owned(),
                        method_name: header_method(name, &plans),
                        value,
                        description: described(&header.value["description"]),
                    });
                    continue;
                };
                if known.value != value {
                    known.value = HeaderValue::One(HeaderScalar::String);
                    notes.add(
                        &header.pointer,
                        "the header is read as a string",
                        "it has different types in different success responses",
                    );
                }
            }
        }
        plans
    }
}

/// True if a header can have this name (RFC 9110 section 5.6.2).
fn is_header_name(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token)
}

/// The type of a header value. Values without a simple type are read as strings.
fn header_value(components: &Map<String, Value>, header: &Value) -> HeaderValue {
    let schema = resolved(components, &header["schema"]);
    if type_of(schema) == Some("array")
        && let Some(scalar) = header_scalar(resolved(components, &schema["items"]))
    {
        return HeaderValue::List(scalar);
    }
    HeaderValue::One(header_scalar(schema).unwrap_or(HeaderScalar::String))
}

/// The scalar type of a schema, or `None` if there may be several.
fn header_scalar(schema: &Value) -> Option<HeaderScalar> {
    if let Some([part]) = schema["allOf"].as_array().map(Vec::as_slice) {
        return header_scalar(part);
    }
    if let Some(path) = runtime_path(schema) {
        let is_bounded = ["Bounded<", "AtLeast<", "AtMost<"]
            .iter()
            .any(|start| path.starts_with(start));
        return match path {
            "SecretString" => Some(HeaderScalar::Secret),
            "Decimal" => Some(HeaderScalar::Decimal),
            _ if is_bounded => Some(HeaderScalar::Integer),
            _ => None,
        };
    }
    match (type_of(schema)?, schema["format"].as_str()) {
        ("string", Some("date-time")) => Some(HeaderScalar::DateTime),
        ("string", Some("date")) => Some(HeaderScalar::Date),
        ("string", Some("uuid")) => Some(HeaderScalar::Uuid),
        ("string", _) => Some(HeaderScalar::String),
        ("boolean", _) => Some(HeaderScalar::Boolean),
        ("integer", _) => Some(HeaderScalar::Integer),
        ("number", _) => Some(HeaderScalar::Number),
        _ => None,
    }
}

/// A unique name for the method that reads a header. It differs from the methods of other headers and of
/// the map of all headers.
fn header_method(name: &str, others: &[HeaderPlan]) -> String {
    const OF_THE_MAP: [&str; 24] = [
        "append",
        "borrow",
        "capacity",
        "clear",
        "clone",
        "contains_key",
        "deref",
        "drain",
        "entry",
        "eq",
        "fmt",
        "from",
        "get",
        "get_all",
        "get_mut",
        "insert",
        "into",
        "is_empty",
        "iter",
        "keys",
        "len",
        "remove",
        "values",
        "with_capacity",
    ];
    let is_taken = |method: &str| {
        OF_THE_MAP.contains(&method) || others.iter().any(|other| other.method_name == method)
    };
    let wanted = snake(name);
    if !is_taken(&wanted) {
        return wanted;
    }
    let numbered = (2..).map(|count| snake(&format!("{name}-header-{count}")));
    let mut free = std::iter::once(snake(&format!("{name}-header")))
        .chain(numbered)
        .filter(|method| !is_taken(method));
    // The range is infinite.
    free.next().unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::plans::testing::plan_of;
    use serde_json::json;

    #[test]
    fn the_headers_of_successes_have_simple_types() {
        let header = |schema: Value| json!({ "schema": schema });
        let response = |headers: Value| json!({ "description": "", "headers": headers });
        let (plan, notes) = plan_of(
            "/a",
            "get",
            json!({ "operationId": "a", "responses": {
                "200": response(json!({
                    "X-Total": { "description": "How many.", "schema": { "type": "integer" } },
                    "X-Ids": header(json!({ "type": "array", "items": { "type": "string", "format": "uuid" } })),
                    "X-Matrix": header(json!({ "type": "array", "items": { "type": "array", "items": {} } })),
                    "X-Json": { "content": { "application/json": { "schema": { "type": "integer" } } } },
                    "X-Page": header(json!({ "$ref": "#/components/schemas/Page" })),
                    "Keys": header(json!({ "type": "boolean" })),
                    "Content-Type": header(json!({ "type": "string" })),
                    "not a name": header(json!({ "type": "string" })),
                })),
                "201": response(json!({
                    "x-total": header(json!({ "type": "string" })),
                    "x_json": header(json!({ "type": "string", "format": "date-time" })),
                })),
                "400": response(json!({ "X-Reason": header(json!({ "type": "string" })) })),
            } }),
        );
        let of = HeaderValue::One;
        let expected = [
            ("X-Total", "x_total", of(HeaderScalar::String)),
            ("X-Ids", "x_ids", HeaderValue::List(HeaderScalar::Uuid)),
            ("X-Matrix", "x_matrix", of(HeaderScalar::String)),
            ("X-Json", "x_json", of(HeaderScalar::String)),
            ("X-Page", "x_page", of(HeaderScalar::String)),
            ("Keys", "keys_header", of(HeaderScalar::Boolean)),
            ("x_json", "x_json_header", of(HeaderScalar::DateTime)),
        ];
        let found = plan.headers.iter();
        let found: Vec<_> = found
            .map(|h| (&*h.name, &*h.method_name, h.value))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(plan.headers[0].description.as_deref(), Some("How many."));
        assert_eq!(notes.len(), 1, "{notes:?}");
    }
}
