//! Error messages of APIs.
//!
//! RFC 9457 defines problem documents, but most APIs use their own format. All formats are decoded into
//! one type. The reader is lenient, so that an unusual format does not hide the error.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::media_type;

/// The API's own description of an error: a problem document (RFC 9457), or the equivalent properties
/// of another format.
///
/// ```
/// use client_runtime::Problem;
///
/// let problem: Problem = serde_json::from_str(
///     r#"{"title": "You do not have enough credit.", "status": 403, "balance": 30}"#,
/// )?;
/// assert_eq!(problem.title.as_deref(), Some("You do not have enough credit."));
/// assert_eq!(problem.extensions["balance"], 30);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Problem {
    /// A URI that identifies the type of the problem. If absent, it is `about:blank`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// A short, human-readable summary of the type of the problem. In other formats, the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The HTTP status of the origin server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// A human-readable explanation of this occurrence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// A URI that identifies this occurrence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The violations, each with the part of the request, if the service lists them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<Violation>,
    /// All other properties, and those above that have another type.
    #[serde(flatten)]
    pub extensions: Map<String, Value>,
}

/// A violation: one part of the request that is invalid.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Violation {
    /// The part of the request, for example `body.name`. Empty if the service does not name it.
    pub field: String,
    /// Why it is invalid.
    pub description: String,
}

/// The properties that contain the message of an error, in order of preference.
const MESSAGES: &[&str] = &[
    "message",
    "msg",
    "error_description",
    "error",
    "exception_message",
    "error_message",
    "errorMessage",
    "Message",
    "description",
    "reason",
];

/// The properties that contain violations, in order of preference.
const VIOLATIONS: &[&str] = &["errors", "detail", "details", "message", "error"];

/// The properties of a violation that name the part of the request.
const FIELDS: &[&str] = &[
    "field",
    "propertyPath",
    "loc",
    "path",
    "pointer",
    "property",
    "parameter",
    "param",
    "name",
    "source",
];

/// The properties of a violation that contain the reason.
const DESCRIPTIONS: &[&str] = &[
    "description",
    "message",
    "msg",
    "detail",
    "title",
    "reason",
    "error",
];

/// The maximum length of a plain string that counts as a message, in characters.
const LONGEST_MESSAGE: usize = 500;

impl Problem {
    /// Reads the body of an error response; `None` if it contains no message.
    pub(crate) fn of_body(content_type: Option<&str>, body: &Bytes) -> Option<Self> {
        if let Ok(json) = serde_json::from_slice(body) {
            return Self::of_json(json);
        }
        let text = std::str::from_utf8(body).ok()?.trim();
        let is_page = content_type.is_some_and(media_type::is_html) || text.starts_with('<');
        let is_message = !text.is_empty() && !is_page && text.chars().count() <= LONGEST_MESSAGE;
        is_message.then(|| Self::of_message(text))
    }

    fn of_message(message: &str) -> Self {
        Self {
            title: Some(message.to_owned()),
            ..Self::default()
        }
    }

    fn of_json(json: Value) -> Option<Self> {
        let problem = match json {
            Value::String(message) if message.trim().is_empty() => return None,
            Value::String(message) => Self::of_message(&message),
            errors @ Value::Array(_) => Self {
                violations: violations(&errors)?,
                ..Self::default()
            },
            Value::Object(properties) => Self::of_properties(properties),
            _ => return None,
        };
        (problem != Self::default()).then_some(problem)
    }

    fn of_properties(mut properties: Map<String, Value>) -> Self {
        let violations = violations_in(&mut properties);
        let mut take = |name| take_string(&mut properties, name);
        let mut problem = Self {
            kind: take("type"),
            title: take("title"),
            detail: take("detail"),
            instance: take("instance"),
            ..Self::default()
        };
        let status = properties.get("status").and_then(Value::as_u64);
        if let Some(status) = status.and_then(|status| u16::try_from(status).ok()) {
            problem.status = Some(status);
            properties.remove("status");
        }
        if problem.detail.is_none() {
            problem.detail = properties.get("detail").and_then(message);
        }
        if problem.title.is_none() {
            let found = MESSAGES
                .iter()
                .find_map(|name| message(properties.get(*name)?));
            problem.title = found;
        }
        problem.violations = violations;
        problem.extensions = properties;
        problem
    }
}

fn take_string(properties: &mut Map<String, Value>, name: &str) -> Option<String> {
    match properties.get(name) {
        Some(Value::String(_)) => match properties.remove(name) {
            Some(Value::String(string)) => Some(string),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the message of a value, or inside it.
fn message(value: &Value) -> Option<String> {
    match value {
        Value::String(message) => (!message.trim().is_empty()).then(|| message.clone()),
        Value::Object(properties) => DESCRIPTIONS
            .iter()
            .find_map(|name| properties.get(*name)?.as_str())
            .map(str::to_owned),
        _ => None,
    }
}

/// Returns the violations among the properties of an error. If they contain more than a [`Violation`]
/// can represent, they also remain in the extensions.
fn violations_in(properties: &mut Map<String, Value>) -> Vec<Violation> {
    if let Some(found) = properties.get("violations").and_then(violations) {
        properties.remove("violations");
        return found;
    }
    // A `violations` property in another format is kept, and must not be written twice.
    for name in VIOLATIONS {
        let value = properties.get(*name);
        let value = value.filter(|value| value.is_array() || *name == "errors");
        if let Some(found) = value.and_then(violations) {
            return found;
        }
    }
    // An object that contains only lists of strings is a map of lists by field.
    let is_strings = |value: &Value| match value.as_array() {
        Some(items) => !items.is_empty() && items.iter().all(Value::is_string),
        None => false,
    };
    match properties.values().all(is_strings) {
        true => violations(&Value::Object(properties.clone())).unwrap_or_default(),
        false => Vec::new(),
    }
}

/// Returns the violations of a list of strings or objects, or of an object with strings or lists by
/// field.
fn violations(value: &Value) -> Option<Vec<Violation>> {
    let found: Vec<Violation> = match value {
        Value::Array(items) => items.iter().filter_map(violation).collect(),
        Value::Object(fields) => {
            let lists = fields.iter().map(|(field, messages)| {
                let messages = match messages {
                    Value::Array(messages) => messages.as_slice(),
                    message => std::slice::from_ref(message),
                };
                messages.iter().filter_map(move |message| {
                    let description = message.as_str()?.to_owned();
                    let field = field.clone();
                    Some(Violation { field, description })
                })
            });
            lists.flatten().collect()
        }
        _ => return None,
    };
    (!found.is_empty()).then_some(found)
}

fn violation(item: &Value) -> Option<Violation> {
    match item {
        Value::String(description) => Some(Violation {
            description: description.clone(),
            ..Violation::default()
        }),
        Value::Object(properties) => {
            let field = FIELDS.iter().find_map(|name| path(properties.get(*name)?));
            Some(Violation {
                field: field.unwrap_or_default(),
                description: message(item)?,
            })
        }
        _ => None,
    }
}

/// Returns the location in a request: a string, a list of names and indices, or an object with a JSON
/// Pointer.
fn path(value: &Value) -> Option<String> {
    match value {
        Value::String(path) => Some(path.clone()),
        Value::Array(steps) => {
            let steps = steps.iter().filter_map(|step| match step {
                Value::String(name) => Some(name.clone()),
                Value::Number(index) => Some(index.to_string()),
                _ => None,
            });
            Some(steps.collect::<Vec<_>>().join("."))
        }
        Value::Object(source) => ["pointer", "parameter", "header"]
            .iter()
            .find_map(|name| source.get(*name)?.as_str())
            .map(str::to_owned),
        _ => None,
    }
}

/// Writes the title, the detail and the violations in one line of at most 500 characters.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        for part in [&self.title, &self.detail].into_iter().flatten() {
            if !parts.contains(part) {
                parts.push(part.clone());
            }
        }
        for Violation { field, description } in &self.violations {
            parts.push(match field.as_str() {
                "" => description.clone(),
                field => format!("{field}: {description}"),
            });
        }
        f.write_str(&one_line(&parts.join("; "), LONGEST_MESSAGE))
    }
}

/// Returns a string as one line of at most `most` characters.
pub(crate) fn one_line(string: &str, most: usize) -> String {
    let mut line = String::new();
    for (index, character) in string.trim().chars().enumerate() {
        if index == most {
            line.push('…');
            break;
        }
        line.push(if character.is_control() {
            ' '
        } else {
            character
        });
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(content_type: &str, body: &str) -> Option<Problem> {
        Problem::of_body(Some(content_type), &Bytes::copy_from_slice(body.as_bytes()))
    }

    fn read_json(json: &Value) -> Problem {
        read("application/json", &json.to_string()).expect("is a problem")
    }

    #[test]
    fn every_property_of_a_problem_document_is_kept() {
        let document = json!({
            "type": "https://example.com/probs/out-of-credit",
            "title": "You do not have enough credit.",
            "status": 403,
            "detail": "Your current balance is 30, but that costs 50.",
            "instance": "/account/12345/msgs/abc",
            "violations": [{ "field": "amount", "description": "is too much" }],
            "balance": 30,
            "accounts": ["/account/12345"],
        });
        let problem = read_json(&document);
        assert_eq!(
            problem.to_string(),
            "You do not have enough credit.; Your current balance is 30, but that costs 50.; \
             amount: is too much"
        );
        assert_eq!(serde_json::to_value(problem).expect("encodes"), document);
    }

    #[test]
    fn the_message_of_each_format_is_read() {
        for (dialect, body, expected) in [
            ("a message", json!({ "message": "no" }), "no"),
            ("a short message", json!({ "msg": "no" }), "no"),
            (
                "OAuth",
                json!({ "error": "invalid_client" }),
                "invalid_client",
            ),
            (
                "OAuth with a description",
                json!({ "error": "invalid_client", "error_description": "no such client" }),
                "no such client",
            ),
            (
                "an error object",
                json!({ "error": { "code": 400, "message": "bad key" } }),
                "bad key",
            ),
            (
                "an exception",
                json!({ "exception_message": "boom" }),
                "boom",
            ),
            ("a detail", json!({ "detail": "Not found." }), "Not found."),
            (
                "a detail object",
                json!({ "detail": { "msg": "gone" } }),
                "gone",
            ),
            ("a list of details", json!({ "detail": ["a", "b"] }), "a; b"),
            (
                "FastAPI",
                json!({ "detail": [
                    { "loc": ["body", "name"], "msg": "field required", "type": "missing" },
                    { "loc": ["query", "ids", 0], "msg": "too short", "type": "value_error" },
                ] }),
                "body.name: field required; query.ids.0: too short",
            ),
            (
                "Alumio",
                json!({ "title": "An error occurred", "violations": [
                    { "title": "is blank", "propertyPath": "name", "type": "urn:uuid:1" },
                ] }),
                "An error occurred; name: is blank",
            ),
            ("errors as strings", json!({ "errors": ["a", "b"] }), "a; b"),
            (
                "errors as objects",
                json!({ "message": "Invalid", "errors": [{ "field": "x", "message": "y" }] }),
                "Invalid; x: y",
            ),
            (
                "JSON:API",
                json!({ "errors": [
                    { "title": "Invalid", "detail": "too long", "source": { "pointer": "/data/a" } },
                ] }),
                "/data/a: too long",
            ),
            (
                "errors by field",
                json!({ "title": "Validation", "errors": { "name": ["is blank", "is short"] } }),
                "Validation; name: is blank; name: is short",
            ),
            (
                "one error by field",
                json!({ "message": "Invalid", "errors": { "name": "is blank" } }),
                "Invalid; name: is blank",
            ),
            (
                "a list of messages",
                json!({ "statusCode": 400, "error": "Bad Request", "message": ["a", "b"] }),
                "Bad Request; a; b",
            ),
            ("a list of errors", json!({ "error": ["a"] }), "a"),
            (
                "lists by field",
                json!({ "name": ["is blank"], "non_field_errors": ["is late"] }),
                "name: is blank; non_field_errors: is late",
            ),
            (
                "nested errors",
                json!({ "error": { "code": 403, "message": "no", "errors": [{ "message": "no" }] } }),
                "no",
            ),
            ("a capital letter", json!({ "Message": "no" }), "no"),
            (
                "a description",
                json!({ "ok": false, "error_code": 404, "description": "Not Found" }),
                "Not Found",
            ),
            ("a list", json!([{ "message": "a" }, "b"]), "a; b"),
            ("a string of JSON", json!("no"), "no"),
            (
                "a title of another type",
                json!({ "title": 7, "message": "no" }),
                "no",
            ),
        ] {
            assert_eq!(read_json(&body).to_string(), expected, "{dialect}");
        }
    }

    #[test]
    fn the_other_properties_of_a_format_are_kept() {
        let problem = read_json(&json!({ "message": "no", "code": "E7", "errors": ["a"] }));
        assert_eq!(problem.extensions["code"], "E7");
        assert_eq!(problem.extensions["errors"], json!(["a"]));
        assert_eq!(problem.violations[0].description, "a");
    }

    #[test]
    fn a_short_string_is_a_message_and_an_html_page_is_not() {
        let title = |content_type: &str, body: &str| Some(read(content_type, body)?.to_string());
        assert_eq!(title("text/plain", " no\n"), Some("no".to_owned()));
        assert_eq!(title("text/html", "Log in"), None);
        assert_eq!(title("text/plain", "<html>Log in</html>"), None);
        assert_eq!(title("text/plain", &"x".repeat(501)), None);
        for nothing in ["", "{}", "null", "7", "[]", "\"\"", "[{}]"] {
            assert_eq!(title("application/json", nothing), None, "{nothing}");
        }
    }

    #[test]
    fn display_is_one_line_of_at_most_500_characters() {
        let problem = read_json(&json!({ "message": "a\r\nb", "detail": "ö".repeat(1000) }));
        let shown = problem.to_string();
        assert!(
            shown.starts_with("a  b; ö") && shown.ends_with('…'),
            "{shown}"
        );
        assert_eq!(shown.chars().count(), 501);
    }
}
