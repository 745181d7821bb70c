//! Turns vendored OpenAPI documents into client crates.
//!
//! The way of the data, a module a station: [`openapi_document`] loads, corrects and checks a
//! document, [`lower`] makes of it what progenitor digests, [`generate`] runs progenitor, [`surface`]
//! looks at what came of it, and [`regen`] writes the files that [`client_files`] and [`call_file`]
//! make. [`corpus`] takes other documents the same way, compiles what comes of them and holds it to
//! them by [`same`]. [`diff`] compares two documents and their surfaces, [`update`] puts a new one in the
//! place of the old, and [`drift_check`] sees that a release says what it changes. [`report`] says what
//! was wrong or changed, and [`cli`] is the thin command line over it all.

pub mod call_file;
pub mod cli;
pub mod client_crate;
pub mod client_files;
mod client_paging;
pub mod corpus;
pub mod diff;
pub mod drift_check;
pub mod files;
pub mod generate;
pub mod lower;
pub mod membership;
pub mod regen;
pub mod registry;
pub mod release;
pub mod remedy;
pub mod report;
pub mod rust_name;
pub mod same;
pub mod surface;
pub mod transaction;
pub mod tree;
pub mod update;
