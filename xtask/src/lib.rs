//! `cargo xtask`: generates client crates from vendored OpenAPI documents.
//!
//! The steps are crates of their own: [`openapi_document`] loads and checks a document, [`openapi_lower`] makes a
//! plan of it, [`client_codegen`] generates code from the plan, and [`openapi_diff`] compares two documents. This
//! crate has what belongs to this workspace: [`registry`] lists its APIs, [`selection`] chooses their
//! operations, [`regen`] writes the files that
//! [`client_files`] and [`call_file`] render, [`update`] replaces a document, [`membership`] adds and removes APIs,
//! [`drift_check`] checks that a release names its changes, and [`cli`] is the command line. The feature `corpus`
//! adds the command that tries out any document.

pub mod call_file;
pub mod cli;
pub mod client_crate;
pub mod client_files;
#[cfg(feature = "corpus")]
pub mod corpus;
pub mod drift_check;
pub mod files;
pub mod membership;
pub mod operation_names;
pub mod regen;
pub mod registry;
pub mod release;
pub mod report;
pub mod same;
pub mod selection;
pub mod tree;
pub mod update;
