//! Generates the client: its constructors, a method for each call, and the builder methods of its
//! security schemes.

use proc_macro2::TokenStream;
use quote::quote;

use super::call::Call;
use super::{documentation, identifier};
use crate::plan::{ClientPlan, SchemeKind, SecuritySchemePlan};

/// Generates the client and its constructors.
pub(super) fn client(plan: &ClientPlan) -> TokenStream {
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

/// Generates the methods of the client, in one `impl` for each tag, with the documentation of the tag.
pub(super) fn methods(plan: &ClientPlan, calls: &[Call<'_>]) -> TokenStream {
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

/// Generates the trait with a builder method for each security scheme, if the document has any.
pub(super) fn security_schemes(schemes: &[SecuritySchemePlan]) -> Option<TokenStream> {
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
pub(super) fn scheme_method(scheme: &SecuritySchemePlan) -> (TokenStream, TokenStream) {
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

pub(super) fn scheme_doc(scheme: &SecuritySchemePlan) -> String {
    let name = &scheme.name;
    let takes = match &scheme.kind {
        SchemeKind::Header(header) => format!("an API key in the header `{header}`"),
        SchemeKind::Query(pair) => format!("an API key in the query parameter `{pair}`"),
        SchemeKind::Cookie(cookie) => format!("an API key in the cookie `{cookie}`"),
        SchemeKind::Basic => "a user and a password (RFC 7617)".to_owned(),
        SchemeKind::Bearer => "bearer tokens (RFC 6750): a fixed token \
                               ([`StaticToken`](client_runtime::StaticToken)), or any \
                               [`Credentials`](client_runtime::Credentials)"
            .to_owned(),
        SchemeKind::MutualTls => "a client certificate".to_owned(),
        SchemeKind::Other => {
            "the credentials that an [`Authenticator`](client_runtime::Authenticator) adds to \
                              each request"
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
