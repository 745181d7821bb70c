//! The events that the token cache logs.
//!
//! This is a separate process with a single test, because `tracing` caches for the whole process
//! whether an event has subscribers, and tests on other threads would affect that.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};

use client_runtime::{Credentials, CredentialsError, Token, TokenCache};
use tracing::field::{Field, Visit};
use tracing::span;

#[tokio::test(start_paused = true)]
async fn renewals_are_logged_without_secrets() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let cache = TokenCache::new(Arc::new(Responses(Mutex::new(VecDeque::from([
        Ok(Token::new("hunter2")),
        Err(CredentialsError::malformed("is not a JSON object")),
        Ok(Token::new("hunter3").expires_in(std::time::Duration::from_secs(60))),
    ])))));

    let token = cache.token().await.expect("is issued");
    cache.reject(&token);
    cache.reject(&token);
    cache.token().await.expect_err("fails");
    cache.token().await.expect("is issued");

    assert_eq!(
        *log.0.lock().expect("is not poisoned"),
        [
            "DEBUG fetching a token",
            "DEBUG a token was fetched life=None",
            "DEBUG the token was rejected",
            "DEBUG fetching a token",
            "DEBUG no token could be fetched \
             error=the response of the token endpoint is not a JSON object",
            "DEBUG fetching a token",
            "DEBUG a token was fetched life=Some(60s)",
        ]
    );
}

/// Returns one response after the other.
#[derive(Debug)]
struct Responses(Mutex<VecDeque<Result<Token, CredentialsError>>>);

#[async_trait::async_trait]
impl Credentials for Responses {
    async fn token(&self) -> Result<Token, CredentialsError> {
        let mut responses = self.0.lock().expect("is not poisoned");
        responses.pop_front().expect("has another response")
    }
}

/// The events of this crate, each as a line.
#[derive(Default, Clone)]
struct Log(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("client_runtime")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().expect("is not poisoned").push(line.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0 += &match field.name() {
            "message" => format!(" {value:?}"),
            name => format!(" {name}={value:?}"),
        };
    }
}
