//! Tests of retry policies: the table of rules first, then properties of the limits.

use super::*;
use Outcome::{Failure, Response};
use Seen::{Failed, Responded};
use proptest::prelude::*;
use proptest::sample::select;

const NOW: SystemTime = SystemTime::UNIX_EPOCH;

/// An owned outcome: a failure, or a status and its `Retry-After`.
#[derive(Debug, Clone, Copy)]
enum Seen {
    Failed(FailureKind),
    Responded(u16, Option<&'static str>),
}

/// A call with its last attempt.
#[derive(Debug, Clone)]
struct Call {
    made: u32,
    elapsed: Duration,
    method: Method,
    idempotent: Option<bool>,
    replayable: bool,
    seen: Seen,
}

impl Call {
    fn first(method: Method, idempotent: Option<bool>, seen: Seen) -> Self {
        Self {
            made: 1,
            elapsed: Duration::ZERO,
            method,
            idempotent,
            replayable: true,
            seen,
        }
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Responded(_, Some(value)) = self.seen {
            let value = value.parse().expect("is a header value");
            headers.insert(reqwest::header::RETRY_AFTER, value);
        }
        headers
    }

    fn asked(&self) -> Option<Duration> {
        retry_after(&self.headers(), NOW)
    }

    fn decide(&self, policy: RetryPolicy, budget: &RetryBudget, fraction: f64) -> Decision {
        self.with_attempt(|attempt| policy.decide_with(attempt, budget, fraction))
    }

    fn with_attempt<T>(&self, look: impl FnOnce(&Attempt<'_>) -> T) -> T {
        let headers = self.headers();
        let attempt = Attempt {
            made: self.made,
            elapsed: self.elapsed,
            method: &self.method,
            idempotent: self.idempotent,
            replayable: self.replayable,
            outcome: match self.seen {
                Failed(kind) => Failure(kind),
                Responded(status, _) => Response {
                    status: StatusCode::from_u16(status).expect("is a status"),
                    headers: &headers,
                    now: NOW,
                },
            },
        };
        look(&attempt)
    }
}

const SAFE: &[&str] = &["GET", "HEAD", "OPTIONS", "TRACE"];
const IDEMPOTENT: &[&str] = &["PUT", "DELETE"];
const OTHER: &[&str] = &["POST", "PATCH", "CONNECT", "PURGE", "get"];

/// The statuses after which some operation is retried.
const RETRYABLE: &[u16] = &[408, 429, 500, 502, 503, 504];

/// `R` is a retry, `x` a stop because a retry is not safe, `.` a stop because a retry would not help.
#[rustfmt::skip]
const MATRIX: &[(Seen, &str)] = {
    use FailureKind::{Connect, Other, Refused, Reset, Timeout};
    const LATER: Option<&str> = Some("1");
    &[
        // the API description states: nothing             idempotent          not idempotent
        // method:                     safe  idem. other   safe  idem. other   safe  idem. other
        (Failed(Connect),             "R     R     R       R     R     R       R     R     R"),
        (Failed(Refused),             "R     R     R       R     R     R       R     R     R"),
        (Responded(429, None),         "R     R     R       R     R     R       R     R     R"),
        (Responded(429, LATER),        "R     R     R       R     R     R       R     R     R"),
        (Responded(503, LATER),        "R     R     R       R     R     R       R     R     R"),

        (Failed(Timeout),             "R     R     x       R     R     R       x     x     x"),
        (Failed(Reset),               "R     R     x       R     R     R       x     x     x"),
        (Responded(408, None),         "R     R     x       R     R     R       x     x     x"),
        (Responded(408, LATER),        "R     R     x       R     R     R       x     x     x"),
        (Responded(502, None),         "R     R     x       R     R     R       x     x     x"),
        (Responded(502, LATER),        "R     R     x       R     R     R       x     x     x"),
        (Responded(503, None),         "R     R     x       R     R     R       x     x     x"),
        (Responded(503, Some("soon")), "R     R     x       R     R     R       x     x     x"),
        (Responded(504, None),         "R     R     x       R     R     R       x     x     x"),
        (Responded(504, LATER),        "R     R     x       R     R     R       x     x     x"),

        (Responded(500, None),         "R     x     x       R     x     x       x     x     x"),
        (Responded(500, LATER),        "R     x     x       R     x     x       x     x     x"),

        (Failed(Other),               ".     .     .       .     .     .       .     .     ."),
        (Responded(200, None),         ".     .     .       .     .     .       .     .     ."),
        (Responded(202, LATER),        ".     .     .       .     .     .       .     .     ."),
        (Responded(301, LATER),        ".     .     .       .     .     .       .     .     ."),
        (Responded(400, None),         ".     .     .       .     .     .       .     .     ."),
        (Responded(401, None),         ".     .     .       .     .     .       .     .     ."),
        (Responded(404, LATER),        ".     .     .       .     .     .       .     .     ."),
        (Responded(409, None),         ".     .     .       .     .     .       .     .     ."),
        (Responded(501, None),         ".     .     .       .     .     .       .     .     ."),
        (Responded(505, None),         ".     .     .       .     .     .       .     .     ."),
    ]
};

#[test]
fn the_table_of_outcomes_methods_and_descriptions_is_met() {
    let columns: Vec<_> = [None, Some(true), Some(false)]
        .into_iter()
        .flat_map(|idempotent| [SAFE, IDEMPOTENT, OTHER].map(|methods| (idempotent, methods)))
        .collect();
    for (seen, row) in MATRIX {
        let cells: Vec<_> = row.split_whitespace().collect();
        assert_eq!(cells.len(), columns.len(), "{seen:?}");
        for (cell, (idempotent, methods)) in cells.into_iter().zip(&columns) {
            for method in *methods {
                let method = method.parse().expect("is a method");
                let call = Call::first(method, *idempotent, *seen);
                let decision = call.decide(RetryPolicy::default(), &RetryBudget::default(), 0.5);
                let verdict = match decision {
                    Decision::Retry { .. } => "R",
                    Decision::Stop(StopReason::NotSafeToRepeat) => "x",
                    Decision::Stop(StopReason::NotRetryable) => ".",
                    Decision::Stop(other) => panic!("{call:?}: {other}"),
                };
                assert_eq!(verdict, cell, "{call:?}");
            }
        }
    }
}

#[test]
fn an_outcome_is_retryable_if_and_only_if_the_policy_retries() {
    let methods = SAFE.iter().chain(IDEMPOTENT).chain(OTHER);
    for (method, (seen, _)) in
        methods.flat_map(|method| MATRIX.iter().map(move |row| (method, row)))
    {
        for idempotent in [None, Some(true), Some(false)] {
            let method = method.parse().expect("is a method");
            let call = Call::first(method, idempotent, *seen);
            let decision = call.decide(RetryPolicy::default(), &RetryBudget::default(), 0.5);
            let is_retried = matches!(decision, Decision::Retry { .. });
            call.with_attempt(|attempt| assert_eq!(attempt.is_retryable(), is_retried, "{call:?}"));
            // The limits of a policy do not change the outcome.
            let last = Call {
                made: 4,
                replayable: false,
                ..call
            };
            last.with_attempt(|attempt| assert_eq!(attempt.is_retryable(), is_retried, "{last:?}"));
        }
    }
}

#[test]
fn every_status_outside_the_matrix_is_final() {
    for status in (100..1000).filter(|status| !RETRYABLE.contains(status)) {
        let call = Call::first(Method::GET, Some(true), Responded(status, Some("1")));
        assert_eq!(
            call.decide(RetryPolicy::default(), &RetryBudget::default(), 0.5),
            Decision::Stop(StopReason::NotRetryable),
            "{status}"
        );
    }
}

const RETRY_AFTERS: &[Option<&str>] = &[
    None,
    Some("0"),
    Some("30"),
    Some("60"),
    Some("18446744073709551615"),
    Some("18446744073709551616"),
    Some("soon"),
    Some("Thu, 01 Jan 1970 00:00:05 GMT"),
    Some("Fri, 31 Dec 9999 23:59:59 GMT"),
];

/// Mostly short and ordinary durations, and some of any length.
fn durations() -> impl Strategy<Value = Duration> {
    prop_oneof![
        1 => Just(Duration::ZERO),
        6 => (0_u64..3000).prop_map(Duration::from_millis),
        6 => (0_u64..90_000).prop_map(Duration::from_millis),
        1 => (0_u64..1000).prop_map(Duration::from_nanos),
        1 => any::<Duration>(),
    ]
}

fn policies() -> impl Strategy<Value = RetryPolicy> {
    let attempts = prop_oneof![4 => 0_u32..12, 1 => any::<u32>()];
    let limits = (durations(), durations(), durations(), durations());
    (attempts, limits).prop_map(|(attempts, (total, base, max, retry_after))| {
        RetryPolicy::default()
            .attempts(attempts)
            .total_time(total)
            .base_delay(base)
            .max_delay(max)
            .longest_retry_after(retry_after)
    })
}

fn calls() -> impl Strategy<Value = Call> {
    let methods = select([SAFE, IDEMPOTENT, OTHER].concat());
    let statuses = prop_oneof![3 => select(RETRYABLE), 1 => 100_u16..1000];
    let seen = prop_oneof![
        3 => select(MATRIX).prop_map(|(seen, _)| seen),
        4 => (statuses, select(RETRY_AFTERS)).prop_map(|(status, value)| Responded(status, value)),
    ];
    let made = prop_oneof![4 => 1_u32..6, 1 => 1..=u32::MAX];
    let idempotent = prop::option::weighted(0.5, any::<bool>());
    let replayable = prop::bool::weighted(0.9);
    (made, durations(), methods, idempotent, replayable, seen).prop_map(
        |(made, elapsed, method, idempotent, replayable, seen)| Call {
            made,
            elapsed,
            method: method.parse().expect("is a method"),
            idempotent,
            replayable,
            seen,
        },
    )
}

/// `base` · 2ⁿ⁻¹, at most `max`, in nanoseconds and without a loop.
fn longest_wait_in_nanoseconds(policy: &RetryPolicy, made: u32) -> u128 {
    let factor = 2_u128.checked_pow(made - 1).unwrap_or(u128::MAX);
    let wait = policy.base_delay.as_nanos().saturating_mul(factor);
    wait.min(policy.max_delay.as_nanos())
}

proptest! {
    // A random call rarely meets all conditions of a retry, so more than 256 cases are needed.
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn a_delay_is_within_its_bounds_for_any_attempt_and_settings(
        policy in policies(),
        made in 1..=u32::MAX,
        early in 1_u32..100,
        fraction in 0.0..=1.0,
    ) {
        for made in [made, early] {
            let longest = policy.longest_wait(made);
            prop_assert_eq!(longest.as_nanos(), longest_wait_in_nanoseconds(&policy, made));
            prop_assert!(jitter(longest, fraction) <= longest);
            prop_assert_eq!(jitter(longest, 0.0), Duration::ZERO);
        }
    }

    #[test]
    fn a_delay_is_proportional_to_its_fraction(
        longest in (0_u64..1 << 40).prop_map(Duration::from_micros),
        thousandths in 0_u32..=1000,
    ) {
        let wait = jitter(longest, f64::from(thousandths) / 1000.0);
        let expected = longest * thousandths / 1000;
        prop_assert!(wait.abs_diff(expected) <= Duration::from_micros(1));
    }

    #[test]
    fn a_retry_keeps_every_limit(
        policy in policies(),
        call in calls(),
        fraction in 0.0..1.0,
    ) {
        let budget = RetryBudget::new(1, u16::MAX);
        let Decision::Retry { after } = call.decide(policy, &budget, fraction) else {
            prop_assert!(budget.withdraw(), "a stop costs nothing");
            return Ok(());
        };
        prop_assert!(!budget.withdraw(), "a retry is paid for");
        prop_assert!(call.replayable);
        prop_assert!(call.made < policy.attempts);
        prop_assert!(call.elapsed + after < policy.total_time);
        match call.asked() {
            Some(asked) => {
                prop_assert!(asked <= policy.longest_retry_after);
                prop_assert!(after >= asked);
                prop_assert!(after - asked <= policy.base_delay);
            }
            None => {
                let longest = longest_wait_in_nanoseconds(&policy, call.made);
                prop_assert!(after.as_nanos() <= longest);
            }
        }
        prop_assert!(matches!(
            call.decide(policy, &budget, fraction),
            Decision::Stop(StopReason::BudgetUsedUp)
        ));
    }

    #[test]
    fn a_request_that_may_have_been_processed_is_retried_only_if_idempotent(
        mut call in calls(),
        (method, idempotent) in prop_oneof![
            (select(OTHER), Just(None)),
            (select([SAFE, IDEMPOTENT, OTHER].concat()), Just(Some(false))),
        ],
    ) {
        call.method = method.parse().expect("is a method");
        call.idempotent = idempotent;
        call.made = 1;
        let policy = RetryPolicy::default();
        if let Decision::Retry { .. } = call.decide(policy, &RetryBudget::unlimited(), 0.0) {
            let turned_away = match call.seen {
                Failed(kind) => matches!(kind, FailureKind::Connect | FailureKind::Refused),
                Responded(status, _) => {
                    status == 429 || (status == 503 && call.asked().is_some())
                }
            };
            prop_assert!(turned_away);
        }
    }
}

fn get(seen: Seen) -> Call {
    Call::first(Method::GET, None, seen)
}

fn decide(policy: RetryPolicy, call: &Call) -> Decision {
    call.decide(policy, &RetryBudget::unlimited(), 0.5)
}

#[test]
fn the_defaults_are_the_documented_ones() {
    let policy = RetryPolicy::default();
    assert_eq!(policy.attempts, 4);
    assert_eq!(policy.total_time, Duration::from_secs(60));
    assert_eq!(policy.base_delay, Duration::from_millis(250));
    assert_eq!(policy.max_delay, Duration::from_secs(10));
    assert_eq!(policy.longest_retry_after, Duration::from_secs(60));
    let longest = [1, 2, 3, 6, 7, u32::MAX].map(|made| policy.longest_wait(made).as_millis());
    assert_eq!(longest, [250, 500, 1000, 8000, 10_000, 10_000]);
}

#[test]
fn the_shortest_base_doubles_up_to_the_longest_duration() {
    let policy = RetryPolicy::default()
        .base_delay(Duration::from_nanos(1))
        .max_delay(Duration::MAX);
    assert_eq!(policy.longest_wait(94).as_nanos(), 1 << 93);
    assert_eq!(policy.longest_wait(95), Duration::MAX);
    assert_eq!(policy.longest_wait(u32::MAX), Duration::MAX);
}

#[test]
fn a_reason_is_a_phrase() {
    assert_eq!(
        StopReason::BodyNotReplayable.to_string(),
        "the request body cannot be sent again"
    );
}

#[test]
fn a_policy_of_never_or_of_no_attempts_makes_one() {
    for policy in [RetryPolicy::never(), RetryPolicy::default().attempts(0)] {
        assert_eq!(policy.attempts, 1);
        assert_eq!(
            decide(policy, &get(Failed(FailureKind::Connect))),
            Decision::Stop(StopReason::AttemptsUsedUp)
        );
    }
}

#[test]
fn the_last_attempt_is_the_one_the_policy_counts() {
    let mut call = get(Responded(503, None));
    call.made = 3;
    let decision = decide(RetryPolicy::default(), &call);
    assert!(matches!(decision, Decision::Retry { .. }));
    call.made = 4;
    assert_eq!(
        decide(RetryPolicy::default(), &call),
        Decision::Stop(StopReason::AttemptsUsedUp)
    );
}

#[test]
fn a_stream_is_not_sent_again_even_where_no_connection_came_about() {
    let mut call = Call::first(Method::PUT, None, Failed(FailureKind::Connect));
    call.replayable = false;
    assert_eq!(
        decide(RetryPolicy::default(), &call),
        Decision::Stop(StopReason::BodyNotReplayable)
    );
}

#[test]
fn a_delay_that_would_exceed_the_total_time_is_not_started() {
    let policy = RetryPolicy::default().total_time(Duration::from_secs(10));
    let mut call = get(Responded(503, Some("2")));
    call.elapsed = Duration::from_millis(7874);
    let after = Duration::from_millis(2125);
    assert_eq!(decide(policy, &call), Decision::Retry { after });
    call.elapsed = Duration::from_millis(7875);
    assert_eq!(
        decide(policy, &call),
        Decision::Stop(StopReason::TimeUsedUp)
    );
    assert_eq!(
        decide(
            policy.total_time(Duration::ZERO),
            &get(Responded(502, None))
        ),
        Decision::Stop(StopReason::TimeUsedUp)
    );
}

#[test]
fn retry_after_is_followed_up_to_the_longest_and_not_beyond() {
    let policy = RetryPolicy::default().total_time(Duration::from_secs(3600));
    let after = Duration::from_millis(60_125);
    assert_eq!(
        decide(policy, &get(Responded(429, Some("60")))),
        Decision::Retry { after }
    );
    assert_eq!(
        decide(policy, &get(Responded(429, Some("61")))),
        Decision::Stop(StopReason::RetryAfterTooLong)
    );
}

#[test]
fn an_empty_budget_prevents_a_retry() {
    let call = get(Responded(502, None));
    assert_eq!(
        call.decide(RetryPolicy::default(), &RetryBudget::new(0, 10), 0.5),
        Decision::Stop(StopReason::BudgetUsedUp)
    );
}
