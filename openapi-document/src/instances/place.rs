//! Where in the instance the walk is and what is wanted there. Values are told apart by the place
//! they stand at, and so are errors.

use crate::Pointer;

use super::shape::Shape;
use super::{Blame, Unsatisfiable};

/// A place in the instance, and how the walk came there. The default is the top, for the least.
#[derive(Clone, Default)]
pub(super) struct Place<'s> {
    pub(super) pointer: Pointer,
    /// Name of the nearest member, which strings are derived from.
    pub(super) name: String,
    /// Sets apart what shares a name: items of one array, or another try for a unique item.
    pub(super) ordinal: usize,
    /// The `$ref`s followed above this place.
    pub(super) trail: Vec<&'s str>,
    /// Whether `most` is wanted here, not `least`.
    pub(super) full: bool,
    /// Whether changes are collected here.
    pub(super) varied: bool,
}

impl<'s> Place<'s> {
    pub(super) fn below(&self, shape: &Shape<'s>, token: &str, name: &str, ordinal: usize) -> Self {
        Self {
            pointer: self.pointer.join(token),
            name: name.to_owned(),
            ordinal,
            trail: [&self.trail[..], &shape.refs].concat(),
            ..*self
        }
    }

    pub(super) fn depth(&self) -> usize {
        self.pointer.as_str().matches('/').count()
    }

    /// The same number for the same name, whatever machine, whatever day (FNV-1a).
    pub(super) fn hash(&self) -> u64 {
        let bytes = self.name.bytes();
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
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
            blame: Blame::Schema,
        }
    }

    /// There may be a value, but this module cannot make it.
    pub(super) fn unsupported(
        &self,
        keyword: &'static str,
        reason: impl Into<String>,
    ) -> Unsatisfiable {
        Unsatisfiable {
            blame: Blame::Generator,
            ..self.impossible(keyword, reason)
        }
    }
}
