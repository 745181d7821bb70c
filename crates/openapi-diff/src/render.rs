//! Renders a report as text, Markdown or JSON.
//!
//! The modules only format; the report contains all decisions.

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

/// The shown changes, grouped by operations, with the highest verdict first.
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

/// The number of shown changes per verdict, and of hidden ones: `1 breaking, 2 additive, 0 neutral;
/// 3 hidden`.
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
        hidden => format!("{counts}; {hidden} hidden (such as descriptions; `--all` shows them)"),
    }
}

/// Both verdicts: `breaking on the wire, additive in Rust`.
fn verdicts(change: &Change) -> String {
    match change.rust {
        Some(rust) if rust == change.wire => format!("{rust} on the wire and in Rust"),
        Some(rust) => format!("{} on the wire, {rust} in Rust", change.wire),
        None => format!("{} on the wire", change.wire),
    }
}

/// The place of a change: `api.yaml:12 #/paths/~1roles`, or `None` if it has no line.
fn place(file: &str, place: &Place) -> Option<String> {
    let line = place.line?;
    let missing = if place.there { "" } else { " (missing)" };
    Some(format!("{file}:{line} {}{missing}", place.pointer))
}
