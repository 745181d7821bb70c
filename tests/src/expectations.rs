//! What is expected of one API, in files that are found by its name.
//!
//! What holds for every API needs no such file. These are the operations that were asked for, and
//! numbers that must only change on purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::apis::workspace;

/// The folder of the lists of operations, a file `NAME.txt` for an API.
pub const SEEDS: &str = "tests/seed-operations";
/// The folder of the other expectations, a file `NAME.toml` for an API.
pub const EXPECTATIONS: &str = "tests/expectations";

/// What is expected of one API. A number that its file does not have is not checked.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expectations {
    /// How many operations its list has.
    pub seed_operations: Option<usize>,
    /// Operations that the document has and the list has not.
    pub extra_operations: BTreeSet<String>,
    /// How many responses of errors the document has.
    pub documented_errors: Option<usize>,
    /// The rules that a request for an operation of it can break.
    pub broken_rules: Option<BTreeSet<String>>,
    /// How many operations have a body that may be left out.
    pub optional_bodies: Option<usize>,
    /// How many operations list pages that are asked for by a token.
    pub paged_operations: Option<usize>,
    /// How many things the document infers, by what. What has no number must not be inferred.
    pub inferred: BTreeMap<String, usize>,
}

impl Expectations {
    /// What is expected of the API `name`; nothing if it has no file.
    ///
    /// # Panics
    /// When the file is not as it has to be.
    pub fn of(name: &str) -> Self {
        let path = Path::new(EXPECTATIONS).join(format!("{name}.toml"));
        let text = read(&path).unwrap_or_default();
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

/// The operations that were asked for of the API `name`, if it has a list of them.
///
/// # Panics
/// When the list cannot be read.
pub fn seed(name: &str) -> Option<BTreeSet<String>> {
    let text = read(&Path::new(SEEDS).join(format!("{name}.txt")))?;
    let lines = text.lines().map(str::trim);
    let names = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    // The operationId is last, behind the name in the list where that is another one.
    let ids = names.filter_map(|line| line.split_whitespace().last());
    Some(ids.map(str::to_owned).collect())
}

/// The APIs that have a file in one of the folders, with the file.
///
/// # Panics
/// When a folder cannot be read.
pub fn files() -> Vec<(String, PathBuf)> {
    let folders = [SEEDS, EXPECTATIONS].map(|folder| workspace().join(folder));
    let entries = folders.iter().flat_map(|folder| {
        let entries = std::fs::read_dir(folder);
        entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    });
    let paths = entries.map(|entry| entry.expect("a folder that is there can be read").path());
    paths
        .filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path)))
        .collect()
}

fn read(path: &Path) -> Option<String> {
    match std::fs::read_to_string(workspace().join(path)) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("{}: {error}", path.display()),
    }
}
