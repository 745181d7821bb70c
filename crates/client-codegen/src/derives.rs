//! The derive macros that cargo features enable, and the attributes that they read.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

use crate::tokens::serde_options;
use crate::{GenerateError, Settings};

/// The derive macros of the standard library, which read no attributes of serde.
const STANDARD: [&str; 9] = [
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Eq",
    "Hash",
    "Ord",
    "PartialEq",
    "PartialOrd",
];

/// The traits that types derive in addition to those that typify derives.
#[derive(Default)]
pub(crate) struct Derives {
    /// The attributes of each type: `#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]`.
    pub(crate) attributes: TokenStream,
    /// The features whose derive macros read attributes of serde; `None` if others read them always.
    features: Option<Vec<String>>,
}

impl Derives {
    /// # Errors
    /// [`GenerateError::NotRust`] for a path that is not Rust.
    pub(crate) fn of(settings: &Settings) -> Result<Self, GenerateError> {
        let mut attributes = TokenStream::new();
        for (feature, paths) in &settings.feature_derives {
            for path in paths {
                let parsed: syn::Path = syn::parse_str(path)
                    .map_err(|error| GenerateError::NotRust(path.clone(), error.to_string()))?;
                attributes.extend(quote!(#[cfg_attr(feature = #feature, derive(#parsed))]));
            }
        }
        let is_standard = |path: &String| STANDARD.contains(&path.as_str());
        let features = settings.derives.iter().all(is_standard);
        let features = features.then(|| settings.feature_derives.keys().cloned().collect());
        Ok(Self {
            attributes,
            features,
        })
    }

    /// Makes the attributes of serde conditional in the tokens of an item or a field from which serde derives
    /// nothing. The attributes are kept because other derive macros may read them, and because they document
    /// the names in JSON.
    pub(crate) fn make_serde_conditional(&self, tokens: &mut [TokenTree]) {
        let Some(features) = &self.features else {
            return;
        };
        for token in tokens {
            if let TokenTree::Group(attribute) = token
                && attribute.delimiter() == Delimiter::Bracket
                && serde_options(attribute).is_some()
            {
                let attribute = attribute.stream();
                let conditional = quote!(cfg_attr(any(#(feature = #features),*), #attribute));
                *token = Group::new(Delimiter::Bracket, conditional).into();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn derives(always: &[&str], by_feature: &[&str]) -> Derives {
        let owned = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect();
        let mut feature_derives = BTreeMap::new();
        if !by_feature.is_empty() {
            feature_derives.insert("schemars".to_owned(), owned(by_feature));
        }
        let settings = Settings {
            derives: owned(always),
            feature_derives,
            ..Settings::default()
        };
        Derives::of(&settings).expect("are paths")
    }

    #[test]
    fn attributes_of_serde_are_there_for_derive_macros_that_read_them() {
        let field = quote!(#[doc = "d"] #[serde(rename = "n")] pub name);
        for (always, by_feature, expected) in [
            (
                &["Hash", "Eq"][..],
                &[][..],
                quote!(#[doc = "d"] #[cfg_attr(any(), serde(rename = "n"))] pub name),
            ),
            (&["schemars::JsonSchema"], &[], field.clone()),
            (
                &["Hash"],
                &["schemars::JsonSchema"],
                quote!(#[doc = "d"] #[cfg_attr(any(feature = "schemars"), serde(rename = "n"))] pub name),
            ),
        ] {
            let mut tokens: Vec<TokenTree> = field.clone().into_iter().collect();
            derives(always, by_feature).make_serde_conditional(&mut tokens);
            let after: TokenStream = tokens.into_iter().collect();
            assert_eq!(after.to_string(), expected.to_string());
        }
    }

    #[test]
    fn a_path_that_is_not_rust_is_an_error() {
        let settings = Settings {
            feature_derives: BTreeMap::from([("a".to_owned(), vec!["not a path".to_owned()])]),
            ..Settings::default()
        };
        assert!(
            matches!(Derives::of(&settings), Err(GenerateError::NotRust(path, _)) if path == "not a path")
        );
    }
}
