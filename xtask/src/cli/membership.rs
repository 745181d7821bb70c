//! `cargo xtask new` and `cargo xtask remove`: add an API to the workspace, or remove one.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use super::{DONE, References, accept_snapshots, print, refuse, refuse_input, refuse_regen};
use crate::files::{Edit, apply};
use crate::membership::{MembershipError, add, remove};

/// Arguments of `cargo xtask new`.
#[derive(Args)]
pub(super) struct New {
    /// The name of the API in commands; its crate is called NAME-client
    name: String,
    /// The vendor's document; it is copied to specs/
    document: PathBuf,
    /// The display name of the API; the default is the title of the document
    #[arg(long)]
    title: Option<String>,
    #[command(flatten)]
    references: References,
    /// Takes no snapshots, so that nothing is compiled; `cargo xtask regen --accept` takes them
    /// later
    #[arg(long)]
    no_snapshots: bool,
}

/// Arguments of `cargo xtask remove`.
#[derive(Args)]
pub(super) struct Remove {
    /// The name of the API in commands
    name: String,
}

impl New {
    /// Adds the API to the workspace at `root`.
    pub(super) fn run(&self, root: &Path) -> u8 {
        let document = (&*self.document, &self.references.map());
        let edits = match add(root, &self.name, document, self.title.as_deref()) {
            Ok(edits) => edits,
            Err(error) => return refuse_membership(&error),
        };
        let code = make(root, &edits);
        if code != DONE || self.no_snapshots {
            return code;
        }
        let code = accept_snapshots(root);
        if code != DONE {
            // Removing the API also removes snapshots that were already taken.
            let name = self.name.clone();
            Remove { name }.run(root);
            return refuse(&"the API was removed again");
        }
        code
    }
}

impl Remove {
    /// Removes the API from the workspace at `root`.
    pub(super) fn run(&self, root: &Path) -> u8 {
        match remove(root, &self.name) {
            Ok(edits) => make(root, &edits),
            Err(error) => refuse_membership(&error),
        }
    }
}

fn refuse_membership(error: &MembershipError) -> u8 {
    match error {
        MembershipError::Input(diagnostic) => refuse_input(diagnostic),
        MembershipError::Regen(error) => refuse_regen(error),
        other => refuse(other),
    }
}

/// Applies the edits and updates `Cargo.lock`.
fn make(root: &Path, edits: &[Edit]) -> u8 {
    const HINT: &str = "`git status` shows the files that were already changed";
    if let Err((path, error)) = apply(root, edits) {
        return refuse(&format!("{}: {error}\n  hint: {HINT}", path.display()));
    }
    if let Err(error) = lock(root) {
        return refuse(&format!("{error}\n  hint: {HINT}"));
    }
    for (path, bytes) in edits {
        let done = match bytes {
            Some(_) => "wrote",
            None => "removed",
        };
        print(&format!("  {done} {}\n", path.display()));
    }
    DONE
}

/// Updates the workspace members in `Cargo.lock`. Versions of other packages do not change.
fn lock(root: &Path) -> Result<(), String> {
    if !root.join("Cargo.lock").exists() {
        return Ok(());
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root)
        .args(["update", "--workspace", "--offline", "--quiet"])
        .output()
        .map_err(|error| format!("cargo could not be started: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}
