//! A modified document is either lowered or rejected: there is no panic, no endless work, and every
//! diagnostic has a place and a hint.
//!
//! The documents are the seeds of the fuzz target, modified line by line. `fuzz/` searches longer,
//! with a nightly compiler.

use std::path::Path;

use openapi_document::{Document, overlay};
use openapi_lower::lower;
use proptest::prelude::*;

/// Replacements for values.
const ODD: [&str; 16] = [
    "",
    "null",
    "true",
    "-1",
    "1e308",
    "18446744073709551616",
    "''",
    "'#'",
    "'#/'",
    "'#/paths/~1a'",
    "'#/components/schemas/Order'",
    "[]",
    "{}",
    "[{}]",
    "{$ref: '#/components/schemas/Line'}",
    "{type: object, allOf: [{$ref: '#/components/schemas/Order'}]}",
];

/// A modification of a document.
#[derive(Debug, Clone)]
enum Change {
    Drop(usize),
    Repeat(usize, usize),
    /// Replaces the value after one of the colons of a line.
    Value(usize, usize, &'static str),
    Cut(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let line = 0..80_usize;
    let odd = prop::sample::select(ODD.to_vec());
    prop_oneof![
        line.clone().prop_map(Change::Drop),
        (line.clone(), line.clone()).prop_map(|(from, to)| Change::Repeat(from, to)),
        (line.clone(), 0..8_usize, odd).prop_map(|(line, at, odd)| Change::Value(line, at, odd)),
        (line, 0..120_usize).prop_map(|(line, at)| Change::Cut(line, at)),
    ]
}

fn mangled(text: &str, changes: &[Change]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for change in changes {
        let count = lines.len().max(1);
        match change {
            Change::Drop(line) if !lines.is_empty() => {
                lines.remove(line % count);
            }
            Change::Repeat(from, to) if !lines.is_empty() => {
                let line = lines[from % count].clone();
                lines.insert(to % count, line);
            }
            Change::Value(line, at, odd) => {
                if let Some(line) = lines.get_mut(line % count) {
                    let colons: Vec<usize> = line.match_indices(": ").map(|(at, _)| at).collect();
                    if let Some(colon) = colons.get(at % colons.len().max(1)) {
                        let rest = &line[colon + 2..];
                        let end = rest.find([',', '}', ']']).unwrap_or(rest.len());
                        *line = format!("{}: {odd}{}", &line[..*colon], &rest[end..]);
                    }
                }
            }
            Change::Cut(line, at) => {
                if let Some(line) = lines.get_mut(line % count) {
                    let cut = line.chars().take(*at).collect();
                    *line = cut;
                }
            }
            _ => {}
        }
    }
    lines.join("\n")
}

fn seeds() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
    let mut seeds: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder exists")
        .map(|entry| entry.expect("can be read").path())
        .collect();
    seeds.sort();
    let documents = seeds.iter().map(std::fs::read_to_string);
    documents
        .map(|document| document.expect("is UTF-8"))
        .collect()
}

/// Runs the same steps as the fuzz target.
fn try_out(text: &str) -> Result<(), String> {
    let (text, correction) = text.split_once("\n%%\n").unwrap_or((text, ""));
    let lowered = Document::parse("document", text).and_then(|mut document| {
        if !correction.is_empty() {
            overlay::apply(&Document::parse("overlay", correction)?, &mut document)?;
        }
        lower(&document)
    });
    match lowered {
        Err(diagnostic) if diagnostic.position.is_none() || diagnostic.hint.is_empty() => {
            Err(format!("rejected without a place or a hint: {diagnostic}"))
        }
        _ => Ok(()),
    }
}

#[test]
fn the_seeds_are_lowered() {
    for seed in seeds() {
        let (text, _) = seed.split_once("\n%%\n").unwrap_or((&seed, ""));
        let document = Document::parse("seed", text).unwrap_or_else(|error| panic!("{error}"));
        lower(&document).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn bounds_beyond_every_integer_are_lowered() {
    let bounds = "minimum: 1e308, exclusiveMinimum: true, maximum: -1e308, exclusiveMaximum: true";
    let text = format!(
        "openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths:\n  /a:\n    post:\n      requestBody:\n        \
         content: {{application/json: {{schema: {{type: integer, {bounds}}}}}}}\n      responses: {{}}\n"
    );
    assert_eq!(try_out(&text), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn a_modified_document_is_lowered_or_rejected_with_a_place(
        seed in prop::sample::select(seeds()),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let mangled = mangled(&seed, &changes);
        prop_assert_eq!(try_out(&mangled), Ok(()));
    }
}
