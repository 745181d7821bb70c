//! Documents with one operation, and their comparison.

use chrono::NaiveDate;
use openapi_diff::catalogue::Verdict;
use openapi_diff::documents;
use openapi_diff::model::Report;
use openapi_diff::policy::Policy;
use openapi_document::Document;

/// A policy of 1 June 2030.
pub(crate) fn policy() -> Policy {
    Policy {
        today: NaiveDate::from_ymd_opt(2030, 6, 1).expect("is a day"),
        ..Policy::default()
    }
}

/// A document with one operation, and more at its top.
pub(crate) fn document(operation: &str, top: &str) -> Document {
    let text = format!(
        "openapi: 3.1.0
info: {{title: T, version: '1'}}
paths:
  /kept: {{get: {{operationId: kept, responses: {{'204': {{description: ''}}}}}}}}
  /t: {{{operation}}}
{top}
"
    );
    Document::parse("d.yaml", text).unwrap_or_else(|error| panic!("{operation}: {error}"))
}

pub(crate) fn get(more: &str) -> String {
    format!("get: {{operationId: t, responses: {{'204': {{description: ''}}}}{more}}}")
}

pub(crate) fn compared(old: &Document, new: &Document, policy: &Policy) -> Report {
    documents(old, new, policy).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn found(report: &Report) -> Vec<(&'static str, Verdict)> {
    let changes = report.changes.iter();
    changes
        .map(|change| (change.check.id, change.wire))
        .collect()
}

#[track_caller]
pub(crate) fn assert_found(old: &str, new: &str, expected: &[(&str, Verdict)]) {
    let report = compared(&document(old, ""), &document(new, ""), &policy());
    assert_eq!(found(&report), expected, "{old} -> {new}");
}
