//! The time that the server's state goes by, so that what takes an hour can be tested in no time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A clock that starts at 0, runs with tokio's (which tests can pause), and can be set forward.
///
/// Clones are the same clock.
///
/// ```
/// use std::time::Duration;
///
/// let clock = mock_server::Clock::new();
/// clock.advance(Duration::from_secs(3600));
/// assert!(clock.now() >= Duration::from_secs(3600));
/// ```
#[derive(Debug, Clone)]
pub struct Clock {
    start: Instant,
    ahead: Arc<Mutex<Duration>>,
}

impl Clock {
    /// A clock that starts now.
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
            ahead: Arc::default(),
        }
    }

    /// The time since the start.
    pub fn now(&self) -> Duration {
        // A duration is whole whatever happened to who held the lock.
        let ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        self.start.elapsed().saturating_add(*ahead)
    }

    /// Sets the clock forward.
    pub fn advance(&self, by: Duration) {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        *ahead = ahead.saturating_add(by);
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}
