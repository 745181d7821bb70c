//! YAML 1.2 with its core schema, by the events of `saphyr-parser`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput};
use serde_json::{Map, Number, Value};

use super::{MAX_DEPTH, SyntaxError};
use crate::Pointer;
use crate::Position;

/// How many values all aliases of a document may add to it.
const MAX_ALIASED_VALUES: usize = 1_000_000;

/// Parses a text that holds one YAML document.
pub(super) fn parse(text: &str) -> Result<Value, SyntaxError> {
    let mut builder = Builder::new(text, None);
    builder.document()
}

/// Where the text names each of the `wanted` places that it has.
pub(super) fn locate(text: &str, wanted: &BTreeSet<Pointer>) -> BTreeMap<Pointer, Position> {
    let mut builder = Builder::new(text, Some(wanted));
    // The text has been parsed before; whatever is found before an error is found.
    let _ = builder.document();
    builder.found
}

struct Builder<'a> {
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Value>,
    aliased: usize,
    here: Pointer,
    wanted: Option<&'a BTreeSet<Pointer>>,
    found: BTreeMap<Pointer, Position>,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, wanted: Option<&'a BTreeSet<Pointer>>) -> Self {
        Self {
            parser: Parser::new_from_str(text),
            anchors: HashMap::new(),
            aliased: 0,
            here: Pointer::root(),
            wanted,
            found: BTreeMap::new(),
        }
    }

    fn document(&mut self) -> Result<Value, SyntaxError> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
                Event::StreamEnd | Event::DocumentEnd => {
                    return Err(SyntaxError {
                        position: position(&span.start),
                        pointer: None,
                        message: "the document is empty".to_owned(),
                        hint: "give an OpenAPI document in YAML or JSON",
                    });
                }
                event => return self.value(event, span, 0),
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), SyntaxError> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(self.not_yaml(&error)),
            None => Ok((Event::StreamEnd, Span::empty(Marker::new(0, 1, 0)))),
        }
    }

    fn value(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Value, SyntaxError> {
        if depth > MAX_DEPTH {
            return Err(self.error(
                &span.start,
                format!("the document is nested deeper than {MAX_DEPTH} levels"),
                "check the indentation; no OpenAPI document is that deep",
            ));
        }
        self.find(&span);
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let value = if plain {
                    plain_scalar(&text)
                } else {
                    Value::String(text.into_owned())
                };
                (anchor, value)
            }
            Event::SequenceStart(anchor, _) => (anchor, self.sequence(depth)?),
            Event::MappingStart(anchor, _) => (anchor, self.mapping(depth)?),
            Event::Alias(anchor) => return self.alias(anchor, &span),
            _ => {
                return Err(self.error(
                    &span.start,
                    "a value is missing here".to_owned(),
                    "give a value, or `null`",
                ));
            }
        };
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    /// Notes the position if this place is wanted. A member is met by its name first, then by its
    /// value.
    fn find(&mut self, span: &Span) {
        if self
            .wanted
            .is_some_and(|wanted| wanted.contains(&self.here))
        {
            let found = self.found.entry(self.here.clone());
            found.or_insert_with(|| position(&span.start));
        }
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(Value::Array(items));
            }
            let outer = self.here.clone();
            self.here = outer.join(items.len());
            items.push(self.value(event, span, depth + 1)?);
            self.here = outer;
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        let mut members = Map::new();
        let mut merged = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, ..) => text.into_owned(),
                _ => {
                    return Err(self.error(
                        &span.start,
                        "the name of a member is not a scalar".to_owned(),
                        "OpenAPI documents have plain member names only",
                    ));
                }
            };
            let outer = self.here.clone();
            self.here = outer.join(&key);
            self.find(&span);
            if members.contains_key(&key) {
                return Err(self.error(
                    &span.start,
                    format!("`{key}` stands twice in one object"),
                    super::TWICE,
                ));
            }
            let (event, value_span) = self.next()?;
            let value = self.value(event, value_span, depth + 1)?;
            self.here = outer;
            if key == "<<" {
                merged.push(value);
            } else {
                members.insert(key, value);
            }
        }
        merge(&mut members, merged);
        Ok(Value::Object(members))
    }

    fn alias(&mut self, anchor: usize, span: &Span) -> Result<Value, SyntaxError> {
        let Some(value) = self.anchors.get(&anchor) else {
            return Err(self.error(
                &span.start,
                "the alias stands inside its own anchor".to_owned(),
                "write a recursive schema with `$ref`",
            ));
        };
        self.aliased += count(value);
        if self.aliased > MAX_ALIASED_VALUES {
            return Err(self.error(
                &span.start,
                format!("its aliases make the document grow by over {MAX_ALIASED_VALUES} values"),
                "write shared parts as components with `$ref`",
            ));
        }
        Ok(value.clone())
    }

    fn not_yaml(&self, error: &ScanError) -> SyntaxError {
        let message = match error.info() {
            info if info.contains("recursion") => {
                format!("the document is nested too deeply: {info}")
            }
            info => format!("not YAML: {info}"),
        };
        self.error(
            error.marker(),
            message,
            "correct the syntax here or just before",
        )
    }

    fn error(&self, marker: &Marker, message: String, hint: &'static str) -> SyntaxError {
        SyntaxError {
            position: position(marker),
            pointer: Some(self.here.clone()),
            message,
            hint,
        }
    }
}

/// The members of `<<` mappings, or of lists of them, go in where the mapping has none of its own.
fn merge(members: &mut Map<String, Value>, merged: Vec<Value>) {
    for source in merged {
        match source {
            Value::Object(source) => {
                for (key, value) in source {
                    members.entry(key).or_insert(value);
                }
            }
            Value::Array(sources) => merge(members, sources),
            _ => {}
        }
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

fn position(marker: &Marker) -> Position {
    Position {
        line: marker.line(),
        column: marker.col() + 1,
    }
}

/// YAML 1.2.2 section 10.3.2, the core schema.
fn plain_scalar(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number),
    }
}

fn number(text: &str) -> Option<Number> {
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(Number::from);
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return u64::from_str_radix(octal, 8).ok().map(Number::from);
    }
    let unsigned = text.trim_start_matches(['+', '-']);
    let is_number = text.len() - unsigned.len() <= 1
        && unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && unsigned
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    if !is_number {
        return None;
    }
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        if let Ok(integer) = text.trim_start_matches('+').parse::<i64>() {
            return Some(integer.into());
        }
        if let Ok(integer) = text.parse::<u64>() {
            return Some(integer.into());
        }
    }
    Number::from_f64(text.parse().ok()?)
}
