//! Plausible values: the examples of the document where they fit, and another value wherever the
//! caller, who knows all of the schema's keywords, finds fault with the one that was made.
//!
//! A fault is a place in the value. What can stand at a place is an ordered list without end: the
//! examples, then what is made for one ordinal after the other, which takes the branches of a choice
//! by turns. So all that is remembered of the faults is how often each place was objected to, and
//! that says which entry of its list is to be taken.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::location::Location;
use super::merged::MergedSchema;
use super::pattern::Pattern;
use super::walk::{Walk, possible};
use super::{Generator, Result, Unsatisfiable};

/// After this many tries the last value is given up.
const MAX_ATTEMPTS: usize = 64;
/// After this many objections to a place, what it stands in is objected to as well.
const REJECTIONS_PER_PARENT: usize = 4;

/// Which of many plausible values is wanted. The same plan gives the same value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlausibleOptions {
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
        options: PlausibleOptions,
        mut violations: impl FnMut(&Value) -> Vec<String>,
    ) -> Result<Value, Unsatisfiable> {
        let top = Location {
            maximal: true,
            prefer_small: true,
            seed: options.seed,
            ordinal: options.ordinal,
            ..Location::default()
        };
        let mut rejections = Rejections {
            examples: options.examples,
            ..Rejections::default()
        };
        for _ in 0..MAX_ATTEMPTS {
            let mut walk = Walk::new(*self);
            rejections.selected.clear();
            walk.rejections = Some(rejections);
            let value = walk.value(&[schema], &top)?;
            rejections = walk.rejections.unwrap_or_default();
            let wrong = violations(&value);
            if wrong.is_empty() {
                return Ok(value);
            }
            for pointer in &wrong {
                rejections.object(pointer);
            }
        }
        let reason = format!("no value without fault is among {MAX_ATTEMPTS}");
        Err(top.unsupported("schema", reason))
    }
}

/// What was found wrong with earlier tries.
#[derive(Default)]
pub(super) struct Rejections {
    examples: bool,
    /// How often each place was objected to.
    times: BTreeMap<String, usize>,
    /// Where the present try stands on an example.
    selected: BTreeSet<String>,
}

/// What is to stand at a place.
pub(super) enum Candidate {
    Example(Value),
    ByOrdinal(usize),
}

impl Rejections {
    /// The first entry of a place's list that was not objected to.
    pub(super) fn candidate<'s>(
        &mut self,
        generator: &Generator<'s>,
        merged: &MergedSchema<'s>,
        location: &Location<'s>,
    ) -> Result<Candidate> {
        let pointer = location.pointer.as_str();
        let times = self.times.get(pointer).copied().unwrap_or(0);
        let examples = match self.examples {
            true => generator.examples(merged, location)?,
            false => Vec::new(),
        };
        if let Some(example) = examples.get(location.ordinal + times) {
            self.selected.insert(pointer.to_owned());
            return Ok(Candidate::Example((*example).clone()));
        }
        let skipped_examples = examples.len().saturating_sub(location.ordinal).min(times);
        Ok(Candidate::ByOrdinal(
            location.ordinal + times - skipped_examples,
        ))
    }

    /// Remembers a fault: of the example that the place stands in, else of the place itself.
    fn object(&mut self, pointer: &str) {
        let holders = || std::iter::successors(Some(pointer), |at| Some(&at[..at.rfind('/')?]));
        let example = holders().find(|at| self.selected.contains(*at));
        let mut blamed = Some(example.unwrap_or(pointer));
        while let Some(at) = blamed {
            let times = self.times.entry(at.to_owned()).or_default();
            *times += 1;
            let is_enough = times.is_multiple_of(REJECTIONS_PER_PARENT);
            blamed = at.rfind('/').map(|end| &at[..end]).filter(|_| is_enough);
        }
    }
}

impl<'s> Generator<'s> {
    /// The examples for a place that can be told at a glance to fit. What encloses the others comes
    /// first, for it knows more.
    fn examples(
        &self,
        merged: &MergedSchema<'s>,
        location: &Location<'s>,
    ) -> Result<Vec<&'s Value>> {
        let mut fitting = Vec::new();
        for part in merged.parts.iter().rev() {
            let lists = part.get("examples").and_then(Value::as_array);
            let single = [part.get("example"), part.get("default")];
            let examples = lists.into_iter().flatten();
            for example in examples.chain(single.into_iter().flatten()) {
                if !fitting.contains(&example) && self.could_be(merged, example, location)? {
                    fitting.push(example);
                }
            }
        }
        Ok(fitting)
    }

    fn could_be(
        &self,
        merged: &MergedSchema<'s>,
        example: &Value,
        location: &Location<'s>,
    ) -> Result<bool> {
        let kinds = merged.kinds();
        let typed = merged.values_of("type").next().is_some();
        if typed && !kinds.iter().any(|kind| kind.has(example)) {
            return Ok(false);
        }
        if merged
            .values()
            .is_some_and(|values| !values.contains(&example))
        {
            return Ok(false);
        }
        match example {
            Value::String(string) => {
                let patterns = merged.strings("pattern").map(Pattern::parse);
                Ok(patterns.flatten().all(|pattern| pattern.matches(string)))
            }
            Value::Object(properties) => {
                for name in properties.keys() {
                    let below = location.below(merged, name, name, location.ordinal);
                    let property = self.merged(&merged.property(name), &below);
                    let property = possible(property, true)?;
                    if property.is_some_and(|property| property.is_omitted(self.direction)) {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ => Ok(true),
        }
    }
}
