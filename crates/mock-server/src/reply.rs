//! The replies of the server.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use openapi_document::Pointer;
use serde_json::{Map, Value, json};

/// The media type of a problem document (RFC 9457).
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// A complete HTTP response.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// All headers except those of the transport.
    pub headers: HeaderMap,
    /// The body; may be empty.
    pub body: Bytes,
    /// The problem in the body, if the server created it. Before it is sent, it is converted to the
    /// form that the operation documents for the status.
    pub problem: Option<Box<Problem>>,
}

/// A problem document (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// The kind of problem; the same for every occurrence.
    pub title: String,
    /// The description of this occurrence.
    pub detail: String,
    /// The errors in the request; may be empty.
    pub violations: Vec<Violation>,
}

/// An error in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The location in the request: `query page[size]`, `header Content-Type`, `body
    /// /nodePools/0/name`.
    pub location: String,
    /// The reason. It never contains values of the request, which may be secret.
    pub reason: String,
    /// The location in the document of the violated keyword; `None` if the document declares nothing
    /// there.
    pub pointer: Option<Pointer>,
}

impl Reply {
    /// Creates a response without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            problem: None,
        }
    }

    /// Creates a response with a JSON body of the type `application/json`.
    pub fn json(status: StatusCode, body: &Value) -> Self {
        let json = HeaderValue::from_static("application/json");
        Self::empty(status).with_body(json, body.to_string())
    }

    /// Creates a problem document (RFC 9457) with the violations.
    pub fn problem(
        status: StatusCode,
        title: impl Into<String>,
        detail: impl Into<String>,
        violations: Vec<Violation>,
    ) -> Self {
        Self::from(Problem {
            status,
            title: title.into(),
            detail: detail.into(),
            violations,
        })
    }

    /// Sets the body and `Content-Type`.
    #[must_use]
    pub fn with_body(mut self, media_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        self.headers.insert(header::CONTENT_TYPE, media_type);
        self.body = body.into();
        self
    }

    /// Sets a header. Replaces existing values.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}

impl From<Problem> for Reply {
    fn from(problem: Problem) -> Self {
        let json = HeaderValue::from_static(PROBLEM_JSON);
        let body = problem.to_json().to_string();
        let mut reply = Self::empty(problem.status).with_body(json, body);
        reply.problem = Some(Box::new(problem));
        reply
    }
}

impl Problem {
    /// Creates a problem without violations.
    pub fn new(status: StatusCode, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            status,
            title: title.into(),
            detail: detail.into(),
            violations: Vec::new(),
        }
    }

    /// Serializes the problem (RFC 9457), with `violations` as an extension member.
    pub fn to_json(&self) -> Value {
        let mut properties = Map::new();
        properties.insert("type".to_owned(), json!("about:blank"));
        properties.insert("title".to_owned(), json!(self.title));
        properties.insert("status".to_owned(), json!(self.status.as_u16()));
        properties.insert("detail".to_owned(), json!(self.detail));
        if !self.violations.is_empty() {
            let violations = self.violations.iter().map(Violation::to_json).collect();
            properties.insert("violations".to_owned(), Value::Array(violations));
        }
        Value::Object(properties)
    }
}

impl Violation {
    /// Serializes the violation in a problem document: `where`, `why` and, if known, `spec`.
    pub fn to_json(&self) -> Value {
        let mut violation = json!({ "where": self.location, "why": self.reason });
        if let Some(pointer) = &self.pointer {
            violation["spec"] = json!(pointer.to_string());
        }
        violation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_lists_each_violation_with_its_location_and_source() {
        let violation = Violation {
            location: "query page[size]".to_owned(),
            reason: "is less than 1".to_owned(),
            pointer: Some(Pointer::of(["components", "parameters", "Page"])),
        };
        let reply = Reply::problem(StatusCode::BAD_REQUEST, "Bad", "One thing", vec![violation]);
        assert_eq!(reply.headers[header::CONTENT_TYPE], PROBLEM_JSON);
        assert_eq!(
            serde_json::from_slice::<Value>(&reply.body).expect("is JSON"),
            json!({
                "type": "about:blank",
                "title": "Bad",
                "status": 400,
                "detail": "One thing",
                "violations": [{
                    "where": "query page[size]",
                    "why": "is less than 1",
                    "spec": "#/components/parameters/Page",
                }],
            })
        );
    }
}
