//! Generates the code of a client: the client itself, a builder for each call, the table of operations,
//! and the streams of lists and items.

mod call;
mod client;
mod headers;
mod payloads;
mod streams;
mod success;
mod table;
mod waiting;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use self::call::Call;
use self::client::{client, methods, security_schemes};
use self::payloads::payloads;
use self::table::table;
use self::waiting::Reader;
use crate::plan::ClientPlan;
use crate::prose::without_code;
use crate::types::Types;
use crate::{GenerateError, Settings, written};

/// The code of a client.
#[derive(Debug, Clone)]
pub struct Generated {
    /// The content of the module `types`.
    pub types: TokenStream,
    /// The rest of the code.
    pub client: TokenStream,
    /// The signatures of the calls, in the order of the plan.
    pub calls: Vec<CallSignature>,
    /// The functions that read payloads, with their types.
    pub payloads: Vec<(String, String)>,
}

/// The Rust types of one call, as they are named in the client crate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallSignature {
    /// The setters, each with the type of its argument.
    pub setters: Vec<(String, String)>,
    /// The type of the response.
    pub success: String,
    /// The variants of that type with their contents, if it is an enum with one for each status.
    pub variants: Vec<(String, String)>,
    /// The methods for the documented headers of a success, with their return types.
    pub headers: Vec<(String, String)>,
    /// The types of the documented errors, by the keys of the document.
    pub errors: Vec<(String, String)>,
    /// The types of the JSON bodies of all responses, by their indices in the plan.
    pub bodies: Vec<Option<String>>,
    /// The type of one item of a body of JSON lines.
    pub line: Option<String>,
    /// The type of one item of a paginated list.
    pub item: Option<String>,
    /// The type that `wait` returns.
    pub work: Option<String>,
}

/// Generates the code of a client from its plan and its types.
pub(crate) fn emit(
    plan: &ClientPlan,
    settings: &Settings,
    types: Types,
) -> Result<Generated, GenerateError> {
    let mut calls: Vec<Call<'_>> = plan
        .operations
        .iter()
        .zip(&types.operations)
        .map(|(operation, types)| Call::new(operation, types))
        .collect();
    // The table is searched by name.
    let mut order: Vec<usize> = (0..calls.len()).collect();
    order.sort_by(|a, b| calls[*a].plan.method_name.cmp(&calls[*b].plan.method_name));
    for (row, index) in order.iter().enumerate() {
        calls[*index].row = row;
    }
    for index in 0..calls.len() {
        calls[index].reader = calls[index].plan.work.as_ref().and_then(|work| {
            let reader = calls.iter().find(|call| call.plan.id == work.read)?;
            Reader::of(reader)
        });
    }
    let table = table(plan, order.iter().map(|index| &calls[*index]), settings);
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
    let tokens = quote! {
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
    };
    Ok(Generated {
        calls: calls.iter().map(Call::signature).collect(),
        payloads: plan
            .payloads
            .iter()
            .zip(&types.payloads)
            .map(|(payload, of)| (payload.function.clone(), written(of)))
            .collect(),
        types: types.module,
        client: tokens,
    })
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
