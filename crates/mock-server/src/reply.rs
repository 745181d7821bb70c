//! What the server answers, whichever part of it decided that.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use openapi_document::Pointer;
use serde_json::{Map, Value, json};

/// The media type of a problem document (RFC 9457).
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// An answer, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// All headers but those of the transport.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// What the body says if it is a problem document of the server's own making. Before it is
    /// sent it is brought into the form that the operation documents for the status.
    pub problem: Option<Box<Problem>>,
}

/// What went wrong, as a problem document says it (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// The kind of problem, the same for every occurrence.
    pub title: String,
    /// This occurrence of it.
    pub detail: String,
    /// What was wrong with the request, one by one; may be empty.
    pub violations: Vec<Violation>,
}

/// One way in which a request is not what the document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where in the request: `query page[size]`, `header Content-Type`, `body /nodePools/0/name`.
    pub location: String,
    /// What is wrong there. It never repeats a value that could be a secret.
    pub reason: String,
    /// Where the document says otherwise; `None` when it is about what the document lacks.
    pub pointer: Option<Pointer>,
}

impl Reply {
    /// An answer without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            problem: None,
        }
    }

    /// An answer with a JSON body of type `application/json`.
    pub fn json(status: StatusCode, body: &Value) -> Self {
        let json = HeaderValue::from_static("application/json");
        Self::empty(status).with_body(json, body.to_string())
    }

    /// A problem document (RFC 9457) that lists the violations, if there are any.
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

    /// The same with a body, and its media type in `Content-Type`.
    #[must_use]
    pub fn with_body(mut self, media_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        self.headers.insert(header::CONTENT_TYPE, media_type);
        self.body = body.into();
        self
    }

    /// The same with a header more; it replaces others of its name.
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
    /// A problem without violations.
    pub fn new(status: StatusCode, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            status,
            title: title.into(),
            detail: detail.into(),
            violations: Vec::new(),
        }
    }

    /// The problem as RFC 9457 writes it, `violations` being an extension member.
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
    /// As it stands in a problem document: `where`, `why` and, if there is one, `spec`.
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
