//! The report as Markdown for a pull request.

use std::fmt::Write as _;

use super::{groups, place, summary, verdicts};
use crate::catalogue::Verdict;
use crate::model::Report;

/// The report as Markdown, with all changes or without hidden ones.
pub fn markdown(report: &Report, all: bool) -> String {
    // Writing to a string does not fail.
    let mut out = format!("### `{}` → `{}`\n\n", report.old, report.new);
    let _ = writeln!(out, "{}.", summary(report, all));
    for group in groups(report, all) {
        let _ = writeln!(out, "\n#### {}\n", escaped(&group.title));
        for change in group.changes {
            let verdict = match change.verdict() {
                Verdict::Breaking => "**breaking**".to_owned(),
                other => other.to_string(),
            };
            let _ = writeln!(
                out,
                "- {verdict}: {} (`{}`; {})",
                escaped(&change.what),
                change.check.id,
                verdicts(change)
            );
            if change.verdict() == Verdict::Breaking {
                let _ = writeln!(out, "  - {}", change.advice);
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
        }
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
