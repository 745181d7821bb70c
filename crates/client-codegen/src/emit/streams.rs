//! Generates the methods of a builder for items: of streamed responses, of paginated lists, and of
//! bodies of JSON lines.

use proc_macro2::TokenStream;
use quote::quote;

use super::call::Call;
use super::success::{Success, is_stream};
use super::{documentation, identifier};
use crate::naming;
use crate::plan::{BodyEncoding, NextPage, ResponseBody, Spot, Step};

impl Call<'_> {
    /// Generates the methods that return the items of a streamed response.
    pub(super) fn item_streams(&self) -> Option<TokenStream> {
        let successes = self.plan.successes();
        let (index, response) = successes
            .iter()
            .find(|(_, response)| is_stream(&response.body))?;
        let Success::One { .. } = self.success else {
            return None;
        };
        let untyped = quote!(::serde_json::Value);
        let item = self.types.responses[*index].clone().unwrap_or(untyped);
        let stream = |name: &str, function: &str, item: &TokenStream, doc: &str| {
            let (name, function) = (identifier(name), identifier(function));
            let doc = documentation(doc);
            quote! {
                #doc
                pub async fn #name(self) -> ::std::result::Result<
                    ::client_runtime::stream::Items<#item>,
                    ::client_runtime::Error,
                > {
                    let response = self.send().await?;
                    ::std::result::Result::Ok(::client_runtime::stream::#function(response.into_inner()))
                }
            }
        };
        match &response.body {
            ResponseBody::Events { item: schema } => {
                let event = quote!(::client_runtime::stream::Event);
                let doc = "Sends the request and returns the events of the response, each with its type \
                           and id, as they are polled.";
                let events = stream("events", "events", &event, doc);
                let data = schema.as_ref().map(|_| {
                    let doc =
                        "Sends the request and returns the data of the events as they are polled.";
                    stream("items", "event_data", &item, doc)
                });
                Some(quote!(#events #data))
            }
            ResponseBody::JsonLines { .. } => {
                let doc = "Sends the request and returns the items of the response, one for each line, as \
                           they are polled.";
                Some(stream("items", "json_lines", &item, doc))
            }
            ResponseBody::JsonSequence { .. } => {
                let doc = "Sends the request and returns the items of the response, one for each record, \
                           as they are polled.";
                Some(stream("items", "json_sequence", &item, doc))
            }
            _ => None,
        }
    }

    /// Generates the methods that return the pages and the items of a list.
    pub(super) fn list_streams(&self) -> Option<TokenStream> {
        let (paging, item) = self.plan.paging.as_ref().zip(self.types.item.as_ref())?;
        let Success::One { of: page, .. } = &self.success else {
            return None;
        };
        let pages = match &paging.next {
            NextPage::Token { setter, token } => {
                let setter = identifier(setter);
                let token = walk(token, true);
                quote! {
                    ::client_runtime::paging::pages(
                        move |token| {
                            let call = match token {
                                ::std::option::Option::Some(token) => self.clone().#setter(token),
                                ::std::option::Option::None => self.clone(),
                            };
                            async move { ::std::result::Result::Ok(call.send().await?.into_inner()) }
                        },
                        |page| #token.map(|it| it.as_str()),
                    )
                }
            }
            NextPage::Position { skip, limit, total } => {
                let skip = spot(skip);
                let limit = match limit.as_ref().map(spot) {
                    Some(limit) => quote!(::std::option::Option::Some(#limit)),
                    None => quote!(::std::option::Option::None),
                };
                let count = walk(&paging.items, true);
                let total = match total {
                    Some(total) => {
                        let total = walk(total, true);
                        quote!(|page| #total.and_then(|it| u64::try_from(*it).ok()))
                    }
                    None => quote!(|_| ::std::option::Option::None),
                };
                quote! {
                    const POSITION: ::client_runtime::paging::Position =
                        ::client_runtime::paging::Position { skip: #skip, limit: #limit };
                    ::client_runtime::paging::pages_by_position(
                        &POSITION,
                        move || self.clone().call_(),
                        |page: &#page| #count.map_or(0, |it| it.len()),
                        #total,
                    )
                }
            }
        };
        let list = walk(&paging.items, false);
        Some(quote! {
            /// Returns the pages of the list, starting with the page that this call requests. Each page
            /// is fetched when the stream is polled. After an error, polling again fetches the same
            /// page again.
            pub fn pages(self) -> ::client_runtime::paging::Paged<'a, #page> {
                #pages
            }

            /// Returns the items of all pages of the list.
            pub fn items(self) -> ::client_runtime::paging::Paged<'a, #item> {
                ::client_runtime::paging::items(self.pages(), |page| #list.unwrap_or_default())
            }
        })
    }

    /// Returns the type of one item of a body of JSON lines.
    pub(crate) fn line(&self) -> Option<&TokenStream> {
        match self.plan.body.as_ref()?.encoding {
            BodyEncoding::JsonLines { .. } => self.types.body.as_ref(),
            _ => None,
        }
    }

    /// Generates the methods that accept the items of a body of JSON lines.
    pub(super) fn item_bodies(&self) -> Option<TokenStream> {
        let item = self.line()?;
        Some(quote! {
            /// Sends these items, one JSON value in each line. The iterator is consumed while they are
            /// sent. A list of more than [`client_runtime::item_body::REPLAYABLE`] bytes is sent once:
            /// the call is not retried. An item that cannot be encoded makes the call fail.
            pub fn body_items<I>(self, items: I) -> Self
            where
                I: ::std::iter::IntoIterator,
                I::IntoIter: ::std::marker::Send + 'static,
                I::Item: ::std::convert::TryInto<#item> + ::std::marker::Send,
                <I::Item as ::std::convert::TryInto<#item>>::Error: ::std::fmt::Display,
            {
                self.body(::client_runtime::item_body::of_list::<#item, I>(items))
            }

            /// Sends the items of a stream as they arrive, one JSON value in each line. The call is not
            /// retried. An item that cannot be encoded, or an error of the stream, makes the call fail.
            pub fn body_stream<S, V, E>(self, items: S) -> Self
            where
                S: ::client_runtime::Stream<Item = ::std::result::Result<V, E>>
                    + ::std::marker::Send
                    + 'static,
                V: ::std::convert::TryInto<#item>,
                V::Error: ::std::fmt::Display,
                E: ::std::convert::Into<
                    ::std::boxed::Box<dyn ::std::error::Error + ::std::marker::Send + ::std::marker::Sync>,
                >,
            {
                self.body(::client_runtime::item_body::of_stream::<#item, S, V, E>(items))
            }
        })
    }
}

/// Returns the expression that gets a value from `page`, as an `Option` of a reference or of the value.
pub(super) fn walk(steps: &[Step], by_reference: bool) -> TokenStream {
    let steps = steps.iter().map(|step| match step {
        Step::Property { name, optional } => {
            let field = identifier(&naming::field_name(name));
            match (optional, by_reference) {
                (true, true) => quote!(.and_then(|it| it.#field.as_ref())),
                (true, false) => quote!(.and_then(|it| it.#field)),
                (false, true) => quote!(.map(|it| &it.#field)),
                (false, false) => quote!(.map(|it| it.#field)),
            }
        }
        Step::NotNull if by_reference => quote!(.and_then(|it| it.as_option())),
        Step::NotNull => quote!(.and_then(|it| it.into_option())),
        Step::Inside if by_reference => quote!(.map(|it| &it.0)),
        Step::Inside => quote!(.map(|it| it.0)),
    });
    quote!(::std::option::Option::Some(page) #(#steps)*)
}

/// Returns the location of a number in a query.
pub(super) fn spot(spot: &Spot) -> TokenStream {
    let Spot { pair, property } = spot;
    quote! {
        ::client_runtime::paging::Spot { pair: #pair, property: &[#(#property),*] }
    }
}
