//! Shared code of the tests, examples and benchmarks: recording and fault servers, calls by name,
//! and expectations.

pub mod apis;
pub mod call;
pub mod expectations;
pub mod fault_server;
pub mod recording_server;

/// The operations of each API, callable by name.
#[rustfmt::skip]
pub mod generated;

/// Compiles the code in the README of the workspace.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
