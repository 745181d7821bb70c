//! Bundling: merges the files that a document refers to into the document.
//!
//! Before: `$ref: schemas/role.yaml` or `$ref: common.yaml#/components/schemas/Role`. After: `$ref:
//! '#/components/schemas/Role'`, and a component of that name.
//!
//! A location in another file becomes one component, even if there are several references to it, so
//! files may refer to each other cyclically. The component is named after the last token of the
//! pointer, or after the file. If that name is in use, the file name is prepended, and then a number is
//! appended. Path items, operations and media types replace the reference instead, because OpenAPI 3.0
//! has no components for them.
//!
//! A reference is resolved relative to the file that contains it, and `../` may leave the folder of the
//! document: a description is trusted input. Each file must be a YAML or JSON document. A URL is read
//! from the file that a [`ReferenceMap`] names; nothing is ever fetched. A reference that does not
//! resolve is kept, with the reason in [`Document::unresolved`].

mod reference_map;
mod references;
mod sections;

use std::collections::{BTreeMap, VecDeque};
use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value};

use crate::document::{Document, Part, Unresolved};
use crate::walk::Kind;
use crate::{Diagnostic, Finding, Pointer, anchors};
use references::{is_file_reference, references};

pub use reference_map::ReferenceMap;

/// The maximum number of files of one document.
const MAX_FILES: usize = 10_000;

impl Document {
    /// Reads and parses a file, and bundles the files that it refers to. A file that starts with `{` is
    /// parsed as JSON, any other as YAML. Referenced parts become components; path items, operations
    /// and media types replace their references. References are relative to the file that contains them
    /// and may leave its folder by `../`. A reference that does not resolve is kept;
    /// [`check`](crate::check()) reports it.
    ///
    /// # Errors
    /// The file cannot be read, is larger than 64 MiB, or is not in UTF-8, UTF-16 or UTF-32; it is neither
    /// YAML nor JSON; it is nested too deeply (more than 120 levels in YAML, 127 in JSON). The same applies to
    /// each file that it refers to.
    pub fn load(path: &Path) -> Result<Self, Diagnostic> {
        Self::load_mapped(path, &ReferenceMap::default())
    }

    /// Like [`Document::load`], and reads the URLs in `map` from files.
    ///
    /// # Errors
    /// Those of [`Document::load`].
    pub fn load_mapped(path: &Path, map: &ReferenceMap) -> Result<Self, Diagnostic> {
        Ok(bundle(Self::read(path)?, path, map))
    }
}

/// Merges the files that `document`, which was read from `path`, refers to.
fn bundle(document: Document, path: &Path, map: &ReferenceMap) -> Document {
    if !document.root.is_object() {
        return document;
    }
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let name = PathBuf::from(path.file_name().unwrap_or_default());
    let mut bundler = Bundler {
        folder,
        map,
        files: BTreeMap::new(),
        entry: name.clone(),
        component_names: BTreeMap::new(),
        queue: VecDeque::new(),
        used_names: used_names(&document.root),
        parts: BTreeMap::new(),
        unresolved: BTreeMap::new(),
    };
    bundler.files.insert(name.clone(), document.clone());
    let mut bundled = document;
    let mut root = bundled.root.take();
    let whole = Origin {
        file: name,
        pointer_in_file: Pointer::root(),
        pointer_in_document: Pointer::root(),
    };
    bundler.expand_sections(&mut root);
    bundler.resolve_references(&mut root, Kind::Document, &whole);
    while let Some(target) = bundler.queue.pop_front() {
        let section = section_of(target.kind).unwrap_or_default();
        let Some(mut value) = bundler.value(&target.file, &target.pointer).cloned() else {
            continue;
        };
        let origin = Origin {
            file: target.file,
            pointer_in_file: target.pointer,
            pointer_in_document: Pointer::of(["components", section, &target.name]),
        };
        bundler.add_part(&origin);
        bundler.resolve_references(&mut value, target.kind, &origin);
        let components = property(&mut root, "components");
        property(components, section)[&target.name] = value;
    }
    bundled.root = root;
    bundled.findings.extend(bundler.findings());
    bundled.parts = bundler.parts;
    bundled.unresolved = bundler.unresolved;
    bundled
}

/// A location in another file that becomes a component.
#[derive(Debug, Clone)]
struct Target {
    file: PathBuf,
    pointer: Pointer,
    kind: Kind,
    name: String,
}

/// The source and the destination of a value.
struct Origin {
    file: PathBuf,
    /// Its location in that file.
    pointer_in_file: Pointer,
    /// Its location in the bundled document.
    pointer_in_document: Pointer,
}

struct Bundler<'a> {
    /// The folder of the document. All file names are relative to it.
    folder: PathBuf,
    map: &'a ReferenceMap,
    entry: PathBuf,
    files: BTreeMap<PathBuf, Document>,
    /// The component names of the bundled locations, by section.
    component_names: BTreeMap<(PathBuf, Pointer, &'static str), String>,
    queue: VecDeque<Target>,
    used_names: BTreeMap<&'static str, Vec<String>>,
    parts: BTreeMap<Pointer, Part>,
    /// By their location in the document.
    unresolved: BTreeMap<Pointer, Unresolved>,
}

impl Bundler<'_> {
    /// Replaces every reference in `value`, an object of the given `kind`, with one inside the
    /// document.
    fn resolve_references(&mut self, value: &mut Value, kind: Kind, origin: &Origin) {
        for reference in references(value, kind) {
            let Some(text) = reference.pointer.get(value).and_then(Value::as_str) else {
                continue;
            };
            let is_entry = origin.file == self.entry;
            let text = match reference.is_mapping {
                true => match self.mapping_reference(text, &origin.file) {
                    Some(text) => text,
                    None => continue,
                },
                false => text.to_owned(),
            };
            if is_entry && text.starts_with('#') {
                continue;
            }
            let place = reference.pointer.below(&origin.pointer_in_document);
            if section_of(reference.kind).is_some() {
                match self.internal_reference(&text, reference.kind, &origin.file) {
                    Ok(internal) => {
                        if let Some(found) = reference.pointer.get_mut(value) {
                            *found = internal.into();
                        }
                    }
                    Err(reason) => {
                        self.unresolved.insert(place, reason);
                    }
                }
                continue;
            }
            let holder_in_document = reference.holder.below(&origin.pointer_in_document);
            match self.inline(&text, reference.kind, &origin.file, holder_in_document) {
                Ok(mut inlined) => {
                    if let Some(holder) = reference.holder.get_mut(value) {
                        // The keywords beside the reference override those of the target.
                        let own = holder.as_object().into_iter().flatten();
                        if let Some(inlined) = inlined.as_object_mut() {
                            let own = own.filter(|(name, _)| *name != "$ref");
                            inlined.extend(own.map(|(name, own)| (name.clone(), own.clone())));
                        }
                        *holder = inlined;
                    }
                }
                Err(reason) => {
                    self.unresolved.insert(place, reason);
                }
            }
        }
    }

    /// The value of a discriminator `mapping` as a reference; `None` if it is the name of a component of
    /// the document. In another file, a name is that of a component of that file, if there is one.
    fn mapping_reference(&self, text: &str, file: &Path) -> Option<String> {
        if is_file_reference(text) || text.starts_with('#') {
            return Some(text.to_owned());
        }
        let component = Pointer::of(["components", "schemas", text]);
        let is_of_file = file != self.entry && self.value(file, &component).is_some();
        is_of_file.then(|| component.to_string())
    }

    /// Returns the reference inside the bundled document that replaces `text`, a reference in the file
    /// `from`.
    fn internal_reference(
        &mut self,
        text: &str,
        kind: Kind,
        from: &Path,
    ) -> Result<String, Unresolved> {
        let (file, pointer) = self.target(text, from)?;
        if file == self.entry {
            return Ok(pointer.to_string());
        }
        let Some(section) = section_of(kind) else {
            return Ok(text.to_owned());
        };
        let key = (file.clone(), pointer.clone(), section);
        if let Some(name) = self.component_names.get(&key) {
            return Ok(Pointer::of(["components", section, name]).to_string());
        }
        let name = self.name(&file, &pointer, section);
        self.component_names.insert(key, name.clone());
        let internal_reference = Pointer::of(["components", section, &name]).to_string();
        self.queue.push_back(Target {
            file,
            pointer,
            kind,
            name,
        });
        Ok(internal_reference)
    }

    /// Returns the target of a reference that cannot become a component, such as a path item, an
    /// operation or a media type. Its own references are replaced as well. `pointer_in_document` is its
    /// new location.
    fn inline(
        &mut self,
        text: &str,
        kind: Kind,
        from: &Path,
        pointer_in_document: Pointer,
    ) -> Result<Value, Unresolved> {
        let (mut text, mut from) = (text.to_owned(), from.to_owned());
        for _ in 0..MAX_FILES {
            let (file, pointer_in_file) = self.target(&text, &from)?;
            let mut value = self
                .value(&file, &pointer_in_file)
                .cloned()
                .unwrap_or_default();
            if let Some(next) = value.get("$ref").and_then(Value::as_str) {
                (text, from) = (next.to_owned(), file);
                continue;
            }
            let origin = Origin {
                file,
                pointer_in_file,
                pointer_in_document,
            };
            // The recursion ends because each level contains only smaller kinds of objects.
            self.resolve_references(&mut value, kind, &origin);
            self.add_part(&origin);
            return Ok(value);
        }
        Err(Unresolved::new(
            format!("the reference `{text}` is circular"),
            "refer to something that does not refer back here",
        ))
    }

    /// Returns the file that a reference in the file `from` names, and the location in it, which exists
    /// unless the file is the document itself.
    fn target(&mut self, text: &str, from: &Path) -> Result<(PathBuf, Pointer), Unresolved> {
        let (file, fragment) = text.split_once('#').unwrap_or((text, ""));
        let file = match file {
            "" => from.to_owned(),
            _ => self.read_file(text, file, from)?,
        };
        let root = self.files.get(&file).map(|document| &document.root);
        let pointer = match Pointer::parse(&format!("#{fragment}")) {
            Some(pointer) => Some(pointer),
            None => root.and_then(|root| anchors::find(root, fragment)),
        };
        // The document itself may still change, so `check` looks into it.
        let exists = |pointer: &Pointer| {
            file == self.entry || root.is_some_and(|root| pointer.get(root).is_some())
        };
        let Some(pointer) = pointer.filter(exists) else {
            return Err(Unresolved::new(
                format!("there is no `#{fragment}` in {}", file.display()),
                "add the target, or refer to an existing one",
            ));
        };
        Ok((file, pointer))
    }

    /// Reads the file of the reference `text`, unless it has been read. Returns its path.
    fn read_file(&mut self, text: &str, file: &str, from: &Path) -> Result<PathBuf, Unresolved> {
        let fragment_pointer = Pointer::parse(&format!("#/{file}"));
        let decoded = fragment_pointer.map_or(file.to_owned(), |fragment_pointer| {
            fragment_pointer.as_str()[1..].to_owned()
        });
        let path = if file.contains("://") || file.starts_with("//") {
            self.map.file_of(&decoded).ok_or_else(|| {
                Unresolved::new(
                    format!("the reference `{text}` is a URL, and URLs are not fetched"),
                    format!(
                        "save the file and pass `--map {file}=FILE`, or add it to `map` of the API in \
                         specs/apis.toml"
                    ),
                )
            })?
        } else if Path::new(&decoded).has_root() || decoded.contains(':') {
            return Err(Unresolved::new(
                format!("the reference `{text}` is an absolute path"),
                "write it relative to the file that contains it",
            ));
        } else {
            let folder = from.parent().unwrap_or(Path::new(""));
            normalize(&folder.join(decoded))
        };
        if !self.files.contains_key(&path) {
            if self.files.len() >= MAX_FILES {
                return Err(Unresolved::new(
                    format!("the document consists of more than {MAX_FILES} files"),
                    "combine some of them",
                ));
            }
            let read = Document::read(&self.folder.join(&path)).map_err(|error| {
                let position = error.position;
                let line = position.map_or(String::new(), |at| format!(", line {}:", at.line));
                Unresolved::new(
                    format!("the file of the reference `{text}`{line} {}", error.message),
                    "add the file, correct it, or refer to another one",
                )
            })?;
            self.files.insert(path.clone(), read);
        }
        Ok(path)
    }

    fn value(&self, file: &Path, pointer_in_file: &Pointer) -> Option<&Value> {
        let document = self.files.get(file)?;
        pointer_in_file.get(&document.root)
    }

    /// The findings in the other files, at their locations in the document.
    fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (place, part) in &self.parts {
            let Some(document) = self.files.get(&part.file) else {
                continue;
            };
            for finding in &document.findings {
                if let Some(inside) = finding.pointer.within(&part.pointer_in_file) {
                    let pointer = inside.below(place);
                    findings.push(Finding {
                        pointer,
                        ..finding.clone()
                    });
                }
            }
        }
        findings
    }

    /// Chooses a component name: the plain name, the name with that of the file, or with a number.
    fn name(&mut self, file: &Path, pointer: &Pointer, section: &'static str) -> String {
        let plain = |name: &str| -> String {
            let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            let name = name.chars().map(|c| if allowed(c) { c } else { '_' });
            name.collect()
        };
        let stem = plain(&file.file_stem().unwrap_or_default().to_string_lossy());
        let last = pointer.tokens().last().map(|last| plain(&last));
        let own = last.filter(|last| !last.is_empty()).unwrap_or(stem.clone());
        let used_names = self.used_names.entry(section).or_default();
        let numbered = (2..).map(|number| format!("{stem}_{own}_{number}"));
        let mut names = [own.clone(), format!("{stem}_{own}")]
            .into_iter()
            .chain(numbered);
        let name = names.find(|name| !used_names.contains(name)).unwrap_or(own);
        used_names.push(name.clone());
        name
    }

    fn add_part(&mut self, origin: &Origin) {
        let document = self.files.get(&origin.file);
        let part = Part {
            file: origin.file.clone(),
            pointer_in_file: origin.pointer_in_file.clone(),
            source: document.map(Document::source).unwrap_or_default(),
        };
        self.parts.insert(origin.pointer_in_document.clone(), part);
    }
}

/// The section of the Components Object for a kind of object.
fn section_of(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Schema => "schemas",
        Kind::Parameter => "parameters",
        Kind::Header => "headers",
        Kind::RequestBody => "requestBodies",
        Kind::Response => "responses",
        _ => return None,
    })
}

/// The kinds of objects that become components.
const COMPONENTS: [Kind; 5] = [
    Kind::Schema,
    Kind::Parameter,
    Kind::Header,
    Kind::RequestBody,
    Kind::Response,
];

/// The component names that the document itself defines.
fn used_names(root: &Value) -> BTreeMap<&'static str, Vec<String>> {
    let sections = COMPONENTS.into_iter().filter_map(section_of);
    let names = |section: &str| {
        let components = root["components"][section].as_object();
        components.map_or(Vec::new(), |names| names.keys().cloned().collect())
    };
    sections.map(|section| (section, names(section))).collect()
}

/// Returns the object under `name` in `holder`. Creates it if it is missing; replaces a value of
/// another type.
fn property<'a>(holder: &'a mut Value, name: &str) -> &'a mut Value {
    let property = &mut holder[name];
    if !property.is_object() {
        *property = Value::Object(Map::new());
    }
    property
}

/// Removes `.` and, where possible, `..` from a path.
fn normalize(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests;
