//! The progress of background work: a status that changes from waiting to running, and then to done or
//! failed.
//!
//! OpenAPI cannot express that a status changes. The extension `x-long-running` declares it. Otherwise, it is
//! derived from the values of an enumeration. An enum property is such a
//! status if it has a value for done, and one for waiting or running. Values are compared without case,
//! `_` and `-`:
//!
//! | stage | values |
//! |---|---|
//! | waiting | pending, queued, accepted, scheduled, waiting, submitted, notstarted |
//! | running | running, inprogress, processing, started, active |
//! | done | done, succeeded, success, successful, completed, complete, finished, ready |
//! | failed | failed, failure, error, errored |

use std::time::Duration;

use openapi_document::Pointer;
use openapi_document::long_running::LongRunning;
use serde_json::{Value, json};

use crate::properties::{Properties, normalized};

/// The stage of background work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Waiting,
    Running,
    Done,
    Failed,
}

const STAGES: [(Stage, &[&str]); 4] = [
    (
        Stage::Waiting,
        &[
            "pending",
            "queued",
            "accepted",
            "scheduled",
            "waiting",
            "submitted",
            "notstarted",
        ],
    ),
    (
        Stage::Running,
        &["running", "inprogress", "processing", "started", "active"],
    ),
    (
        Stage::Done,
        &[
            "done",
            "succeeded",
            "success",
            "successful",
            "completed",
            "complete",
            "finished",
            "ready",
        ],
    ),
    (Stage::Failed, &["failed", "failure", "error", "errored"]),
];

/// How fast background work advances.
///
/// By default it advances by polls, so that tests need not wait. The work is waiting in the first poll,
/// running in the second, and done in the third.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Each stage is returned to this many requests that read the work, or the item that it creates.
    Polls(u32),
    /// Each stage takes this long by the clock of the server.
    Time(Duration),
}

impl Default for Pace {
    fn default() -> Self {
        Self::Polls(1)
    }
}

impl Pace {
    /// Returns the stage after the given number of earlier polls and the elapsed time.
    pub(crate) fn stage(self, polls: u32, elapsed: Duration) -> Stage {
        let passed = match self {
            Self::Polls(each) => polls.checked_div(each).unwrap_or(u32::MAX),
            Self::Time(each) if each.is_zero() => u32::MAX,
            Self::Time(each) => {
                u32::try_from(elapsed.as_nanos() / each.as_nanos()).unwrap_or(u32::MAX)
            }
        };
        match passed {
            0 => Stage::Waiting,
            1 => Stage::Running,
            _ => Stage::Done,
        }
    }
}

/// The status property, and its values by stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatusProperty {
    /// The names of the properties that lead to the status.
    pub(crate) path: Vec<String>,
    values: Vec<(Stage, Value)>,
}

impl StatusProperty {
    /// Returns the status that `x-long-running` declares, if it has final values.
    pub(crate) fn declared(work: &LongRunning) -> Option<Self> {
        let stages = [
            (Stage::Waiting, work.pending.first()),
            (Stage::Running, work.pending.last()),
            (Stage::Done, work.done.first()),
            (Stage::Failed, work.failed.first()),
        ];
        let values = stages.into_iter();
        let values = values.filter_map(|(stage, value)| Some((stage, json!(value?))));
        let is_declared = !work.state.is_empty() && !work.done.is_empty();
        is_declared.then(|| Self {
            path: work.state.clone(),
            values: values.collect(),
        })
    }

    /// Returns the first status property of the object whose schema is at `pointer`.
    pub(crate) fn of(root: &Value, pointer: &Pointer) -> Option<Self> {
        let properties = Properties::of(root, pointer).named.into_iter();
        let mut found = properties.filter_map(|property| {
            let schema = property.pointer.resolved(root);
            let values = schema.get(root)?.get("enum")?.as_array()?;
            let values: Vec<_> = values
                .iter()
                .filter_map(|value| Some((stage(value)?, value.clone())))
                .collect();
            let has = |wanted: Stage| values.iter().any(|(stage, _)| *stage == wanted);
            let moves = has(Stage::Done) && (has(Stage::Waiting) || has(Stage::Running));
            moves.then_some(Self {
                path: vec![property.name],
                values,
            })
        });
        found.next()
    }

    /// Returns the value for a stage. Waiting and running substitute each other if one has no value.
    pub(crate) fn value(&self, stage: Stage) -> Option<&Value> {
        let of = |wanted: &dyn Fn(Stage) -> bool| {
            let mut values = self.values.iter();
            values.find(|(one, _)| wanted(*one)).map(|(_, value)| value)
        };
        of(&|one| one == stage).or_else(|| match stage {
            Stage::Waiting => of(&|one| one == Stage::Running),
            Stage::Running => of(&|one| one == Stage::Waiting),
            Stage::Done | Stage::Failed => None,
        })
    }
}

fn stage(value: &Value) -> Option<Stage> {
    let value = normalized(value.as_str()?);
    let mut stages = STAGES.iter();
    stages
        .find(|(_, values)| values.contains(&&*value))
        .map(|(stage, _)| *stage)
}

/// True if a property has no meaning in a stage yet, such as an end time before the end or an error
/// without a failure. Such properties are omitted.
pub(crate) fn is_premature(name: &str, stage: Stage) -> bool {
    let name = normalized(name);
    let begins = |values: &[&str]| values.iter().any(|value| name.starts_with(value));
    if begins(&["error", "failure"]) {
        stage != Stage::Failed
    } else if begins(&["result", "output"]) {
        stage != Stage::Done
    } else if begins(&["end", "finish", "complet"]) {
        stage < Stage::Done
    } else {
        begins(&["start"]) && stage == Stage::Waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_advances_by_polls_or_by_time() {
        use Stage::*;
        let by_polls: Vec<_> = (0..6)
            .map(|polls| Pace::Polls(2).stage(polls, Duration::ZERO))
            .collect();
        assert_eq!(by_polls, [Waiting, Waiting, Running, Running, Done, Done]);
        let second = Pace::Time(Duration::from_secs(1));
        for (millis, stage) in [(0, Waiting), (999, Waiting), (1000, Running), (2000, Done)] {
            assert_eq!(second.stage(0, Duration::from_millis(millis)), stage);
        }
        assert_eq!(Pace::Polls(0).stage(0, Duration::ZERO), Done);
        assert_eq!(Pace::Time(Duration::ZERO).stage(0, Duration::ZERO), Done);
    }

    #[test]
    fn a_status_property_is_recognized_by_its_values() {
        let status = |values: Value| {
            let root =
                json!({"properties": {"kind": {"enum": ["ready"]}, "state": {"enum": values}}});
            StatusProperty::of(&root, &Pointer::root())
        };
        let found = status(json!(["IN_PROGRESS", "Succeeded", "FAILED"])).expect("a status");
        assert_eq!(found.path, ["state"]);
        assert_eq!(found.value(Stage::Waiting), Some(&json!("IN_PROGRESS")));
        assert_eq!(found.value(Stage::Done), Some(&json!("Succeeded")));
        assert_eq!(found.value(Stage::Failed), Some(&json!("FAILED")));
        assert_eq!(status(json!(["small", "large"])), None);
        assert_eq!(status(json!(["done", "failed"])), None);
    }

    #[test]
    fn results_and_errors_are_omitted_before_they_exist() {
        assert!(is_premature("endTime", Stage::Running) && !is_premature("endTime", Stage::Failed));
        assert!(is_premature("error", Stage::Done) && !is_premature("error", Stage::Failed));
        assert!(
            is_premature("start_time", Stage::Waiting)
                && !is_premature("startTime", Stage::Running)
        );
        assert!(!is_premature("name", Stage::Waiting));
    }
}
