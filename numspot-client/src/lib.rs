#![doc = include_str!("../README.md")]

mod env;
#[rustfmt::skip]
mod generated;
mod wait;

pub use client_runtime as runtime;
pub use client_runtime::Error;
pub use generated::*;
