//! JSON instances of OpenAPI schemas, made up from the constraints alone.
//!
//! Tests want values that a schema allows (does the generated type decode them?) and values that
//! lie just outside it (does the client outlive a new enum value, an unknown member?); the mock
//! server wants something plausible to answer. Both want the same bytes every time, so nothing
//! here is random: a value follows from its schema, the name of its member, its index, and the seed
//! of a [`Plan`]. Only [`Generator::plausible`] looks at `example`, `examples` and `default`, for they
//! are often wrong, and it has somebody look at what comes of them.
//!
//! OpenAPI 3.0 and 3.1 go through the same code. A place in the instance is held to a list of
//! schemas; a `Shape` is that list with `$ref` followed and `allOf` spread out, the choices of
//! `oneOf` and `anyOf` still open. What stands beside a `$ref` counts, except in documents that
//! say they are 3.0, where the standard has it ignored.
//!
//! Null is read the way authors mean it: `nullable: true` adds it to whatever its schema says
//! (`allOf` and `enum` included, in 3.1 too), an `enum` of nothing but null allows it whatever the
//! `type`, and it is not allowed merely because nothing forbids it.
//!
//! Not looked at: `not`, `if`, `contains`, `dependent…`, `unevaluatedItems`, and whether a branch
//! of a `oneOf` also fits another one. Of several types the first is taken. Variations within a
//! branch other than the first are not tried, since they would be two changes.

use std::fmt;

use serde_json::Value;

use self::location::Location;
pub use self::plausible::PlausibleOptions;
pub use self::seen::Seen;
use self::variation::Change;
use self::walk::Walk;

mod location;
mod merged;
mod merging;
mod number;
mod object;
mod pattern;
mod plausible;
mod seen;
mod string;
mod variation;
mod walk;

#[cfg(test)]
mod tests;

type Result<T, E = Unsatisfiable> = std::result::Result<T, E>;

/// Which way a value travels: `readOnly` members are left out of requests, `writeOnly` ones out
/// of answers, both even where they are required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the client to the server.
    Request,
    /// From the server to the client.
    Response,
}

/// What sets an instance apart. Every `pointer` is a JSON pointer into the instance; all but
/// `Least` differ from `Most` at that one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variation {
    /// Required members only, everything as short and small as allowed.
    Minimal,
    /// Every member, arrays with items, strings with text.
    Maximal,
    /// Another value of the `enum` at this place.
    EnumValue {
        /// Where.
        pointer: String,
        /// Which.
        value: Value,
    },
    /// A string that the `enum` at this place does not list; answers only.
    UnknownEnumValue {
        /// Where.
        pointer: String,
    },
    /// A member more in the object at this place than its schema knows; answers only.
    UnknownProperty {
        /// Where the object is, not the member.
        pointer: String,
    },
    /// Null at a place that allows it.
    Null {
        /// Where.
        pointer: String,
    },
    /// Another branch of the `oneOf` or `anyOf` at this place.
    Branch {
        /// Where.
        pointer: String,
        /// Index of the branch; a second `oneOf` or `anyOf` at the same place counts on from the first.
        index: usize,
    },
}

impl Variation {
    /// The place of the change, `""` for the top.
    fn pointer(&self) -> &str {
        match self {
            Self::Minimal | Self::Maximal => "",
            Self::EnumValue { pointer, .. }
            | Self::UnknownEnumValue { pointer }
            | Self::UnknownProperty { pointer }
            | Self::Null { pointer }
            | Self::Branch { pointer, .. } => pointer,
        }
    }
}

impl fmt::Display for Variation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minimal => return f.write_str("least"),
            Self::Maximal => return f.write_str("most"),
            Self::EnumValue { value, .. } => write!(f, "enum value {value}")?,
            Self::UnknownEnumValue { .. } => f.write_str("unknown enum value")?,
            Self::UnknownProperty { .. } => f.write_str("unknown member")?,
            Self::Null { .. } => f.write_str("null")?,
            Self::Branch { index, .. } => write!(f, "branch {index}")?,
        }
        write!(f, " at {}", place_name(self.pointer()))
    }
}

/// One value and what it is there to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// What sets it apart.
    pub variation: Variation,
    /// The value itself.
    pub value: Value,
}

/// No instance: either none exists, or this module cannot make one. `Display` says which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsatisfiable {
    /// Where in the instance (not in the schema), as a JSON pointer.
    pub pointer: String,
    /// The schema keyword that stands in the way.
    pub keyword: &'static str,
    /// What about it.
    pub reason: String,
    cause: Cause,
}

/// Whose fault it is. What the schema rules out may be left out where it is optional; what is
/// beyond this module must be said, or tests would silently cover less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Schema,
    Generator,
}

impl fmt::Display for Unsatisfiable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.cause {
            Cause::Schema => "no value is possible",
            Cause::Generator => "cannot make a value",
        };
        let (location, keyword) = (place_name(&self.pointer), self.keyword);
        write!(f, "{outcome} at {location}: {keyword}: {}", self.reason)
    }
}

impl std::error::Error for Unsatisfiable {}

fn place_name(pointer: &str) -> &str {
    if pointer.is_empty() {
        "the top"
    } else {
        pointer
    }
}

/// Makes instances of the schemas of one document.
///
/// A schema that says nothing (`{}`, `true`) is given a string; one without `type` is given what
/// its other keywords speak of. Nullable places are null only in [`Variation::Null`].
#[derive(Debug, Clone, Copy)]
pub struct Generator<'a> {
    root: &'a Value,
    direction: Direction,
}

impl<'a> Generator<'a> {
    /// `root` is the whole OpenAPI document: every `$ref` is a pointer into it.
    pub fn new(root: &'a Value, direction: Direction) -> Self {
        Self { root, direction }
    }

    /// Required members only, the shortest arrays and strings, the smallest numbers: the
    /// `minimum`, or 0 where there is none.
    ///
    /// # Errors
    /// If no instance exists, or none can be made. Does not panic.
    pub fn minimal(&self, schema: &Value) -> Result<Value, Unsatisfiable> {
        Walk::new(*self).value(&[schema], &Location::default())
    }

    /// Every member, arrays of one or two items, strings that say where they are. The first
    /// branch of a choice that can be satisfied, the first value of an enum. An optional member
    /// that no value is possible for, or that recursion makes endless, is left out.
    ///
    /// # Errors
    /// If no instance exists, or none can be made. Does not panic.
    pub fn maximal(&self, schema: &Value) -> Result<Value, Unsatisfiable> {
        let top = Location {
            maximal: true,
            ..Location::default()
        };
        Walk::new(*self).value(&[schema], &top)
    }

    /// `least`, `most`, then `most` with one change at one place, once for every such change.
    /// In arrays only the first item is varied; a branch that no value is possible for is left out.
    ///
    /// # Errors
    /// If no instance exists, or one cannot be made. Does not panic.
    pub fn all(&self, schema: &Value) -> Result<Vec<Instance>, Unsatisfiable> {
        let minimal = self.minimal(schema)?;
        let mut walk = Walk::new(*self);
        let maximal = walk.value(&[schema], &Location::varied())?;
        Ok(instances(minimal, maximal, walk.changes))
    }

    /// As [`all`], but without changes where a schema is used that was `seen` elsewhere, and with no
    /// more of them, spread evenly, than make some 200,000 places in all. The size of all instances of
    /// a document grows with the square of its own; so they stay within bounds.
    ///
    /// [`all`]: Self::all
    ///
    /// # Errors
    /// If no instance exists, or one cannot be made. Does not panic.
    pub fn unseen(
        &self,
        schema: &'a Value,
        seen: &mut Seen<'a>,
    ) -> Result<Vec<Instance>, Unsatisfiable> {
        const PLACES: usize = 200_000;
        let minimal = self.minimal(schema)?;
        let mut walk = Walk::new(*self);
        walk.seen = Some(std::mem::take(seen));
        let maximal = walk.value(&[schema], &Location::varied());
        *seen = walk.seen.unwrap_or_default();
        let step = (walk.changes.len() * walk.places).div_ceil(PLACES).max(1);
        Ok(instances(
            minimal,
            maximal?,
            walk.changes.into_iter().step_by(step),
        ))
    }
}

fn instances(
    minimal: Value,
    maximal: Value,
    changes: impl IntoIterator<Item = Change>,
) -> Vec<Instance> {
    let changed = changes.into_iter().map(|change| {
        let mut value = maximal.clone();
        change.apply(&mut value, change.variation.pointer());
        (change.variation, value)
    });
    let ends = [
        (Variation::Minimal, minimal),
        (Variation::Maximal, maximal.clone()),
    ];
    let instances = ends.into_iter().chain(changed);
    instances
        .map(|(variation, value)| Instance { variation, value })
        .collect()
}
