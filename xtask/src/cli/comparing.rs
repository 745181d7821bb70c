//! The commands that compare documents: `diff`, `update` and `drift-check`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use openapi_document::{Diagnostic, Document};

use super::{
    DONE, apis_with, for_machines, no_workspace, print, refuse, refuse_input, refuse_regen,
    workspace,
};
use crate::drift_check::{CheckError, drift};
use crate::regen::{self, RegenError, build_with};
use crate::registry::{Api, default_settings};
use crate::tree::Tree;
use crate::update::{self, UpdateError};
use openapi_diff::catalogue::{CATALOGUE, Verdict, find};
use openapi_diff::model::Report;
use openapi_diff::policy::Policy;
use openapi_diff::render::json::json;
use openapi_diff::render::markdown::markdown;
use openapi_diff::render::text::{explain, list, text};
use openapi_diff::{clients, documents};

/// Exit code: there is a breaking change.
const BREAKING: u8 = 1;
/// Exit code: the documents could not be compared.
const FAILED: u8 = 2;

/// Arguments of `cargo xtask diff`.
#[derive(Args)]
pub(super) struct Diff {
    /// The old document: a file, NAME for a vendored document, or NAME@GIT-REV for a vendored
    /// document at a Git revision
    #[arg(required_unless_present_any = ["list", "explain"])]
    old: Option<String>,
    /// The new document, in the same notation
    #[arg(required_unless_present_any = ["list", "explain"])]
    new: Option<String>,
    /// The format of the report; the default is text, or JSON with `--json`
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Also shows hidden changes, such as those of descriptions
    #[arg(long)]
    all: bool,
    /// Compares only the documents, not the generated Rust APIs
    #[arg(long)]
    wire_only: bool,
    /// Lists every check
    #[arg(long, exclusive = true)]
    list: bool,
    /// Explains one check
    #[arg(long, value_name = "ID", exclusive = true)]
    explain: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for a terminal, with colour if standard output is one
    Text,
    /// Markdown for a pull request
    Markdown,
    /// JSON for other programs
    Json,
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

impl Diff {
    /// Returns 0 if no change is breaking, 1 if one is, and 2 if the documents cannot be compared.
    pub(super) fn run(&self) -> u8 {
        if self.list {
            print(&list(CATALOGUE));
            return DONE;
        }
        if let Some(id) = &self.explain {
            return match find(id) {
                Some(check) => {
                    print(&explain(check));
                    DONE
                }
                None => fail(&format!(
                    "there is no check `{id}`\n  hint: `cargo xtask diff --list` lists all checks"
                )),
            };
        }
        let (Some(old), Some(new)) = (&self.old, &self.new) else {
            return fail(&"two documents are required");
        };
        let Ok(report) = compare(old, new, self.wire_only) else {
            return FAILED;
        };
        print(&rendered(
            &report,
            Format::or_default_for_output(self.format),
            self.all,
        ));
        match report.verdict() {
            Verdict::Breaking => BREAKING,
            Verdict::MayBreak | Verdict::Additive | Verdict::Neutral => DONE,
        }
    }
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

fn rendered(report: &Report, format: Format, all: bool) -> String {
    match format {
        Format::Text => {
            let choice = anstream::AutoStream::choice(&std::io::stdout());
            text(report, all, choice != anstream::ColorChoice::Never)
        }
        Format::Markdown => markdown(report, all),
        Format::Json => format!("{:#}\n", json(report, all)),
    }
}

fn compare(old: &str, new: &str, wire_only: bool) -> Result<Report, Refused> {
    let input = |diagnostic: Diagnostic| Refused::input(&diagnostic);
    let (old, new) = (named(old)?, named(new)?);
    if wire_only {
        return documents(&old.0, &new.0, &Policy::default()).map_err(input);
    }
    let built = |(document, settings): (Document, client_codegen::Settings)| {
        build_with(&settings, document).map_err(|error| match error {
            RegenError::Input(diagnostic) => input(diagnostic),
            other => Refused::because(&format!(
                "{other}\n  hint: use `--wire-only` to compare only the documents"
            )),
        })
    };
    let (old, new) = (built(old)?, built(new)?);
    clients(&old.client(), &new.client(), &Policy::default()).map_err(input)
}

/// The document of that name, and the settings that its client is generated with.
fn named(name: &str) -> Result<(Document, client_codegen::Settings), Refused> {
    let (api, revision) = match name.split_once('@') {
        Some((api, revision)) => (api, Some(revision)),
        None => (name, None),
    };
    let tree = match (workspace(), revision) {
        _ if revision.is_some() && Path::new(name).is_file() => return file(name),
        (Some(root), Some(revision)) => {
            Tree::at(&root, revision).map_err(|error| Refused::because(&error))?
        }
        (Some(root), None) => Tree::folder(&root),
        (None, Some(_)) => return Err(Refused::because(&no_workspace())),
        (None, None) => return file(name),
    };
    let input = |diagnostic: Diagnostic| Refused::input(&diagnostic);
    let apis = tree.registry().map_err(input)?;
    match apis.into_iter().find(|known| known.name == api) {
        Some(api) => Ok((tree.document(&api).map_err(input)?, api.generator)),
        None if revision.is_some() => Err(Refused::because(&format!(
            "{name}: the registry of that revision has no API `{api}`"
        ))),
        None => file(name),
    }
}

fn file(name: &str) -> Result<(Document, client_codegen::Settings), Refused> {
    let document = Document::load(Path::new(name)).map_err(|error| Refused::input(&error))?;
    Ok((document, default_settings()))
}

/// Arguments of `cargo xtask update`.
#[derive(Args)]
pub(super) struct Update {
    /// The API of specs/apis.toml
    name: String,
    /// The vendor's new document
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Also sets the next version of the crates and adds a section to CHANGELOG.md
    #[arg(long)]
    write: bool,
    /// Writes the files even if a change is breaking
    #[arg(long)]
    allow_breaking: bool,
    /// The format of the report; the default is text, or JSON with `--json`
    #[arg(long, value_enum)]
    format: Option<Format>,
}

impl Update {
    /// Returns 0 if all files were written, 1 if a breaking change prevented it, and 2 on an error.
    pub(super) fn run(&self) -> u8 {
        let Some(root) = workspace() else {
            return fail(&no_workspace());
        };
        self.run_in(&root).unwrap_or(FAILED)
    }

    fn run_in(&self, root: &Path) -> Result<u8, Refused> {
        let apis = apis_with(root, std::slice::from_ref(&self.name)).map_err(|_| Refused)?;
        let Some(api) = apis.iter().find(|api| api.name == self.name) else {
            return Err(Refused);
        };
        let format = Format::or_default_for_output(self.format);
        let update = update::Update::make(root, api, &self.from).map_err(refused_update)?;
        print(&rendered(&update.report, format, false));
        if format != Format::Json {
            print(&account(api, &update));
        }
        if update.is_breaking() && !self.allow_breaking {
            refuse(
                &"there are breaking changes, so nothing was written\n  hint: review the report, then run the command again with `--allow-breaking`",
            );
            return Ok(BREAKING);
        }
        let mut changes = update.changes.clone();
        if self.write {
            changes.extend(update.release().map_err(refused_update)?);
        }
        for change in &changes {
            change
                .write(root)
                .map_err(|error| Refused::because(&error))?;
        }
        if format != Format::Json {
            for change in changes {
                print(&format!("wrote {}\n", change.path.display()));
            }
            print("next: review the snapshots, then run `cargo xtask regen --accept`\n");
        }
        Ok(DONE)
    }
}

fn refused_update(error: UpdateError) -> Refused {
    match error {
        UpdateError::Input(diagnostic) => {
            refuse_input(&diagnostic);
        }
        UpdateError::Vanished(diagnostics) => {
            for diagnostic in &diagnostics {
                refuse_input(diagnostic);
            }
        }
        UpdateError::Regen(error) => {
            refuse_regen(&error);
        }
        other => {
            refuse(&other);
        }
    }
    Refused
}

/// The summary of an update that is printed before its report: overlay, lowering and version.
fn account(api: &Api, update: &update::Update) -> String {
    let mut out = format!("\noverlay: {} actions\n", update.overlay.len());
    for applied in &update.overlay {
        out += &format!("  {:>4} × {}\n", applied.pointers.len(), applied.target);
    }
    out += &regen::summary(api, &update.built);
    if update.section.is_empty() {
        out += &format!("\nversion: unchanged, {}\n", update.current);
    } else {
        out += &format!("\nversion: {} -> {}\n\n", update.current, update.next);
        out += &update.section;
        out.push('\n');
    }
    out
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
        for (_, report) in &drift.reports {
            print(&format!("\n{}", markdown(report, false)));
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
