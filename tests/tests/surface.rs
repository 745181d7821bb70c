//! Snapshots of the clients' public items and of the notes of the lowering.
//!
//! They show which methods, setters and types change with a document.

use std::collections::BTreeSet;

use client_codegen::surface::render;
use client_tests::apis::{CONSTRUCTS, apis, document, operations_of, wire_snapshot, workspace};
use xtask::regen::build;
use xtask::registry::Api;
use xtask::tree::Tree;

/// All APIs of the registry, including the constructs document.
fn clients() -> Vec<Api> {
    Tree::folder(&workspace())
        .registry()
        .unwrap_or_else(|error| panic!("{error}"))
}

fn snapshots(api: &Api) {
    let name = &api.name;
    let made = build(&workspace(), api).unwrap_or_else(|error| panic!("{error}"));
    for (file, text) in render(&made.surface) {
        insta::with_settings!({
            description => format!("Public items of the {name} client: {file}"),
            omit_expression => true,
            prepend_module_to_snapshot => false,
        }, {
            insta::assert_snapshot!(format!("surface__{name}__{file}"), text);
        });
    }
    let notes: Vec<String> = made.notes.iter().map(ToString::to_string).collect();
    insta::with_settings!({
        description => format!("Changes of the lowering in the {name} document, with reasons"),
        omit_expression => true,
        prepend_module_to_snapshot => false,
    }, {
        insta::assert_snapshot!(format!("lowering__{name}"), notes.join("\n"));
    });
}

#[test]
fn every_surface_is_as_reviewed() {
    for api in clients() {
        snapshots(&api);
    }
}

#[test]
fn there_are_no_obsolete_snapshots() {
    let constructs = CONSTRUCTS.map(|tag| format!("{}.snap", wire_snapshot("constructs", tag)));
    let mut wanted = BTreeSet::from(constructs);
    for api in clients() {
        let name = &api.name;
        let made = build(&workspace(), &api).unwrap_or_else(|error| panic!("{error}"));
        let files = render(&made.surface).into_keys();
        wanted.extend(files.map(|file| format!("surface__{name}__{file}.snap")));
        wanted.insert(format!("lowering__{name}.snap"));
    }
    for api in apis() {
        let name = &api.name;
        let document = document(&api);
        let operations = operations_of(&document.root);
        wanted.extend(
            operations
                .iter()
                .map(|operation| format!("{}.snap", wire_snapshot(name, &operation.tag))),
        );
    }
    let folder = workspace().join("tests/tests/snapshots");
    let there: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the folder exists")
        .map(|entry| {
            entry
                .expect("can be read")
                .file_name()
                .display()
                .to_string()
        })
        .filter(|file| file.ends_with(".snap"))
        .collect();
    assert_eq!(there, wanted, "delete snapshots that no longer exist");
}
