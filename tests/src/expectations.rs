//! The expectations for single APIs, in files named after the APIs.
//!
//! Expectations that apply to every API need no file. A file has the requested operations, and numbers
//! that must only change on purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::apis::workspace;

/// The folder with the lists of operations; a file `NAME.txt` for each API.
pub const SEEDS: &str = "tests/seed-operations";
/// The folder with the other expectations; a file `NAME.toml` for each API.
pub const EXPECTATIONS: &str = "tests/expectations";

/// The expectations for one API. Missing numbers are not checked.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expectations {
    /// The number of operations in its list.
    pub seed_operations: Option<usize>,
    /// Operations of the document that are not in the list.
    pub extra_operations: BTreeSet<String>,
    /// The number of documented error responses.
    pub documented_errors: Option<usize>,
    /// The rules that a request to one of its operations can violate.
    pub broken_rules: Option<BTreeSet<String>>,
    /// The number of operations with an optional request body.
    pub optional_bodies: Option<usize>,
    /// The number of operations paged by a token.
    pub paged_operations: Option<usize>,
    /// The number of inferred parts by kind. Kinds that are not listed must not occur.
    pub inferred: BTreeMap<String, usize>,
}

impl Expectations {
    /// The expectations for the API `name`; the defaults if it has no file.
    ///
    /// # Panics
    /// If the file is invalid.
    pub fn of(name: &str) -> Self {
        let path = Path::new(EXPECTATIONS).join(format!("{name}.toml"));
        let text = read(&path).unwrap_or_default();
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

/// The requested operations of the API `name`, if it has a list.
///
/// # Panics
/// If the list cannot be read.
pub fn seed(name: &str) -> Option<BTreeSet<String>> {
    let text = read(&Path::new(SEEDS).join(format!("{name}.txt")))?;
    let lines = text.lines().map(str::trim);
    let names = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    // The `operationId` is the last word of a line; another name may precede it.
    let ids = names.filter_map(|line| line.split_whitespace().last());
    Some(ids.map(str::to_owned).collect())
}

/// The APIs that have a file in one of the folders, with the file.
///
/// # Panics
/// If a folder cannot be read.
pub fn files() -> Vec<(String, PathBuf)> {
    let folders = [SEEDS, EXPECTATIONS].map(|folder| workspace().join(folder));
    let entries = folders.iter().flat_map(|folder| {
        let entries = std::fs::read_dir(folder);
        entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    });
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
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
