//! When a call is sent again, and how long to wait before.
//!
//! A repetition mends what got lost on the way; it harms where the first request took effect after
//! all, and where a server is already at its limit. [`RetryPolicy::decide`] weighs the two after
//! each attempt. It sends nothing and does not wait, so whoever runs the loop stays in charge of
//! both.

use std::fmt;
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};

use crate::{RetryBudget, retry_after};

/// The limits of repeating one call.
///
/// | limit | default |
/// |---|---|
/// | [`attempts`](Self::attempts), with the first | 4 |
/// | [`total_time`](Self::total_time) | 60 s |
/// | [`base_delay`](Self::base_delay) | 250 ms |
/// | [`max_delay`](Self::max_delay) | 10 s |
/// | [`longest_retry_after`](Self::longest_retry_after) | 60 s |
///
/// The wait grows exponentially with *full jitter*: the n-th one is uniform between zero and
/// `base_delay` · 2ⁿ⁻¹, at most `max_delay`, so that callers who failed together do not return
/// together. Where the server says `Retry-After`, the wait is that, and up to one `base_delay` more
/// for the same reason.
///
/// Which outcomes are worth a retry depends on what a repetition could do (RFC 9110 section 9.2):
///
/// | outcome | safe (`GET` `HEAD` `OPTIONS` `TRACE`) | idempotent (`PUT` `DELETE`) | any other |
/// |---|---|---|---|
/// | no connection, refused over HTTP/2, 429, 503 with `Retry-After` | retry | retry | retry |
/// | timeout, connection lost, 408, 502, 503, 504 | retry | retry | stop |
/// | 500 | retry | stop | stop |
/// | anything else | stop | stop | stop |
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use client_runtime::{Attempt, Decision, Outcome, RetryBudget, RetryPolicy, StopReason};
/// use reqwest::{Method, StatusCode, header::HeaderMap};
///
/// let policy = RetryPolicy::default().attempts(2).max_delay(Duration::from_secs(1));
/// let budget = RetryBudget::default();
/// let mut attempt = Attempt {
///     made: 1,
///     elapsed: Duration::from_millis(80),
///     method: &Method::GET,
///     idempotent: None,
///     replayable: true,
///     outcome: Outcome::Response {
///         status: StatusCode::BAD_GATEWAY,
///         headers: &HeaderMap::new(),
///         now: SystemTime::now(),
///     },
/// };
/// let Decision::Retry { after } = policy.decide(&attempt, &budget) else {
///     panic!("a GET is safe to repeat");
/// };
/// assert!(after <= Duration::from_millis(250));
///
/// attempt.made = 2;
/// let decision = policy.decide(&attempt, &budget);
/// assert_eq!(decision, Decision::Stop(StopReason::AttemptsUsedUp));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    total_time: Duration,
    base_delay: Duration,
    max_delay: Duration,
    longest_retry_after: Duration,
}

/// An attempt that has ended: what [`RetryPolicy::decide`] has to know of it and of its call.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// How many attempts the call has made, with this one; at least 1.
    pub made: u32,
    /// The time since the call began, all attempts and waits included.
    pub elapsed: Duration,
    /// The HTTP method of the request.
    pub method: &'a Method,
    /// The API description's own word on whether the operation is idempotent, where it has one.
    /// `Some(true)` makes a `POST` as good as a `PUT`; `Some(false)` makes any method a `POST`.
    pub idempotent: Option<bool>,
    /// Whether the request can be sent again: it has no body, or one that is not a stream
    /// ([`reqwest::Request::try_clone`] gives a copy).
    pub replayable: bool,
    /// How the attempt ended.
    pub outcome: Outcome<'a>,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// The server responded, with whatever status.
    Response {
        /// The status of the response.
        status: StatusCode,
        /// The headers of the response, for `Retry-After`.
        headers: &'a HeaderMap,
        /// The time at which the response came, against which a date in `Retry-After` is read.
        now: SystemTime,
    },
    /// There was no response.
    Failure(FailureKind),
}

/// Why there was no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// No connection came about (no address, refused, timed out), so the server saw no request.
    Connect,
    /// The server said over HTTP/2 that it did not process the request (RFC 9113 section 8.7).
    Refused,
    /// The response did not come in time; the server may have processed the request.
    Timeout,
    /// The connection was lost; the server may have processed the request.
    Reset,
    /// What stays as it is however often it is tried: a certificate, a URL, a redirect loop.
    Other,
}

/// What to do after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a retry has been paid for from the budget"]
pub enum Decision {
    /// Send the request again.
    Retry {
        /// How long to wait before.
        after: Duration,
    },
    /// Hand the outcome to the caller.
    Stop(StopReason),
}

/// Why a call is not, or no longer, repeated. `Display` writes it as a short phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StopReason {
    /// The attempt succeeded, or failed in a way that a repetition does not mend.
    NotRetryable,
    /// A repetition might help, but the first request may have taken effect, and the operation does
    /// not promise that a second one changes nothing.
    NotSafeToRepeat,
    /// The request body was a stream, and is gone.
    BodyNotReplayable,
    /// The call has made as many attempts as [`RetryPolicy::attempts`] allows.
    AttemptsUsedUp,
    /// [`RetryPolicy::total_time`] is over, or would be over before the next attempt.
    TimeUsedUp,
    /// The [`RetryBudget`] has no token left: too many calls of this client fail.
    BudgetUsedUp,
    /// The server asks for a longer wait than [`RetryPolicy::longest_retry_after`].
    RetryAfterTooLong,
}

impl RetryPolicy {
    /// The policy of a single attempt.
    pub fn never() -> Self {
        Self::default().attempts(1)
    }

    /// Allows `attempts` attempts in all. The first one is always made, so 0 counts as 1.
    #[must_use]
    pub fn attempts(self, attempts: u32) -> Self {
        Self {
            attempts: attempts.max(1),
            ..self
        }
    }

    /// Makes no further attempt once this time since the beginning of the call is over. It does not
    /// end an attempt that is under way; that is for the timeouts of the HTTP client.
    #[must_use]
    pub fn total_time(self, total_time: Duration) -> Self {
        Self { total_time, ..self }
    }

    /// Waits up to this long before the first retry, and twice as long before each further one.
    #[must_use]
    pub fn base_delay(self, base_delay: Duration) -> Self {
        Self { base_delay, ..self }
    }

    /// Waits no longer than this before any retry, unless the server asks for more.
    #[must_use]
    pub fn max_delay(self, max_delay: Duration) -> Self {
        Self { max_delay, ..self }
    }

    /// Follows a `Retry-After` up to this long. A longer one ends the call, since an earlier return
    /// is what the server asks not to see.
    #[must_use]
    pub fn longest_retry_after(self, longest_retry_after: Duration) -> Self {
        Self {
            longest_retry_after,
            ..self
        }
    }

    /// The policy, its total time no longer than `limit`.
    pub(crate) fn within(self, limit: Duration) -> Self {
        self.total_time(self.total_time.min(limit))
    }

    /// What to do after `attempt`.
    ///
    /// A retry is paid for from `budget` here, and a decision to stop costs nothing. The deposit of
    /// the call is for whoever makes the first attempt.
    pub fn decide(&self, attempt: &Attempt<'_>, budget: &RetryBudget) -> Decision {
        self.decide_with(attempt, budget, fastrand::f64())
    }

    /// `fraction` is where in its range the wait lies, from 0 to 1.
    fn decide_with(&self, attempt: &Attempt<'_>, budget: &RetryBudget, fraction: f64) -> Decision {
        match self.wait_before_retry(attempt, budget, fraction) {
            Ok(after) => Decision::Retry { after },
            Err(reason) => Decision::Stop(reason),
        }
    }

    fn wait_before_retry(
        &self,
        attempt: &Attempt<'_>,
        budget: &RetryBudget,
        fraction: f64,
    ) -> Result<Duration, StopReason> {
        let asked = worth_repeating(attempt)?;
        if !attempt.replayable {
            return Err(StopReason::BodyNotReplayable);
        }
        if attempt.made >= self.attempts {
            return Err(StopReason::AttemptsUsedUp);
        }
        let after = match asked {
            None => jitter(self.longest_wait(attempt.made), fraction),
            Some(asked) if asked > self.longest_retry_after => {
                return Err(StopReason::RetryAfterTooLong);
            }
            Some(asked) => asked.saturating_add(jitter(self.longest_wait(1), fraction)),
        };
        if attempt.elapsed.saturating_add(after) >= self.total_time {
            return Err(StopReason::TimeUsedUp);
        }
        // Last, so that a token is only taken for a retry that nothing else prevents.
        if !budget.withdraw() {
            return Err(StopReason::BudgetUsedUp);
        }
        Ok(after)
    }

    /// The upper end of the wait after `made` attempts.
    fn longest_wait(&self, made: u32) -> Duration {
        // The shortest duration there is, doubled so often, is beyond the longest there is.
        const ENOUGH_DOUBLINGS: u32 = 94;
        let doublings = made.saturating_sub(1).min(ENOUGH_DOUBLINGS);
        (0..doublings)
            .fold(self.base_delay, |delay, _| delay.saturating_mul(2))
            .min(self.max_delay)
    }
}

/// Whether a repetition could help and would do no harm, whatever the limits of a policy; and the wait
/// that the server asks for.
fn worth_repeating(attempt: &Attempt<'_>) -> Result<Option<Duration>, StopReason> {
    let asked = attempt.outcome.retry_after();
    let needed = Promise::needed_after(attempt.outcome, asked).ok_or(StopReason::NotRetryable)?;
    match Promise::of(attempt) < needed {
        true => Err(StopReason::NotSafeToRepeat),
        false => Ok(asked),
    }
}

impl Attempt<'_> {
    /// Whether the call may be made again, once the limits of a policy allow it: the failure passes, and
    /// a repetition does no harm.
    pub(crate) fn is_retryable(&self) -> bool {
        worth_repeating(self).is_ok()
    }
}

/// The limits in the table of [`RetryPolicy`].
impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            total_time: Duration::from_secs(60),
            base_delay: Duration::from_millis(250),
            max_delay: Duration::from_secs(10),
            longest_retry_after: Duration::from_secs(60),
        }
    }
}

impl Outcome<'_> {
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Response { headers, now, .. } => retry_after(headers, *now),
            Self::Failure(_) => None,
        }
    }
}

/// What an operation promises about being repeated. Each promise includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Promise {
    Nothing,
    /// A second request changes nothing that the first has not (RFC 9110 section 9.2.2).
    Idempotent,
    /// No request changes anything (RFC 9110 section 9.2.1).
    Safe,
}

impl Promise {
    fn of(attempt: &Attempt<'_>) -> Self {
        match attempt.idempotent {
            Some(false) => Self::Nothing,
            _ if attempt.method.is_safe() => Self::Safe,
            Some(true) => Self::Idempotent,
            None if attempt.method.is_idempotent() => Self::Idempotent,
            None => Self::Nothing,
        }
    }

    /// The promise without which a retry could do harm, or `None` where a retry could not help.
    fn needed_after(outcome: Outcome<'_>, asked: Option<Duration>) -> Option<Self> {
        let status = match outcome {
            // The server has not seen the request, or has left it alone.
            Outcome::Failure(FailureKind::Connect | FailureKind::Refused) => {
                return Some(Self::Nothing);
            }
            // The server may have processed it.
            Outcome::Failure(FailureKind::Timeout | FailureKind::Reset) => {
                return Some(Self::Idempotent);
            }
            Outcome::Failure(FailureKind::Other) => return None,
            Outcome::Response { status, .. } => status,
        };
        match status {
            // The server turned the request away. A 503 is taken for that only where it says when
            // to return, since gateways respond with 503 for requests that got lost behind them, too.
            StatusCode::TOO_MANY_REQUESTS => Some(Self::Nothing),
            StatusCode::SERVICE_UNAVAILABLE if asked.is_some() => Some(Self::Nothing),
            StatusCode::REQUEST_TIMEOUT
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Some(Self::Idempotent),
            // The server broke while it processed the request, and may do so at the same place
            // again: only what leaves no trace is worth the try.
            StatusCode::INTERNAL_SERVER_ERROR => Some(Self::Safe),
            _ => None,
        }
    }
}

/// The point at `fraction` of the way from zero to `longest`.
fn jitter(longest: Duration, fraction: f64) -> Duration {
    // Rounding may end above `longest`, even above the longest duration there is.
    Duration::try_from_secs_f64(longest.as_secs_f64() * fraction)
        .unwrap_or(longest)
        .min(longest)
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotRetryable => "sending it again would not help",
            Self::NotSafeToRepeat => "it may have taken effect and is not safe to repeat",
            Self::BodyNotReplayable => "the request body cannot be sent again",
            Self::AttemptsUsedUp => "all attempts are used up",
            Self::TimeUsedUp => "the time for retries is used up",
            Self::BudgetUsedUp => "too many calls of this client are failing to retry more",
            Self::RetryAfterTooLong => "the server asks for a longer wait than the policy allows",
        })
    }
}

#[cfg(test)]
mod tests;
