//! Decides whether a call is retried, and after which delay.
//!
//! A retry recovers lost requests and temporary failures. It is harmful if the first request took
//! effect, or if the server is overloaded. [`RetryPolicy::decide`] decides after each attempt. It
//! neither sends nor waits; the caller runs the loop.

use std::fmt;
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};

use crate::{RetryBudget, retry_after};

/// A retry policy: the limits on the attempts of one call.
///
/// | limit | default |
/// |---|---|
/// | [`attempts`](Self::attempts), with the first | 4 |
/// | [`total_time`](Self::total_time) | 60 s |
/// | [`base_delay`](Self::base_delay) | 250 ms |
/// | [`max_delay`](Self::max_delay) | 10 s |
/// | [`longest_retry_after`](Self::longest_retry_after) | 60 s |
///
/// The delay grows exponentially with *full jitter*: the n-th delay is uniformly distributed between
/// zero and `base_delay` · 2ⁿ⁻¹, at most `max_delay`, so that callers that failed together do not retry
/// together. If the server sends `Retry-After`, the delay is that value plus up to one `base_delay`,
/// for the same reason.
///
/// Whether an outcome is retried depends on what a second request could do (RFC 9110 section 9.2):
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

/// A finished attempt: the input of [`RetryPolicy::decide`].
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The number of attempts of the call, including this one; at least 1.
    pub made: u32,
    /// The time since the call started, including all attempts and delays.
    pub elapsed: Duration,
    /// The HTTP method of the request.
    pub method: &'a Method,
    /// Whether the operation is idempotent according to the API description, if it states that.
    /// `Some(true)` treats a `POST` like a `PUT`; `Some(false)` treats any method like a `POST`.
    pub idempotent: Option<bool>,
    /// Whether the request can be sent again: it has no body, or its body is not a stream
    /// ([`reqwest::Request::try_clone`] returns a copy).
    pub replayable: bool,
    /// The outcome of the attempt.
    pub outcome: Outcome<'a>,
}

/// The outcome of an attempt.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// The server responded, with any status.
    Response {
        /// The status of the response.
        status: StatusCode,
        /// The response headers, for `Retry-After`.
        headers: &'a HeaderMap,
        /// The time at which the response arrived. A date in `Retry-After` is compared with it.
        now: SystemTime,
    },
    /// There was no response.
    Failure(FailureKind),
}

/// Why there was no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// No connection was made (no address, refused, timed out), so the server received no request.
    Connect,
    /// The server reported over HTTP/2 that it did not process the request (RFC 9113 section 8.7).
    Refused,
    /// The response did not arrive in time. The server may have processed the request.
    Timeout,
    /// The connection was lost. The server may have processed the request.
    Reset,
    /// A permanent failure: a certificate, a URL, a redirect loop.
    Other,
}

/// What to do after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "the token for a retry has been taken from the budget"]
pub enum Decision {
    /// Send the request again.
    Retry {
        /// The delay before the request is sent again.
        after: Duration,
    },
    /// Return the outcome to the caller.
    Stop(StopReason),
}

/// Why a call is not retried. `Display` writes a short phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StopReason {
    /// The attempt succeeded, or failed in a way that a retry does not fix.
    NotRetryable,
    /// A retry might help, but the first request may have taken effect, and the operation is not
    /// idempotent.
    NotSafeToRepeat,
    /// The request body is a stream, which cannot be sent again.
    BodyNotReplayable,
    /// The call has used all [`RetryPolicy::attempts`].
    AttemptsUsedUp,
    /// [`RetryPolicy::total_time`] has passed, or would pass before the next attempt.
    TimeUsedUp,
    /// The [`RetryBudget`] is empty: too many calls of this client fail.
    BudgetUsedUp,
    /// The server asks for a longer delay than [`RetryPolicy::longest_retry_after`].
    RetryAfterTooLong,
}

impl RetryPolicy {
    /// Returns a policy without retries.
    pub fn never() -> Self {
        Self::default().attempts(1)
    }

    /// Sets the maximum number of attempts. The first one is always made, so 0 counts as 1.
    #[must_use]
    pub fn attempts(self, attempts: u32) -> Self {
        Self {
            attempts: attempts.max(1),
            ..self
        }
    }

    /// Sets the time after the start of the call at which no further attempt is made. It does not end a
    /// running attempt; that is the purpose of the timeouts of the HTTP client.
    #[must_use]
    pub fn total_time(self, total_time: Duration) -> Self {
        Self { total_time, ..self }
    }

    /// Sets the maximum delay before the first retry. It doubles with each further retry.
    #[must_use]
    pub fn base_delay(self, base_delay: Duration) -> Self {
        Self { base_delay, ..self }
    }

    /// Sets the maximum delay before any retry, unless the server asks for more.
    #[must_use]
    pub fn max_delay(self, max_delay: Duration) -> Self {
        Self { max_delay, ..self }
    }

    /// Sets the longest `Retry-After` that is followed. A longer one ends the call, because the server
    /// asks not to be called earlier.
    #[must_use]
    pub fn longest_retry_after(self, longest_retry_after: Duration) -> Self {
        Self {
            longest_retry_after,
            ..self
        }
    }

    /// Returns the policy with a total time of at most `limit`.
    pub(crate) fn within(self, limit: Duration) -> Self {
        self.total_time(self.total_time.min(limit))
    }

    /// Decides what to do after `attempt`.
    ///
    /// A retry takes a token from `budget`; stopping takes none. The caller makes the deposit for the
    /// first attempt.
    pub fn decide(&self, attempt: &Attempt<'_>, budget: &RetryBudget) -> Decision {
        self.decide_with(attempt, budget, fastrand::f64())
    }

    /// `fraction` is the position of the delay in its range, from 0 to 1.
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
        // Checked last, so that a token is taken only if nothing else prevents the retry.
        if !budget.withdraw() {
            return Err(StopReason::BudgetUsedUp);
        }
        Ok(after)
    }

    /// Returns the upper end of the range of the delay after `made` attempts.
    fn longest_wait(&self, made: u32) -> Duration {
        // The shortest duration, doubled this often, exceeds the longest duration.
        const ENOUGH_DOUBLINGS: u32 = 94;
        let doublings = made.saturating_sub(1).min(ENOUGH_DOUBLINGS);
        (0..doublings)
            .fold(self.base_delay, |delay, _| delay.saturating_mul(2))
            .min(self.max_delay)
    }
}

/// Returns whether a retry could help and is safe, regardless of the limits of a policy, and the delay
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
    /// Returns true if a retry is possible within the limits of a policy: the failure is temporary, and
    /// a second request is safe.
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

/// The guarantee of an operation about retries. Each includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Promise {
    Nothing,
    /// Idempotent: a second request has no further effect (RFC 9110 section 9.2.2).
    Idempotent,
    /// Safe: no request has an effect (RFC 9110 section 9.2.1).
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

    /// Returns the guarantee that a retry requires, or `None` if a retry could not help.
    fn needed_after(outcome: Outcome<'_>, asked: Option<Duration>) -> Option<Self> {
        let status = match outcome {
            // The server has not received or not processed the request.
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
            // The server rejected the request. A 503 counts as a rejection only with `Retry-After`,
            // because gateways also respond with 503 for requests that were lost behind them.
            StatusCode::TOO_MANY_REQUESTS => Some(Self::Nothing),
            StatusCode::SERVICE_UNAVAILABLE if asked.is_some() => Some(Self::Nothing),
            StatusCode::REQUEST_TIMEOUT
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Some(Self::Idempotent),
            // The server failed while it processed the request and may fail again, so only safe
            // operations are retried.
            StatusCode::INTERNAL_SERVER_ERROR => Some(Self::Safe),
            _ => None,
        }
    }
}

/// Returns the point at `fraction` between zero and `longest`.
fn jitter(longest: Duration, fraction: f64) -> Duration {
    // Rounding may exceed `longest`, and even the longest duration.
    Duration::try_from_secs_f64(longest.as_secs_f64() * fraction)
        .unwrap_or(longest)
        .min(longest)
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotRetryable => "a retry would not help",
            Self::NotSafeToRepeat => "it may have taken effect and is not safe to repeat",
            Self::BodyNotReplayable => "the request body cannot be sent again",
            Self::AttemptsUsedUp => "all attempts are used up",
            Self::TimeUsedUp => "the time for retries is used up",
            Self::BudgetUsedUp => "the retry budget of the client is used up",
            Self::RetryAfterTooLong => "the server asks for a longer delay than the policy allows",
        })
    }
}

#[cfg(test)]
mod tests;
