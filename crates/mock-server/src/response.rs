//! Generates the documented response of an operation: status, media type, headers and body.
//!
//! The body is an example of the media type if it is valid by the schema. Otherwise it is generated
//! from the schema, using the examples in it where they are valid. A body is always valid; if none can
//! be generated, the response is a problem document with the reason. The same seed results in the same
//! bytes. `Prefer: dynamic=true` generates a new body for each request, in a reproducible order.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use openapi_document::{Direction, Pointer, is_json_lines};
use openapi_instances::{Generator, PlausibleOptions, Unsatisfiable};
use serde_json::{Value, json};

use crate::cache::Cache;
use crate::description::{Content, Description, Header, Operation, Response, Status, is_json};
use crate::negotiation::{concrete_media_type, negotiate};
use crate::prefer::Preference;
use crate::received::Received;
use crate::reply::{Problem, Reply, Violation};
use crate::schemas::Schemas;

/// Generates the responses of one document.
pub struct ResponseGenerator {
    description: Arc<Description>,
    schemas: Schemas,
    seed: u64,
    /// The number of dynamic bodies so far.
    dynamic_count: AtomicU64,
    /// Bodies that are the same for every request.
    bodies: Cache<Arc<Value>>,
    /// Header values that are the same for every request; `None` if the value is not valid in a header.
    headers: Cache<Option<HeaderValue>>,
}

/// A documented response, and the status to send.
#[derive(Clone, Copy)]
pub(crate) struct SelectedResponse<'a> {
    pub(crate) response: &'a Response,
    pub(crate) status: StatusCode,
}

/// True for 4xx and 5xx.
fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

impl ResponseGenerator {
    /// Creates a generator. Different seeds result in different values.
    pub fn of(description: Arc<Description>, seed: u64) -> Self {
        Self {
            schemas: Schemas::of(description.root(), Direction::Response),
            description,
            seed,
            dynamic_count: AtomicU64::default(),
            bodies: Cache::default(),
            headers: Cache::default(),
        }
    }

    /// Returns the response that the caller prefers, otherwise the first success.
    ///
    /// If the operation does not document the preferred status or example, returns a problem document
    /// (400) that lists the documented ones. If the caller does not accept any of the media types,
    /// returns a 406 in the same form.
    pub fn respond(
        &self,
        operation: &Operation,
        received: &Received,
        preference: &Preference,
    ) -> Reply {
        let selected = match preference.code {
            Some(status) => operation
                .response(status.as_u16())
                .map(|response| SelectedResponse { response, status })
                .ok_or_else(|| unknown_status(operation, status)),
            None => Ok(match success(operation) {
                Some(selected) => selected,
                None => return Reply::empty(StatusCode::OK),
            }),
        };
        let reply = selected.and_then(|selected| {
            let all = &selected.response.content;
            let content = match negotiate(all, received) {
                // An error in a media type that was not accepted is better than none. RFC 9110, section
                // 12.5.1 permits it.
                Err(_) if is_error(selected.status) => all.first(),
                content => content?,
            };
            let Some(content) = content else {
                return Ok(self.reply(operation, selected, None));
            };
            let body = self.body(content, preference)?;
            Ok(self.reply(operation, selected, Some((content, received, &body))))
        });
        reply.unwrap_or_else(Reply::from)
    }

    /// The schemas of responses.
    pub(crate) fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// Generates a value of the schema of `content`.
    ///
    /// # Errors
    /// No valid value can be generated.
    pub(crate) fn value(
        &self,
        content: &Content,
        options: PlausibleOptions,
    ) -> Result<Value, Unsatisfiable> {
        if content.schema.is_none() {
            return Ok(json!({}));
        }
        self.value_at(&content.schema_pointer(), options)
    }

    /// Generates a value of the schema at `pointer`.
    ///
    /// # Errors
    /// No valid value can be generated.
    pub(crate) fn value_at(
        &self,
        pointer: &Pointer,
        options: PlausibleOptions,
    ) -> Result<Value, Unsatisfiable> {
        let root = self.description.root();
        let anything = Value::Bool(true);
        let schema = pointer.get(root).unwrap_or(&anything);
        let options = PlausibleOptions {
            seed: options.seed ^ self.seed,
            ..options
        };
        Generator::new(root, Direction::Response).plausible(schema, options, |value| {
            self.invalid_pointers(pointer, value)
        })
    }

    /// True if a value is valid by the schema of `content`, or if there is no schema.
    pub(crate) fn is_valid(&self, content: &Content, value: &Value) -> bool {
        content.schema.is_none() || self.is_valid_at(&content.schema_pointer(), value)
    }

    /// True if a value is valid by the schema at `pointer`.
    pub(crate) fn is_valid_at(&self, pointer: &Pointer, value: &Value) -> bool {
        self.schemas.is_valid(pointer, value)
    }

    /// Returns the JSON pointers of the locations in a value that violate the schema at `pointer`.
    pub(crate) fn invalid_pointers(&self, pointer: &Pointer, value: &Value) -> Vec<String> {
        let errors = self.schemas.errors(pointer, value).into_iter();
        errors.map(|error| error.pointer).collect()
    }

    /// Builds a response with its documented headers, and the body unless the status or the method
    /// excludes one.
    pub(crate) fn reply(
        &self,
        operation: &Operation,
        selected: SelectedResponse<'_>,
        body: Option<(&Content, &Received, &Value)>,
    ) -> Reply {
        let mut reply = Reply::empty(selected.status);
        for header in &selected.response.headers {
            if let Some((name, value)) = self.header(header) {
                reply = reply.with_header(name, value);
            }
        }
        match body {
            Some((content, received, value)) if !is_bodiless(selected.status) => {
                let media_type = concrete_media_type(&content.media_type, received);
                let body = match operation.method {
                    Method::HEAD => Bytes::new(),
                    _ => encode(&media_type, value, content.is_binary(self.schemas.root())),
                };
                match HeaderValue::from_str(&media_type) {
                    Ok(media_type) => reply.with_body(media_type, body),
                    Err(_) => reply,
                }
            }
            _ => reply,
        }
    }

    fn body(&self, content: &Content, preference: &Preference) -> Result<Arc<Value>, Problem> {
        if let Some(name) = &preference.example {
            return self.named_example(content, name).map(Arc::new);
        }
        let generation_failed = |error: Unsatisfiable| {
            let detail = format!(
                "No body is valid by the schema at {}: {error}.",
                content.schema_pointer()
            );
            Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "No valid response",
                detail,
            )
        };
        if preference.dynamic {
            let dynamic_count = 1 + self.dynamic_count.fetch_add(1, Ordering::Relaxed);
            // Multiplied by a large odd number, because consecutive seeds result in similar values.
            let seed = dynamic_count.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let options = PlausibleOptions {
                seed,
                ..PlausibleOptions::default()
            };
            return self
                .value(content, options)
                .map(Arc::new)
                .map_err(generation_failed);
        }
        self.default_body(content).map_err(generation_failed)
    }

    /// Returns the body that is sent without a preference; the same for every request.
    ///
    /// # Errors
    /// No valid value can be generated.
    pub(crate) fn default_body(&self, content: &Content) -> Result<Arc<Value>, Unsatisfiable> {
        self.bodies.try_get(&content.pointer, || {
            self.example_or_generated(content).map(Arc::new)
        })
    }

    /// Returns the first valid example of the media type, otherwise a value generated from its schema.
    fn example_or_generated(&self, content: &Content) -> Result<Value, Unsatisfiable> {
        let mut examples = content.examples.iter().map(|(_, example)| example);
        match examples.find(|example| self.is_valid(content, example)) {
            Some(example) => Ok(example.clone()),
            None => self.value(
                content,
                PlausibleOptions {
                    examples: true,
                    ..PlausibleOptions::default()
                },
            ),
        }
    }

    fn named_example(&self, content: &Content, name: &str) -> Result<Value, Problem> {
        let named = content.examples.iter().find(|(known, _)| known == name);
        let Some((_, example)) = named else {
            let names = content.examples.iter().map(|(name, _)| name.as_str());
            let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
            let detail = match &*names.join(", ") {
                "" => format!("The document has no named example at {}.", content.pointer),
                names => format!("There is no example `{name}`; the examples are {names}."),
            };
            return Err(bad_preference("No such example", detail));
        };
        if self.is_valid(content, example) {
            return Ok(example.clone());
        }
        let errors = self.schemas.errors(&content.schema_pointer(), example);
        let violation = |error: crate::schemas::SchemaError| Violation {
            location: format!("example {name} {}", error.pointer),
            reason: error.reason,
            pointer: Some(content.schema_pointer()),
        };
        let detail = format!("The example `{name}` is not valid by its schema.");
        Err(Problem {
            violations: errors.into_iter().map(violation).collect(),
            ..Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "No valid response",
                detail,
            )
        })
    }

    /// Returns a documented header with a value; `None` if the value is not valid in a header.
    fn header(&self, header: &Header) -> Option<(HeaderName, HeaderValue)> {
        let name = HeaderName::from_bytes(header.name.as_bytes()).ok()?;
        if name == header::CONTENT_TYPE {
            return None;
        }
        let value = self
            .headers
            .get(&header.pointer, || self.header_value(header));
        value.map(|value| (name, value))
    }

    fn header_value(&self, header: &Header) -> Option<HeaderValue> {
        let example = header.examples.iter().map(|(_, example)| example).next();
        let value = match example {
            Some(example) => example.clone(),
            None if header.content.is_some() => return None,
            None => {
                let options = PlausibleOptions {
                    examples: true,
                    ..PlausibleOptions::default()
                };
                self.value_at(&header.pointer.join("schema"), options)
                    .ok()?
            }
        };
        HeaderValue::from_str(&simple_style(&value)).ok()
    }
}

/// Selects the success response of an operation: the first success status, otherwise `2XX`, otherwise the
/// first redirect, otherwise `default`, otherwise the first response.
pub(crate) fn success(operation: &Operation) -> Option<SelectedResponse<'_>> {
    let code = |response: &Response| match response.status {
        Status::Code(code) => code,
        Status::Range(hundred) => u16::from(hundred) * 100,
        Status::Default => 200,
    };
    // Beside a success, `default` documents errors.
    let rank = |response: &&Response| match (code(response) / 100, response.status) {
        (2, Status::Code(_)) => 0,
        (2, Status::Range(_)) => 1,
        (3, _) => 2,
        (_, Status::Default) => 3,
        _ => 4,
    };
    let response = operation.responses.iter().min_by_key(rank)?;
    let status = StatusCode::from_u16(code(response)).ok()?;
    Some(SelectedResponse { response, status })
}

fn unknown_status(operation: &Operation, status: StatusCode) -> Problem {
    let known = operation
        .responses
        .iter()
        .map(|response| match response.status {
            Status::Code(code) => code.to_string(),
            Status::Range(hundred) => format!("{hundred}XX"),
            Status::Default => "default".to_owned(),
        });
    let known = known.collect::<Vec<_>>().join(", ");
    let status = status.as_u16();
    let detail = format!(
        "{} documents no response {status}; it documents {known}.",
        operation.id
    );
    bad_preference("No such response", detail)
}

fn bad_preference(title: &str, detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, title, detail)
}

/// True if a response of this status never has a body (RFC 9110, section 6.4.1).
fn is_bodiless(status: StatusCode) -> bool {
    status.is_informational()
        || matches!(
            status,
            StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED
        )
}

/// Serializes a value in a media type: JSON, JSON Lines, or a string unchanged. A binary body is a
/// string.
fn encode(media_type: &str, value: &Value, is_binary: bool) -> Bytes {
    match value {
        Value::Array(items) if is_json_lines(media_type) => {
            let lines = items.iter().map(|item| format!("{item}\n"));
            Bytes::from(lines.collect::<String>())
        }
        Value::String(text) if is_binary || !is_json(media_type) => Bytes::from(text.clone()),
        value => Bytes::from(value.to_string()),
    }
}

/// Serializes a value in the style `simple`, which headers use (OpenAPI, Parameter Object).
fn simple_style(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(simple_style).collect::<Vec<_>>().join(","),
        Value::Object(properties) => {
            let properties = properties
                .iter()
                .map(|(name, value)| format!("{name},{}", simple_style(value)));
            properties.collect::<Vec<_>>().join(",")
        }
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests;
