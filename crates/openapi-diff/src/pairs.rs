//! Pairs of schemas that are compared, and how they refer to each other.

use openapi_document::{Direction, Pointer};

use super::catalogue::Check;
use super::model::{Finding, Place};
use super::source::Node;
use super::values::brief;
use super::view::View;

/// How values are serialized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// As JSON.
    Json,
    /// As the fields of a form.
    Fields,
    /// As strings: in a path, a query, a header, or a field of a form.
    Text {
        /// True if a list is serialized as several values of one name, so that one value is a list.
        repeats: bool,
        /// True if the properties of an object are also serialized as strings.
        flat: bool,
    },
}

impl Form {
    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Text { .. })
    }

    /// True for the fields of a form.
    pub(super) fn is_field(self) -> bool {
        matches!(self, Self::Text { flat: false, .. })
    }

    /// The form of the properties of an object.
    pub(super) fn inside_property(self) -> Self {
        self.inside(&Step::Property(String::new()))
    }

    /// The form of the values inside a value.
    pub(super) fn inside(self, step: &Step) -> Self {
        match (self, step) {
            (Self::Json, _) | (Self::Text { flat: false, .. }, Step::Property(_)) => Self::Json,
            (Self::Fields, Step::Property(_)) => Self::Text {
                repeats: true,
                flat: false,
            },
            // Alternatives of an object are serialized like the object.
            (Self::Fields, Step::Inside) => Self::Fields,
            (Self::Text { flat, .. }, _) => Self::Text {
                repeats: false,
                flat,
            },
        }
    }
}

/// A schema of the old document and its counterpart in the new one.
pub(super) struct Pair {
    /// The locations of the schemas in both documents.
    pub(super) places: [Vec<Pointer>; 2],
    pub(super) edges: Vec<Edge>,
    pub(super) findings: Vec<Finding>,
}

/// A pair inside another.
pub(super) struct Edge {
    pub(super) child: usize,
    pub(super) step: Step,
    pub(super) only: Only,
    /// True if the default of the value applies where it is omitted.
    pub(super) has_default: bool,
}

/// The direction in which a value is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Only {
    Both,
    One(Direction),
    /// The documents have no direction in common.
    Neither,
}

impl Only {
    pub(super) fn has(self, direction: Direction) -> bool {
        self == Self::Both || self == Self::One(direction)
    }

    /// The directions that two values have in common.
    pub(super) fn common(old: Option<Direction>, new: Option<Direction>) -> Self {
        match (old, new) {
            (None, None) => Self::Both,
            (Some(one), None) | (None, Some(one)) => Self::One(one),
            (Some(old), Some(new)) if old == new => Self::One(old),
            (Some(_), Some(_)) => Self::Neither,
        }
    }
}

/// How a pair refers to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// As the property of this name.
    Property(String),
    /// As an item, an additional property or an alternative, which have no names.
    Inside,
}

/// Both sides of a comparison of two views.
pub(super) struct Sides<'v, 'a> {
    pub(super) old: &'v View<'a>,
    pub(super) new: &'v View<'a>,
    pub(super) form: Form,
    /// The name of the schema in reports.
    pub(super) label: String,
    /// The locations for missing values.
    pub(super) at: [Pointer; 2],
    pub(super) findings: Vec<Finding>,
}

impl<'v, 'a> Sides<'v, 'a> {
    /// Adds a finding. A side without a location gets the location of its schema.
    pub(super) fn find(
        &mut self,
        check: &'static Check,
        what: String,
        old: Option<Pointer>,
        new: Option<Pointer>,
    ) -> &mut Finding {
        let place = |pointer: Option<Pointer>, at: &Pointer| match pointer {
            Some(pointer) => Place::at(pointer),
            None => Place::missing_in(at.clone()),
        };
        let (old, new) = (place(old, &self.at[0]), place(new, &self.at[1]));
        self.findings.push(Finding::new(check, what, old, new));
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// Compares a keyword as a whole.
    pub(super) fn whole(&mut self, keyword: &str, check: &'static Check) {
        let (was, is) = (self.old.keyword(keyword), self.new.keyword(keyword));
        let value = |node: &Option<Node<'_>>| node.as_ref().map(|node| node.value.clone());
        if value(&was) != value(&is) {
            let values = (brief(was.as_ref()), brief(is.as_ref()));
            let what = format!(
                "`{keyword}` of {} changed from {} to {}",
                self.label, values.0, values.1
            );
            let pointer = |node: Option<Node<'_>>| node.map(|node| node.pointer);
            self.find(check, what, pointer(was), pointer(is));
        }
    }

    /// The name of a property in reports.
    pub(super) fn property(&self, name: &str) -> String {
        match self.label.trim_matches('`') {
            "" => format!("`{name}`"),
            owner => format!("`{owner}.{name}`"),
        }
    }
}
