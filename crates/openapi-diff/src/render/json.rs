//! The report as JSON, described by `report.schema.json`.
//!
//! The version of the schema is raised when a property is removed or changes its meaning, not when
//! one is added.

use serde_json::{Value, json};

use crate::catalogue::Verdict;
use crate::model::{Change, InRust, Place, Report};

/// The version of the schema of the reports.
pub const VERSION: u32 = 2;

/// The JSON Schema (2020-12) of reports.
pub const SCHEMA: &str = include_str!("report.schema.json");

/// The report as JSON, with the verdict on all changes, including those that the report omits.
pub fn json(report: &Report, verdict: Verdict) -> Value {
    json!({
        "version": VERSION,
        "old": report.old,
        "new": report.new,
        "verdict": verdict,
        "surfaces_compared": report.surfaces_compared,
        "changes": report.changes.iter().map(change).collect::<Vec<_>>(),
    })
}

fn change(change: &Change) -> Value {
    use openapi_document::Direction;
    let directions = change.directions.iter();
    let directions = directions.map(|direction| match direction {
        Direction::Request => "request",
        Direction::Response => "response",
    });
    json!({
        "id": change.id,
        "check": change.check.id,
        "what": change.what,
        "operations": change.operations.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "directions": directions.collect::<Vec<_>>(),
        "old": place(&change.old),
        "new": place(&change.new),
        "verdict": change.verdict(),
        "wire": change.wire,
        "rust": change.rust,
        "surface": change.surface.iter().map(in_rust).collect::<Vec<_>>(),
        "advice": change.advice,
        "accepted": change.accepted,
    })
}

fn in_rust(in_rust: &InRust) -> Value {
    json!({
        "check": in_rust.check.id,
        "what": in_rust.what,
        "rust": in_rust.check.rust,
    })
}

fn place(place: &Place) -> Value {
    let mut out = json!({
        "pointer": place.pointer.as_str(),
        "there": place.there,
        "line": place.line,
    });
    if let Some(value) = &place.value {
        out["value"] = value.clone();
    }
    out
}
