//! Setters: what a builder takes for one argument or property.
//!
//! A setter takes whatever converts into the type of its value, and for an optional value an `Option` of that
//! as well. The traits that say so are in `client-runtime`, where each has its reason.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};

/// What a setter takes, with the type of the value.
#[derive(Debug, Clone)]
pub(crate) enum Setter {
    /// A value that must be given.
    Required(TokenStream),
    /// A value that must be given and may be null.
    OrNull(TokenStream),
    /// A value that may be absent.
    Optional(TokenStream),
    /// A value that may be absent and may be null.
    Nullable(TokenStream),
    /// Any JSON, which may be absent.
    OptionalJson,
}

impl Setter {
    /// Of an argument or a field of the type `of`.
    pub(crate) fn required(of: &[TokenTree]) -> Self {
        match generic(of, &["std", "option", "Option"]) {
            Some(inner) if !is_json(inner) => Self::OrNull(stream(inner)),
            _ => Self::Required(stream(of)),
        }
    }

    /// Of an argument or a field whose value has the type `of` and may be absent.
    pub(crate) fn optional(of: &[TokenTree]) -> Self {
        if is_json(of) {
            Self::OptionalJson
        } else if let Some(inner) = nullable(of) {
            Self::Nullable(stream(inner))
        } else if let Some(inner) = generic(of, &["std", "option", "Option"]) {
            // A body that may be null: `None` is null.
            Self::OrNull(stream(inner))
        } else {
            Self::Optional(stream(of))
        }
    }

    /// The type of the builder's field that keeps the value, whose type is `of`.
    pub(crate) fn field_type(of: impl ToTokens) -> TokenStream {
        quote!(::client_runtime::generated::Argument<#of>)
    }

    /// The method `name`, which keeps the value in the field of that name.
    pub(crate) fn method(&self, name: &Ident) -> TokenStream {
        let (parameters, bounds, set) = match self {
            Self::Required(of) => (
                quote!(V),
                quote!(V: ::std::convert::TryInto<#of>, V::Error: ::std::fmt::Display,),
                quote!(set),
            ),
            Self::OrNull(of) => (
                quote!(V, How),
                quote!(V: ::client_runtime::IntoNullable<#of, How>),
                quote!(set_or_null),
            ),
            Self::Optional(of) => (
                quote!(V, How),
                quote!(V: ::client_runtime::IntoOptional<#of, How>),
                quote!(set_optional),
            ),
            Self::Nullable(of) => (
                quote!(V, How),
                quote!(V: ::client_runtime::IntoNullable<#of, How>),
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

/// The `T` of the type `client_runtime::Nullable<T>`.
pub(crate) fn nullable(of: &[TokenTree]) -> Option<&[TokenTree]> {
    generic(of, &["client_runtime", "Nullable"])
}

fn is_json(of: &[TokenTree]) -> bool {
    behind(of, &["serde_json", "Value"]).is_some_and(<[_]>::is_empty)
}

/// The `T` of the type `::path<T>`.
pub(crate) fn generic<'a>(of: &'a [TokenTree], path: &[&str]) -> Option<&'a [TokenTree]> {
    let (first, rest) = behind(of, path)?.split_first()?;
    let (last, inner) = rest.split_last()?;
    // typify ends the parameters of a type of `x-rust-type` with a comma.
    let inner = match inner.split_last() {
        Some((comma, inner)) if is_punct(comma, ',') => inner,
        _ => inner,
    };
    (is_punct(first, '<') && is_punct(last, '>')).then_some(inner)
}

/// What follows `::path` in a type.
pub(crate) fn behind<'a>(of: &'a [TokenTree], path: &[&str]) -> Option<&'a [TokenTree]> {
    let mut rest = of;
    for segment in path {
        let [first, second, name, behind @ ..] = rest else {
            return None;
        };
        let is_name = matches!(name, TokenTree::Ident(ident) if ident == segment);
        if !(is_punct(first, ':') && is_punct(second, ':') && is_name) {
            return None;
        }
        rest = behind;
    }
    Some(rest)
}

pub(crate) fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

fn stream(tokens: &[TokenTree]) -> TokenStream {
    tokens.iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(of: &str) -> Vec<TokenTree> {
        let tokens: TokenStream = of.parse().expect("is Rust");
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
    fn what_a_setter_takes_follows_from_the_type() {
        let required = |of: &str| format!("V:::std::convert::TryInto<{of}>,");
        let optional = |of: &str| format!("V:::client_runtime::IntoOptional<{of},How>");
        let nullable = |of: &str| format!("V:::client_runtime::IntoNullable<{of},How>");
        let json = || "V:::client_runtime::IntoOptionalJson{".to_owned();
        for (of, if_required, if_optional) in [
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
            let of = tokens(of);
            for (setter, bound) in [
                (Setter::required(&of), if_required),
                (Setter::optional(&of), if_optional),
            ] {
                let method = method(&setter);
                assert!(method.contains(&bound), "{bound} in {method}");
            }
        }
    }
}
