//! Loads a YAML or JSON file as a JSON value, and finds the line and column of its parts.
//!
//! All files that common loaders accept are accepted, unless they contain no value. Each repaired mistake is a
//! [`Finding`]. Positions are computed once per file, when the first is requested, by parsing the source again.

mod encoding;
mod json;
mod places;
mod scalar;
mod yaml;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use crate::{Diagnostic, Finding, Pointer, Position, anchors};
use places::{Located, Places};

/// The maximum nesting depth of a document. Real descriptions have less than 40 levels.
const MAX_DEPTH: usize = 120;

/// The maximum size of a file in bytes. The largest descriptions in use have a quarter of this size.
const MAX_BYTES: u64 = 64 << 20;

/// A loaded document with its source text.
#[derive(Debug, Clone)]
pub struct Document {
    /// The file name as the caller passed it.
    pub file: String,
    /// The whole document, including the bundled files.
    pub root: Value,
    source: Arc<Source>,
    /// The parts with another origin, by their location in the document.
    pub(crate) parts: BTreeMap<Pointer, Part>,
    /// The mistakes of the syntax that were repaired.
    pub(crate) findings: Vec<Finding>,
    /// The references that could not be bundled, by their location.
    pub(crate) unresolved: BTreeMap<Pointer, Unresolved>,
}

/// A source text and its syntax.
#[derive(Debug, Default)]
pub(crate) struct Source {
    text: String,
    syntax: Syntax,
    places: OnceLock<Places>,
}

/// What a parser has read.
struct Parsed {
    value: Value,
    /// True if an object has a key several times. The last is kept.
    repeats_keys: bool,
    findings: Vec<Finding>,
}

/// The origin of a part of a document: another file, or another location.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// The file, relative to the folder of the document; empty for the document itself.
    pub(crate) file: PathBuf,
    /// Its location in that file.
    pub(crate) pointer_in_file: Pointer,
    /// The source of that file.
    pub(crate) source: Arc<Source>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Syntax {
    Json,
    #[default]
    Yaml,
}

/// A syntax error, before the file name is known.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SyntaxError {
    position: Position,
    pointer: Option<Pointer>,
    message: String,
    hint: &'static str,
}

/// Why a reference could not be bundled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unresolved {
    pub(crate) problem: String,
    pub(crate) hint: String,
}

impl Unresolved {
    pub(crate) fn new(problem: String, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        Self { problem, hint }
    }
}

impl Document {
    /// Reads and parses one file, without bundling.
    pub(crate) fn read(path: &Path) -> Result<Self, Diagnostic> {
        let file = path.display().to_string();
        match read_file(path) {
            Ok(text) => Self::parse(file, text),
            Err((message, hint)) => Err(Diagnostic {
                file,
                position: None,
                pointer: None,
                message,
                hint: hint.to_owned(),
            }),
        }
    }

    /// Parses a source text like [`Document::load`], without bundling. `file` is used in diagnostics
    /// only.
    ///
    /// # Errors
    /// The syntax errors of [`Document::load`].
    pub fn parse(file: impl Into<String>, text: impl Into<String>) -> Result<Self, Diagnostic> {
        let (file, text) = (file.into(), text.into());
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        };
        let (syntax, parsed) = match text.trim_start().starts_with('{') {
            true => match json::parse(&text) {
                Ok(parsed) => (Syntax::Json, Ok(parsed)),
                Err(error) => match yaml::parse(&text) {
                    Ok(mut parsed) => {
                        parsed.findings.push(not_quite_json(&error));
                        (Syntax::Yaml, Ok(parsed))
                    }
                    Err(_) => (Syntax::Json, Err(error)),
                },
            },
            false => (Syntax::Yaml, yaml::parse(&text)),
        };
        let Parsed {
            value: mut root,
            repeats_keys,
            mut findings,
        } = parsed.map_err(|error| Diagnostic {
            file: file.clone(),
            position: Some(error.position),
            pointer: error.pointer,
            message: error.message,
            hint: error.hint.to_owned(),
        })?;
        anchors::resolve(&mut root, &text);
        let source = Source {
            text,
            syntax,
            places: OnceLock::new(),
        };
        if repeats_keys {
            findings.append(&mut source.repeated_keys());
        }
        Ok(Self {
            file,
            root,
            source: Arc::new(source),
            parts: BTreeMap::new(),
            findings,
            unresolved: BTreeMap::new(),
        })
    }

    /// True if the source is JSON, false if it is YAML.
    pub fn is_json(&self) -> bool {
        self.source.syntax == Syntax::Json
    }

    /// True if parts came from other files.
    pub fn is_bundled(&self) -> bool {
        let mut parts = self.parts.values();
        parts.any(|part| !part.file.as_os_str().is_empty())
    }

    /// Returns the position of the value at `pointer`: that of the key for a property, that of the
    /// value for an array item. If the source does not contain the value, for instance because an
    /// overlay added it, returns the position of its nearest ancestor. For a part of another file, the
    /// position is in that file.
    pub fn position(&self, pointer: &Pointer) -> Option<Position> {
        self.pointer_in_document(pointer).1
    }

    /// Creates a diagnostic about one location in this document.
    pub fn diagnostic(
        &self,
        pointer: &Pointer,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Diagnostic {
        let (file, position) = self.pointer_in_document(pointer);
        Diagnostic {
            file,
            position,
            pointer: Some(pointer.clone()),
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// The same document with other content, and without findings. `moved` has pairs of a location in
    /// `root` and one in this document.
    pub(crate) fn with_root(&self, root: Value, moved: &[(Pointer, Pointer)]) -> Self {
        let mut parts = self.parts.clone();
        for (now, before) in moved {
            parts.retain(|place, _| place.within(now).is_none());
            parts.insert(now.clone(), self.part_of(before));
            let inside = self.parts.iter().filter_map(|(place, part)| {
                let inside = place.within(before)?;
                Some((inside.below(now), part.clone()))
            });
            parts.extend(inside);
        }
        Self {
            file: self.file.clone(),
            root,
            source: self.source(),
            parts,
            findings: Vec::new(),
            unresolved: BTreeMap::new(),
        }
    }

    pub(crate) fn source(&self) -> Arc<Source> {
        Arc::clone(&self.source)
    }

    /// Returns the name of the file that contains the value at `pointer`, and the position in it.
    fn pointer_in_document(&self, pointer: &Pointer) -> (String, Option<Position>) {
        let part = self.part_of(pointer);
        let file = if part.file.as_os_str().is_empty() {
            self.file.clone()
        } else {
            let folder = Path::new(&self.file).parent().unwrap_or(Path::new(""));
            folder.join(part.file).display().to_string()
        };
        (file, Some(part.source.position(&part.pointer_in_file)))
    }

    /// Returns the origin of the value at `pointer`.
    pub(crate) fn part_of(&self, pointer: &Pointer) -> Part {
        let mut outwards = std::iter::successors(Some(pointer.clone()), Pointer::parent);
        let around = outwards.find_map(|outer| {
            let part = self.parts.get(&outer)?;
            let inside = pointer.within(&outer)?;
            Some(Part {
                pointer_in_file: inside.below(&part.pointer_in_file),
                ..part.clone()
            })
        });
        around.unwrap_or_else(|| Part {
            file: PathBuf::new(),
            pointer_in_file: pointer.clone(),
            source: self.source(),
        })
    }
}

impl Finding {
    /// The finding as an error in `document`.
    pub fn diagnostic(&self, document: &Document) -> Diagnostic {
        document.diagnostic(&self.pointer, &*self.problem, &*self.hint)
    }
}

/// Returns the text of a file, or an error message and a hint.
fn read_file(path: &Path) -> Result<String, (String, &'static str)> {
    let unreadable = |error| {
        let message = format!("cannot be read: {error}");
        (message, "specify the path of an existing UTF-8 file")
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    // Reading one byte more than allowed detects a file that is too large even if its size is unknown.
    let mut limited = file.take(MAX_BYTES + 1);
    limited.read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        let message = format!("is larger than {} MiB", MAX_BYTES >> 20);
        return Err((message, "no OpenAPI document is that large"));
    }
    encoding::decode(&bytes)
}

impl Source {
    /// The position of the value at `pointer`, or that of its nearest ancestor in the source.
    fn position(&self, pointer: &Pointer) -> Position {
        let places = self.places.get_or_init(|| self.locate().places);
        places.nearest(pointer)
    }

    fn locate(&self) -> Located {
        match self.syntax {
            Syntax::Json => json::locate(&self.text),
            Syntax::Yaml => yaml::locate(&self.text),
        }
    }

    fn repeated_keys(&self) -> Vec<Finding> {
        let repeated = self.locate().repeated.into_iter();
        let findings = repeated.map(|repeated| {
            let key = repeated.pointer.tokens().last().unwrap_or_default();
            let (ignored, next) = (repeated.ignored.line, repeated.next.line);
            Finding::new(
                &repeated.pointer,
                format!("duplicate key `{key}` in line {ignored} and line {next}"),
                format!("ignored the one in line {ignored}"),
                "keep one of the two; if both are needed, use different names, paths or methods",
            )
        });
        findings.collect()
    }
}

/// The finding for a file that starts like JSON, but is parsed as YAML.
fn not_quite_json(error: &SyntaxError) -> Finding {
    let line = error.position.line;
    Finding::new(
        &Pointer::root(),
        format!("line {line}: {}", error.message),
        "parsed the file as YAML",
        "correct the line if the file is intended to be JSON",
    )
}

#[cfg(test)]
mod tests;
