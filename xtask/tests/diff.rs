//! Each check of the catalogue on the smallest pair of documents that has it.

mod pairs;

use std::sync::LazyLock;

use openapi_document::Document;
use pairs::Pair;
use serde_json::Value;
use xtask::diff::catalogue::{CATALOGUE, Verdict};
use xtask::diff::model::Report;
use xtask::diff::render::json;
use xtask::diff::with_surfaces;
use xtask::regen::{Made, make_of};
use xtask::registry::GeneratorSettings;

fn made(name: &str, document: &Value) -> Made {
    let document = Document::parse(name, format!("{document:#}")).expect("is JSON");
    make_of(document, &GeneratorSettings::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn compared(pair: &Pair) -> Report {
    let (old, new) = (made("old", &pair.before), made("new", &pair.after));
    with_surfaces((&old.vendored, &old.surface), (&new.vendored, &new.surface))
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The table with its reports, which take a while to make.
static COMPARED: LazyLock<Vec<(Pair, Report)>> = LazyLock::new(|| {
    let pairs = pairs::all().into_iter();
    pairs
        .map(|pair| {
            let report = compared(&pair);
            (pair, report)
        })
        .collect()
});

#[test]
fn every_check_finds_its_pair_and_nothing_else() {
    let mut wrong = Vec::new();
    for (pair, report) in COMPARED.iter() {
        let found: Vec<(&str, Verdict, Verdict)> = report
            .changes
            .iter()
            .map(|change| {
                (
                    change.check.id,
                    change.wire,
                    change.rust.expect("is compared"),
                )
            })
            .collect();
        let expected = [(pair.check, pair.wire, pair.rust)];
        let fits = match pair.check.starts_with("rust-") {
            // What the document changes has a check of its own.
            true => {
                let wire = found.iter().map(|(_, wire, _)| *wire).max();
                let rust = found.iter().map(|(_, _, rust)| *rust).max();
                let mut surface = report.changes.iter().flat_map(|change| {
                    let in_rust = change.surface.iter();
                    in_rust
                        .map(|in_rust| in_rust.check.id)
                        .chain([change.check.id])
                });
                surface.any(|id| id == pair.check)
                    && (wire, rust) == (Some(pair.wire), Some(pair.rust))
            }
            false => found == expected,
        };
        if !fits {
            let details: Vec<_> = report
                .changes
                .iter()
                .map(|change| (&change.what, &change.surface))
                .collect();
            wrong.push(format!(
                "{}{}: expected {expected:?}, found {found:?}\n    {details:?}",
                pair.check, pair.variant
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_check_has_a_pair() {
    let pairs = pairs::all();
    let without: Vec<&str> = CATALOGUE
        .iter()
        .map(|check| check.id)
        .filter(|id| pairs.iter().all(|pair| pair.check != *id))
        .collect();
    assert!(without.is_empty(), "without a pair: {without:?}");
}

#[test]
fn reports_as_json_are_as_their_schema_says() {
    let schema: Value = serde_json::from_str(json::SCHEMA).expect("is JSON");
    let validator = jsonschema::validator_for(&schema).expect("is a schema");
    assert_eq!(schema["properties"]["version"]["const"], json::VERSION);
    for (pair, report) in COMPARED.iter() {
        let report = json::json(report, true);
        if let Err(error) = validator.validate(&report) {
            panic!("{}: {error}\n{report:#}", pair.check);
        }
    }
}
