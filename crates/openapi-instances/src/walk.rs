//! Walks a schema from the root of an instance to its leaves: resolves choices, enums and arrays, and
//! delegates other types to their modules.

use serde_json::Value;

use super::location::Location;
use super::merged::{ChoiceKind, Kind, MergedSchema};
use super::number::{integer, is_integer_format, number};
use super::plausible::{Candidate, Rejections};
use super::seen::Seen;
use super::string::string;
use super::variation::{Change, unused_name};
use super::{Cause, Generator, MAX_SIZE, Result, Variation, possible};
use openapi_document::Direction;

/// The integers below this number are exact as floats.
const MAX_EXACT: f64 = (1_u64 << 53) as f64;
/// The number of additional attempts at a unique value.
pub(super) const EXTRA_ATTEMPTS: usize = 16;

/// One pass over a schema that generates one instance.
pub(super) struct Walk<'s> {
    pub(super) generator: Generator<'s>,
    /// The possible changes at the locations that are varied.
    pub(super) changes: Vec<Change>,
    /// The rejections of earlier attempts; only for plausible values.
    pub(super) rejections: Option<Rejections>,
    /// The schemas that are not varied again; only for [`Generator::unseen`].
    pub(super) seen: Option<Seen<'s>>,
    /// The number of visited locations.
    pub(super) locations: usize,
}

impl<'s> Walk<'s> {
    pub(super) fn new(generator: Generator<'s>) -> Self {
        Self {
            generator,
            changes: Vec::new(),
            rejections: None,
            seen: None,
            locations: 0,
        }
    }

    /// Generates a value that all `schemas` allow.
    pub(super) fn value(
        &mut self,
        schemas: &[&'s Value],
        location: &Location<'s>,
    ) -> Result<Value> {
        let merged = self.generator.merged(schemas, location)?;
        self.fill(merged, location)
    }

    pub(super) fn fill(
        &mut self,
        merged: MergedSchema<'s>,
        location: &Location<'s>,
    ) -> Result<Value> {
        self.locations += 1;
        if self.locations > MAX_SIZE {
            let reason = format!("the instance has more than {MAX_SIZE} locations");
            return Err(location.unsupported("$ref", reason));
        }
        if let Some(rejections) = &mut self.rejections {
            return match rejections.candidate(&self.generator, &merged, location)? {
                Candidate::Example(example) => Ok(example),
                Candidate::ByOrdinal(ordinal) => {
                    let location = Location {
                        ordinal,
                        ..location.clone()
                    };
                    self.choose(merged, &location, 0)
                }
            };
        }
        let parts = match &self.seen {
            Some(_) if location.varied => merged.parts.clone(),
            _ => return self.vary(merged, location),
        };
        let is_seen = self.seen.as_ref().is_some_and(|seen| seen.contains(&parts));
        let location = Location {
            varied: !is_seen,
            ..location.clone()
        };
        let value = self.vary(merged, &location)?;
        if let Some(seen) = &mut self.seen {
            seen.add(&parts);
        }
        Ok(value)
    }

    fn vary(&mut self, merged: MergedSchema<'s>, location: &Location<'s>) -> Result<Value> {
        let nullable = location.varied && self.generator.allows_null(&merged, location);
        let value = self.choose(merged, location, 0)?;
        if nullable && !value.is_null() {
            self.record(location, Value::Null, |pointer| Variation::Null { pointer });
        }
        Ok(value)
    }

    /// Resolves the first open choice, and recursively the others. `numbered` is the number of branches
    /// of earlier choices at this location.
    fn choose(
        &mut self,
        mut merged: MergedSchema<'s>,
        location: &Location<'s>,
        numbered: usize,
    ) -> Result<Value> {
        if merged.choices.is_empty() {
            let before = self.changes.len();
            let seen_before = self.seen.as_ref().map_or(0, Seen::len);
            let value = self.plain(&merged, location);
            // Discards the changes of a failed attempt before another one is made.
            return value.inspect_err(|_| {
                self.changes.truncate(before);
                self.seen
                    .iter_mut()
                    .for_each(|seen| seen.truncate(seen_before));
            });
        }
        let choice = merged.choices.remove(0);
        let next = numbered + choice.branches.len();
        let mut chosen = None;
        let mut failure = location.impossible("oneOf", "there is no branch other than null");
        let unvaried = Location {
            varied: false,
            ..location.clone()
        };
        // Branches rotate only for plausible values.
        let count = choice.branches.len();
        let first = match self.rejections {
            Some(_) => location.pick_index(count),
            None => 0,
        };
        for index in (first..count).chain(0..first) {
            let branch = &choice.branches[index];
            if chosen.is_some() && !location.varied {
                break;
            }
            let selected = self
                .generator
                .with_branch(&merged, &choice, branch, location);
            if selected.as_ref().is_ok_and(MergedSchema::is_null_only) {
                continue;
            }
            let at = if chosen.is_none() {
                location
            } else {
                &unvaried
            };
            match selected.and_then(|selected| self.choose(selected, at, next)) {
                Ok(value) if chosen.is_none() => chosen = Some(value),
                Ok(value) => self.record(location, value, |pointer| Variation::Branch {
                    pointer,
                    index: numbered + index,
                }),
                Err(error) if error.cause == Cause::Schema || self.rejections.is_some() => {
                    failure = error;
                }
                Err(error) => return Err(error),
            }
        }
        if location.varied && choice.kind == ChoiceKind::Any && count > 1 {
            let all = self.generator.with_all_branches(&merged, &choice, location);
            if let Ok(value) = all.and_then(|all| self.choose(all, &unvaried, next)) {
                self.record(location, value, |pointer| Variation::AllBranches {
                    pointer,
                });
            }
        }
        if chosen.is_none() {
            merged.choices.insert(0, choice);
            chosen = self
                .generator
                .allows_null(&merged, location)
                .then_some(Value::Null);
        }
        chosen.ok_or(failure)
    }

    /// Records a change.
    pub(super) fn record(
        &mut self,
        location: &Location<'_>,
        value: Value,
        variation: impl FnOnce(String) -> Variation,
    ) {
        if location.varied {
            let variation = variation(location.pointer.as_str().to_owned());
            self.changes.push(Change { variation, value });
        }
    }

    /// Generates a value of a schema without open choices.
    fn plain(&mut self, merged: &MergedSchema<'s>, location: &Location<'s>) -> Result<Value> {
        if merged.is_false {
            return Err(location.impossible("schema", "false allows nothing"));
        }
        let null = merged.null == Some(true);
        match merged.values() {
            Some(values) if !values.is_empty() => return Ok(self.listed(&values, location)),
            Some(_) if null => return Ok(Value::Null),
            Some(_) => return Err(location.impossible("enum", "no value satisfies all schemas")),
            None => {}
        }
        match merged.kinds().first() {
            None if null => Ok(Value::Null),
            None => Err(location.impossible("type", "no type satisfies all schemas")),
            Some(Kind::Boolean) => Ok(Value::Bool(
                (location.pick_index(2) == 1) != location.maximal,
            )),
            Some(Kind::Number) if !merged.strings("format").any(is_integer_format) => {
                number(merged, location)
            }
            Some(Kind::Integer | Kind::Number) => {
                let value = integer(merged, location)?;
                let fraction = value
                    .as_f64()
                    .filter(|_| self.generator.direction == Direction::Response);
                if let Some(fraction) = fraction.filter(|value| value.abs() < MAX_EXACT) {
                    self.record(location, fraction.into(), |pointer| Variation::Fraction {
                        pointer,
                    });
                }
                Ok(value)
            }
            Some(Kind::String) => string(merged, location).map(Value::String),
            Some(Kind::Array) => self.array(merged, location),
            Some(Kind::Object) => self.object(merged, location),
        }
    }

    /// Picks one of the values of an enum, which has at least one.
    fn listed(&mut self, values: &[&Value], location: &Location<'s>) -> Value {
        let index = location.pick_index(values.len());
        for other in (0..values.len()).filter(|other| *other != index) {
            let value = values[other].clone();
            self.record(location, value.clone(), |pointer| Variation::EnumValue {
                pointer,
                value,
            });
        }
        let open = self.generator.direction == Direction::Response && values.len() > 1;
        if open && values.iter().all(|value| value.is_string()) {
            let unknown = unused_name("UNKNOWN_VALUE", |string| {
                values.iter().any(|v| **v == *string)
            });
            self.record(location, unknown.into(), |pointer| {
                Variation::UnknownEnumValue { pointer }
            });
        }
        values[index].clone()
    }

    fn array(&mut self, merged: &MergedSchema<'s>, location: &Location<'s>) -> Result<Value> {
        let (min, max) = (
            merged.lower_limit("minItems"),
            merged.upper_limit("maxItems"),
        );
        if min > max {
            return Err(location.impossible("minItems", format!("{min} is above maxItems {max}")));
        }
        if min > MAX_SIZE {
            return Err(location.unsupported("minItems", format!("{min} items are too many")));
        }
        let prefix = merged
            .arrays("prefixItems")
            .map(Vec::len)
            .max()
            .unwrap_or(0);
        // Two items at every level would double the size of nested arrays with each level.
        let some = if location.depth() > 3 { 1 } else { 2 };
        let wanted = match location.maximal {
            false => min,
            // One more item than a tuple lists, if additional items are allowed.
            true if prefix > 0 => min.max(prefix + 1).min(max),
            true => min.max(some).min(max),
        };
        let mut items = Vec::new();
        while items.len() < wanted {
            let item = self.item(merged, location, &items);
            let Some(item) = possible(item, items.len() >= min)? else {
                break;
            };
            items.push(item);
        }
        if merged.has_true("uniqueItems") {
            self.drop_duplicating_changes(&items, location);
        }
        Ok(Value::Array(items))
    }

    /// Generates the item after `items`, different from them if items must be unique.
    fn item(
        &mut self,
        merged: &MergedSchema<'s>,
        location: &Location<'s>,
        items: &[Value],
    ) -> Result<Value> {
        let index = items.len();
        let schemas = merged.item(index);
        let unique = merged.has_true("uniqueItems");
        let tries = if unique { index + EXTRA_ATTEMPTS } else { 1 };
        for attempt in 0..tries {
            let ordinal = location.ordinal + index + attempt;
            let mut below = location.below(merged, &index.to_string(), &location.name, ordinal);
            below.varied &= index == 0;
            let item = self.value(&schemas, &below)?;
            if !unique || !items.contains(&item) {
                return Ok(item);
            }
        }
        let reason = format!("there are only {index} distinct items");
        Err(location.impossible("uniqueItems", reason))
    }

    /// Discards the changes that would make the first item equal to another one.
    fn drop_duplicating_changes(&mut self, items: &[Value], location: &Location<'s>) {
        let [first, others @ ..] = items else {
            return;
        };
        let first_place = location.pointer.join(0);
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
