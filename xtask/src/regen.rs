//! Generates all files that are derived from the documents, or checks them.
//!
//! All files of an API are computed in memory before one is written, so an API that fails leaves
//! its crate unchanged. Files that are already up to date are not touched.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use client_codegen::Settings;
use client_crate::selection::set_features;
use client_crate::{
    BuildError, BuiltApi, build as build_lowered, calls, generated as client_files, written_once,
};
use openapi_document::{Diagnostic, Document, ReferenceMap};

use crate::registry::Api;
use crate::tree::Tree;
use crate::{files, registry};
use openapi_lower::{lower, text_of};

/// The folder of the tests crate with the calls of each API.
const GENERATED_CALLS: &str = "tests/src/generated";

/// Why an API could not be generated or written.
#[derive(Debug, thiserror::Error)]
pub enum RegenError {
    /// The document, its overlay or the registry is invalid.
    #[error(transparent)]
    Input(#[from] Diagnostic),
    /// The client cannot be generated.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The README of the crate lacks the comments around the table of operations.
    #[error(
        "{0}: the markers of the table of operations are missing\n  hint: add the two comments `<!-- \
         operations: … -->` and `<!-- end of operations -->` as in the README of another client"
    )]
    Readme(PathBuf),
    /// The manifest of the crate is not TOML.
    #[error("{0}: {1}")]
    Manifest(PathBuf, toml_edit::TomlError),
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
}

/// Loads the document of an API, and applies its overlay and the settings of its entry in the registry.
///
/// # Errors
/// A [`Diagnostic`] about the document or the overlay.
pub fn vendored(root: &Path, api: &Api) -> Result<Document, Diagnostic> {
    Tree::folder(root).document(api)
}

/// Loads a vendor's document and the text to store in `specs/`: the unchanged file, or a bundle if the
/// document refers to other files. `map` has the files that are read instead of URLs.
///
/// # Errors
/// [`RegenError::Input`] and [`RegenError::File`].
pub fn to_vendor(file: &Path, map: &ReferenceMap) -> Result<(Document, String), RegenError> {
    let document = Document::load_mapped(file, map)?;
    let text = match document.is_bundled() {
        true => text_of(&document.root),
        false => std::fs::read_to_string(file)
            .map_err(|error| RegenError::File(file.to_owned(), error))?,
    };
    Ok((document, text))
}

/// Builds an API: loads and lowers its document, generates the client, and lists its surface.
///
/// # Errors
/// [`RegenError`], except errors of writing files.
pub fn build(root: &Path, api: &Api) -> Result<BuiltApi, RegenError> {
    build_from(api, &vendored(root, api)?)
}

/// Builds an API from its document as [`vendored`] returns it.
///
/// # Errors
/// [`RegenError`], except errors of files.
pub fn build_from(api: &Api, vendored: &Document) -> Result<BuiltApi, RegenError> {
    let mut lowered = lower(vendored)?;
    set_features(&api.features, &mut lowered.plan)
        .map_err(|error| registry::refuse_setting(api, &error))?;
    Ok(build_lowered(&api.generator, lowered)?)
}

/// Builds from any document, which needs no entry in the registry.
///
/// # Errors
/// The errors of [`build_from`].
pub fn build_with(settings: &Settings, vendored: &Document) -> Result<BuiltApi, RegenError> {
    Ok(build_lowered(settings, lower(vendored)?)?)
}

/// A file that is out of date.
#[derive(Debug, Clone)]
pub struct Change {
    /// The file, relative to the workspace.
    pub path: PathBuf,
    /// Its current content; `None` if it does not exist.
    pub before: Option<String>,
    /// Its expected content.
    pub after: String,
}

impl Change {
    /// The change as a unified diff.
    pub fn diff(&self) -> String {
        let name = self.path.display().to_string();
        let before = self.before.as_deref().unwrap_or_default();
        similar::TextDiff::from_lines(before, &self.after)
            .unified_diff()
            .header(&format!("a/{name}"), &format!("b/{name}"))
            .to_string()
    }

    /// Replaces the file atomically: a reader sees either the old or the new content, even after an
    /// interruption.
    ///
    /// # Errors
    /// [`RegenError::File`].
    pub fn write(&self, root: &Path) -> Result<(), RegenError> {
        files::replace(&root.join(&self.path), self.after.as_bytes())
            .map_err(|error| RegenError::File(self.path.clone(), error))
    }
}

/// The files of an API that are out of date.
///
/// # Errors
/// A file that cannot be read, a README without the comments for the table, or an invalid manifest.
pub fn changes(root: &Path, api: &Api, built: &BuiltApi) -> Result<Vec<Change>, RegenError> {
    let path = readme_path(api);
    let readme = read(root, &path)?.unwrap_or_default();
    let mut files = generated(api, built, &readme).ok_or(RegenError::Readme(path))?;
    let path = api.folder.join("Cargo.toml");
    if let Some(manifest) = read(root, &path)? {
        let manifest = written_once::with_features(&manifest, &api.features);
        let manifest = manifest.map_err(|error| RegenError::Manifest(path.clone(), error))?;
        files.push((path, manifest));
    }
    out_of_date(root, files)
}

/// The index file of all APIs, if it is out of date.
///
/// # Errors
/// A file that cannot be read.
pub fn index_change(root: &Path, apis: &[Api]) -> Result<Vec<Change>, RegenError> {
    out_of_date(root, vec![index(apis)])
}

/// The index file of all APIs, with its expected content.
pub fn index(apis: &[Api]) -> (PathBuf, String) {
    (
        Path::new(GENERATED_CALLS).join("mod.rs"),
        calls::index(&apis.iter().map(client).collect::<Vec<_>>()),
    )
}

/// The generated files of an API with their expected contents; `None` if `readme` has no comments for
/// the table.
pub fn generated(api: &Api, built: &BuiltApi, readme: &str) -> Option<Vec<(PathBuf, String)>> {
    let folder = &api.folder;
    let readme = client_files::readme(readme, &api.package(), &built.vendored.root, &built.plan)?;
    Some(vec![
        (folder.join("openapi.json"), text_of(&built.plan)),
        (
            folder.join("src/generated.rs"),
            client_files::source(&api.generator),
        ),
        (readme_path(api), readme),
        (calls_path(api), calls::source(&client(api), &built.surface)),
    ])
}

fn client(api: &Api) -> calls::Client {
    calls::Client {
        api: api.name.clone(),
        title: api.title.clone(),
        package: api.package().replace('-', "_"),
    }
}

fn readme_path(api: &Api) -> PathBuf {
    api.folder.join("README.md")
}

/// The generated file of the tests crate for this API.
pub fn calls_path(api: &Api) -> PathBuf {
    Path::new(GENERATED_CALLS).join(format!("{}.rs", client(api).module()))
}

fn out_of_date(root: &Path, files: Vec<(PathBuf, String)>) -> Result<Vec<Change>, RegenError> {
    let mut changes = Vec::new();
    for (path, after) in files {
        let before = read(root, &path)?;
        if before.as_deref() != Some(&after) {
            changes.push(Change {
                path,
                before,
                after,
            });
        }
    }
    Ok(changes)
}

fn read(root: &Path, path: &Path) -> Result<Option<String>, RegenError> {
    match std::fs::read_to_string(root.join(path)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(RegenError::File(path.to_owned(), error)),
    }
}

/// The summary of an API: number of operations, schemas and notes, and notes per pass.
pub fn summary(api: &Api, built: &BuiltApi) -> String {
    let mut by_pass: BTreeMap<&str, usize> = BTreeMap::new();
    for note in &built.notes {
        *by_pass.entry(note.pass).or_default() += 1;
    }
    let schemas = built.plan.document["components"]["schemas"].as_object();
    let mut out = format!(
        "{}: {} operations, {} schemas, {} notes\n",
        api.name,
        built.plan.operations.len(),
        schemas.map_or(0, serde_json::Map::len),
        built.notes.len(),
    );
    for (pass, count) in by_pass {
        // Writing to a string does not fail.
        let _ = writeln!(out, "  {count:>4} {pass}");
    }
    out
}
