//! YAML 1.2 parsing with the core schema, based on the events of `saphyr-parser`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput};
use serde_json::{Map, Number, Value};

use super::{MAX_DEPTH, SyntaxError};
use crate::compact::compact;
use crate::{Pointer, Position};

/// The maximum number of values that anchors and aliases may add to a document; see [`expansion_size`].
const MAX_EXPANDED_VALUES: usize = 1_000_000;

/// Parses a text with one YAML document.
pub(super) fn parse(text: &str) -> Result<Value, SyntaxError> {
    let mut builder = Builder::new(text, None);
    builder.document()
}

/// Returns the positions of the `wanted` pointers that exist in the text.
pub(super) fn locate(text: &str, wanted: &BTreeSet<Pointer>) -> BTreeMap<Pointer, Position> {
    let mut builder = Builder::new(text, Some(wanted));
    // The text was parsed before. If this parse fails, the positions up to the error are returned.
    let _ = builder.document();
    builder.positions
}

struct Builder<'a> {
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Value>,
    expanded: usize,
    pointer: Pointer,
    wanted: Option<&'a BTreeSet<Pointer>>,
    positions: BTreeMap<Pointer, Position>,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, wanted: Option<&'a BTreeSet<Pointer>>) -> Self {
        Self {
            parser: Parser::new_from_str(text),
            anchors: HashMap::new(),
            expanded: 0,
            pointer: Pointer::root(),
            wanted,
            positions: BTreeMap::new(),
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
        self.record_position(&span);
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let value = match plain {
                    true => plain_scalar(&text),
                    false => Some(Value::String(text.clone().into_owned())),
                };
                let Some(value) = value else {
                    return Err(self.error(
                        &span.start,
                        format!("JSON cannot represent the number `{text}`"),
                        "write a finite number, or quote it if it is a string",
                    ));
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
            self.count_expansion(&value, &span)?;
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    /// Records the position if the current pointer is wanted. For a property, the key is recorded,
    /// because it is visited before the value.
    fn record_position(&mut self, span: &Span) {
        if self
            .wanted
            .is_some_and(|wanted| wanted.contains(&self.pointer))
        {
            let positions = self.positions.entry(self.pointer.clone());
            positions.or_insert_with(|| position(&span.start));
        }
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(Value::Array(items));
            }
            let outer = self.pointer.clone();
            self.pointer = outer.join(items.len());
            items.push(self.value(event, span, depth + 1)?);
            self.pointer = outer;
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        let mut properties = Map::new();
        let mut merged = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, ..) => text.into_owned(),
                _ => {
                    return Err(self.error(
                        &span.start,
                        "a mapping key is not a scalar".to_owned(),
                        "OpenAPI documents have only scalar keys",
                    ));
                }
            };
            let outer = self.pointer.clone();
            self.pointer = outer.join(&key);
            self.record_position(&span);
            if properties.contains_key(&key) {
                return Err(self.error(
                    &span.start,
                    format!("duplicate key `{key}`"),
                    super::DUPLICATE_HINT,
                ));
            }
            let (event, value_span) = self.next()?;
            let value = self.value(event, value_span, depth + 1)?;
            self.pointer = outer;
            if key == "<<" {
                merged.push(value);
            } else {
                properties.insert(key, value);
            }
        }
        merge(&mut properties, merged);
        Ok(Value::Object(compact(properties)))
    }

    fn alias(&mut self, anchor: usize, span: &Span) -> Result<Value, SyntaxError> {
        let Some(value) = self.anchors.get(&anchor).cloned() else {
            return Err(self.error(
                &span.start,
                "the alias is inside its own anchor".to_owned(),
                "write a recursive schema with `$ref`",
            ));
        };
        self.count_expansion(&value, span)?;
        Ok(value)
    }

    /// Adds to the expansion count, and fails if it exceeds the limit.
    fn count_expansion(&mut self, value: &Value, span: &Span) -> Result<(), SyntaxError> {
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
            pointer: Some(self.pointer.clone()),
            message,
            hint,
        }
    }
}

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

/// Resolves a plain scalar by the core schema (YAML 1.2.2, section 10.3.2). `None` for a number that is
/// infinite, NaN or out of the range of a 64-bit float.
fn plain_scalar(text: &str) -> Option<Value> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return None,
        _ if matches!(
            text.trim_start_matches(['+', '-']),
            ".inf" | ".Inf" | ".INF"
        ) =>
        {
            return None;
        }
        _ => match number(text) {
            Some(Ok(number)) => Value::Number(number),
            Some(Err(Infinite)) => return None,
            None => Value::String(text.to_owned()),
        },
    })
}

/// A number out of the range of a 64-bit float.
struct Infinite;

/// Parses a number; `None` if the text does not have the form of one.
fn number(text: &str) -> Option<Result<Number, Infinite>> {
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16)
            .ok()
            .map(|number| Ok(number.into()));
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return u64::from_str_radix(octal, 8)
            .ok()
            .map(|number| Ok(number.into()));
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
            return Some(Ok(integer.into()));
        }
        if let Ok(integer) = text.parse::<u64>() {
            return Some(Ok(integer.into()));
        }
    }
    let float = text.parse().ok()?;
    Some(Number::from_f64(float).ok_or(Infinite))
}
