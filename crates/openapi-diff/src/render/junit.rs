//! The report as JUnit XML, which continuous integration shows as test results.

use std::fmt::Write as _;

use super::{escaped, place, title, verdicts};
use crate::catalogue::Verdict;
use crate::model::Report;

/// One test case for each change. It fails if its verdict is at least `fail_on`.
pub fn junit(report: &Report, fail_on: Verdict) -> String {
    let fails = |verdict: Verdict| verdict >= fail_on;
    let changes = report.changes.iter();
    let failures = changes.filter(|change| fails(change.counted())).count();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "<testsuites><testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\">",
        escaped(&format!("{} -> {}", report.old, report.new)),
        report.changes.len()
    );
    for change in &report.changes {
        let name = format!("{}: {}", title(change), change.what);
        let _ = write!(
            out,
            "  <testcase classname=\"{}\" name=\"{}\"",
            escaped(change.check.id),
            escaped(&name)
        );
        if !fails(change.counted()) {
            out.push_str("/>\n");
            continue;
        }
        let places = [
            place(&report.old, &change.old),
            place(&report.new, &change.new),
        ];
        let details: Vec<String> = places
            .into_iter()
            .flatten()
            .chain([change.advice.clone()])
            .collect();
        let _ = writeln!(
            out,
            "><failure message=\"{}\" type=\"{}\">{}</failure></testcase>",
            escaped(&verdicts(change)),
            change.counted(),
            escaped(&details.join("\n"))
        );
    }
    out.push_str("</testsuite></testsuites>\n");
    out
}
