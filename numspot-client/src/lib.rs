#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod env;
#[rustfmt::skip]
mod generated;

pub use client_runtime as runtime;
pub use client_runtime::Error;
pub use generated::*;
