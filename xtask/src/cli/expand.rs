//! `cargo xtask expand`: prints the formatted code that a client's macro generates.

use std::path::Path;

use client_codegen::generate;

use super::{DONE, apis_with, print, refuse, refuse_regen};
use crate::regen;

/// Arguments of `cargo xtask expand`.
#[derive(clap::Args)]
pub(super) struct Expand {
    /// The API in specs/apis.toml
    api: String,
    /// Only the calls of this tag, without the types
    #[arg(long)]
    tag: Option<String>,
    /// Only the code that these Cargo features of the crate enable, and code without a feature
    #[arg(long, value_delimiter = ',', value_name = "FEATURES")]
    features: Option<Vec<String>>,
}

impl Expand {
    pub(super) fn run(self, root: &Path) -> u8 {
        let Self {
            api: name,
            tag,
            features,
        } = self;
        let apis = match apis_with(root, std::slice::from_ref(&name)) {
            Ok(apis) => apis,
            Err(code) => return code,
        };
        let Some(api) = apis.into_iter().find(|api| api.name == name) else {
            // `apis_with` found the API.
            return DONE;
        };
        let mut built = match regen::build(root, &api) {
            Ok(built) => built,
            Err(error) => return refuse_regen(&error),
        };
        if let Some(features) = &features {
            let known = api.features.keys().cloned().collect::<Vec<_>>();
            let enabled = features.iter().filter(|feature| !feature.is_empty());
            if let Some(other) = enabled.clone().find(|feature| !known.contains(*feature)) {
                return refuse(&format!(
                    "{name} has no feature `{other}` for operations\n  hint: its features are `{}`",
                    known.join("`, `")
                ));
            }
            let enabled: Vec<&str> = enabled.map(String::as_str).collect();
            built.plan.keep_features(&enabled);
        }
        if let Some(tag) = &tag {
            let operations = &mut built.plan.operations;
            let mut tags: Vec<String> = operations.iter().filter_map(|o| o.tag.clone()).collect();
            operations.retain(|operation| operation.tag.as_ref() == Some(tag));
            if operations.is_empty() {
                tags.dedup();
                return refuse(&format!(
                    "no operation of {name} has the tag `{tag}`\n  hint: its tags are `{}`",
                    tags.join("`, `")
                ));
            }
        }
        let generated = match generate(&built.plan, &api.generator) {
            Ok(generated) => generated,
            Err(error) => return refuse(&error),
        };
        let tokens = match tag {
            Some(_) => generated.client,
            None => generated.tokens(),
        };
        match syn::parse2(tokens) {
            Ok(file) => print(&prettyplease::unparse(&file)),
            Err(error) => return refuse(&format!("the generated code is not valid Rust: {error}")),
        }
        DONE
    }
}
