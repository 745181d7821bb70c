//! Tests that modified documents are lowered unless they cannot be parsed, that there is no panic and no
//! endless loop, and that every diagnostic has a location and a hint.
//!
//! The documents are the seeds of the fuzz target. They are modified line by line, which may produce invalid YAML,
//! and value by value, which produces valid YAML. `fuzz/` searches longer, with a nightly compiler.

use std::path::Path;

use openapi_document::{Document, Pointer, overlay};
use openapi_lower::lower;
use proptest::prelude::*;
use serde_json::{Value, json};

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
        Err(diagnostic) if diagnostic.position.is_none() || diagnostic.hint.is_empty() => Err(
            format!("rejected without a location or a hint: {diagnostic}"),
        ),
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

/// The locations whose values may be changed: all except the version, without which the document is
/// rejected, and the extensions that only the overlays of this workspace use.
fn places(value: &Value, pointer: &Pointer, found: &mut Vec<Pointer>) {
    let children: Vec<(Pointer, &Value)> = match value {
        Value::Object(properties) => {
            let properties = properties.iter();
            let known =
                properties.filter(|(name, _)| !["openapi", "x-paging"].contains(&name.as_str()));
            known
                .map(|(name, value)| (pointer.join(name), value))
                .collect()
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .map(|(index, value)| (pointer.join(index), value))
                .collect()
        }
        _ => Vec::new(),
    };
    for (pointer, value) in children {
        found.push(pointer.clone());
        places(value, &pointer, found);
    }
}

/// A change of one value of a document. The numbers select locations.
#[derive(Debug, Clone)]
enum Replacement {
    Remove(usize),
    With(usize, usize),
    /// The value of another location.
    Copy(usize, usize),
    /// The key of a property.
    Key(usize, usize),
}

fn replacement() -> impl Strategy<Value = Replacement> {
    let place = 0..10_000_usize;
    prop_oneof![
        place.clone().prop_map(Replacement::Remove),
        (place.clone(), 0..100_usize).prop_map(|(place, odd)| Replacement::With(place, odd)),
        (place.clone(), place.clone()).prop_map(|(from, to)| Replacement::Copy(from, to)),
        (place, 0..100_usize).prop_map(|(place, odd)| Replacement::Key(place, odd)),
    ]
}

fn odd_values() -> Vec<Value> {
    let mut values = vec![
        json!(null),
        json!(true),
        json!(-1.5),
        json!("text"),
        json!([]),
        json!({}),
        json!([null, 1, "text", {}]),
        json!({ "a": null }),
        json!({ "type": ["null"] }),
        json!({ "type": "array", "items": true }),
        json!({ "type": "object", "required": true, "additionalProperties": "text" }),
        json!({ "in": "path", "name": "gone", "schema": {} }),
        json!({ "in": "nowhere", "name": "x" }),
        json!({ "in": "body", "name": "x", "schema": {} }),
    ];
    let references = [
        "#",
        "#/",
        "#anchor",
        "#/paths",
        "#/info/title",
        "#/components/schemas/Gone",
        "#/components/schemas/Order",
        "#/components/schemas/Order/allOf/0",
        "#/components/parameters/Size",
        "#/paths/~1orders/get",
        "https://schemas.example/a.yaml",
        "gone.yaml#/a",
    ];
    for reference in references {
        values.push(json!({ "$ref": reference }));
        values.push(json!({ "allOf": [{ "$ref": reference }] }));
        values.push(json!({ "oneOf": [{ "$ref": reference }, { "type": "null" }] }));
    }
    values
}

const ODD_KEYS: [&str; 16] = [
    "",
    "$ref",
    "/",
    "/{",
    "/{a}",
    "a/b",
    "/{a*}",
    "get",
    "GET",
    "purge",
    "default",
    "2XX",
    "allOf",
    "items",
    "properties",
    "x-a",
];

/// Applies changes to the values of a document.
fn replaced(document: &Value, changes: &[Replacement]) -> Value {
    let mut document = document.clone();
    for change in changes {
        let mut all = Vec::new();
        places(&document, &Pointer::root(), &mut all);
        if all.is_empty() {
            break;
        }
        let at = |place: &usize| all[place % all.len()].clone();
        let odd = odd_values();
        match change {
            Replacement::Remove(place) => rename(&mut document, &at(place), None),
            Replacement::Key(place, odd) => {
                rename(
                    &mut document,
                    &at(place),
                    Some(ODD_KEYS[odd % ODD_KEYS.len()]),
                );
            }
            Replacement::With(place, value) => {
                if let Some(found) = at(place).get_mut(&mut document) {
                    *found = odd[value % odd.len()].clone();
                }
            }
            Replacement::Copy(from, to) => {
                let value = at(from).get(&document).cloned().unwrap_or_default();
                if let Some(found) = at(to).get_mut(&mut document) {
                    *found = value;
                }
            }
        }
    }
    document
}

/// Removes the value at `pointer`, or changes its key.
fn rename(document: &mut Value, pointer: &Pointer, key: Option<&str>) {
    let (Some(parent), Some(token)) = (pointer.parent(), pointer.tokens().last()) else {
        return;
    };
    match parent.get_mut(document) {
        Some(Value::Object(properties)) => {
            let value = properties.remove(&token).unwrap_or_default();
            if let Some(key) = key {
                properties.insert(key.to_owned(), value);
            }
        }
        Some(Value::Array(items)) => {
            let index: Option<usize> = token.parse().ok();
            if let Some(index) = index.filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
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

    #[test]
    fn a_document_with_bad_places_is_lowered(
        seed in prop::sample::select(seeds()),
        changes in prop::collection::vec(replacement(), 1..8),
    ) {
        let (text, _) = seed.split_once("\n%%\n").unwrap_or((&seed, ""));
        let document = Document::parse("seed", text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let changed = replaced(&document.root, &changes);
        let document = Document::parse("changed", format!("{changed:#}"));
        let lowered = document.and_then(|document| lower(&document));
        prop_assert!(lowered.is_ok(), "{}\n{changed}", lowered.err().map_or(String::new(), |error| error.to_string()));
    }
}
