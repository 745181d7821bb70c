//! Failures on demand, so that a client's handling of them can be rehearsed.
//!
//! A fault strikes the operations that it is meant for as often as it is told to; a request can also
//! ask for one by itself, in the header [`FAULT_HEADER`].

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::{Problem, Received, Reply};

/// The header in which a request asks for a fault: parts with semicolons between them.
///
/// | part | what happens |
/// |---|---|
/// | `latency=MS` | the answer comes that many milliseconds later |
/// | `status=CODE` | the answer is this one, whatever the request |
/// | `retry-after=SECONDS` | the answer says so in `Retry-After` |
/// | `reset` | the connection is reset instead of an answer |
/// | `truncate` | the connection ends within the body |
/// | `bad-json` | the body breaks off, and is sent as if it were whole |
pub const FAULT_HEADER: HeaderName = HeaderName::from_static("x-mock-fault");

/// A failure, what it strikes and how often: unless told otherwise all operations, always.
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

/// How an answer does not arrive.
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

    /// The answer comes later.
    pub fn latency(latency: Duration) -> Self {
        Self::of(FaultBehavior {
            latency,
            ..FaultBehavior::default()
        })
    }

    /// The answer is a problem document with this status.
    pub fn status(status: StatusCode) -> Self {
        Self::of(FaultBehavior {
            status: Some(status),
            ..FaultBehavior::default()
        })
    }

    /// The connection is reset instead of an answer.
    pub fn reset() -> Self {
        Self::broken(Breakage::Reset)
    }

    /// The connection ends within the body.
    pub fn truncate() -> Self {
        Self::broken(Breakage::Truncate)
    }

    /// The body breaks off, and is sent as if it were whole.
    pub fn bad_json() -> Self {
        Self::broken(Breakage::BadJson)
    }

    /// The answer also comes later.
    #[must_use]
    pub fn after(mut self, latency: Duration) -> Self {
        self.behavior.latency = latency;
        self
    }

    /// The answer also says, in `Retry-After`, to wait for so many seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.behavior.retry_after = Some(seconds);
        self
    }

    /// It strikes only the operation of this id.
    #[must_use]
    pub fn operation(mut self, id: impl Into<String>) -> Self {
        self.operation = Some(id.into());
        self
    }

    /// It strikes so often and is over then.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.remaining = Some(times);
        self
    }

    /// It strikes once.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// The operation that it is meant for; `None` for all.
    pub(crate) fn target(&self) -> Option<&str> {
        self.operation.as_deref()
    }
}

/// The faults that are to strike, the earliest first.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(crate) fn add(&self, fault: Fault) {
        self.lock().push(fault);
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// The fault that strikes a request: the one it asks for, else the first that is meant for its
    /// operation.
    ///
    /// # Errors
    /// A problem (400) if what the request asks for is not understood.
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
        // A list of faults is whole whatever panicked beside it.
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
                "No such fault",
                format!(
                    "`{part}` in {FAULT_HEADER} is not understood; write latency=MS, status=CODE, \
                     retry-after=SECONDS, reset, truncate or bad-json, with semicolons between"
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
    /// Takes on one part of what a request asks for; `None` for one that is not understood.
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

    /// The answer that the fault gives by itself, if it gives one.
    pub(crate) fn reply(&self) -> Option<Reply> {
        let status = self.status?;
        let title = status.canonical_reason().unwrap_or("Failure");
        Some(Problem::new(status, title, "This failure was asked for").into())
    }

    /// The answer with the wait that the fault tells of.
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
        faults.next_for(operation, &request).expect("is understood")
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
            let problem = rejected.expect_err("is refused");
            assert!(
                problem.detail.contains(&format!("`{invalid}`")),
                "{}",
                problem.detail
            );
            assert!(problem.detail.contains("bad-json"));
        }
    }
}
