//! The macro that generates the client of an API when its crate is compiled.
//!
//! Its name and options match those of progenitor's macro. `client-codegen` documents its input and its
//! output.

use std::collections::BTreeMap;
use std::path::PathBuf;

use client_codegen::Settings;
use client_codegen::plan::ClientPlan;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote};
use serde::Deserialize;
use serde_tokenstream::ParseWrapper;

/// Generates a client.
///
/// ```ignore
/// client_macro::generate_api!(
///     spec = "openapi.json",
///     interface = Builder,
///     tags = Merged,
///     derives = [schemars::JsonSchema],
/// );
/// ```
///
/// | option | meaning |
/// |---|---|
/// | `spec` | the path of the file that `cargo xtask regen` writes, relative to the crate's manifest |
/// | `interface` | must be `Builder`: each call has a builder |
/// | `tags` | must be `Merged`: every call is a method of the client |
/// | `derives` | paths of derive macros for all generated types |
/// | `crates` | crates whose types the document names with `x-rust-type`, with their versions |
/// | `default_parameters` | names of path parameters for which a client can have a default |
///
/// # Errors
/// The crate does not compile if the file cannot be read or no code can be generated for it. The
/// compiler error contains the reason.
#[proc_macro]
pub fn generate_api(options: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let code = generate(&options.into());
    code.unwrap_or_else(|error| error.to_compile_error()).into()
}

#[derive(Deserialize)]
struct Options {
    spec: ParseWrapper<syn::LitStr>,
    #[serde(rename = "interface")]
    _interface: Interface,
    #[serde(rename = "tags")]
    _tags: Tags,
    #[serde(default)]
    derives: Vec<ParseWrapper<syn::Path>>,
    #[serde(default)]
    crates: BTreeMap<String, String>,
    #[serde(default)]
    default_parameters: Vec<String>,
}

#[derive(Deserialize)]
enum Interface {
    Builder,
}

#[derive(Deserialize)]
enum Tags {
    Merged,
}

fn generate(options: &TokenStream) -> syn::Result<TokenStream> {
    let options: Options = serde_tokenstream::from_tokenstream(options)?;
    let spec = options.spec.into_inner();
    let reject = |message: String| syn::Error::new(spec.span(), message);
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| {
        syn::Error::new(
            Span::call_site(),
            "CARGO_MANIFEST_DIR is not set: cargo sets it",
        )
    })?;
    let path = PathBuf::from(folder).join(spec.value());
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(&path);
    let text = text.map_err(|error| reject(format!("{shown} cannot be read: {error}")))?;
    let plan: ClientPlan = serde_json::from_str(&text).map_err(|error| {
        reject(format!(
            "{shown} is not a plan of a client, which `cargo xtask regen` writes: {error}"
        ))
    })?;
    let settings = Settings {
        derives: options
            .derives
            .into_iter()
            .map(|path| path.into_inner().into_token_stream().to_string())
            .collect(),
        crates: options.crates,
        default_parameters: options.default_parameters,
    };
    let generated = client_codegen::generate(&plan, &settings);
    let tokens = generated
        .map_err(|error| reject(error.to_string()))?
        .tokens();
    Ok(quote! {
        #tokens
        // Makes cargo rebuild the crate when the file changes.
        const _: &str = include_str!(#shown);
    })
}
