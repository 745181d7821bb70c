//! Generates the code of a client: the client itself, a builder for each call, the table of operations,
//! and the streams of lists and items.

mod builder;
pub(crate) mod call;
mod client;
pub(crate) mod headers;
mod payloads;
mod streams;
pub(crate) mod success;
mod success_enum;
mod table;
mod waiting;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use self::call::{Call, Reader};
use self::client::{client, methods, security_schemes};
use self::payloads::payloads;
use self::table::table;
use crate::Settings;
use crate::plan::ClientPlan;
use crate::prose::without_code;
use crate::types::Types;

/// The code of a client.
#[derive(Debug, Clone)]
pub struct Generated {
    /// The content of the module `types`.
    pub types: TokenStream,
    /// The rest of the code.
    pub client: TokenStream,
}

/// Returns the calls of a client, in the order of the plan.
pub(crate) fn calls<'a>(plan: &'a ClientPlan, types: &'a Types) -> Vec<Call<'a>> {
    let operations = plan.operations.iter().zip(&types.operations);
    let mut calls: Vec<Call<'_>> = operations
        .map(|(operation, types)| Call::new(operation, types))
        .collect();
    // The table is searched by name.
    let mut order: Vec<usize> = (0..calls.len()).collect();
    order.sort_by(|a, b| calls[*a].plan.method_name.cmp(&calls[*b].plan.method_name));
    for (row, index) in order.into_iter().enumerate() {
        calls[index].row = row;
    }
    for index in 0..calls.len() {
        calls[index].reader = calls[index].plan.work.as_ref().and_then(|work| {
            let reader = calls.iter().find(|call| call.plan.id == work.read)?;
            Reader::of(reader)
        });
    }
    calls
}

/// Generates the code of a client from its plan and its types, except the module `types`.
pub(crate) fn client_code(plan: &ClientPlan, settings: &Settings, types: &Types) -> TokenStream {
    let calls = calls(plan, types);
    let mut rows: Vec<&Call<'_>> = calls.iter().collect();
    rows.sort_by_key(|call| call.row);
    let table = table(plan, rows.into_iter(), settings);
    let builders = calls.iter().map(Call::builder);
    let sums = calls.iter().filter_map(Call::success_enum);
    let headers = calls.iter().filter_map(Call::headers);
    let responses: Vec<TokenStream> = sums.chain(headers).collect();
    let responses = (!responses.is_empty()).then(|| {
        quote! {
            /// Generates the success enums and the types of documented headers.
            #[allow(clippy::all, unused_imports)]
            pub mod responses {
                use super::types;
                #(#responses)*
            }
        }
    });
    let payloads = payloads(plan, &types.payloads);
    let client = client(plan);
    let schemes = security_schemes(&plan.schemes);
    let methods = methods(plan, &calls);
    quote! {
        #client
        #schemes
        #methods
        /// Generates the methods of the client.
        pub const OPERATIONS: &[::client_runtime::generated::Operation] = &operations_::TABLE;
        #table
        #responses
        #payloads
        /// The builders of calls.
        #[allow(clippy::all)]
        pub mod builder {
            use super::types;
            #(#builders)*
        }
    }
}

/// Returns documentation, with a space after the slashes.
fn documentation(text: &str) -> TokenStream {
    let text = format!(" {}", without_code(text));
    quote!(#[doc = #text])
}

/// Returns the identifier for a name of the plan, which is valid already.
fn identifier(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}
