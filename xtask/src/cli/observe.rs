//! `cargo xtask observe`: compares recorded responses of a server with the document of an API.

use std::path::{Path, PathBuf};

use clap::Args;
use openapi_observe::{Exchange, observe, with_actions};

use super::{DONE, REFUSED, apis_with, for_machines, print, refuse, refuse_input};
use crate::files::replace;
use crate::regen;

/// Arguments of `cargo xtask observe`.
#[derive(Args)]
pub(super) struct Observe {
    /// The API in specs/apis.toml
    api: String,
    /// A HAR file, a log that a client recorded, or a folder with such files or with pairs of
    /// NAME.request and NAME.response; can be repeated
    #[arg(long = "har", value_name = "PATH", required = true)]
    recordings: Vec<PathBuf>,
    /// Adds the actions to the overlay of the API
    #[arg(long)]
    write: bool,
}

impl Observe {
    /// Prints the report. Returns 0 if nothing deviates or the actions were written, otherwise 1.
    pub(super) fn run(self, root: &Path) -> u8 {
        let apis = match apis_with(root, std::slice::from_ref(&self.api)) {
            Ok(apis) => apis,
            Err(code) => return code,
        };
        let Some(api) = apis.into_iter().find(|api| api.name == self.api) else {
            // `apis_with` found the API.
            return DONE;
        };
        let mut exchanges = Vec::new();
        for recording in &self.recordings {
            match Exchange::read(recording) {
                Ok(read) => exchanges.extend(read),
                Err(error) => return refuse(&error),
            }
        }
        let observed =
            regen::vendored(root, &api).and_then(|document| observe(&document, &exchanges));
        let observation = match observed {
            Ok(observation) => observation,
            Err(diagnostic) => return refuse_input(&diagnostic),
        };
        match for_machines() {
            true => print(&format!("{}\n", observation.to_json())),
            false => print(&observation.to_string()),
        }
        if observation.matched == 0 {
            return refuse(&format!(
                "no recorded request belongs to an operation of {}\n  hint: check the name of the API and its document",
                api.title
            ));
        }
        if !self.write {
            return match observation.actions.is_empty() {
                true => DONE,
                false => REFUSED,
            };
        }
        let path = root.join(&api.overlay);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => return refuse(&format!("{}: {error}", api.overlay.display())),
        };
        let text = match with_actions(&text, &observation.actions) {
            Ok(text) => text,
            Err(error) => return refuse(&format!("{}: {error}", api.overlay.display())),
        };
        if !observation.actions.is_empty() {
            if let Err(error) = replace(&path, text.as_bytes()) {
                return refuse(&format!("{}: {error}", api.overlay.display()));
            }
            if !for_machines() {
                print(&format!("  wrote {}\n", api.overlay.display()));
                print("next: review the actions, then run `cargo xtask regen`\n");
            }
        }
        DONE
    }
}
