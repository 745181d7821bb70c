//! The result of a comparison: changes, with their locations in both documents and their verdicts.

use std::collections::BTreeSet;
use std::fmt;

use openapi_document::{Direction, Pointer};
use serde_json::Value;

use super::catalogue::{Check, Section, Verdict};

/// The result of the comparison of two documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The name of the old document.
    pub old: String,
    /// The name of the new document.
    pub new: String,
    /// The changes, breaking ones first, then ordered by operation.
    pub changes: Vec<Change>,
    /// True if the generated surfaces were also compared.
    pub surfaces_compared: bool,
}

/// One change, which may concern many operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The ID of this change in `--accept` and in the registry: the same in each comparison that finds
    /// the same change at the same location.
    pub id: String,
    /// The kind of change.
    pub check: &'static Check,
    /// The change with values before and after: a sentence without a full stop.
    pub what: String,
    /// The operations concerned; empty if the change concerns the whole API, or no operation.
    pub operations: Vec<Concerned>,
    /// The directions in which the changed value is sent; empty if it is not sent.
    pub directions: Vec<Direction>,
    /// The location in the old document, or the location that it would have.
    pub old: Place,
    /// The location in the new document, or the location that it would have.
    pub new: Place,
    /// The effect on programs that were compiled with the old client.
    pub wire: Verdict,
    /// The effect on a caller's source code; `None` if the surfaces were not compared.
    pub rust: Option<Verdict>,
    /// The changes of the generated surface that it causes.
    pub surface: Vec<InRust>,
    /// The action that a caller must take: a sentence.
    pub advice: String,
    /// The reason why the owner of the client accepts the change; `None` if it is not accepted.
    pub accepted: Option<String>,
}

/// An operation as named in reports: `GET /roles (ListRoles)`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Concerned {
    /// Method and path in the new document, or in the old one if the operation was removed.
    pub request: String,
    /// Its `operationId`, if it has one.
    pub id: Option<String>,
    /// The method of the client.
    pub method: String,
    /// Its tags in the new document, or in the old one if the operation was removed.
    pub tags: Vec<String>,
}

impl fmt::Display for Concerned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.id {
            Some(id) => write!(f, "{} ({id})", self.request),
            None => f.write_str(&self.request),
        }
    }
}

/// A change of the generated surface that a change of the document causes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InRust {
    /// The kind of change.
    pub check: &'static Check,
    /// The change with values before and after.
    pub what: String,
}

/// A location in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The JSON pointer (RFC 6901).
    pub pointer: Pointer,
    /// True if the value exists. Otherwise the pointer refers to the object that would contain it.
    pub there: bool,
    /// The line of the file, starting at 1; `None` if there is none.
    pub line: Option<usize>,
    /// The value, if it exists, and is a scalar or a list of scalars.
    pub value: Option<Value>,
}

impl Change {
    /// The effective verdict: neutral if the change was accepted.
    pub fn counted(&self) -> Verdict {
        match self.accepted {
            Some(_) => Verdict::Neutral,
            None => self.verdict(),
        }
    }

    /// The higher of both verdicts.
    pub fn verdict(&self) -> Verdict {
        self.wire.max(self.rust.unwrap_or(Verdict::Neutral))
    }

    /// True if reports omit it by default.
    pub fn is_hidden(&self) -> bool {
        self.check.section == Section::Unmentioned && self.verdict() == Verdict::Neutral
    }
}

impl Report {
    /// The highest verdict of all changes, which determines the next version.
    pub fn verdict(&self) -> Verdict {
        let verdicts = self.changes.iter().map(Change::verdict);
        verdicts.max().unwrap_or(Verdict::Neutral)
    }

    /// The highest verdict of the changes that are not accepted.
    pub fn counted(&self) -> Verdict {
        let verdicts = self.changes.iter().map(Change::counted);
        verdicts.max().unwrap_or(Verdict::Neutral)
    }

    /// All changes, or those that are not hidden.
    pub fn shown(&self, all: bool) -> impl Iterator<Item = &Change> {
        let changes = self.changes.iter();
        changes.filter(move |change| all || !change.is_hidden())
    }
}

/// A change before the operations concerned are known.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub(super) check: &'static Check,
    pub(super) what: String,
    pub(super) old: Place,
    pub(super) new: Place,
    /// The only direction that the finding can have, independent of the surrounding schema.
    pub(super) only: Option<Direction>,
    /// The verdicts in requests and responses, where they differ from those of the check.
    pub(super) verdicts: Option<[Verdict; 2]>,
    pub(super) uses: BTreeSet<Use>,
    pub(super) subjects: Vec<Subject>,
}

/// An operation, by its index among the pairs of operations, and the direction of the value; `None` if
/// the change is not about a value.
pub(super) type Use = (usize, Option<Direction>);

/// The subject of a finding. Changes of the surface are attributed by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// The operations themselves.
    Operation,
    /// The parameters of the operations with one of these names.
    Parameter(String),
    /// The request bodies of the operations.
    Body,
    /// The responses of the operations.
    Responses,
    /// A pair of schemas, by its index.
    Schema(usize),
    /// A property of a pair of schemas.
    Property(usize, String),
}

impl Place {
    /// The location of an existing value.
    pub(super) fn at(pointer: Pointer) -> Self {
        Self {
            pointer,
            there: true,
            line: None,
            value: None,
        }
    }

    /// The location of the object that lacks the value.
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
            verdicts: None,
            uses: BTreeSet::new(),
            subjects: Vec::new(),
        }
    }

    /// The verdict in a direction.
    pub(super) fn verdict(&self, direction: Direction) -> Verdict {
        let [request, response] = self
            .verdicts
            .unwrap_or([self.check.request, self.check.response]);
        match direction {
            Direction::Request => request,
            Direction::Response => response,
        }
    }

    /// Findings are equal if they are about the same locations. Those about missing values on both
    /// sides, or about values that are not in a message, are equal if their sentences are.
    pub(super) fn key(&self) -> (&'static str, Option<Pointer>, Option<Pointer>, &str) {
        let there = |place: &Place| place.there.then(|| place.pointer.clone());
        (
            self.check.id,
            there(&self.old),
            there(&self.new),
            match (self.old.there || self.new.there) && !self.subjects.is_empty() {
                true => "",
                false => &self.what,
            },
        )
    }
}
