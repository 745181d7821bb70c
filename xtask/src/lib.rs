//! `cargo xtask`: generates client crates from vendored OpenAPI documents.
//!
//! The steps are crates of their own: [`openapi_document`] loads and checks a document, [`openapi_lower`] makes a
//! plan of it, [`client_codegen`] generates code from the plan, [`client_crate`] makes the files of a crate, and
//! [`openapi_diff`] compares two documents. This crate has what belongs to this workspace: [`registry`] lists its
//! APIs, [`regen`] writes their files, [`update`] replaces a document, [`membership`] adds and removes APIs,
//! [`drift_check`] checks that a release names its changes, and [`cli`] is the command line. The feature `corpus`
//! adds the command that tries out any document.

pub mod cli;
pub mod drift_check;
pub mod files;
pub mod membership;
pub mod regen;
pub mod registry;
pub mod release;
pub mod tree;
pub mod update;
