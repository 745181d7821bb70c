//! What the tests, examples and benchmarks of this workspace share: a server that records, calls by
//! name, and instances of schemas.

pub mod apis;
pub mod call;
pub mod expectations;
pub mod fault_server;
pub mod recording_server;

/// The operations of each API, callable by name.
#[rustfmt::skip]
pub mod generated;

/// The code in the README of the workspace compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
