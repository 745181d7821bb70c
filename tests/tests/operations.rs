//! Tests that the documents and clients have the requested operations, and that the numbers of inferred
//! and older parts only change on purpose.

use std::collections::{BTreeMap, BTreeSet};

use client_codegen::surface::render;
use client_tests::apis::{apis, document, operations_of, workspace};
use client_tests::expectations::{self, Expectations};
use openapi_document::Document;
use serde_json::Value;
use xtask::regen::{build, build_from, vendored};
use xtask::tree::Tree;

#[test]
fn every_operation_of_a_list_is_in_its_document_and_any_other_is_named() {
    for api in apis() {
        let Some(mut wanted) = expectations::seed(&api.name) else {
            continue;
        };
        let expected = Expectations::of(&api.name);
        if let Some(count) = expected.seed_operations {
            assert_eq!(wanted.len(), count, "{}", api.name);
        }
        let document = document(&api);
        let operations = operations_of(&document.root).into_iter();
        let there: BTreeSet<String> = operations.map(|operation| operation.id).collect();
        wanted.extend(expected.extra_operations);
        assert_eq!(there, wanted, "{}", api.name);
    }
}

#[test]
fn every_file_of_expectations_is_about_an_api() {
    let registered = Tree::folder(&workspace())
        .registry()
        .unwrap_or_else(|error| panic!("{error}"));
    let names: BTreeSet<String> = registered.into_iter().map(|api| api.name).collect();
    for (name, file) in expectations::files() {
        assert!(names.contains(&name), "{}", file.display());
    }
}

#[test]
fn every_operation_of_a_document_is_a_generated_method_with_the_same_route() {
    for api in apis() {
        let made = build(&workspace(), &api).unwrap_or_else(|error| panic!("{error}"));
        let documented: BTreeMap<String, String> = operations_of(&document(&api).root)
            .into_iter()
            .map(|operation| {
                let mut request = format!("{} {}", operation.method, operation.path);
                if let Some(variant) = operation.variant {
                    request += &format!(" ({variant})");
                }
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

/// Adding or removing a mark requires changing the number.
#[test]
fn inferred_parts_are_counted() {
    for api in apis() {
        let mut count = BTreeMap::new();
        count_marks(&document(&api).root, &mut count);
        assert_eq!(count, Expectations::of(&api.name).inferred, "{}", api.name);
    }
}

fn count_marks(value: &Value, count: &mut BTreeMap<String, usize>) {
    match value {
        Value::Object(properties) => {
            for (name, value) in properties {
                if name == "x-inferred" {
                    let marks = value.as_array().expect("the marks are a list");
                    for mark in marks {
                        let mark = mark.as_str().expect("a mark is a string");
                        let (what, reason) = mark.split_once(": ").expect("a mark has a reason");
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

#[test]
fn a_source_names_a_document_and_its_date() {
    for api in apis() {
        each_source(&document(&api).root, &mut |source| {
            let about = format!("{}: {source}", api.name);
            assert!(
                source["document"].as_str().is_some_and(|it| !it.is_empty()),
                "{about}"
            );
            let date = source["date"].as_str().and_then(|date| date.parse().ok());
            let date: chrono::NaiveDate = date.unwrap_or_else(|| panic!("{about}"));
            assert_eq!(source["date"], date.to_string(), "{about}");
            assert_eq!(
                source.as_object().map(serde_json::Map::len),
                Some(2),
                "{about}"
            );
        });
    }
}

#[test]
fn sources_change_nothing_of_a_client() {
    for api in apis() {
        let with = vendored(&workspace(), &api).unwrap_or_else(|error| panic!("{error}"));
        let mut root = with.root.clone();
        remove_sources(&mut root);
        let file = with.file.clone();
        let without =
            Document::parse(file, root.to_string()).unwrap_or_else(|error| panic!("{error}"));
        let [with, without] = [with, without].map(|document| {
            let made = build_from(&api, &document).unwrap_or_else(|error| panic!("{error}"));
            render(&made.surface)
        });
        assert_eq!(with, without, "{}", api.name);
    }
}

fn each_source(value: &Value, see: &mut dyn FnMut(&Value)) {
    match value {
        Value::Object(properties) => {
            for (name, value) in properties {
                match name.as_str() {
                    "x-source" => see(value),
                    _ => each_source(value, see),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| each_source(item, see)),
        _ => {}
    }
}

fn remove_sources(value: &mut Value) {
    match value {
        Value::Object(properties) => {
            properties.shift_remove("x-source");
            properties.values_mut().for_each(remove_sources);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_sources),
        _ => {}
    }
}
