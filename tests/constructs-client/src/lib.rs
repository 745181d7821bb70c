#![doc = include_str!("../README.md")]

#[rustfmt::skip]
mod generated;

pub use client_runtime as runtime;
pub use generated::*;
