//! Where in the instance the walk is and what is wanted there. Values are told apart by the place
//! they stand at, and so are errors.

use crate::Pointer;

use super::merged::MergedSchema;
use super::{Cause, Unsatisfiable};

/// A place in the instance, and how the walk came there. The default is the top, for the least.
#[derive(Clone, Default)]
pub(super) struct Location<'s> {
    pub(super) pointer: Pointer,
    /// Name of the nearest member, which strings are derived from.
    pub(super) name: String,
    /// Sets apart what shares a name: items of one array, or another try for a unique item.
    pub(super) ordinal: usize,
    /// The `$ref`s followed above this place.
    pub(super) followed_refs: Vec<&'s str>,
    /// Whether `most` is wanted here, not `least`.
    pub(super) maximal: bool,
    /// Whether numbers are counted from 0 where they may be, however far below it their bounds are:
    /// few real numbers are minus two billion.
    pub(super) prefer_small: bool,
    /// Whether changes are collected here.
    pub(super) varied: bool,
    /// Sets apart the values of one plan from those of another; 0 is that of no plan.
    pub(super) seed: u64,
}

impl<'s> Location<'s> {
    /// The top, for the most and for all changes to it.
    pub(super) fn varied() -> Self {
        Self {
            maximal: true,
            varied: true,
            ..Self::default()
        }
    }

    pub(super) fn below(
        &self,
        merged: &MergedSchema<'s>,
        token: &str,
        name: &str,
        ordinal: usize,
    ) -> Self {
        Self {
            pointer: self.pointer.join(token),
            name: name.to_owned(),
            ordinal,
            followed_refs: [&self.followed_refs[..], &merged.refs].concat(),
            ..*self
        }
    }

    pub(super) fn depth(&self) -> usize {
        self.pointer.as_str().matches('/').count()
    }

    /// The same number for the same name and seed, whatever machine, whatever day (FNV-1a).
    pub(super) fn hash(&self) -> u64 {
        let seed = self.seed.to_le_bytes();
        let seed = seed.iter().filter(|_| self.seed != 0).copied();
        let bytes = self.name.bytes().chain(seed);
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    /// Which of `count` equals is taken: by turns for the ordinal, starting where the seed says.
    pub(super) fn pick_index(&self, count: usize) -> usize {
        let start = match self.seed {
            0 => 0,
            // The low bits of the hash repeat for seeds that are close.
            _ => (self.hash() >> 32) as usize,
        };
        start.wrapping_add(self.ordinal) % count.max(1)
    }

    /// "2" for the second, so that a number in a text counts as people do.
    pub(super) fn suffix(&self) -> String {
        match self.ordinal {
            0 => String::new(),
            ordinal => (ordinal + 1).to_string(),
        }
    }

    /// The schema rules out every value.
    pub(super) fn impossible(
        &self,
        keyword: &'static str,
        reason: impl Into<String>,
    ) -> Unsatisfiable {
        Unsatisfiable {
            pointer: self.pointer.as_str().to_owned(),
            keyword,
            reason: reason.into(),
            cause: Cause::Schema,
        }
    }

    /// There may be a value, but this module cannot make it.
    pub(super) fn unsupported(
        &self,
        keyword: &'static str,
        reason: impl Into<String>,
    ) -> Unsatisfiable {
        Unsatisfiable {
            cause: Cause::Generator,
            ..self.impossible(keyword, reason)
        }
    }
}
