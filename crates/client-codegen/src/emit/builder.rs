//! Generates the builder of a call: its fields, its setters and `send`.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use super::call::{Call, CallArgument};
use super::success::Success;
use super::{documentation, identifier};
use crate::plan::{BodyEncoding, Location};
use crate::setter::Setter;

impl CallArgument<'_> {
    /// The setter.
    pub(crate) fn setter(&self) -> TokenStream {
        let doc = self.description.map(documentation);
        let of: Vec<TokenTree> = self.of.clone().into_iter().collect();
        let setter = match self.required {
            true => Setter::required(&of),
            false => Setter::optional(&of),
        };
        let method = setter.method(&self.name);
        quote!(#doc #method)
    }
}

impl Call<'_> {
    /// Generates the method of the client.
    pub(crate) fn method(&self) -> TokenStream {
        let plan = self.plan;
        let mut doc = Vec::new();
        doc.extend(plan.summary.clone());
        let description = plan.description.clone();
        doc.extend(description.filter(|text| plan.summary.as_ref() != Some(text)));
        doc.push(format!("Sends `{}`.", plan.request()));
        if let Some(server) = &plan.server {
            doc.push(format!(
                "It has its own server `{server}`; see [`client_runtime::Builder::server`]."
            ));
        }
        let doc = documentation(&doc.join("\n\n"));
        let (name, builder) = (identifier(&plan.method_name), self.builder_name());
        let deprecated = self.deprecated();
        let feature = self.feature();
        quote! {
            #doc
            #feature
            #deprecated
            pub fn #name(&self) -> builder::#builder<'_> {
                builder::#builder::new_(self)
            }
        }
    }

    /// Returns true if the builder can be cloned. A body that is a stream cannot.
    pub(crate) fn is_clone(&self) -> bool {
        !matches!(
            self.plan.body.as_ref().map(|body| &body.encoding),
            Some(BodyEncoding::Bytes | BodyEncoding::JsonLines { .. })
        )
    }

    /// Generates the builder: its fields, setters and `send`.
    pub(crate) fn builder(&self) -> TokenStream {
        let plan = self.plan;
        let name = self.builder_name();
        let arguments = self.arguments();
        let fields = arguments.iter().map(|CallArgument { name, of, .. }| {
            let of = Setter::field_type(of);
            quote!(#name: #of)
        });
        let missing = arguments
            .iter()
            .map(|CallArgument { name, .. }| quote!(#name: ::std::default::Default::default()));
        let setters = arguments.iter().map(CallArgument::setter);
        let parameters = plan
            .parameters
            .iter()
            .enumerate()
            .map(|(index, parameter)| {
                let field = identifier(&parameter.setter);
                let add = match parameter.location {
                    Location::Path => identifier("path"),
                    Location::Query => identifier("query"),
                    Location::Header => identifier("header"),
                    Location::Cookie => identifier("cookie"),
                };
                quote!(call.#add(#index, &self.#field);)
            });
        let body = plan.body.as_ref().map(|body| match &body.encoding {
            BodyEncoding::Bytes | BodyEncoding::JsonLines { .. } => {
                quote!(call.raw_body(self.body);)
            }
            BodyEncoding::Text => quote!(call.text_body(self.body);),
            BodyEncoding::Json { .. } => quote!(call.body(&self.body);),
            BodyEncoding::Form { .. } | BodyEncoding::Multipart { .. } => {
                quote!(call.form(&self.body);)
            }
        });
        let derives = match self.is_clone() {
            true => quote!(#[derive(Debug, Clone)]),
            false => quote!(#[derive(Debug)]),
        };
        let doc = format!(
            "The builder of [`Client::{}`](super::Client::{0}).",
            plan.method_name
        );
        let doc = documentation(&doc);
        let send_doc = documentation(&self.send_doc());
        let send = self.send();
        let row = self.row;
        let feature = self.feature();
        let (streams, lists) = (self.item_streams(), self.list_streams());
        let bodies = self.item_bodies();
        let wait = self.wait();
        quote! {
            #doc
            #feature
            #derives
            #[must_use = "a call does nothing until it is sent"]
            pub struct #name<'a> {
                client_: &'a super::Client,
                #(#fields,)*
            }

            impl<'a> #name<'a> {
                pub(super) fn new_(client: &'a super::Client) -> Self {
                    Self { client_: client, #(#missing,)* }
                }

                #(#setters)*

                fn call_(self) -> ::client_runtime::generated::Call<'a> {
                    #[allow(unused_mut)]
                    let mut call = ::client_runtime::generated::Call::new(
                        &self.client_.session,
                        &super::operations_::TABLE[#row],
                    );
                    #(#parameters)*
                    #body
                    call
                }

                #send_doc
                #send

                /// Sends the request and returns the response without decoding it.
                pub fn send_raw(self) -> ::client_runtime::Sending<'a, ::client_runtime::RawResponse> {
                    self.call_().send()
                }

                #bodies
                #streams
                #lists
                #wait
            }
        }
    }

    pub(crate) fn send_doc(&self) -> String {
        let plan = self.plan;
        let mut doc = format!("Sends `{}`.\n\n# Errors\n", plan.request());
        doc += "[`Error`](client_runtime::Error) for an invalid request, a failure of the transport, \
                and an error status.";
        let documented = self.documented_errors();
        if !documented.is_empty() {
            doc += " Documented errors, which [`decode`](client_runtime::Error::decode) decodes:\n";
            for (status, of) in documented {
                doc += &format!("\n- {status}: `{of}`");
            }
        }
        doc
    }

    /// Generates the method `send`, which returns a future of the runtime that is compiled once. Only
    /// the upgrade of a connection has its own future.
    pub(crate) fn send(&self) -> TokenStream {
        let success = self.success_type();
        let headers = self.headers_name();
        let headers = headers.map(|name| quote!(, super::responses::#name));
        let response = quote!(::client_runtime::Response<#success #headers>);
        let (mut decode, is_async) = match &self.success {
            Success::One { decode, .. } => (decode.of_raw(), decode.is_async),
            Success::Several(variants) => (
                self.decode_variant(variants),
                variants.iter().any(|variant| variant.decode.is_async),
            ),
        };
        if headers.is_some() {
            decode = quote!((#decode).map(::client_runtime::Response::with_headers));
        }
        if is_async {
            return quote! {
                pub async fn send(self) -> ::std::result::Result<#response, ::client_runtime::Error> {
                    let raw = self.call_().send().await?;
                    #decode
                }
            };
        }
        let decode = match &self.success {
            Success::One { decode, .. } if headers.is_none() => decode.function.clone(),
            _ => quote!(|raw| #decode),
        };
        quote! {
            pub fn send(self) -> ::client_runtime::Sending<'a, #response> {
                self.call_().send_decoded(#decode)
            }
        }
    }
}
