//! Generates JSON instances of OpenAPI schemas from their constraints.
//!
//! Tests need valid values (can the generated type decode them?) and values that a schema only just
//! excludes (does the client tolerate a new enum value or an unknown property?). The mock server needs
//! plausible values. Both need reproducible output, so nothing here is random: a value depends on its
//! schema, the name of its property, its index, and the seed in [`PlausibleOptions`]. Only
//! [`Generator::plausible`] uses `example`, `examples` and `default`. Examples are often wrong, so the
//! caller validates the result.
//!
//! OpenAPI 3.0 and 3.1 share the code. Each location in an instance is constrained by a list of
//! schemas. A `MergedSchema` is that list with `$ref` followed and `allOf` flattened; the choices of
//! `oneOf` and `anyOf` are still open. Keywords beside a `$ref` apply, except in 3.0 documents, where
//! the specification ignores them.
//!
//! Null is interpreted as authors intend it: `nullable: true` adds null to the values that the schema
//! allows (also beside `allOf` and `enum`, and in 3.1). An `enum` that contains only null allows null
//! regardless of the `type`. A schema that does not mention null does not allow it.
//!
//! An `if` is a choice of two branches: the `if` with its `then`, or the `else`. It is not checked
//! whether a value of the `else` is valid against the `if`. Not supported: `not`, `contains`,
//! `dependent…`, `unevaluatedItems`, and the check that a value matches only one branch of a `oneOf`. If
//! several types are allowed, the first is used. Only the first branch of a choice is varied further,
//! because a variation in another branch would be a second change.

use std::fmt;

use openapi_document::Direction;
use serde_json::Value;

use self::location::Location;
pub use self::plausible::PlausibleOptions;
use self::plausible::Rejections;
pub use self::same::same;
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
mod same;
mod seen;
mod string;
mod variation;
mod walk;

#[cfg(test)]
mod tests;

/// The maximum number of locations in an instance, and of elements of a string, array or object.
const MAX_SIZE: usize = 100_000;

type Result<T, E = Unsatisfiable> = std::result::Result<T, E>;

/// How an instance differs from the others. Each `pointer` is a JSON pointer into the instance. All
/// variations except `Minimal` differ from `Maximal` in one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variation {
    /// Only required properties; the shortest and smallest allowed values.
    Minimal,
    /// All properties, arrays with items, strings that are not empty.
    Maximal,
    /// Another value of the `enum` at this location.
    EnumValue {
        /// The location of the change.
        pointer: String,
        /// The value.
        value: Value,
    },
    /// A string that is not listed in the `enum` at this location. Responses only.
    UnknownEnumValue {
        /// The location of the change.
        pointer: String,
    },
    /// An additional property that the schema of the object does not define. Responses only.
    UnknownProperty {
        /// The location of the object, not of the property.
        pointer: String,
    },
    /// Null at a location that allows it.
    Null {
        /// The location of the change.
        pointer: String,
    },
    /// Another branch of the `oneOf` or `anyOf` at this location.
    Branch {
        /// The location of the change.
        pointer: String,
        /// The index of the branch. The branches of a second `oneOf` or `anyOf` at the same location
        /// are numbered after those of the first. Branch 0 of an `if` is the one with the `then`.
        index: usize,
    },
    /// A value that is valid against all branches of the `anyOf` at this location.
    AllBranches {
        /// The location of the change.
        pointer: String,
    },
    /// An integer that is written as `1.0`. Responses only.
    Fraction {
        /// The location of the change.
        pointer: String,
    },
}

impl Variation {
    /// The location of the change; `""` for the root.
    fn pointer(&self) -> &str {
        match self {
            Self::Minimal | Self::Maximal => "",
            Self::EnumValue { pointer, .. }
            | Self::UnknownEnumValue { pointer }
            | Self::UnknownProperty { pointer }
            | Self::Null { pointer }
            | Self::AllBranches { pointer }
            | Self::Fraction { pointer }
            | Self::Branch { pointer, .. } => pointer,
        }
    }
}

impl fmt::Display for Variation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minimal => return f.write_str("minimal"),
            Self::Maximal => return f.write_str("maximal"),
            Self::EnumValue { value, .. } => write!(f, "enum value {value}")?,
            Self::UnknownEnumValue { .. } => f.write_str("unknown enum value")?,
            Self::UnknownProperty { .. } => f.write_str("unknown property")?,
            Self::Null { .. } => f.write_str("null")?,
            Self::Branch { index, .. } => write!(f, "branch {index}")?,
            Self::AllBranches { .. } => f.write_str("all branches")?,
            Self::Fraction { .. } => f.write_str("integer with a fraction")?,
        }
        write!(f, " at {}", place_name(self.pointer()))
    }
}

/// A generated value and the variation that it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// How it differs from the other instances.
    pub variation: Variation,
    /// The value.
    pub value: Value,
}

/// The error of a schema for which no instance exists, or for which this module cannot generate one.
/// `Display` distinguishes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsatisfiable {
    /// The JSON pointer into the instance (not into the schema).
    pub pointer: String,
    /// The schema keyword that caused the error.
    pub keyword: &'static str,
    /// The reason.
    pub reason: String,
    cause: Cause,
}

/// The cause of a failure. An optional value that the schema excludes may be omitted. A limitation of
/// this module must be reported; otherwise tests would cover less than they claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Schema,
    Generator,
}

/// Returns `None` for an optional value that the schema excludes.
fn possible<T>(outcome: Result<T>, optional: bool) -> Result<Option<T>> {
    match outcome {
        Err(error) if optional && error.cause == Cause::Schema => Ok(None),
        outcome => outcome.map(Some),
    }
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
        "the root"
    } else {
        pointer
    }
}

/// Generates instances of the schemas of one document.
///
/// For a schema without constraints (`{}`, `true`) the value is a string. A schema without `type` has
/// the type that its other keywords imply. Nullable values are null only in [`Variation::Null`].
#[derive(Debug, Clone, Copy)]
pub struct Generator<'a> {
    root: &'a Value,
    direction: Direction,
}

impl<'a> Generator<'a> {
    /// `root` is the whole OpenAPI document; every `$ref` is a pointer into it.
    pub fn new(root: &'a Value, direction: Direction) -> Self {
        Self { root, direction }
    }

    /// Generates a value with only the required properties, the shortest arrays and strings, and the
    /// smallest numbers: the `minimum`, or 0 without one.
    ///
    /// # Errors
    /// No instance exists, or none can be generated.
    pub fn minimal(&self, schema: &Value) -> Result<Value, Unsatisfiable> {
        Walk::new(*self).value(&[schema], &Location::default())
    }

    /// Generates a value with all properties, arrays of one or two items, and strings derived from the
    /// property names. Uses the first branch of a choice that can be satisfied and the first value of
    /// an enum. Omits optional properties that have no possible value or recur without end.
    ///
    /// # Errors
    /// No instance exists, or none can be generated.
    pub fn maximal(&self, schema: &Value) -> Result<Value, Unsatisfiable> {
        let top = Location {
            maximal: true,
            ..Location::default()
        };
        Walk::new(*self).value(&[schema], &top)
    }

    /// Generates [`minimal`](Self::minimal), [`maximal`](Self::maximal), and one instance for every
    /// possible single change to the latter. In arrays, only the first item is varied. Branches without
    /// a possible value are skipped.
    ///
    /// # Errors
    /// No instance exists, or none can be generated.
    pub fn all(&self, schema: &Value) -> Result<Vec<Instance>, Unsatisfiable> {
        let minimal = self.minimal(schema)?;
        let mut walk = Walk::new(*self);
        let maximal = walk.value(&[schema], &Location::varied())?;
        Ok(instances(minimal, maximal, walk.changes))
    }

    /// Like [`all`](Self::all), but skips variations in schemas that are in `seen`. The instances of a
    /// document grow with the square of its size, so the number of variations is limited, evenly
    /// spread, to about 200,000 locations in total.
    ///
    /// # Errors
    /// No instance exists, or none can be generated.
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
        let step = (walk.changes.len() * walk.locations)
            .div_ceil(PLACES)
            .max(1);
        Ok(instances(
            minimal,
            maximal?,
            walk.changes.into_iter().step_by(step),
        ))
    }

    /// Generates a value that resembles real data and has no `violations`. Like
    /// [`maximal`](Self::maximal), but uses the examples of the schema and its subschemas if the
    /// options allow it.
    ///
    /// `violations` returns the JSON pointers of the locations in a value that violate the schema.
    /// Another candidate is used there until it returns none. In this way a validator covers the
    /// keywords that this module does not support.
    ///
    /// # Errors
    /// No instance exists, or none without violations is found in 64 attempts.
    pub fn plausible(
        &self,
        schema: &Value,
        options: PlausibleOptions,
        mut violations: impl FnMut(&Value) -> Vec<String>,
    ) -> Result<Value, Unsatisfiable> {
        const MAX_ATTEMPTS: usize = 64;
        let top = Location {
            maximal: true,
            prefer_small: true,
            seed: options.seed,
            ordinal: options.ordinal,
            ..Location::default()
        };
        let mut rejections = Rejections::none(options.examples);
        for _ in 0..MAX_ATTEMPTS {
            let mut walk = Walk::new(*self);
            walk.rejections = Some(rejections);
            let value = walk.value(&[schema], &top)?;
            rejections = walk.rejections.unwrap_or_default();
            let invalid = violations(&value);
            if invalid.is_empty() {
                return Ok(value);
            }
            rejections.reject(&invalid);
        }
        let reason = format!("none of {MAX_ATTEMPTS} attempts is valid");
        Err(top.unsupported("schema", reason))
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
