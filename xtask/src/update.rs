//! Replaces a vendored document with a new version.
//!
//! The document with its overlay, the generated files, the report, the next version and the
//! changelog section are all computed in memory. Then each file is replaced atomically.

use std::path::{Path, PathBuf};

use openapi_document::overlay::{AppliedAction, apply_matching};
use openapi_document::{Diagnostic, ReferenceMap, check};
use semver::Version;

use crate::regen::{self, Change, RegenError, build_from};
use crate::registry::Api;
use crate::release::{self, ReleaseError};
use crate::tree::{Tree, TreeError};
use client_crate::BuiltApi;
use openapi_diff::catalogue::Verdict;
use openapi_diff::clients;
use openapi_diff::model::Report;

/// The Git revision that a new document is compared with.
const COMMITTED: &str = "HEAD";

/// The lock files that contain the versions of workspace members.
const LOCKS: [&str; 2] = ["Cargo.lock", "fuzz/Cargo.lock"];

/// Why an update failed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The document, its overlay or the registry is invalid.
    #[error(transparent)]
    Input(#[from] Diagnostic),
    /// The targets of some overlay actions match nothing.
    #[error("{}", join(.0))]
    Vanished(Vec<Diagnostic>),
    /// The client cannot be generated.
    #[error(transparent)]
    Regen(#[from] RegenError),
    /// A file of the workspace cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The version or the changelog cannot be updated.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The API is not committed.
    #[error(
        "the committed registry has no API `{0}`\n  hint: commit the API first; an update is compared with \
         the committed document"
    )]
    New(String),
    /// A required file of the workspace is missing.
    #[error("{0}: the file is missing\n  hint: restore it from Git")]
    Missing(PathBuf),
}

fn join(diagnostics: &[Diagnostic]) -> String {
    let diagnostics = diagnostics.iter();
    diagnostics
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\nerror: ")
}

/// An update, computed in memory.
pub struct Update {
    /// The effect of each overlay action.
    pub overlay: Vec<AppliedAction>,
    /// The new client.
    pub built: BuiltApi,
    /// The changes compared with the committed document.
    pub report: Report,
    /// The committed version.
    pub current: Version,
    /// The version that the report requires; the current one if users see no change.
    pub next: Version,
    /// The changelog section; empty if users see no change.
    pub section: String,
    /// The changed files: the document and the files generated from it.
    pub changes: Vec<Change>,
    root: PathBuf,
}

impl Update {
    /// Computes the update of an API from the document in `file`. References to URLs are read from the
    /// files that `map` or the API's entry names. Writes no files.
    ///
    /// # Errors
    /// [`UpdateError`]
    pub fn make(
        root: &Path,
        api: &Api,
        file: &Path,
        map: &ReferenceMap,
    ) -> Result<Self, UpdateError> {
        let here = Tree::folder(root);
        let (mut document, text) = regen::to_vendor(file, &api.reference_map(root).with(map))?;
        let overlay = here.load(&api.overlay)?;
        let (overlay, vanished) = apply_matching(&overlay, &mut document)?;
        if !vanished.is_empty() {
            // Overlay actions are only checked against a valid document.
            check(&document)?;
            return Err(UpdateError::Vanished(vanished));
        }
        api.apply_settings(&mut document)?;
        let built = build_from(api, &document)?;
        let committed = Tree::at(root, COMMITTED)?;
        let before = committed_api(&committed, &api.name)?;
        let old = build_from(&before, &committed.document(&before)?)?;
        let report = clients(&old.client(), &built.client(), &api.diff.policy());
        let current = release::version_of(&must_read(&committed, "Cargo.toml")?)?;
        let (next, section) = match here.publishes(api)? && report.shown(false).next().is_some() {
            true => {
                let next = release::next_version(&current, report.verdict());
                let section = openapi_diff::render::changelog(&next, &[(&api.package(), &report)]);
                (next, section)
            }
            false => (current.clone(), String::new()),
        };
        let mut changes = vec![Change {
            path: api.document.clone(),
            before: here.read(&api.document)?,
            after: text,
        }];
        changes.retain(|change| change.before.as_ref() != Some(&change.after));
        changes.extend(regen::changes(root, api, &built)?);
        Ok(Self {
            overlay,
            built,
            report,
            current,
            next,
            section,
            changes,
            root: root.to_owned(),
        })
    }

    /// True if a change is breaking for users and not accepted.
    pub fn is_breaking(&self) -> bool {
        self.report.counted() == Verdict::Breaking
    }

    /// The files that a release of this update also changes: manifest, lock files and changelog.
    /// Empty if users see no change.
    ///
    /// # Errors
    /// [`UpdateError`]
    pub fn release(&self) -> Result<Vec<Change>, UpdateError> {
        let here = Tree::folder(&self.root);
        if self.section.is_empty() {
            return Ok(Vec::new());
        }
        let manifest = must_read(&here, "Cargo.toml")?;
        let changelog = must_read(&here, "CHANGELOG.md")?;
        let current = release::version_of(&manifest)?;
        let mut files = vec![
            (
                "Cargo.toml",
                release::with_version(&manifest, &self.next)?,
                manifest,
            ),
            (
                "CHANGELOG.md",
                release::changelog_with(&changelog, &self.next, &self.section)?,
                changelog,
            ),
        ];
        for path in LOCKS {
            if let Some(lock) = here.read(Path::new(path))? {
                let after = release::lock_with_version(&lock, &current, &self.next)?;
                files.push((path, after, lock));
            }
        }
        let changed = files
            .into_iter()
            .filter(|(_, after, before)| before != after);
        Ok(changed
            .map(|(path, after, before)| Change {
                path: path.into(),
                before: Some(before),
                after,
            })
            .collect())
    }
}

fn committed_api(committed: &Tree, name: &str) -> Result<Api, UpdateError> {
    let apis = committed.registry()?.into_iter();
    let mut known = apis.filter(|api| api.name == name);
    known
        .next()
        .ok_or_else(|| UpdateError::New(name.to_owned()))
}

fn must_read(tree: &Tree, path: &str) -> Result<String, UpdateError> {
    tree.read(Path::new(path))?
        .ok_or_else(|| UpdateError::Missing(path.into()))
}
