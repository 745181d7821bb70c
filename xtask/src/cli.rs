//! The commands of `cargo xtask`: what is asked is parsed here, done by the modules, and said here.

mod comparing;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::{Parser, Subcommand};
use openapi_document::Document;

use crate::lower::{lower, text_of};
use crate::regen::{self, RegenError};
use crate::registry::{self, Api};
use crate::transaction;

/// Everything was done, and all is up to date.
const DONE: u8 = 0;
/// Something cannot be used, or is out of date.
const REFUSED: u8 = 1;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Turns vendored OpenAPI documents into client crates"
)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Makes every generated file from the vendored documents
    Regen {
        /// Only these APIs of specs/apis.toml
        apis: Vec<String>,
        /// Writes nothing; exits with 1 and shows a diff when anything is out of date
        #[arg(long, conflicts_with = "accept")]
        check: bool,
        /// Also accepts what changes in the snapshots, by running their tests
        #[arg(long)]
        accept: bool,
    },
    /// Lowers any OpenAPI document
    Lower {
        /// The document, YAML or JSON, OpenAPI 3.0.x or 3.1.x
        file: PathBuf,
        /// Where the lowered document goes, instead of the standard output
        #[arg(short, long)]
        output: Option<PathBuf>,
        /// Lists what was changed, and why; with `-o` on the standard output, else instead of the
        /// document
        #[arg(long)]
        notes: bool,
    },
    /// Says what a new document changes for users of the API and of the client
    Diff(comparing::DiffArguments),
    /// Puts a vendor's new document in the place of the old one, and says what it changes
    Update(comparing::UpdateArguments),
    /// Fails when the clients changed since a revision and the version or the changelog does not say so
    DriftCheck(comparing::DriftCheckArguments),
}

/// Runs the command that the process was started with, in the workspace around the current folder.
pub fn run() -> ExitCode {
    let code = match Cli::parse().task {
        Task::Regen {
            apis,
            check,
            accept,
        } => match workspace() {
            Some(root) => regen(&root, &apis, check, accept),
            None => refuse(&no_workspace()),
        },
        Task::Lower {
            file,
            output,
            notes,
        } => lower_file(&file, output.as_deref(), notes),
        Task::Diff(arguments) => comparing::diff(&arguments),
        Task::Update(arguments) => comparing::update(&arguments),
        Task::DriftCheck(arguments) => comparing::drift_check(&arguments),
    };
    ExitCode::from(code)
}

fn unknown_api(apis: &[Api], name: &str) -> String {
    let known: Vec<&str> = apis.iter().map(|api| api.name.as_str()).collect();
    format!(
        "there is no API `{name}` in {}\n  hint: there are {}",
        registry::REGISTRY,
        known.join(", ")
    )
}

fn no_workspace() -> String {
    format!(
        "no folder above the current one has a {}\n  hint: run this inside the workspace",
        registry::REGISTRY
    )
}

/// The nearest folder, from the current one upwards, that has the registry.
fn workspace() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors()
        .find(|folder| folder.join(registry::REGISTRY).is_file())
        .map(Path::to_owned)
}

fn regen(root: &Path, names: &[String], check: bool, accept: bool) -> u8 {
    if !check && let Err(error) = transaction::recover(root) {
        return refuse(&error);
    }
    let apis = match registry::load(root) {
        Ok(apis) => apis,
        Err(diagnostic) => return refuse(&diagnostic),
    };
    if let Some(unknown) = names
        .iter()
        .find(|name| apis.iter().all(|api| api.name != **name))
    {
        return refuse(&unknown_api(&apis, unknown));
    }
    let mut code = DONE;
    let wanted = apis
        .iter()
        .filter(|api| names.is_empty() || names.contains(&api.name));
    for api in wanted {
        match regen_one(root, api, check) {
            Ok(done) => code = code.max(done),
            // The other APIs are none the worse for it.
            Err(error) => code = code.max(refuse(&error)),
        }
    }
    if accept && code == DONE {
        return accept_snapshots(root);
    }
    code
}

fn regen_one(root: &Path, api: &Api, check: bool) -> Result<u8, RegenError> {
    let made = regen::make(root, api)?;
    let changes = regen::changes(root, api, &made)?;
    say(&regen::summary(api, &made));
    if changes.is_empty() {
        say("  everything is up to date\n");
        return Ok(DONE);
    }
    for change in &changes {
        if change.path.ends_with("openapi.json")
            && let Some(before) = &change.before
        {
            for line in regen::surface_changes(api, before, &made) {
                say(&format!("  {line}\n"));
            }
        }
        let path = change.path.display();
        if check {
            say(&change.diff());
            refuse(&format!(
                "{path}: is out of date\n  hint: run `cargo xtask regen` and commit what it changes"
            ));
        } else {
            change.write(root)?;
            say(&format!("  wrote {path}\n"));
        }
    }
    Ok(if check { REFUSED } else { DONE })
}

/// Runs the tests with snapshots so that insta takes what they see now as accepted.
fn accept_snapshots(root: &Path) -> u8 {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(root)
        .args(["test", "--quiet", "--package", "client-tests"])
        .args(["--test", "surface", "--test", "wire"])
        .env("INSTA_UPDATE", "always")
        .env("INSTA_FORCE_PASS", "1")
        .status();
    match status {
        Ok(status) if status.success() => DONE,
        Ok(_) => refuse(&"not every snapshot test ran through; see above"),
        Err(error) => refuse(&format!("cargo could not be started: {error}")),
    }
}

fn lower_file(file: &Path, output: Option<&Path>, notes: bool) -> u8 {
    let lowered = match Document::load(file).and_then(|document| lower(&document)) {
        Ok(lowered) => lowered,
        Err(diagnostic) => return refuse(&diagnostic),
    };
    let json = text_of(&lowered.document);
    if let Some(output) = output {
        if let Err(error) = std::fs::write(output, &json) {
            return refuse(&format!("{}: {error}", output.display()));
        }
    } else if !notes {
        say(&json);
    }
    if notes {
        for note in &lowered.notes {
            say(&format!("{note}\n"));
        }
    }
    DONE
}

#[allow(clippy::print_stdout)]
fn say(text: &str) {
    use std::io::Write as _;
    // Nobody listens any more when this fails; there is nobody to tell.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

#[allow(clippy::print_stderr)]
fn refuse(error: &dyn std::fmt::Display) -> u8 {
    eprintln!("error: {error}");
    REFUSED
}
