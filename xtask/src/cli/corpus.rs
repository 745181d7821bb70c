//! `cargo xtask corpus`: tries documents out and shows what became of them.

use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{DONE, REFUSED, for_machines, refuse, say};
use crate::corpus::{Examined, Settings, Verdict, documents, examine, table};

/// What `cargo xtask corpus` takes.
#[derive(Args)]
pub(super) struct Corpus {
    /// Documents, and folders of them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// How many clients are compiled at a time, each by a cargo of its own
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Only checks that the clients compile, which is faster
    #[arg(long)]
    no_decode: bool,
    /// Also lists what operations lost and every value that does not decode
    #[arg(long)]
    verbose: bool,
}

impl Corpus {
    /// Tries the documents out with the runtime and the dependencies of the workspace at `root`.
    pub(super) fn run(&self, root: &Path) -> u8 {
        let documents = match documents(&self.paths) {
            Ok(documents) => documents,
            Err((path, error)) => return refuse(&format!("{}: {error}", path.display())),
        };
        let settings = Settings {
            root: root.to_owned(),
            folder: root.join("target/corpus"),
            jobs: self.jobs,
            decode: !self.no_decode,
        };
        let bar = bar(documents.len());
        let examined = examine(&settings, &documents, &|document, doing| match doing {
            Some(doing) => {
                let name = document.file_name().unwrap_or_default().to_string_lossy();
                bar.set_message(format!("{name}: {doing}"));
            }
            None => bar.inc(1),
        });
        bar.finish_and_clear();
        match for_machines() {
            true => match serde_json::to_string_pretty(&examined) {
                Ok(json) => say(&format!("{json}\n")),
                Err(error) => return refuse(&error),
            },
            false => say(&table::table(&examined, self.verbose)),
        }
        let passed = |examined: &Examined| examined.verdict == Verdict::Passed;
        if examined.iter().all(passed) {
            DONE
        } else {
            REFUSED
        }
    }
}

/// A bar on the standard error, which shows only on a terminal.
fn bar(documents: usize) -> ProgressBar {
    let bar = ProgressBar::new(documents as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {msg}") {
        bar.set_style(style);
    }
    bar
}
