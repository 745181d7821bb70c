//! The report as text for a terminal.

use std::collections::HashSet;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::{Group, VERDICTS, groups, place, summary, verdicts};
use crate::catalogue::{Check, Verdict};
use crate::limits::Limit;
use crate::model::{Change, Report};

/// The maximum number of lines for changes that break programs; if there are more, they are grouped by
/// check.
const BREAKING_LINES: usize = 120;

/// The same for all other changes of a verdict.
const OTHER_LINES: usize = 40;

/// The maximum number of names in a line about several changes.
const NAMED: usize = 6;

/// The report as text: one line for each change, or with `verbose` all details of it. With or without
/// terminal colours.
pub fn text(report: &Report, verbose: bool, colour: bool) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(out, "{} -> {}", report.old, report.new);
    let _ = writeln!(out, "{}", summary(report));
    for verdict in VERDICTS {
        for in_source in [false, true] {
            let shown = |change: &&Change| in_source_only(change) == in_source;
            let groups = groups(report, verdict, shown);
            if groups.is_empty() {
                continue;
            }
            let only = if in_source {
                " in source code only"
            } else {
                ""
            };
            let heading = painted(&format!("{verdict}{only}"), style(verdict), colour);
            let _ = writeln!(out, "\n{heading}");
            let lines = match verbose {
                true => verbose_lines(report, &groups, colour),
                false => {
                    let longest = match verdict >= Verdict::MayBreak && !in_source {
                        true => BREAKING_LINES,
                        false => OTHER_LINES,
                    };
                    brief_lines(groups, longest, colour)
                }
            };
            for line in lines {
                let _ = writeln!(out, "  {line}");
            }
        }
    }
    out
}

/// True if a change has its verdict for callers' source code, and a lower one for programs.
fn in_source_only(change: &Change) -> bool {
    change.wire < change.counted()
}

/// The changes by operations, or if that requires more than `longest` lines, by check.
fn brief_lines(groups: Vec<Group<'_>>, longest: usize, colour: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for group in &groups {
        let title = painted(&group.title, Style::new().bold(), colour);
        match joined(&group.changes, 3, subject_of).as_slice() {
            [only] => lines.push(format!("{title}: {only}")),
            several => {
                lines.push(title);
                lines.extend(several.iter().map(|line| format!("  {line}")));
            }
        }
    }
    if lines.len() <= longest {
        return lines;
    }
    let changes: Vec<&Change> = groups.into_iter().flat_map(|group| group.changes).collect();
    joined(&changes, 2, operation_of)
}

fn verbose_lines(report: &Report, groups: &[Group<'_>], colour: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for group in groups {
        lines.push(painted(&group.title, Style::new().bold(), colour));
        for change in &group.changes {
            lines.extend(
                details(report, change)
                    .into_iter()
                    .map(|line| format!("  {line}")),
            );
        }
    }
    lines
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
            let mut names: Vec<String> = same.iter().map(|change| name(change)).collect();
            let mut known = HashSet::new();
            names.retain(|name| known.insert(name.clone()));
            let more = match names.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            names.truncate(NAMED);
            lines.push(format!("{} × {id}: {}{more}", same.len(), names.join(", ")));
        }
    }
    lines
}

fn line(change: &Change) -> String {
    format!("{}  [{} {}]", change.what, change.check.id, change.id)
}

/// The subject of a change: the first name in its sentence, or that after `of`.
fn subject_of(change: &Change) -> String {
    let what = &change.what;
    let from = what.find(" of `").unwrap_or_default();
    match what[from..].split('`').nth(1) {
        Some(name) => format!("`{name}`"),
        None => change.what.clone(),
    }
}

/// The first operation of a change, or its subject.
fn operation_of(change: &Change) -> String {
    let whole = change.what.starts_with("the operation was");
    match change.operations.first() {
        Some(operation) if whole => operation.to_string(),
        _ => subject_of(change),
    }
}

/// The details of a change.
fn details(report: &Report, change: &Change) -> Vec<String> {
    let mut lines = vec![line(change), format!("    {}", verdicts(change))];
    if change.advice != "None." {
        lines.push(format!("    action: {}", change.advice));
    }
    let surface = change.surface.iter();
    lines.extend(surface.map(|in_rust| format!("    in Rust: {}", in_rust.what)));
    for (name, file, at) in [
        ("old", &report.old, &change.old),
        ("new", &report.new, &change.new),
    ] {
        lines.extend(place(file, at).map(|place| format!("    {name}: {place}")));
    }
    lines
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
