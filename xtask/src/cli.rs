//! The command line of `cargo xtask`: it parses arguments, calls the modules, and prints results.

mod comparing;
#[cfg(feature = "corpus")]
mod corpus;
mod expand;
mod lower;
mod membership;
mod observe;
mod references;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::OnceLock;

use clap::{Parser, Subcommand};
use openapi_document::{Diagnostic, Document, check};
use openapi_lower::Note;
use serde_json::json;

use crate::regen::{self, Change, RegenError};
use crate::registry::{self, Api};
use crate::tree::Tree;
use client_crate::surface_changes;
use references::References;

/// Exit code: success, and all files are up to date.
const DONE: u8 = 0;
/// Exit code: the input was rejected, or a file is out of date.
const REFUSED: u8 = 1;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Generates client crates from vendored OpenAPI documents"
)]
struct Cli {
    /// Prints errors, notes and tables as JSON; errors go to standard error, one per line
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    task: Task,
}

/// True if output is JSON (`--json`). Set once, when the command line is parsed.
static JSON: OnceLock<bool> = OnceLock::new();

#[derive(Subcommand)]
enum Task {
    /// Generates the client crates and test files from the vendored documents
    ///
    /// Writes `openapi.json`, `src/generated.rs` and the operations table of `README.md` in each
    /// client crate, and `tests/src/generated/`. Files that are up to date are not touched. Exits
    /// with 0 on success, and with 1 if a document is rejected or, with `--check`, if a file is out
    /// of date.
    Regen {
        /// Only these APIs of specs/apis.toml
        apis: Vec<String>,
        /// Writes nothing; prints a diff and exits with 1 if a file is out of date
        #[arg(long, conflicts_with = "accept")]
        check: bool,
        /// Also accepts changed snapshots, by running the snapshot tests
        #[arg(long)]
        accept: bool,
        /// Rejects documents with defects, and lists the location of each defect
        #[arg(long)]
        strict: bool,
    },
    /// Lowers an OpenAPI document and prints the result as JSON
    ///
    /// The result has the lowered schemas (OpenAPI 3.0.3) and the plans of the operations. Exits
    /// with 0 on success, and with 1 if the document is rejected.
    Lower(lower::Lower),
    /// Prints the Rust code that a client's macro generates
    ///
    /// Writes no files. Exits with 0 on success, and with 1 if the document is rejected.
    Expand(expand::Expand),
    /// Compares two documents and lists what changes in requests, responses and the generated Rust API
    ///
    /// Writes no files. Exits with 0 if no change is breaking, 1 if one is, and 2 if the documents
    /// cannot be compared.
    Diff(comparing::Diff),
    /// Replaces a vendored document with a new version and reports the changes
    ///
    /// Writes the document in `specs/` and the generated files; with `--write` also the version and the
    /// changelog. Exits with 0 if the files were written, 1 if a breaking change prevented it, and 2 on
    /// an error.
    Update(comparing::Update),
    /// Checks that the version and the changelog declare all breaking changes since a revision
    ///
    /// Prints the report as Markdown and writes no files. Exits with 0 if the version and the
    /// changelog are sufficient, 1 if one is not, and 2 if the revisions cannot be compared.
    DriftCheck(comparing::DriftCheck),
    /// Compares recorded responses of a server with a vendored document
    ///
    /// Reports where the responses deviate, and the overlay actions that accept them; with `--write`
    /// adds these to the overlay. Shows no value that may be a secret. Exits with 0 if there is no
    /// deviation to accept or the overlay was written, and with 1 otherwise.
    Observe(observe::Observe),
    /// Starts the mock server with a vendored document and its overlay
    ///
    /// Runs until it is interrupted, and exits with the exit code of the mock server. Writes no files.
    Mock {
        /// The API in specs/apis.toml
        api: String,
        /// Options of the mock server, such as `--port 4010`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Tests the pipeline on any documents: lowers, generates and compiles clients, and decodes
    /// sample values
    ///
    /// Writes scratch crates to `target/corpus/` and prints a table. Exits with 0 if all documents
    /// passed, and with 1 otherwise.
    #[cfg(feature = "corpus")]
    Corpus(corpus::Corpus),
    /// Tests the pipeline on any documents: lowers, generates and compiles clients, and decodes
    /// sample values
    ///
    /// Writes scratch crates to `target/corpus/` and prints a table. Exits with 0 if all documents
    /// passed, and with 1 otherwise.
    #[cfg(not(feature = "corpus"))]
    #[command(disable_help_flag = true)]
    Corpus {
        /// Documents, folders and options
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Adds an API: copies its document to `specs/`, creates its crate and its test files
    ///
    /// Writes `specs/NAME.*`, `NAME-client/`, entries in `specs/apis.toml`, `Cargo.toml` and
    /// `tests/Cargo.toml`, the generated files and the snapshots. Exits with 0 on success, and with
    /// 1 if the name or the document is rejected; nothing is written then.
    New(membership::New),
    /// Removes an API: its document, its crate, its snapshots and its expectations
    ///
    /// Exits with 0 on success, and with 1 if there is no such API.
    Remove(membership::Remove),
}

/// Parses the arguments of the process and runs the command in the workspace of the current folder.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    JSON.get_or_init(|| cli.json);
    let code = match cli.task {
        Task::Regen {
            apis,
            check,
            accept,
            strict,
        } => in_workspace(|root| {
            let mode = Mode { check, strict };
            regen(root, &apis, mode, accept)
        }),
        Task::Lower(lower) => lower.run(),
        Task::Expand(expand) => in_workspace(|root| expand.run(root)),
        Task::Diff(diff) => diff.run(),
        Task::Update(update) => update.run(),
        Task::DriftCheck(check) => check.run(),
        Task::Observe(observe) => in_workspace(|root| observe.run(root)),
        Task::Mock { api, arguments } => in_workspace(|root| mock(root, &api, &arguments)),
        #[cfg(feature = "corpus")]
        Task::Corpus(corpus) => in_workspace(|root| corpus.run(root)),
        #[cfg(not(feature = "corpus"))]
        Task::Corpus { arguments } => in_workspace(|root| corpus(root, &arguments)),
        Task::New(new) => in_workspace(|root| new.run(root)),
        Task::Remove(remove) => in_workspace(|root| remove.run(root)),
    };
    ExitCode::from(code)
}

fn for_machines() -> bool {
    JSON.get().copied().unwrap_or(false)
}

/// The nearest folder, upwards from the current one, that contains the registry.
fn workspace() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors()
        .find(|folder| folder.join(registry::REGISTRY).is_file())
        .map(Path::to_owned)
}

/// Runs `task` in the workspace, or reports that there is none.
fn in_workspace(task: impl FnOnce(&Path) -> u8) -> u8 {
    match workspace() {
        Some(root) => task(&root),
        None => refuse(&no_workspace()),
    }
}

fn no_workspace() -> String {
    format!(
        "{} was found neither in the current folder nor in a parent folder\n  hint: run the command inside the workspace",
        registry::REGISTRY
    )
}

/// The APIs of the registry named by `names`, or the exit code of the error.
fn apis_with(root: &Path, names: &[String]) -> Result<Vec<Api>, u8> {
    let apis = Tree::folder(root)
        .registry()
        .map_err(|diagnostic| refuse_input(&diagnostic))?;
    let is_unknown = |name: &&String| apis.iter().all(|api| api.name != **name);
    let Some(unknown) = names.iter().find(is_unknown) else {
        return Ok(apis);
    };
    let known: Vec<&str> = apis.iter().map(|api| api.name.as_str()).collect();
    Err(refuse(&format!(
        "there is no API `{unknown}` in {}\n  hint: the APIs are {}",
        registry::REGISTRY,
        known.join(", ")
    )))
}

/// How files are generated.
#[derive(Clone, Copy)]
struct Mode {
    /// Nothing is written.
    check: bool,
    /// Defects of documents are errors.
    strict: bool,
}

fn regen(root: &Path, names: &[String], mode: Mode, accept: bool) -> u8 {
    let apis = match apis_with(root, names) {
        Ok(apis) => apis,
        Err(code) => return code,
    };
    let mut code = DONE;
    let wanted = apis
        .iter()
        .filter(|api| names.is_empty() || names.contains(&api.name));
    for api in wanted {
        match regen_one(root, api, mode) {
            Ok(done) => code = code.max(done),
            // Continue with the other APIs.
            Err(error) => code = code.max(refuse_regen(&error)),
        }
    }
    let index =
        regen::index_change(root, &apis).and_then(|changes| put(root, &changes, mode.check));
    code = code.max(index.unwrap_or_else(|error| refuse_regen(&error)));
    if accept && code == DONE {
        return accept_snapshots(root);
    }
    code
}

fn regen_one(root: &Path, api: &Api, mode: Mode) -> Result<u8, RegenError> {
    let vendored = regen::vendored(root, api)?;
    if mode.strict && refuse_findings(&vendored) != DONE {
        return Ok(REFUSED);
    }
    let built = regen::build_from(api, &vendored)?;
    let changes = regen::changes(root, api, &built)?;
    print(&regen::summary(api, &built));
    let defects = built.notes.iter().filter(|note| note.hint.is_some());
    print_notes(defects, &built.vendored);
    if changes.is_empty() {
        print("  everything is up to date\n");
        return Ok(DONE);
    }
    for change in &changes {
        if change.path.ends_with("openapi.json")
            && let Some(before) = &change.before
        {
            for line in surface_changes(&api.generator, before, &built.surface) {
                print(&format!("  {line}\n"));
            }
        }
    }
    put(root, &changes, mode.check)
}

/// Writes the changed files; with `check` prints the differences instead.
fn put(root: &Path, changes: &[Change], check: bool) -> Result<u8, RegenError> {
    for change in changes {
        let path = change.path.display();
        if check {
            print(&change.diff());
            refuse(&format!(
                "{path}: out of date\n  hint: run `cargo xtask regen` and commit the result"
            ));
        } else {
            change.write(root)?;
            print(&format!("  wrote {path}\n"));
        }
    }
    Ok(match check && !changes.is_empty() {
        true => REFUSED,
        false => DONE,
    })
}

/// Accepts the current output of the snapshot tests by running them with `INSTA_UPDATE=always`.
fn accept_snapshots(root: &Path) -> u8 {
    let apis = match apis_with(root, &[]) {
        Ok(apis) => apis,
        Err(code) => return code,
    };
    let own_test = |api: &&Api| root.join(&api.folder).join("tests/surface.rs").exists();
    let clients = apis.iter().filter(own_test);
    let clients: Vec<String> = clients
        .flat_map(|api| ["--package".to_owned(), api.package()])
        .collect();
    let tests = |options: &[&str]| {
        let mut command = cargo(root);
        command.arg("test").args(options);
        command.args(["--package", "client-tests"]).args(&clients);
        command.args(["--test", "surface", "--test", "wire"]);
        command
    };
    print(
        "taking the snapshots: the clients and the tests are compiled, which takes several minutes the first time\n",
    );
    // Shows the progress of cargo, which the quiet run of the tests hides.
    match tests(&["--no-run"]).status() {
        Ok(status) if status.success() => {}
        Ok(_) => return refuse(&"the clients or the tests do not compile; see the output above"),
        Err(error) => return refuse(&format!("cargo could not be started: {error}")),
    }
    let status = tests(&["--quiet"])
        // Snapshot tests have `as_reviewed` in their names; other tests may need files that do not
        // exist yet.
        .args(["--", "as_reviewed"])
        .env("INSTA_UPDATE", "always")
        .env("INSTA_FORCE_PASS", "1")
        .status();
    match status {
        Ok(status) if status.success() => DONE,
        Ok(_) => refuse(&"a snapshot test failed; see the output above"),
        Err(error) => refuse(&format!("cargo could not be started: {error}")),
    }
}

/// Runs the mock server as a separate process: it must work when `xtask`'s passes do not compile.
fn mock(root: &Path, name: &str, arguments: &[String]) -> u8 {
    let apis = match apis_with(root, &[name.to_owned()]) {
        Ok(apis) => apis,
        Err(code) => return code,
    };
    let Some(api) = apis.iter().find(|api| api.name == name) else {
        return REFUSED;
    };
    let mut command = cargo(root);
    command
        .args(["run", "--quiet", "--package", "mock-server", "--"])
        .arg(&api.document)
        .arg("--overlay")
        .arg(&api.overlay)
        .args(arguments);
    code_of(command)
}

/// Runs `corpus` in a build of this crate with the feature `corpus`.
#[cfg(not(feature = "corpus"))]
fn corpus(root: &Path, arguments: &[String]) -> u8 {
    let mut command = cargo(root);
    // Path arguments are relative to the current folder.
    if let Ok(here) = std::env::current_dir() {
        command.current_dir(here);
    }
    command.args([
        "run",
        "--quiet",
        "--package",
        "xtask",
        "--features",
        "corpus",
        "--",
    ]);
    if for_machines() {
        command.arg("--json");
    }
    command.arg("corpus").args(arguments);
    code_of(command)
}

/// Runs a command and returns its exit code.
fn code_of(mut command: Command) -> u8 {
    match command.status() {
        // A process that was ended by a signal has no exit code.
        Ok(status) => status
            .code()
            .and_then(|code| code.try_into().ok())
            .unwrap_or(DONE),
        Err(error) => refuse(&format!("cargo could not be started: {error}")),
    }
}

/// The `cargo` that runs this process, with the workspace as its current folder.
fn cargo(root: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root);
    command
}

/// Prints notes about `document`.
fn print_notes<'a>(notes: impl Iterator<Item = &'a Note>, document: &Document) {
    for note in notes {
        match for_machines() {
            true => print(&format!("{}\n", note.json(document))),
            false => print(&note.text(document)),
        }
    }
}

/// Prints the defects of a document as errors. Returns 0 if there are none.
fn refuse_findings(document: &Document) -> u8 {
    let findings = match check(document) {
        Ok(checked) => checked.findings,
        Err(diagnostic) => return refuse_input(&diagnostic),
    };
    let refused = findings
        .iter()
        .map(|finding| refuse_input(&finding.diagnostic(document)));
    refused.max().unwrap_or(DONE)
}

#[allow(clippy::print_stdout)]
fn print(text: &str) {
    use std::io::Write as _;
    // A failure means that standard output is closed. It cannot be reported.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn refuse(error: &dyn std::fmt::Display) -> u8 {
    print_error(&match for_machines() {
        true => format!("{}\n", json!({ "message": error.to_string() })),
        false => format!("error: {error}\n"),
    })
}

/// Prints a diagnostic with its source line and returns the exit code.
fn refuse_input(diagnostic: &Diagnostic) -> u8 {
    let file = Path::new(&diagnostic.file);
    // Files of the workspace are named relative to it.
    let in_workspace = || std::fs::read_to_string(workspace()?.join(file)).ok();
    let source = std::fs::read_to_string(file).ok().or_else(in_workspace);
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    print_error(&match for_machines() {
        true => format!("{}\n", diagnostic.json()),
        false => diagnostic.text(source.as_deref(), colour),
    })
}

fn refuse_regen(error: &RegenError) -> u8 {
    match error {
        RegenError::Input(diagnostic) => refuse_input(diagnostic),
        other => refuse(other),
    }
}

fn print_error(text: &str) -> u8 {
    use std::io::Write as _;
    // As in `print`: a failure cannot be reported.
    let _ = std::io::stderr().write_all(text.as_bytes());
    REFUSED
}
