//! Generates the functions that read the bodies of webhooks and callbacks.

use proc_macro2::TokenStream;
use quote::quote;

use super::{documentation, identifier};
use crate::plan::ClientPlan;
use crate::readers::reader;

/// Generates the module with the functions that read payloads, if there are any.
pub(super) fn payloads(plan: &ClientPlan, types: &[TokenStream]) -> Option<TokenStream> {
    let functions = plan.payloads.iter().zip(types).map(|(payload, of)| {
        let name = identifier(&payload.function);
        let doc = "Reads the body of a request that the server sent.";
        let described = payload.description.as_deref();
        let doc = described.map_or(doc.to_owned(), |text| format!("{doc}\n\n{text}"));
        let doc = documentation(&format!(
            "{doc}\n\n# Errors\nThe body does not have the documented type."
        ));
        let read = match reader(&of.clone().into_iter().collect::<Vec<_>>()) {
            Some(reader) => quote! {
                ::client_runtime::generated::payload::<#reader>(body)
                    .map(::client_runtime::generated::Reader::into_value)
            },
            None => quote!(::client_runtime::generated::payload(body)),
        };
        quote! {
            #doc
            pub fn #name(
                body: &[u8],
            ) -> ::std::result::Result<#of, ::client_runtime::PayloadError> {
                #read
            }
        }
    });
    let functions: Vec<TokenStream> = functions.collect();
    (!functions.is_empty()).then(|| {
        quote! {
            /// Functions that read the bodies of webhooks and callbacks, one for each.
            ///
            /// The server sends these requests on its own initiative. The functions do not authenticate the
            /// sender: check the signature or the secret of a request, as the API documents it, before you
            /// read its body.
            pub mod webhooks {
                use super::types;
                #(#functions)*
            }
        }
    })
}
