//! Problem documents (RFC 9457): how an HTTP API says what went wrong.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A problem document, with every member that the service added to it.
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
    /// A URI that identifies the kind of problem; absent, it is `about:blank`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What kind of problem it is, for people; the same each time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The HTTP status that the origin server gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What is the matter this time, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// A URI that identifies this occurrence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// What is wrong with which part of the request, where the service says so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<Violation>,
    /// Every other member.
    #[serde(flatten)]
    pub extensions: Map<String, Value>,
}

/// One thing that is wrong with a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Violation {
    /// The part of the request.
    #[serde(alias = "propertyPath")]
    pub field: String,
    /// What is wrong with it.
    #[serde(alias = "title")]
    pub description: String,
}

impl Problem {
    /// Reads whatever JSON an API says of an error. A document that is no problem document gives
    /// its `message`, or OAuth's `error_description` or `error` (RFC 6749 section 5.2), as the
    /// title; `None` where there is nothing to read.
    pub(crate) fn read(mut body: Value) -> Option<Self> {
        // Some services write the status as a string.
        let status = body.get("status").and_then(Value::as_str);
        if let Some(status) = status.and_then(|status| status.parse::<u16>().ok()) {
            body["status"] = status.into();
        }
        let mut problem: Self = match serde_json::from_value(body.clone()) {
            Ok(problem) => problem,
            // A member of another type than RFC 9457 says: it counts as one of the service's own.
            Err(_) => Self {
                extensions: body.as_object()?.clone(),
                ..Self::default()
            },
        };
        if problem.title.is_none() {
            let said = ["message", "error_description", "error"];
            problem.title = said
                .iter()
                .find_map(|name| problem.extensions.get(*name)?.as_str())
                .map(str::to_owned);
        }
        (problem != Self::default()).then_some(problem)
    }
}

/// Title, detail and violations in one line.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = [self.title.as_deref(), self.detail.as_deref()];
        let mut parts: Vec<String> = said.into_iter().flatten().map(str::to_owned).collect();
        parts.extend(
            self.violations
                .iter()
                .map(|Violation { field, description }| format!("{field}: {description}")),
        );
        f.write_str(&parts.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_member_is_kept() {
        let document = json!({
            "type": "https://example.com/probs/out-of-credit",
            "title": "You do not have enough credit.",
            "detail": "Your current balance is 30, but that costs 50.",
            "instance": "/account/12345/msgs/abc",
            "violations": [{ "field": "amount", "description": "is too much" }],
            "balance": 30,
            "accounts": ["/account/12345"],
        });
        let problem = Problem::read(document.clone()).expect("is a problem");
        assert_eq!(
            problem.to_string(),
            "You do not have enough credit.; Your current balance is 30, but that costs 50.; \
             amount: is too much"
        );
        assert_eq!(serde_json::to_value(problem).expect("encodes"), document);
    }

    #[test]
    fn a_status_in_a_string_and_other_names_in_violations_are_read() {
        let problem = Problem::read(json!({
            "status": "400", "title": "Not valid",
            "violations": [{ "propertyPath": "name", "title": "is blank", "type": "urn:blank" }],
        }));
        let problem = problem.expect("is a problem");
        assert_eq!(problem.status, Some(400));
        assert_eq!(problem.to_string(), "Not valid; name: is blank");
    }

    #[test]
    fn what_is_no_problem_document_is_read_as_far_as_it_goes() {
        let title = |body| Problem::read(body).and_then(|problem| problem.title);
        assert_eq!(title(json!({ "message": "no" })), Some("no".to_owned()));
        assert_eq!(
            title(json!({ "error": "invalid_client" })),
            Some("invalid_client".to_owned())
        );
        assert_eq!(
            title(json!({ "title": 7, "message": "no" })),
            Some("no".to_owned())
        );
        assert_eq!(Problem::read(json!({})), None);
        assert_eq!(Problem::read(json!("text")), None);
    }
}
