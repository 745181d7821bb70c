//! Setters of builders.
//!
//! A setter accepts any type that converts into the type of its value. A setter of an optional value
//! also accepts an `Option` of such a type. The traits for this are in `client-runtime`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::tokens::{generic, nullable, strip_path};

/// The kind of a setter, with the type of its value.
#[derive(Debug, Clone)]
pub(crate) enum Setter {
    /// A required value.
    Required(TokenStream),
    /// A required value that may be null.
    OrNull(TokenStream),
    /// An optional value.
    Optional(TokenStream),
    /// An optional value that may be null.
    Nullable(TokenStream),
    /// An optional value of any JSON type.
    OptionalJson,
}

impl Setter {
    /// Returns the setter of a required argument or field.
    pub(crate) fn required(ty: &[TokenTree]) -> Self {
        match generic(ty, &["std", "option", "Option"]) {
            Some(inner) if !is_json(inner) => Self::OrNull(stream(inner)),
            _ => Self::Required(stream(ty)),
        }
    }

    /// Returns the setter of an optional argument or field.
    pub(crate) fn optional(ty: &[TokenTree]) -> Self {
        if is_json(ty) {
            Self::OptionalJson
        } else if let Some(inner) = nullable(ty) {
            Self::Nullable(stream(inner))
        } else if let Some(inner) = generic(ty, &["std", "option", "Option"]) {
            // The body may be null: `None` is null.
            Self::OrNull(stream(inner))
        } else {
            Self::Optional(stream(ty))
        }
    }

    /// Returns the type of the builder's field for a value.
    pub(crate) fn field_type(ty: impl ToTokens) -> TokenStream {
        quote!(::client_runtime::generated::Argument<#ty>)
    }

    /// Returns the method `name`, which sets the field of that name.
    pub(crate) fn method(&self, name: &Ident) -> TokenStream {
        let (parameters, bounds, set) = match self {
            Self::Required(ty) => (
                quote!(V),
                quote!(V: ::std::convert::TryInto<#ty>, V::Error: ::std::fmt::Display,),
                quote!(set),
            ),
            Self::OrNull(ty) => (
                quote!(V, How),
                quote!(V: ::client_runtime::IntoNullable<#ty, How>),
                quote!(set_or_null),
            ),
            Self::Optional(ty) => (
                quote!(V, How),
                quote!(V: ::client_runtime::IntoOptional<#ty, How>),
                quote!(set_optional),
            ),
            Self::Nullable(ty) => (
                quote!(V, How),
                quote!(V: ::client_runtime::IntoNullable<#ty, How>),
                quote!(set_nullable),
            ),
            Self::OptionalJson => (
                quote!(V),
                quote!(V: ::client_runtime::IntoOptionalJson),
                quote!(set_json),
            ),
        };
        quote! {
            pub fn #name<#parameters>(mut self, value: V) -> Self
            where
                #bounds
            {
                self.#name.#set(value);
                self
            }
        }
    }
}

fn is_json(ty: &[TokenTree]) -> bool {
    strip_path(ty, &["serde_json", "Value"]).is_some_and(<[_]>::is_empty)
}

fn stream(tokens: &[TokenTree]) -> TokenStream {
    tokens.iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(ty: &str) -> Vec<TokenTree> {
        let tokens: TokenStream = ty.parse().expect("is Rust");
        tokens.into_iter().collect()
    }

    fn without_spaces(code: &str) -> String {
        code.split_whitespace().collect()
    }

    fn method(setter: &Setter) -> String {
        let method = setter.method(&quote::format_ident!("x"));
        without_spaces(&method.to_string())
    }

    #[test]
    fn the_type_selects_the_setter() {
        let required = |ty: &str| format!("V:::std::convert::TryInto<{ty}>,");
        let optional = |ty: &str| format!("V:::client_runtime::IntoOptional<{ty},How>");
        let nullable = |ty: &str| format!("V:::client_runtime::IntoNullable<{ty},How>");
        let json = || "V:::client_runtime::IntoOptionalJson{".to_owned();
        for (ty, if_required, if_optional) in [
            ("i64", required("i64"), optional("i64")),
            (
                "::client_runtime::Nullable<i64,>",
                required("::client_runtime::Nullable<i64,>"),
                nullable("i64"),
            ),
            (
                "::std::option::Option<Tree>",
                nullable("Tree"),
                nullable("Tree"),
            ),
            (
                "::serde_json::Value",
                required("::serde_json::Value"),
                json(),
            ),
        ] {
            let ty = tokens(ty);
            for (setter, bound) in [
                (Setter::required(&ty), if_required),
                (Setter::optional(&ty), if_optional),
            ] {
                let method = method(&setter);
                assert!(method.contains(&bound), "{bound} in {method}");
            }
        }
    }
}
