//! What a comparison finds: changes, each with its place in both documents and its verdicts.

use std::collections::BTreeSet;
use std::fmt;

use openapi_document::{Direction, Pointer};

use super::catalogue::{Check, Section, Verdict};

/// All that a comparison of two documents has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What the old document is called.
    pub old: String,
    /// What the new document is called.
    pub new: String,
    /// The changes, breaking ones first, then in the order of the documents.
    pub changes: Vec<Change>,
    /// Whether the generated surfaces were compared, too.
    pub surfaces_compared: bool,
}

/// One change, however many operations it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What kind of change it is.
    pub check: &'static Check,
    /// What exactly has happened: a sentence without a full stop.
    pub what: String,
    /// The operations that it concerns; empty when it is about the whole API, or about no operation.
    pub operations: Vec<Concerned>,
    /// The ways in which the changed thing travels; empty when it does not.
    pub directions: Vec<Direction>,
    /// Where it stands, or would stand, in the old document.
    pub old: Place,
    /// Where it stands, or would stand, in the new document.
    pub new: Place,
    /// What it does to programs that run.
    pub wire: Verdict,
    /// What it does to a caller's source; `None` when the surfaces were not compared.
    pub rust: Option<Verdict>,
    /// What it changes of the generated surface.
    pub surface: Vec<InRust>,
}

/// An operation, as reports name it: `GET /roles (ListRoles)`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Concerned {
    /// Method and path of the new document, or of the old one if that alone has it.
    pub request: String,
    /// Its id, if the document gives it one.
    pub id: Option<String>,
    /// The client's method.
    pub method: String,
}

impl fmt::Display for Concerned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.id {
            Some(id) => write!(f, "{} ({id})", self.request),
            None => f.write_str(&self.request),
        }
    }
}

/// A change of the generated surface that comes from a change of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InRust {
    /// What kind of change it is.
    pub check: &'static Check,
    /// What exactly has happened.
    pub what: String,
}

/// A place of a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Where, as a JSON pointer.
    pub pointer: Pointer,
    /// Whether anything stands there; a pointer to something that is missing names what would hold
    /// it.
    pub there: bool,
    /// The line of the file, counted from one; `None` for what no line answers for.
    pub line: Option<usize>,
}

impl Change {
    /// The worse of both verdicts.
    pub fn verdict(&self) -> Verdict {
        self.wire.max(self.rust.unwrap_or(Verdict::Neutral))
    }

    /// Whether reports leave it out unless they are asked for everything.
    pub fn is_hidden(&self) -> bool {
        self.check.section == Section::Unmentioned && self.verdict() == Verdict::Neutral
    }
}

impl Report {
    /// The worst verdict of all changes.
    pub fn verdict(&self) -> Verdict {
        let verdicts = self.changes.iter().map(Change::verdict);
        verdicts.max().unwrap_or(Verdict::Neutral)
    }

    /// The changes to show: all, or those that are not hidden.
    pub fn shown(&self, all: bool) -> impl Iterator<Item = &Change> {
        let changes = self.changes.iter();
        changes.filter(move |change| all || !change.is_hidden())
    }
}

/// A change as the comparison of documents finds it, before it is known who is concerned.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub(super) check: &'static Check,
    pub(super) what: String,
    pub(super) old: Place,
    pub(super) new: Place,
    /// The ways in which what is found can travel at all, whatever the schema around it does.
    pub(super) only: Option<Direction>,
    pub(super) uses: BTreeSet<Use>,
    pub(super) names: Names,
}

/// An operation, by its index among the pairs of operations, and the way a value travels in it;
/// `None` for what does not travel.
pub(super) type Use = (usize, Option<Direction>);

/// What the generated client may call the thing that a finding is about: by these names the changes
/// of the surface find the change of the document that they come from.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// Setters of the operations concerned.
    pub(super) setters: Vec<String>,
    /// Whether what the operations concerned return may differ.
    pub(super) result: bool,
    /// Whether the operations concerned may themselves be there, or not, or elsewhere.
    pub(super) method: bool,
    /// The members that it is: of this type, by this name.
    pub(super) members: Vec<(String, String)>,
    /// The type that it is, if it has one of its own.
    pub(super) own: Vec<String>,
    /// The types that it is an item or an alternative of.
    pub(super) around: Vec<String>,
    /// The member or variant of that type that it is.
    pub(super) variant: Option<String>,
}

impl Place {
    /// A place at which something stands.
    pub(super) fn at(pointer: Pointer) -> Self {
        Self {
            pointer,
            there: true,
            line: None,
        }
    }

    /// The place that would hold what is missing.
    pub(super) fn missing_in(pointer: Pointer) -> Self {
        Self {
            there: false,
            ..Self::at(pointer)
        }
    }
}

impl Finding {
    pub(super) fn new(
        check: &'static Check,
        what: impl Into<String>,
        old: Place,
        new: Place,
    ) -> Self {
        Self {
            check,
            what: what.into(),
            old,
            new,
            only: None,
            uses: BTreeSet::new(),
            names: Names::default(),
        }
    }

    /// Findings are the same when they say the same of the same places. What is missing is missing
    /// once, however many ways lead to where it would stand.
    pub(super) fn key(&self) -> (&'static str, Option<Pointer>, Option<Pointer>, &str) {
        let there = |place: &Place| place.there.then(|| place.pointer.clone());
        (
            self.check.id,
            there(&self.old),
            there(&self.new),
            match self.old.there || self.new.there {
                true => "",
                false => &self.what,
            },
        )
    }
}
