//! The scratch crate of a document: its client, with the same files as a client crate of this
//! workspace, and a program that decodes values into the generated types.
//!
//! Each crate is its own workspace, so that one that does not compile does not affect others. Its
//! dependencies are locked to the versions of this workspace; the build output is shared.

use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use client_crate::{BuiltApi, default_settings, generated, written_once};
use openapi_lower::text_of;

/// The folders of a scratch crate.
pub(super) struct Scratch {
    /// The crate.
    pub(super) folder: PathBuf,
    /// The build output of the crate and its dependencies.
    pub(super) target: PathBuf,
}

/// A type that the program decodes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DecodedType {
    /// The type, as a path in the crate.
    pub(super) of: String,
    /// The type with which generated code decodes such a response, if it differs.
    pub(super) reader: Option<String>,
}

/// A value to decode.
pub(super) struct Asked<'a> {
    /// The index of its type in the program.
    pub(super) of: usize,
    /// The value.
    pub(super) value: &'a Value,
}

impl Scratch {
    /// Writes the crate: the client and, with `types`, a program that decodes them.
    ///
    /// # Errors
    /// A file that cannot be written, or a workspace manifest that cannot be read.
    pub(super) fn write(
        &self,
        root: &Path,
        package: &str,
        title: &str,
        built: &BuiltApi,
        types: Option<&[DecodedType]>,
    ) -> Result<(), String> {
        let about = format!("Client of {}", built.vendored.file);
        let manifest = written_once::manifest(package, &about);
        let readme = written_once::readme(package, title, &built.plan);
        let readme = generated::readme(&readme, package, &built.vendored.root, &built.plan)
            .unwrap_or(readme);
        let mut files = vec![
            ("README.md", readme),
            ("openapi.json", text_of(&built.plan)),
            ("src/lib.rs", written_once::ROOT.to_owned()),
            ("src/generated.rs", generated::source(&default_settings())),
        ];
        let program = self.folder.join("src/main.rs");
        match types {
            Some(types) => {
                let module = package.replace('-', "_");
                let program = decoder(&format!("use {module}::types;"), types);
                files.push(("src/main.rs", program));
            }
            None if program.exists() => {
                std::fs::remove_file(&program).map_err(failed(&program))?;
            }
            None => {}
        }
        self.put(root, &manifest, files)
    }

    /// Writes a crate of these files, with dependencies and lock of the workspace at `root`.
    ///
    /// # Errors
    /// As for [`write`](Self::write).
    pub(super) fn put(
        &self,
        root: &Path,
        manifest: &str,
        files: impl IntoIterator<Item = (impl AsRef<Path>, String)>,
    ) -> Result<(), String> {
        let manifest = manifest.to_owned() + &workspace(root)?;
        let lock = root.join("Cargo.lock");
        let lock = std::fs::read_to_string(&lock).map_err(failed(&lock))?;
        write(&self.folder.join("Cargo.toml"), &manifest)?;
        write(&self.folder.join("Cargo.lock"), &lock)?;
        files
            .into_iter()
            .try_for_each(|(name, text)| write(&self.folder.join(name), &text))
    }

    /// Compiles the crate. With `decoder`, builds the program and returns its path; otherwise only
    /// checks the client.
    ///
    /// # Errors
    /// [`CompileErrors`].
    pub(super) fn compile(&self, decoder: bool) -> Result<Option<PathBuf>, CompileErrors> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .current_dir(&self.folder)
            .arg(if decoder { "build" } else { "check" })
            // The default features include TLS, which is not needed here.
            .args([
                "--no-default-features",
                "--message-format",
                "json",
                "--target-dir",
            ])
            .arg(&self.target)
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .output()
            .map_err(|error| CompileErrors::of(format!("cargo could not be started: {error}")))?;
        let stdout = String::from_utf8_lossy(&output.stdout);
        let messages: Vec<Value> = stdout
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        if output.status.success() {
            let program = messages
                .iter()
                .find_map(|message| message["executable"].as_str());
            return Ok(program.map(PathBuf::from));
        }
        let errors = messages.iter().map(|message| &message["message"]);
        let errors = errors.filter(|message| message["level"] == "error");
        let errors: Vec<(String, String)> = errors
            .filter_map(|message| {
                let text = message["message"].as_str()?;
                let file = message["spans"][0]["file_name"]
                    .as_str()
                    .unwrap_or_default();
                (!text.starts_with("aborting")).then(|| (file.to_owned(), text.to_owned()))
            })
            .collect();
        Err(match errors.as_slice() {
            [] => CompileErrors::of(last_line(&output.stderr)),
            _ => CompileErrors(errors),
        })
    }

    /// Runs the program to decode each value and encode it again. If a value terminates the program,
    /// for example by a stack overflow, its result is the exit status.
    ///
    /// # Errors
    /// A file that cannot be written or read, or a program that does not start.
    pub(super) fn decode<'a>(
        &self,
        program: &Path,
        asked: impl Iterator<Item = Asked<'a>>,
    ) -> Result<Vec<Result<Value, String>>, String> {
        let cases = self.folder.join("cases");
        let mut file = std::fs::File::create(&cases)
            .map(std::io::BufWriter::new)
            .map_err(failed(&cases))?;
        let mut count = 0;
        for Asked { of, value } in asked {
            writeln!(file, "{of} {value}").map_err(failed(&cases))?;
            count += 1;
        }
        file.flush().map_err(failed(&cases))?;
        let mut responses: Vec<Result<Value, String>> = Vec::with_capacity(count);
        while responses.len() < count {
            let file = std::fs::File::open(&cases).map_err(failed(&cases))?;
            let output = Command::new(program)
                .arg(responses.len().to_string())
                .stdin(Stdio::from(file))
                .output()
                .map_err(failed(program))?;
            let stdout = String::from_utf8_lossy(&output.stdout);
            responses.extend(
                stdout
                    .lines()
                    .map_while(|line| serde_json::from_str(line).ok()),
            );
            if responses.len() < count {
                responses.push(Err(last_line(&output.stderr)));
            }
        }
        Ok(responses)
    }
}

/// The errors of the compiler, each with its file in the crate, or else the output of cargo.
pub(super) struct CompileErrors(pub(super) Vec<(String, String)>);

impl CompileErrors {
    fn of(message: String) -> Self {
        Self(vec![(String::new(), message)])
    }
}

/// The first error, with the number of others.
impl fmt::Display for CompileErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((_, first)) = self.0.first() else {
            return f.write_str("cargo failed without an error");
        };
        f.write_str(first)?;
        match self.0.len() {
            1 => Ok(()),
            count => write!(f, " (and {} more errors)", count - 1),
        }
    }
}

/// The parts of this workspace's manifest that its members inherit from, for the scratch manifest.
fn workspace(root: &Path) -> Result<String, String> {
    let path = root.join("Cargo.toml");
    let text = std::fs::read_to_string(&path).map_err(failed(&path))?;
    let manifest: toml::Table = text.parse().map_err(failed(&path))?;
    let mut inherited = toml::Table::new();
    for (name, value) in manifest
        .get("workspace")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flatten()
    {
        if name != "members" {
            inherited.insert(name.clone(), value.clone());
        }
    }
    let dependencies = inherited.get_mut("dependencies");
    for (_, dependency) in dependencies
        .and_then(toml::Value::as_table_mut)
        .into_iter()
        .flatten()
    {
        if let Some(toml::Value::String(path)) = dependency.get_mut("path") {
            *path = root.join(&*path).display().to_string();
        }
    }
    let text = toml::to_string(&toml::Table::from_iter([(
        "workspace".to_owned(),
        inherited.into(),
    )]));
    text.map(|text| format!("\n{text}")).map_err(failed(&path))
}

/// The program. Each input line has a type index and a value; it writes the encoded value or the
/// decoding error at once. Its argument is the number of lines to skip. `header` has the items that
/// the types need.
pub(super) fn decoder(header: &str, types: &[DecodedType]) -> String {
    let mut arms = String::new();
    for (index, DecodedType { of, reader }) in types.iter().enumerate() {
        let plain = format!("Plain<{of}>");
        let reader = reader.as_ref().unwrap_or(&plain);
        // Writing to a string does not fail.
        let _ = writeln!(arms, "        {index} => round_trip::<{reader}>(value),");
    }
    format!(
        "\
#![allow(missing_docs, deprecated, dead_code, unused_imports)]

use std::io::{{BufRead as _, Write as _}};

{header}
use client_runtime::generated::{{Plain, Reader}};
use serde::{{Serialize, de::DeserializeOwned}};
use serde_json::Value;

fn round_trip<R>(value: &str) -> Result<Value, String>
where
    R: Reader + DeserializeOwned,
    R::Value: Serialize,
{{
    let decoded: R = serde_json::from_str(value).map_err(|error| error.to_string())?;
    serde_json::to_value(decoded.into_value()).map_err(|error| error.to_string())
}}

fn response(of: usize, value: &str) -> Result<Value, String> {{
    match of {{
{arms}        _ => Err(\"unknown type index\".to_owned()),
    }}
}}

fn main() -> std::io::Result<()> {{
    let passed: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines().skip(passed) {{
        let line = line?;
        let (of, value) = line.split_once(' ').unwrap_or_default();
        let response = response(of.parse().unwrap_or(usize::MAX), value);
        writeln!(out, \"{{}}\", serde_json::to_string(&response)?)?;
    }}
    Ok(())
}}
"
    )
}

/// Writes a file if its content differs, so that cargo only rebuilds what changed.
fn write(path: &Path, text: &str) -> Result<(), String> {
    if std::fs::read_to_string(path).is_ok_and(|before| before == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed(folder))?;
    }
    std::fs::write(path, text).map_err(failed(path))
}

fn failed<E: fmt::Display>(path: &Path) -> impl Fn(E) -> String + use<'_, E> {
    move |error| format!("{}: {error}", path.display())
}

/// The last line that is not empty.
fn last_line(output: &[u8]) -> String {
    let output = String::from_utf8_lossy(output);
    let mut lines = output
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    lines.next_back().unwrap_or("there is no output").to_owned()
}
