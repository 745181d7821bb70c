//! Generates the types with the documented headers of successes.

use proc_macro2::Ident;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::call::Call;
use super::{documentation, identifier};
use crate::plan::{HeaderPlan, HeaderScalar, HeaderValue};

impl Call<'_> {
    /// Returns the type of the headers of a success, if the document lists some.
    pub(super) fn headers_name(&self) -> Option<Ident> {
        let is_documented = !self.plan.headers.is_empty();
        is_documented.then(|| format_ident!("{}Headers", self.plan.builder_name))
    }

    /// Generates the type with a method for each documented header of a success.
    pub(super) fn headers(&self) -> Option<TokenStream> {
        let name = self.headers_name()?;
        let doc = format!(
            "The headers of a success of [`Client::{}`](super::Client::{0}): a method for each \
             documented header. The type dereferences to the map of all headers.\n\n\
             [`Response::headers`](client_runtime::Response::headers) returns it.",
            self.plan.method_name
        );
        let doc = documentation(&doc);
        let methods = self.plan.headers.iter().map(header_method);
        let map = quote!(::client_runtime::generated::HeaderMap);
        let feature = self.feature();
        Some(quote! {
            #doc
            #feature
            #[derive(Clone)]
            pub struct #name(#map);

            impl #name {
                #(#methods)*
            }

            impl ::std::convert::From<#map> for #name {
                fn from(headers: #map) -> Self {
                    Self(headers)
                }
            }

            impl ::std::ops::Deref for #name {
                type Target = #map;

                fn deref(&self) -> &Self::Target {
                    &self.0
                }
            }

            impl ::std::borrow::Borrow<#map> for #name {
                fn borrow(&self) -> &#map {
                    &self.0
                }
            }

            /// Shows no header, because each may contain a secret.
            impl ::std::fmt::Debug for #name {
                fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    f.debug_struct(::std::stringify!(#name)).finish_non_exhaustive()
                }
            }
        })
    }
}

/// Generates the method that reads a header.
pub(super) fn header_method(header: &HeaderPlan) -> TokenStream {
    let HeaderPlan {
        name,
        method_name,
        value,
        description,
    } = header;
    let mut doc = format!("The header `{name}`; `None` if the response does not have it.");
    if let Some(description) = description {
        doc = format!("{description}\n\n{doc}");
    }
    let (of, read) = header_type(*value);
    let what = header_phrase(*value);
    let doc = documentation(&format!("{doc}\n\n# Errors\nThe value is not {what}."));
    let method = identifier(method_name);
    let function = match value {
        HeaderValue::One(_) => identifier("header"),
        HeaderValue::List(_) => identifier("header_list"),
    };
    // Headers are looked up by lower-case names.
    let name = name.to_ascii_lowercase();
    quote! {
        #doc
        pub fn #method(&self) -> ::std::result::Result<
            ::std::option::Option<#of>,
            ::client_runtime::Error,
        > {
            ::client_runtime::generated::#function(&self.0, #name, #what, #read)
        }
    }
}

/// Returns the type of a header, and the function that parses one of its values.
pub(crate) fn header_type(value: HeaderValue) -> (TokenStream, TokenStream) {
    let (HeaderValue::One(scalar) | HeaderValue::List(scalar)) = value;
    let (of, read) = match scalar {
        HeaderScalar::String => (quote!(::std::string::String), "parsed"),
        HeaderScalar::Secret => (quote!(::client_runtime::SecretString), "secret"),
        HeaderScalar::Boolean => (quote!(bool), "boolean"),
        HeaderScalar::Integer => (quote!(i64), "parsed"),
        HeaderScalar::Number => (quote!(f64), "parsed"),
        HeaderScalar::Decimal => (quote!(::client_runtime::Decimal), "parsed"),
        HeaderScalar::DateTime => (quote!(::chrono::DateTime<::chrono::Utc>), "date_time"),
        HeaderScalar::Date => (quote!(::chrono::NaiveDate), "parsed"),
        HeaderScalar::Uuid => (quote!(::uuid::Uuid), "parsed"),
    };
    let read = identifier(read);
    let read = quote!(::client_runtime::generated::#read);
    match value {
        HeaderValue::One(_) => (of, read),
        HeaderValue::List(_) => (quote!(::std::vec::Vec<#of>), read),
    }
}

/// Returns the name of a header's type, with an article.
pub(super) fn header_phrase(value: HeaderValue) -> &'static str {
    match value {
        HeaderValue::One(scalar) => match scalar {
            HeaderScalar::String | HeaderScalar::Secret => "a string",
            HeaderScalar::Boolean => "a boolean",
            HeaderScalar::Integer => "an integer",
            HeaderScalar::Number | HeaderScalar::Decimal => "a number",
            HeaderScalar::DateTime => "a date with a time",
            HeaderScalar::Date => "a date",
            HeaderScalar::Uuid => "a UUID",
        },
        HeaderValue::List(scalar) => match scalar {
            HeaderScalar::String | HeaderScalar::Secret => "a list of strings",
            HeaderScalar::Boolean => "a list of booleans",
            HeaderScalar::Integer => "a list of integers",
            HeaderScalar::Number | HeaderScalar::Decimal => "a list of numbers",
            HeaderScalar::DateTime => "a list of dates with times",
            HeaderScalar::Date => "a list of dates",
            HeaderScalar::Uuid => "a list of UUIDs",
        },
    }
}
