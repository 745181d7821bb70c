//! The report as Markdown for a comment on a pull request.

use std::fmt::Write as _;

use super::{VERDICTS, groups, place, summary, verdicts};
use crate::catalogue::Verdict;
use crate::model::{Change, Report};

/// The maximum number of characters of a comment on GitHub.
pub const LONGEST: usize = 65_536;

/// The maximum length of the sentence about omitted changes.
const RESERVED: usize = 200;

/// The report as Markdown of at most `longest` characters. The highest verdicts are first; the number
/// of changes that do not fit is stated at the end.
pub fn markdown(report: &Report, longest: usize) -> String {
    let mut out = format!("### `{}` → `{}`\n\n", report.old, report.new);
    // Writing to a string does not fail.
    let _ = writeln!(out, "{}.", summary(report));
    let mut length = out.chars().count();
    let mut omitted = 0;
    for verdict in VERDICTS {
        for group in groups(report, verdict, |_| true) {
            let mut title = format!("\n#### {}\n\n", escaped(&group.title));
            for change in group.changes {
                let text = std::mem::take(&mut title) + &told(report, change);
                let characters = text.chars().count();
                if omitted > 0 || length + characters + RESERVED > longest {
                    omitted += 1;
                    continue;
                }
                length += characters;
                out.push_str(&text);
            }
        }
    }
    if omitted > 0 {
        let _ = writeln!(
            out,
            "\n{omitted} more changes do not fit into a comment; `cargo xtask diff` shows them."
        );
    }
    out
}

fn told(report: &Report, change: &Change) -> String {
    let verdict = match change.counted() {
        Verdict::Breaking => "**breaking**".to_owned(),
        other => other.to_string(),
    };
    let mut out = format!(
        "- {verdict}: {} (`{}` `{}`; {})\n",
        escaped(&change.what),
        change.check.id,
        change.id,
        verdicts(change)
    );
    if change.advice != "None." {
        let _ = writeln!(out, "  - {}", escaped(&change.advice));
    }
    for in_rust in &change.surface {
        let _ = writeln!(out, "  - {}", escaped(&in_rust.what));
    }
    let places = [
        place(&report.old, &change.old).map(|place| format!("before: `{place}`")),
        place(&report.new, &change.new).map(|place| format!("after: `{place}`")),
    ];
    let places: Vec<String> = places.into_iter().flatten().collect();
    if !places.is_empty() {
        let _ = writeln!(out, "  - {}", places.join(", "));
    }
    out
}

/// Escapes Markdown characters outside of code spans.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.split('`').enumerate() {
        let in_code = index % 2 == 1;
        if index > 0 {
            out.push('`');
        }
        match in_code {
            true => out.push_str(part),
            false => {
                for character in part.chars() {
                    if "*_<>[]|#".contains(character) {
                        out.push('\\');
                    }
                    out.push(character);
                }
            }
        }
    }
    out.replace('\n', " ")
}
