//! `cargo xtask corpus`: generates and tests clients of arbitrary documents.

use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{DONE, REFUSED, References, for_machines, print, refuse};
use crate::files::replace;
use client_corpus::{
    Examined, Settings, Until, Verdict, documents, examine, json_schema, made, table,
};
use openapi_lower::text_of;

/// Arguments of `cargo xtask corpus`.
#[derive(Args)]
pub(super) struct Corpus {
    /// Documents, and folders that contain documents
    #[arg(required_unless_present_any = ["made", "json_schema"])]
    paths: Vec<PathBuf>,
    /// Also tests COUNT generated documents; the same documents in each run
    #[arg(long, value_name = "COUNT")]
    made: Option<usize>,
    /// Tests the types of schemas on the groups of a JSON Schema test suite instead: a folder of files
    /// such as `items.json`
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["paths", "made"])]
    json_schema: Option<PathBuf>,
    /// A file of groups of the suite that are known to fail, with reasons
    #[arg(long, value_name = "FILE", requires = "json_schema")]
    exceptions: Option<PathBuf>,
    /// The number of clients compiled in parallel, each by its own cargo process
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Only checks that the clients compile; decodes nothing
    #[arg(long, conflicts_with = "no_compile")]
    no_decode: bool,
    /// Only lowers the documents and generates their clients; compiles nothing
    #[arg(long)]
    no_compile: bool,
    #[command(flatten)]
    references: References,
    /// Also lists the limitations of each operation and each value that failed to decode
    #[arg(long)]
    verbose: bool,
}

impl Corpus {
    /// Runs the documents through the pipeline with the runtime and dependencies of the workspace
    /// at `root`.
    pub(super) fn run(&self, root: &Path) -> u8 {
        let folder = root.join("target/corpus");
        if let Some(suite) = &self.json_schema {
            return self.run_suite(root, folder, suite);
        }
        let made = write_made(&folder.join("made"), self.made.unwrap_or_default());
        let found = made.and_then(|mut made| {
            let mut found = documents(&self.paths)?;
            found.append(&mut made);
            Ok(found)
        });
        let documents = match found {
            Ok(documents) => documents,
            Err((path, error)) => return refuse(&format!("{}: {error}", path.display())),
        };
        let settings = self.settings(root, folder);
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
                Ok(json) => print(&format!("{json}\n")),
                Err(error) => return refuse(&error),
            },
            false => print(&table::table(&examined, self.verbose)),
        }
        let passed = |examined: &Examined| examined.verdict == Verdict::Passed;
        if examined.iter().all(passed) {
            DONE
        } else {
            REFUSED
        }
    }

    fn settings(&self, root: &Path, folder: PathBuf) -> Settings {
        Settings {
            root: root.to_owned(),
            folder,
            jobs: self.jobs,
            until: match (self.no_compile, self.no_decode) {
                (true, _) => Until::Generated,
                (false, true) => Until::Compiled,
                (false, false) => Until::Decoded,
            },
            map: self.references.map(),
        }
    }

    fn run_suite(&self, root: &Path, folder: PathBuf, suite: &Path) -> u8 {
        let settings = self.settings(root, folder);
        let bar = ProgressBar::new_spinner();
        let tested = json_schema::examine(&settings, suite, self.exceptions.as_deref(), &|doing| {
            bar.set_message(doing.to_owned());
            bar.tick();
        });
        bar.finish_and_clear();
        let tested = match tested {
            Ok(tested) => tested,
            Err(error) => return refuse(&error),
        };
        match for_machines() {
            true => match serde_json::to_string_pretty(&tested) {
                Ok(json) => print(&format!("{json}\n")),
                Err(error) => return refuse(&error),
            },
            false => print(&json_schema::table(&tested, self.verbose)),
        }
        let is_failed = tested
            .groups
            .iter()
            .any(json_schema::GroupResult::is_failed);
        if is_failed || !tested.unused_exceptions.is_empty() {
            REFUSED
        } else {
            DONE
        }
    }
}

/// Writes generated documents to a folder, as `made-0.json`, `made-1.json`, ….
fn write_made(folder: &Path, count: usize) -> Result<Vec<PathBuf>, (PathBuf, std::io::Error)> {
    let mut files = Vec::new();
    for (index, document) in made::documents(count).iter().enumerate() {
        let path = folder.join(format!("made-{index}.json"));
        match replace(&path, text_of(document).as_bytes()) {
            Ok(()) => files.push(path),
            Err(error) => return Err((path, error)),
        }
    }
    Ok(files)
}

/// A progress bar on standard error, which is only visible on a terminal.
fn bar(documents: usize) -> ProgressBar {
    let bar = ProgressBar::new(documents as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {msg}") {
        bar.set_style(style);
    }
    bar
}
