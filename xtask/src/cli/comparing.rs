//! The commands that compare documents: `diff`, `update` and `drift-check`.

mod updating;

use std::path::Path;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use openapi_document::{Diagnostic, Document, ReferenceMap};

use super::{
    DONE, References, for_machines, no_workspace, print, refuse, refuse_input, refuse_regen,
    workspace,
};
use crate::drift_check::{CheckError, drift};
use crate::files;
use crate::regen::{RegenError, build_with};
use crate::registry::{AcceptedChange, Decisions, REGISTRY, with_accepted};
use crate::tree::Tree;
use client_crate::default_settings;
use openapi_diff::catalogue::{CATALOGUE, Verdict, find};
use openapi_diff::filter::Filter;
use openapi_diff::limits::LIMITS;
use openapi_diff::model::Report;
use openapi_diff::render::github::github;
use openapi_diff::render::html::html;
use openapi_diff::render::json::json;
use openapi_diff::render::junit::junit;
use openapi_diff::render::markdown::{LONGEST, markdown};
use openapi_diff::render::text::{explain, limits, list, text};
use openapi_diff::{clients, documents};

pub(super) use updating::Update;

/// Exit code: there is a breaking change.
const BREAKING: u8 = 1;
/// Exit code: the documents could not be compared.
const FAILED: u8 = 2;

/// Arguments of `cargo xtask diff`.
#[derive(Args)]
pub(super) struct Diff {
    /// The old document: a file, NAME for a vendored document, or NAME@GIT-REV for a vendored
    /// document at a Git revision
    #[arg(required_unless_present_any = ["list", "explain", "limits"])]
    old: Option<String>,
    /// The new document, in the same notation
    #[arg(required_unless_present_any = ["list", "explain", "limits"])]
    new: Option<String>,
    #[command(flatten)]
    references: References,
    /// The format of the report; the default is text, or JSON with `--json`
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Shows all details of each change, instead of one line
    #[arg(long)]
    verbose: bool,
    /// Also shows hidden changes: those of descriptions, and accepted ones
    #[arg(long)]
    all: bool,
    /// Shows only changes of this verdict and higher ones
    #[arg(long, value_enum)]
    level: Option<Level>,
    /// Shows only changes of operations whose method and path contain TEXT; can be repeated
    #[arg(long, value_name = "TEXT")]
    path: Vec<String>,
    /// Shows only changes of operations with this tag; can be repeated
    #[arg(long)]
    tag: Vec<String>,
    /// Shows only changes of this check; can be repeated
    #[arg(long, value_name = "ID")]
    check: Vec<String>,
    /// The lowest verdict with which the command fails; all changes count, including those not shown
    #[arg(long, value_enum, default_value_t = Level::Breaking)]
    fail_on: Level,
    /// Compares only the documents, not the generated Rust APIs
    #[arg(long)]
    wire_only: bool,
    /// Accepts the change with this ID: writes it to specs/apis.toml
    #[arg(long, value_name = "ID", requires = "reason")]
    accept: Option<String>,
    /// The reason why the change is accepted
    #[arg(long, value_name = "TEXT", requires = "accept")]
    reason: Option<String>,
    /// The last day on which the change is accepted: YYYY-MM-DD
    #[arg(long, value_name = "DATE", requires = "accept")]
    until: Option<NaiveDate>,
    /// Lists every check
    #[arg(long, exclusive = true)]
    list: bool,
    /// Explains one check
    #[arg(long, value_name = "ID", exclusive = true)]
    explain: Option<String>,
    /// Lists the limits of the comparison, with the reasons
    #[arg(long, exclusive = true)]
    limits: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for a terminal, with colour if standard output is one
    Text,
    /// Markdown for a comment on a pull request, of at most 65,536 characters
    Markdown,
    /// JSON for other programs
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// JUnit XML, with a failure for each change that `--fail-on` counts
    Junit,
    /// One HTML page
    Html,
}

impl Format {
    /// The requested format; without one, JSON with `--json` and text otherwise.
    fn or_default_for_output(asked: Option<Self>) -> Self {
        asked.unwrap_or(match for_machines() {
            true => Self::Json,
            false => Self::Text,
        })
    }
}

/// A verdict on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Level {
    Neutral,
    Additive,
    MayBreak,
    Breaking,
}

impl From<Level> for Verdict {
    fn from(level: Level) -> Self {
        match level {
            Level::Neutral => Self::Neutral,
            Level::Additive => Self::Additive,
            Level::MayBreak => Self::MayBreak,
            Level::Breaking => Self::Breaking,
        }
    }
}

impl Diff {
    /// Returns 0 if no change has the verdict of `--fail-on`, 1 if one has, and 2 if the documents
    /// cannot be compared.
    pub(super) fn run(&self) -> u8 {
        if self.list {
            print(&list(CATALOGUE));
            return DONE;
        }
        if self.limits {
            print(&limits(LIMITS));
            return DONE;
        }
        if let Some(id) = &self.explain {
            return match find(id) {
                Some(check) => {
                    print(&explain(check));
                    DONE
                }
                None => fail(&no_check(id)),
            };
        }
        if let Some(id) = self.check.iter().find(|id| find(id).is_none()) {
            return fail(&no_check(id));
        }
        let (Some(old), Some(new)) = (&self.old, &self.new) else {
            return fail(&"two documents are required");
        };
        let Ok((report, api)) = compare(old, new, &self.references.map(), self.wire_only) else {
            return FAILED;
        };
        if let (Some(id), Some(reason)) = (&self.accept, &self.reason) {
            return self
                .accept(&report, api.as_deref(), id, reason)
                .unwrap_or(FAILED);
        }
        let filter = Filter {
            level: self.level.map(Verdict::from),
            paths: self.path.clone(),
            tags: self.tag.clone(),
            checks: self.check.clone(),
            all: self.all,
        };
        let format = Format::or_default_for_output(self.format);
        print(&self.rendered(&report, &filter, format));
        match report.counted() >= Verdict::from(self.fail_on) {
            true => BREAKING,
            false => DONE,
        }
    }

    fn rendered(&self, report: &Report, filter: &Filter, format: Format) -> String {
        match format {
            Format::Text if self.verbose => text(&filter.of(report), true, has_colour()),
            Format::Junit => junit(&filter.of(report), self.fail_on.into()),
            other => rendered(report, filter, other),
        }
    }

    /// Accepts a change: writes it to the registry.
    fn accept(
        &self,
        report: &Report,
        api: Option<&str>,
        id: &str,
        reason: &str,
    ) -> Result<u8, Refused> {
        let Some(change) = report.changes.iter().find(|change| change.id == id) else {
            return Err(Refused::because(&format!(
                "there is no change `{id}`\n  hint: `cargo xtask diff OLD NEW --all` shows the ID of each change"
            )));
        };
        let root = workspace().ok_or_else(|| Refused::because(&no_workspace()))?;
        let path = root.join(REGISTRY);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Refused::because(&format!("{REGISTRY}: {error}")))?;
        let accepted = AcceptedChange {
            id: id.to_owned(),
            reason: reason.to_owned(),
            until: self.until,
        };
        let text = with_accepted(&text, api, &accepted).map_err(|error| Refused::input(&error))?;
        files::replace(&path, text.as_bytes())
            .map_err(|error| Refused::because(&format!("{REGISTRY}: {error}")))?;
        print(&format!("accepted in {REGISTRY}: {}\n", change.what));
        Ok(DONE)
    }
}

fn no_check(id: &str) -> String {
    format!("there is no check `{id}`\n  hint: `cargo xtask diff --list` lists all checks")
}

/// The error was already printed.
struct Refused;

impl Refused {
    fn because(error: &dyn std::fmt::Display) -> Self {
        refuse(error);
        Self
    }

    fn input(diagnostic: &Diagnostic) -> Self {
        refuse_input(diagnostic);
        Self
    }
}

fn fail(error: &dyn std::fmt::Display) -> u8 {
    refuse(error);
    FAILED
}

fn has_colour() -> bool {
    let choice = anstream::AutoStream::choice(&std::io::stdout());
    choice != anstream::ColorChoice::Never
}

fn rendered(report: &Report, filter: &Filter, format: Format) -> String {
    let shown = filter.of(report);
    let hidden = report.changes.len() - shown.changes.len();
    match format {
        Format::Text => {
            let mut out = text(&shown, false, has_colour());
            if hidden > 0 {
                out += &format!(
                    "\n{hidden} changes are not shown (`--all` also shows changes of descriptions and accepted changes)\n"
                );
            }
            out
        }
        Format::Markdown => markdown(&shown, LONGEST),
        Format::Json => format!("{:#}\n", json(&shown, report.counted())),
        Format::Github => github(&shown),
        Format::Junit => junit(&shown, Verdict::Breaking),
        Format::Html => html(&shown),
    }
}

/// The report, and the API of the registry whose documents were compared. In a document that is a file,
/// references to URLs are read from the files that `map` or the entry of the other document's API
/// names.
fn compare(
    old: &str,
    new: &str,
    map: &ReferenceMap,
    wire_only: bool,
) -> Result<(Report, Option<String>), Refused> {
    let input = |diagnostic: Diagnostic| Refused::input(&diagnostic);
    let map = map_of_files([old, new], map).map_err(input)?;
    let (old, new) = (named(old, &map)?, named(new, &map)?);
    let api = new.api.clone().or(old.api.clone());
    // The decisions of the current registry apply to all compared revisions.
    let policy = match (workspace(), &api) {
        (None, _) => Decisions::default(),
        (Some(root), None) => Tree::folder(&root).decisions().map_err(input)?,
        (Some(root), Some(name)) => {
            let apis = Tree::folder(&root).registry().map_err(input)?;
            let known = apis.into_iter().find(|api| api.name == *name);
            known.map_or_else(Decisions::default, |api| api.diff)
        }
    }
    .policy();
    if wire_only {
        let report = documents(&old.document, &new.document, &policy).map_err(input)?;
        return Ok((report, api));
    }
    let built = |named: Named| {
        build_with(&named.settings, &named.document).map_err(|error| match error {
            RegenError::Input(diagnostic) => input(diagnostic),
            other => Refused::because(&format!(
                "{other}\n  hint: use `--wire-only` to compare only the documents"
            )),
        })
    };
    let (old, new) = (built(old)?, built(new)?);
    let report = clients(&old.client(), &new.client(), &policy);
    Ok((report, api))
}

/// The map of the registry's entries with these names, and the given one, which takes precedence.
fn map_of_files(names: [&str; 2], given: &ReferenceMap) -> Result<ReferenceMap, Diagnostic> {
    let Some(root) = workspace() else {
        return Ok(given.clone());
    };
    let names = names.map(|name| name.split_once('@').map_or(name, |(api, _)| api));
    let apis = Tree::folder(&root).registry()?.into_iter();
    let known = apis.filter(|api| names.contains(&&*api.name));
    let map = known.fold(ReferenceMap::default(), |map, api| {
        map.with(&api.reference_map(&root))
    });
    Ok(map.with(given))
}

/// A document of the command line.
struct Named {
    document: Document,
    /// The settings that its client is generated with.
    settings: client_codegen::Settings,
    /// The API of the registry that the document belongs to.
    api: Option<String>,
}

fn named(name: &str, map: &ReferenceMap) -> Result<Named, Refused> {
    let (api, revision) = match name.split_once('@') {
        Some((api, revision)) => (api, Some(revision)),
        None => (name, None),
    };
    let tree = match (workspace(), revision) {
        _ if revision.is_some() && Path::new(name).is_file() => return file(name, map),
        (Some(root), Some(revision)) => {
            Tree::at(&root, revision).map_err(|error| Refused::because(&error))?
        }
        (Some(root), None) => Tree::folder(&root),
        (None, Some(_)) => return Err(Refused::because(&no_workspace())),
        (None, None) => return file(name, map),
    };
    let input = |diagnostic: Diagnostic| Refused::input(&diagnostic);
    let apis = tree.registry().map_err(input)?;
    match apis.into_iter().find(|known| known.name == api) {
        Some(api) => Ok(Named {
            document: tree.document(&api).map_err(input)?,
            settings: api.generator,
            api: Some(api.name),
        }),
        None if revision.is_some() => Err(Refused::because(&format!(
            "{name}: the registry of that revision has no API `{api}`"
        ))),
        None => file(name, map),
    }
}

fn file(name: &str, map: &ReferenceMap) -> Result<Named, Refused> {
    Ok(Named {
        document: Document::load_mapped(Path::new(name), map)
            .map_err(|error| Refused::input(&error))?,
        settings: default_settings(),
        api: None,
    })
}

/// Arguments of `cargo xtask drift-check`.
#[derive(Args)]
pub(super) struct DriftCheck {
    /// The Git revision to compare with, such as `origin/main`
    #[arg(long, value_name = "GIT-REV")]
    base: String,
}

impl DriftCheck {
    /// Prints the report as Markdown. Returns 0 if the version and the changelog are sufficient, 1
    /// if one is not, and 2 if the revisions cannot be compared.
    pub(super) fn run(&self) -> u8 {
        let Some(root) = workspace() else {
            return fail(&no_workspace());
        };
        let drift = match drift(&root, &self.base) {
            Ok(drift) => drift,
            Err(error) => return fail_check(&error),
        };
        print(&format!(
            "## What changes for users\n\nVersion {} -> {}.\n",
            drift.base, drift.now
        ));
        let shown = Filter::default();
        // All reports are in one comment.
        let longest = LONGEST / (drift.reports.len() + 1);
        for (_, report) in &drift.reports {
            print(&format!("\n{}", markdown(&shown.of(report), longest)));
        }
        for package in &drift.gone {
            print(&format!("\n### `{package}` was removed\n"));
        }
        for missing in &drift.missing {
            print(&format!("\n**Missing:** {missing}.\n"));
            refuse(&format!(
                "{missing}\n  hint: `cargo xtask update NAME --from FILE --write` updates the version and the changelog"
            ));
        }
        match drift.missing.is_empty() {
            true => DONE,
            false => BREAKING,
        }
    }
}

fn fail_check(error: &CheckError) -> u8 {
    match error {
        CheckError::Input(diagnostic) => refuse_input(diagnostic),
        CheckError::Regen(error) => refuse_regen(error),
        other => refuse(other),
    };
    FAILED
}
