//! The registry of APIs, `specs/apis.toml`: the documents, their crates and the settings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, Utc};
use client_codegen::Settings;
use client_crate::default_settings;
use openapi_diff::catalogue::{Verdict, find};
use openapi_diff::policy::{Accepted, Policy};
use openapi_document::{Diagnostic, Document, Position, ReferenceMap};
use serde::Deserialize;

use client_crate::OperationNames;
use client_crate::selection::{SelectionError, select};

/// The path of the registry, relative to the workspace.
pub const REGISTRY: &str = "specs/apis.toml";

/// One API of the registry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// The name in commands: `numspot`.
    pub name: String,
    /// The display name: `Numspot`.
    pub title: String,
    /// The vendored OpenAPI document, relative to the workspace.
    pub document: PathBuf,
    /// The overlay with corrections, relative to the workspace.
    pub overlay: PathBuf,
    /// The folder of the generated crate, relative to the workspace. The crate has the folder's
    /// name.
    #[serde(rename = "crate")]
    pub folder: PathBuf,
    /// True if required scalars of responses are optional in the generated types, for a server that
    /// omits them or sends null; false by default.
    #[serde(default)]
    pub lenient: bool,
    /// The rule for shorter operation ids; by default those of the document are kept.
    #[serde(default)]
    pub operation_names: Option<OperationNames>,
    /// Settings of the generator; by default those of the generator.
    #[serde(default)]
    pub generator: Settings,
    /// The Cargo features of the crate, each with the tags of the operations that it enables. Operations
    /// with other tags are always enabled.
    #[serde(default)]
    pub features: BTreeMap<String, Vec<String>>,
    /// The operations that the client has, by tag, `operationId` or path; all if empty. A path may end with
    /// `*`.
    #[serde(default)]
    pub include: Vec<String>,
    /// The operations that the client does not have, like `include`.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// The files and folders, relative to the workspace, that are read instead of URLs, by URL
    /// prefix.
    #[serde(default)]
    pub map: BTreeMap<String, PathBuf>,
    /// Decisions about changes of the document, in addition to those for all APIs.
    #[serde(default)]
    pub diff: Decisions,
}

/// Decisions about changes: `[diff]` for all APIs, and `[api.diff]` for one.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Decisions {
    /// The days that a vendor must leave between the deprecation of something and its sunset.
    grace_days: Option<u32>,
    /// The verdicts that replace those of checks, by ID.
    #[serde(default)]
    severities: BTreeMap<String, Verdict>,
    /// The accepted changes.
    #[serde(default)]
    accepted: Vec<AcceptedChange>,
}

/// A change that is accepted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptedChange {
    /// The ID of the change in a report.
    pub id: String,
    /// The reason.
    pub reason: String,
    /// The last day on which it is accepted; `None` if it is accepted permanently.
    pub until: Option<NaiveDate>,
}

impl Decisions {
    /// The decisions as a policy with the current date.
    pub fn policy(&self) -> Policy {
        let accepted = self.accepted.iter().cloned();
        Policy {
            today: Utc::now().date_naive(),
            grace_days: self.grace_days,
            severities: self.severities.clone(),
            accepted: accepted
                .map(|AcceptedChange { id, reason, until }| Accepted { id, reason, until })
                .collect(),
        }
    }

    /// Adds the decisions for all APIs. Those of one API take precedence.
    fn add(&mut self, general: &Self) {
        self.grace_days = self.grace_days.or(general.grace_days);
        for (check, verdict) in &general.severities {
            self.severities.entry(check.clone()).or_insert(*verdict);
        }
        self.accepted.extend(general.accepted.iter().cloned());
    }
}

impl Api {
    /// An API with all operations, without features, and with the settings of new APIs.
    pub fn new(
        name: &str,
        title: &str,
        document: PathBuf,
        overlay: PathBuf,
        folder: PathBuf,
    ) -> Self {
        Self {
            name: name.to_owned(),
            title: title.to_owned(),
            document,
            overlay,
            folder,
            generator: default_settings(),
            features: BTreeMap::new(),
            map: BTreeMap::new(),
            lenient: false,
            operation_names: None,
            include: Vec::new(),
            exclude: Vec::new(),
            diff: Decisions::default(),
        }
    }

    /// The name of the crate.
    pub fn package(&self) -> String {
        let name = self.folder.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// The files that references to URLs are read from, in the workspace at `root`.
    pub fn reference_map(&self, root: &Path) -> ReferenceMap {
        let pairs = self.map.iter();
        pairs.map(|(url, file)| (url, root.join(file))).collect()
    }

    /// Removes the operations that the client does not have, names the others, and marks the document of a
    /// lenient API.
    ///
    /// # Errors
    /// An entry of `include` or `exclude` that matches no operation.
    pub fn apply_settings(&self, document: &mut Document) -> Result<(), Diagnostic> {
        select(&mut document.root, &self.include, &self.exclude)
            .map_err(|error| refuse_setting(self, &error))?;
        if self.lenient {
            document.root["x-lenient-responses"] = true.into();
        }
        if let Some(rule) = self.operation_names {
            rule.apply(&mut document.root);
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registry {
    #[serde(default)]
    diff: Decisions,
    #[serde(default)]
    api: Vec<Api>,
}

/// Parses a registry.
///
/// # Errors
/// Invalid TOML or an invalid entry, and two APIs with the same name or crate.
pub fn parse(text: &str) -> Result<Vec<Api>, Diagnostic> {
    Ok(read(text)?.api)
}

/// Parses the decisions for all APIs of a registry.
///
/// # Errors
/// The errors of [`parse`].
pub fn decisions(text: &str) -> Result<Decisions, Diagnostic> {
    Ok(read(text)?.diff)
}

/// The registry with one more accepted change: of the API of this name, or of all APIs.
///
/// # Errors
/// A registry without the API, or one to which the entry cannot be added.
pub fn with_accepted(
    text: &str,
    api: Option<&str>,
    accepted: &AcceptedChange,
) -> Result<String, Diagnostic> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let heads: Vec<usize> = (0..lines.len())
        .filter(|index| lines[*index].trim() == "[[api]]")
        .collect();
    let (table, mut end) = match api {
        None => ("diff.accepted", heads.first().copied()),
        Some(name) => {
            let apis = parse(text)?;
            let index = apis.iter().position(|api| api.name == name);
            let index = index.ok_or_else(|| {
                refuse(
                    None,
                    format!("there is no API `{name}`"),
                    "use the name of an API in the registry",
                )
            })?;
            let next = heads.get(index + 1).copied();
            ("api.diff.accepted", next.or(Some(lines.len())))
        }
    };
    // Comments belong to the entry below them.
    while let Some(last) = end.filter(|end| *end > 0 && lines[*end - 1].starts_with('#')) {
        end = Some(last - 1);
    }
    let end = end.unwrap_or(lines.len());
    let (before, after) = (lines[..end].concat(), lines[end..].concat());
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let until = accepted
        .until
        .map(|day| format!("until = {}\n", quoted(&day.to_string())));
    let entry = format!(
        "[[{table}]]\nid = {}\nreason = {}\n{}",
        quoted(&accepted.id),
        quoted(&accepted.reason),
        until.unwrap_or_default()
    );
    let parts = [before.trim_end(), entry.trim_end(), after.trim_start()];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    let mut text = parts.collect::<Vec<_>>().join("\n\n");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    read(&text)?;
    Ok(text)
}

/// The diagnostic of a setting that does not fit the API's document.
pub(crate) fn refuse_setting(api: &Api, error: &SelectionError) -> Diagnostic {
    refuse(
        None,
        format!("`{}`: {}", api.name, error.message),
        error.hint,
    )
}

fn refuse(position: Option<Position>, message: String, hint: &str) -> Diagnostic {
    Diagnostic {
        file: REGISTRY.to_owned(),
        position,
        pointer: None,
        message,
        hint: hint.to_owned(),
    }
}

fn read(text: &str) -> Result<Registry, Diagnostic> {
    let mut registry: Registry = toml::from_str(text).map_err(|error| {
        let position = error.span().map(|span| {
            let before = &text[..span.start.min(text.len())];
            Position {
                line: before.matches('\n').count() + 1,
                column: before.chars().rev().take_while(|c| *c != '\n').count() + 1,
            }
        });
        refuse(
            position,
            error.message().to_owned(),
            "compare the entry with the other entries",
        )
    })?;
    for (index, api) in registry.api.iter().enumerate() {
        let mut before = registry.api[..index].iter();
        if before.any(|other| other.name == api.name || other.package() == api.package()) {
            return Err(refuse(
                None,
                format!(
                    "`{}` or its crate `{}` is listed twice",
                    api.name,
                    api.package()
                ),
                "give each API its own name and crate",
            ));
        }
    }
    for api in &mut registry.api {
        api.diff.add(&registry.diff);
        if let Some(check) = api.diff.severities.keys().find(|id| find(id).is_none()) {
            return Err(refuse(
                None,
                format!("`severities` names the check `{check}`, which does not exist"),
                "`cargo xtask diff --list` lists all checks",
            ));
        }
    }
    Ok(registry)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(text: &str) -> Result<Vec<Api>, String> {
        let root = tempfile::tempdir().expect("creates a temporary folder");
        std::fs::create_dir(root.path().join("specs")).expect("creates a folder");
        std::fs::write(root.path().join(REGISTRY), text).expect("writes a file");
        crate::tree::Tree::folder(root.path())
            .registry()
            .map_err(|diagnostic| diagnostic.to_string())
    }

    const ENTRY: &str = "[[api]]\nname = 'a'\ntitle = 'A'\ndocument = 'd'\noverlay = 'o'\ncrate = 'a-client'\ngenerator.derives = ['X']\n";

    #[test]
    fn an_entry_is_read() {
        let apis = loaded(ENTRY).expect("is a registry");
        assert_eq!(apis[0].package(), "a-client");
        assert_eq!(apis[0].generator.derives, ["X"]);
        assert!(!apis[0].lenient && apis[0].operation_names.is_none());
        let rules = "lenient = true\noperation_names = 'strip-path-suffix'\n";
        let apis = loaded(&format!("{ENTRY}{rules}").replace("generator.derives = ['X']\n", ""));
        let api = &apis.expect("is a registry")[0];
        assert!(api.lenient);
        assert_eq!(api.operation_names, Some(OperationNames::StripPathSuffix));
    }

    #[test]
    fn decisions_for_all_apis_hold_beside_those_of_one() {
        let text = format!(
            "[diff]\ngrace-days = 30\nseverities = {{ text-changed = 'may-break', server-added = \
             'breaking' }}\n{ENTRY}[api.diff]\nseverities = {{ server-added = 'neutral' }}\n"
        );
        let apis = loaded(&text).expect("is a registry");
        let policy = apis[0].diff.policy();
        assert_eq!(policy.grace_days, Some(30));
        assert_eq!(policy.severities["text-changed"], Verdict::MayBreak);
        assert_eq!(policy.severities["server-added"], Verdict::Neutral);
        let refused = loaded(&text.replace("text-changed", "text")).expect_err("is refused");
        assert!(
            refused.contains("`text`, which does not exist"),
            "{refused}"
        );
    }

    #[test]
    fn an_accepted_change_is_added_to_its_api_and_nothing_else_changes() {
        let accepted = AcceptedChange {
            id: "0123456789".to_owned(),
            reason: "nobody calls it".to_owned(),
            until: NaiveDate::from_ymd_opt(2030, 1, 2),
        };
        let second = ENTRY.replace("'a'", "'b'").replace("a-client", "b-client");
        let two = format!("# The APIs.\n\n# One.\n{ENTRY}\n# Two.\n{second}");
        for (api, accepts) in [(Some("a"), [2, 0]), (Some("b"), [0, 2]), (None, [2, 2])] {
            let mut text = two.clone();
            for _ in 0..2 {
                text = with_accepted(&text, api, &accepted).expect("has the API");
            }
            for kept in [
                "# The APIs.\n",
                &format!("# One.\n{ENTRY}"),
                &format!("# Two.\n{second}"),
            ] {
                assert!(text.contains(kept), "{text}");
            }
            let apis = parse(&text).expect("is a registry");
            let counts = [0, 1].map(|index| apis[index].diff.policy().accepted.len());
            assert_eq!(counts, accepts, "{text}");
        }
        let inline = ENTRY.replace("generator.derives", "diff = {}\ngenerator.derives");
        assert!(with_accepted(&inline, Some("a"), &accepted).is_err());
        assert!(with_accepted(ENTRY, Some("b"), &accepted).is_err());
    }

    #[test]
    fn an_invalid_entry_is_rejected_with_its_place() {
        let refused = loaded(&format!("{ENTRY}colour = 'red'\n")).expect_err("is refused");
        assert!(refused.starts_with("specs/apis.toml:8:1: "), "{refused}");
        let refused = loaded(&format!("{ENTRY}{ENTRY}")).expect_err("is refused");
        assert!(refused.contains("listed twice"), "{refused}");
    }
}
