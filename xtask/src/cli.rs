//! The commands of `cargo xtask`: what is asked is parsed here, done by the modules, and said here.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::{Parser, Subcommand};
use openapi_document::Document;

use crate::lower::{lower, text_of};
use crate::regen::{self, RegenError};
use crate::registry::{self, Api};

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
    /// Serves a vendored document with the mock server
    Mock {
        /// The API in specs/apis.toml
        api: String,
        /// What the mock server is told, such as `--port 4010`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
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
            None => refuse_outside(),
        },
        Task::Lower {
            file,
            output,
            notes,
        } => lower_file(&file, output.as_deref(), notes),
        Task::Mock { api, arguments } => match workspace() {
            Some(root) => mock(&root, &api, &arguments),
            None => refuse_outside(),
        },
    };
    ExitCode::from(code)
}

/// The nearest folder, from the current one upwards, that has the registry.
fn workspace() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors()
        .find(|folder| folder.join(registry::REGISTRY).is_file())
        .map(Path::to_owned)
}

fn refuse_outside() -> u8 {
    refuse(&format!(
        "no folder above the current one has a {}\n  hint: run this inside the workspace",
        registry::REGISTRY
    ))
}

/// The APIs of the registry, which has all of `names`; or else the exit code of the refusal.
fn apis_with(root: &Path, names: &[String]) -> Result<Vec<Api>, u8> {
    let apis = registry::load(root).map_err(|diagnostic| refuse(&diagnostic))?;
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
    let status = cargo(root)
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
