//! Tests that the dependencies between the crates are those in ARCHITECTURE.md.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use client_tests::apis::{apis, workspace};
use serde_json::Value;

type Dependencies = BTreeMap<String, BTreeSet<String>>;

/// The rows of the table of crates: each crate by its path, with its dependencies in the workspace.
fn stated() -> Dependencies {
    let text = std::fs::read_to_string(workspace().join("ARCHITECTURE.md")).expect("is there");
    let rows = text
        .lines()
        .skip_while(|line| !line.starts_with("| crate |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let names = |cell: &str| -> Vec<String> {
            let quoted = cell.split('`').skip(1).step_by(2);
            quoted.map(str::to_owned).collect()
        };
        let crates = names(cells[0]);
        (crates[0].clone(), names(cells[2]).into_iter().collect())
    })
    .collect()
}

/// The metadata of the workspace from cargo.
fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(workspace())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("is JSON")
}

/// The dependencies from cargo that are built for users, without those of tests.
fn actual() -> Dependencies {
    let metadata = metadata();
    let root = metadata["workspace_root"].as_str().expect("has a root");
    let packages = metadata["packages"].as_array().expect("has packages");
    let name = |value: &Value| value["name"].as_str().expect("has a name").to_owned();
    let known: BTreeSet<String> = packages.iter().map(name).collect();
    let dependencies = packages.iter().map(|package| {
        let manifest = package["manifest_path"].as_str().expect("has a manifest");
        let path = manifest.strip_prefix(root).expect("is in the workspace");
        let path = path.trim_start_matches('/').trim_end_matches("/Cargo.toml");
        let listed = package["dependencies"].as_array().expect("has a list");
        let built = listed
            .iter()
            .filter(|dependency| dependency["kind"].is_null());
        let own = built.map(name).filter(|name| known.contains(name));
        (path.to_owned(), own.collect())
    });
    dependencies.collect()
}

#[test]
fn the_crates_depend_on_each_other_as_the_code_map_states() {
    let (mut stated, mut actual) = (stated(), actual());
    // The tests may depend on every crate.
    assert!(stated.remove("tests").is_some() && actual.remove("tests").is_some());
    assert_eq!(actual, stated);
}

#[test]
fn a_published_crate_has_a_readme_licences_and_all_that_a_registry_shows() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("has packages");
    let published = packages
        .iter()
        .filter(|package| package["publish"].is_null());
    let mut names = BTreeSet::new();
    for package in published {
        let name = package["name"].as_str().expect("has a name");
        for field in [
            "description",
            "documentation",
            "license",
            "readme",
            "rust_version",
        ] {
            assert!(package[field].is_string(), "{name}: {field}");
        }
        for (field, most) in [("keywords", 5), ("categories", 5), ("authors", 5)] {
            let values = package[field].as_array().map_or(0, Vec::len);
            assert!((1..=most).contains(&values), "{name}: {field}");
        }
        let manifest = package["manifest_path"].as_str().expect("has a manifest");
        let folder = Path::new(manifest).parent().expect("has a folder");
        for file in ["README.md", "LICENSE-APACHE", "LICENSE-MIT"] {
            assert!(folder.join(file).is_file(), "{name}: {file}");
        }
        names.insert(name);
    }
    let clients = apis().into_iter().filter(|api| api.name != "constructs");
    for package in clients.map(|api| api.package()) {
        assert!(names.contains(&*package), "{package} is not published");
    }
}
