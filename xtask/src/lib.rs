//! Turns vendored OpenAPI documents into client crates.
//!
//! Each step is a module: [`openapi_document`] loads, corrects and checks a document, [`openapi_lower`] makes a
//! plan of it, [`client_codegen`] generates code from the plan, [`surface`] lists what users of the code
//! can name, and [`regen`] writes the files that [`client_files`] and [`call_file`] make. [`corpus`] takes
//! other documents through the same steps, compiles the clients and compares what they decode with the
//! documents by [`same`]. [`diff`] compares two documents and their surfaces, [`update`] replaces a document
//! by a new one, and [`drift_check`] checks that a release names what it changes. [`report`] prints
//! diagnostics and notes, and [`cli`] is the thin command line over it all.

pub mod call_file;
pub mod cli;
pub mod client_crate;
pub mod client_files;
pub mod corpus;
pub mod drift_check;
pub mod files;
pub mod membership;
pub mod regen;
pub mod registry;
pub mod release;
pub mod report;
pub mod same;
pub mod transaction;
pub mod tree;
pub mod update;
