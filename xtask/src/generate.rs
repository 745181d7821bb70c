//! Generation: what progenitor makes of a lowered document, with the settings of the client's own
//! macro call.
//!
//! The client crates generate their code when they build; here the same is done to look at it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use progenitor_impl::{
    CrateVers, GenerationSettings, Generator, InterfaceStyle, TagStyle, UnknownPolicy,
};
use serde_json::Value;

use crate::registry::GeneratorSettings;

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The lowered document is not OpenAPI 3.0 to `openapiv3`.
    #[error("the lowered document cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// progenitor refuses the document.
    #[error("progenitor refuses the lowered document: {0}")]
    Refused(Box<progenitor_impl::Error>),
    /// progenitor panics, which is how it refuses some documents.
    #[error("progenitor panics on the lowered document: {0}")]
    Panicked(String),
    /// A setting of the registry is not what it has to be.
    #[error("the generator setting `{setting}` is not {what}: {value}")]
    Setting {
        /// Which one.
        setting: &'static str,
        /// What it has to be.
        what: &'static str,
        /// What it is.
        value: String,
    },
}

/// The code that the macro makes of a lowered document.
///
/// # Errors
/// [`GenerateError`]; a panic inside progenitor is caught and is one of them.
pub fn generate(
    document: &Value,
    settings: &GeneratorSettings,
) -> Result<TokenStream, GenerateError> {
    let document = serde_json::from_value(document.clone())?;
    let settings = progenitor_settings(settings)?;
    let run = AssertUnwindSafe(|| Generator::new(&settings).generate_tokens(&document));
    match catch_unwind(run) {
        Ok(tokens) => tokens.map_err(|error| GenerateError::Refused(Box::new(error))),
        Err(payload) => Err(GenerateError::Panicked(said_by(&*payload))),
    }
}

/// The version of `client-runtime`, as the macro call names it: whichever the workspace has, so that no
/// generated file changes with the version number.
pub const RUNTIME_VERSION: &str = "*";

/// What a panic said.
pub(crate) fn said_by(payload: &(dyn Any + Send)) -> String {
    let said = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied());
    said.unwrap_or("it does not say why").to_owned()
}

fn progenitor_settings(settings: &GeneratorSettings) -> Result<GenerationSettings, GenerateError> {
    let mut made = GenerationSettings::new();
    let inner_type = settings
        .inner_type
        .parse()
        .map_err(|_| GenerateError::Setting {
            setting: "inner_type",
            what: "the path of a Rust type",
            value: settings.inner_type.clone(),
        })?;
    made.with_interface(InterfaceStyle::Builder)
        .with_tag(TagStyle::Separate)
        .with_hooks(progenitor_impl::HooksMode::Expected)
        .with_inner_type(inner_type)
        .with_unknown_crates(UnknownPolicy::Generate);
    for derive in &settings.derives {
        made.with_derive(derive);
    }
    let runtime = ("client-runtime", RUNTIME_VERSION);
    let others = settings.crates.iter();
    let others = others.map(|(name, version)| (name.as_str(), version.as_str()));
    for (name, version) in others.chain([runtime]) {
        let parsed = CrateVers::parse(version).ok_or_else(|| GenerateError::Setting {
            setting: "crates",
            what: "a version",
            value: version.to_owned(),
        })?;
        made.with_crate(name, parsed, None);
    }
    Ok(made)
}
