//! Generates the Rust client of an API.
//!
//! A [`ClientPlan`](plan::ClientPlan) contains the decisions of the lowering of an OpenAPI document:
//! the component schemas, and one [`OperationPlan`](plan::OperationPlan) for each call. [`generate`]
//! generates types from the schemas with progenitor. From the plans it generates the client, a builder
//! for each call, the table of operations, and the streams of lists and items. The macro of
//! `client-macro` calls it when a client crate is built; `cargo xtask` calls it to inspect the result.

mod builders;
mod derives;
mod emit;
pub mod enum_names;
mod facts;
mod features;
mod items;
mod locations;
pub mod naming;
mod objects;
pub mod plan;
mod prose;
mod readers;
mod setter;
#[cfg(feature = "surface")]
pub mod surface;
mod tokens;
mod tolerance;
mod tuples;
mod types;

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

use proc_macro2::TokenStream;
use serde::Deserialize;

pub use emit::Generated;

/// The settings of a client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Paths of derive macros for all generated types.
    pub derives: Vec<String>,
    /// Paths of derive macros for all generated types, by the cargo feature that enables them.
    pub feature_derives: BTreeMap<String, Vec<String>>,
    /// The names of parameters for which a client can have a default. They must be in the path, but not
    /// at its end.
    pub default_parameters: Vec<String>,
    /// Crates whose types the document names with `x-rust-type`, with their versions. `client-runtime`
    /// is always included.
    pub crates: BTreeMap<String, String>,
}

/// Why no code could be generated.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// `openapiv3` cannot read the document as OpenAPI 3.0.
    #[error("the lowered document cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// progenitor rejects the document.
    #[error("progenitor rejects the lowered document: {0}")]
    Rejected(Box<progenitor::Error>),
    /// progenitor panicked, as it does for some documents.
    #[error("progenitor panics on the lowered document: {0}")]
    Panicked(String),
    /// The version of a crate is invalid.
    #[error("the version {1:?} of the crate `{0}` is invalid")]
    Version(String, String),
    /// A type or a name in the settings or the plan is not valid Rust.
    #[error("{0:?} is not valid Rust: {1}")]
    NotRust(String, String),
    /// The code of progenitor lacks an item that this crate relies on.
    #[error("the code of progenitor has no `{0}`; its version does not match")]
    Unexpected(&'static str),
}

/// Generates the client that `plan` describes.
///
/// # Errors
/// [`GenerateError`].
///
/// ```
/// use client_codegen::plan::ClientPlan;
/// use client_codegen::{Settings, generate};
///
/// let plan: ClientPlan = serde_json::from_value(serde_json::json!({
///     "document": {
///         "openapi": "3.0.3",
///         "info": { "title": "Things", "version": "1" },
///         "paths": {},
///         "components": { "schemas": { "Thing": { "type": "object" } } },
///     },
///     "operations": [{
///         "id": "ListThings",
///         "methodName": "list_things",
///         "builderName": "ListThings",
///         "method": "GET",
///         "path": "/things",
///         "responses": [{
///             "status": "200",
///             "mediaType": "application/json",
///             "body": { "json": { "schema": { "$ref": "#/components/schemas/Thing" } } },
///         }],
///     }],
/// }))?;
/// let generated = generate(&plan, &Settings::default())?;
/// assert!(generated.client.to_string().contains("fn list_things"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn generate(plan: &plan::ClientPlan, settings: &Settings) -> Result<Generated, GenerateError> {
    let types = types::Types::of(plan, settings)?;
    Ok(Generated {
        types: types.module(plan),
        client: emit::client_code(plan, settings, &types),
    })
}

/// Formats a type or an attribute for display: `Option<Vec<types::Role>>`, without the common modules
/// of the standard library.
pub fn written(tokens: impl quote::ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string();
    for (long, short) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        (" '", "'"),
        ("( ", "("),
        (" )", ")"),
        (",>", ">"),
    ] {
        text = text.replace(long, short);
    }
    if text.contains("std::") {
        for module in ["std::option::", "std::string::", "std::vec::"] {
            text = text.replace(&format!("::{module}"), "");
            text = text.replace(module, "");
        }
    }
    text
}

/// The type with which generated code decodes a response of the type `of` in all notations of servers.
/// `None` if `of` is neither an integer or a time, nor a list, map or tuple of these. `of` and the
/// result are Rust code.
pub fn reader_of(of: &str) -> Option<String> {
    let tokens: TokenStream = of.parse().ok()?;
    readers::reader(&tokens.into_iter().collect::<Vec<_>>()).map(|reader| reader.to_string())
}

/// Runs a function that may panic, and returns the message of the panic as an error. While it runs, the
/// panic hook of the process is replaced, so that nothing is printed. Concurrent calls therefore run
/// one after the other.
///
/// # Errors
/// The message of the panic.
pub fn caught<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Mutex<()> = Mutex::new(());
    let one_at_a_time = HOOK.lock().unwrap_or_else(PoisonError::into_inner);
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    panic::set_hook(hook);
    drop(one_at_a_time);
    result.map_err(|payload| {
        let message = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied());
        message.unwrap_or("the panic has no message").to_owned()
    })
}

impl Generated {
    /// Returns the whole code: the types and the client.
    pub fn tokens(&self) -> TokenStream {
        let Self { types, client, .. } = self;
        quote::quote! {
            #[doc = "The types of parameters, request bodies and responses."]
            #[allow(clippy::all)]
            pub mod types { #types }
            #client
        }
    }
}
