//! A cache for access tokens.
//!
//! A token costs a request, which is often slow and rate-limited, and every call needs a token.
//! [`TokenCache`] fetches it once, renews it before it expires, and hides failing or slow renewals from
//! callers while the current token is valid.
//!
//! A renewal runs in its own task, so that a cancelled caller does not affect others. A call starts it,
//! and not a timer, so that an unused client requests no tokens and no task outlives a renewal.

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tracing::debug;

use crate::{Credentials, CredentialsError, Token};

/// How long before its expiry a token is renewed, unless a fifth of its lifetime is shorter.
const AHEAD: Duration = Duration::from_secs(5 * 60);

/// The delay after a failed background renewal.
const SPACING: Duration = Duration::from_secs(5);

/// The current token of [`Credentials`], shared by all clones of the cache.
///
/// - Concurrent callers share one token request and its result.
/// - The first call in the last 5 minutes of a token's lifetime, or in its last fifth if that is
///   shorter, renews it in the background. No call waits for that.
/// - A failed background renewal is not reported. The first call after 5 seconds tries again.
/// - When the token has expired or was [rejected](Self::reject), callers wait for one renewal and share
///   its error. The next call tries again immediately; [`CredentialsError::is_transient`] returns
///   whether that is useful.
/// - A token without a known expiry is kept until it is rejected.
///
/// ```
/// use std::sync::Arc;
///
/// use client_runtime::{StaticToken, TokenCache};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), client_runtime::CredentialsError> {
/// let cache = TokenCache::new(Arc::new(StaticToken::from("abc")));
/// let token = cache.token().await?;
/// let header = format!("Bearer {}", token.secret().expose());
/// // … and when the server responds with 401 to that:
/// cache.reject(&token);
/// let renewed = cache.token().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct TokenCache {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    credentials: Arc<dyn Credentials>,
    /// Never locked across an await.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    held: Option<Held>,
    /// The current renewal, or one whose task was dropped; see [`State::under_way`].
    renewal: Option<Renewal>,
}

/// The current token. It may have expired.
#[derive(Debug)]
struct Held {
    token: Token,
    /// The time from which a call renews it in the background; `None` without an expiry.
    renew_at: Option<Instant>,
}

type Outcome = Result<Token, CredentialsError>;

/// The channel for the result of a renewal. It is closed without one if the task panicked or was
/// dropped.
type Renewal = watch::Receiver<Option<Outcome>>;

enum Lookup {
    Ready(Token),
    Pending(Renewal),
}

impl TokenCache {
    /// Creates an empty cache.
    pub fn new(credentials: Arc<dyn Credentials>) -> Self {
        Self {
            shared: Arc::new(Shared {
                credentials,
                state: Mutex::default(),
            }),
        }
    }

    /// Passes the HTTP client of a session to the credentials.
    pub(crate) fn use_http_client(&self, http: &reqwest::Client) {
        self.shared.credentials.use_http_client(http);
    }

    /// Returns the current token. Waits only if there is no valid one.
    ///
    /// Can be cancelled at any time without an effect on other callers.
    ///
    /// # Errors
    /// The error of [`Credentials::token`], for all callers that waited for it, or
    /// [`CredentialsError::Interrupted`] if it panicked.
    ///
    /// # Panics
    /// If a token must be fetched outside of a tokio runtime.
    pub async fn token(&self) -> Result<Token, CredentialsError> {
        let mut renewal = match self.lookup() {
            Lookup::Ready(token) => return Ok(token),
            Lookup::Pending(renewal) => renewal,
        };
        match renewal.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            Ok(None) | Err(_) => Err(CredentialsError::Interrupted),
        }
    }

    /// Marks `token` as rejected by a server (HTTP 401). It is not returned again, and the next
    /// [`token`](Self::token) fetches a new one.
    ///
    /// Has no effect if the token was renewed in the meantime. If many callers reject the same token,
    /// one request is sent.
    pub fn reject(&self, token: &Token) {
        let rejected = self.shared.lock().drop_held(token);
        if rejected {
            debug!("the token was rejected");
        }
    }

    /// Returns the current state for a caller, and starts a renewal that is due.
    fn lookup(&self) -> Lookup {
        let mut state = self.shared.lock();
        if let Some(held) = &state.held
            && !held.token.is_expired()
        {
            let token = held.token.clone();
            if held.is_due() && state.under_way().is_none() {
                self.renew(&mut state);
            }
            return Lookup::Ready(token);
        }
        match state.under_way() {
            Some(renewal) => Lookup::Pending(renewal.clone()),
            None => Lookup::Pending(self.renew(&mut state)),
        }
    }

    fn renew(&self, state: &mut State) -> Renewal {
        let (sender, renewal) = watch::channel(None);
        state.renewal = Some(renewal.clone());
        // Set now, because a renewal that panics cannot report its failure.
        state.postpone();
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            debug!("fetching a token");
            let outcome = shared.credentials.token().await;
            // Cleared before the result is sent, so that a caller that receives it and calls again does
            // not find this renewal.
            shared.lock().conclude(&outcome);
            log(&outcome);
            sender.send_replace(Some(outcome));
        });
        renewal
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Changes of the state are not interleaved with code that can panic, so it is valid after a
        // panic (spawning panics without a runtime).
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Must be called without the lock, because a subscriber may request a token itself.
fn log(outcome: &Outcome) {
    match outcome {
        Ok(token) => debug!(life = ?life(token), "a token was fetched"),
        Err(error) => debug!(error = error as &dyn Error, "no token could be fetched"),
    }
}

impl State {
    /// Returns the renewal whose task is alive. A task that panicked or was dropped with its runtime
    /// has closed its channel.
    fn under_way(&self) -> Option<&Renewal> {
        self.renewal
            .as_ref()
            .filter(|renewal| renewal.has_changed().is_ok())
    }

    fn postpone(&mut self) {
        if let Some(renew_at) = self.held.as_mut().and_then(|held| held.renew_at.as_mut()) {
            *renew_at = Instant::now() + SPACING;
        }
    }

    fn conclude(&mut self, outcome: &Outcome) {
        self.renewal = None;
        match outcome {
            Ok(token) => self.held = Some(Held::new(token.clone())),
            Err(_) => self.postpone(),
        }
    }

    fn drop_held(&mut self, token: &Token) -> bool {
        self.held.take_if(|held| held.token.is(token)).is_some()
    }
}

impl Held {
    fn new(token: Token) -> Self {
        let renew_at = life(&token).map(|life| Instant::now() + (life - AHEAD.min(life / 5)));
        Self { token, renew_at }
    }

    fn is_due(&self) -> bool {
        self.renew_at.is_some_and(|at| at <= Instant::now())
    }
}

/// Returns the remaining lifetime of a token.
fn life(token: &Token) -> Option<Duration> {
    let expires_at = token.expires_at()?;
    Some(expires_at.saturating_duration_since(Instant::now()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

    use proptest::prelude::*;
    use tokio::task::JoinSet;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);
    const SECOND: Duration = Duration::from_secs(1);
    const LATENCY: Duration = Duration::from_millis(100);

    /// Issues `token-1`, `token-2` …, each after [`LATENCY`], or fails as configured.
    #[derive(Debug)]
    struct Issuer {
        next: Mutex<Next>,
        requests: AtomicUsize,
        busy: AtomicBool,
        /// Whether two requests were ever made at the same time.
        overlapped: AtomicBool,
        /// The token issued last.
        issued: Mutex<Option<Token>>,
        /// The result of the request that ended last.
        last_outcome: Mutex<Option<Outcome>>,
    }

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Next {
        Issue(Option<Duration>),
        Fail,
        /// Fails half a minute later than usual.
        FailLate,
        Panic,
        Hang,
    }

    impl Issuer {
        fn with_cache(next: Next) -> (Arc<Self>, TokenCache) {
            let issuer = Arc::new(Self {
                next: Mutex::new(next),
                requests: AtomicUsize::new(0),
                busy: AtomicBool::new(false),
                overlapped: AtomicBool::new(false),
                issued: Mutex::new(None),
                last_outcome: Mutex::default(),
            });
            let cache = TokenCache::new(Arc::clone(&issuer) as Arc<dyn Credentials>);
            (issuer, cache)
        }

        fn next(&self, next: Next) {
            *self.next.lock().expect("is not poisoned") = next;
        }

        fn requests(&self) -> usize {
            self.requests.load(SeqCst)
        }

        fn last_outcome(&self) -> String {
            let outcome = self.last_outcome.lock().expect("is not poisoned");
            outcome.as_ref().map_or_else(String::new, text)
        }

        fn end(&self, outcome: Outcome) -> Outcome {
            *self.last_outcome.lock().expect("is not poisoned") = Some(outcome.clone());
            self.busy.store(false, SeqCst);
            outcome
        }
    }

    #[async_trait::async_trait]
    impl Credentials for Issuer {
        async fn token(&self) -> Result<Token, CredentialsError> {
            if self.busy.swap(true, SeqCst) {
                self.overlapped.store(true, SeqCst);
            }
            let number = self.requests.fetch_add(1, SeqCst) + 1;
            let next = *self.next.lock().expect("is not poisoned");
            tokio::time::sleep(LATENCY).await;
            match next {
                Next::Issue(life) => {
                    let token = Token::new(format!("token-{number}"));
                    let token = match life {
                        Some(life) => token.expires_in(life),
                        None => token,
                    };
                    *self.issued.lock().expect("is not poisoned") = Some(token.clone());
                    self.end(Ok(token))
                }
                Next::Fail => self.end(Err(failure(number))),
                Next::FailLate => {
                    tokio::time::sleep(30 * SECOND).await;
                    self.end(Err(failure(number)))
                }
                Next::Panic => {
                    let _ = self.end(Err(CredentialsError::Interrupted));
                    // Panics without a message on standard error.
                    std::panic::resume_unwind(Box::new("a bug"))
                }
                Next::Hang => std::future::pending().await,
            }
        }
    }

    fn failure(number: usize) -> CredentialsError {
        let source = std::io::Error::other(format!("failure-{number}"));
        CredentialsError::transport("it is down", source)
    }

    /// What a caller receives without waiting, as a string.
    fn at_once(cache: &TokenCache) -> String {
        match cache.lookup() {
            Lookup::Ready(token) => token.secret().expose().to_owned(),
            Lookup::Pending(_) => "waits".to_owned(),
        }
    }

    fn text(outcome: &Outcome) -> String {
        match outcome {
            Ok(token) => token.secret().expose().to_owned(),
            Err(error) => error
                .source()
                .map_or_else(|| error.to_string(), ToString::to_string),
        }
    }

    /// What `count` concurrent callers receive, as strings.
    async fn crowd(cache: &TokenCache, count: usize) -> Vec<String> {
        let mut callers = JoinSet::new();
        for _ in 0..count {
            let cache = cache.clone();
            callers.spawn(async move { text(&cache.token().await) });
        }
        callers.join_all().await
    }

    /// Lets the current renewal finish.
    async fn settle() {
        tokio::time::sleep(2 * LATENCY).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_callers_at_the_start_make_one_request() {
        let (issuer, cache) = Issuer::with_cache(Next::Issue(Some(HOUR)));
        assert_eq!(crowd(&cache, 1000).await, vec!["token-1"; 1000]);
        assert_eq!(issuer.requests(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_renewed_five_minutes_ahead_in_the_background() {
        let (issuer, cache) = Issuer::with_cache(Next::Issue(Some(HOUR)));
        cache.token().await.expect("is issued");
        tokio::time::advance(HOUR - AHEAD - SECOND).await;
        assert_eq!(at_once(&cache), "token-1");
        settle().await;
        assert_eq!(issuer.requests(), 1);

        tokio::time::advance(SECOND).await;
        let before = Instant::now();
        assert_eq!(crowd(&cache, 1000).await, vec!["token-1"; 1000]);
        assert_eq!(Instant::now(), before);
        settle().await;
        assert_eq!(at_once(&cache), "token-2");
        assert_eq!(issuer.requests(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_life_is_renewed_in_its_last_fifth() {
        let (issuer, cache) = Issuer::with_cache(Next::Issue(Some(100 * SECOND)));
        cache.token().await.expect("is issued");
        tokio::time::advance(79 * SECOND).await;
        assert_eq!(at_once(&cache), "token-1");
        settle().await;
        assert_eq!(issuer.requests(), 1);
        tokio::time::advance(SECOND).await;
        assert_eq!(at_once(&cache), "token-1");
        settle().await;
        assert_eq!(at_once(&cache), "token-2");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_renewal_fails_no_call_and_is_retried_after_a_delay() {
        for worse in [Next::Fail, Next::Panic] {
            let (issuer, cache) = Issuer::with_cache(Next::Issue(Some(HOUR)));
            cache.token().await.expect("is issued");
            issuer.next(worse);
            tokio::time::advance(HOUR - AHEAD).await;
            // A minute with a hundred calls each second, all of them successful.
            for _ in 0..60 {
                assert_eq!(crowd(&cache, 100).await, vec!["token-1"; 100]);
                tokio::time::sleep(SECOND).await;
            }
            let tries = issuer.requests() - 1;
            assert!((10..=12).contains(&tries), "{worse:?}: {tries} tries");

            issuer.next(Next::Issue(Some(HOUR)));
            tokio::time::advance(SPACING).await;
            assert_eq!(at_once(&cache), "token-1");
            settle().await;
            assert_eq!(at_once(&cache), format!("token-{}", issuer.requests()));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_delay_starts_at_the_end_of_a_failed_renewal() {
        let (issuer, cache) = Issuer::with_cache(Next::Issue(Some(HOUR)));
        cache.token().await.expect("is issued");
        issuer.next(Next::FailLate);
        tokio::time::advance(HOUR - AHEAD).await;
        assert_eq!(at_once(&cache), "token-1");
        tokio::time::sleep(30 * SECOND + LATENCY).await;
        tokio::time::sleep(SPACING - SECOND).await;
        assert_eq!(at_once(&cache), "token-1");
        settle().await;
        assert_eq!(issuer.requests(), 2);
        tokio::time::sleep(SECOND).await;
        assert_eq!(at_once(&cache), "token-1");
        settle().await;
        assert_eq!(issuer.requests(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_hanging_renewal_fails_no_call_while_the_token_is_valid() {
        let (issuer, cache) = Issuer::with_cache(Next::Issue(Some(HOUR)));
        cache.token().await.expect("is issued");
        issuer.next(Next::Hang);
        tokio::time::advance(HOUR - AHEAD).await;
        for _ in 0..200 {
            assert_eq!(at_once(&cache), "token-1");
            tokio::time::sleep(SECOND).await;
        }
        assert_eq!(issuer.requests(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn after_expiry_all_callers_share_one_renewal() {
        let (issuer, cache) = Issuer::with_cache(Next::Issue(Some(HOUR)));
        cache.token().await.expect("is issued");
        tokio::time::advance(HOUR).await;
        assert_eq!(crowd(&cache, 1000).await, vec!["token-2"; 1000]);
        assert_eq!(issuer.requests(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn after_expiry_all_callers_share_one_error_and_the_next_tries_again() {
        let (issuer, cache) = Issuer::with_cache(Next::Issue(Some(HOUR)));
        cache.token().await.expect("is issued");
        tokio::time::advance(HOUR).await;
        issuer.next(Next::Fail);
        assert_eq!(crowd(&cache, 1000).await, vec!["failure-2"; 1000]);
        assert_eq!(crowd(&cache, 1000).await, vec!["failure-3"; 1000]);
        issuer.next(Next::Issue(Some(HOUR)));
        assert_eq!(crowd(&cache, 1000).await, vec!["token-4"; 1000]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_renewal_in_the_background_is_joined_by_the_callers_after_expiry() {
        let (issuer, cache) = Issuer::with_cache(Next::Issue(Some(HOUR)));
        cache.token().await.expect("is issued");
        tokio::time::advance(HOUR - LATENCY / 2).await;
        assert_eq!(at_once(&cache), "token-1");
        // Lets the renewal start, and the token expire before it ends.
        tokio::time::sleep(LATENCY / 2).await;
        assert_eq!(crowd(&cache, 10).await, vec!["token-2"; 10]);
        assert_eq!(issuer.requests(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_caller_does_not_affect_others() {
        let (issuer, cache) = Issuer::with_cache(Next::Issue(Some(HOUR)));
        let spawn = || {
            let cache = cache.clone();
            tokio::spawn(async move { text(&cache.token().await) })
        };
        let (first, second, third) = (spawn(), spawn(), spawn());
        tokio::task::yield_now().await;
        assert_eq!(issuer.requests(), 1);
        first.abort();
        second.abort();
        assert!(first.await.expect_err("is cancelled").is_cancelled());
        assert_eq!(third.await.expect("has a token"), "token-1");
        assert_eq!(issuer.requests(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_renewal_of_a_cancelled_caller_continues() {
        let (issuer, cache) = Issuer::with_cache(Next::Issue(Some(HOUR)));
        tokio::time::timeout(LATENCY / 2, cache.token())
            .await
            .expect_err("is cancelled");
        settle().await;
        assert_eq!(at_once(&cache), "token-1");
        assert_eq!(issuer.requests(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_renewal_that_panics_is_an_error_and_the_next_caller_tries_again() {
        let (issuer, cache) = Issuer::with_cache(Next::Panic);
        let interrupted = CredentialsError::Interrupted.to_string();
        assert_eq!(crowd(&cache, 1000).await, vec![interrupted; 1000]);
        assert_eq!(issuer.requests(), 1);
        issuer.next(Next::Issue(None));
        assert_eq!(crowd(&cache, 1000).await, vec!["token-2"; 1000]);
    }

    #[test]
    fn a_renewal_that_is_dropped_with_its_runtime_is_restarted_in_another() {
        let (issuer, cache) = Issuer::with_cache(Next::Hang);
        paused_runtime().block_on(async {
            assert_eq!(at_once(&cache), "waits");
            settle().await;
        });
        issuer.busy.store(false, SeqCst);
        issuer.next(Next::Issue(None));
        paused_runtime().block_on(async {
            assert_eq!(text(&cache.token().await), "token-2");
        });
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_without_a_runtime_panics_and_does_not_affect_others() {
        let (_issuer, cache) = Issuer::with_cache(Next::Issue(None));
        let outside = cache.clone();
        std::thread::spawn(move || at_once(&outside))
            .join()
            .expect_err("there is nothing to spawn on");
        assert_eq!(text(&cache.token().await), "token-1");
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_without_expiry_is_kept_until_it_is_rejected() {
        let (issuer, cache) = Issuer::with_cache(Next::Issue(None));
        let token = cache.token().await.expect("is issued");
        tokio::time::advance(24 * 365 * HOUR).await;
        assert_eq!(at_once(&cache), "token-1");
        settle().await;
        assert_eq!(issuer.requests(), 1);
        cache.reject(&token);
        assert_eq!(crowd(&cache, 10).await, vec!["token-2"; 10]);
    }

    #[tokio::test(start_paused = true)]
    async fn rejecting_an_older_token_changes_nothing() {
        let (issuer, cache) = Issuer::with_cache(Next::Issue(None));
        let token = cache.token().await.expect("is issued");
        cache.reject(&token);
        cache.token().await.expect("is issued");
        cache.reject(&token);
        cache.reject(&Token::new("token-2"));
        assert_eq!(at_once(&cache), "token-2");
        assert_eq!(issuer.requests(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_rejected_by_all_who_used_it_is_renewed_once() {
        let (issuer, cache) = Issuer::with_cache(Next::Issue(Some(HOUR)));
        let mut callers = JoinSet::new();
        for _ in 0..1000 {
            let cache = cache.clone();
            callers.spawn(async move {
                let token = cache.token().await.expect("is issued");
                tokio::task::yield_now().await;
                cache.reject(&token);
                text(&cache.token().await)
            });
        }
        assert_eq!(callers.join_all().await, vec!["token-2"; 1000]);
        assert_eq!(issuer.requests(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_arrives_expired_is_returned_only_to_waiting_callers() {
        let (issuer, cache) = Issuer::with_cache(Next::Issue(Some(Duration::ZERO)));
        assert_eq!(crowd(&cache, 10).await, vec!["token-1"; 10]);
        assert_eq!(crowd(&cache, 10).await, vec!["token-2"; 10]);
        assert_eq!(issuer.requests(), 2);
    }

    /// The only test with a running clock, because a paused clock requires a single thread. It waits
    /// only for its own tasks.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn on_many_threads_each_token_is_fetched_for_the_one_rejected_before_it() {
        #[derive(Debug, Default)]
        struct Quick {
            requests: AtomicUsize,
            busy: AtomicBool,
        }

        #[async_trait::async_trait]
        impl Credentials for Quick {
            async fn token(&self) -> Result<Token, CredentialsError> {
                if self.busy.swap(true, SeqCst) {
                    return Err(CredentialsError::malformed("overlaps another"));
                }
                let number = self.requests.fetch_add(1, SeqCst) + 1;
                tokio::task::yield_now().await;
                self.busy.store(false, SeqCst);
                Ok(Token::new(number.to_string()))
            }
        }

        let quick = Arc::new(Quick::default());
        let cache = TokenCache::new(Arc::clone(&quick) as Arc<dyn Credentials>);
        let mut callers = JoinSet::new();
        for caller in 0..50 {
            let cache = cache.clone();
            callers.spawn(async move {
                let mut rejected = Vec::new();
                for round in 0..100 {
                    let token = cache.token().await.expect("is fetched");
                    if (caller + round) % 10 == 0 {
                        cache.reject(&token);
                        rejected.push(text(&Ok(token)));
                    }
                }
                rejected
            });
        }
        let rejected = callers.join_all().await.into_iter().flatten();
        let rejected: BTreeSet<String> = rejected.collect();
        let requests = quick.requests.load(SeqCst);
        assert!(
            (rejected.len()..=rejected.len() + 1).contains(&requests),
            "{requests} requests for {} tokens",
            rejected.len()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn debug_shows_no_token() {
        let (_issuer, cache) = Issuer::with_cache(Next::Issue(Some(HOUR)));
        cache.token().await.expect("is issued");
        // With both a current token and a running renewal.
        tokio::time::advance(HOUR).await;
        assert_eq!(at_once(&cache), "waits");
        let shown = format!("{cache:?}");
        assert!(shown.contains("SecretString(redacted)"), "{shown}");
        assert!(!shown.contains("token-"), "{shown}");
    }

    fn paused_runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime without I/O starts")
    }

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Pass(Duration),
        Behave(Next),
        /// The number of concurrent callers, of which the first few are cancelled.
        Call(usize, usize),
        RejectCurrent,
        RejectFirst,
    }

    fn step() -> impl Strategy<Value = Step> {
        let life = prop_oneof![Just(0), 1..20_000_u64, 20_000..4_000_000_u64];
        prop_oneof![
            3 => prop_oneof![0..300_u64, 0..10_000_u64, 0..4_000_000_u64]
                .prop_map(|milliseconds| Step::Pass(Duration::from_millis(milliseconds))),
            1 => proptest::option::weighted(0.8, life.prop_map(Duration::from_millis))
                .prop_map(|life| Step::Behave(Next::Issue(life))),
            1 => prop_oneof![Just(Next::Fail), Just(Next::FailLate), Just(Next::Panic)].prop_map(Step::Behave),
            5 => (1..6_usize, 0..6_usize)
                .prop_map(|(count, cancelled)| Step::Call(count, cancelled.min(count))),
            1 => Just(Step::RejectCurrent),
            1 => Just(Step::RejectFirst),
        ]
    }

    proptest! {
        /// The rules of the cache: while the last token is valid, callers receive it immediately;
        /// otherwise concurrent callers receive the result of the same request. Requests never overlap,
        /// and a valid token that is not near its expiry causes none.
        #[test]
        fn callers_get_the_good_token_at_once_or_wait_for_one_renewal(
            steps in proptest::collection::vec(step(), 1..60)
        ) {
            paused_runtime().block_on(async {
                let (issuer, cache) = Issuer::with_cache(Next::Issue(Some(HOUR)));
                let mut first = None;
                let mut rejected: Option<Token> = None;
                for step in steps {
                    let current = issuer.issued.lock().expect("is not poisoned").clone();
                    first = first.or_else(|| current.clone());
                    match step {
                        Step::Pass(time) => tokio::time::sleep(time).await,
                        Step::Behave(next) => issuer.next(next),
                        Step::RejectFirst => {
                            if let (Some(first), Some(current)) = (&first, &current) {
                                cache.reject(first);
                                if first.is(current) {
                                    rejected = Some(current.clone());
                                }
                            }
                        }
                        Step::RejectCurrent => {
                            if let Some(current) = current {
                                cache.reject(&current);
                                rejected = Some(current);
                            }
                        }
                        Step::Call(count, cancelled) => {
                            let good = current.filter(|token| {
                                !token.is_expired()
                                    && !rejected.as_ref().is_some_and(|other| other.is(token))
                            });
                            let before = (Instant::now(), issuer.requests());
                            let outcomes = call(&cache, count, cancelled).await;
                            let requests = issuer.requests() - before.1;
                            prop_assert!(requests <= 1);
                            let expected = match &good {
                                Some(good) => good.secret().expose().to_owned(),
                                None => issuer.last_outcome(),
                            };
                            prop_assert_eq!(outcomes, vec![expected; count - cancelled]);
                            if let Some(good) = good {
                                prop_assert_eq!(Instant::now(), before.0);
                                let is_near = life(&good).is_some_and(|life| life <= AHEAD);
                                prop_assert!(is_near || requests == 0);
                            }
                        }
                    }
                }
                prop_assert!(!issuer.overlapped.load(SeqCst));
                Ok(())
            })?;
        }
    }

    async fn call(cache: &TokenCache, count: usize, cancelled: usize) -> Vec<String> {
        let callers: Vec<_> = (0..count)
            .map(|_| {
                let cache = cache.clone();
                tokio::spawn(async move { text(&cache.token().await) })
            })
            .collect();
        tokio::task::yield_now().await;
        let mut outcomes = Vec::new();
        for (index, caller) in callers.into_iter().enumerate() {
            if index < cancelled {
                caller.abort();
                // Callers that did not have to wait have ended already.
                let _ = caller.await;
            } else {
                outcomes.push(caller.await.expect("neither panics nor is cancelled"));
            }
        }
        outcomes
    }
}
