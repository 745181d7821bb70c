//! Waiting for long-running work by polling its state.
//!
//! A call that starts work has a method `wait` if the API description specifies how to read the state of
//! the work. The method sends the call, and then reads the state until the work is done:
//!
//! 1. The first poll is sent one second after the response. The interval doubles after each poll, up to
//!    ten seconds. [`every`](Wait::every) and [`backoff`](Wait::backoff) set other intervals.
//! 2. A temporary error of a poll ([`Error::is_retryable`]) is ignored. A 404 before the first success
//!    is also ignored, because a new resource may not be readable yet.
//! 3. A documented state of failure ends the wait with [`ErrorKind::Operation`], and a
//!    [`timeout`](Wait::timeout) with [`ErrorKind::Timeout`]. Without a timeout, the wait may never
//!    end.
//!
//! A call that reads the state also has the method, for work that was started before. It polls
//! immediately.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::time::Duration;

use futures_util::stream;
use serde_json::Value;
use tokio::time::Instant;

use crate::call::{Call, Sending};
use crate::operation::{Operation, Work};
use crate::paging::Paged;
use crate::{Error, ErrorKind, RawResponse, Response};

/// The time from the response to the first poll.
const FIRST_INTERVAL: Duration = Duration::from_secs(1);
/// The longest time between two polls.
const LONGEST_INTERVAL: Duration = Duration::from_secs(10);

/// Decodes a response; `None` if the resource no longer exists.
type Decode<T> = Box<dyn Fn(Option<RawResponse>) -> Result<T, Error> + Send + Sync>;

/// The wait for long-running work. `.await` sends the call and returns the resource in its final state,
/// or `None` if the resource was deleted. [`progress`](Self::progress) returns the result of each poll.
///
/// Dropping either stops the polling, but not the work.
#[must_use = "nothing is sent before a wait is awaited"]
pub struct Wait<'a, T> {
    call: Call<'a>,
    work: Work,
    reader: &'static Operation,
    decode: Decode<T>,
    interval: Duration,
    longest: Duration,
    timeout: Option<Duration>,
}

/// Returns the wait for the work that a call starts, or whose state it reads if the call is one of `reader`.
/// Generated code calls this function.
#[doc(hidden)]
pub fn until_done<'a, V: 'static>(
    call: Call<'a>,
    reader: &'static Operation,
    decode: fn(RawResponse) -> Result<Response<V>, Error>,
) -> Wait<'a, V> {
    Wait::new(call, reader, move |raw| match raw {
        Some(raw) => decode(raw).map(Response::into_inner),
        None => Err(Error::of_no_call(
            ErrorKind::Operation,
            "the resource no longer exists",
        )),
    })
}

/// Like [`until_done`], for work that may be done when the resource no longer exists.
#[doc(hidden)]
pub fn until_gone<'a, V: 'static>(
    call: Call<'a>,
    reader: &'static Operation,
    decode: fn(RawResponse) -> Result<Response<V>, Error>,
) -> Wait<'a, Option<V>> {
    Wait::new(call, reader, move |raw| {
        raw.map(|raw| decode(raw).map(Response::into_inner))
            .transpose()
    })
}

impl<'a, T> Wait<'a, T> {
    fn new(
        call: Call<'a>,
        reader: &'static Operation,
        decode: impl Fn(Option<RawResponse>) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Self {
        Self {
            work: call.operation().work.unwrap_or(Work::UNKNOWN),
            call,
            reader,
            decode: Box::new(decode),
            interval: FIRST_INTERVAL,
            longest: LONGEST_INTERVAL,
            timeout: None,
        }
    }

    /// Polls at a fixed interval.
    pub fn every(self, interval: Duration) -> Self {
        Self {
            interval,
            longest: interval,
            ..self
        }
    }

    /// Doubles the interval after each poll, up to `longest`.
    pub fn backoff(self, longest: Duration) -> Self {
        Self { longest, ..self }
    }

    /// Sets the timeout of the wait, which starts when the wait is awaited. The wait then ends with
    /// [`ErrorKind::Timeout`], and the work continues.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self {
            timeout: Some(timeout),
            ..self
        }
    }
}

impl<'a, T: Send + 'a> Wait<'a, T> {
    /// Sends the call and returns the result of each poll, up to the final state. Failed work is an error
    /// and ends the stream.
    pub fn progress(self) -> Paged<'a, T> {
        progress(Progress::Begin(Box::new(self)))
    }

    /// Sends the call that starts the work, and returns the poller of its state.
    async fn begin(self) -> Result<Poller<'a, T>, Error> {
        let deadline = self.timeout.map(|timeout| Instant::now() + timeout);
        let is_reader = std::ptr::eq(self.call.operation(), self.reader);
        let (read, pause) = match is_reader {
            true => (self.call, Duration::ZERO),
            false => {
                let mut read = self.call.reading(self.reader);
                let started = self.call.send().await?;
                let response = started.peek();
                for (name, path) in self.work.parameters {
                    let value = response.as_ref().and_then(|response| at(response, path));
                    let value = value.filter(|value| value.is_string() || value.is_number());
                    let Some(value) = value else {
                        let message = format!(
                            "the response has no `{}`, which is needed to poll the work",
                            path.join(".")
                        );
                        return Err(Error::of_no_call(ErrorKind::Decode, message));
                    };
                    read.fill(name, value);
                }
                (read, self.interval)
            }
        };
        Ok(Poller {
            poll: Box::new(move || read.repeat().send()),
            work: self.work,
            decode: self.decode,
            pause,
            interval: self.interval,
            longest: self.longest,
            deadline,
            may_come: !is_reader && !self.work.gone,
        })
    }
}

fn progress<'a, T: Send + 'a>(from: Progress<'a, T>) -> Paged<'a, T> {
    Box::pin(stream::unfold(from, |progress| async move {
        let mut poller = match progress {
            Progress::Begin(wait) => match wait.begin().await {
                Ok(poller) => poller,
                Err(error) => return Some((Err(error), Progress::End)),
            },
            Progress::Poll(poller) => poller,
            Progress::End => return None,
        };
        Some(match poller.next().await {
            Ok((seen, true)) => (Ok(seen), Progress::End),
            Ok((seen, false)) => (Ok(seen), Progress::Poll(poller)),
            Err(error) => (Err(error), Progress::End),
        })
    }))
}

/// The stage of the stream of a wait.
enum Progress<'a, T> {
    Begin(Box<Wait<'a, T>>),
    Poll(Poller<'a, T>),
    End,
}

/// Polls the state of work.
struct Poller<'a, T> {
    poll: Box<dyn Fn() -> Sending<'a> + Send + 'a>,
    work: Work,
    decode: Decode<T>,
    /// The time before the next poll.
    pause: Duration,
    interval: Duration,
    longest: Duration,
    deadline: Option<Instant>,
    /// Whether the resource may not exist yet.
    may_come: bool,
}

impl<T> Poller<'_, T> {
    /// Returns the result of the next poll, and whether it is the final one.
    async fn next(&mut self) -> Result<(T, bool), Error> {
        loop {
            if self
                .deadline
                .is_some_and(|deadline| Instant::now() + self.pause > deadline)
            {
                let message = "the work has not finished in time";
                return Err(Error::of_no_call(ErrorKind::Timeout, message));
            }
            tokio::time::sleep(self.pause).await;
            self.pause = self.interval;
            self.interval = (self.interval * 2).min(self.longest);
            let raw = match (self.poll)().await {
                Ok(raw) => raw,
                Err(error) if error.is_not_found() && self.work.gone => {
                    return Ok(((self.decode)(None)?, true));
                }
                Err(error) if error.is_retryable() || error.is_not_found() && self.may_come => {
                    tracing::debug!(%error, "polling the work again after an error");
                    continue;
                }
                Err(error) => return Err(error),
            };
            self.may_come = false;
            let stage = self.work.stage(raw.peek().as_ref());
            let seen = (self.decode)(Some(raw))?;
            return match stage {
                Stage::Done => Ok((seen, true)),
                Stage::Pending => Ok((seen, false)),
                Stage::Failed(reason) => {
                    let message = format!("the work failed: {reason}");
                    Err(Error::of_no_call(ErrorKind::Operation, message))
                }
            };
        }
    }
}

/// The stage of the work.
#[derive(Debug, PartialEq, Eq)]
enum Stage {
    Pending,
    Done,
    Failed(String),
}

impl Work {
    /// Returns the stage of the work according to the result of a poll.
    fn stage(&self, read: Option<&Value>) -> Stage {
        if self.state.is_empty() {
            // It can be read.
            return if self.gone {
                Stage::Pending
            } else {
                Stage::Done
            };
        }
        let state = read.and_then(|read| at(read, self.state));
        let Some(state) = state.and_then(Value::as_str) else {
            return Stage::Pending;
        };
        if self.done.contains(&state) {
            return Stage::Done;
        }
        if !self.failed.contains(&state) {
            return Stage::Pending;
        }
        let reason = read.filter(|_| !self.reason.is_empty());
        let reason = match reason.and_then(|read| at(read, self.reason)) {
            Some(Value::String(reason)) => format!("{state}: {reason}"),
            Some(reason) => format!("{state}: {reason}"),
            None => state.to_owned(),
        };
        Stage::Failed(reason)
    }
}

/// Returns the value at a path of properties, if it is present and not null.
fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    let mut names = path.iter();
    let found = names.try_fold(value, |value, name| value.get(name));
    found.filter(|value| !value.is_null())
}

impl<'a, T: Send + 'a> IntoFuture for Wait<'a, T> {
    type Output = Result<T, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut poller = self.begin().await?;
            loop {
                if let (seen, true) = poller.next().await? {
                    return Ok(seen);
                }
            }
        })
    }
}

impl<T> fmt::Debug for Wait<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("operation", &self.call.operation().id)
            .field("interval", &self.interval)
            .field("longest", &self.longest)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call_info::CallInfo;
    use crate::raw_response::Body;
    use crate::response_head::Head;
    use futures_util::TryStreamExt as _;
    use reqwest::header::HeaderMap;
    use reqwest::{Method, StatusCode};
    use std::sync::atomic::{AtomicUsize, Ordering};

    const SECOND: Duration = Duration::from_secs(1);
    const WORK: Work = Work {
        state: &["status", "state"],
        done: &["DONE"],
        failed: &["FAILED"],
        reason: &["status", "message"],
        ..Work::UNKNOWN
    };
    const GONE: Work = Work { gone: true, ..WORK };
    const OPERATION: Operation = Operation {
        method: "GET",
        ..Operation::PLAIN
    };

    fn response(state: &str) -> RawResponse {
        let body = format!(r#"{{"status": {{"state": "{state}", "message": "no capacity"}}}}"#);
        let head = Head {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            call: CallInfo::new(&OPERATION, &Method::GET),
            operation: &OPERATION,
            documented: None,
            deviations: std::sync::Arc::default(),
            is_repeatable: true,
            max_bytes: usize::MAX,
        };
        RawResponse::new(head, Body::Read(body.into()))
    }

    fn not_found() -> Error {
        crate::error::Details {
            status: Some(StatusCode::NOT_FOUND),
            ..crate::error::Details::new(ErrorKind::Api, "gone")
        }
        .into()
    }

    /// A poller whose polls return these states in order: a temporary error for an empty string, and no
    /// resource for `404`. It decodes the state.
    fn poller<'a>(
        work: Work,
        states: &'a [&'static str],
        asked: &'a AtomicUsize,
    ) -> Poller<'a, Option<String>> {
        let poll = move || {
            let number = asked.fetch_add(1, Ordering::SeqCst);
            let state = states[number.min(states.len() - 1)];
            Sending::new(Ok(std::future::ready(match state {
                "" => Err(Error::of_no_call(ErrorKind::Transport, "broke")),
                "404" => Err(not_found()),
                state => Ok(response(state)),
            })))
        };
        Poller {
            poll: Box::new(poll),
            work,
            decode: Box::new(|raw| {
                let state = |raw: RawResponse| {
                    let read = raw.peek().expect("is JSON");
                    read["status"]["state"].as_str().map(str::to_owned)
                };
                Ok(raw.and_then(state))
            }),
            pause: SECOND,
            interval: SECOND,
            longest: SECOND,
            deadline: None,
            may_come: false,
        }
    }

    async fn seen(mut poller: Poller<'_, Option<String>>) -> Result<Vec<Option<String>>, Error> {
        let mut seen = Vec::new();
        loop {
            let (state, is_end) = poller.next().await?;
            seen.push(state);
            if is_end {
                return Ok(seen);
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_documented_state_ends_the_wait_and_a_passing_error_does_not() {
        let asked = AtomicUsize::new(0);
        let start = Instant::now();
        let states = ["RUNNING", "", "PAUSED", "DONE"];
        let seen = seen(poller(WORK, &states, &asked)).await.expect("finishes");
        assert_eq!(
            seen,
            ["RUNNING", "PAUSED", "DONE"].map(|it| Some(it.to_owned()))
        );
        assert_eq!(asked.load(Ordering::SeqCst), 4);
        assert_eq!(start.elapsed(), SECOND * 4);
    }

    #[tokio::test(start_paused = true)]
    async fn failed_work_is_an_error_with_the_state_and_the_reason() {
        let asked = AtomicUsize::new(0);
        let error = seen(poller(WORK, &["FAILED"], &asked))
            .await
            .expect_err("fails");
        assert_eq!(error.kind(), ErrorKind::Operation);
        assert!(error.to_string().contains("FAILED: no capacity"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_to_read_is_the_end_only_of_a_removal() {
        let asked = AtomicUsize::new(0);
        let states = ["RUNNING", "404"];
        let gone = seen(poller(GONE, &states, &asked)).await.expect("is gone");
        assert_eq!(gone, [Some("RUNNING".to_owned()), None]);
        let asked = AtomicUsize::new(0);
        let error = seen(poller(WORK, &states, &asked))
            .await
            .expect_err("is an error");
        assert!(error.is_not_found(), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_just_created_need_not_be_there_yet() {
        let asked = AtomicUsize::new(0);
        let states = ["404", "404", "RUNNING", "404"];
        let mut poller = poller(WORK, &states, &asked);
        poller.may_come = true;
        let (first, _) = poller.next().await.expect("comes");
        assert_eq!(first.as_deref(), Some("RUNNING"));
        let error = poller.next().await.expect_err("is gone again");
        assert!(error.is_not_found(), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_interval_doubles_up_to_the_longest() {
        let asked = AtomicUsize::new(0);
        let start = Instant::now();
        let states = ["RUNNING", "RUNNING", "RUNNING", "DONE"];
        let mut poller = poller(WORK, &states, &asked);
        poller.interval = SECOND * 2;
        poller.longest = SECOND * 3;
        seen(poller).await.expect("finishes");
        assert_eq!(start.elapsed(), SECOND * (1 + 2 + 3 + 3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_after_its_timeout() {
        let asked = AtomicUsize::new(0);
        let mut poller = poller(WORK, &["RUNNING"], &asked);
        poller.deadline = Some(Instant::now() + SECOND * 5);
        let error = seen(poller).await.expect_err("takes too long");
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(asked.load(Ordering::SeqCst), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn progress_returns_every_state_and_stops_when_dropped() {
        let asked = AtomicUsize::new(0);
        let states = ["RUNNING", "PAUSED", "DONE"];
        let mut progress = progress(Progress::Poll(poller(WORK, &states, &asked)));
        for state in ["RUNNING", "PAUSED"] {
            let seen = progress.try_next().await.expect("is seen");
            assert_eq!(seen, Some(Some(state.to_owned())));
        }
        drop(progress);
        tokio::time::sleep(SECOND * 100).await;
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn work_without_a_state_is_done_when_it_can_be_read() {
        let work = Work::UNKNOWN;
        assert_eq!(work.stage(None), Stage::Done);
        let gone = Work { gone: true, ..work };
        assert_eq!(gone.stage(None), Stage::Pending);
    }

    #[test]
    fn a_response_without_a_state_is_that_of_work_that_goes_on() {
        for read in [
            "null",
            "{}",
            r#"{"status": {"state": 1}}"#,
            r#"{"status": null}"#,
        ] {
            let read: Value = serde_json::from_str(read).expect("is JSON");
            assert_eq!(WORK.stage(Some(&read)), Stage::Pending, "{read}");
        }
    }
}
