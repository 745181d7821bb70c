//! `cargo xtask update`: compares a vendor's new document with the committed one, and replaces it.

use std::path::{Path, PathBuf};

use clap::Args;
use openapi_diff::filter::Filter;

use super::super::{DONE, References, apis_with, no_workspace, print, refuse, refuse_input};
use super::super::{refuse_regen, workspace};
use super::{BREAKING, FAILED, Format, Refused, fail, rendered};
use crate::regen;
use crate::registry::Api;
use crate::update::{self, UpdateError};

/// Arguments of `cargo xtask update`.
#[derive(Args)]
pub(in crate::cli) struct Update {
    /// The API of specs/apis.toml
    name: String,
    /// The vendor's new document
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    #[command(flatten)]
    references: References,
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
    pub(in crate::cli) fn run(&self) -> u8 {
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
        let update = update::Update::make(root, api, &self.from, &self.references.map())
            .map_err(refused_update)?;
        print(&rendered(&update.report, &Filter::default(), format));
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
