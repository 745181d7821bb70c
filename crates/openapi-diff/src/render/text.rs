//! The report as text for a terminal.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::{VERDICTS, groups, place, summary, verdicts};
use crate::catalogue::{Check, Verdict};
use crate::limits::Limit;
use crate::model::{Change, Report};

/// The most changes of a verdict below [`Verdict::MayBreak`] that are told one by one.
const TOLD: usize = 40;

/// The most names in a line about several changes.
const NAMED: usize = 6;

/// The report as text: one line for each change, or with `verbose` everything that is known about
/// it. With or without terminal colours.
pub fn text(report: &Report, verbose: bool, colour: bool) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(out, "{} -> {}", report.old, report.new);
    let _ = writeln!(out, "{}", summary(report));
    for verdict in VERDICTS {
        let groups = groups(report, verdict);
        let count: usize = groups.iter().map(|group| group.changes.len()).sum();
        if count == 0 {
            continue;
        }
        let heading = painted(&verdict.to_string(), style(verdict), colour);
        let _ = writeln!(out, "\n{heading}");
        if !verbose && verdict < Verdict::MayBreak && count > TOLD {
            let changes: Vec<&Change> =
                groups.into_iter().flat_map(|group| group.changes).collect();
            for line in joined(&changes, 1, operation_of) {
                let _ = writeln!(out, "  {line}");
            }
            continue;
        }
        for group in groups {
            let title = painted(&group.title, Style::new().bold(), colour);
            if verbose {
                let _ = writeln!(out, "  {title}");
                for change in group.changes {
                    details(&mut out, report, change);
                }
                continue;
            }
            match joined(&group.changes, 3, subject_of).as_slice() {
                [only] => {
                    let _ = writeln!(out, "  {title}: {only}");
                }
                lines => {
                    let _ = writeln!(out, "  {title}");
                    for line in lines {
                        let _ = writeln!(out, "    {line}");
                    }
                }
            }
        }
    }
    out
}

/// One line for each change, or for all changes of a check if they are at least `least` many.
fn joined(changes: &[&Change], least: usize, name: fn(&Change) -> String) -> Vec<String> {
    let mut lines = Vec::new();
    let mut told = Vec::new();
    for change in changes {
        let id = change.check.id;
        let same: Vec<&Change> = changes
            .iter()
            .filter(|other| other.check.id == id)
            .copied()
            .collect();
        if same.len() < least.max(2) {
            lines.push(line(change));
        } else if !told.contains(&id) {
            told.push(id);
            let names: Vec<String> = same.iter().take(NAMED).map(|change| name(change)).collect();
            let more = match same.len() - names.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            lines.push(format!("{} × {id}: {}{more}", same.len(), names.join(", ")));
        }
    }
    lines
}

fn line(change: &Change) -> String {
    let source_only = match change.rust {
        Some(rust) if rust > change.wire && rust >= Verdict::MayBreak => ", in source code only",
        _ => "",
    };
    format!(
        "{}  [{} {}{source_only}]",
        change.what, change.check.id, change.id
    )
}

/// What a change is about: the first name in its sentence, or that after `of`.
fn subject_of(change: &Change) -> String {
    let what = &change.what;
    let from = what.find(" of `").unwrap_or_default();
    match what[from..].split('`').nth(1) {
        Some(name) => format!("`{name}`"),
        None => change.what.clone(),
    }
}

/// The first operation of a change, or what it is about.
fn operation_of(change: &Change) -> String {
    let whole = change.what.starts_with("the operation was");
    match change.operations.first() {
        Some(operation) if whole => operation.to_string(),
        _ => subject_of(change),
    }
}

/// Everything about a change.
fn details(out: &mut String, report: &Report, change: &Change) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "    {}", line(change));
    let _ = writeln!(out, "        {}", verdicts(change));
    if change.advice != "None." {
        let _ = writeln!(out, "        action: {}", change.advice);
    }
    for in_rust in &change.surface {
        let _ = writeln!(out, "        in Rust: {}", in_rust.what);
    }
    for (name, file, at) in [
        ("old", &report.old, &change.old),
        ("new", &report.new, &change.new),
    ] {
        if let Some(place) = place(file, at) {
            let _ = writeln!(out, "        {name}: {place}");
        }
    }
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
    let advice = match check.advice == check.response_advice {
        true => format!("  action: {}\n", check.advice),
        false => format!(
            "  action for requests: {}\n  action for responses: {}\n",
            check.advice, check.response_advice
        ),
    };
    format!(
        "{}\n  {}\n  on the wire: {wire}\n  in Rust: {rust}\n{advice}",
        check.id, check.summary
    )
}

/// The limits of the comparison, with their reasons.
pub fn limits(limits: &[Limit]) -> String {
    let mut out = String::new();
    for limit in limits {
        let _ = writeln!(out, "{}\n  {}", limit.what, limit.why);
    }
    out
}
