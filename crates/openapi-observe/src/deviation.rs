//! Deviations: the findings of many responses, grouped by kind and location.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::Pointer;
use serde_json::Value;

use crate::format::masked;
use crate::judge::Finding;
pub use crate::kind::Kind;
use crate::shape::Shape;

/// The deviations of one kind at one location of the document.
#[derive(Debug, Clone)]
pub struct Deviation {
    /// How the responses differ.
    pub kind: Kind,
    /// The location in the document that they differ from.
    pub location: Pointer,
    /// The number of values.
    pub count: usize,
    /// The operations, by `operationId` or method and path.
    pub operations: BTreeSet<String>,
    /// The first value that differs.
    pub example: Example,
    /// The values that an enumeration lacks, or the first body with an undocumented status.
    pub(crate) values: Vec<Value>,
    /// The common shape of the values.
    pub(crate) shape: Shape,
}

/// The location of a value, without the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The recording, for example `run.har, entry 3`.
    pub source: String,
    /// The location in the body, as a JSONPath, or `the query`.
    pub path: String,
    /// The notation of a string whose format differs, with `a` for each letter and `0` for each digit.
    pub notation: Option<String>,
}

/// The maximum number of different values of one enumeration that are kept.
const MAX_VALUES: usize = 50;

impl Deviation {
    /// Describes the difference, for example `an undocumented property "size" (integer)`.
    pub fn describe(&self) -> String {
        match &self.kind {
            Kind::Status(status) => format!("the undocumented status {status}"),
            Kind::MediaType(media_type) => format!("the undocumented media type {media_type}"),
            Kind::NotJson => "a body that is not JSON".to_owned(),
            Kind::Null if self.example.path == "$" => "null, or an empty body".to_owned(),
            Kind::Null => "null".to_owned(),
            Kind::Missing(name) => format!("no property {name:?}, which is required"),
            Kind::Type => format!("a value of another type ({})", self.shape.types()),
            Kind::Format(format) => format!("a value that is no {format}"),
            Kind::Notation(format) => format!("another notation of {format}"),
            Kind::Enumeration => {
                let values: Vec<String> = self.values.iter().map(Value::to_string).collect();
                format!("values that the enumeration lacks: {}", values.join(", "))
            }
            Kind::Discriminator(value) => {
                format!("the discriminator {value:?}, which names no schema")
            }
            Kind::Undocumented(name) => {
                format!("an undocumented property {name:?} ({})", self.shape.types())
            }
            Kind::NothingMatches => "an object without any documented property".to_owned(),
            Kind::Parameter(name) => format!("an undocumented query parameter {name:?}"),
        }
    }

    /// True if clients accept the value, so that no action is needed.
    pub fn is_tolerated(&self) -> bool {
        matches!(self.kind, Kind::Notation(_))
    }

    /// True if no overlay action accepts the responses.
    pub fn is_unacceptable(&self) -> bool {
        self.kind == Kind::NotJson
    }
}

/// Groups findings.
#[derive(Default)]
pub(crate) struct Deviations {
    groups: BTreeMap<(Pointer, Kind), Deviation>,
}

impl Deviations {
    pub(crate) fn add(&mut self, operation: &str, source: &str, finding: &Finding<'_>) {
        let Finding {
            kind,
            location,
            path,
            value,
        } = finding;
        let group = self.groups.entry((location.clone(), kind.clone()));
        let deviation = group.or_insert_with(|| Deviation {
            kind: kind.clone(),
            location: location.clone(),
            count: 0,
            operations: BTreeSet::new(),
            example: Example {
                source: source.to_owned(),
                path: path.clone(),
                notation: match (kind, value) {
                    (Kind::Format(_) | Kind::Notation(_), Value::String(text)) => {
                        Some(masked(text))
                    }
                    _ => None,
                },
            },
            values: Vec::new(),
            shape: Shape::default(),
        });
        deviation.count += 1;
        deviation.operations.insert(operation.to_owned());
        deviation.shape.add(value);
        let values = &mut deviation.values;
        let max = match kind {
            Kind::Enumeration => MAX_VALUES,
            Kind::Status(_) => 1,
            _ => 0,
        };
        if values.len() < max && !values.contains(value) {
            values.push((*value).clone());
        }
    }

    pub(crate) fn into_list(self) -> Vec<Deviation> {
        self.groups.into_values().collect()
    }
}
