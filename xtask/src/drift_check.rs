//! Checks of a pull request: breaking changes of a client's surface require a new version number and a
//! section of the changelog.

use std::path::Path;

use openapi_document::Diagnostic;
use semver::Version;

use crate::regen::{RegenError, build_from};
use crate::release::{self, ReleaseError, has_section, next_version};
use crate::tree::{Tree, TreeError};
use openapi_diff::catalogue::Verdict;
use openapi_diff::clients;
use openapi_diff::model::Report;

/// Why the revisions cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// A document, an overlay or a registry is invalid.
    #[error(transparent)]
    Input(#[from] Diagnostic),
    /// A client cannot be generated.
    #[error(transparent)]
    Regen(#[from] RegenError),
    /// A file cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// A version cannot be read.
    #[error(transparent)]
    Release(#[from] ReleaseError),
}

/// The changes of a workspace's documents since a revision.
#[derive(Debug)]
pub struct Drift {
    /// The report of each API that exists in both revisions and was published, by crate name.
    pub reports: Vec<(String, Report)>,
    /// The published APIs that were removed, by crate name.
    pub gone: Vec<String>,
    /// The version at the revision.
    pub base: Version,
    /// The current version.
    pub now: Version,
    /// The missing declarations, one sentence each; empty if there are none.
    pub missing: Vec<String>,
}

/// Compares the workspace at `root` with the revision `base`.
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
        let old = build_from(&before, &then.document(&before)?)?;
        let new = build_from(api, &now.document(api)?)?;
        let report = clients(&old.client(), &new.client(), &api.diff.policy());
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
            "the version is {}, but the changes require {needed}",
            drift.now
        ));
    }
    let declared = drift.now.clone().max(needed);
    if !has_section(changelog, &declared) {
        missing.push(format!("the changelog has no section `## {declared}`"));
    }
    missing
}

impl Drift {
    /// The highest verdict of all reports. Removing a client is breaking.
    pub fn verdict(&self) -> Verdict {
        let verdicts = self.reports.iter().map(|(_, report)| report.verdict());
        let gone = (!self.gone.is_empty()).then_some(Verdict::Breaking);
        verdicts.chain(gone).max().unwrap_or(Verdict::Neutral)
    }
}
