//! `cargo xtask new` and `cargo xtask remove`: an API comes into the workspace, or goes.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use super::{DONE, accept_snapshots, refuse, refuse_input, refuse_regen, say};
use crate::files::{Edit, apply};
use crate::membership::{MembershipError, add, remove};

/// What `cargo xtask new` takes.
#[derive(Args)]
pub(super) struct New {
    /// What commands call the API; its crate is called NAME-client
    name: String,
    /// The vendor's document, which is copied into specs/
    document: PathBuf,
    /// What people call the API, if not as the document does
    #[arg(long)]
    title: Option<String>,
    /// Leaves the snapshots to `cargo xtask regen --accept`, so that nothing is compiled
    #[arg(long)]
    no_snapshots: bool,
}

/// What `cargo xtask remove` takes.
#[derive(Args)]
pub(super) struct Remove {
    /// What commands call the API
    name: String,
}

impl New {
    /// Adds the API to the workspace at `root`.
    pub(super) fn run(&self, root: &Path) -> u8 {
        let edits = match add(root, &self.name, &self.document, self.title.as_deref()) {
            Ok(edits) => edits,
            Err(error) => return refuse_membership(&error),
        };
        let code = make(root, &edits);
        if code != DONE || self.no_snapshots {
            return code;
        }
        let code = accept_snapshots(root);
        if code != DONE {
            // Some snapshots may be there by now; taking the API out takes them, too.
            let name = self.name.clone();
            Remove { name }.run(root);
            return refuse(&"the API has been taken out again");
        }
        code
    }
}

impl Remove {
    /// Takes the API out of the workspace at `root`.
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

/// Makes the edits and brings the lock file up to date with them.
fn make(root: &Path, edits: &[Edit]) -> u8 {
    const HINT: &str = "what was written before shows in `git status`";
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
        say(&format!("  {done} {}\n", path.display()));
    }
    DONE
}

/// Has cargo list the members that the workspace now has. No other version changes.
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
