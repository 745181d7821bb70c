//! Faults: simulated failures, for testing how a client handles them.
//!
//! A fault applies to one operation or to all, a limited number of times or always. A request can also
//! select a fault with the header [`FAULT_HEADER`].

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::{Problem, Received, Reply};

/// The request header that selects a fault. Its parts are separated by semicolons.
///
/// | part | effect |
/// |---|---|
/// | `latency=MS` | delays the response by the given number of milliseconds |
/// | `status=CODE` | responds with this status to every request |
/// | `retry-after=SECONDS` | adds `Retry-After` to the response |
/// | `reset` | resets the connection instead of responding |
/// | `truncate` | closes the connection within the body |
/// | `bad-json` | sends a truncated body with a matching length |
pub const FAULT_HEADER: HeaderName = HeaderName::from_static("x-mock-fault");

/// A fault. By default, it applies to all operations, without limit.
///
/// ```
/// use http::StatusCode;
/// use mock_server::Fault;
///
/// let busy = Fault::status(StatusCode::SERVICE_UNAVAILABLE)
///     .retry_after(2)
///     .operation("ListRoles")
///     .times(3);
/// # let _ = busy;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    operation: Option<String>,
    remaining: Option<u32>,
    behavior: FaultBehavior,
}

/// What a fault does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct FaultBehavior {
    pub(crate) latency: Duration,
    pub(crate) status: Option<StatusCode>,
    pub(crate) retry_after: Option<u32>,
    pub(crate) breakage: Option<Breakage>,
}

/// How a response is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breakage {
    Reset,
    Truncate,
    BadJson,
}

impl Fault {
    fn of(behavior: FaultBehavior) -> Self {
        Self {
            operation: None,
            remaining: None,
            behavior,
        }
    }

    fn broken(breakage: Breakage) -> Self {
        Self::of(FaultBehavior {
            breakage: Some(breakage),
            ..FaultBehavior::default()
        })
    }

    /// Delays the response.
    pub fn latency(latency: Duration) -> Self {
        Self::of(FaultBehavior {
            latency,
            ..FaultBehavior::default()
        })
    }

    /// Responds with a problem document of this status.
    pub fn status(status: StatusCode) -> Self {
        Self::of(FaultBehavior {
            status: Some(status),
            ..FaultBehavior::default()
        })
    }

    /// Resets the connection instead of responding.
    pub fn reset() -> Self {
        Self::broken(Breakage::Reset)
    }

    /// Closes the connection within the body.
    pub fn truncate() -> Self {
        Self::broken(Breakage::Truncate)
    }

    /// Sends a truncated body with a matching `Content-Length`.
    pub fn bad_json() -> Self {
        Self::broken(Breakage::BadJson)
    }

    /// Also delays the response.
    #[must_use]
    pub fn after(mut self, latency: Duration) -> Self {
        self.behavior.latency = latency;
        self
    }

    /// Also adds `Retry-After`, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.behavior.retry_after = Some(seconds);
        self
    }

    /// Limits the fault to the operation of this id.
    #[must_use]
    pub fn operation(mut self, id: impl Into<String>) -> Self {
        self.operation = Some(id.into());
        self
    }

    /// Limits the number of times that the fault applies.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.remaining = Some(times);
        self
    }

    /// Applies the fault once.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// The id of the operation that the fault applies to; `None` for all.
    pub(crate) fn target(&self) -> Option<&str> {
        self.operation.as_deref()
    }
}

/// The active faults, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(crate) fn add(&self, fault: Fault) {
        self.lock().push(fault);
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Returns the behavior for a request: the fault selected by its header, otherwise the first fault
    /// for its operation.
    ///
    /// # Errors
    /// A problem (400) if the header is invalid.
    pub(crate) fn next_for(
        &self,
        operation: &str,
        received: &Received,
    ) -> Result<Option<FaultBehavior>, Problem> {
        if let Some(header) = received.headers.get(FAULT_HEADER) {
            return parse_header(header).map(Some);
        }
        let mut faults = self.lock();
        let applies = |fault: &Fault| fault.target().is_none_or(|target| target == operation);
        let Some(index) = faults
            .iter()
            .position(|fault| applies(fault) && fault.remaining != Some(0))
        else {
            return Ok(None);
        };
        let behavior = faults[index].behavior;
        if let Some(remaining) = &mut faults[index].remaining {
            *remaining -= 1;
            if *remaining == 0 {
                faults.remove(index);
            }
        }
        Ok(Some(behavior))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Fault>> {
        // A panic cannot leave a partial list behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn parse_header(value: &HeaderValue) -> Result<FaultBehavior, Problem> {
    let mut behavior = FaultBehavior::default();
    let text = value.to_str().unwrap_or_default();
    for part in text
        .split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        if behavior.set(name.trim(), value).is_none() {
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "Invalid fault",
                format!(
                    "`{part}` in {FAULT_HEADER} is invalid; use latency=MS, status=CODE, \
                     retry-after=SECONDS, reset, truncate or bad-json, separated by semicolons"
                ),
            ));
        }
    }
    Ok(behavior)
}

fn number(text: &str) -> Option<u32> {
    text.trim().parse().ok()
}

impl FaultBehavior {
    /// Sets one part of the header; `None` if it is invalid.
    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "latency" => self.latency = Duration::from_millis(number(value)?.into()),
            "status" => {
                let code = u16::try_from(number(value)?).ok()?;
                self.status = Some(StatusCode::from_u16(code).ok()?);
            }
            "retry-after" => self.retry_after = Some(number(value)?),
            "reset" => self.breakage = Some(Breakage::Reset),
            "truncate" => self.breakage = Some(Breakage::Truncate),
            "bad-json" => self.breakage = Some(Breakage::BadJson),
            _ => return None,
        }
        Some(())
    }

    /// The response of the fault, if it has a status.
    pub(crate) fn reply(&self) -> Option<Reply> {
        let status = self.status?;
        let title = status.canonical_reason().unwrap_or("Failure");
        Some(Problem::new(status, title, "Simulated failure").into())
    }

    /// Adds `Retry-After` to a response if the fault has one.
    pub(crate) fn add_retry_after(&self, reply: Reply) -> Reply {
        match self.retry_after {
            Some(seconds) => reply.with_header(header::RETRY_AFTER, HeaderValue::from(seconds)),
            None => reply,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::received;

    fn next_behavior(faults: &Faults, operation: &str) -> Option<FaultBehavior> {
        let request = received("GET", "/", &[], "");
        faults.next_for(operation, &request).expect("is valid")
    }

    #[test]
    fn a_fault_applies_to_its_operation_the_configured_number_of_times() {
        let faults = Faults::default();
        faults.add(Fault::reset().operation("A").times(2));
        faults.add(Fault::truncate().once());
        faults.add(Fault::bad_json());
        let breakage = |operation| next_behavior(&faults, operation).and_then(|one| one.breakage);
        assert_eq!(breakage("B"), Some(Breakage::Truncate));
        assert_eq!(breakage("A"), Some(Breakage::Reset));
        assert_eq!(breakage("A"), Some(Breakage::Reset));
        assert_eq!(breakage("A"), Some(Breakage::BadJson));
        assert_eq!(breakage("A"), Some(Breakage::BadJson));
        faults.clear();
        assert_eq!(breakage("A"), None);
    }

    #[test]
    fn a_request_header_selects_a_fault() {
        let faults = Faults::default();
        let header = [("x-mock-fault", "latency=20; status=503;retry-after=2")];
        let behavior = faults.next_for("A", &received("GET", "/", &header, ""));
        let expected = FaultBehavior {
            latency: Duration::from_millis(20),
            status: Some(StatusCode::SERVICE_UNAVAILABLE),
            retry_after: Some(2),
            breakage: None,
        };
        assert_eq!(behavior, Ok(Some(expected)));
    }

    #[test]
    fn an_unknown_fault_is_rejected_with_a_list_of_the_known_ones() {
        for invalid in ["status=busy", "status=1000", "explode", "latency"] {
            let header = [("x-mock-fault", invalid)];
            let rejected = Faults::default().next_for("A", &received("GET", "/", &header, ""));
            let problem = rejected.expect_err("is rejected");
            assert!(
                problem.detail.contains(&format!("`{invalid}`")),
                "{}",
                problem.detail
            );
            assert!(problem.detail.contains("bad-json"));
        }
    }
}
