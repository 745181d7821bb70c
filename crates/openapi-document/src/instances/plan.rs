//! Plausible values: the examples of the document where they fit, and another value wherever the
//! caller, who knows all of the schema's keywords, finds fault with the one that was made.
//!
//! A fault is a place in the value. What can stand at a place is an ordered list without end: the
//! examples, then what is made for one ordinal after the other, which takes the branches of a choice
//! by turns. So all that is remembered of the faults is how often each place was objected to, and
//! that says which entry of its list is to be taken.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::pattern::Pattern;
use super::place::Place;
use super::shape::Shape;
use super::walk::{Walk, possible};
use super::{Generator, Result, Unsatisfiable};

/// After this many tries the last value is given up.
const TRIES: usize = 64;
/// After this many objections to a place, what it stands in is objected to as well.
const PATIENCE: usize = 4;

/// Which of many plausible values is wanted. The same plan gives the same value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Plan {
    /// Sets the values of one plan apart from those of others.
    pub seed: u64,
    /// Which of several values of one schema, counted from 0: the n-th takes the n-th example of
    /// each place that has so many, and differs from its neighbours where the schema lets it.
    pub ordinal: usize,
    /// Whether `example`, `examples` and `default` are looked at.
    pub examples: bool,
}

impl<'a> Generator<'a> {
    /// A value that could be real, and that `faults` finds nothing wrong with. Like [`most`], but made
    /// of the examples that the schema and its parts have, so far as the plan lets them.
    ///
    /// `faults` is given a value and answers with the places in it, as JSON pointers, that break the
    /// schema. Something else is then put there, until no fault is left. Whatever this module does not
    /// look at itself is so left to a validator.
    ///
    /// [`most`]: Self::most
    ///
    /// # Errors
    /// If no instance exists, or none without fault is found in 64 tries. Does not panic.
    pub fn plausible(
        &self,
        schema: &Value,
        plan: Plan,
        mut faults: impl FnMut(&Value) -> Vec<String>,
    ) -> Result<Value, Unsatisfiable> {
        let top = Place {
            full: true,
            modest: true,
            seed: plan.seed,
            ordinal: plan.ordinal,
            ..Place::default()
        };
        let mut objections = Objections {
            examples: plan.examples,
            ..Objections::default()
        };
        for _ in 0..TRIES {
            let mut walk = Walk::new(*self);
            objections.taken.clear();
            walk.objections = Some(objections);
            let value = walk.value(&[schema], &top)?;
            objections = walk.objections.unwrap_or_default();
            let wrong = faults(&value);
            if wrong.is_empty() {
                return Ok(value);
            }
            for pointer in &wrong {
                objections.object(pointer);
            }
        }
        let reason = format!("no value without fault is among {TRIES}");
        Err(top.unsupported("schema", reason))
    }
}

/// What was found wrong with earlier tries.
#[derive(Default)]
pub(super) struct Objections {
    examples: bool,
    /// How often each place was objected to.
    times: BTreeMap<String, usize>,
    /// Where the present try stands on an example.
    taken: BTreeSet<String>,
}

/// What is to stand at a place.
pub(super) enum Made {
    Example(Value),
    ByOrdinal(usize),
}

impl Objections {
    /// The first entry of a place's list that was not objected to.
    pub(super) fn option<'s>(
        &mut self,
        generator: &Generator<'s>,
        shape: &Shape<'s>,
        place: &Place<'s>,
    ) -> Result<Made> {
        let pointer = place.pointer.as_str();
        let times = self.times.get(pointer).copied().unwrap_or(0);
        let examples = match self.examples {
            true => generator.examples(shape, place)?,
            false => Vec::new(),
        };
        if let Some(example) = examples.get(place.ordinal + times) {
            self.taken.insert(pointer.to_owned());
            return Ok(Made::Example((*example).clone()));
        }
        let passed_over = examples.len().saturating_sub(place.ordinal).min(times);
        Ok(Made::ByOrdinal(place.ordinal + times - passed_over))
    }

    /// Remembers a fault: of the example that the place stands in, else of the place itself.
    fn object(&mut self, pointer: &str) {
        let holders = || std::iter::successors(Some(pointer), |at| Some(&at[..at.rfind('/')?]));
        let example = holders().find(|at| self.taken.contains(*at));
        let mut blamed = Some(example.unwrap_or(pointer));
        while let Some(at) = blamed {
            let times = self.times.entry(at.to_owned()).or_default();
            *times += 1;
            let is_enough = times.is_multiple_of(PATIENCE);
            blamed = at.rfind('/').map(|end| &at[..end]).filter(|_| is_enough);
        }
    }
}

impl<'s> Generator<'s> {
    /// The examples for a place that can be told at a glance to fit. What encloses the others comes
    /// first, for it knows more.
    fn examples(&self, shape: &Shape<'s>, place: &Place<'s>) -> Result<Vec<&'s Value>> {
        let mut fitting = Vec::new();
        for part in shape.parts.iter().rev() {
            let lists = part.get("examples").and_then(Value::as_array);
            let single = [part.get("example"), part.get("default")];
            let examples = lists.into_iter().flatten();
            for example in examples.chain(single.into_iter().flatten()) {
                if !fitting.contains(&example) && self.could_be(shape, example, place)? {
                    fitting.push(example);
                }
            }
        }
        Ok(fitting)
    }

    fn could_be(&self, shape: &Shape<'s>, example: &Value, place: &Place<'s>) -> Result<bool> {
        let kinds = shape.kinds();
        let typed = shape.each("type").next().is_some();
        if typed && !kinds.iter().any(|kind| kind.has(example)) {
            return Ok(false);
        }
        if shape
            .values()
            .is_some_and(|values| !values.contains(&example))
        {
            return Ok(false);
        }
        match example {
            Value::String(text) => {
                let patterns = shape.texts("pattern").map(Pattern::parse);
                Ok(patterns.flatten().all(|pattern| pattern.matches(text)))
            }
            Value::Object(members) => {
                for name in members.keys() {
                    let below = place.below(shape, name, name, place.ordinal);
                    let member = self.shape(&shape.member(name), &below);
                    let member = possible(member, true)?;
                    if member.is_some_and(|member| member.stays_behind(self.direction)) {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ => Ok(true),
        }
    }
}
