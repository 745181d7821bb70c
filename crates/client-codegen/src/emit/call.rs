//! A call with the Rust types of its arguments and results.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::identifier;
use super::success::{Success, success};
use crate::features;
use crate::plan::{BodyEncoding, OperationPlan, ResponseBody};
use crate::types::OperationTypes;
use crate::written;

/// A call with the code that is generated for it.
pub(crate) struct Call<'a> {
    pub(crate) plan: &'a OperationPlan,
    pub(crate) types: &'a OperationTypes,
    pub(crate) success: Success,
    /// Returns its row in the table of operations.
    pub(crate) row: usize,
    /// The call that reads the state of the work that this one starts.
    pub(crate) reader: Option<Reader>,
}

/// An argument of a builder.
pub(crate) struct CallArgument<'a> {
    pub(crate) name: Ident,
    pub(crate) of: TokenStream,
    pub(crate) required: bool,
    pub(crate) description: Option<&'a str>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(plan: &'a OperationPlan, types: &'a OperationTypes) -> Self {
        Self {
            plan,
            types,
            success: success(plan, types),
            row: 0,
            reader: None,
        }
    }

    pub(crate) fn builder_name(&self) -> Ident {
        identifier(&self.plan.builder_name)
    }

    pub(crate) fn deprecated(&self) -> Option<TokenStream> {
        self.plan.deprecated.then(|| quote!(#[deprecated]))
    }

    /// Returns the attribute with the feature that the call needs.
    pub(crate) fn feature(&self) -> Option<TokenStream> {
        features::shown(self.plan.feature.as_deref())
    }

    /// Returns the arguments of the builder.
    pub(crate) fn arguments(&self) -> Vec<CallArgument<'a>> {
        let parameters = self.plan.parameters.iter().zip(&self.types.parameters);
        let mut arguments: Vec<_> = parameters
            .map(|(parameter, of)| CallArgument {
                name: identifier(&parameter.setter),
                of: of.clone(),
                required: parameter.required,
                description: parameter.description.as_deref(),
            })
            .collect();
        if let Some(body) = &self.plan.body {
            let of = match &body.encoding {
                BodyEncoding::Bytes | BodyEncoding::JsonLines { .. } => {
                    quote!(::client_runtime::generated::Body)
                }
                BodyEncoding::Text => quote!(::std::string::String),
                BodyEncoding::Json { .. }
                | BodyEncoding::Form { .. }
                | BodyEncoding::Multipart { .. } => self.types.body.clone().unwrap_or_default(),
            };
            arguments.push(CallArgument {
                name: identifier("body"),
                of,
                required: body.required,
                description: body.description.as_deref(),
            });
        }
        arguments
    }

    /// Returns the types of the JSON bodies of errors, by status and media type.
    pub(crate) fn documented_errors(&self) -> Vec<(String, String)> {
        let successes = self.plan.successes();
        let mut found: Vec<(String, String)> = Vec::new();
        for (index, response) in self.plan.errors() {
            let is_success = successes.iter().any(|(success, _)| *success == index);
            if let (ResponseBody::Json { .. }, Some(of), false) = (
                &response.body,
                &self.types.responses[index],
                is_success && found.is_empty(),
            ) {
                found.push((response.status.to_string(), written(of)));
            }
        }
        found
    }
}

/// The call that reads the state of work.
pub(crate) struct Reader {
    pub(crate) method_name: String,
    pub(crate) row: usize,
    /// The type of its success.
    pub(crate) of: TokenStream,
    /// The path of the function that decodes it.
    pub(crate) decode: TokenStream,
}

impl Reader {
    pub(crate) fn of(call: &Call<'_>) -> Option<Self> {
        let Success::One { of, decode } = &call.success else {
            return None;
        };
        Some(Self {
            method_name: call.plan.method_name.clone(),
            row: call.row,
            of: of.clone(),
            decode: decode.function.clone(),
        })
    }
}
