//! Renders the results of documents as a table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Examined, Operations, Verdict};

const HEAD: [&str; 14] = [
    "document",
    "openapi",
    "operations",
    "whole",
    "schemas",
    "changed",
    "reduced",
    "lines",
    "lower",
    "generate",
    "compile",
    "decode",
    "cases",
    "verdict",
];

/// One row per document with its first error below, and totals. `verbose` adds each limitation and
/// each failed case.
pub fn table(examined: &[Examined], verbose: bool) -> String {
    let rows: Vec<[String; HEAD.len()]> = examined.iter().map(row).collect();
    let mut widths = HEAD.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = line(&HEAD.map(str::to_owned), &widths);
    for (row, examined) in rows.iter().zip(examined) {
        out += &line(row, &widths);
        out += &details(examined, verbose);
    }
    out + &reasons(examined) + &totals(examined)
}

/// Why documents have no client: the number of documents for each reason, the most frequent first.
fn reasons(examined: &[Examined]) -> String {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for examined in examined {
        if let Some(reason) = &examined.reason {
            let key = (verdict(examined.verdict), reason.as_str());
            *counts.entry(key).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(reason, count)| (std::cmp::Reverse(*count), *reason));
    let lines = counts.into_iter();
    lines
        .map(|((verdict, reason), count)| format!("{count:>5}  {verdict}: {reason}\n"))
        .collect()
}

fn row(examined: &Examined) -> [String; HEAD.len()] {
    let seconds = |stage: Option<f64>| stage.map_or("-".to_owned(), |time| format!("{time:.2}"));
    let decoded = &examined.decoded;
    let name = examined.document.rsplit('/').next().unwrap_or_default();
    [
        name.to_owned(),
        examined.version.clone().unwrap_or_else(|| "-".to_owned()),
        examined.operations.documented.to_string(),
        share(&examined.operations),
        examined.schemas.to_string(),
        examined.changed.to_string(),
        examined.reduced.to_string(),
        examined.lines.to_string(),
        seconds(examined.seconds.lower),
        seconds(examined.seconds.generate),
        seconds(examined.seconds.compile),
        seconds(examined.seconds.decode),
        match decoded.cases {
            0 => "-".to_owned(),
            cases => format!("{}/{cases}", cases - decoded.wrong),
        },
        verdict(examined.verdict).to_owned(),
    ]
}

fn share(operations: &Operations) -> String {
    match operations.documented {
        0 => "-".to_owned(),
        // Rounded down, so that 100 % means all.
        all => format!("{} %", operations.whole * 100 / all),
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::DecodesWrong => "decodes wrong",
        Verdict::DoesNotCompile => "does not compile",
        Verdict::NotGenerated => "not generated",
        Verdict::Refused => "refused",
        Verdict::Panicked => "panicked",
    }
}

fn line(cells: &[String; HEAD.len()], widths: &[usize; HEAD.len()]) -> String {
    let last = HEAD.len() - 1;
    let mut out = String::new();
    for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
        // Writing to a string does not fail.
        let _ = match index {
            // Names are left-aligned, numbers right-aligned.
            0 => write!(out, "{cell:<width$}"),
            index if index == last => write!(out, "  {cell}"),
            _ => write!(out, "  {cell:>width$}"),
        };
    }
    out + "\n"
}

fn details(examined: &Examined, verbose: bool) -> String {
    let mut out = String::new();
    let failures = examined.decoded.failures.as_slice();
    let errors = match verbose && !failures.is_empty() {
        true => failures,
        false => examined.error.as_slice(),
    };
    for error in errors {
        let _ = writeln!(out, "    {error}");
    }
    if verbose {
        for short in &examined.short {
            let _ = writeln!(out, "    {}: {}", short.operation, short.loss);
        }
        for unmade in &examined.decoded.unmade {
            let _ = writeln!(out, "    not tested: {unmade}");
        }
        if examined.decoded.untyped > 0 {
            let _ = writeln!(
                out,
                "    JSON bodies without a type: {}",
                examined.decoded.untyped
            );
        }
    }
    out
}

fn totals(examined: &[Examined]) -> String {
    let passed = examined
        .iter()
        .filter(|examined| examined.verdict == Verdict::Passed);
    let mut all = Operations::default();
    for Examined { operations, .. } in examined {
        all.documented += operations.documented;
        all.whole += operations.whole;
        all.reduced += operations.reduced;
        all.lost += operations.lost;
    }
    format!(
        "{} of {} documents passed; of {} operations, {} are complete, {} have limitations, {} are missing\n",
        passed.count(),
        examined.len(),
        all.documented,
        all.whole,
        all.reduced,
        all.documented - all.whole - all.reduced,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Decoded, Limitation, Seconds};

    #[test]
    fn a_row_has_the_progress_and_the_limitations_of_a_document() {
        let examined = Examined {
            document: "somewhere/roles.yaml".to_owned(),
            version: Some("3.1.0".to_owned()),
            operations: Operations {
                documented: 3,
                whole: 2,
                reduced: 1,
                lost: 0,
            },
            schemas: 4,
            changed: 10,
            reduced: 1,
            lines: 1234,
            seconds: Seconds {
                lower: Some(0.25),
                ..Seconds::default()
            },
            decoded: Decoded {
                cases: 12,
                wrong: 1,
                failures: vec!["GET /roles, response 200: /name is missing".to_owned()],
                ..Decoded::default()
            },
            verdict: Verdict::DecodesWrong,
            error: Some("GET /roles, response 200: /name is missing".to_owned()),
            reason: None,
            short: vec![Limitation {
                operation: "PUT /roles".to_owned(),
                loss: "its cookie cannot be sent".to_owned(),
            }],
        };
        let expected = "\
document    openapi  operations  whole  schemas  changed  reduced  lines  lower  generate  compile  decode  cases  verdict
roles.yaml    3.1.0           3   66 %        4       10        1   1234   0.25         -        -       -  11/12  decodes wrong
    GET /roles, response 200: /name is missing
    PUT /roles: its cookie cannot be sent
0 of 1 documents passed; of 3 operations, 2 are complete, 1 have limitations, 0 are missing
";
        assert_eq!(table(&[examined], true), expected);
    }
}
