//! The processing of a request.
//!
//! A request is routed, a fault is applied if one is active, credentials are checked, the request is
//! validated, and the response is generated. A problem document is converted to the form that the
//! operation documents. Finally the request is recorded and counted.

use std::sync::Arc;

use http::{HeaderValue, Method, StatusCode, header};

use crate::coverage::Counts;
use crate::fault::{Breakage, FaultBehavior, Faults};
use crate::request_log::{RecordedRequest, RequestLog};
use crate::route::{Route, Routes};
use crate::validation::{CONTENT_TYPE, RequestValidator, decoded};
use crate::wire::{Handler, Transmission};
use crate::{
    Description, Location, Operation, Preference, Received, Reply, ResponseGenerator, State,
    Violation,
};
use crate::{problem, security};

/// A callback for every request.
pub(super) type Watch = Box<dyn Fn(&RecordedRequest) + Send + Sync>;

/// The parts of a server that its tasks share.
pub(super) struct Shared {
    pub(super) description: Arc<Description>,
    pub(super) routes: Routes,
    pub(super) validator: RequestValidator,
    pub(super) generator: Arc<ResponseGenerator>,
    pub(super) state: State,
    pub(super) faults: Faults,
    pub(super) log: RequestLog,
    pub(super) counts: Counts,
    pub(super) watch: Option<Watch>,
}

/// The result of processing a request.
struct Handled {
    /// The index of the operation in the description.
    operation: Option<usize>,
    violations: Vec<Violation>,
    transmission: Transmission,
}

impl Handler for Shared {
    async fn handle(self: Arc<Self>, received: Received) -> Transmission {
        let handled = self.process(&received).await;
        let status = match &handled.transmission {
            Transmission::Whole(reply) | Transmission::Truncated(reply) => Some(reply.status),
            Transmission::Reset => None,
        };
        self.counts
            .add(&self.description, handled.operation, status);
        if self.watch.is_some() || !self.log.is_off() {
            let operation = handled
                .operation
                .map(|index| &self.description.operations()[index]);
            let recorded = RecordedRequest {
                operation: operation.map(|operation| operation.id.clone()),
                request: received,
                status,
                violations: handled.violations,
            };
            if let Some(watch) = &self.watch {
                watch(&recorded);
            }
            if !self.log.is_off() {
                self.log.add(recorded);
            }
        }
        handled.transmission
    }
}

impl Shared {
    /// Returns the first values of the path parameters that are valid, otherwise `first`.
    fn fitting(
        &self,
        index: usize,
        first: Vec<(String, String)>,
        others: Vec<Vec<(String, String)>>,
        received: &Received,
    ) -> Vec<(String, String)> {
        let is_valid = |values: &Vec<(String, String)>| {
            let found = self
                .validator
                .violations(&self.description, index, values, received);
            let prefix = format!("{} ", Location::Path.as_str());
            !found.iter().any(|one| one.location.starts_with(&prefix))
        };
        if others.is_empty() || is_valid(&first) {
            return first;
        }
        others.into_iter().find(is_valid).unwrap_or(first)
    }

    async fn process(&self, received: &Received) -> Handled {
        let (index, path_values) = match self.routes.find(&received.method, &received.path) {
            Route::Operation {
                index,
                path_values,
                others,
            } => (index, self.fitting(index, path_values, others, received)),
            Route::NoMethod { allowed } => return unrouted(no_method(&received.method, &allowed)),
            Route::NoPath { nearest } => return unrouted(no_path(nearest)),
        };
        let operation = &self.description.operations()[index];
        let mut handled = Handled {
            operation: Some(index),
            violations: Vec::new(),
            transmission: Transmission::Reset,
        };
        let behavior = match self.faults.next_for(&operation.id, received) {
            Ok(behavior) => behavior.unwrap_or_default(),
            Err(problem) => {
                handled.transmission =
                    Transmission::Whole(self.in_documented_form(operation, problem.into()));
                return handled;
            }
        };
        if !behavior.latency.is_zero() {
            tokio::time::sleep(behavior.latency).await;
        }
        if behavior.breakage == Some(Breakage::Reset) {
            return handled;
        }
        let reply = match behavior.reply() {
            Some(reply) => reply,
            None => match self.rejection(index, &path_values, received) {
                Some(reply) => {
                    let problem = reply.problem.as_ref();
                    handled.violations =
                        problem.map_or_else(Vec::new, |problem| problem.violations.clone());
                    reply
                }
                None => self.reply(index, &path_values, received),
            },
        };
        handled.transmission = apply_breakage(
            &behavior,
            behavior.add_retry_after(self.in_documented_form(operation, reply)),
        );
        handled
    }

    /// Returns the rejection of a request without valid credentials or with violations.
    fn rejection(
        &self,
        index: usize,
        path_values: &[(String, String)],
        received: &Received,
    ) -> Option<Reply> {
        let operation = &self.description.operations()[index];
        if let Err(reply) = security::check(operation, received) {
            return Some(*reply);
        }
        if let Some(reply) = self.state.rejection(operation, received) {
            return Some(reply);
        }
        let violations = self
            .validator
            .violations(&self.description, index, path_values, received);
        (!violations.is_empty()).then(|| invalid_request(operation, violations))
    }

    /// Returns the response to a valid request.
    fn reply(&self, index: usize, path_values: &[(String, String)], received: &Received) -> Reply {
        let operation = &self.description.operations()[index];
        match Preference::of(&received.headers) {
            Ok(preference) => {
                let values = path_values.iter();
                // Values that are not UTF-8 were rejected by the validation.
                let values: Vec<(String, String)> = values
                    .map(|(name, value)| (name.clone(), decoded(value).unwrap_or_default()))
                    .collect();
                let served = self.state.serve(operation, &values, received, &preference);
                served.unwrap_or_else(|| self.generator.respond(operation, received, &preference))
            }
            Err(problem) => problem.into(),
        }
    }

    fn in_documented_form(&self, operation: &Operation, reply: Reply) -> Reply {
        problem::in_documented_form(&self.generator, operation, reply)
    }
}

fn unrouted(reply: Reply) -> Handled {
    Handled {
        operation: None,
        violations: Vec::new(),
        transmission: Transmission::Whole(reply),
    }
}

fn no_method(method: &Method, allowed: &[Method]) -> Reply {
    let allowed: Vec<&str> = allowed.iter().map(Method::as_str).collect();
    let allowed = allowed.join(", ");
    let detail = format!("The path supports {allowed}, not {method}");
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let reply = Reply::problem(status, "Method not allowed", detail, Vec::new());
    // Method names are tokens (RFC 9110, section 9.1), so they are valid in a header.
    match HeaderValue::from_str(&allowed) {
        Ok(allowed) => reply.with_header(header::ALLOW, allowed),
        Err(_) => reply,
    }
}

fn no_path(nearest: Option<String>) -> Reply {
    let detail = match nearest {
        Some(nearest) => format!("No path of the document matches; the nearest is {nearest}"),
        None => "No path of the document matches or is similar".to_owned(),
    };
    Reply::problem(StatusCode::NOT_FOUND, "No such path", detail, Vec::new())
}

/// Rejects an invalid request with 400, or with 415 if only the media type is wrong and the operation
/// documents 415.
fn invalid_request(operation: &Operation, violations: Vec<Violation>) -> Reply {
    let unsupported = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    let is_media_type = violations.iter().all(|one| one.location == CONTENT_TYPE);
    let has_response = operation
        .responses
        .iter()
        .any(|response| response.status == crate::Status::Code(unsupported.as_u16()));
    let status = match is_media_type && has_response {
        true => unsupported,
        false => StatusCode::BAD_REQUEST,
    };
    let messages = violations
        .iter()
        .map(|one| format!("{} {}", one.location, one.reason));
    let detail = messages.collect::<Vec<_>>().join("; ");
    let title = "The request does not conform to the document";
    Reply::problem(status, title, detail, violations)
}

/// Applies the damage of a fault to a reply.
fn apply_breakage(behavior: &FaultBehavior, mut reply: Reply) -> Transmission {
    match behavior.breakage {
        None => Transmission::Whole(reply),
        Some(Breakage::Reset) => Transmission::Reset,
        Some(Breakage::Truncate) => Transmission::Truncated(reply),
        Some(Breakage::BadJson) => {
            // An unclosed bracket makes any prefix invalid JSON.
            let half = reply.body.len() / 2;
            reply.body = [&reply.body[..half], b"{"].concat().into();
            Transmission::Whole(reply)
        }
    }
}
