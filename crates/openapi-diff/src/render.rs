//! How a report is shown: for a terminal, for a pull request, for another program.
//!
//! What is decided is in the report; here it is only said.

pub mod json;
pub mod markdown;
pub mod text;

use std::cmp::Reverse;

use super::catalogue::Verdict;
use super::model::{Change, Place, Report};

/// The changes of the same operations.
struct Group<'r> {
    title: String,
    changes: Vec<&'r Change>,
}

/// The shown changes by the operations that they concern, those with the worst verdict first.
fn groups(report: &Report, all: bool) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for change in report.shown(all) {
        let title = title(change);
        match groups.iter_mut().find(|group| group.title == title) {
            Some(group) => group.changes.push(change),
            None => groups.push(Group {
                title,
                changes: vec![change],
            }),
        }
    }
    groups.sort_by_key(|group| {
        let verdicts = group.changes.iter().map(|change| change.verdict());
        Reverse(verdicts.max())
    });
    groups
}

fn title(change: &Change) -> String {
    match change.operations.as_slice() {
        [] if change.check.rust.is_some() => "The generated client".to_owned(),
        [] => "The whole API".to_owned(),
        [one] => one.to_string(),
        [first, rest @ ..] => {
            const NAMED: usize = 3;
            let mut title = first.to_string();
            for operation in rest.iter().take(NAMED - 1) {
                title.push_str(&format!(", {operation}"));
            }
            match rest.len().saturating_sub(NAMED - 1) {
                0 => title,
                more => format!("{title} and {more} more"),
            }
        }
    }
}

/// How many of the shown changes have each verdict, and how many are not shown: `1 breaking, 2
/// additive, 0 neutral; 3 hidden`.
fn summary(report: &Report, all: bool) -> String {
    let count = |verdict| {
        let shown = report.shown(all);
        shown.filter(|change| change.verdict() == verdict).count()
    };
    let shown = report.shown(all).count();
    let counts = format!(
        "{} breaking, {} additive, {} neutral",
        count(Verdict::Breaking),
        count(Verdict::Additive),
        count(Verdict::Neutral)
    );
    match report.changes.len() - shown {
        0 => counts,
        hidden => format!("{counts}; {hidden} hidden (descriptions and the like)"),
    }
}

/// Both verdicts in words: `breaking on the wire, additive in Rust`.
fn verdicts(change: &Change) -> String {
    match change.rust {
        Some(rust) if rust == change.wire => format!("{rust} on the wire and in Rust"),
        Some(rust) => format!("{} on the wire, {rust} in Rust", change.wire),
        None => format!("{} on the wire", change.wire),
    }
}

/// Where a change stands: `api.yaml:12 #/paths/~1roles`, or `None` for what stands nowhere.
fn place(file: &str, place: &Place) -> Option<String> {
    let line = place.line?;
    let missing = if place.there { "" } else { " (not there)" };
    Some(format!("{file}:{line} {}{missing}", place.pointer))
}
