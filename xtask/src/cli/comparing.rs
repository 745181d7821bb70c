//! The commands that compare documents.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use openapi_document::Document;

use super::{DONE, no_workspace, refuse, say, workspace};
use crate::diff::catalogue::{CATALOGUE, Verdict, find};
use crate::diff::model::Report;
use crate::diff::render::json::json;
use crate::diff::render::markdown::markdown;
use crate::diff::render::text::{explain, list, text};
use crate::diff::{documents, with_surfaces};
use crate::regen::make_of;
use crate::registry::GeneratorSettings;
use crate::tree::Tree;

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
