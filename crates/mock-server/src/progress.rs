//! Work that takes a while: a status that waits, runs and is done, or fails.
//!
//! Documents have no way to say that a status moves, but they list its values. An enumeration that
//! has a word for the end of the work and one for what comes before is taken for such a status:
//!
//! | stage | words |
//! |---|---|
//! | waiting | pending, queued, accepted, scheduled, waiting, submitted, notstarted |
//! | running | running, inprogress, processing, started, active |
//! | done | done, succeeded, success, successful, completed, complete, finished, ready |
//! | failed | failed, failure, error, errored |

use std::time::Duration;

use openapi_document::Pointer;
use serde_json::Value;

use crate::properties::{Properties, normalized, resolved};

/// How far work has come.
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

/// How fast work goes on.
///
/// The default counts, so that a test needs no time at all: whoever asks for the first time sees
/// the work wait, for the second time run, and then it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Each stage is seen this often by requests that read the work (or what it makes) by itself.
    Polls(u32),
    /// Each stage takes this long by the server's clock.
    Time(Duration),
}

impl Default for Pace {
    fn default() -> Self {
        Self::Polls(1)
    }
}

impl Pace {
    /// The stage after so many polls before this one, and so much time.
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

/// A member that says how far the work has come, and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatusProperty {
    pub(crate) name: String,
    values: Vec<(Stage, Value)>,
}

impl StatusProperty {
    /// That of the object whose schema stands at `pointer`, if one of its members is a status.
    pub(crate) fn of(root: &Value, pointer: &Pointer) -> Option<Self> {
        let properties = Properties::of(root, pointer).named.into_iter();
        let mut found = properties.filter_map(|property| {
            let schema = resolved(root, &property.pointer);
            let values = schema.get(root)?.get("enum")?.as_array()?;
            let values: Vec<_> = values
                .iter()
                .filter_map(|value| Some((stage(value)?, value.clone())))
                .collect();
            let has = |wanted: Stage| values.iter().any(|(stage, _)| *stage == wanted);
            let moves = has(Stage::Done) && (has(Stage::Waiting) || has(Stage::Running));
            moves.then_some(Self {
                name: property.name,
                values,
            })
        });
        found.next()
    }

    /// The word for a stage, or for the nearest before or else after it that has one.
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

/// Members that make sense in some stages only are left out of the others: an end that has not come,
/// an error that did not happen.
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
    use serde_json::json;

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
        assert_eq!(found.name, "state");
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
