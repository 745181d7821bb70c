//! Generates the Rust client of an API.
//!
//! A [`ClientPlan`](plan::ClientPlan) holds what the lowering of an OpenAPI document decided: the
//! component schemas, and one [`OperationPlan`](plan::OperationPlan) for each call. [`generate`] makes
//! types of the schemas with progenitor, and of the plans the client, a builder for each call, the
//! table of operations, and the streams of lists and items. The macro of `client-macro` runs it when a
//! client crate is built; `cargo xtask` runs it to look at the result.

mod emit;
mod items;
pub mod naming;
pub mod plan;
mod setter;
#[cfg(feature = "surface")]
pub mod surface;
mod tolerance;
mod types;

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

use proc_macro2::TokenStream;
use serde::Deserialize;

pub use emit::{CallSignature, Generated};

/// What may differ from client to client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Derive macros for every generated type, by path.
    pub derives: Vec<String>,
    /// Parameters for which a client may have a default, by their names in the document. They stand in
    /// paths, but not at the end.
    pub default_parameters: Vec<String>,
    /// Crates whose types the document names with `x-rust-type`, with their versions.
    /// `client-runtime` is known without being listed.
    pub crates: BTreeMap<String, String>,
}

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The schemas are not OpenAPI 3.0 to `openapiv3`.
    #[error("the lowered document cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// progenitor rejects the document.
    #[error("progenitor rejects the lowered document: {0}")]
    Refused(Box<progenitor::Error>),
    /// progenitor panics, which is how it rejects some documents.
    #[error("progenitor panics on the lowered document: {0}")]
    Panicked(String),
    /// The version of a crate is not one.
    #[error("the version {1:?} of the crate `{0}` is not a version")]
    Version(String, String),
    /// A type or a name of the settings or the plan is not Rust.
    #[error("{0:?} is not Rust: {1}")]
    NotRust(String, String),
    /// progenitor's code is not as this version of it makes it.
    #[error("progenitor's code has no {0} where this version of it has one")]
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
    emit::emit(plan, settings, types)
}

/// A type or an attribute as people write it: `Option<Vec<types::Role>>`, without the modules of the
/// standard library that everybody knows.
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
        ("( )", "()"),
        (",>", ">"),
    ] {
        text = text.replace(long, short);
    }
    for module in ["std::option::", "std::string::", "std::vec::"] {
        text = text.replace(&format!("::{module}"), "");
        text = text.replace(module, "");
    }
    text
}

/// Runs something that may panic, and gives the message if it does. Nothing is printed about the panic: the
/// hook of the process is replaced meanwhile, so one such thing runs at a time.
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
        message.unwrap_or("it has no message").to_owned()
    })
}

impl Generated {
    /// All of the code: the types and the client.
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
