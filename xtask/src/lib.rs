//! Turns vendored OpenAPI documents into client crates.
pub mod check;
pub mod diagnostic;
pub mod document;
pub mod lower;
pub mod overlay;
pub mod pointer;
pub mod rust_name;
pub mod generate;
pub mod registry;
