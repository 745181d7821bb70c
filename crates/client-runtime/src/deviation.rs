//! Responses that differ from the API description, but can be read.
//!
//! Only deviations that can be detected at no cost are reported: a status that no documented response has, a
//! value that an enumeration lacks, a null, and an object without any property of its type. To find the
//! others, compare a [recording](crate::Builder::record) with the API description.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use reqwest::StatusCode;

use crate::operation::Operation;

/// A difference between a response and the API description. The call succeeded nevertheless.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Deviation {
    /// The `operationId` of the API description.
    pub operation: &'static str,
    /// What differs.
    pub kind: DeviationKind,
}

/// How a response differs from the API description.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeviationKind {
    /// A success whose status is not documented. Its body was decoded as that of the documented
    /// success.
    UndocumentedStatus(StatusCode),
    /// A value that an enumeration lacks. It is an [`OpenEnum::Unknown`](crate::OpenEnum::Unknown).
    UnknownValue {
        /// The Rust name of the enumeration.
        enumeration: &'static str,
        /// The value, as the server sent it.
        value: String,
    },
    /// Null for an optional property that may not be null. It was decoded as absent.
    NullProperty {
        /// The Rust name of the object's type.
        object: &'static str,
        /// The name of the property in JSON.
        property: &'static str,
    },
    /// JSON that is not a string, although the API description specifies text. The JSON is returned as
    /// the text.
    NotText,
    /// An object in which no property is documented. All fields of its type are optional, and therefore
    /// empty.
    NoKnownProperty {
        /// The Rust name of the object's type.
        object: &'static str,
    },
}

/// Names the operation and what differs.
impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, kind } = self;
        write!(f, "{operation}: ")?;
        match kind {
            DeviationKind::UndocumentedStatus(status) => {
                write!(f, "the status {} is not documented", status.as_u16())
            }
            DeviationKind::UnknownValue { enumeration, value } => {
                write!(
                    f,
                    "the enumeration `{enumeration}` lacks the value {value:?}"
                )
            }
            DeviationKind::NotText => f.write_str("the response is JSON instead of text"),
            DeviationKind::NullProperty { object, property } => {
                write!(f, "the property `{property}` of `{object}` is null")
            }
            DeviationKind::NoKnownProperty { object } => {
                write!(f, "an object `{object}` has no documented property")
            }
        }
    }
}

/// The maximum number of stored deviations, because a server may send any number of undocumented
/// values.
const MAX_SEEN: usize = 1024;

/// Reports each deviation once.
pub(crate) struct Deviations {
    report: Box<dyn Fn(&Deviation) + Send + Sync>,
    seen: Mutex<HashSet<Deviation>>,
}

impl Deviations {
    pub(crate) fn new(report: Box<dyn Fn(&Deviation) + Send + Sync>) -> Self {
        Self {
            report,
            seen: Mutex::default(),
        }
    }

    /// Reports a deviation, unless it was reported before. After [`MAX_SEEN`] deviations, no others are
    /// reported.
    pub(crate) fn add(&self, operation: &'static Operation, kind: DeviationKind) {
        let operation = operation.id;
        let deviation = Deviation { operation, kind };
        let is_new = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.len() < MAX_SEEN && seen.insert(deviation.clone())
        };
        if is_new {
            (self.report)(&deviation);
        }
    }
}

impl Default for Deviations {
    /// Reports deviations as warnings of `tracing`.
    fn default() -> Self {
        Self::new(Box::new(|deviation| {
            tracing::warn!(%deviation, "the response differs from the API description");
        }))
    }
}

thread_local! {
    /// The deviations of the response that is being decoded; `None` outside of responses.
    static FOUND: RefCell<Option<Vec<DeviationKind>>> = const { RefCell::new(None) };
}

/// Decodes a response, and also returns its deviations.
pub(crate) fn watched<T>(decode: impl FnOnce() -> T) -> (T, Vec<DeviationKind>) {
    FOUND.set(Some(Vec::new()));
    let decoded = decode();
    (decoded, FOUND.take().unwrap_or_default())
}

/// Decodes a branch of a choice without recording deviations, because another branch may match the
/// value.
pub(crate) fn unwatched<T>(decode: impl FnOnce() -> T) -> T {
    let outer = FOUND.take();
    let decoded = decode();
    FOUND.set(outer);
    decoded
}

/// Records that the enumeration `T` lacks the value of the deserializer `D`.
pub(crate) fn note_unknown<T, D>(value: &str) {
    let name = std::any::type_name::<T>();
    note::<D>(|| DeviationKind::UnknownValue {
        enumeration: name.rsplit("::").next().unwrap_or(name),
        value: value.to_owned(),
    });
}

/// Records a deviation that was found with the deserializer `D`.
///
/// Deviations in the branches of a choice are not recorded, because another branch may match the value.
/// serde decodes these branches from a buffer, which only the name of its deserializer reveals.
pub(crate) fn note<D>(kind: impl FnOnce() -> DeviationKind) {
    if std::any::type_name::<D>().contains("::Content") {
        return;
    }
    FOUND.with_borrow_mut(|found| {
        if let Some(found) = found {
            found.push(kind());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_deviation_is_reported_once_and_a_limited_number_of_them() {
        static OPERATION: Operation = Operation {
            id: "Get",
            ..Operation::PLAIN
        };
        let reported = std::sync::Arc::new(Mutex::new(Vec::new()));
        let sink = reported.clone();
        let deviations = Deviations::new(Box::new(move |deviation| {
            sink.lock()
                .expect("is not poisoned")
                .push(deviation.to_string());
        }));
        let value = |value: String| DeviationKind::UnknownValue {
            enumeration: "State",
            value,
        };
        for _ in 0..2 {
            deviations.add(&OPERATION, value("new".to_owned()));
        }
        let first = "Get: the enumeration `State` lacks the value \"new\"";
        assert_eq!(*reported.lock().expect("is not poisoned"), [first]);
        for number in 0..2 * MAX_SEEN {
            deviations.add(&OPERATION, value(number.to_string()));
        }
        assert_eq!(reported.lock().expect("is not poisoned").len(), MAX_SEEN);
    }
}
