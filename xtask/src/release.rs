//! The effects of a report on the next release: its version number, and the changelog's section for it.
//!
//! All crates of the workspace share one version.

use semver::{BuildMetadata, Prerelease, Version};
use toml_edit::DocumentMut;

use openapi_diff::catalogue::Verdict;

/// Why a file of the workspace cannot be updated to a new version.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// The file is not TOML.
    #[error("{0}: {1}")]
    Toml(&'static str, toml_edit::TomlError),
    /// The manifest has no version.
    #[error(
        "Cargo.toml: there is no version in `[workspace.package]`\n  hint: add the version that all crates share"
    )]
    NoVersion,
    /// The version is invalid.
    #[error("Cargo.toml: `{0}` is not a version: {1}\n  hint: use the form MAJOR.MINOR.PATCH")]
    Version(String, semver::Error),
    /// The changelog already has a section for the version.
    #[error(
        "CHANGELOG.md: there is already a section `## {0}`\n  hint: remove it to have it written again, or \
         edit it and omit `--write`"
    )]
    Section(Version),
}

/// The next version after `current` for a change of this verdict, by [Cargo's rules]: below 1.0.0,
/// the first number that is not zero marks breaking changes.
///
/// [Cargo's rules]: https://doc.rust-lang.org/cargo/reference/semver.html
///
/// ```
/// use openapi_diff::catalogue::Verdict;
/// use xtask::release::next_version;
///
/// let next = |text: &str, verdict| next_version(&text.parse().unwrap(), verdict).to_string();
/// assert_eq!(next("1.2.3", Verdict::Breaking), "2.0.0");
/// assert_eq!(next("1.2.3", Verdict::Additive), "1.3.0");
/// assert_eq!(next("0.2.3", Verdict::Breaking), "0.3.0");
/// assert_eq!(next("0.2.3", Verdict::Additive), "0.2.4");
/// assert_eq!(next("0.0.3", Verdict::Breaking), "0.0.4");
/// ```
pub fn next_version(current: &Version, verdict: Verdict) -> Version {
    let Version {
        major,
        minor,
        patch,
        ..
    } = *current;
    let (major, minor, patch) = match (major, minor, verdict) {
        (0, 0, _) => (0, 0, patch + 1),
        (0, _, Verdict::Breaking) => (0, minor + 1, 0),
        (0, _, _) => (0, minor, patch + 1),
        (_, _, Verdict::Breaking) => (major + 1, 0, 0),
        (_, _, Verdict::MayBreak | Verdict::Additive) => (major, minor + 1, 0),
        (_, _, Verdict::Neutral) => (major, minor, patch + 1),
    };
    Version {
        pre: Prerelease::EMPTY,
        build: BuildMetadata::EMPTY,
        ..Version::new(major, minor, patch)
    }
}

/// The version in the manifest of a workspace.
///
/// # Errors
/// Invalid TOML, or a manifest without a version.
pub fn version_of(manifest: &str) -> Result<Version, ReleaseError> {
    let manifest: DocumentMut = manifest
        .parse()
        .map_err(|error| ReleaseError::Toml("Cargo.toml", error))?;
    let text = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("package")?.get("version")?.as_str())
        .ok_or(ReleaseError::NoVersion)?;
    text.parse()
        .map_err(|error| ReleaseError::Version(text.to_owned(), error))
}

/// The manifest of the workspace with another version: its own, and those of the path dependencies
/// between its members. Everything else is kept, including comments.
///
/// # Errors
/// The errors of [`version_of`].
pub fn with_version(manifest: &str, version: &Version) -> Result<String, ReleaseError> {
    version_of(manifest)?;
    let mut manifest: DocumentMut = manifest
        .parse()
        .map_err(|error| ReleaseError::Toml("Cargo.toml", error))?;
    let workspace = &mut manifest["workspace"];
    set(&mut workspace["package"]["version"], version);
    if let Some(dependencies) = workspace
        .get_mut("dependencies")
        .and_then(|dependencies| dependencies.as_table_like_mut())
    {
        for (_, dependency) in dependencies.iter_mut() {
            if dependency.get("path").is_some()
                && let Some(asked) = dependency.get_mut("version")
            {
                set(asked, version);
            }
        }
    }
    Ok(manifest.to_string())
}

/// The lock file with another version of the workspace's members, which are the packages without a
/// source.
///
/// # Errors
/// A lock file that is not TOML.
pub fn lock_with_version(
    lock: &str,
    current: &Version,
    version: &Version,
) -> Result<String, ReleaseError> {
    let mut lock: DocumentMut = lock
        .parse()
        .map_err(|error| ReleaseError::Toml("Cargo.lock", error))?;
    let packages = lock.get_mut("package");
    let packages = packages.and_then(|packages| packages.as_array_of_tables_mut());
    for package in packages
        .into_iter()
        .flat_map(|packages| packages.iter_mut())
    {
        let is_member = package.get("source").is_none();
        if let Some(known) = package.get_mut("version")
            && is_member
            && known.as_str() == Some(&current.to_string())
        {
            set(known, version);
        }
    }
    Ok(lock.to_string())
}

/// Changes a version and keeps the whitespace around it.
fn set(item: &mut toml_edit::Item, version: &Version) {
    if let Some(value) = item.as_value_mut() {
        let decor = value.decor().clone();
        *value = version.to_string().into();
        *value.decor_mut() = decor;
    }
}

/// The changelog with a new section before that of the previous version and after the unreleased
/// changes.
///
/// # Errors
/// [`ReleaseError::Section`] if the version has a section.
pub fn changelog_with(
    changelog: &str,
    version: &Version,
    section: &str,
) -> Result<String, ReleaseError> {
    if has_section(changelog, version) {
        return Err(ReleaseError::Section(version.clone()));
    }
    let mut place = changelog.len();
    let mut start = 0;
    for text in changelog.split_inclusive('\n') {
        let released = text
            .strip_prefix("## ")
            .is_some_and(|heading| !heading.to_lowercase().contains("unreleased"));
        if released {
            place = start;
            break;
        }
        start += text.len();
    }
    let (before, after) = changelog.split_at(place);
    let before = before.trim_end();
    Ok(match after {
        "" => format!("{before}\n\n{section}"),
        after => format!("{before}\n\n{section}\n{after}"),
    })
}

/// True if a changelog has a section for a version.
pub fn has_section(changelog: &str, version: &Version) -> bool {
    let version = version.to_string();
    changelog.lines().any(|line| {
        line.strip_prefix("## ").is_some_and(|heading| {
            let name = heading.split_whitespace().next().unwrap_or_default();
            name.trim_matches(['[', ']']) == version
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "\
[workspace.package]
version = \"0.1.0\" # one for all

[workspace.dependencies]
a = { path = \"a\", version = \"0.1.0\" }
b = { path = \"b\" }
c = \"0.1.0\"
";

    #[test]
    fn a_new_version_reaches_the_workspace_and_its_members_and_nothing_else() {
        let version = Version::new(0, 2, 0);
        let manifest = with_version(MANIFEST, &version).expect("is a manifest");
        assert_eq!(
            manifest,
            MANIFEST
                .replace("version = \"0.1.0\" #", "version = \"0.2.0\" #")
                .replace("\"a\", version = \"0.1.0\"", "\"a\", version = \"0.2.0\"")
        );
        assert_eq!(version_of(&manifest).expect("has a version"), version);
        let lock = "\
version = 4

[[package]]
name = \"a\"
version = \"0.1.0\"

[[package]]
name = \"c\"
version = \"0.1.0\"
source = \"registry\"
";
        let locked = lock_with_version(lock, &Version::new(0, 1, 0), &version);
        assert_eq!(
            locked.expect("is a lock file"),
            lock.replacen("0.1.0", "0.2.0", 1)
        );
    }

    #[test]
    fn a_manifest_without_a_version_is_refused() {
        for (text, message) in [
            ("[", "Cargo.toml: "),
            ("[workspace]", "there is no version"),
            (
                "workspace.package.version = 'one'",
                "`one` is not a version",
            ),
        ] {
            let refused = version_of(text).expect_err("is refused").to_string();
            assert!(refused.contains(message), "{refused}");
        }
    }

    #[test]
    fn a_section_is_inserted_between_unreleased_and_released_changes() {
        let version = Version::new(0, 2, 0);
        let with = |changelog: &str| changelog_with(changelog, &version, "## 0.2.0\n\n- x\n");
        assert_eq!(
            with("# C\n\n## Unreleased\n\n- u\n\n## 0.1.0\n\n- a\n").expect("has none"),
            "# C\n\n## Unreleased\n\n- u\n\n## 0.2.0\n\n- x\n\n## 0.1.0\n\n- a\n"
        );
        assert_eq!(with("# C\n").expect("has none"), "# C\n\n## 0.2.0\n\n- x\n");
        assert!(with("# C\n\n## [0.2.0] - 2030-01-01\n").is_err());
    }
}
