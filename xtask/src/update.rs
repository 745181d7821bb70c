//! A new document of a vendor takes the place of the old one.
//!
//! Everything is made in memory first: the document with its overlay, the generated files, the report,
//! the next version and the section of the changelog. Then each file is replaced at once.

use std::path::{Path, PathBuf};

use openapi_document::overlay::{AppliedAction, apply_matching};
use openapi_document::{Diagnostic, check};
use semver::Version;

use crate::regen::{self, Change, Made, RegenError, make_of};
use crate::registry::Api;
use crate::release::{self, ReleaseError};
use crate::tree::{Tree, TreeError};
use openapi_diff::catalogue::Verdict;
use openapi_diff::model::Report;
use openapi_diff::with_surfaces;

/// The revision that a new document is compared with.
const COMMITTED: &str = "HEAD";

/// The lock files that name members of the workspace with their version.
const LOCKS: [&str; 2] = ["Cargo.lock", "fuzz/Cargo.lock"];

/// Why there is no update.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The document, its overlay or the registry is not what it has to be.
    #[error(transparent)]
    Input(#[from] Diagnostic),
    /// Actions of the overlay have nothing to act on.
    #[error("{}", join(.0))]
    Vanished(Vec<Diagnostic>),
    /// The client cannot be made.
    #[error(transparent)]
    Regen(#[from] RegenError),
    /// A file of the workspace cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The version or the changelog cannot be brought up to date.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The API was not committed yet.
    #[error(
        "there is no API `{0}` in what is committed\n  hint: commit it first; an update is compared with \
         that"
    )]
    New(String),
    /// A file that every workspace has is missing.
    #[error("{0}: is not there\n  hint: put it back")]
    Missing(PathBuf),
}

fn join(diagnostics: &[Diagnostic]) -> String {
    let diagnostics = diagnostics.iter();
    diagnostics
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\nerror: ")
}

/// An update, made in memory.
pub struct Update {
    /// What each action of the overlay did.
    pub overlay: Vec<AppliedAction>,
    /// The client as it will be.
    pub made: Made,
    /// What the document changes, against what is committed.
    pub report: Report,
    /// The version that is committed.
    pub current: Version,
    /// The version that follows from the report; the current one when nothing changes for users.
    pub next: Version,
    /// What the changelog should say; empty when nothing changes for users.
    pub section: String,
    /// The files that differ: the document and what is generated from it.
    pub changes: Vec<Change>,
    root: PathBuf,
}

impl Update {
    /// Makes the update of an API from the document in `file`, which is written nowhere yet.
    ///
    /// # Errors
    /// [`UpdateError`]
    pub fn make(root: &Path, api: &Api, file: &Path) -> Result<Self, UpdateError> {
        let here = Tree::folder(root);
        let (mut document, text) = regen::to_vendor(file)?;
        let overlay = here.load(&api.overlay)?;
        let (overlay, vanished) = apply_matching(&overlay, &mut document)?;
        if !vanished.is_empty() {
            // Of a document that is none, nothing could be found.
            check(&document)?;
            return Err(UpdateError::Vanished(vanished));
        }
        let made = make_of(api, document)?;
        let committed = Tree::at(root, COMMITTED)?;
        let before = committed_api(&committed, &api.name)?;
        let old = make_of(&before, committed.document(&before)?)?;
        let report = with_surfaces(
            (&old.vendored, &old.surface),
            (&made.vendored, &made.surface),
        )?;
        let current = release::version_of(&must_read(&committed, "Cargo.toml")?)?;
        let (next, section) = match here.publishes(api)? && report.shown(false).next().is_some() {
            true => {
                let next = release::next_version(&current, report.verdict());
                let section = release::changelog_section(&next, &[(&api.package(), &report)]);
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
        changes.extend(regen::changes(root, api, &made)?);
        Ok(Self {
            overlay,
            made,
            report,
            current,
            next,
            section,
            changes,
            root: root.to_owned(),
        })
    }

    /// Whether something breaks for users.
    pub fn is_breaking(&self) -> bool {
        self.report.verdict() == Verdict::Breaking
    }

    /// The files that a release of this update differs in, too: the version, wherever it stands, and
    /// the changelog. None when nothing changes for users.
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
