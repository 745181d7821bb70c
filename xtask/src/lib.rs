//! Turns vendored OpenAPI documents into client crates.
//!
//! The way of the data, a module a station: [`document`] loads a text, [`overlay`] corrects it,
//! [`check`] refuses what nothing could be made of, [`lower`] makes of it what progenitor digests,
//! [`generate`] runs progenitor, [`surface`] looks at what came of it, and [`regen`] writes the
//! files that [`client_files`] and [`call_file`] make. [`cli`] is the thin command line over it.

pub mod call_file;
pub mod check;
pub mod cli;
pub mod client_files;
pub mod diagnostic;
pub mod document;
pub mod generate;
pub mod lower;
pub mod overlay;
pub mod pointer;
pub mod regen;
pub mod registry;
pub mod rust_name;
pub mod surface;
