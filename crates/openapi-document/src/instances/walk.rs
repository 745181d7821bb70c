//! The way through a schema from the top of an instance to its leaves: choices settled, enums,
//! arrays, and each other kind of value handed to the module that makes it.

use serde_json::Value;

use super::number::{integer, is_integer_format, number};
use super::place::Place;
use super::plan::{Made, Objections};
use super::seen::Seen;
use super::shape::{Kind, Shape};
use super::text::text;
use super::variation::{Change, unlisted};
use super::{Blame, Direction, Generator, Result, Variation};

/// No walk visits more places than this, and no string, array or object is longer.
pub(super) const LARGEST: usize = 100_000;
/// How often more than needed something unique is tried for.
pub(super) const SPARE_TRIES: usize = 16;

/// One pass over a schema, making one instance.
pub(super) struct Walk<'s> {
    pub(super) generator: Generator<'s>,
    /// Changes that could be made at the places that are varied.
    pub(super) changes: Vec<Change>,
    /// What was found wrong with earlier tries; only where there is a plan.
    pub(super) objections: Option<Objections>,
    /// The schemas that are varied no more; only where they are remembered.
    pub(super) seen: Option<Seen<'s>>,
    /// How many places it has visited.
    pub(super) places: usize,
}

impl<'s> Walk<'s> {
    pub(super) fn new(generator: Generator<'s>) -> Self {
        Self {
            generator,
            changes: Vec::new(),
            objections: None,
            seen: None,
            places: 0,
        }
    }

    /// A value that all of `schemas` allow.
    pub(super) fn value(&mut self, schemas: &[&'s Value], place: &Place<'s>) -> Result<Value> {
        let shape = self.generator.shape(schemas, place)?;
        self.fill(shape, place)
    }

    pub(super) fn fill(&mut self, shape: Shape<'s>, place: &Place<'s>) -> Result<Value> {
        self.places += 1;
        if self.places > LARGEST {
            let reason = format!("the instance has more than {LARGEST} places");
            return Err(place.unsupported("$ref", reason));
        }
        if let Some(objections) = &mut self.objections {
            return match objections.option(&self.generator, &shape, place)? {
                Made::Example(example) => Ok(example),
                Made::ByOrdinal(ordinal) => {
                    let place = Place {
                        ordinal,
                        ..place.clone()
                    };
                    self.choose(shape, &place, 0)
                }
            };
        }
        let parts = match &self.seen {
            Some(_) if place.varied => shape.parts.clone(),
            _ => return self.vary(shape, place),
        };
        let is_seen = self.seen.as_ref().is_some_and(|seen| seen.contains(&parts));
        let place = Place {
            varied: !is_seen,
            ..place.clone()
        };
        let value = self.vary(shape, &place)?;
        if let Some(seen) = &mut self.seen {
            seen.add(&parts);
        }
        Ok(value)
    }

    fn vary(&mut self, shape: Shape<'s>, place: &Place<'s>) -> Result<Value> {
        let nullable = place.varied && self.generator.allows_null(&shape, place);
        let value = self.choose(shape, place, 0)?;
        if nullable && !value.is_null() {
            self.record(place, Value::Null, |pointer| Variation::Null { pointer });
        }
        Ok(value)
    }

    /// Settles the first choice left, and so the others in turn. `numbered` branches at this
    /// place came before it.
    fn choose(
        &mut self,
        mut shape: Shape<'s>,
        place: &Place<'s>,
        numbered: usize,
    ) -> Result<Value> {
        if shape.choices.is_empty() {
            let before = self.changes.len();
            let seen_before = self.seen.as_ref().map_or(0, Seen::len);
            let value = self.plain(&shape, place);
            // Whoever tries something else instead must not inherit the changes of what failed.
            return value.inspect_err(|_| {
                self.changes.truncate(before);
                self.seen
                    .iter_mut()
                    .for_each(|seen| seen.truncate(seen_before));
            });
        }
        let choice = shape.choices.remove(0);
        let next = numbered + choice.branches.len();
        let mut chosen = None;
        let mut obstacle = place.impossible("oneOf", "there is no branch but null");
        let unvaried = Place {
            varied: false,
            ..place.clone()
        };
        // Only a plan takes branches by turns.
        let count = choice.branches.len();
        let first = match self.objections {
            Some(_) => place.turn(count),
            None => 0,
        };
        for index in (first..count).chain(0..first) {
            let branch = &choice.branches[index];
            if chosen.is_some() && !place.varied {
                break;
            }
            let taken = self.generator.with_branch(&shape, choice, branch, place);
            if taken.as_ref().is_ok_and(Shape::is_null_only) {
                continue;
            }
            let at = if chosen.is_none() { place } else { &unvaried };
            match taken.and_then(|taken| self.choose(taken, at, next)) {
                Ok(value) if chosen.is_none() => chosen = Some(value),
                Ok(value) => self.record(place, value, |pointer| Variation::Branch {
                    pointer,
                    index: numbered + index,
                }),
                Err(error) if error.blame == Blame::Schema || self.objections.is_some() => {
                    obstacle = error;
                }
                Err(error) => return Err(error),
            }
        }
        if chosen.is_none() {
            shape.choices.insert(0, choice);
            chosen = self
                .generator
                .allows_null(&shape, place)
                .then_some(Value::Null);
        }
        chosen.ok_or(obstacle)
    }

    /// Notes a change, given the pointer to its place.
    pub(super) fn record(
        &mut self,
        place: &Place<'_>,
        value: Value,
        variation: impl FnOnce(String) -> Variation,
    ) {
        if place.varied {
            let variation = variation(place.pointer.as_str().to_owned());
            self.changes.push(Change { variation, value });
        }
    }

    /// A value of a shape without choices.
    fn plain(&mut self, shape: &Shape<'s>, place: &Place<'s>) -> Result<Value> {
        if shape.never {
            return Err(place.impossible("schema", "false allows nothing"));
        }
        let null = shape.null == Some(true);
        match shape.values() {
            Some(values) if !values.is_empty() => return Ok(self.listed(&values, place)),
            Some(_) if null => return Ok(Value::Null),
            Some(_) => return Err(place.impossible("enum", "no value is left")),
            None => {}
        }
        match shape.kinds().first() {
            None if null => Ok(Value::Null),
            None => Err(place.impossible("type", "no type is left")),
            Some(Kind::Boolean) => Ok(Value::Bool((place.turn(2) == 1) != place.full)),
            Some(Kind::Number) if !shape.texts("format").any(is_integer_format) => {
                number(shape, place)
            }
            Some(Kind::Integer | Kind::Number) => integer(shape, place),
            Some(Kind::String) => text(shape, place).map(Value::String),
            Some(Kind::Array) => self.array(shape, place),
            Some(Kind::Object) => self.object(shape, place),
        }
    }

    /// One of the values of an enum, which are at least one.
    fn listed(&mut self, values: &[&Value], place: &Place<'s>) -> Value {
        let index = place.turn(values.len());
        for other in (0..values.len()).filter(|other| *other != index) {
            let value = values[other].clone();
            self.record(place, value.clone(), |pointer| Variation::EnumValue {
                pointer,
                value,
            });
        }
        let open = self.generator.direction == Direction::Answer && values.len() > 1;
        if open && values.iter().all(|value| value.is_string()) {
            let unknown = unlisted("UNKNOWN_VALUE", |text| values.iter().any(|v| **v == *text));
            self.record(place, unknown.into(), |pointer| {
                Variation::UnknownEnumValue { pointer }
            });
        }
        values[index].clone()
    }

    fn array(&mut self, shape: &Shape<'s>, place: &Place<'s>) -> Result<Value> {
        let (least, most) = (shape.at_least("minItems"), shape.at_most("maxItems"));
        if least > most {
            return Err(place.impossible("minItems", format!("{least} is above maxItems {most}")));
        }
        if least > LARGEST {
            return Err(place.unsupported("minItems", format!("{least} items are too many")));
        }
        let prefix = shape.arrays("prefixItems").map(Vec::len).max().unwrap_or(0);
        // A tree of arrays of two doubles with every level.
        let some = if place.depth() > 3 { 1 } else { 2 };
        let wanted = match place.full {
            false => least,
            true => least.max(prefix).max(some).min(most),
        };
        let mut items = Vec::new();
        while items.len() < wanted {
            let item = self.item(shape, place, &items);
            let Some(item) = possible(item, items.len() >= least)? else {
                break;
            };
            items.push(item);
        }
        if shape.says("uniqueItems") {
            self.keep_unique(&items, place);
        }
        Ok(Value::Array(items))
    }

    /// The item after those in `items`, other than they if items must be unique.
    fn item(&mut self, shape: &Shape<'s>, place: &Place<'s>, items: &[Value]) -> Result<Value> {
        let index = items.len();
        let schemas = shape.item(index);
        let unique = shape.says("uniqueItems");
        let tries = if unique { index + SPARE_TRIES } else { 1 };
        for attempt in 0..tries {
            let ordinal = place.ordinal + index + attempt;
            let mut below = place.below(shape, &index.to_string(), &place.name, ordinal);
            below.varied &= index == 0;
            let item = self.value(&schemas, &below)?;
            if !unique || !items.contains(&item) {
                return Ok(item);
            }
        }
        let reason = format!("there are not more than {index} items");
        Err(place.impossible("uniqueItems", reason))
    }

    /// Forgets the changes that would make the first item equal to another one.
    fn keep_unique(&mut self, items: &[Value], place: &Place<'s>) {
        let [first, others @ ..] = items else {
            return;
        };
        let first_place = place.pointer.join(0);
        self.changes.retain(|change| {
            let pointer = change.variation.pointer();
            let Some(pointer) = pointer.strip_prefix(first_place.as_str()) else {
                return true;
            };
            let mut changed = first.clone();
            change.apply(&mut changed, pointer);
            !others.contains(&changed)
        });
    }
}

/// The outcome, or nothing if the schema rules it out where it is optional.
pub(super) fn possible<T>(outcome: Result<T>, optional: bool) -> Result<Option<T>> {
    match outcome {
        Err(error) if optional && error.blame == Blame::Schema => Ok(None),
        outcome => outcome.map(Some),
    }
}
