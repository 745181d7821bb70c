//! Selects the changes that a report shows.

use super::catalogue::Verdict;
use super::model::{Change, Concerned, Report};

/// The changes that a report shows. Each list that is not empty must have a match.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The lowest verdict; `None` shows all.
    pub level: Option<Verdict>,
    /// Parts of the requests of operations: `/roles`, or `GET /roles`.
    pub paths: Vec<String>,
    /// Tags of operations.
    pub tags: Vec<String>,
    /// IDs of checks.
    pub checks: Vec<String>,
    /// True to also show hidden changes.
    pub all: bool,
}

impl Filter {
    /// The report with the changes that match. Changes of the whole API match no path and no tag.
    pub fn of(&self, report: &Report) -> Report {
        let changes = report.changes.iter();
        Report {
            changes: changes
                .filter(|change| self.shows(change))
                .cloned()
                .collect(),
            ..report.clone()
        }
    }

    fn shows(&self, change: &Change) -> bool {
        let has = |list: &[String], matches: &dyn Fn(&Concerned, &String) -> bool| {
            let mut operations = change.operations.iter();
            list.is_empty()
                || operations.any(|operation| list.iter().any(|wanted| matches(operation, wanted)))
        };
        self.level.is_none_or(|level| change.counted() >= level)
            && (self.all || !change.is_hidden() && change.accepted.is_none())
            && has(&self.paths, &|operation, path| {
                operation.request.contains(path)
            })
            && has(&self.tags, &|operation, tag| operation.tags.contains(tag))
            && (self.checks.is_empty() || self.checks.iter().any(|check| check == change.check.id))
    }
}
