//! What was asked for is there: the operations of the two seeds, in the documents and in the
//! generated clients, and nothing inferred that nobody noticed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use client_tests::apis::{api, apis, document, operations_of, workspace};
use serde_json::Value;
use xtask::regen::make;

/// Operations of a document that its seed does not have. The vendor's public pages show them.
const EXTRA: [(&str, &str); 15] = [
    ("alumio", "assignSpaceUsers"),
    ("alumio", "bulkExportAllObjectConfigurations"),
    ("alumio", "createSpace"),
    ("alumio", "getAuditTrailItem"),
    ("alumio", "getCurrentSpaceAuditTrail"),
    ("alumio", "getCurrentSpaceAuditTrailItem"),
    ("alumio", "getCurrentSpaceUsers"),
    ("alumio", "getCurrentUser"),
    ("alumio", "getSpace"),
    ("alumio", "getSpaceUser"),
    ("alumio", "getSpaceUsers"),
    ("alumio", "getTask"),
    ("alumio", "getTasks"),
    ("alumio", "patchObjectConfiguration"),
    ("alumio", "updateSpace"),
];

fn seed(name: &str) -> BTreeSet<String> {
    let file = Path::new("tests/seed-operations").join(format!("{name}.txt"));
    let text = std::fs::read_to_string(workspace().join(file)).expect("the list is there");
    let lines = text.lines().map(str::trim);
    let names = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    // The operationId stands last, behind the name in the seed where that is another one.
    let ids = names.filter_map(|line| line.split_whitespace().last());
    ids.map(str::to_owned).collect()
}

#[test]
fn the_lists_are_as_long_as_the_seeds() {
    assert_eq!(seed("numspot").len(), 89);
    assert_eq!(seed("alumio").len(), 13);
}

#[test]
fn every_operation_of_a_seed_is_in_its_document_and_any_other_is_named() {
    for name in ["numspot", "alumio"] {
        let document = document(&api(name));
        let there: BTreeSet<String> = operations_of(&document.root)
            .into_iter()
            .map(|operation| operation.id)
            .collect();
        let mut wanted = seed(name);
        let extra = EXTRA.iter().filter(|(api, _)| *api == name);
        wanted.extend(extra.map(|(_, id)| (*id).to_owned()));
        assert_eq!(there, wanted, "{name}");
    }
}

#[test]
fn every_operation_of_a_document_is_a_generated_method_with_the_same_route() {
    for api in apis() {
        let made = make(&workspace(), &api).unwrap_or_else(|error| panic!("{error}"));
        let documented: BTreeMap<String, String> = operations_of(&document(&api).root)
            .into_iter()
            .map(|operation| {
                let path = format!("{}{}", operation.path, operation.way);
                let request = format!("{} {path}", operation.method);
                (operation.rust_name, request)
            })
            .collect();
        let generated: BTreeMap<String, String> = made
            .surface
            .operations
            .iter()
            .map(|(name, call)| (name.clone(), call.request.clone()))
            .collect();
        assert_eq!(generated, documented, "{}", api.name);
    }
}

#[test]
fn the_tables_of_the_clients_list_every_operation_sorted() {
    for api in apis() {
        let (name, document) = (&api.name, document(&api));
        let table = client_tests::generated::operations(name);
        let documented: BTreeSet<String> = operations_of(&document.root)
            .into_iter()
            .map(|operation| operation.rust_name)
            .collect();
        let listed: Vec<&str> = table.iter().map(|operation| operation.rust_name).collect();
        assert!(documented.iter().eq(listed), "{name}");
    }
}

/// How many things each document infers, by what. Whoever adds or removes a mark changes this on
/// purpose.
#[test]
fn what_is_inferred_is_counted() {
    let counted = |name: &str| {
        let document = document(&api(name));
        let mut count = BTreeMap::new();
        count_marks(&document.root, &mut count);
        count
    };
    assert_eq!(
        counted("numspot"),
        count_of(&[("method", 10), ("path", 4), ("shape", 1), ("status", 14)])
    );
    assert_eq!(
        counted("alumio"),
        count_of(&[
            ("location", 12),
            ("method", 12),
            ("path", 12),
            ("shape", 30),
            ("status", 18)
        ])
    );
}

fn count_of(counts: &[(&str, usize)]) -> BTreeMap<String, usize> {
    let counts = counts.iter();
    counts
        .map(|(what, count)| ((*what).to_owned(), *count))
        .collect()
}

fn count_marks(value: &Value, count: &mut BTreeMap<String, usize>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if name == "x-inferred" {
                    let marks = value.as_array().expect("the marks are a list");
                    for mark in marks {
                        let mark = mark.as_str().expect("a mark is text");
                        let (what, reason) = mark.split_once(": ").expect("a mark says why");
                        assert!(!reason.is_empty(), "{mark}");
                        *count.entry(what.to_owned()).or_default() += 1;
                    }
                } else {
                    count_marks(value, count);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| count_marks(item, count)),
        _ => {}
    }
}
