//! JSON parsing by `serde_json`. The last of several properties with the same key is kept.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use super::places::{Located, Places, RepeatedKey};
use super::{Parsed, SyntaxError};
use crate::compact::compact;
use crate::{Pointer, Position};

/// Parses one JSON document.
pub(super) fn parse(text: &str) -> Result<Parsed, SyntaxError> {
    let repeats_keys = Cell::new(false);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let parsed = LastOfEachKey(&repeats_keys)
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    let value = parsed.map_err(|error| {
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
    })?;
    Ok(Parsed {
        value,
        repeats_keys: repeats_keys.get(),
        findings: Vec::new(),
    })
}

/// Finds the positions of all values of a text that [`parse`] accepts.
pub(super) fn locate(text: &str) -> Located {
    let mut search = Search {
        text,
        before: 0,
        here: Position { line: 1, column: 1 },
        pointer: Pointer::root(),
        repeated: Vec::new(),
    };
    let places = search.value(text.trim_start());
    Located {
        places,
        repeated: search.repeated,
    }
}

/// A walk through a text in its order, so that lines are counted in one pass.
struct Search<'a> {
    text: &'a str,
    /// The byte offset of the last position.
    before: usize,
    /// The last position.
    here: Position,
    pointer: Pointer,
    repeated: Vec<RepeatedKey>,
}

impl Search<'_> {
    /// The positions of `value`, a slice of the text.
    fn value(&mut self, value: &str) -> Places {
        let mut places = Places::of(self.position(value));
        if value.starts_with('[') {
            let items: Vec<&RawValue> = serde_json::from_str(value).unwrap_or_default();
            for (index, item) in items.into_iter().enumerate() {
                let outer = self.enter(&index.to_string());
                places.add_item(self.value(item.get()));
                self.pointer = outer;
            }
        } else if value.starts_with('{') {
            let RawObject(properties) = serde_json::from_str(value).unwrap_or_default();
            for (raw_key, value) in properties {
                let key: String = serde_json::from_str(raw_key.get()).unwrap_or_default();
                let at = self.position(raw_key.get());
                let outer = self.enter(&key);
                let place = self.value(value.get()).at_key(at);
                if let Some(ignored) = places.add_property(&key, place) {
                    self.repeated.push(RepeatedKey {
                        pointer: self.pointer.clone(),
                        ignored,
                        next: at,
                    });
                }
                self.pointer = outer;
            }
        }
        places
    }

    /// Moves to an inner value. Returns the pointer to return to.
    fn enter(&mut self, token: &str) -> Pointer {
        let inside = self.pointer.join(token);
        std::mem::replace(&mut self.pointer, inside)
    }

    /// The position of `part`, a slice of the text that is not before the last position.
    fn position(&mut self, part: &str) -> Position {
        let offset = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let between = self.text.get(self.before..offset).unwrap_or_default();
        match between.rfind('\n') {
            Some(newline) => {
                self.here.line += between.matches('\n').count();
                self.here.column = 1 + between[newline + 1..].chars().count();
            }
            None => self.here.column += between.chars().count(),
        }
        self.before = offset;
        self.here
    }
}

/// The entries of an object in source order, including repeated keys.
#[derive(Default)]
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

/// Deserializes a [`Value`], and sets the flag if an object repeats a key.
#[derive(Clone, Copy)]
struct LastOfEachKey<'a>(&'a Cell<bool>);

impl<'de> DeserializeSeed<'de> for LastOfEachKey<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for LastOfEachKey<'_> {
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
        while let Some(item) = seq.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut properties = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(self)?;
            if properties.insert(key, value).is_some() {
                self.0.set(true);
            }
        }
        Ok(Value::Object(compact(properties)))
    }
}
