//! The report as text for a terminal.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::{groups, place, summary, verdicts};
use crate::catalogue::{Check, Verdict};
use crate::model::Report;

/// The report as text, with all changes or without hidden ones, with or without terminal colours.
pub fn text(report: &Report, all: bool, colour: bool) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(out, "{} -> {}", report.old, report.new);
    let _ = writeln!(out, "{}", summary(report, all));
    for group in groups(report, all) {
        let bold = Style::new().bold();
        let _ = writeln!(out, "\n{}", painted(&group.title, bold, colour));
        for change in group.changes {
            let verdict = change.verdict();
            let word = painted(&format!("{verdict:<8}"), style(verdict), colour);
            let _ = writeln!(out, "  {word}  {}  [{}]", change.what, change.check.id);
            let _ = writeln!(out, "            {}", verdicts(change));
            if change.advice != "None." {
                let _ = writeln!(out, "            action: {}", change.advice);
            }
            for in_rust in &change.surface {
                let _ = writeln!(out, "            in Rust: {}", in_rust.what);
            }
            for (name, file, at) in [
                ("old", &report.old, &change.old),
                ("new", &report.new, &change.new),
            ] {
                if let Some(place) = place(file, at) {
                    let _ = writeln!(out, "            {name}: {place}");
                }
            }
        }
    }
    out
}

fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Breaking => AnsiColor::Red.on_default().bold(),
        Verdict::MayBreak => AnsiColor::Yellow.on_default().bold(),
        Verdict::Additive => AnsiColor::Green.on_default(),
        Verdict::Neutral => Style::new().dimmed(),
    }
}

fn painted(text: &str, style: Style, colour: bool) -> String {
    match colour {
        true => format!("{style}{text}{style:#}"),
        false => text.to_owned(),
    }
}

/// The checks of a catalogue, one per line.
pub fn list(catalogue: &[&Check]) -> String {
    let width = catalogue.iter().map(|check| check.id.len()).max();
    let mut out = String::new();
    for check in catalogue {
        let _ = writeln!(
            out,
            "{:<width$}  {}",
            check.id,
            check.summary,
            width = width.unwrap_or_default()
        );
    }
    out
}

/// The explanation of one check.
pub fn explain(check: &Check) -> String {
    let wire = match check.request == check.response {
        true => check.request.to_string(),
        false => format!(
            "{} in requests, {} in responses; the higher of the two if it is in both",
            check.request, check.response
        ),
    };
    let rust = match check.rust {
        Some(verdict) => verdict.to_string(),
        None => "depends on the generated surfaces".to_owned(),
    };
    format!(
        "{}\n  {}\n  on the wire: {wire}\n  in Rust: {rust}\n  action: {}\n",
        check.id, check.summary, check.advice
    )
}
