//! `cargo xtask lower`: lowers one document and prints the result or the notes.

use std::path::PathBuf;

use clap::Args;
use openapi_document::Document;
use openapi_lower::{Note, lower, text_of};

use super::{DONE, References, print, print_notes, refuse, refuse_findings, refuse_input};

/// Arguments of `cargo xtask lower`.
#[derive(Args)]
pub(super) struct Lower {
    /// The document: YAML or JSON, OpenAPI 3.0.x, 3.1.x or 3.2.x
    file: PathBuf,
    #[command(flatten)]
    references: References,
    /// The output file; the default is standard output
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Lists the limitations of the client, with the overlay actions that avoid them. With `-o` the
    /// list is written to standard output; without it, the list replaces the document
    #[arg(long)]
    notes: bool,
    /// With `--notes`, lists all changes of the lowering, including those without a loss
    #[arg(long, requires = "notes")]
    all: bool,
    /// Rejects a document with defects, and lists the location of each defect
    #[arg(long)]
    strict: bool,
}

impl Lower {
    pub(super) fn run(&self) -> u8 {
        let loaded = Document::load_mapped(&self.file, &self.references.map());
        let lowered = loaded.and_then(|document| {
            let lowered = lower(&document)?;
            Ok((document, lowered))
        });
        let (document, lowered) = match lowered {
            Ok(lowered) => lowered,
            Err(diagnostic) => return refuse_input(&diagnostic),
        };
        if self.strict && refuse_findings(&document) != DONE {
            return super::REFUSED;
        }
        let json = text_of(&lowered.plan);
        if let Some(output) = &self.output {
            if let Err(error) = std::fs::write(output, &json) {
                return refuse(&format!("{}: {error}", output.display()));
            }
        } else if !self.notes {
            print(&json);
        }
        if self.notes {
            let is_shown = |note: &&Note| self.all || note.reduced.is_some() || note.hint.is_some();
            let shown: Vec<&Note> = lowered.notes.iter().filter(is_shown).collect();
            let hidden = lowered.notes.len() - shown.len();
            print_notes(shown.into_iter(), &document);
            if hidden > 0 && !super::for_machines() {
                print(&format!(
                    "{hidden} more changes have no loss; `--all` lists them\n"
                ));
            }
        }
        DONE
    }
}
