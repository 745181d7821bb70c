//! A report as the section of a changelog, with a heading for each kind of change.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

use crate::catalogue::{OPERATION_REMOVED, Section, Verdict};
use crate::model::{Change, Concerned, Report};

/// The section of a changelog for a version, from reports, each with the name of its client. Empty if there is
/// nothing to mention.
pub fn changelog(version: impl Display, reports: &[(&str, &Report)]) -> String {
    let mut lines: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (client, report) in reports {
        for change in report.shown(false) {
            let heading = heading_of(change);
            lines.entry(heading).or_default().push(line(client, change));
        }
    }
    if lines.is_empty() {
        return String::new();
    }
    let mut out = format!("## {version}\n");
    for (heading, mut lines) in lines {
        lines.dedup();
        // Writing to a string does not fail.
        let _ = write!(out, "\n### {}\n\n{}\n", HEADINGS[heading], lines.join("\n"));
    }
    out
}

const HEADINGS: [&str; 5] = ["Breaking", "Added", "Changed", "Deprecated", "Removed"];

fn heading_of(change: &Change) -> usize {
    match (change.verdict(), change.check.section) {
        (Verdict::Breaking, _) => 0,
        (_, Section::Added) => 1,
        (_, Section::Changed | Section::Unmentioned) => 2,
        (_, Section::Deprecated) => 3,
        (_, Section::Removed) => 4,
    }
}

/// One line of the changelog.
fn line(client: &str, change: &Change) -> String {
    const NAMED: usize = 3;
    let named: Vec<String> = change
        .operations
        .iter()
        .take(NAMED)
        .map(|Concerned { method, .. }| format!("`{method}`"))
        .collect();
    let mut subject = named.join(", ");
    if change.operations.len() > NAMED {
        let _ = write!(subject, " and {} more", change.operations.len() - NAMED);
    }
    let mut line = match (subject.as_str(), change.what.strip_prefix("the operation ")) {
        ("", _) => format!("- `{client}`: {}", change.what),
        // A finding about an operation becomes a sentence about it.
        (subject, Some(rest)) if named.len() == 1 && change.operations.len() == 1 => {
            format!("- `{client}`: {subject} {rest}")
        }
        (subject, _) => format!("- `{client}`: {} ({subject})", change.what),
    };
    let breaks = change.surface.iter();
    let breaks: Vec<&str> = breaks
        .filter(|in_rust| in_rust.check.rust == Some(Verdict::Breaking))
        .map(|in_rust| in_rust.what.as_str())
        .take(NAMED)
        .collect();
    // The removal of its method needs no mention.
    if !breaks.is_empty() && change.check != &OPERATION_REMOVED {
        let _ = write!(line, "; {}", breaks.join(", "));
    }
    line.push('.');
    line
}
