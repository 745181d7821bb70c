//! The clock of the server's state. Tests can advance it instead of waiting.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A clock that starts at 0, follows tokio's clock (which tests can pause), and can be advanced.
///
/// Clones share the same time.
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
    /// Creates a clock that starts now.
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
            ahead: Arc::default(),
        }
    }

    /// The time since the start.
    pub fn now(&self) -> Duration {
        // A panic cannot leave a partial duration behind.
        let ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        self.start.elapsed().saturating_add(*ahead)
    }

    /// Advances the clock.
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
