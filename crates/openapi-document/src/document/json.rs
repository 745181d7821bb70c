//! JSON parsing by `serde_json`, with detection of duplicate keys and lookup of positions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use super::SyntaxError;
use crate::compact::compact;
use crate::{Pointer, Position};

/// Parses one JSON document.
pub(super) fn parse(text: &str) -> Result<Value, SyntaxError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let parsed = UniqueKeys
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    parsed.map_err(|error| {
        if let Some((pointer, start)) = first_duplicate(text) {
            return SyntaxError {
                position: position(text, start),
                message: format!(
                    "duplicate key `{}`",
                    pointer.tokens().last().unwrap_or_default()
                ),
                pointer: Some(pointer),
                hint: super::DUPLICATE_HINT,
            };
        }
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        SyntaxError {
            position: Position {
                line: error.line(),
                column: error.column(),
            },
            pointer: None,
            message: if message.contains("recursion limit") {
                "the document is nested too deeply".to_owned()
            } else {
                format!("not JSON: {message}")
            },
            hint: "correct the syntax here or just before",
        }
    })
}

/// Returns the positions of the `wanted` pointers that exist in the text. Their ancestors must be
/// included in `wanted`, because other values are not searched.
pub(super) fn locate(text: &str, wanted: &BTreeSet<Pointer>) -> BTreeMap<Pointer, Position> {
    fn search<'a>(
        here: (Pointer, &'a str, &'a str),
        wanted: &BTreeSet<Pointer>,
        found: &mut Vec<(Pointer, &'a str)>,
    ) {
        let (pointer, name, value) = here;
        if !wanted.contains(&pointer) {
            return;
        }
        if value.trim_start().starts_with('[') {
            let items: Vec<&RawValue> = serde_json::from_str(value).unwrap_or_default();
            for (index, item) in items.into_iter().enumerate() {
                search((pointer.join(index), item.get(), item.get()), wanted, found);
            }
        } else if let Ok(RawObject(properties)) = serde_json::from_str(value) {
            for (name, value) in properties {
                let pointer = pointer.join(unquoted_name(name));
                search((pointer, name.get(), value.get()), wanted, found);
            }
        }
        found.push((pointer, name));
    }
    let mut found = Vec::new();
    let whole = text.trim_start();
    search((Pointer::root(), whole, whole), wanted, &mut found);
    let mut found: Vec<(usize, Pointer)> = found
        .into_iter()
        .map(|(pointer, name)| (offset(text, name), pointer))
        .collect();
    // In the order of the text, so that lines are counted in one pass.
    found.sort();
    let (mut before, mut here) = (0, Position { line: 1, column: 1 });
    found
        .into_iter()
        .map(|(offset, pointer)| {
            let between = &text[before..offset];
            if let Some(newline) = between.rfind('\n') {
                here.line += between.matches('\n').count();
                here.column = 1 + between[newline + 1..].chars().count();
            } else {
                here.column += between.chars().count();
            }
            before = offset;
            (pointer, here)
        })
        .collect()
}

/// Returns the first duplicate key and the byte offset of its second occurrence.
fn first_duplicate(text: &str) -> Option<(Pointer, usize)> {
    fn search(text: &str, here: &str, pointer: &Pointer) -> Option<(Pointer, usize)> {
        match here.trim_start().chars().next()? {
            '[' => {
                let items: Vec<&RawValue> = serde_json::from_str(here).ok()?;
                items
                    .iter()
                    .enumerate()
                    .find_map(|(index, item)| search(text, item.get(), &pointer.join(index)))
            }
            '{' => {
                let RawObject(properties) = serde_json::from_str(here).ok()?;
                let mut seen = std::collections::HashSet::new();
                properties.iter().find_map(|(name, value)| {
                    let pointer = pointer.join(unquoted_name(name));
                    if seen.insert(unquoted_name(name)) {
                        search(text, value.get(), &pointer)
                    } else {
                        Some((pointer, offset(text, name.get())))
                    }
                })
            }
            _ => None,
        }
    }
    search(text, text, &Pointer::root())
}

/// The key as a string, without quotes and escapes.
fn unquoted_name(name: &RawValue) -> String {
    serde_json::from_str(name.get()).unwrap_or_default()
}

/// The byte offset of `part`, a slice of `text`.
fn offset(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

fn position(text: &str, offset: usize) -> Position {
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Position {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

/// The entries of an object in source order, including duplicates.
struct RawObject<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de> serde::Deserialize<'de> for RawObject<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RawObjectVisitor;
        impl<'de> Visitor<'de> for RawObjectVisitor {
            type Value = RawObject<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut properties = Vec::new();
                while let Some(property) = map.next_entry()? {
                    properties.push(property);
                }
                Ok(RawObject(properties))
            }
        }
        deserializer.deserialize_map(RawObjectVisitor)
    }
}

/// Deserializes a [`Value`] and rejects duplicate keys.
struct UniqueKeys;

impl<'de> DeserializeSeed<'de> for UniqueKeys {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for UniqueKeys {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(UniqueKeys)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut properties = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value_seed(UniqueKeys)?;
            if properties.insert(name, value).is_some() {
                return Err(A::Error::custom("duplicate key"));
            }
        }
        Ok(Value::Object(compact(properties)))
    }
}
