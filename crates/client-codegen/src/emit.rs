//! Generates the code of a client: the client itself, a builder for each call, the table of operations,
//! and the streams of lists and items.

use std::collections::HashMap;

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};
use serde_json::Value;

use crate::facts::{object, secrets};
use crate::features;
use crate::locations::Locations;
use crate::naming;
use crate::plan::{
    BodyEncoding, BodyPlan, ClientPlan, FieldPlan, FieldStyle, HeaderPlan, HeaderScalar,
    HeaderValue, Location, NextPage, OperationPlan, ParameterPlan, ParameterStyle, ResponseBody,
    ResponsePlan, SchemeKind, SecuritySchemePlan, Spot, StatusPattern, Step, WorkPlan,
};
use crate::prose::without_code;
use crate::setter::Setter;
use crate::tolerance::reader;
use crate::types::{OperationTypes, Types};
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
    /// The type of one item of a list that comes in pages.
    pub item: Option<String>,
    /// The type that the wait for its work returns.
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

/// Generates the module with the functions that read payloads, if there are any.
fn payloads(plan: &ClientPlan, types: &[TokenStream]) -> Option<TokenStream> {
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
            /// A server sends such requests by itself. They do not authenticate it: check the signature or the
            /// secret of a request, as the API describes, before you read its body.
            pub mod webhooks {
                use super::types;
                #(#functions)*
            }
        }
    })
}

/// Generates the module with the table of operations: a single static. Equal lists of several
/// operations are shared.
fn table<'a>(
    plan: &ClientPlan,
    calls: impl ExactSizeIterator<Item = &'a Call<'a>>,
    settings: &Settings,
) -> TokenStream {
    let count = calls.len();
    let mut lists = Lists::default();
    let locations = Locations::of(plan);
    let rows = calls.map(|call| call.row(plan, settings, &locations, &mut lists));
    let rows: Vec<TokenStream> = rows.collect();
    let schemes = plan.schemes.iter().map(scheme_row);
    let security = alternatives(&plan.security, &plan.schemes);
    let secrets = secrets(&plan.document).into_iter();
    let lists = lists.items;
    let locations = locations.items();
    quote! {
        mod operations_ {
            use ::client_runtime::generated::*;

            #(#locations)*
            #(#lists)*

            pub(super) static TABLE: [Operation; #count] = [#(#rows),*];
            pub(super) const SCHEMES: &[SecurityScheme] = &[#(#schemes),*];
            pub(super) const SECURITY: &[&[usize]] = &[#security];
            pub(super) const SECRETS: &[&str] = &[#(#secrets),*];
        }
    }
}

/// The lists in the table of operations, each a constant.
#[derive(Default)]
struct Lists {
    items: Vec<TokenStream>,
    names: HashMap<String, Ident>,
}

impl Lists {
    /// Returns the constant for a list of values of a type.
    fn name(&mut self, of: TokenStream, values: &TokenStream) -> Ident {
        let known = self.names.len();
        let name = self.names.entry(format!("{of}: {values}"));
        let items = &mut self.items;
        let name = name.or_insert_with(|| {
            let name = format_ident!("L{known}");
            items.push(quote!(const #name: &[#of] = &[#values];));
            name
        });
        name.clone()
    }
}

/// Generates the client and its constructors.
fn client(plan: &ClientPlan) -> TokenStream {
    let info = &plan.document["info"];
    let title = info["title"].as_str().unwrap_or_default();
    let mut doc = format!("A client of {title}.");
    if let Some(description) = info["description"].as_str().filter(|text| !text.is_empty()) {
        doc = format!("{doc}\n\n{description}");
    }
    let doc = documentation(&doc);
    let url = plan.document["servers"][0]["url"]
        .as_str()
        .unwrap_or_default();
    // A URL with variables differs between customers, and one without a host is relative.
    let base_url = match url.contains("://") && !url.contains('{') {
        true => quote!(::std::option::Option::Some(#url)),
        false => quote!(::std::option::Option::None),
    };
    quote! {
        #doc
        #[derive(Clone, Debug)]
        pub struct Client {
            session: ::client_runtime::Session,
        }

        impl Client {
            /// Returns a builder of a client; see [`client_runtime::Builder`].
            pub fn builder() -> ::client_runtime::Builder<Client> {
                ::std::default::Default::default()
            }

            /// Returns the same client with other options, for one call or many. Credentials,
            /// connections and the retry budget are shared.
            #[must_use]
            pub fn with(
                &self,
                change: impl ::std::ops::FnOnce(&mut ::client_runtime::Options),
            ) -> Client {
                Client { session: self.session.with(change) }
            }

            /// Returns the state that all calls of the client share.
            pub fn session(&self) -> &::client_runtime::Session {
                &self.session
            }

            /// Returns a request that the API description does not have, with the same credentials,
            /// retries and errors as calls. `path` starts with a slash and is relative to the base URL.
            pub fn request(
                &self,
                method: ::client_runtime::Method,
                path: &str,
            ) -> ::client_runtime::RequestBuilder<'_> {
                self.session.request(method, path)
            }
        }

        impl ::std::convert::From<::client_runtime::Session> for Client {
            fn from(session: ::client_runtime::Session) -> Self {
                Self { session }
            }
        }

        impl ::std::convert::From<types::error::ConversionError> for ::client_runtime::Error {
            fn from(error: types::error::ConversionError) -> Self {
                ::client_runtime::Error::invalid_request(error.to_string())
            }
        }

        impl ::client_runtime::GeneratedClient for Client {
            const API: &'static ::client_runtime::generated::Api = &::client_runtime::generated::Api {
                base_url: #base_url,
                user_agent: ::std::concat!(
                    ::std::env!("CARGO_PKG_NAME"), "/", ::std::env!("CARGO_PKG_VERSION")
                ),
                operations: OPERATIONS,
                schemes: operations_::SCHEMES,
                security: operations_::SECURITY,
                secrets: operations_::SECRETS,
            };
        }
    }
}

/// Generates the trait with a builder method for each security scheme, if the document has any.
fn security_schemes(schemes: &[SecuritySchemePlan]) -> Option<TokenStream> {
    let schemes = schemes
        .iter()
        .filter(|scheme| scheme.kind != SchemeKind::MutualTls);
    let methods: Vec<_> = schemes.map(scheme_method).collect();
    let (signatures, bodies): (Vec<_>, Vec<_>) = methods.into_iter().unzip();
    (!signatures.is_empty()).then(|| {
        quote! {
            /// The security schemes of the API: a builder method for each, which sets its credentials.
            ///
            /// A call uses the first alternative of its security requirement for which all credentials
            /// are available; see [`client_runtime::Builder::authentication`].
            pub trait SecuritySchemes: ::std::marker::Sized {
                #(#signatures)*
            }

            impl SecuritySchemes for ::client_runtime::Builder<Client> {
                #(#bodies)*
            }
        }
    })
}

/// Generates the builder method of a scheme: its declaration and its implementation.
fn scheme_method(scheme: &SecuritySchemePlan) -> (TokenStream, TokenStream) {
    let name = &scheme.name;
    let method = identifier(&scheme.method_name);
    let secret = quote!(impl ::std::convert::Into<::client_runtime::SecretString>);
    let of = quote!(::client_runtime::Authentication);
    let (arguments, made) = match &scheme.kind {
        SchemeKind::Header(header) => (quote!(key: #secret), quote!(#of::header(#header, key))),
        SchemeKind::Query(pair) => (quote!(key: #secret), quote!(#of::query(#pair, key))),
        SchemeKind::Cookie(cookie) => (quote!(key: #secret), quote!(#of::cookie(#cookie, key))),
        SchemeKind::Basic => (
            quote!(user: impl ::std::convert::AsRef<str>, password: #secret),
            quote!(#of::basic(user, password)),
        ),
        SchemeKind::Bearer => (
            quote!(credentials: impl ::client_runtime::Credentials),
            quote!(#of::bearer(credentials)),
        ),
        SchemeKind::MutualTls | SchemeKind::Other => (
            quote!(authenticator: impl ::client_runtime::Authenticator),
            quote!(#of::custom(authenticator)),
        ),
    };
    let doc = documentation(&scheme_doc(scheme));
    let signature = quote!(fn #method(self, #arguments) -> Self);
    (
        quote!(#doc #signature;),
        quote!(#signature { self.authentication(#name, #made) }),
    )
}

fn scheme_doc(scheme: &SecuritySchemePlan) -> String {
    let name = &scheme.name;
    let takes = match &scheme.kind {
        SchemeKind::Header(header) => format!("an API key in the header `{header}`"),
        SchemeKind::Query(pair) => format!("an API key in the query parameter `{pair}`"),
        SchemeKind::Cookie(cookie) => format!("an API key in the cookie `{cookie}`"),
        SchemeKind::Basic => "a user and a password (RFC 7617)".to_owned(),
        SchemeKind::Bearer => "bearer tokens (RFC 6750): one that the caller has \
                               ([`StaticToken`](client_runtime::StaticToken)), or any \
                               [`Credentials`](client_runtime::Credentials)"
            .to_owned(),
        SchemeKind::MutualTls => "a client certificate".to_owned(),
        SchemeKind::Other => {
            "what an [`Authenticator`](client_runtime::Authenticator) adds to each \
                              request"
                .to_owned()
        }
    };
    let mut doc = format!("Sets the credentials of the security scheme `{name}`: {takes}.");
    if let Some(description) = &scheme.description {
        doc += &format!("\n\n{description}");
    }
    if let Some(url) = &scheme.token_url {
        doc += &format!(
            "\n\nA client exchanges an id and a secret for tokens at `{url}`: \
             [`ClientCredentials`](client_runtime::ClientCredentials)."
        );
    }
    if !scheme.scopes.is_empty() {
        doc += "\n\nScopes:\n";
        for (scope, about) in &scheme.scopes {
            doc += &match about.is_empty() {
                true => format!("\n- `{scope}`"),
                false => format!("\n- `{scope}`: {about}"),
            };
        }
    }
    doc
}

/// Returns the row of a scheme in the table of schemes.
fn scheme_row(scheme: &SecuritySchemePlan) -> TokenStream {
    let (name, method) = (&scheme.name, &scheme.method_name);
    let kind = match &scheme.kind {
        SchemeKind::Header(name) => quote!(Header(#name)),
        SchemeKind::Query(name) => quote!(Query(#name)),
        SchemeKind::Cookie(name) => quote!(Cookie(#name)),
        SchemeKind::Basic => quote!(Basic),
        SchemeKind::Bearer => quote!(Bearer),
        SchemeKind::MutualTls => quote!(MutualTls),
        SchemeKind::Other => quote!(Other),
    };
    quote!(SecurityScheme { name: #name, method: #method, kind: SchemeKind::#kind })
}

/// Returns the alternatives of a security requirement, as indices into the table of schemes.
fn alternatives(security: &[Vec<String>], schemes: &[SecuritySchemePlan]) -> TokenStream {
    let alternatives = security.iter().map(|all| {
        let places = all.iter().filter_map(|name| {
            let place = schemes.iter().position(|scheme| scheme.name == *name);
            place.map(Literal::usize_unsuffixed)
        });
        quote!(&[#(#places),*])
    });
    quote!(#(#alternatives),*)
}

/// Generates the methods of the client, in one `impl` for each tag, with the documentation of the tag.
fn methods(plan: &ClientPlan, calls: &[Call<'_>]) -> TokenStream {
    let mut tags: Vec<Option<&str>> = Vec::new();
    for call in calls {
        let tag = call.plan.tag.as_deref();
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    let described = plan.document["tags"].as_array();
    let blocks = tags.into_iter().map(|tag| {
        let methods = calls.iter().filter(|call| call.plan.tag.as_deref() == tag);
        let methods = methods.map(Call::method);
        let doc = tag.map(|tag| {
            let description = described
                .and_then(|tags| tags.iter().find(|described| described["name"] == tag))
                .and_then(|described| described["description"].as_str());
            let doc = match description {
                Some(description) => format!("{tag}: {description}"),
                None => tag.to_owned(),
            };
            documentation(&doc)
        });
        quote! { #doc impl Client { #(#methods)* } }
    });
    quote! { #(#blocks)* }
}

/// Returns the expression that gets a value from `page`, as an `Option` of a reference or of the value.
fn walk(steps: &[Step], by_reference: bool) -> TokenStream {
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

/// Returns the place of a number in a query.
fn spot(spot: &Spot) -> TokenStream {
    let Spot { pair, property } = spot;
    quote! {
        ::client_runtime::paging::Spot { pair: #pair, property: &[#(#property),*] }
    }
}

/// The type of a success.
enum Success {
    /// One type for all statuses.
    One { of: TokenStream, decode: Decode },
    /// An enum with one variant for each status.
    Several(Vec<Variant>),
}

/// One variant of a success enum.
struct Variant {
    name: Ident,
    response: usize,
    status: StatusPattern,
    /// The type of the value; `None` for a response without a body.
    of: Option<TokenStream>,
    decode: Decode,
}

impl Variant {
    /// Returns the expression that decodes the response `raw` as this variant of the enum `name`.
    fn decoded(&self, name: &Ident) -> TokenStream {
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
struct Decode {
    /// The path of a function.
    function: TokenStream,
    is_async: bool,
}

impl Decode {
    /// Returns the expression that decodes the response `raw`.
    fn of_raw(&self) -> TokenStream {
        let Self { function, is_async } = self;
        match is_async {
            true => quote!(#function(raw).await),
            false => quote!(#function(raw)),
        }
    }
}

/// An argument of a builder.
struct CallArgument<'a> {
    name: Ident,
    of: TokenStream,
    required: bool,
    description: Option<&'a str>,
}

impl CallArgument<'_> {
    /// The setter.
    fn setter(&self) -> TokenStream {
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

/// A call with the code that is generated for it.
struct Call<'a> {
    plan: &'a OperationPlan,
    types: &'a OperationTypes,
    success: Success,
    /// Returns its row in the table of operations.
    row: usize,
    /// The call that reads the state of the work that this one starts.
    reader: Option<Reader>,
}

/// The call that reads the state of work.
struct Reader {
    method_name: String,
    row: usize,
    /// The type of its success.
    of: TokenStream,
    /// The path of the function that decodes it.
    decode: TokenStream,
}

impl Reader {
    fn of(call: &Call<'_>) -> Option<Self> {
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

impl<'a> Call<'a> {
    fn new(plan: &'a OperationPlan, types: &'a OperationTypes) -> Self {
        Self {
            plan,
            types,
            success: success(plan, types),
            row: 0,
            reader: None,
        }
    }

    fn builder_name(&self) -> Ident {
        identifier(&self.plan.builder_name)
    }

    /// Returns the type in the `Response` of a success.
    fn success_type(&self) -> TokenStream {
        match &self.success {
            Success::One { of, .. } => of.clone(),
            Success::Several(_) => {
                let name = self.enum_name();
                quote!(super::responses::#name)
            }
        }
    }

    fn enum_name(&self) -> Ident {
        format_ident!("{}Success", self.plan.builder_name)
    }

    /// Returns the type of the headers of a success, if the document lists some.
    fn headers_name(&self) -> Option<Ident> {
        let is_documented = !self.plan.headers.is_empty();
        is_documented.then(|| format_ident!("{}Headers", self.plan.builder_name))
    }

    /// Generates the type with a method for each documented header of a success.
    fn headers(&self) -> Option<TokenStream> {
        let name = self.headers_name()?;
        let doc = format!(
            "The headers of a success of [`Client::{}`](super::Client::{0}): a method for each that the \
             document lists, and all of them as the map that it dereferences to.\n\nIt is what \
             [`Response::headers`](client_runtime::Response::headers) gives.",
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

    fn deprecated(&self) -> Option<TokenStream> {
        self.plan.deprecated.then(|| quote!(#[deprecated]))
    }

    /// Returns the attribute with the feature that the call needs.
    fn feature(&self) -> Option<TokenStream> {
        features::shown(self.plan.feature.as_deref())
    }

    /// Generates the method of the client.
    fn method(&self) -> TokenStream {
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

    /// Returns the arguments of the builder.
    fn arguments(&self) -> Vec<CallArgument<'a>> {
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

    /// Returns true if the builder can be cloned. A body that is a stream cannot.
    fn is_clone(&self) -> bool {
        !matches!(
            self.plan.body.as_ref().map(|body| &body.encoding),
            Some(BodyEncoding::Bytes | BodyEncoding::JsonLines { .. })
        )
    }

    /// Generates the builder: its fields, setters and `send`.
    fn builder(&self) -> TokenStream {
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

    fn send_doc(&self) -> String {
        let plan = self.plan;
        let mut doc = format!("Sends `{}`.\n\n# Errors\n", plan.request());
        doc += "[`Error`](client_runtime::Error): of a request that is not valid, of the transport, \
                and of every error status.";
        let documented = self.documented_errors();
        if !documented.is_empty() {
            doc += " Documented errors, which [`decode`](client_runtime::Error::decode) reads:\n";
            for (status, of) in documented {
                doc += &format!("\n- {status}: `{of}`");
            }
        }
        doc
    }

    /// Returns the types of the JSON bodies of errors, by status and media type.
    fn documented_errors(&self) -> Vec<(String, String)> {
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

    /// Generates the method `send`, which returns a future of the runtime that is compiled once. Only
    /// the upgrade of a connection has its own future.
    fn send(&self) -> TokenStream {
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

    /// Generates the code that decodes `raw` as one of several success types.
    fn decode_variant(&self, variants: &[Variant]) -> TokenStream {
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
    fn success_enum(&self) -> Option<TokenStream> {
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

    /// Generates the methods that return the items of a streamed response.
    fn item_streams(&self) -> Option<TokenStream> {
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
    fn list_streams(&self) -> Option<TokenStream> {
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

    /// Generates the method that waits for the work that the call starts.
    fn wait(&self) -> Option<TokenStream> {
        let (work, reader) = self.plan.work.as_ref().zip(self.reader.as_ref())?;
        let Reader {
            row, of, decode, ..
        } = reader;
        let doc = documentation(&wait_doc(self.plan, work, reader));
        let (output, until) = match work.gone {
            true => (quote!(::std::option::Option<#of>), identifier("until_gone")),
            false => (of.clone(), identifier("until_done")),
        };
        Some(quote! {
            #doc
            pub fn wait(self) -> ::client_runtime::waiting::Wait<'a, #output> {
                let reader = &super::operations_::TABLE[#row];
                ::client_runtime::generated::#until(self.call_(), reader, #decode)
            }
        })
    }

    /// Returns the type that the wait for the work of the call returns.
    fn work(&self) -> Option<String> {
        let (work, reader) = self.plan.work.as_ref().zip(self.reader.as_ref())?;
        let of = &reader.of;
        Some(match work.gone {
            true => written(&quote!(::std::option::Option<#of>)),
            false => written(of),
        })
    }

    /// Returns the type of one item of a body of JSON lines.
    fn line(&self) -> Option<&TokenStream> {
        match self.plan.body.as_ref()?.encoding {
            BodyEncoding::JsonLines { .. } => self.types.body.as_ref(),
            _ => None,
        }
    }

    /// Generates the methods that accept the items of a body of JSON lines.
    fn item_bodies(&self) -> Option<TokenStream> {
        let item = self.line()?;
        Some(quote! {
            /// Sends these items, one JSON text in each line. They are taken from the iterator as they
            /// are sent. A list that takes more than [`client_runtime::item_body::REPLAYABLE`] bytes is
            /// sent once: the call is not retried. An item that cannot be encoded makes the call fail.
            pub fn body_items<I>(self, items: I) -> Self
            where
                I: ::std::iter::IntoIterator,
                I::IntoIter: ::std::marker::Send + 'static,
                I::Item: ::std::convert::TryInto<#item> + ::std::marker::Send,
                <I::Item as ::std::convert::TryInto<#item>>::Error: ::std::fmt::Display,
            {
                self.body(::client_runtime::item_body::of_list::<#item, I>(items))
            }

            /// Sends the items of a stream as they arrive, one JSON text in each line. The call is not
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

    /// Returns the row of the table of operations.
    fn row(
        &self,
        client: &ClientPlan,
        settings: &Settings,
        locations: &Locations<'_>,
        lists: &mut Lists,
    ) -> TokenStream {
        let ClientPlan {
            document, schemes, ..
        } = client;
        let plan = self.plan;
        let OperationPlan {
            id,
            method,
            path,
            method_name,
            ..
        } = plan;
        let mut fields = Vec::new();
        if let Some(security) = &plan.security {
            let security = alternatives(security, schemes);
            let security = lists.name(quote!(&[usize]), &security);
            fields.push(quote!(security: Some(#security)));
        }
        if let Some(server) = &plan.server {
            fields.push(quote!(server: Some(#server)));
        }
        if let Some(accept) = &plan.accept {
            fields.push(quote!(accept: Some(#accept)));
        }
        if let Some(idempotent) = plan.idempotent {
            fields.push(quote!(idempotent: Some(#idempotent)));
        }
        if !plan.parameters.is_empty() {
            let parameters = plan.parameters.iter();
            let parameters = parameters.map(|parameter| parameter_row(plan, parameter, settings));
            let parameters = lists.name(quote!(Parameter), &quote!(#(#parameters),*));
            fields.push(quote!(parameters: #parameters));
        }
        if let Some(body) = &plan.body {
            let body = body_row(body);
            fields.push(quote!(body: Some(#body)));
        }
        if let Some(work) = plan.work.as_ref().filter(|_| self.reader.is_some()) {
            let work = work_row(work);
            fields.push(quote!(work: Some(#work)));
        }
        let responses = plan.responses.iter();
        let responses = responses.map(|response| response_row(response, document, locations));
        let responses = lists.name(quote!(DocumentedResponse), &quote!(#(#responses),*));
        quote! {
            Operation {
                rust_name: #method_name,
                id: #id,
                method: #method,
                path: #path,
                #(#fields,)*
                responses: #responses,
                ..Operation::PLAIN
            }
        }
    }

    fn signature(&self) -> CallSignature {
        let arguments = self.arguments();
        let (success, variants) = match &self.success {
            Success::One { of, .. } => (written(of), Vec::new()),
            Success::Several(variants) => {
                let variants = variants.iter().map(|Variant { name, of, .. }| {
                    let of = of.as_ref().map(written).unwrap_or_default();
                    (name.to_string(), of)
                });
                (
                    format!("responses::{}", self.enum_name()),
                    variants.collect(),
                )
            }
        };
        let json = |index: usize| match self.plan.responses[index].body {
            ResponseBody::Json { .. } => self.types.responses[index].as_ref().map(written),
            _ => None,
        };
        CallSignature {
            setters: arguments
                .iter()
                .map(|CallArgument { name, of, .. }| (name.to_string(), written(of)))
                .collect(),
            success,
            variants,
            headers: self
                .plan
                .headers
                .iter()
                .map(|header| {
                    (
                        header.method_name.clone(),
                        written(header_type(header.value).0),
                    )
                })
                .collect(),
            errors: self.documented_errors(),
            bodies: (0..self.plan.responses.len()).map(json).collect(),
            line: self.line().map(written),
            item: self.types.item.as_ref().map(written),
            work: self.work(),
        }
    }
}

/// Returns the documentation of `wait`: what is sent, and what ends the wait.
fn wait_doc(plan: &OperationPlan, work: &WorkPlan, reader: &Reader) -> String {
    let states = |states: &[String]| {
        let states: Vec<String> = states.iter().map(|state| format!("`{state}`")).collect();
        states.join(" or ")
    };
    let mut doc = match reader.method_name == plan.method_name {
        true => "Sends the request again and again until the work is done.".to_owned(),
        false => format!(
            "Sends the request, and then [`{0}`](super::Client::{0}) again and again until the work is done.",
            reader.method_name
        ),
    };
    doc += "\n\nThe work is done ";
    let state = work.state.join(".");
    doc += &match (work.done.is_empty(), work.gone) {
        (true, true) => "when the response is 404; the result is then `None`.".to_owned(),
        (true, false) => "as soon as the response is a success.".to_owned(),
        (false, true) => format!(
            "when `{state}` is {}, or when the response is 404; the result is then `None`.",
            states(&work.done)
        ),
        (false, false) => format!("when `{state}` is {}.", states(&work.done)),
    };
    doc += " [`Wait`](client_runtime::waiting::Wait) sets the intervals and the timeout.";
    if !work.failed.is_empty() {
        doc += &format!(
            "\n\n# Errors\nThose of the requests, and [`Operation`](client_runtime::ErrorKind::Operation) \
             when `{state}` is {}.",
            states(&work.failed)
        );
    }
    doc
}

/// Returns the type of a success: one type if all documented successes have it, otherwise an enum with
/// one variant for each status.
fn success(plan: &OperationPlan, types: &OperationTypes) -> Success {
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

/// Returns the match arms for undocumented successes. With a body, it is decoded as the only documented
/// body; without one, it is the only documented success without a body.
fn undocumented(name: &Ident, variants: &[Variant]) -> TokenStream {
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

/// Returns the type of a body, and how a response is decoded as it.
fn read(body: &ResponseBody, json: Option<&TokenStream>) -> (TokenStream, Decode) {
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

fn is_stream(body: &ResponseBody) -> bool {
    matches!(
        body,
        ResponseBody::Bytes
            | ResponseBody::Events { .. }
            | ResponseBody::JsonLines { .. }
            | ResponseBody::JsonSequence { .. }
    )
}

/// Returns the variant name of a status: its reason phrase (RFC 9110 section 15).
fn variant_name(status: StatusPattern) -> String {
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

fn parameter_row(
    plan: &OperationPlan,
    parameter: &ParameterPlan,
    settings: &Settings,
) -> TokenStream {
    let ParameterPlan { name, setter, .. } = parameter;
    let style = match parameter.style {
        ParameterStyle::Simple => identifier("Simple"),
        ParameterStyle::Label => identifier("Label"),
        ParameterStyle::Matrix => identifier("Matrix"),
        ParameterStyle::Form => identifier("Form"),
        ParameterStyle::SpaceDelimited => identifier("SpaceDelimited"),
        ParameterStyle::PipeDelimited => identifier("PipeDelimited"),
        ParameterStyle::DeepObject => identifier("DeepObject"),
        ParameterStyle::Json => identifier("Json"),
    };
    // The last segment of a path names the resource of the call, so it must not have a default.
    let client_default = parameter.location == Location::Path
        && settings.default_parameters.contains(name)
        && !plan.path.ends_with(&format!("{{{name}}}"));
    let flags = [
        ("explode", parameter.explode),
        ("required", parameter.required),
        ("client_default", client_default),
        ("allow_reserved", parameter.allow_reserved),
        ("allow_empty", parameter.allow_empty),
    ];
    let set = flags.iter().filter(|(_, is_set)| *is_set);
    let set = set.map(|(flag, _)| identifier(flag));
    quote! {
        Parameter {
            name: #name,
            argument: #setter,
            style: Style::#style,
            #(#set: true,)*
            ..Parameter::PLAIN
        }
    }
}

fn body_row(body: &BodyPlan) -> TokenStream {
    let BodyPlan {
        media_type,
        required,
        ..
    } = body;
    let encoding = match &body.encoding {
        BodyEncoding::Json { .. } => quote!(Json),
        BodyEncoding::Form { fields, .. } => {
            let fields = fields.iter().map(field_row);
            quote!(Form(&[#(#fields),*]))
        }
        BodyEncoding::Multipart { fields, .. } => {
            let fields = fields.iter().map(field_row);
            quote!(Multipart(&[#(#fields),*]))
        }
        BodyEncoding::Text | BodyEncoding::Bytes | BodyEncoding::JsonLines { .. } => quote!(Raw),
    };
    quote! {
        RequestBody {
            media_type: #media_type,
            required: #required,
            encoding: Encoding::#encoding,
        }
    }
}

fn field_row(field: &FieldPlan) -> TokenStream {
    let FieldPlan {
        name, content_type, ..
    } = field;
    let style = match field.style {
        FieldStyle::Plain => quote!(Plain),
        FieldStyle::Json => quote!(Json),
        FieldStyle::Brackets => quote!(Brackets),
        FieldStyle::Properties => quote!(Properties),
        FieldStyle::Joined(separator) => {
            let separator = Literal::character(separator);
            quote!(Joined(#separator))
        }
        FieldStyle::File => quote!(File),
    };
    let content_type = match content_type {
        Some(media_type) => quote!(Some(#media_type)),
        None => quote!(None),
    };
    quote! {
        Field {
            name: #name,
            style: FieldStyle::#style,
            content_type: #content_type,
        }
    }
}

fn work_row(work: &WorkPlan) -> TokenStream {
    let WorkPlan {
        read: _,
        parameters,
        state,
        done,
        failed,
        reason,
        gone,
    } = work;
    let parameters = parameters
        .iter()
        .map(|(name, path)| quote!((#name, &[#(#path),*])));
    quote! {
        Work {
            parameters: &[#(#parameters),*],
            state: &[#(#state),*],
            done: &[#(#done),*],
            failed: &[#(#failed),*],
            reason: &[#(#reason),*],
            gone: #gone,
        }
    }
}

fn response_row(
    response: &ResponsePlan,
    document: &Value,
    locations: &Locations<'_>,
) -> TokenStream {
    let status = match response.status {
        StatusPattern::Code(code) => quote!(Code(#code)),
        StatusPattern::Range(class) => quote!(Range(#class)),
        StatusPattern::Default => quote!(Default),
    };
    let media_type = match &response.media_type {
        Some(media_type) => quote!(Some(#media_type)),
        None => quote!(None),
    };
    let object = match &response.body {
        ResponseBody::Json { schema } => object(document, schema),
        _ => None,
    };
    let object = match object {
        Some(properties) => quote!(Some(&[#(#properties),*])),
        None => quote!(None),
    };
    let body = match response.body {
        ResponseBody::None => identifier("None"),
        ResponseBody::Json { .. } => identifier("Json"),
        ResponseBody::Text => identifier("Text"),
        ResponseBody::Upgrade => identifier("Upgrade"),
        ResponseBody::Bytes
        | ResponseBody::Events { .. }
        | ResponseBody::JsonLines { .. }
        | ResponseBody::JsonSequence { .. } => identifier("Stream"),
    };
    let schema = locations.response(response);
    quote! {
        DocumentedResponse {
            status: StatusPattern::#status,
            media_type: #media_type,
            body: ResponseBody::#body,
            schema: #schema,
            object: #object,
        }
    }
}

/// Generates the method that reads a header.
fn header_method(header: &HeaderPlan) -> TokenStream {
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
fn header_type(value: HeaderValue) -> (TokenStream, TokenStream) {
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
fn header_phrase(value: HeaderValue) -> &'static str {
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

/// Returns documentation, with a space after the slashes.
fn documentation(text: &str) -> TokenStream {
    let text = format!(" {}", without_code(text));
    quote!(#[doc = #text])
}

/// Returns the identifier for a name of the plan, which is valid already.
fn identifier(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}
