//! The current location in an instance and the options for its value. Values and errors depend on the
//! location.

use openapi_document::Pointer;

use super::merged::MergedSchema;
use super::{Cause, Unsatisfiable};

/// A location in the instance, and the path to it. The default is the root of a minimal instance.
#[derive(Clone, Default)]
pub(super) struct Location<'s> {
    pub(super) pointer: Pointer,
    /// The name of the nearest enclosing property. Strings are derived from it.
    pub(super) name: String,
    /// Distinguishes values that share a name: the items of an array, or attempts at a unique item.
    pub(super) ordinal: usize,
    /// The references that were followed above this location.
    pub(super) followed_refs: Vec<&'s str>,
    /// True for a maximal value, false for a minimal one.
    pub(super) maximal: bool,
    /// True if numbers start at 0 where the bounds allow it, even if the lower bound is far below zero.
    pub(super) prefer_small: bool,
    /// True if changes are recorded here.
    pub(super) varied: bool,
    /// Distinguishes the values of different options; 0 without options.
    pub(super) seed: u64,
}

impl<'s> Location<'s> {
    /// The root of a maximal instance, with recording of changes.
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

    /// A hash of the name and the seed (FNV-1a), stable across platforms and runs.
    pub(super) fn hash(&self) -> u64 {
        let seed = self.seed.to_le_bytes();
        let seed = seed.iter().filter(|_| self.seed != 0).copied();
        let bytes = self.name.bytes().chain(seed);
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    /// Selects one of `count` equivalent options, in rotation by ordinal, starting at an index derived
    /// from the seed.
    pub(super) fn pick_index(&self, count: usize) -> usize {
        let start = match self.seed {
            0 => 0,
            // The low bits of the hash are equal for similar seeds.
            _ => (self.hash() >> 32) as usize,
        };
        start.wrapping_add(self.ordinal) % count.max(1)
    }

    /// A suffix for strings: empty for ordinal 0, "2" for ordinal 1.
    pub(super) fn suffix(&self) -> String {
        match self.ordinal {
            0 => String::new(),
            ordinal => (ordinal + 1).to_string(),
        }
    }

    /// The error of a schema that allows no value.
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

    /// The error of a schema that may allow a value that this module cannot generate.
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
