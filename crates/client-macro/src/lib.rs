//! The macro that generates the client of an API when its crate is compiled.
//!
//! Its name and options match those of progenitor's macro. `client-codegen` documents its input and its
//! output.

use std::collections::BTreeMap;
use std::path::PathBuf;

use client_codegen::Settings;
use client_codegen::plan::ClientPlan;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote};
use serde::Deserialize;
use serde_tokenstream::ParseWrapper;

/// Generates a client.
///
/// ```ignore
/// client_macro::generate_api!(
///     spec = "openapi.json",
///     interface = Builder,
///     tags = Merged,
///     feature_derives = { "schemars" = [schemars::JsonSchema] },
/// );
/// ```
///
/// | option | meaning |
/// |---|---|
/// | `spec` | the path of the file that `cargo xtask regen` writes, relative to the crate's manifest |
/// | `interface` | must be `Builder`: each call has a builder |
/// | `tags` | must be `Merged`: every call is a method of the client |
/// | `derives` | paths of derive macros for all generated types |
/// | `feature_derives` | the same, by the cargo feature that enables them |
/// | `crates` | crates whose types the document names with `x-rust-type`, with their versions |
/// | `default_parameters` | names of path parameters for which a client can have a default |
///
/// If the operations have features, only those whose features are enabled are generated, with the types
/// that they use.
///
/// # Errors
/// The crate does not compile if the file cannot be read or no code can be generated for it. The
/// compiler error contains the reason.
#[proc_macro]
pub fn generate_api(options: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let options = TokenStream::from(options);
    let code = Input::read(&options).and_then(|input| match input.plan.features().is_empty() {
        true => input.generate(),
        false => Ok(with_features(&input.plan, &options)),
    });
    code.unwrap_or_else(|error| error.to_compile_error()).into()
}

/// The second step of [`generate_api!`] for a crate with features. It is a derive macro because only from
/// the input of a derive macro does the compiler remove the variants whose features are not enabled.
#[doc(hidden)]
#[proc_macro_derive(GenerateEnabled, attributes(client))]
pub fn generate_enabled(features: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let code = enabled(features.into());
    code.unwrap_or_else(|error| error.to_compile_error()).into()
}

/// Passes the options to [`GenerateEnabled`], with a variant for each feature.
fn with_features(plan: &ClientPlan, options: &TokenStream) -> TokenStream {
    let features = plan.features();
    let variants = features.iter().enumerate().map(|(index, feature)| {
        let variant = format_ident!("Feature{index}");
        quote!(#[cfg(feature = #feature)] #[client(#feature)] #variant)
    });
    quote! {
        #[allow(dead_code)]
        #[derive(::client_macro::GenerateEnabled)]
        #[client(#options)]
        enum EnabledFeatures { #(#variants),* }
    }
}

fn enabled(features: TokenStream) -> syn::Result<TokenStream> {
    let features: syn::ItemEnum = syn::parse2(features)?;
    let content = |attributes: &[syn::Attribute]| {
        let mut attributes = attributes.iter();
        let found = attributes.find(|attribute| attribute.path().is_ident("client"));
        let missing = || syn::Error::new(Span::call_site(), "there is no attribute `client`");
        let tokens = &found.ok_or_else(missing)?.meta.require_list()?.tokens;
        Ok::<_, syn::Error>(tokens.clone())
    };
    let mut input = Input::read(&content(&features.attrs)?)?;
    let mut names = Vec::new();
    for variant in &features.variants {
        let name: syn::LitStr = syn::parse2(content(&variant.attrs)?)?;
        names.push(name.value());
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    input.plan.keep_features(&names);
    input.generate()
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
    feature_derives: BTreeMap<String, Vec<ParseWrapper<syn::Path>>>,
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

/// The paths in the form that `client_codegen` accepts.
fn written(paths: Vec<ParseWrapper<syn::Path>>) -> Vec<String> {
    let paths = paths.into_iter().map(ParseWrapper::into_inner);
    paths
        .map(|path| path.into_token_stream().to_string().replace(' ', ""))
        .collect()
}

/// The options of the macro and the plan that they name.
struct Input {
    settings: Settings,
    plan: ClientPlan,
    /// The option `spec`, for errors.
    spec: syn::LitStr,
    /// The path of the file.
    path: String,
}

impl Input {
    fn read(options: &TokenStream) -> syn::Result<Self> {
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
        let plan = serde_json::from_str(&text).map_err(|error| {
            reject(format!(
                "{shown} is not a plan of a client, which `cargo xtask regen` writes: {error}"
            ))
        })?;
        let settings = Settings {
            derives: written(options.derives),
            feature_derives: options
                .feature_derives
                .into_iter()
                .map(|(feature, paths)| (feature, written(paths)))
                .collect(),
            crates: options.crates,
            default_parameters: options.default_parameters,
        };
        Ok(Self {
            settings,
            plan,
            spec,
            path: shown,
        })
    }

    fn generate(self) -> syn::Result<TokenStream> {
        let generated = client_codegen::generate(&self.plan, &self.settings);
        let tokens = generated
            .map_err(|error| syn::Error::new(self.spec.span(), error.to_string()))?
            .tokens();
        let path = self.path;
        Ok(quote! {
            #tokens
            // Makes cargo rebuild the crate when the file changes.
            const _: &str = include_str!(#path);
        })
    }
}
