//! YAML parsing, based on the events of `granit-parser`.
//!
//! Scalars follow the core schema of YAML 1.2: `yes` and dates are strings. The syntax is that of
//! libyaml and js-yaml, so a collection may be closed at the indentation of its parent, and a quoted
//! string may continue at any indentation. Only syntax that they also reject is an error.

use std::collections::HashMap;

use granit_parser::{
    ErrorKind, Event, Marker, Options, Parser, ScalarStyle, ScanError, Span, StrInput, Tag,
};
use serde_json::{Map, Value};

use super::places::{Located, Places, RepeatedKey};
use super::scalar::plain_scalar;
use super::{MAX_DEPTH, Parsed, SyntaxError};
use crate::compact::compact;
use crate::{Finding, Pointer, Position};

/// The maximum number of values that anchors and aliases may add to a document; see [`expansion_size`].
const MAX_EXPANDED_VALUES: usize = 1_000_000;

/// The maximum number of mistakes that are corrected in a text. Parsing restarts after each.
const MAX_CORRECTIONS: usize = 50;

/// Parses the first document of a text.
pub(super) fn parse(text: &str) -> Result<Parsed, SyntaxError> {
    let mut corrections = Vec::new();
    let mut corrected: Option<String> = None;
    loop {
        let text = corrected.as_deref().unwrap_or(text);
        let mut builder = Builder::new(text, false);
        match builder.document() {
            Ok((value, _)) => {
                let mut findings = corrections;
                findings.append(&mut builder.findings);
                return Ok(Parsed {
                    value,
                    repeats_keys: builder.repeats_keys,
                    findings,
                });
            }
            Err(Stop::Error(error)) => return Err(error),
            Err(Stop::Syntax(error)) => {
                let correction = (corrections.len() < MAX_CORRECTIONS)
                    .then(|| correct(text, &error))
                    .flatten();
                let Some((better, problem)) = correction else {
                    return Err(builder.not_yaml(&error));
                };
                corrections.push(Finding::new(
                    &builder.pointer(),
                    format!("line {}: {problem}", error.marker().line()),
                    "parsed the line as if it were correct",
                    "correct the line; other tools reject it",
                ));
                corrected = Some(better);
            }
        }
    }
}

/// Finds the positions of all values of a text that [`parse`] accepts.
pub(super) fn locate(text: &str) -> Located {
    let mut corrected: Option<String> = None;
    for _ in 0..=MAX_CORRECTIONS {
        let text = corrected.as_deref().unwrap_or(text);
        let mut builder = Builder::new(text, true);
        match builder.document() {
            Ok((_, places)) => {
                return Located {
                    places,
                    repeated: builder.repeated,
                };
            }
            Err(Stop::Syntax(error)) => match correct(text, &error) {
                Some((better, _)) => corrected = Some(better),
                None => break,
            },
            Err(Stop::Error(_)) => break,
        }
    }
    Located {
        places: Places::of(Position { line: 1, column: 1 }),
        repeated: Vec::new(),
    }
}

/// Returns the text without a mistake that some loaders ignore, and a description of the mistake. The
/// length of the text does not change.
fn correct(text: &str, error: &ScanError) -> Option<(String, &'static str)> {
    let at = error.marker().byte_offset()?;
    let line = text.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
    let mut bytes = text.to_owned().into_bytes();
    let problem = match error.kind() {
        ErrorKind::CommentNotSeparated => {
            let hash = at + text[at..].find('#')?;
            let end = text[hash..].find('\n').map_or(text.len(), |end| hash + end);
            bytes[hash..end].fill(b' ');
            "a comment follows a value without a space"
        }
        ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => {
            // All further lines at once, because a file with one such line has many.
            let mut is_indentation = true;
            let mut has_changed = false;
            for byte in &mut bytes[line..] {
                match byte {
                    b'\n' => is_indentation = true,
                    b' ' => {}
                    b'\t' if is_indentation => {
                        *byte = b' ';
                        has_changed = true;
                    }
                    _ => is_indentation = false,
                }
            }
            has_changed.then_some("a tab is used for indentation")?
        }
        _ => return None,
    };
    Some((String::from_utf8(bytes).ok()?, problem))
}

/// Why a text could not be parsed.
enum Stop {
    /// The syntax is not valid YAML.
    Syntax(ScanError),
    /// JSON cannot represent the content.
    Error(SyntaxError),
}

/// A step from a value to one inside it.
enum Step {
    Key(String),
    Index(usize),
}

struct Builder<'a> {
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Value>,
    expanded: usize,
    path: Vec<Step>,
    findings: Vec<Finding>,
    repeats_keys: bool,
    /// True if positions are recorded.
    locates: bool,
    repeated: Vec<RepeatedKey>,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, locates: bool) -> Self {
        let mut options = Options::default();
        options.emit_comments = false;
        options.emit_unresolved_aliases = true;
        options.bom_inside_document_as_content = true;
        Self {
            parser: Parser::new_from_str_with_options(text, options),
            anchors: HashMap::new(),
            expanded: 0,
            path: Vec::new(),
            findings: Vec::new(),
            repeats_keys: false,
            locates,
            repeated: Vec::new(),
        }
    }

    /// Reads the first document, and enough of the rest of the text to detect another document.
    fn document(&mut self) -> Result<(Value, Places), Stop> {
        let read = loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentStart(..) => {}
                Event::StreamEnd | Event::DocumentEnd => {
                    return Err(Stop::Error(SyntaxError {
                        position: position(&span.start),
                        pointer: None,
                        message: "the document is empty".to_owned(),
                        hint: "use an OpenAPI document in YAML or JSON",
                    }));
                }
                event => break self.value(event, &span, 0)?,
            }
        };
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::DocumentEnd => {}
                Event::DocumentStart(..) => {
                    self.find(
                        format!("another document starts in line {}", span.start.line()),
                        "ignored all documents after the first",
                        "put each document into its own file",
                    );
                    break;
                }
                _ => break,
            }
        }
        Ok(read)
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), Stop> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(Stop::Syntax(error)),
            None => Ok((Event::StreamEnd, Span::empty(Marker::new(0, 1, 0)))),
        }
    }

    fn value(
        &mut self,
        event: Event<'a>,
        span: &Span,
        depth: usize,
    ) -> Result<(Value, Places), Stop> {
        if depth > MAX_DEPTH {
            return Err(self.error(
                &span.start,
                format!("the document is nested deeper than {MAX_DEPTH} levels"),
                "check the indentation; no OpenAPI document is that deep",
            ));
        }
        let mut places = Places::of(position(&span.start));
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                (anchor, self.scalar(&text, style, tag.as_deref()))
            }
            Event::SequenceStart(_, anchor, _) => (anchor, self.sequence(&mut places, depth)?),
            Event::MappingStart(_, anchor, _) => (anchor, self.mapping(&mut places, depth)?),
            Event::Alias(anchor) => return Ok((self.alias(anchor, span)?, places)),
            Event::UnresolvedAlias(name) => {
                self.find(
                    format!("the alias `*{name}` names no anchor"),
                    "interpreted it as a string",
                    "quote it if it is a string, or define the anchor before",
                );
                return Ok((Value::String(format!("*{name}")), places));
            }
            _ => {
                return Err(self.error(
                    &span.start,
                    "a value is missing here".to_owned(),
                    "add a value, or `null`",
                ));
            }
        };
        if anchor != 0 {
            self.count_expansion(&value, span)?;
            self.anchors.insert(anchor, value.clone());
        }
        Ok((value, places))
    }

    /// Resolves a scalar by its tag, or by the core schema if it is plain.
    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
        let resolved = match tag {
            Some(tag) => match tag.core_suffix() {
                Some("int" | "float" | "bool" | "null") => true,
                Some(_) => false,
                None => style == ScalarStyle::Plain,
            },
            None => style == ScalarStyle::Plain,
        };
        if !resolved {
            return Value::String(text.to_owned());
        }
        plain_scalar(text).unwrap_or_else(|| {
            self.find(
                format!("JSON cannot represent the number `{text}`"),
                "interpreted it as a string",
                "write a finite number, or quote it if it is a string",
            );
            Value::String(text.to_owned())
        })
    }

    fn sequence(&mut self, places: &mut Places, depth: usize) -> Result<Value, Stop> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(Value::Array(items));
            }
            self.path.push(Step::Index(items.len()));
            let (item, place) = self.value(event, &span, depth + 1)?;
            self.path.pop();
            if self.locates {
                places.add_item(place);
            }
            items.push(item);
        }
    }

    fn mapping(&mut self, places: &mut Places, depth: usize) -> Result<Value, Stop> {
        let mut properties = Map::new();
        let mut merged = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, ..) => text.into_owned(),
                event => {
                    self.skip_entry(event, &span, depth)?;
                    continue;
                }
            };
            self.path.push(Step::Key(key.clone()));
            let (event, value_span) = self.next()?;
            let (value, place) = self.value(event, &value_span, depth + 1)?;
            if self.locates {
                let at = position(&span.start);
                if let Some(ignored) = places.add_property(&key, place.at_key(at))
                    && key != MERGE
                {
                    let pointer = self.pointer();
                    self.repeated.push(RepeatedKey {
                        pointer,
                        ignored,
                        next: at,
                    });
                }
            }
            self.path.pop();
            if key == MERGE {
                merged.push(value);
            } else if properties.insert(key, value).is_some() {
                self.repeats_keys = true;
            }
        }
        merge(&mut properties, merged);
        Ok(Value::Object(compact(properties)))
    }

    /// Reads an entry whose key is not a scalar, which JSON cannot represent.
    fn skip_entry(&mut self, key: Event<'a>, span: &Span, depth: usize) -> Result<(), Stop> {
        self.find(
            format!("line {}: a key is not a scalar", span.start.line()),
            "ignored the entry",
            "write the key as a string; quote it if it starts with a bracket or a brace",
        );
        self.value(key, span, depth + 1)?;
        let (event, span) = self.next()?;
        self.value(event, &span, depth + 1)?;
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: &Span) -> Result<Value, Stop> {
        let Some(value) = self.anchors.get(&anchor).cloned() else {
            self.find(
                "the alias is inside its own anchor",
                "interpreted it as null",
                "write a recursive schema with `$ref`",
            );
            return Ok(Value::Null);
        };
        self.count_expansion(&value, span)?;
        Ok(value)
    }

    /// Adds to the expansion count, and fails if it exceeds the limit.
    fn count_expansion(&mut self, value: &Value, span: &Span) -> Result<(), Stop> {
        self.expanded += expansion_size(value);
        if self.expanded <= MAX_EXPANDED_VALUES {
            return Ok(());
        }
        Err(self.error(
            &span.start,
            format!(
                "anchors and aliases expand the document by more than {MAX_EXPANDED_VALUES} values"
            ),
            "write shared parts as components with `$ref`",
        ))
    }

    fn pointer(&self) -> Pointer {
        let steps = self.path.iter();
        steps.fold(Pointer::root(), |pointer, step| match step {
            Step::Key(key) => pointer.join(key),
            Step::Index(index) => pointer.join(index),
        })
    }

    /// Adds a finding about the current value.
    fn find(&mut self, problem: impl Into<String>, repair: &str, hint: &str) {
        let finding = Finding::new(&self.pointer(), problem, repair, hint);
        self.findings.push(finding);
    }

    fn not_yaml(&self, error: &ScanError) -> SyntaxError {
        let message = match error.info() {
            info if info.contains("recursion") || info.contains("nest") => {
                format!("the document is nested too deeply: {info}")
            }
            info => format!("not YAML: {info}"),
        };
        SyntaxError {
            position: position(error.marker()),
            pointer: Some(self.pointer()),
            message,
            hint: "correct the syntax here or just before",
        }
    }

    fn error(&self, marker: &Marker, message: String, hint: &'static str) -> Stop {
        Stop::Error(SyntaxError {
            position: position(marker),
            pointer: Some(self.pointer()),
            message,
            hint,
        })
    }
}

/// The key whose mapping, or list of mappings, is merged into its parent.
const MERGE: &str = "<<";

/// Inserts the entries of `<<` mappings, or lists of mappings, whose keys the mapping does not have
/// itself.
fn merge(properties: &mut Map<String, Value>, merged: Vec<Value>) {
    for source in merged {
        match source {
            Value::Object(source) => {
                for (key, value) in source {
                    properties.entry(key).or_insert(value);
                }
            }
            Value::Array(sources) => merge(properties, sources),
            _ => {}
        }
    }
}
/// The number of values in a value. Every 64 bytes of a string count as one more.
fn expansion_size(value: &Value) -> usize {
    let text = |text: &str| text.len() / 64;
    1 + match value {
        Value::String(value) => text(value),
        Value::Array(items) => items.iter().map(expansion_size).sum(),
        Value::Object(properties) => {
            let properties = properties.iter();
            properties
                .map(|(name, value)| text(name) + expansion_size(value))
                .sum()
        }
        _ => 0,
    }
}

fn position(marker: &Marker) -> Position {
    Position {
        line: marker.line(),
        column: marker.col() + 1,
    }
}
