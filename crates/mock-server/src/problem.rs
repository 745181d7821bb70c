//! Problem documents in the form that an operation documents.
//!
//! A client decodes an error by the schema that the document has for its status. The server therefore
//! converts its problem documents to instances of that schema. Details are written to properties with
//! matching names, and to those of RFC 9457 if the schema allows them. Required properties without a
//! matching detail get generated values; generated optional ones are removed. A step is reverted if it
//! makes the value invalid, so that the result is always valid.

use http::{HeaderValue, StatusCode};
use openapi_document::Pointer;
use openapi_instances::PlausibleOptions;
use serde_json::{Map, Value, json};

use crate::description::Content;
use crate::reply::{PROBLEM_JSON, Problem};
use crate::{Operation, Reply, ResponseGenerator, Violation};

/// Property names for the location of a violation, in order of preference.
const LOCATION_NAMES: [&str; 9] = [
    "where",
    "field",
    "path",
    "pointer",
    "location",
    "property",
    "parameter",
    "param",
    "name",
];
/// Property names for the description of this occurrence.
const REASON_NAMES: [&str; 8] = [
    "why",
    "detail",
    "description",
    "message",
    "reason",
    "error_description",
    "msg",
    "error",
];
/// Property names for the kind of problem.
const TITLE_NAMES: [&str; 2] = ["title", "summary"];
/// Property names for the HTTP status.
const STATUS_NAMES: [&str; 3] = ["status", "statuscode", "status_code"];

/// Converts a problem document of the server to the form that the operation documents for its status.
/// Returns other replies, and problems with an undocumented status, unchanged.
pub(crate) fn in_documented_form(
    generator: &ResponseGenerator,
    operation: &Operation,
    mut reply: Reply,
) -> Reply {
    let Some(problem) = reply.problem.as_deref() else {
        return reply;
    };
    let Some(content) = content_for(operation, problem.status) else {
        return reply;
    };
    let Some(body) = body(generator, content, problem) else {
        return reply;
    };
    // Fails only if the media type of the document is not a valid header value.
    if let Ok(media_type) = HeaderValue::from_str(&content.media_type) {
        reply = reply.with_body(media_type, body.to_string());
    }
    reply
}

/// The JSON content that the operation documents for a status; a problem document is preferred.
fn content_for(operation: &Operation, status: StatusCode) -> Option<&Content> {
    let response = operation.response(status.as_u16())?;
    let mut all = response.content.iter().filter(|content| content.is_json());
    let first = all.clone().next();
    all.find(|content| content.media_type.starts_with(PROBLEM_JSON))
        .or(first)
}

/// The problem as an instance of the content's schema; `None` if none can be generated.
fn body(generator: &ResponseGenerator, content: &Content, problem: &Problem) -> Option<Value> {
    if content.schema.is_none() {
        return Some(problem.to_json());
    }
    let schema = content.schema_pointer();
    let value = generator
        .value_at(&schema, PlausibleOptions::default())
        .ok()?;
    let mut body = ProblemBody {
        generator,
        schema,
        problem,
        value,
        known: Vec::new(),
    };
    body.fill(&Pointer::root());
    if let Value::Object(ours) = problem.to_json() {
        for (name, value) in ours {
            // Violations that the schema has a list for are not added again.
            let pointer = Pointer::root().join(&name);
            if !(name == "violations" && body.lists_violations()) {
                body.put(&pointer, value);
            }
        }
    }
    body.prune(&Pointer::root());
    Some(body.value)
}

/// An instance of the schema that receives the details of the problem.
struct ProblemBody<'a> {
    generator: &'a ResponseGenerator,
    schema: Pointer,
    problem: &'a Problem,
    value: Value,
    /// The locations that were set to actual details.
    known: Vec<Pointer>,
}

impl ProblemBody<'_> {
    /// Sets the properties whose names match a detail, recursively.
    fn fill(&mut self, here: &Pointer) {
        match here.get(&self.value) {
            Some(Value::Object(properties)) => {
                let properties: Vec<(String, Value)> = properties.clone().into_iter().collect();
                for (name, generated) in properties {
                    let pointer = here.join(&name);
                    match known_value(&name, &generated, self.problem) {
                        Some(value) => drop(self.put(&pointer, value)),
                        None => self.fill(&pointer),
                    }
                }
            }
            Some(Value::Array(items)) => {
                if let Some(Value::Object(like)) = items.first() {
                    let listed = self.problem.violations.iter();
                    let listed: Vec<Value> = listed.map(|one| violation_as(one, like)).collect();
                    self.put(here, Value::Array(listed));
                }
            }
            _ => {}
        }
    }

    fn lists_violations(&self) -> bool {
        let lists = self
            .known
            .iter()
            .filter_map(|pointer| pointer.get(&self.value));
        lists.into_iter().any(Value::is_array)
    }

    /// Sets a value if the result is valid. Returns whether it was set.
    fn put(&mut self, pointer: &Pointer, value: Value) -> bool {
        let mut changed = self.value.clone();
        let (Some(parent), Some(name)) = (pointer.parent(), pointer.tokens().last()) else {
            return false;
        };
        let Some(Value::Object(properties)) = parent.get_mut(&mut changed) else {
            return false;
        };
        properties.insert(name, value);
        let fits = self.keep_if_valid(changed);
        if fits {
            self.known.push(pointer.clone());
        }
        fits
    }

    /// Removes the generated values that are not required.
    fn prune(&mut self, here: &Pointer) {
        let Some(Value::Object(properties)) = here.get(&self.value) else {
            return;
        };
        let names: Vec<String> = properties.keys().cloned().collect();
        for name in names {
            let pointer = here.join(&name);
            let is_below = |known: &Pointer| {
                let rest = known.as_str().strip_prefix(pointer.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            if self.known.iter().any(is_below) {
                if !self.known.contains(&pointer) {
                    self.prune(&pointer);
                }
                continue;
            }
            let mut changed = self.value.clone();
            if let Some(Value::Object(properties)) = here.get_mut(&mut changed) {
                properties.shift_remove(&name);
            }
            if !self.keep_if_valid(changed) {
                self.prune(&pointer);
            }
        }
    }

    fn keep_if_valid(&mut self, changed: Value) -> bool {
        let is_valid = self.generator.schemas().is_valid(&self.schema, &changed);
        if is_valid {
            self.value = changed;
        }
        is_valid
    }
}

/// Returns the detail for a property of this name, if it has the type of the `generated` value.
fn known_value(name: &str, generated: &Value, problem: &Problem) -> Option<Value> {
    let name = name.to_ascii_lowercase();
    let is_one_of = |names: &[&str]| names.contains(&name.as_str());
    match generated {
        Value::String(_) if is_one_of(&TITLE_NAMES) => Some(json!(problem.title)),
        Value::String(_) if is_one_of(&REASON_NAMES) => Some(json!(problem.detail)),
        Value::Number(_) if is_one_of(&STATUS_NAMES) => Some(json!(problem.status.as_u16())),
        _ => None,
    }
}

/// Converts a violation to an object with the properties of `like`.
fn violation_as(violation: &Violation, like: &Map<String, Value>) -> Value {
    let mut item = like.clone();
    let mut put = |names: &[&str], value: &str, otherwise: &str| {
        let found = names
            .iter()
            .find(|name| like.get(**name).is_some_and(Value::is_string));
        let name = found.copied().unwrap_or(otherwise);
        item.insert(name.to_owned(), json!(value));
    };
    put(&LOCATION_NAMES, &violation.location, "where");
    put(&REASON_NAMES, &violation.reason, "why");
    if let Some(pointer) = &violation.pointer {
        put(&["spec"], &pointer.to_string(), "spec");
    }
    Value::Object(item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{all_vendored, description};

    fn rejection(status: u16) -> Reply {
        let violation = Violation {
            location: "body /name".to_owned(),
            reason: "is required".to_owned(),
            pointer: None,
        };
        let status = StatusCode::from_u16(status).expect("a status");
        Reply::problem(status, "Bad Request", "One thing is wrong", vec![violation])
    }

    /// The body that is sent if the operation documents `schema` for 400.
    fn sent(schema: Value) -> Value {
        let description = description(json!({
            "openapi": "3.1.0",
            "info": { "title": "T", "version": "1" },
            "paths": { "/a": { "get": { "responses": { "400": {
                "content": { "application/json": { "schema": schema } },
            } } } } },
        }));
        let generator = ResponseGenerator::of(description.clone(), 0);
        let reply = in_documented_form(&generator, &description.operations()[0], rejection(400));
        serde_json::from_slice(&reply.body).expect("is JSON")
    }

    #[test]
    fn problem_details_are_put_into_properties_with_matching_names() {
        let schema = json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["error"],
            "properties": {
                "error": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["code", "message"],
                    "properties": {
                        "code": { "enum": ["invalid"] },
                        "message": { "type": "string" },
                        "help": { "type": "string" },
                        "errors": { "type": "array", "items": {
                            "type": "object",
                            "required": ["field", "message"],
                            "properties": { "field": { "type": "string" }, "message": { "type": "string" } },
                        } },
                    },
                },
            },
        });
        let errors = json!([{ "field": "body /name", "message": "is required" }]);
        let error = json!({ "code": "invalid", "message": "One thing is wrong", "errors": errors });
        assert_eq!(sent(schema), json!({ "error": error }));
    }

    #[test]
    fn an_open_schema_gets_the_rfc_9457_properties() {
        let sent =
            sent(json!({ "type": "object", "properties": { "message": { "type": "string" } } }));
        assert_eq!(sent["message"], "One thing is wrong");
        assert_eq!(sent["title"], "Bad Request");
        assert_eq!(sent["violations"][0]["where"], "body /name");
    }

    #[test]
    fn a_schema_without_room_for_details_still_gives_a_valid_body() {
        assert_eq!(sent(json!({ "const": 7 })), json!(7));
    }

    #[test]
    fn every_documented_error_of_the_vendored_documents_is_valid() {
        for (name, description) in all_vendored() {
            let generator = ResponseGenerator::of(description.clone(), 0);
            for operation in description.operations() {
                for status in [400, 401, 403, 404, 409, 500] {
                    let Some(response) = operation.response(status) else {
                        continue;
                    };
                    let reply = in_documented_form(&generator, operation, rejection(status));
                    let Some(content) = response.content.first() else {
                        continue;
                    };
                    let sent: Value = serde_json::from_slice(&reply.body).expect("is JSON");
                    let errors = generator.schemas().errors(&content.schema_pointer(), &sent);
                    let errors: Vec<String> =
                        errors.into_iter().map(|error| error.reason).collect();
                    let about = format!("{} {status} of {name}", operation.id);
                    assert!(errors.is_empty(), "{about}: {errors:?}");
                    // Other schemas may have no property for the detail; a problem document has one.
                    if content.media_type.contains("problem+json") {
                        assert!(
                            sent.to_string().contains("One thing is wrong"),
                            "{about}: {sent}"
                        );
                    }
                }
            }
        }
    }
}
