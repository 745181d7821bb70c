//! Records requests, so that tests can inspect them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use http::StatusCode;

use crate::{Received, Violation};

/// A request and its result.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedRequest {
    /// The id of the operation; `None` if the path or the method matched none.
    pub operation: Option<String>,
    /// The request.
    pub request: Received,
    /// The status of the response; `None` if the connection was reset.
    pub status: Option<StatusCode>,
    /// The violations of the document by the request.
    pub violations: Vec<Violation>,
}

impl RecordedRequest {
    /// True if the request matched an operation and had no violations.
    pub fn is_conforming(&self) -> bool {
        self.operation.is_some() && self.violations.is_empty()
    }
}

/// The last requests, up to a limit.
#[derive(Debug)]
pub(crate) struct RequestLog {
    limit: usize,
    requests: Mutex<VecDeque<RecordedRequest>>,
}

impl RequestLog {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            requests: Mutex::default(),
        }
    }

    pub(crate) fn is_off(&self) -> bool {
        self.limit == 0
    }

    pub(crate) fn add(&self, recorded: RecordedRequest) {
        let mut requests = self.lock();
        if requests.len() == self.limit {
            requests.pop_front();
        }
        requests.push_back(recorded);
    }

    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        self.lock().iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<RecordedRequest>> {
        // A panic cannot leave a partial list behind.
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::received;

    #[test]
    fn only_the_last_requests_are_kept() {
        let log = RequestLog::new(2);
        for path in ["/1", "/2", "/3"] {
            log.add(RecordedRequest {
                operation: None,
                request: received("GET", path, &[], ""),
                status: None,
                violations: Vec::new(),
            });
        }
        let paths = log.all().into_iter().map(|recorded| recorded.request.path);
        assert_eq!(paths.collect::<Vec<_>>(), ["/2", "/3"]);
    }
}
