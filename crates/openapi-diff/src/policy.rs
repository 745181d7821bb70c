//! The decisions of the owner of a client about changes: the required notice of a deprecation, the
//! severity of each kind of change, and the accepted changes.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::catalogue::Verdict;
use super::model::Change;

/// The decisions that a comparison respects.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// The day of the comparison: sunset dates before it have passed.
    pub today: NaiveDate,
    /// The days between the deprecation of something and its sunset; `None` if no date is required.
    pub grace_days: Option<u32>,
    /// The verdicts that replace those of checks, by ID.
    pub severities: BTreeMap<String, Verdict>,
    /// The accepted changes.
    pub accepted: Vec<Accepted>,
}

/// A change that the owner of a client accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The ID of the change.
    pub id: String,
    /// The reason.
    pub reason: String,
    /// The last day on which the change is accepted; `None` if there is no such day.
    pub until: Option<NaiveDate>,
}

impl Policy {
    /// Changes the verdicts of a change, and accepts it.
    pub(super) fn apply(&self, change: &mut Change) {
        if let Some(verdict) = self.severities.get(change.check.id) {
            match change.check.rust {
                Some(_) => change.rust = Some(*verdict),
                None => change.wire = *verdict,
            }
        }
        let accepted = self.accepted.iter().find(|accepted| {
            accepted.id == change.id && accepted.until.is_none_or(|until| self.today <= until)
        });
        change.accepted = accepted.map(|accepted| accepted.reason.clone());
    }
}

/// An ID of 10 hexadecimal digits for some strings (FNV-1a, 64 bits). It does not depend on the
/// machine.
pub(super) fn id_of(parts: &[&str]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in parts.join("\n").bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{:010x}", hash >> 24)
}
