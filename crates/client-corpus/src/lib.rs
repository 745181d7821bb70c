//! Tests the pipeline on arbitrary API descriptions.
//!
//! Each document is processed like the APIs of this workspace: it is lowered and generated, the
//! client is written to a scratch crate with the same files as a client crate, and compiled. Then
//! instances of the document's schemas are decoded into the generated types and encoded again. The
//! result is one [`Examined`] per document; [`table`](mod@table) renders them.

mod cases;
pub mod json_schema;
pub mod made;
mod meaning;
mod scratch;
pub mod table;
mod whole;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use client_codegen::{caught, generate};
use openapi_document::walk::operations;
use openapi_document::{Diagnostic, Document, ReferenceMap};
use serde::Serialize;
use serde_json::Map;

use cases::Cases;
use client_codegen::surface::Surface;
use client_crate::{BuiltApi, default_settings};
use openapi_lower::lower;
use scratch::Scratch;

pub use whole::Limitation;

/// How documents are tested.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The workspace, whose `client-runtime` and dependency versions the clients use.
    pub root: PathBuf,
    /// The folder of the scratch crates and their build output.
    pub folder: PathBuf,
    /// The number of documents compiled in parallel. Each job has its own target folder, because
    /// cargo locks it.
    pub jobs: usize,
    /// How far the documents are tested.
    pub until: Until,
    /// The files that are read instead of URLs.
    pub map: ReferenceMap,
}

/// The last stage of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Until {
    /// Generating; nothing is compiled.
    Generated,
    /// Type-checking the client.
    Compiled,
    /// Decoding instances.
    Decoded,
}

/// The result for one document.
#[derive(Debug, Clone, Serialize)]
pub struct Examined {
    /// The file.
    pub document: String,
    /// The value of `openapi`.
    pub version: Option<String>,
    /// The results for its operations.
    pub operations: Operations,
    /// The number of component schemas.
    pub schemas: usize,
    /// The number of lossless changes of the lowering.
    pub changed: usize,
    /// The number of lossy changes of the lowering.
    pub reduced: usize,
    /// The number of generated lines.
    pub lines: usize,
    /// The duration of each stage.
    pub seconds: Seconds,
    /// The results of decoding.
    pub decoded: Decoded,
    /// The verdict.
    pub verdict: Verdict,
    /// The first error.
    pub error: Option<String>,
    /// The reason of a rejection, without its location and the names in it.
    pub reason: Option<String>,
    /// The limitations of the client, by operation.
    pub short: Vec<Limitation>,
}

/// The results for the operations of a document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Operations {
    /// All operations of the document.
    pub documented: usize,
    /// Operations without limitations.
    pub whole: usize,
    /// Operations with limitations.
    pub reduced: usize,
    /// Operations that the client lacks.
    pub lost: usize,
}

/// The duration of the stages in seconds; `None` for stages that were not reached.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Seconds {
    /// Loading and lowering.
    pub lower: Option<f64>,
    /// Generating, and parsing the generated code.
    pub generate: Option<f64>,
    /// Compiling the client; the first client of a target folder includes its dependencies.
    pub compile: Option<f64>,
    /// Generating, decoding and comparing instances.
    pub decode: Option<f64>,
}

/// The results of decoding.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Decoded {
    /// The number of decoded instances.
    pub cases: usize,
    /// The number of instances that changed or failed to decode.
    pub wrong: usize,
    /// The number of JSON bodies without a type in the client.
    pub untyped: usize,
    /// Schemas without instances, with reasons.
    pub unmade: Vec<String>,
    /// The failed instances, with reasons.
    pub failures: Vec<String>,
}

/// The last stage that a document passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// All stages succeeded.
    Passed,
    /// Instances changed or failed to decode.
    DecodesWrong,
    /// The client does not compile.
    DoesNotCompile,
    /// progenitor rejected the lowered document.
    NotGenerated,
    /// The document was rejected with a diagnostic.
    Refused,
    /// The lowering panicked, which is a bug.
    Panicked,
}

/// The documents of `paths`: files, and all `.yaml`, `.yml` and `.json` files of folders, except
/// overlays.
///
/// # Errors
/// The path and error of a folder that cannot be read.
pub fn documents(paths: &[PathBuf]) -> Result<Vec<PathBuf>, (PathBuf, std::io::Error)> {
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let failed = |error| (path.clone(), error);
        let mut inside = Vec::new();
        for entry in std::fs::read_dir(path).map_err(failed)? {
            let file = entry.map_err(failed)?.path();
            let name = file.to_string_lossy();
            let is_document = [".yaml", ".yml", ".json"]
                .iter()
                .any(|end| name.ends_with(end));
            if is_document && !name.contains(".overlay.") && file.is_file() {
                inside.push(file);
            }
        }
        inside.sort();
        found.append(&mut inside);
    }
    Ok(found)
}

/// Tests each document, in order. `progress` is called with each stage, and with `None` when a
/// document is finished.
pub fn examine(
    settings: &Settings,
    documents: &[PathBuf],
    progress: &(dyn Fn(&Path, Option<&str>) + Sync),
) -> Vec<Examined> {
    // Memory is shared, so this half runs for one document at a time.
    let halves: Vec<(Examined, Option<BuiltApi>)> = documents
        .iter()
        .map(|document| {
            progress(document, Some("lowering and generating"));
            let (examined, built) = lower_and_generate(document, &settings.map);
            // The results of documents that are not compiled are dropped, because a run may have
            // thousands of documents.
            (
                examined,
                built.filter(|_| settings.until > Until::Generated),
            )
        })
        .collect();
    let next = AtomicUsize::new(0);
    let done: Vec<Mutex<Examined>> = halves
        .iter()
        .map(|(examined, _)| Mutex::new(examined.clone()))
        .collect();
    std::thread::scope(|scope| {
        for slot in 0..settings.jobs.clamp(1, documents.len().max(1)) {
            let (next, halves, done) = (&next, &halves, &done);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some((examined, built)) = halves.get(index) else {
                        break;
                    };
                    let document = &documents[index];
                    if let Some(built) = built {
                        let say = |what: &str| progress(document, Some(what));
                        let mut examined = examined.clone();
                        let package = package_name(documents, index);
                        compile_and_decode(settings, slot, &package, built, &mut examined, &say);
                        if let Ok(mut place) = done[index].lock() {
                            *place = examined;
                        }
                    }
                    progress(document, None);
                }
            });
        }
    });
    let unlocked = done.into_iter().map(|examined| {
        let unlocked = examined.into_inner();
        unlocked.unwrap_or_else(std::sync::PoisonError::into_inner)
    });
    unlocked.collect()
}

/// The package name of a document's client: the file name, with a number if two files have the same
/// name.
fn package_name(documents: &[PathBuf], index: usize) -> String {
    let stem = |path: &Path| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let plain = stem.to_lowercase().replace(
            |character: char| !character.is_ascii_lowercase() && !character.is_ascii_digit(),
            "-",
        );
        format!("of-{plain}")
    };
    let name = stem(&documents[index]);
    match documents[..index]
        .iter()
        .filter(|other| stem(other) == name)
        .count()
    {
        0 => format!("{name}-client"),
        before => format!("{name}-{}-client", before + 1),
    }
}

fn lower_and_generate(path: &Path, map: &ReferenceMap) -> (Examined, Option<BuiltApi>) {
    let mut examined = Examined {
        document: path.display().to_string(),
        version: None,
        operations: Operations::default(),
        schemas: 0,
        changed: 0,
        reduced: 0,
        lines: 0,
        seconds: Seconds::default(),
        decoded: Decoded::default(),
        verdict: Verdict::Passed,
        error: None,
        reason: None,
        short: Vec::new(),
    };
    match make(path, map, &mut examined) {
        Ok(built) => (examined, Some(built)),
        Err(failed) => {
            examined.verdict = failed.verdict;
            examined.error = Some(failed.error);
            examined.reason = Some(failed.reason);
            (examined, None)
        }
    }
}

/// Why a document has no client.
struct Failed {
    verdict: Verdict,
    error: String,
    reason: String,
}

impl Failed {
    fn new(verdict: Verdict, error: String) -> Self {
        Self {
            verdict,
            reason: without_names(&error),
            error,
        }
    }

    fn refused(diagnostic: &Diagnostic) -> Self {
        Self {
            reason: without_names(&diagnostic.message),
            ..Self::new(
                Verdict::Refused,
                diagnostic.to_string().replace("\n  ", "; "),
            )
        }
    }
}

/// A message without the quoted names in it.
fn without_names(message: &str) -> String {
    let parts = message.split('`').enumerate();
    let parts = parts.map(|(index, part)| if index % 2 == 1 { "…" } else { part });
    let line = parts.collect::<String>();
    line.lines().next().unwrap_or_default().to_owned()
}

fn make(path: &Path, map: &ReferenceMap, examined: &mut Examined) -> Result<BuiltApi, Failed> {
    let started = Instant::now();
    let lowered = caught(|| {
        let document = Document::load_mapped(path, map)?;
        let lowered = lower(&document);
        Ok((document, lowered))
    });
    examined.seconds.lower = Some(started.elapsed().as_secs_f64());
    let lowered = lowered.map_err(|panic| Failed::new(Verdict::Panicked, panic))?;
    let (vendored, lowered) = lowered.map_err(|error| Failed::refused(&error))?;
    let version = vendored.root["openapi"].as_str();
    examined.version = version.map(str::to_owned);
    examined.operations.documented = operations(&vendored.root).len();
    let schemas = vendored.root["components"]["schemas"].as_object();
    examined.schemas = schemas.map_or(0, Map::len);
    let lowered = lowered.map_err(|error| Failed::refused(&error))?;
    examined.reduced = lowered
        .notes
        .iter()
        .filter(|note| note.reduced.is_some())
        .count();
    examined.changed = lowered.notes.len() - examined.reduced;

    let started = Instant::now();
    let generated = generate(&lowered.plan, &default_settings());
    let surface = generated
        .map_err(|error| error.to_string())
        .and_then(|generated| {
            examined.lines = lines(&generated.tokens());
            Surface::of(&lowered.plan, &default_settings()).map_err(|error| error.to_string())
        });
    examined.seconds.generate = Some(started.elapsed().as_secs_f64());
    let surface = surface.map_err(|error| Failed::new(Verdict::NotGenerated, error))?;
    let built = BuiltApi::new(lowered, surface);
    (examined.operations, examined.short) = whole::operations(&built);
    Ok(built)
}

/// The number of lines of the formatted tokens.
fn lines(tokens: &proc_macro2::TokenStream) -> usize {
    let file = syn::parse2(tokens.clone());
    file.map_or(0, |file| prettyplease::unparse(&file).lines().count())
}

fn compile_and_decode(
    settings: &Settings,
    slot: usize,
    package: &str,
    built: &BuiltApi,
    examined: &mut Examined,
    say: &dyn Fn(&str),
) {
    let title = built.vendored.root["info"]["title"]
        .as_str()
        .unwrap_or_default();
    let cases = if settings.until == Until::Decoded {
        say("generating instances");
        let started = Instant::now();
        let cases = Cases::of(&built.vendored.root, &built.surface);
        examined.seconds.decode = Some(started.elapsed().as_secs_f64());
        Some(cases)
    } else {
        None
    };
    let types = cases.as_ref().map(Cases::types);
    let scratch = Scratch {
        folder: settings.folder.join("crates").join(package),
        target: settings.folder.join(format!("target-{slot}")),
    };
    say("compiling");
    let started = Instant::now();
    let compiled = scratch
        .write(&settings.root, package, title, built, types.as_deref())
        .and_then(|()| {
            let compiled = scratch.compile(types.is_some());
            compiled.map_err(|errors| errors.to_string())
        });
    examined.seconds.compile = Some(started.elapsed().as_secs_f64());
    let program = match compiled {
        Ok(program) => program,
        Err(error) => {
            examined.verdict = Verdict::DoesNotCompile;
            examined.error = Some(error);
            return;
        }
    };
    if let (Some(program), Some(cases)) = (program, cases) {
        say("decoding");
        let started = Instant::now();
        match cases.run(&scratch, &program, &built.vendored.root) {
            Ok(decoded) => examined.decoded = decoded,
            Err(error) => {
                examined.verdict = Verdict::DecodesWrong;
                examined.error = Some(error);
            }
        }
        let made_in = examined.seconds.decode.unwrap_or_default();
        examined.seconds.decode = Some(made_in + started.elapsed().as_secs_f64());
        if examined.decoded.wrong > 0 {
            examined.verdict = Verdict::DecodesWrong;
            examined.error = examined.decoded.failures.first().cloned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_lists_its_documents_in_order_without_overlays() {
        let folder = tempfile::tempdir().expect("has a temporary folder");
        for file in ["b.json", "a.yaml", "a.overlay.yaml", "notes.txt"] {
            std::fs::write(folder.path().join(file), "").expect("writes");
        }
        let found = documents(&[folder.path().to_owned(), "named.txt".into()]).expect("is read");
        let names: Vec<_> = found.iter().filter_map(|path| path.file_name()).collect();
        assert_eq!(names, ["a.yaml", "b.json", "named.txt"]);
    }

    #[test]
    fn two_files_with_one_name_get_two_crates() {
        let paths = ["a/My API.yaml", "b/my api.json"].map(PathBuf::from);
        assert_eq!(package_name(&paths, 0), "of-my-api-client");
        assert_eq!(package_name(&paths, 1), "of-my-api-2-client");
    }
}
