//! Tests of the dependencies between crates, which are those in ARCHITECTURE.md, and between modules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
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

fn files(path: PathBuf) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path];
    }
    let entries = std::fs::read_dir(path).expect("is a folder");
    let entries = entries.map(|entry| entry.expect("is readable").path());
    entries.flat_map(files).collect()
}

/// The code of a file without comments and tests.
fn code(file: &Path) -> String {
    let text = std::fs::read_to_string(file).expect("is text");
    let code = text.split("#[cfg(test)]\nmod tests {").next();
    let lines = code.into_iter().flat_map(str::lines);
    let lines = lines.filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The name that `text` starts with. All those of a list such as `{a, b::c, d}`, where they are `a`, `b` and `d`.
fn first_names(text: &str) -> Vec<&str> {
    let end = match text.starts_with('{') {
        true => text.find(';'),
        false => text.find(|c| !is_of_name(c)),
    };
    let items = text[..end.unwrap_or(text.len())].split([',', '{']);
    let items = items.filter_map(|item| item.trim_start().split(|c| !is_of_name(c)).next());
    items.filter(|name| !name.is_empty()).collect()
}

/// Adds the modules that each module of a crate uses, where both have the same parent. The files in the folder
/// of a module are parts of it.
fn add_uses(src: &Path, uses: &mut BTreeMap<PathBuf, BTreeSet<PathBuf>>) {
    let root = code(&src.join("lib.rs"));
    let exports = root.split("pub use ").skip(1);
    let exports = exports.map(|export| export.trim_start_matches("self::"));
    let mut exported = BTreeMap::new();
    for (module, items) in exports.filter_map(|export| export.split_once("::")) {
        exported.extend(first_names(items).into_iter().map(|item| (item, module)));
    }
    let files = files(src.to_owned()).into_iter();
    for file in files.filter(|file| !file.ends_with("tests.rs")) {
        let code = code(&file);
        for (keyword, parent) in [("crate::", Some(src)), ("super::", file.parent())] {
            let user = file.ancestors().find(|path| path.parent() == parent);
            let user = user.expect("is inside").with_extension("");
            let paths = code.match_indices(keyword);
            let whole = |at| !code[..at].ends_with(|c| is_of_name(c) || c == ':');
            for (at, _) in paths.filter(|(at, _)| whole(*at)) {
                for name in first_names(&code[at + keyword.len()..]) {
                    let export = exported.get(name).filter(|_| parent == Some(src));
                    let used = user.with_file_name(export.unwrap_or(&name));
                    if used != user && used.with_extension("rs").is_file() {
                        uses.entry(user.clone()).or_default().insert(used);
                    }
                }
            }
        }
    }
}

#[test]
fn no_sibling_modules_of_a_crate_depend_on_each_other_in_a_circle() {
    let folders = std::fs::read_dir(workspace().join("crates")).expect("is a folder");
    let folders = folders.map(|folder| folder.expect("is readable").path());
    let mut uses = BTreeMap::new();
    for folder in folders.chain([workspace().join("xtask")]) {
        add_uses(&folder.join("src"), &mut uses);
    }
    assert!(uses.len() > 100, "the files are not read: {uses:#?}");
    // A module that uses no remaining module is not in a circle.
    let mut before = usize::MAX;
    while uses.len() < before {
        before = uses.len();
        let remaining: BTreeSet<PathBuf> = uses.keys().cloned().collect();
        for used in uses.values_mut() {
            used.retain(|module| remaining.contains(module));
        }
        uses.retain(|_, used| !used.is_empty());
    }
    assert!(uses.is_empty(), "in a circle, or above one: {uses:#?}");
}
