//! The report as annotations of GitHub Actions (workflow commands).

use crate::catalogue::Verdict;
use crate::model::Report;

/// One annotation for each change, at its location in the new document.
pub fn github(report: &Report) -> String {
    let mut out = String::new();
    for change in &report.changes {
        let level = match change.counted() {
            Verdict::Breaking => "error",
            Verdict::MayBreak => "warning",
            Verdict::Additive | Verdict::Neutral => "notice",
        };
        let line = change.new.line.map(|line| format!(",line={line}"));
        let operations: Vec<String> = change.operations.iter().map(ToString::to_string).collect();
        let message = format!(
            "{}\n{}\n{}",
            change.what,
            operations.join(", "),
            change.advice
        );
        out += &format!(
            "::{level} file={}{},title={}::{}\n",
            property(&report.new),
            line.unwrap_or_default(),
            property(change.check.id),
            data(&message)
        );
    }
    out
}

/// Escapes the message of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes a property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
