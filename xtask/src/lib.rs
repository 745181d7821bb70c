//! Turns vendored OpenAPI documents into client crates.
//!
//! Each step is a module: [`openapi_document`] loads, corrects and checks a document,
//! [`openapi_lower`] lowers it to a plan, [`client_codegen`] generates code from the plan,
//! [`surface`] lists the public items of the generated code, and [`regen`] writes the files that
//! [`client_files`] and [`call_file`] render. [`corpus`] runs other documents through the same
//! steps, compiles the clients, and compares decoded values with the sent ones ([`same`]). [`diff`]
//! compares two documents and their surfaces, [`update`] replaces a document by a new version, and
//! [`drift_check`] checks that the version and the changelog declare the changes. [`report`]
//! formats diagnostics and notes, and [`cli`] is the command line.

pub mod call_file;
pub mod cli;
pub mod client_crate;
pub mod client_files;
#[cfg(feature = "corpus")]
pub mod corpus;
pub mod drift_check;
pub mod files;
pub mod membership;
pub mod regen;
pub mod registry;
pub mod release;
pub mod report;
pub mod same;
pub mod tree;
pub mod update;
