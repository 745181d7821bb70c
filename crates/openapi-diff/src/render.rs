//! Renders a report as text, Markdown, JSON, HTML, JUnit XML, annotations of GitHub or the section of a changelog.
//!
//! The modules only format; the report contains all decisions, and a [`crate::filter::Filter`]
//! selects what is shown.

mod changelog;
pub mod github;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod text;

pub use changelog::changelog;

use super::catalogue::Verdict;
use super::model::{Change, Place, Report};

/// The verdicts, highest first.
const VERDICTS: [Verdict; 4] = [
    Verdict::Breaking,
    Verdict::MayBreak,
    Verdict::Additive,
    Verdict::Neutral,
];

/// The changes of the same operations.
struct Group<'r> {
    title: String,
    changes: Vec<&'r Change>,
}

/// The changes of a verdict that `shown` selects, grouped by operations, in the order of the report.
fn groups(report: &Report, verdict: Verdict, shown: impl Fn(&&Change) -> bool) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let changes = report.changes.iter();
    for change in changes
        .filter(|change| change.counted() == verdict)
        .filter(shown)
    {
        let title = title(change);
        match groups.iter_mut().find(|group| group.title == title) {
            Some(group) => group.changes.push(change),
            None => groups.push(Group {
                title,
                changes: vec![change],
            }),
        }
    }
    groups
}

fn title(change: &Change) -> String {
    match change.operations.as_slice() {
        [] if change.check.rust.is_some() => "The generated client".to_owned(),
        [] => "The whole API".to_owned(),
        [one] => one.to_string(),
        [first, rest @ ..] => {
            const NAMED: usize = 3;
            let mut title = first.request.clone();
            for operation in rest.iter().take(NAMED - 1) {
                title.push_str(&format!(", {}", operation.request));
            }
            match rest.len().saturating_sub(NAMED - 1) {
                0 => title,
                more => format!("{title} and {more} more"),
            }
        }
    }
}

/// The number of changes per verdict: `1 breaking, 0 may break, 2 additive, 0 neutral`.
fn summary(report: &Report) -> String {
    let counts = VERDICTS.map(|verdict| {
        let changes = report.changes.iter();
        let count = changes.filter(|change| change.counted() == verdict).count();
        format!("{count} {verdict}")
    });
    counts.join(", ")
}

/// Both verdicts: `breaking on the wire, additive in Rust`.
fn verdicts(change: &Change) -> String {
    let verdicts = match change.rust {
        Some(rust) if rust == change.wire => format!("{rust} on the wire and in Rust"),
        Some(rust) => format!("{} on the wire, {rust} in Rust", change.wire),
        None => format!("{} on the wire", change.wire),
    };
    match &change.accepted {
        Some(reason) => format!("{verdicts}; accepted: {reason}"),
        None => verdicts,
    }
}

/// The location of a change: `api.yaml:12 #/paths/~1roles`, or `None` if it has no line.
fn place(file: &str, place: &Place) -> Option<String> {
    let line = place.line?;
    let missing = if place.there { "" } else { " (missing)" };
    Some(format!("{file}:{line} {}{missing}", place.pointer))
}

/// Escapes text for HTML and XML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML cannot contain other control characters.
            control if control.is_control() && !"\n\t".contains(control) => out.push(' '),
            other => out.push(other),
        }
    }
    out
}
