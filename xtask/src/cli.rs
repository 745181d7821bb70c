//! The commands of `cargo xtask`: what is asked is parsed here, done by the modules, and said here.

mod comparing;
mod corpus;
mod expand;
mod membership;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::OnceLock;

use clap::{Parser, Subcommand};
use openapi_document::{Diagnostic, Document};
use serde_json::json;

use crate::regen::{self, Change, RegenError};
use crate::registry::{self, Api};
use crate::{report, transaction};
use openapi_lower::{lower, text_of};

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
    /// Says errors, notes and tables as JSON, errors one a line on the standard error
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    task: Task,
}

/// Whether machines listen; set once, when the command line is read.
static JSON: OnceLock<bool> = OnceLock::new();

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
    /// Prints the code that the macro of a client generates
    Expand(expand::Expand),
    /// Says what a new document changes for users of the API and of the client
    Diff(comparing::Diff),
    /// Puts a vendor's new document in the place of the old one, and says what it changes
    Update(comparing::Update),
    /// Fails when the clients changed since a revision and the version or the changelog does not say so
    DriftCheck(comparing::DriftCheck),
    /// Serves a vendored document with the mock server
    Mock {
        /// The API in specs/apis.toml
        api: String,
        /// What the mock server is told, such as `--port 4010`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Tries documents out: lowers, generates, compiles, and decodes instances of their schemas
    Corpus(corpus::Corpus),
    /// Adds an API: its document, its crate, and what the tests need
    New(membership::New),
    /// Takes an API out, with everything that `new` made and that was added to its crate
    Remove(membership::Remove),
}

/// Runs the command that the process was started with, in the workspace around the current folder.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    JSON.get_or_init(|| cli.json);
    let code = match cli.task {
        Task::Regen {
            apis,
            check,
            accept,
        } => in_workspace(|root| regen(root, &apis, check, accept)),
        Task::Lower {
            file,
            output,
            notes,
        } => lower_file(&file, output.as_deref(), notes),
        Task::Expand(expand) => in_workspace(|root| expand.run(root)),
        Task::Diff(diff) => diff.run(),
        Task::Update(update) => update.run(),
        Task::DriftCheck(check) => check.run(),
        Task::Mock { api, arguments } => in_workspace(|root| mock(root, &api, &arguments)),
        Task::Corpus(corpus) => in_workspace(|root| corpus.run(root)),
        Task::New(new) => in_workspace(|root| new.run(root)),
        Task::Remove(remove) => in_workspace(|root| remove.run(root)),
    };
    ExitCode::from(code)
}

fn for_machines() -> bool {
    JSON.get().copied().unwrap_or(false)
}

/// The nearest folder, from the current one upwards, that has the registry.
fn workspace() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors()
        .find(|folder| folder.join(registry::REGISTRY).is_file())
        .map(Path::to_owned)
}

/// Does a task in the workspace.
fn in_workspace(task: impl FnOnce(&Path) -> u8) -> u8 {
    match workspace() {
        Some(root) => task(&root),
        None => refuse(&no_workspace()),
    }
}

fn no_workspace() -> String {
    format!(
        "no folder above the current one has a {}\n  hint: run this inside the workspace",
        registry::REGISTRY
    )
}

/// The APIs of the registry, which has all of `names`; or else the exit code of the refusal.
fn apis_with(root: &Path, names: &[String]) -> Result<Vec<Api>, u8> {
    let apis = registry::load(root).map_err(|diagnostic| refuse_input(&diagnostic))?;
    let is_unknown = |name: &&String| apis.iter().all(|api| api.name != **name);
    let Some(unknown) = names.iter().find(is_unknown) else {
        return Ok(apis);
    };
    let known: Vec<&str> = apis.iter().map(|api| api.name.as_str()).collect();
    Err(refuse(&format!(
        "there is no API `{unknown}` in {}\n  hint: there are {}",
        registry::REGISTRY,
        known.join(", ")
    )))
}

fn regen(root: &Path, names: &[String], check: bool, accept: bool) -> u8 {
    if !check && let Err(error) = transaction::recover(root) {
        return refuse(&error);
    }
    let apis = match apis_with(root, names) {
        Ok(apis) => apis,
        Err(code) => return code,
    };
    let mut code = DONE;
    let wanted = apis
        .iter()
        .filter(|api| names.is_empty() || names.contains(&api.name));
    for api in wanted {
        match regen_one(root, api, check) {
            Ok(done) => code = code.max(done),
            // The other APIs are none the worse for it.
            Err(error) => code = code.max(refuse_regen(&error)),
        }
    }
    let index = regen::index_change(root, &apis).and_then(|changes| put(root, &changes, check));
    code = code.max(index.unwrap_or_else(|error| refuse_regen(&error)));
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
    }
    put(root, &changes, check)
}

/// Writes what is out of date, or with `check` only shows it.
fn put(root: &Path, changes: &[Change], check: bool) -> Result<u8, RegenError> {
    for change in changes {
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
    Ok(match check && !changes.is_empty() {
        true => REFUSED,
        false => DONE,
    })
}

/// Runs the tests with snapshots so that insta takes what they see now as accepted.
fn accept_snapshots(root: &Path) -> u8 {
    let apis = match apis_with(root, &[]) {
        Ok(apis) => apis,
        Err(code) => return code,
    };
    let own_test = |api: &&Api| root.join(&api.folder).join("tests/surface.rs").exists();
    let clients = apis.iter().filter(own_test);
    let status = cargo(root)
        .args(["test", "--quiet", "--package", "client-tests"])
        .args(clients.flat_map(|api| ["--package".to_owned(), api.package()]))
        .args(["--test", "surface", "--test", "wire"])
        // What takes snapshots says so in its name; other tests may need what is not there yet.
        .args(["--", "as_reviewed"])
        .env("INSTA_UPDATE", "always")
        .env("INSTA_FORCE_PASS", "1")
        .status();
    match status {
        Ok(status) if status.success() => DONE,
        Ok(_) => refuse(&"not every snapshot test ran through; see above"),
        Err(error) => refuse(&format!("cargo could not be started: {error}")),
    }
}

/// Runs the mock server, which is no part of this crate: it must start when a pass does not compile.
fn mock(root: &Path, name: &str, arguments: &[String]) -> u8 {
    let apis = match apis_with(root, &[name.to_owned()]) {
        Ok(apis) => apis,
        Err(code) => return code,
    };
    let Some(api) = apis.iter().find(|api| api.name == name) else {
        return REFUSED;
    };
    let status = cargo(root)
        .args(["run", "--quiet", "--package", "mock-server", "--"])
        .arg(&api.document)
        .arg("--overlay")
        .arg(&api.overlay)
        .args(arguments)
        .status();
    match status {
        // Whoever was interrupted has no code.
        Ok(status) => status
            .code()
            .and_then(|code| code.try_into().ok())
            .unwrap_or(DONE),
        Err(error) => refuse(&format!("cargo could not be started: {error}")),
    }
}

/// The cargo that runs this, in the workspace.
fn cargo(root: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root);
    command
}

fn lower_file(file: &Path, output: Option<&Path>, notes: bool) -> u8 {
    let lowered = Document::load(file).and_then(|document| {
        let lowered = lower(&document)?;
        Ok((document, lowered))
    });
    let (document, lowered) = match lowered {
        Ok(lowered) => lowered,
        Err(diagnostic) => return refuse_input(&diagnostic),
    };
    let json = text_of(&lowered.plan);
    if let Some(output) = output {
        if let Err(error) = std::fs::write(output, &json) {
            return refuse(&format!("{}: {error}", output.display()));
        }
    } else if !notes {
        say(&json);
    }
    if notes {
        for note in &lowered.notes {
            match for_machines() {
                true => say(&format!("{}\n", report::note_json(note, &document))),
                false => say(&report::note_text(note, &document)),
            }
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

fn refuse(error: &dyn std::fmt::Display) -> u8 {
    complain(&match for_machines() {
        true => format!("{}\n", json!({ "message": error.to_string() })),
        false => format!("error: {error}\n"),
    })
}

/// Refuses what is wrong in a file, with the line it is about.
fn refuse_input(diagnostic: &Diagnostic) -> u8 {
    let file = Path::new(&diagnostic.file);
    // A file of the workspace is called as it is called there.
    let in_workspace = || std::fs::read_to_string(workspace()?.join(file)).ok();
    let source = std::fs::read_to_string(file).ok().or_else(in_workspace);
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    complain(&match for_machines() {
        true => format!("{}\n", report::diagnostic_json(diagnostic)),
        false => report::diagnostic_text(diagnostic, source.as_deref(), colour),
    })
}

fn refuse_regen(error: &RegenError) -> u8 {
    match error {
        RegenError::Input(diagnostic) => refuse_input(diagnostic),
        other => refuse(other),
    }
}

fn complain(text: &str) -> u8 {
    use std::io::Write as _;
    // As with what is said: when this fails, there is nobody to tell.
    let _ = std::io::stderr().write_all(text.as_bytes());
    REFUSED
}
