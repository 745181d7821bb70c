//! Whether a pull request says what it changes: a surface that breaks asks for a version that says so,
//! and for a section of the changelog.

use std::path::Path;

use openapi_document::Diagnostic;
use semver::Version;

use crate::regen::{RegenError, make_of};
use crate::release::{self, ReleaseError, has_section, next_version};
use crate::tree::{Tree, TreeError};
use openapi_diff::catalogue::Verdict;
use openapi_diff::model::Report;
use openapi_diff::with_surfaces;

/// Why it cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// A document, an overlay or a registry is not what it has to be.
    #[error(transparent)]
    Input(#[from] Diagnostic),
    /// A client cannot be made.
    #[error(transparent)]
    Regen(#[from] RegenError),
    /// A file cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// A version cannot be read.
    #[error(transparent)]
    Release(#[from] ReleaseError),
}

/// What the documents of a workspace change since a revision.
#[derive(Debug)]
pub struct Drift {
    /// The report of each API that both have and that was published, by the name of its crate.
    pub reports: Vec<(String, Report)>,
    /// The APIs that were published and are gone, by the name of their crate.
    pub gone: Vec<String>,
    /// The version then.
    pub base: Version,
    /// The version now.
    pub now: Version,
    /// What is missing, a sentence each; empty when all is said.
    pub missing: Vec<String>,
}

/// Compares the workspace at `root` with what it was at the revision `base`.
///
/// # Errors
/// [`CheckError`]
pub fn drift(root: &Path, base: &str) -> Result<Drift, CheckError> {
    let (then, now) = (Tree::at(root, base)?, Tree::folder(root));
    let apis = now.registry()?;
    let mut reports = Vec::new();
    let mut gone = Vec::new();
    for before in then.registry()? {
        if !then.publishes(&before)? {
            continue;
        }
        let Some(api) = apis.iter().find(|api| api.name == before.name) else {
            gone.push(before.package());
            continue;
        };
        let old = make_of(&before, then.document(&before)?)?;
        let new = make_of(api, now.document(api)?)?;
        let report = with_surfaces((&old.vendored, &old.surface), (&new.vendored, &new.surface))?;
        reports.push((api.package(), report));
    }
    let version = |tree: &Tree| -> Result<Version, CheckError> {
        let manifest = tree.read(Path::new("Cargo.toml"))?.unwrap_or_default();
        Ok(release::version_of(&manifest)?)
    };
    let changelog = now.read(Path::new("CHANGELOG.md"))?.unwrap_or_default();
    let mut drift = Drift {
        reports,
        gone,
        base: version(&then)?,
        now: version(&now)?,
        missing: Vec::new(),
    };
    drift.missing = missing(&drift, &changelog);
    Ok(drift)
}

fn missing(drift: &Drift, changelog: &str) -> Vec<String> {
    let mut missing = Vec::new();
    if drift.verdict() != Verdict::Breaking {
        return missing;
    }
    let needed = next_version(&drift.base, Verdict::Breaking);
    if drift.now < needed {
        missing.push(format!(
            "the version is {}, and what changes needs {needed}",
            drift.now
        ));
    }
    let said = drift.now.clone().max(needed);
    if !has_section(changelog, &said) {
        missing.push(format!("the changelog has no section `## {said}`"));
    }
    missing
}

impl Drift {
    /// The worst verdict of all reports; a client that is gone breaks.
    pub fn verdict(&self) -> Verdict {
        let verdicts = self.reports.iter().map(|(_, report)| report.verdict());
        let gone = (!self.gone.is_empty()).then_some(Verdict::Breaking);
        verdicts.chain(gone).max().unwrap_or(Verdict::Neutral)
    }
}
