//! Makes the files of a client crate from an OpenAPI document.
//!
//! [`BuiltApi`] is all that is derived from a document. [`generated`] has the files that are made again
//! whenever the document changes, [`written_once`] those that a new crate starts with, and [`calls`] the
//! functions by which tests call a client. Which operations a client has is decided by [`selection`], and
//! their names by the document or by [`OperationNames`].

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

use client_codegen::Settings;

/// The settings of new APIs and of documents without an API: the types derive `JsonSchema`.
pub fn default_settings() -> Settings {
    Settings {
        derives: vec!["schemars::JsonSchema".to_owned()],
        ..Settings::default()
    }
}
