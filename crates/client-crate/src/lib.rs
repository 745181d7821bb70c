//! Generates the files of a client crate from an OpenAPI document.
//!
//! [`BuiltApi`] contains everything that is derived from a document. [`generated`] contains the files that
//! are generated again when the document changes, [`written_once`] the files that are written only for a new
//! crate, and [`calls`] the functions with which tests call a client. [`selection`] selects the operations of
//! a client. Their names are those of the document, unless [`OperationNames`] changes them.

mod builder_call;
mod built;
pub mod calls;
pub mod generated;
mod operation_names;
mod quick_start;
pub mod selection;
mod surface_changes;
pub mod written_once;

pub use self::built::{BuildError, BuiltApi, build};
pub use self::operation_names::OperationNames;
pub use self::surface_changes::surface_changes;

use std::collections::BTreeMap;

use client_codegen::Settings;

/// The settings of new APIs and of documents without an API: the types derive `JsonSchema` if the feature
/// `schemars` is enabled.
pub fn default_settings() -> Settings {
    let json_schema = vec!["schemars::JsonSchema".to_owned()];
    Settings {
        feature_derives: BTreeMap::from([("schemars".to_owned(), json_schema)]),
        ..Settings::default()
    }
}
