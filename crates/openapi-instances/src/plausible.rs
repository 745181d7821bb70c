//! Selects the parts of plausible values: the examples of the document where they are valid, and other
//! candidates where the caller's validator rejects them.
//!
//! For each location there is an infinite, ordered list of candidates: the examples, then the generated
//! values by ordinal, which rotate through the branches of a choice. It is therefore sufficient to
//! count the rejections of each location; the count selects the candidate.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::location::Location;
use super::merged::MergedSchema;
use super::pattern::Pattern;
use super::{Generator, Result, possible};

/// After this many rejections of a location, its parent is rejected as well.
const REJECTIONS_PER_PARENT: usize = 4;

/// Selects one of many plausible values. Equal options result in equal values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlausibleOptions {
    /// Values of different seeds differ.
    pub seed: u64,
    /// The index among several values of one schema, starting at 0. The n-th value uses the n-th
    /// example of each location that has that many, and differs from its neighbors where the schema
    /// allows it.
    pub ordinal: usize,
    /// Whether `example`, `examples` and `default` are used.
    pub examples: bool,
}

/// The rejections of earlier attempts.
#[derive(Default)]
pub(super) struct Rejections {
    examples: bool,
    /// The number of rejections of each location.
    counts: BTreeMap<String, usize>,
    /// The locations that use an example in the current attempt.
    selected: BTreeSet<String>,
}

/// The candidate for a location.
pub(super) enum Candidate {
    Example(Value),
    ByOrdinal(usize),
}

impl Rejections {
    /// Returns no rejections. `examples` determines whether examples are candidates.
    pub(super) fn none(examples: bool) -> Self {
        Self {
            examples,
            ..Self::default()
        }
    }

    /// Returns the first candidate for a location that was not rejected.
    pub(super) fn candidate<'s>(
        &mut self,
        generator: &Generator<'s>,
        merged: &MergedSchema<'s>,
        location: &Location<'s>,
    ) -> Result<Candidate> {
        let pointer = location.pointer.as_str();
        let count = self.counts.get(pointer).copied().unwrap_or(0);
        let examples = match self.examples {
            true => generator.examples(merged, location)?,
            false => Vec::new(),
        };
        if let Some(example) = examples.get(location.ordinal + count) {
            self.selected.insert(pointer.to_owned());
            return Ok(Candidate::Example((*example).clone()));
        }
        let skipped_examples = examples.len().saturating_sub(location.ordinal).min(count);
        Ok(Candidate::ByOrdinal(
            location.ordinal + count - skipped_examples,
        ))
    }

    /// Records the rejected locations of an attempt, and prepares the next one.
    pub(super) fn reject(&mut self, pointers: &[String]) {
        for pointer in pointers {
            self.reject_one(pointer);
        }
        self.selected.clear();
    }

    /// Records a rejection: of the enclosing example if there is one, otherwise of the location itself.
    fn reject_one(&mut self, pointer: &str) {
        let holders = || std::iter::successors(Some(pointer), |at| Some(&at[..at.rfind('/')?]));
        let example = holders().find(|at| self.selected.contains(*at));
        let mut rejected = Some(example.unwrap_or(pointer));
        while let Some(at) = rejected {
            let count = self.counts.entry(at.to_owned()).or_default();
            *count += 1;
            let is_enough = count.is_multiple_of(REJECTIONS_PER_PARENT);
            rejected = at.rfind('/').map(|end| &at[..end]).filter(|_| is_enough);
        }
    }
}

impl<'s> Generator<'s> {
    /// The examples for a location that pass a quick check. Those of the outer schemas are first,
    /// because they are more specific.
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
                if !fitting.contains(&example) && self.may_fit(merged, example, location)? {
                    fitting.push(example);
                }
            }
        }
        Ok(fitting)
    }

    fn may_fit(
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
