//! The positions of the values of one source text.

use std::collections::HashMap;

use crate::{Pointer, Position};

/// The position of a value, and those of the values inside it. For a property it is the position of
/// the key.
#[derive(Debug, Clone)]
pub(super) struct Places {
    at: Position,
    inside: Inside,
}

#[derive(Debug, Clone)]
enum Inside {
    Nothing,
    Properties(HashMap<Box<str>, Places>),
    Items(Vec<Places>),
}

/// The positions of the values of a text, and the keys that it repeats.
#[derive(Debug)]
pub(super) struct Located {
    pub(super) places: Places,
    pub(super) repeated: Vec<RepeatedKey>,
}

/// A key that occurs again in one object.
#[derive(Debug)]
pub(super) struct RepeatedKey {
    pub(super) pointer: Pointer,
    /// The position of the occurrence that is ignored.
    pub(super) ignored: Position,
    /// The position of the next occurrence.
    pub(super) next: Position,
}

impl Places {
    /// A value without values inside it.
    pub(super) fn of(at: Position) -> Self {
        Self {
            at,
            inside: Inside::Nothing,
        }
    }

    /// Adds a property. Returns the position of the property with this key that it replaces.
    pub(super) fn add_property(&mut self, key: &str, place: Self) -> Option<Position> {
        if !matches!(self.inside, Inside::Properties(_)) {
            self.inside = Inside::Properties(HashMap::new());
        }
        match &mut self.inside {
            Inside::Properties(properties) => {
                let replaced = properties.insert(key.into(), place);
                replaced.map(|replaced| replaced.at)
            }
            _ => None,
        }
    }

    /// Adds an item to a list.
    pub(super) fn add_item(&mut self, place: Self) {
        match &mut self.inside {
            Inside::Items(items) => items.push(place),
            _ => self.inside = Inside::Items(vec![place]),
        }
    }

    /// The same value at the position of its key.
    pub(super) fn at_key(self, at: Position) -> Self {
        Self { at, ..self }
    }

    /// The position of the value at `pointer`, or that of its nearest ancestor in the text.
    pub(super) fn nearest(&self, pointer: &Pointer) -> Position {
        let mut here = self;
        for token in pointer.tokens() {
            let inside = match &here.inside {
                Inside::Nothing => None,
                Inside::Properties(properties) => properties.get(&*token),
                Inside::Items(items) => {
                    let index: Option<usize> = token.parse().ok();
                    index.and_then(|index| items.get(index))
                }
            };
            match inside {
                Some(inside) => here = inside,
                None => break,
            }
        }
        here.at
    }
}
