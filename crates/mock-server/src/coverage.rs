//! Coverage: the operations that were called, and the documented responses that were sent.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use http::{Method, StatusCode};

use crate::{Description, Operation, Status};

/// The coverage of a document. `Display` formats it as a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Each operation, in document order.
    pub operations: Vec<Covered>,
    /// The number of requests that matched no operation.
    pub unrouted: u64,
}

/// The coverage of one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// The id of the operation.
    pub id: String,
    /// Its method.
    pub method: Method,
    /// Its path template.
    pub path: String,
    /// How often each documented response was sent, in document order.
    pub documented: Vec<(Status, u64)>,
    /// How often each undocumented status was sent.
    pub undocumented: BTreeMap<u16, u64>,
    /// How often the connection was reset instead of a response.
    pub reset: u64,
}

impl Covered {
    /// The number of calls.
    pub fn calls(&self) -> u64 {
        let documented: u64 = self.documented.iter().map(|(_, count)| count).sum();
        let undocumented: u64 = self.undocumented.values().sum();
        documented + undocumented + self.reset
    }
}

/// The counters of a running server.
#[derive(Debug)]
pub(crate) struct Counts(Mutex<Coverage>);

impl Counts {
    pub(crate) fn of(description: &Description) -> Self {
        let covered = |operation: &Operation| Covered {
            id: operation.id.clone(),
            method: operation.method.clone(),
            path: operation.path.clone(),
            documented: operation
                .responses
                .iter()
                .map(|response| (response.status, 0))
                .collect(),
            undocumented: BTreeMap::new(),
            reset: 0,
        };
        Self(Mutex::new(Coverage {
            operations: description.operations().iter().map(covered).collect(),
            unrouted: 0,
        }))
    }

    /// Counts a call of the operation at `index`. `status` is `None` if the connection was reset.
    pub(crate) fn add(
        &self,
        description: &Description,
        index: Option<usize>,
        status: Option<StatusCode>,
    ) {
        let mut counts = self.lock();
        let Some(index) = index else {
            counts.unrouted += 1;
            return;
        };
        let covered = &mut counts.operations[index];
        let Some(status) = status else {
            covered.reset += 1;
            return;
        };
        let response = description.operations()[index].response(status.as_u16());
        let documented = covered.documented.iter_mut();
        let known = response.and_then(|response| {
            let mut documented = documented.filter(|(known, _)| *known == response.status);
            documented.next()
        });
        match known {
            Some((_, count)) => *count += 1,
            None => *covered.undocumented.entry(status.as_u16()).or_default() += 1,
        }
    }

    pub(crate) fn coverage(&self) -> Coverage {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Coverage> {
        // A panic cannot leave a partial count behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A summary line, then a line for each operation with the number of calls and the count of each
/// status. A documented response that was never sent has the count 0. An undocumented status is marked
/// with `!`.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let called = self.operations.iter().filter(|covered| covered.calls() > 0);
        let documented = self
            .operations
            .iter()
            .flat_map(|covered| &covered.documented);
        let given = documented.clone().filter(|(_, count)| *count > 0).count();
        writeln!(
            f,
            "{} of {} operations called, {given} of {} documented responses sent, {} requests without an operation",
            called.count(),
            self.operations.len(),
            documented.count(),
            self.unrouted
        )?;
        for covered in &self.operations {
            write!(
                f,
                "{:>7}  {} {}",
                covered.calls(),
                covered.method,
                covered.path
            )?;
            for (status, count) in &covered.documented {
                write!(f, "  {status}:{count}")?;
            }
            for (status, count) in &covered.undocumented {
                write!(f, "  {status}!:{count}")?;
            }
            if covered.reset > 0 {
                write!(f, "  reset:{}", covered.reset)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::description;
    use serde_json::json;

    #[test]
    fn every_response_is_counted_under_its_documented_status() {
        let description = description(json!({
            "openapi": "3.1.0",
            "info": { "title": "T", "version": "1" },
            "paths": {
                "/a": { "get": { "responses": { "200": {}, "4XX": {} } } },
                "/b": { "get": { "responses": { "200": {} } } },
            },
        }));
        let counts = Counts::of(&description);
        for (index, status) in [
            (Some(0), Some(200)),
            (Some(0), Some(404)),
            (Some(0), Some(500)),
            (Some(0), None),
            (None, Some(404)),
        ] {
            let status = status.and_then(|status| StatusCode::from_u16(status).ok());
            counts.add(&description, index, status);
        }
        assert_eq!(
            counts.coverage().to_string(),
            "1 of 2 operations called, 2 of 3 documented responses sent, 1 requests without an operation
      4  GET /a  200:1  4XX:1  500!:1  reset:1
      0  GET /b  200:0
"
        );
    }
}
