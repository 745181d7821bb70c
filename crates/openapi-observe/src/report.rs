//! The report of an observation.

use std::fmt;

use serde_json::{Value, json};

use crate::deviation::{Deviation, Example};
use crate::{Observation, yaml};

/// The maximum number of operations and unmatched requests that are listed.
const MAX_LISTED: usize = 20;

impl Observation {
    /// The deviations that a client cannot decode, or decodes without its type.
    pub fn to_accept(&self) -> impl Iterator<Item = &Deviation> {
        self.deviations
            .iter()
            .filter(|deviation| !deviation.is_tolerated())
    }

    /// The report as JSON.
    pub fn to_json(&self) -> Value {
        let deviations = self.deviations.iter().map(|deviation| {
            json!({
                "location": deviation.location.to_string(),
                "what": deviation.describe(),
                "count": deviation.count,
                "operations": deviation.operations,
                "source": deviation.example.source,
                "path": deviation.example.path,
                "tolerated": deviation.is_tolerated(),
            })
        });
        let actions = self.actions.iter().map(|action| action.to_json());
        json!({
            "matched": self.matched,
            "unmatched": self.unmatched,
            "deviations": deviations.collect::<Vec<_>>(),
            "actions": actions.collect::<Vec<_>>(),
        })
    }
}

/// Formats the report as text.
impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unmatched: usize = self.unmatched.values().sum();
        writeln!(
            f,
            "{} exchanges of documented operations, {unmatched} others",
            self.matched
        )?;
        for (request, count) in self.unmatched.iter().take(MAX_LISTED) {
            writeln!(f, "  not in the document: {request} ({count})")?;
        }
        if self.unmatched.len() > MAX_LISTED {
            writeln!(f, "  and {} more", self.unmatched.len() - MAX_LISTED)?;
        }
        let to_accept: Vec<&Deviation> = self.to_accept().collect();
        match to_accept.len() {
            0 => writeln!(f, "\nnothing deviates from the document")?,
            1 => writeln!(f, "\n1 deviation")?,
            count => writeln!(f, "\n{count} deviations")?,
        }
        listed(f, &to_accept)?;
        let tolerated = self
            .deviations
            .iter()
            .filter(|deviation| deviation.is_tolerated());
        let tolerated: Vec<&Deviation> = tolerated.collect();
        if !tolerated.is_empty() {
            writeln!(
                f,
                "\n{} deviations in notation only, which clients accept",
                tolerated.len()
            )?;
            listed(f, &tolerated)?;
        }
        if !self.actions.is_empty() {
            writeln!(
                f,
                "\noverlay actions that accept them\n\n{}",
                yaml(&self.actions, 2)
            )?;
        }
        Ok(())
    }
}

fn listed(f: &mut fmt::Formatter<'_>, deviations: &[&Deviation]) -> fmt::Result {
    for deviation in deviations {
        let Deviation {
            location,
            count,
            operations,
            example:
                Example {
                    source,
                    path,
                    notation,
                },
            ..
        } = deviation;
        let notation = notation
            .as_ref()
            .map(|notation| format!(" like {notation}"));
        let shown = operations.iter().take(MAX_LISTED).cloned();
        let more = operations.len().saturating_sub(MAX_LISTED);
        let more = (more > 0).then(|| format!("{more} more"));
        writeln!(f, "  {location}")?;
        writeln!(
            f,
            "    {}{} ({count}×)",
            deviation.describe(),
            notation.unwrap_or_default()
        )?;
        writeln!(
            f,
            "    in {}",
            shown.chain(more).collect::<Vec<_>>().join(", ")
        )?;
        writeln!(f, "    first at {path} in {source}")?;
        if deviation.is_unacceptable() {
            writeln!(
                f,
                "    no overlay action accepts it: calls fail, with the body in the error"
            )?;
        }
    }
    Ok(())
}
