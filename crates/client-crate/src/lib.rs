//! Makes the files of a client crate from an OpenAPI document.
//!
//! [`BuiltApi`] is all that is derived from a document. [`generated`] has the files that are made again
//! whenever the document changes, and [`written_once`] those that a new crate starts with. Which operations a
//! client has is decided by [`selection`], and how they are called by [`OperationNames`].

mod built;
pub mod generated;
mod operation_names;
pub mod selection;
pub mod written_once;

pub use self::built::{BuildError, BuiltApi, build};
pub use self::operation_names::OperationNames;

use client_codegen::Settings;

/// The settings of new APIs and of documents without an API: the types derive `JsonSchema`.
pub fn default_settings() -> Settings {
    Settings {
        derives: vec!["schemars::JsonSchema".to_owned()],
        ..Settings::default()
    }
}
