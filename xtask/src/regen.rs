//! Regeneration: every file that is made from the documents, brought up to date or checked.
//!
//! An API is made in memory first, all its files, and only then written: one that fails leaves its
//! crate as it was. A file whose bytes are right already is not touched.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use client_codegen::plan::ClientPlan;
use client_codegen::{GenerateError, Settings, generate};
use openapi_document::{Diagnostic, Document};

use crate::registry::Api;
use crate::tree::Tree;
use crate::{call_file, client_files, files};
use client_codegen::surface::{Surface, render};
use openapi_lower::{Note, lower, text_of};

/// Where the tests crate has the calls of each API.
const GENERATED_CALLS: &str = "tests/src/generated";

/// Why an API could not be made or written.
#[derive(Debug, thiserror::Error)]
pub enum RegenError {
    /// The document, its overlay or the registry is not what it has to be.
    #[error(transparent)]
    Input(#[from] Diagnostic),
    /// progenitor does not generate from what the lowering made.
    #[error("{0}: {1}")]
    Generate(String, GenerateError),
    /// The generated types are not Rust.
    #[error("{0}: the generated types cannot be read: {1}")]
    Surface(String, syn::Error),
    /// The README of the crate has no place for the table.
    #[error(
        "{0}: has no place for the table of operations\n  hint: put the two comments `<!-- \
         operations: … -->` and `<!-- end of operations -->` where it belongs, as another client has \
         them"
    )]
    Readme(PathBuf),
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
}

/// One API, made in memory.
pub struct Made {
    /// The document after its overlay, not lowered.
    pub vendored: Document,
    /// What the client is generated from.
    pub plan: ClientPlan,
    /// What the lowering did.
    pub notes: Vec<Note>,
    /// What the client's users can name.
    pub surface: Surface,
}

/// Loads the document of an API and applies its overlay.
///
/// # Errors
/// A [`Diagnostic`] about the document or the overlay.
pub fn vendored(root: &Path, api: &Api) -> Result<Document, Diagnostic> {
    Tree::folder(root).document(api)
}

/// Loads a vendor's document, and what a file of ours holds of it: its text as it is, or all of it in
/// one text if it refers to other files.
///
/// # Errors
/// [`RegenError::Input`] and [`RegenError::File`].
pub fn to_vendor(file: &Path) -> Result<(Document, String), RegenError> {
    let document = Document::load(file)?;
    let text = match document.is_bundled() {
        true => text_of(&document.root),
        false => std::fs::read_to_string(file)
            .map_err(|error| RegenError::File(file.to_owned(), error))?,
    };
    Ok((document, text))
}

/// Makes an API: loads, lowers, generates and looks at what came of it.
///
/// # Errors
/// [`RegenError`], but for those of files that are written.
pub fn make(root: &Path, api: &Api) -> Result<Made, RegenError> {
    make_of(api, vendored(root, api)?)
}

/// Makes an API of its document, whose overlay has been applied.
///
/// # Errors
/// [`RegenError`], but for those of files.
pub fn make_of(api: &Api, vendored: Document) -> Result<Made, RegenError> {
    make_with(&api.generator, vendored)
}

/// Makes the same of any document, which need be no API's.
///
/// # Errors
/// Those of [`make_of`].
pub fn make_with(settings: &Settings, vendored: Document) -> Result<Made, RegenError> {
    let lowered = lower(&vendored)?;
    let generated = generate(&lowered.plan, settings)
        .map_err(|error| RegenError::Generate(vendored.file.clone(), error))?;
    let surface = Surface::of(&lowered.plan, &generated)
        .map_err(|error| RegenError::Surface(vendored.file.clone(), error))?;
    Ok(Made {
        vendored,
        plan: lowered.plan,
        notes: lowered.notes,
        surface,
    })
}

/// A file that is out of date.
#[derive(Debug, Clone)]
pub struct Change {
    /// The file, below the workspace.
    pub path: PathBuf,
    /// What it holds; `None` when it is not there.
    pub before: Option<String>,
    /// What it should hold.
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

    /// Puts the new content in the file's place at once: a reader sees the old or the new, and an
    /// interruption leaves the old.
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
/// A file that cannot be read, a README without a place for the table.
pub fn changes(root: &Path, api: &Api, made: &Made) -> Result<Vec<Change>, RegenError> {
    let path = readme_path(api);
    let readme = read(root, &path)?.unwrap_or_default();
    let files = generated(api, made, &readme).ok_or(RegenError::Readme(path))?;
    out_of_date(root, files)
}

/// The file about all APIs, if it is out of date.
///
/// # Errors
/// A file that cannot be read.
pub fn index_change(root: &Path, apis: &[Api]) -> Result<Vec<Change>, RegenError> {
    out_of_date(root, vec![index(apis)])
}

/// The file about all APIs, and what it should hold.
pub fn index(apis: &[Api]) -> (PathBuf, String) {
    (
        Path::new(GENERATED_CALLS).join("mod.rs"),
        call_file::index(apis),
    )
}

/// Every generated file of an API with what it should hold; `None` when `readme` has no place for
/// the table.
pub fn generated(api: &Api, made: &Made, readme: &str) -> Option<Vec<(PathBuf, String)>> {
    let folder = &api.folder;
    let readme = client_files::readme(readme, &made.vendored.root, &made.plan)?;
    Some(vec![
        (folder.join("openapi.json"), text_of(&made.plan)),
        (folder.join("src/generated.rs"), client_files::source(api)),
        (readme_path(api), readme),
        (calls_path(api), call_file::source(api, &made.surface)),
    ])
}

fn readme_path(api: &Api) -> PathBuf {
    api.folder.join("README.md")
}

/// The generated file of the tests crate about this API.
pub fn calls_path(api: &Api) -> PathBuf {
    Path::new(GENERATED_CALLS).join(format!("{}.rs", api.module()))
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

/// How the surface of an API differs from that of the lowered document that its crate has: the lines
/// of the surface that went, and those that came. Empty where the crate has none yet, or one that
/// cannot be generated from any more.
pub fn surface_changes(api: &Api, before: &str, made: &Made) -> Vec<String> {
    let before = serde_json::from_str(before)
        .ok()
        .and_then(|plan: ClientPlan| {
            let generated = generate(&plan, &api.generator).ok()?;
            Surface::of(&plan, &generated).ok()
        });
    let Some(before) = before else {
        return Vec::new();
    };
    let (mut before, after) = (render(&before), render(&made.surface));
    let mut changes = Vec::new();
    for (file, after) in &after {
        let before = before.remove(file).unwrap_or_default();
        changes.extend(changed_lines(file, &before, after));
    }
    for (file, gone) in &before {
        changes.extend(changed_lines(file, gone, ""));
    }
    changes
}

/// Each changed line behind the operation or type that it is about.
fn changed_lines(file: &str, before: &str, after: &str) -> Vec<String> {
    let diff = similar::TextDiff::from_lines(before, after);
    let mut about = file.to_owned();
    let mut lines = Vec::new();
    for change in diff.iter_all_changes() {
        let line = change.value().trim_end();
        if !line.starts_with(' ') {
            about = line.split("  //").next().unwrap_or_default().to_owned();
        }
        let sign = match change.tag() {
            similar::ChangeTag::Equal => continue,
            similar::ChangeTag::Delete => '-',
            similar::ChangeTag::Insert => '+',
        };
        lines.push(match line.strip_prefix("    ") {
            Some(inside) => format!("{sign} {about}: {inside}"),
            None => format!("{sign} {line}"),
        });
    }
    lines
}

/// What is said of an API: how much it is, and what the lowering did by pass.
pub fn summary(api: &Api, made: &Made) -> String {
    let mut by_pass: BTreeMap<&str, usize> = BTreeMap::new();
    for note in &made.notes {
        *by_pass.entry(note.pass).or_default() += 1;
    }
    let schemas = made.plan.document["components"]["schemas"].as_object();
    let mut out = format!(
        "{}: {} operations, {} schemas, {} notes\n",
        api.name,
        made.plan.operations.len(),
        schemas.map_or(0, serde_json::Map::len),
        made.notes.len(),
    );
    for (pass, count) in by_pass {
        // Writing to a string does not fail.
        let _ = writeln!(out, "  {count:>4} {pass}");
    }
    out
}
