//! The commands that compare documents.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use openapi_document::{Diagnostic, Document};

use super::{
    DONE, apis_with, for_machines, no_workspace, refuse, refuse_input, refuse_regen, say, workspace,
};
use crate::drift_check::{CheckError, drift};
use crate::regen::{self, RegenError, make_with};
use crate::registry::{Api, default_settings};
use crate::tree::Tree;
use crate::update::{self, UpdateError};
use openapi_diff::catalogue::{CATALOGUE, Verdict, find};
use openapi_diff::model::Report;
use openapi_diff::render::json::json;
use openapi_diff::render::markdown::markdown;
use openapi_diff::render::text::{explain, list, text};
use openapi_diff::{documents, with_surfaces};

/// Something breaks.
const BREAKING: u8 = 1;
/// The comparison could not be made.
const FAILED: u8 = 2;

/// What `cargo xtask diff` is asked.
#[derive(Args)]
pub(super) struct Diff {
    /// The old document: a file, NAME for a vendored one, or NAME@GIT-REV for one as it was
    #[arg(required_unless_present_any = ["list", "explain"])]
    old: Option<String>,
    /// The new document, named in the same way
    #[arg(required_unless_present_any = ["list", "explain"])]
    new: Option<String>,
    /// How the report is written, as text if not said
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Also shows changes of descriptions and the like
    #[arg(long)]
    all: bool,
    /// Compares the documents only, not what is generated from them
    #[arg(long)]
    wire_only: bool,
    /// Lists every check
    #[arg(long, exclusive = true)]
    list: bool,
    /// Says what one check is about
    #[arg(long, value_name = "ID", exclusive = true)]
    explain: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal, in colour on one
    Text,
    /// For a pull request
    Markdown,
    /// For another program
    Json,
}

impl Format {
    /// The format that was asked for, or else the one for who listens.
    fn or_usual(asked: Option<Self>) -> Self {
        asked.unwrap_or(match for_machines() {
            true => Self::Json,
            false => Self::Text,
        })
    }
}

impl Diff {
    /// Exits with 0 when nothing breaks, 1 when something does, 2 when it cannot be told.
    pub(super) fn run(&self) -> u8 {
        if self.list {
            say(&list(CATALOGUE));
            return DONE;
        }
        if let Some(id) = &self.explain {
            return match find(id) {
                Some(check) => {
                    say(&explain(check));
                    DONE
                }
                None => fail(&format!(
                    "there is no check `{id}`\n  hint: `cargo xtask diff --list` has them all"
                )),
            };
        }
        let (Some(old), Some(new)) = (&self.old, &self.new) else {
            return fail(&"name two documents");
        };
        let Ok(report) = compare(old, new, self.wire_only) else {
            return FAILED;
        };
        say(&rendered(&report, Format::or_usual(self.format), self.all));
        match report.verdict() {
            Verdict::Breaking => BREAKING,
            Verdict::Additive | Verdict::Neutral => DONE,
        }
    }
}

/// That it was said why there is nothing to show.
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
        return documents(&old.0, &new.0).map_err(input);
    }
    let made = |(document, settings): (Document, client_codegen::Settings)| {
        make_with(&settings, document).map_err(|error| match error {
            RegenError::Input(diagnostic) => input(diagnostic),
            other => Refused::because(&format!(
                "{other}\n  hint: `--wire-only` compares the documents alone"
            )),
        })
    };
    let (old, new) = (made(old)?, made(new)?);
    let (old, new) = ((&old.vendored, &old.surface), (&new.vendored, &new.surface));
    with_surfaces(old, new).map_err(input)
}

/// The document of that name, and the settings to generate from it.
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
            "{name}: there is no API `{api}` at that revision"
        ))),
        None => file(name),
    }
}

fn file(name: &str) -> Result<(Document, client_codegen::Settings), Refused> {
    let document = Document::load(Path::new(name)).map_err(|error| Refused::input(&error))?;
    Ok((document, default_settings()))
}

/// What `cargo xtask update` is asked.
#[derive(Args)]
pub(super) struct Update {
    /// The API of specs/apis.toml
    name: String,
    /// The vendor's new document
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Also bumps the version of the crates and adds the section to CHANGELOG.md
    #[arg(long)]
    write: bool,
    /// Goes on where the new document breaks something
    #[arg(long)]
    allow_breaking: bool,
    /// How the report is written, as text if not said
    #[arg(long, value_enum)]
    format: Option<Format>,
}

impl Update {
    /// Exits with 0 when everything is written, 1 when it stopped before something that breaks, 2 when
    /// it cannot be done.
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
        let format = Format::or_usual(self.format);
        let update = update::Update::make(root, api, &self.from).map_err(refused_update)?;
        say(&rendered(&update.report, format, false));
        if format != Format::Json {
            say(&account(api, &update));
        }
        if update.is_breaking() && !self.allow_breaking {
            refuse(
                &"this breaks something, so nothing was written\n  hint: read the report, and go on with `--allow-breaking`",
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
                say(&format!("wrote {}\n", change.path.display()));
            }
            say(
                "next: `cargo xtask regen --accept` when the snapshots say what you have read here\n",
            );
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

/// What an update did beside what its report says.
fn account(api: &Api, update: &update::Update) -> String {
    let mut out = format!("\noverlay: {} actions\n", update.overlay.len());
    for applied in &update.overlay {
        out += &format!("  {:>4} × {}\n", applied.pointers.len(), applied.target);
    }
    out += &regen::summary(api, &update.made);
    if update.section.is_empty() {
        out += &format!("\nversion: stays {}\n", update.current);
    } else {
        out += &format!("\nversion: {} -> {}\n\n", update.current, update.next);
        out += &update.section;
        out.push('\n');
    }
    out
}

/// What `cargo xtask drift-check` is asked.
#[derive(Args)]
pub(super) struct DriftCheck {
    /// The revision to compare with, such as `origin/main`
    #[arg(long, value_name = "GIT-REV")]
    base: String,
}

impl DriftCheck {
    /// Prints the report as Markdown. Exits with 0 when all is said that there is to say, 1 when the
    /// version or the changelog does not say what breaks, 2 when it cannot be told.
    pub(super) fn run(&self) -> u8 {
        let Some(root) = workspace() else {
            return fail(&no_workspace());
        };
        let drift = match drift(&root, &self.base) {
            Ok(drift) => drift,
            Err(error) => return fail_check(&error),
        };
        say(&format!(
            "## What changes for users\n\nVersion {} -> {}.\n",
            drift.base, drift.now
        ));
        for (_, report) in &drift.reports {
            say(&format!("\n{}", markdown(report, false)));
        }
        for package in &drift.gone {
            say(&format!("\n### `{package}` is gone\n"));
        }
        for missing in &drift.missing {
            say(&format!("\n**Missing:** {missing}.\n"));
            refuse(&format!(
                "{missing}\n  hint: `cargo xtask update NAME --from FILE --write` writes both"
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
