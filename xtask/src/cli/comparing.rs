//! The commands that compare documents.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use openapi_document::Document;

use super::{DONE, no_workspace, refuse, say, unknown_api, workspace};
use crate::diff::catalogue::{CATALOGUE, Verdict, find};
use crate::diff::model::Report;
use crate::diff::render::json::json;
use crate::diff::render::markdown::markdown;
use crate::diff::render::text::{explain, list, text};
use crate::diff::{documents, with_surfaces};
use crate::drift_check::drift;
use crate::regen::{self, make_of};
use crate::registry::{self, GeneratorSettings};
use crate::transaction;
use crate::tree::Tree;
use crate::update::Update;

/// Something breaks.
const BREAKING: u8 = 1;
/// The comparison could not be made.
const FAILED: u8 = 2;

/// What `cargo xtask diff` is asked.
#[derive(Args)]
pub(super) struct DiffArguments {
    /// The old document: a file, NAME for a vendored one, or NAME@GIT-REV for one as it was
    #[arg(required_unless_present_any = ["list", "explain"])]
    old: Option<String>,
    /// The new document, named in the same way
    #[arg(required_unless_present_any = ["list", "explain"])]
    new: Option<String>,
    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
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

/// Exits with 0 when nothing breaks, 1 when something does, 2 when it cannot be told.
pub(super) fn diff(arguments: &DiffArguments) -> u8 {
    if arguments.list {
        say(&list(CATALOGUE));
        return DONE;
    }
    if let Some(id) = &arguments.explain {
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
    let (Some(old), Some(new)) = (&arguments.old, &arguments.new) else {
        return fail(&"name two documents");
    };
    match compare(old, new, arguments.wire_only) {
        Ok(report) => {
            say(&rendered(&report, arguments.format, arguments.all));
            match report.verdict() {
                Verdict::Breaking => BREAKING,
                Verdict::Additive | Verdict::Neutral => DONE,
            }
        }
        Err(error) => fail(&error),
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

fn compare(old: &str, new: &str, wire_only: bool) -> Result<Report, String> {
    let old = named(old)?;
    let new = named(new)?;
    if wire_only {
        return documents(&old.0, &new.0).map_err(|error| error.to_string());
    }
    let made = |(document, settings): (Document, GeneratorSettings)| {
        make_of(document, &settings)
            .map_err(|error| format!("{error}\n  hint: `--wire-only` compares the documents alone"))
    };
    let (old, new) = (made(old)?, made(new)?);
    let (old, new) = ((&old.vendored, &old.surface), (&new.vendored, &new.surface));
    with_surfaces(old, new).map_err(|error| error.to_string())
}

/// The document of that name, and the settings to generate from it.
fn named(name: &str) -> Result<(Document, GeneratorSettings), String> {
    let (api, revision) = match name.split_once('@') {
        Some((api, revision)) => (api, Some(revision)),
        None => (name, None),
    };
    let tree = match (workspace(), revision) {
        (Some(root), Some(revision)) => Some(Tree::at(&root, revision)),
        (Some(root), None) => Some(Ok(Tree::folder(&root))),
        (None, _) => None,
    };
    let is_file = Path::new(name).is_file();
    if is_file && revision.is_some() {
        return file(name);
    }
    match tree {
        Some(tree) => {
            let tree = tree.map_err(|error| error.to_string())?;
            let apis = tree.registry().map_err(|error| error.to_string())?;
            match apis.into_iter().find(|known| known.name == api) {
                Some(api) => {
                    let document = tree.document(&api).map_err(|error| error.to_string())?;
                    Ok((document, api.generator))
                }
                None if revision.is_some() => {
                    Err(format!("{name}: there is no API `{api}` at that revision"))
                }
                None => file(name),
            }
        }
        None if revision.is_some() => Err(no_workspace()),
        None => file(name),
    }
}

fn file(name: &str) -> Result<(Document, GeneratorSettings), String> {
    let document = Document::load(&PathBuf::from(name)).map_err(|error| error.to_string())?;
    Ok((document, GeneratorSettings::default()))
}

/// What `cargo xtask update` is asked.
#[derive(Args)]
pub(super) struct UpdateArguments {
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
    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Exits with 0 when everything is written, 1 when it stopped before something that breaks, 2 when it
/// cannot be done.
pub(super) fn update(arguments: &UpdateArguments) -> u8 {
    let Some(root) = workspace() else {
        return fail(&no_workspace());
    };
    match update_in(&root, arguments) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

fn update_in(root: &Path, arguments: &UpdateArguments) -> Result<u8, String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    if transaction::recover(root).map_err(|error| said(&error))? {
        say("finished what an interrupted command had begun\n");
    }
    let apis = registry::load(root).map_err(|error| said(&error))?;
    let Some(api) = apis.iter().find(|api| api.name == arguments.name) else {
        return Err(unknown_api(&apis, &arguments.name));
    };
    let update = Update::make(root, api, &arguments.from).map_err(|error| said(&error))?;
    say(&rendered(&update.report, arguments.format, false));
    if arguments.format != Format::Json {
        say(&account(api, &update));
    }
    if update.is_breaking() && !arguments.allow_breaking {
        refuse(
            &"this breaks something, so nothing was written\n  hint: read the report, and go on with `--allow-breaking`",
        );
        return Ok(BREAKING);
    }
    let mut changes = update.changes.clone();
    if arguments.write {
        changes.extend(update.release().map_err(|error| said(&error))?);
    }
    transaction::commit(root, &changes).map_err(|error| said(&error))?;
    if arguments.format != Format::Json {
        for change in changes {
            say(&format!("wrote {}\n", change.path.display()));
        }
        say("next: `cargo xtask regen --accept` when the snapshots say what you have read here\n");
    }
    Ok(DONE)
}

/// What an update did beside what its report says.
fn account(api: &registry::Api, update: &Update) -> String {
    let mut out = format!("\noverlay: {} actions\n", update.overlay.len());
    for applied in &update.overlay {
        out += &format!("  {:>4} × {}\n", applied.places.len(), applied.target);
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
pub(super) struct DriftCheckArguments {
    /// The revision to compare with, such as `origin/main`
    #[arg(long, value_name = "GIT-REV")]
    base: String,
}

/// Prints the report as Markdown. Exits with 0 when all is said that there is to say, 1 when the
/// version or the changelog does not say what breaks, 2 when it cannot be told.
pub(super) fn drift_check(arguments: &DriftCheckArguments) -> u8 {
    let Some(root) = workspace() else {
        return fail(&no_workspace());
    };
    let drift = match drift(&root, &arguments.base) {
        Ok(drift) => drift,
        Err(error) => return fail(&error),
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
