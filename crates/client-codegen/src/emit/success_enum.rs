//! Generates the enum of a call with several success types, and the code that decodes it.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::call::Call;
use super::documentation;
use super::success::{Success, Variant, is_stream};

impl Call<'_> {
    /// Returns the type in the `Response` of a success.
    pub(super) fn success_type(&self) -> TokenStream {
        match &self.success {
            Success::One { of, .. } => of.clone(),
            Success::Several(_) => {
                let name = self.enum_name();
                quote!(super::responses::#name)
            }
        }
    }

    pub(crate) fn enum_name(&self) -> Ident {
        format_ident!("{}Success", self.plan.builder_name)
    }

    /// Generates the code that decodes `raw` as one of several success types.
    pub(super) fn decode_variant(&self, variants: &[Variant]) -> TokenStream {
        let name = self.enum_name();
        let arms = variants.iter().map(|variant| {
            let (index, decode) = (variant.response, variant.decoded(&name));
            quote!(::std::option::Option::Some(#index) => #decode,)
        });
        let undocumented = undocumented(&name, variants);
        quote! {
            match raw.documented() {
                #(#arms)*
                #undocumented
                _ => ::std::result::Result::Err(raw.undocumented()),
            }
        }
    }

    /// Generates the enum of a call with several success types.
    pub(super) fn success_enum(&self) -> Option<TokenStream> {
        let Success::Several(variants) = &self.success else {
            return None;
        };
        let name = self.enum_name();
        let successes = self.plan.successes();
        let doc = format!(
            "A success of [`Client::{}`](super::Client::{0}), by the status of the response.",
            self.plan.method_name
        );
        let doc = documentation(&doc);
        let variants = variants.iter().map(
            |Variant {
                 name,
                 response,
                 status,
                 of,
                 ..
             }| {
                let description = self.plan.responses[*response].description.as_deref();
                let doc = match description.filter(|text| !text.is_empty()) {
                    Some(description) => format!("{status}: {description}"),
                    None => status.to_string(),
                };
                let of = of.as_ref().map(|of| quote!((#of)));
                let doc = documentation(&doc);
                quote!(#doc #name #of)
            },
        );
        let streams = successes
            .iter()
            .any(|(_, response)| is_stream(&response.body));
        let serialize = (!streams).then(|| {
            quote! {
                #[derive(Clone, ::serde::Serialize)]
                #[serde(untagged)]
            }
        });
        let feature = self.feature();
        Some(quote! {
            #doc
            #feature
            #[derive(Debug)]
            #serialize
            pub enum #name { #(#variants,)* }
        })
    }
}

/// Returns the match arms for undocumented successes. With a body, it is decoded as the only documented
/// body; without one, it is the only documented success without a body.
pub(super) fn undocumented(name: &Ident, variants: &[Variant]) -> TokenStream {
    let is_success = |variant: &&Variant| matches!(variant.status.class(), Some(2) | None);
    let only = |has_body: bool| {
        let mut found = variants.iter().filter(is_success);
        let first = found.find(|variant| variant.of.is_some() == has_body)?;
        let others = found.filter(|variant| variant.of.is_some() == has_body);
        (others.count() == 0).then_some(first)
    };
    let arm = |condition: TokenStream, variant: &Variant| {
        let decode = variant.decoded(name);
        quote!(::std::option::Option::None if #condition => #decode,)
    };
    let with_body = only(true).map(|variant| arm(quote!(!raw.is_empty()), variant));
    let without = only(false).map(|variant| arm(quote!(raw.is_empty()), variant));
    quote!(#with_body #without)
}
