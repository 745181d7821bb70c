//! The differences between the surface of a client and that of its committed plan.

use client_codegen::Settings;
use client_codegen::plan::ClientPlan;
use client_codegen::surface::{Surface, render};
use similar::{ChangeTag, TextDiff};

/// The removed and added lines of a surface, compared with that of the plan in the `openapi.json` of the
/// crate. Empty if no code can be generated from that plan.
pub fn surface_changes(settings: &Settings, before: &str, after: &Surface) -> Vec<String> {
    let before = serde_json::from_str(before)
        .ok()
        .and_then(|plan: ClientPlan| Surface::of(&plan, settings).ok());
    let Some(before) = before else {
        return Vec::new();
    };
    let (mut before, after) = (render(&before), render(after));
    let mut changes = Vec::new();
    for (file, after) in &after {
        let before = before.remove(file).unwrap_or_default();
        changes.extend(changed_lines(file, &before, after));
    }
    for (file, gone) in &before {
        changes.extend(changed_lines(file, gone, ""));
    }
    changes
}

/// Each changed line, after the operation or type that it belongs to.
fn changed_lines(file: &str, before: &str, after: &str) -> Vec<String> {
    let diff = TextDiff::from_lines(before, after);
    let mut about = file.to_owned();
    let mut lines = Vec::new();
    for change in diff.iter_all_changes() {
        let line = change.value().trim_end();
        if !line.starts_with(' ') {
            about = line.split("  //").next().unwrap_or_default().to_owned();
        }
        let sign = match change.tag() {
            ChangeTag::Equal => continue,
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        lines.push(match line.strip_prefix("    ") {
            Some(inside) => format!("{sign} {about}: {inside}"),
            None => format!("{sign} {line}"),
        });
    }
    lines
}
