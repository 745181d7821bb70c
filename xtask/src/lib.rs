//! `cargo xtask`: generates client crates from vendored OpenAPI documents.
//!
//! The steps are separate crates: [`openapi_document`] loads and checks a document, [`openapi_lower`] creates a
//! plan from it, [`client_codegen`] generates code from the plan, [`client_crate`] generates the files of a
//! crate, and [`openapi_diff`] compares two documents. This crate contains the code that is specific to this
//! workspace: [`registry`] lists its APIs, [`regen`] writes their files, [`update`] replaces a document,
//! [`membership`] adds and removes APIs, [`drift_check`] checks that a release declares its changes, and
//! [`cli`] is the command line. The feature `corpus` adds the command that tests the pipeline on any document.

pub mod cli;
pub mod drift_check;
pub mod files;
pub mod membership;
pub mod regen;
pub mod registry;
pub mod release;
pub mod tree;
pub mod update;
