//! Adds an API to the workspace, or removes one.
//!
//! Both are computed as [`Edit`]s before a file is written. An API has a vendored document and
//! overlay, an entry in the registry, a crate, calls and snapshots in the tests crate, and a line
//! in two manifests.

use std::path::{Path, PathBuf};

use openapi_document::{Diagnostic, Document, ReferenceMap};

use crate::files::Edit;
use crate::regen::{self, RegenError};
use crate::registry::{Api, REGISTRY};
use crate::tree::Tree;
use client_crate::written_once;

/// The folder of the snapshots.
const SNAPSHOTS: &str = "tests/tests/snapshots";
/// The folders with the expectations of single APIs; the files are named after the APIs.
const EXPECTATIONS: [&str; 2] = ["tests/seed-operations", "tests/expectations"];
/// The line of the workspace manifest above the member dependencies.
const MEMBERS: &str = "# Members of this workspace.";

/// Why an API cannot be added or removed.
#[derive(Debug, thiserror::Error)]
pub enum MembershipError {
    /// The name is not allowed.
    #[error("`{name}` cannot be the name of an API: {reason}\n  hint: {hint}")]
    Name {
        /// The name.
        name: String,
        /// The rule that it violates.
        reason: String,
        /// A hint for the user.
        hint: &'static str,
    },
    /// The document or the registry is invalid.
    #[error(transparent)]
    Input(#[from] Diagnostic),
    /// No client can be generated, or a file cannot be read.
    #[error(transparent)]
    Regen(#[from] RegenError),
    /// A manifest lacks the line below which dependencies are added.
    #[error(
        "{file}: there is no line `{line}`\n  hint: add it above the dependencies on members of this \
         workspace"
    )]
    Manifest {
        /// The manifest.
        file: &'static str,
        /// The missing line.
        line: &'static str,
    },
}

/// The edits that add an API. `document` is copied to `specs/`: unchanged, or bundled if it refers to
/// other files. `map` has the files that are read instead of URLs. `title` is the display name of the
/// API; the default is the title of the document.
///
/// # Errors
/// A name that is in use or invalid, or a document from which no client can be generated.
pub fn add(
    root: &Path,
    name: &str,
    (document, map): (&Path, &ReferenceMap),
    title: Option<&str>,
) -> Result<Vec<Edit>, MembershipError> {
    let mut apis = Tree::folder(root).registry()?;
    check_name(root, &apis, name)?;
    let (vendored, text) = regen::to_vendor(document, map)?;
    let api = entry(name, title, &vendored);
    let built = regen::build_from(&api, &vendored)?;
    let package = api.package();
    let folder = Path::new(&package);
    let about = format!("Client of {}", written_once::the_api(&api.title));
    let readme = written_once::readme(&package, &api.title, &built.plan);
    let mut files = vec![
        (api.document.clone(), text.into_bytes()),
        (api.overlay.clone(), overlay(&api).into_bytes()),
        (REGISTRY.into(), registered(root, &api)?.into_bytes()),
        (
            folder.join("Cargo.toml"),
            written_once::manifest(&package, &about).into_bytes(),
        ),
        (folder.join("src/lib.rs"), written_once::ROOT.into()),
        (
            folder.join("tests/surface.rs"),
            written_once::test(&package).into_bytes(),
        ),
    ];
    let generated = regen::generated(&api, &built, &readme)
        .ok_or_else(|| RegenError::Readme(folder.join("README.md")))?;
    apis.push(api);
    for (path, text) in generated.into_iter().chain([regen::index(&apis)]) {
        files.push((path, text.into_bytes()));
    }
    for (manifest, line) in manifest_lines(&package) {
        let text = read(root, manifest.file)?;
        files.push((
            manifest.file.into(),
            manifest.with(&text, &line)?.into_bytes(),
        ));
    }
    let edits = files.into_iter();
    Ok(edits.map(|(path, bytes)| (path, Some(bytes))).collect())
}

/// The edits that remove an API: everything that [`add`] created, files added to its crate since,
/// its snapshots, and its expectations.
///
/// # Errors
/// An unknown API, or a file that cannot be read.
pub fn remove(root: &Path, name: &str) -> Result<Vec<Edit>, MembershipError> {
    let mut apis = Tree::folder(root).registry()?;
    let index = apis.iter().position(|api| api.name == name);
    let api = match index {
        Some(index) => apis.remove(index),
        None => {
            return Err(MembershipError::Name {
                name: name.to_owned(),
                reason: format!("{REGISTRY} has no API of this name"),
                hint: "use the name of an API in the registry",
            });
        }
    };
    let mut gone = vec![
        api.document.clone(),
        api.overlay.clone(),
        regen::calls_path(&api),
    ];
    files_below(root, &api.folder, &mut gone)?;
    let mut snapshots = Vec::new();
    files_below(root, Path::new(SNAPSHOTS), &mut snapshots)?;
    gone.extend(
        snapshots
            .into_iter()
            .filter(|path| is_snapshot_of(path, name)),
    );
    let mut expectations = Vec::new();
    for folder in EXPECTATIONS {
        files_below(root, Path::new(folder), &mut expectations)?;
    }
    expectations.retain(|path| path.file_stem().is_some_and(|stem| stem == name));
    gone.extend(expectations);
    let mut changed = vec![regen::index(&apis)];
    changed.push((REGISTRY.into(), unregistered(&read(root, REGISTRY)?, name)));
    for (manifest, line) in manifest_lines(&api.package()) {
        let text = read(root, manifest.file)?;
        changed.push((manifest.file.into(), text.replacen(&line, "", 1)));
    }
    let gone = gone.into_iter().map(|path| (path, None));
    let changed = changed
        .into_iter()
        .map(|(path, text)| (path, Some(text.into_bytes())));
    Ok(gone.chain(changed).collect())
}

fn check_name(root: &Path, apis: &[Api], name: &str) -> Result<(), MembershipError> {
    let refuse = |reason: &str, hint| {
        Err(MembershipError::Name {
            name: name.to_owned(),
            reason: reason.to_owned(),
            hint,
        })
    };
    let mut parts = name.split('-');
    let is_word = |part: &str| {
        let rest = part
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        rest && !part.is_empty()
    };
    if !name.starts_with(|first: char| first.is_ascii_lowercase()) || !parts.all(is_word) {
        return refuse(
            "the name is also the name of a crate",
            "use lowercase letters and digits, with single hyphens between words, such as `big-shop`",
        );
    }
    if syn::parse_str::<syn::Ident>(&name.replace('-', "_")).is_err() {
        return refuse("it is a Rust keyword", "use another name");
    }
    if apis.iter().any(|api| api.name == name) {
        return refuse(
            "the name is already in use",
            "use another name, or remove the existing API first",
        );
    }
    let package = format!("{name}-client");
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).unwrap_or_default();
    if lock.contains(&format!("name = \"{package}\"\n")) {
        return refuse(
            "the workspace already uses a crate named after it",
            "use another name",
        );
    }
    let places = [
        package.clone(),
        format!("specs/{name}.yaml"),
        format!("specs/{name}.json"),
    ];
    match places.iter().find(|place| root.join(place).exists()) {
        Some(place) => refuse(
            &format!("`{place}` already exists"),
            "use another name, or move the existing file",
        ),
        None => Ok(()),
    }
}

fn entry(name: &str, title: Option<&str>, vendored: &Document) -> Api {
    let is_json = vendored.is_json() || vendored.is_bundled();
    let syntax = if is_json { "json" } else { "yaml" };
    let documented = vendored.root["info"]["title"].as_str();
    Api::new(
        name,
        title.or(documented).unwrap_or(name),
        PathBuf::from(format!("specs/{name}.{syntax}")),
        PathBuf::from(format!("specs/{name}.overlay.yaml")),
        PathBuf::from(format!("{name}-client")),
    )
}

fn overlay(api: &Api) -> String {
    let document = api.document.file_name().unwrap_or_default().display();
    format!(
        "# Corrections to {document}, applied before it is lowered (OpenAPI Overlay 1.0).\n\
         overlay: 1.0.0\ninfo:\n  title: Corrections to the {name} API\n  version: 1.0.0\nactions: []\n",
        name = api.name,
    )
}

/// The registry with a new entry at its end.
fn registered(root: &Path, api: &Api) -> Result<String, MembershipError> {
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let derives = api.generator.feature_derives.iter();
    let derives: Vec<String> = derives
        .map(|(feature, paths)| format!("{feature} = {}", toml::Value::from(paths.clone())))
        .collect();
    Ok(format!(
        "{before}\n[[api]]\nname = {name}\ntitle = {title}\ndocument = {document}\n\
         overlay = {overlay}\ncrate = {package}\n\n[api.generator]\nfeature_derives = {{ {derives} }}\n",
        before = read(root, REGISTRY)?,
        name = quoted(&api.name),
        title = quoted(&api.title),
        document = quoted(&api.document.display().to_string()),
        overlay = quoted(&api.overlay.display().to_string()),
        package = quoted(&api.package()),
        derives = derives.join(", "),
    ))
}

/// The registry without an entry, including the blank lines before it. Comments above another entry
/// are kept.
fn unregistered(text: &str, name: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let is_head = |line: &str| line.trim() == "[[api]]";
    let names_it = |line: &str| {
        let table: Option<toml::Table> = line.parse().ok();
        table.is_some_and(|table| table.get("name").and_then(toml::Value::as_str) == Some(name))
    };
    let mut kept: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let next = lines[at + 1..].iter().position(|line| is_head(line));
        let mut end = next.map_or(lines.len(), |distance| at + 1 + distance);
        while next.is_some() && end > at + 1 && lines[end - 1].starts_with('#') {
            end -= 1;
        }
        let block = &lines[at..end];
        if is_head(block[0]) && block.iter().any(|line| names_it(line)) {
            while next.is_none() && kept.last().is_some_and(|line| line.trim().is_empty()) {
                kept.pop();
            }
        } else {
            kept.extend(block);
        }
        at = end;
    }
    kept.concat()
}

/// A manifest that lists workspace members as dependencies, sorted by name.
struct Manifest {
    file: &'static str,
    /// The line above the list.
    above: &'static str,
}

/// The line for a client in each manifest.
fn manifest_lines(package: &str) -> [(Manifest, String); 2] {
    let workspace = Manifest {
        file: "Cargo.toml",
        above: MEMBERS,
    };
    let tests = Manifest {
        file: "tests/Cargo.toml",
        above: "[dependencies]",
    };
    [
        (workspace, format!("{package} = {{ path = {package:?} }}\n")),
        (tests, format!("{package}.workspace = true\n")),
    ]
}

impl Manifest {
    /// The manifest with an additional line, in alphabetical order.
    fn with(&self, text: &str, line: &str) -> Result<String, MembershipError> {
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        let above = lines.iter().position(|line| line.trim() == self.above);
        let Some(above) = above else {
            return Err(MembershipError::Manifest {
                file: self.file,
                line: self.above,
            });
        };
        let list = &lines[above + 1..];
        let place = list
            .iter()
            .position(|other| other.trim().is_empty() || *other > line)
            .unwrap_or(list.len());
        lines.insert(above + 1 + place, line);
        Ok(lines.concat())
    }
}

fn is_snapshot_of(path: &Path, name: &str) -> bool {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let mut parts = file.trim_end_matches(".snap").split("__");
    parts.nth(1) == Some(name)
}

fn read(root: &Path, path: &'static str) -> Result<String, MembershipError> {
    let text = std::fs::read_to_string(root.join(path));
    Ok(text.map_err(|error| RegenError::File(path.into(), error))?)
}

/// All files below a folder of the workspace; none if there is no such folder.
fn files_below(
    root: &Path,
    folder: &Path,
    found: &mut Vec<PathBuf>,
) -> Result<(), MembershipError> {
    let failed = |error| RegenError::File(folder.to_owned(), error);
    let entries = match std::fs::read_dir(root.join(folder)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error).into()),
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let path = folder.join(entry.file_name());
        if entry.file_type().map_err(failed)?.is_dir() {
            files_below(root, &path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}
