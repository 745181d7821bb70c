#![doc = include_str!("../README.md")]

mod env;
#[rustfmt::skip]
mod generated;

pub use client_runtime as runtime;
pub use client_runtime::Error;
pub use generated::*;
/// What a generated call returns: the answer of a documented error with its own type, or what else
/// went wrong. It converts into [`Error`] with `?`.
pub use progenitor_client::Error as CallError;
