//! Waiting for long-running operations by polling their state.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use tokio::time::Instant;

use crate::paging::Paged;
use crate::{Error, ErrorKind};

/// The state of a long-running operation.
pub trait LongRunning {
    /// Returns the state of the operation.
    fn state(&self) -> State;
}

/// The state of a long-running operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The operation is queued or running.
    Running,
    /// The operation has finished.
    Done,
    /// The operation has failed for this reason.
    Failed(String),
    /// A state that this version does not know. The operation counts as running.
    Unknown(String),
}

type Check<'a, T> =
    Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>> + Send + Sync + 'a>;

/// The wait for a long-running operation. `.await` returns the finished operation;
/// [`progress`](Self::progress) returns each state. Dropping either stops the polling, not the
/// operation.
///
/// Retryable errors do not end the wait; see [`Error::is_retryable`].
#[must_use = "a wait does nothing until it is awaited"]
pub struct Wait<'a, T> {
    first: T,
    check: Check<'a, T>,
    interval: Duration,
    longest: Duration,
    timeout: Option<Duration>,
}

impl<'a, T: LongRunning + Clone + Send + 'a> Wait<'a, T> {
    /// Returns the wait for an operation that was last seen as `first`. `check` requests its state.
    pub fn new<F, Fut>(first: T, check: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'a,
        Fut: Future<Output = Result<T, Error>> + Send + 'a,
    {
        const INTERVAL: Duration = Duration::from_secs(10);
        Self {
            first,
            check: Box::new(move || Box::pin(check())),
            interval: INTERVAL,
            longest: INTERVAL,
            timeout: None,
        }
    }

    /// Sets the polling interval. The default is ten seconds.
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

    /// Sets the timeout of the wait. It ends with [`ErrorKind::Timeout`].
    pub fn timeout(self, timeout: Duration) -> Self {
        Self {
            timeout: Some(timeout),
            ..self
        }
    }

    /// Returns the operation after each poll, from its first state to the last one. A failed operation
    /// is an error and ends the stream.
    pub fn progress(self) -> Paged<'a, T> {
        let deadline = self.timeout.map(|timeout| Instant::now() + timeout);
        let first = Some(self.first);
        let state = Some((first, self.check, self.interval));
        let longest = self.longest;
        Box::pin(stream::unfold(state, move |state| async move {
            let (first, check, mut interval): (Option<T>, Check<'a, T>, Duration) = state?;
            let seen = match first {
                Some(first) => first,
                None => loop {
                    if deadline.is_some_and(|deadline| Instant::now() + interval > deadline) {
                        let message = "the operation has not finished in time";
                        return Some((Err(Error::of_no_call(ErrorKind::Timeout, message)), None));
                    }
                    tokio::time::sleep(interval).await;
                    interval = (interval * 2).min(longest);
                    match check().await {
                        Ok(seen) => break seen,
                        Err(error) if error.is_retryable() => {
                            tracing::debug!(%error, "polling the operation again after an error");
                        }
                        Err(error) => return Some((Err(error), None)),
                    }
                },
            };
            match seen.state() {
                State::Done => Some((Ok(seen), None)),
                State::Failed(reason) => {
                    let message = format!("the operation failed: {reason}");
                    Some((Err(Error::of_no_call(ErrorKind::Operation, message)), None))
                }
                State::Running => Some((Ok(seen), Some((None, check, interval)))),
                State::Unknown(state) => {
                    tracing::warn!(state, "the state of the operation is unknown");
                    Some((Ok(seen), Some((None, check, interval))))
                }
            }
        }))
    }
}

impl<'a, T: LongRunning + Clone + Send + 'a> IntoFuture for Wait<'a, T> {
    type Output = Result<T, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut last = self.first.clone();
            let mut progress = self.progress();
            while let Some(seen) = progress.next().await {
                last = seen?;
            }
            Ok(last)
        })
    }
}

impl<T: fmt::Debug> fmt::Debug for Wait<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("first", &self.first)
            .field("interval", &self.interval)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[derive(Debug, Clone, PartialEq)]
    struct Step(&'static str);

    impl LongRunning for Step {
        fn state(&self) -> State {
            match self.0 {
                "RUNNING" => State::Running,
                "DONE" => State::Done,
                "FAILED" => State::Failed("no capacity".to_owned()),
                other => State::Unknown(other.to_owned()),
            }
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    fn transient() -> Error {
        Error::of_no_call(ErrorKind::Transport, "broke")
    }

    /// Returns the next of these states for each poll; an error if the state is empty.
    fn wait<'a>(steps: &'a [&'static str], asked: &'a AtomicUsize) -> Wait<'a, Step> {
        Wait::new(Step("RUNNING"), move || async move {
            let number = asked.fetch_add(1, Ordering::SeqCst);
            match steps[number.min(steps.len() - 1)] {
                "" => Err(transient()),
                step => Ok(Step(step)),
            }
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_finished_operation_ends_the_wait() {
        let asked = AtomicUsize::new(0);
        let start = Instant::now();
        let done = wait(&["RUNNING", "", "PAUSED", "DONE"], &asked)
            .every(SECOND)
            .await;
        assert_eq!(done.expect("finishes"), Step("DONE"));
        assert_eq!(asked.load(Ordering::SeqCst), 4);
        assert_eq!(start.elapsed(), SECOND * 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_operation_is_an_error_with_the_reason() {
        let asked = AtomicUsize::new(0);
        let error = wait(&["FAILED"], &asked).await.expect_err("fails");
        assert_eq!(error.kind(), ErrorKind::Operation);
        assert!(error.to_string().contains("no capacity"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_interval_doubles_up_to_the_longest() {
        let asked = AtomicUsize::new(0);
        let start = Instant::now();
        let steps = ["RUNNING", "RUNNING", "RUNNING", "DONE"];
        let done = wait(&steps, &asked).every(SECOND).backoff(SECOND * 3).await;
        done.expect("finishes");
        assert_eq!(start.elapsed(), SECOND * (1 + 2 + 3 + 3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_after_its_timeout() {
        let asked = AtomicUsize::new(0);
        let error = wait(&["RUNNING"], &asked)
            .every(SECOND)
            .timeout(SECOND * 5)
            .await
            .expect_err("takes too long");
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(asked.load(Ordering::SeqCst), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn progress_returns_every_state_and_stops_when_dropped() {
        let asked = AtomicUsize::new(0);
        let mut progress = wait(&["PAUSED", "DONE"], &asked).progress();
        let first = progress.next().await.expect("goes on").expect("is seen");
        assert_eq!(first, Step("RUNNING"));
        assert_eq!(asked.load(Ordering::SeqCst), 0);
        let second = progress.next().await.expect("goes on").expect("is seen");
        assert_eq!(second, Step("PAUSED"));
        drop(progress);
        tokio::time::sleep(SECOND * 100).await;
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
}
