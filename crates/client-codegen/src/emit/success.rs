//! Generates the type of a success, and the code that decodes a response as this type.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::identifier;
use crate::plan::{OperationPlan, ResponseBody, StatusPattern};
use crate::readers::reader;
use crate::types::OperationTypes;

/// The type of a success.
pub(crate) enum Success {
    /// One type for all statuses.
    One { of: TokenStream, decode: Decode },
    /// An enum with one variant for each status.
    Several(Vec<Variant>),
}

/// One variant of a success enum.
pub(crate) struct Variant {
    pub(crate) name: Ident,
    pub(crate) response: usize,
    pub(crate) status: StatusPattern,
    /// The type of the value; `None` for a response without a body.
    pub(crate) of: Option<TokenStream>,
    pub(crate) decode: Decode,
}

impl Variant {
    /// Returns the expression that decodes the response `raw` as this variant of the enum `name`.
    pub(super) fn decoded(&self, name: &Ident) -> TokenStream {
        let (variant, decode) = (&self.name, self.decode.of_raw());
        let made = match &self.of {
            Some(_) => quote!(super::responses::#name::#variant),
            None => quote!(|()| super::responses::#name::#variant),
        };
        quote!(#decode.map(|response| response.map(#made)))
    }
}

/// How a response is decoded.
#[derive(Clone)]
pub(crate) struct Decode {
    /// The path of a function.
    pub(crate) function: TokenStream,
    pub(crate) is_async: bool,
}

impl Decode {
    /// Returns the expression that decodes the response `raw`.
    pub(super) fn of_raw(&self) -> TokenStream {
        let Self { function, is_async } = self;
        match is_async {
            true => quote!(#function(raw).await),
            false => quote!(#function(raw)),
        }
    }
}

/// Returns the type of a success: one type if all documented successes have it, otherwise an enum with
/// one variant for each status.
pub(super) fn success(plan: &OperationPlan, types: &OperationTypes) -> Success {
    let successes = plan.successes();
    let mut kinds: Vec<(TokenStream, Decode)> = Vec::new();
    let mut variants = Vec::new();
    for (index, response) in successes {
        let (of, decode) = read(&response.body, types.responses[index].as_ref());
        let is_known = kinds.iter().any(|(known, how)| {
            known.to_string() == of.to_string()
                && how.function.to_string() == decode.function.to_string()
        });
        if !is_known {
            kinds.push((of.clone(), decode.clone()));
        }
        let has_body = !matches!(response.body, ResponseBody::None);
        let name = identifier(&variant_name(response.status));
        // The first of several media types of one status is the variant.
        if !variants.iter().any(|known: &Variant| known.name == name) {
            variants.push(Variant {
                name,
                response: index,
                status: response.status,
                of: has_body.then_some(of),
                decode,
            });
        }
    }
    match kinds.len() {
        0 => {
            let (of, decode) = read(&ResponseBody::Bytes, None);
            Success::One { of, decode }
        }
        1 => {
            let (of, decode) = kinds.remove(0);
            Success::One { of, decode }
        }
        _ => Success::Several(variants),
    }
}

/// Returns the type of a body, and how a response is decoded as this type.
pub(super) fn read(body: &ResponseBody, json: Option<&TokenStream>) -> (TokenStream, Decode) {
    let (of, function) = match body {
        ResponseBody::None => (quote!(()), quote!(empty)),
        ResponseBody::Json { .. } => {
            let of = json.cloned().unwrap_or_else(|| quote!(::serde_json::Value));
            if let Some(reader) = reader(&of.clone().into_iter().collect::<Vec<_>>()) {
                let function = quote!(::client_runtime::generated::json_as::<#reader>);
                return (
                    of,
                    Decode {
                        function,
                        is_async: false,
                    },
                );
            }
            let function = quote!(json::<#of>);
            (of, function)
        }
        ResponseBody::Text => (quote!(::std::string::String), quote!(text)),
        ResponseBody::Upgrade => (quote!(::client_runtime::Upgraded), quote!(upgrade)),
        ResponseBody::Bytes
        | ResponseBody::Events { .. }
        | ResponseBody::JsonLines { .. }
        | ResponseBody::JsonSequence { .. } => {
            (quote!(::client_runtime::ByteStream), quote!(stream))
        }
    };
    let decode = Decode {
        function: quote!(::client_runtime::RawResponse::#function),
        is_async: matches!(body, ResponseBody::Upgrade),
    };
    (of, decode)
}

pub(super) fn is_stream(body: &ResponseBody) -> bool {
    matches!(
        body,
        ResponseBody::Bytes
            | ResponseBody::Events { .. }
            | ResponseBody::JsonLines { .. }
            | ResponseBody::JsonSequence { .. }
    )
}

/// Returns the variant name of a status: its reason phrase (RFC 9110 section 15).
pub(super) fn variant_name(status: StatusPattern) -> String {
    let name = match status {
        StatusPattern::Code(101) => "SwitchingProtocols",
        StatusPattern::Code(200) => "Ok",
        StatusPattern::Code(201) => "Created",
        StatusPattern::Code(202) => "Accepted",
        StatusPattern::Code(203) => "NonAuthoritativeInformation",
        StatusPattern::Code(204) => "NoContent",
        StatusPattern::Code(205) => "ResetContent",
        StatusPattern::Code(206) => "PartialContent",
        StatusPattern::Code(207) => "MultiStatus",
        StatusPattern::Code(300) => "MultipleChoices",
        StatusPattern::Code(301) => "MovedPermanently",
        StatusPattern::Code(302) => "Found",
        StatusPattern::Code(303) => "SeeOther",
        StatusPattern::Code(304) => "NotModified",
        StatusPattern::Code(307) => "TemporaryRedirect",
        StatusPattern::Code(308) => "PermanentRedirect",
        StatusPattern::Code(code) => return format!("Status{code}"),
        StatusPattern::Range(2) => "OtherSuccess",
        StatusPattern::Range(3) => "Redirection",
        StatusPattern::Range(_) => "Informational",
        StatusPattern::Default => "Other",
    };
    name.to_owned()
}
