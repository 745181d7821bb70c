//! Generates the builders of structs.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::quote;

use crate::setter::Setter;
use crate::tokens::{Field, attributes, generic, is_punct, nullable};

/// The value that a builder uses for a field that was not set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    /// An error: the field is required.
    Required,
    /// `None`.
    Optional,
    /// The default of the type: the properties that the schema does not list.
    Default,
}

impl Field {
    /// Returns the type in the `Box`, if the struct would otherwise contain itself.
    pub(crate) fn boxed(&self) -> Option<&Ident> {
        let ty = self.optional().unwrap_or(&self.ty);
        let ty = nullable(ty).unwrap_or(ty);
        match generic(ty, &["client_runtime", "Box"])? {
            [TokenTree::Ident(name)] => Some(name),
            _ => None,
        }
    }

    fn documentation(&self) -> TokenStream {
        let documented = attributes(&self.attributes).filter(|attribute| {
            let name = attribute.stream().into_iter().next();
            matches!(name, Some(TokenTree::Ident(name)) if name == "doc")
        });
        documented
            .flat_map(|attribute| quote!(# #attribute))
            .collect()
    }

    fn presence(&self) -> Presence {
        if self.optional().is_some() {
            Presence::Optional
        } else if self.name == "extra" && self.has("flatten") || self.has("default") {
            Presence::Default
        } else {
            Presence::Required
        }
    }

    /// Returns the type of the builder's field for the value, and its setter.
    fn builder_field(&self) -> (TokenStream, Setter) {
        let (ty, setter): (_, fn(&[TokenTree]) -> Setter) = match self.optional() {
            Some(ty) => (from_inside(ty), Setter::optional),
            None => (from_inside(&self.ty), Setter::required),
        };
        (Setter::field_type(quote!(#(#ty)*)), setter(&ty))
    }
}

/// Returns a type as it is named in a module inside `types`.
fn from_inside(ty: &[TokenTree]) -> Vec<TokenTree> {
    let mut scoped = Vec::new();
    let mut is_inside_path = false;
    for token in ty {
        match token {
            TokenTree::Ident(ident) if !is_inside_path && !is_primitive(ident) => {
                scoped.extend(quote!(super::#ident));
            }
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let inner = from_inside(&inner).into_iter().collect();
                scoped.push(Group::new(group.delimiter(), inner).into());
            }
            token => scoped.push(token.clone()),
        }
        is_inside_path = is_punct(token, ':');
    }
    scoped
}

/// Returns true for the name of a type without a path. Generated types start with a capital letter.
fn is_primitive(name: &Ident) -> bool {
    name.to_string()
        .starts_with(|c: char| c.is_ascii_lowercase())
}

/// Returns the builder of the struct `name`, with its conversions.
pub(crate) fn builder(name: &Ident, fields: &[Field]) -> TokenStream {
    let names: Vec<&Ident> = fields.iter().map(|field| &field.name).collect();
    let (types, setters): (Vec<_>, Vec<_>) = fields.iter().map(Field::builder_field).unzip();
    let methods = setters.iter().zip(fields).map(|(setter, field)| {
        let (documentation, method) = (field.documentation(), setter.method(&field.name));
        quote!(#documentation #method)
    });
    let taken = fields.iter().map(|field| {
        let take = match field.presence() {
            Presence::Required => quote!(required),
            Presence::Optional => quote!(optional),
            Presence::Default => quote!(or_default),
        };
        let name = &field.name;
        let written = name.to_string();
        let written = written.trim_start_matches("r#");
        quote!(#name: value.#name.#take(#written)?)
    });
    let given = fields.iter().map(|field| {
        let name = &field.name;
        match field.presence() {
            Presence::Optional => quote!(#name: value.#name.into()),
            _ => quote!(#name: ::client_runtime::generated::Argument::given(value.#name)),
        }
    });
    let value = match fields {
        [] => quote!(_),
        _ => quote!(value),
    };
    quote! {
        #[derive(Clone, Debug, Default)]
        pub struct #name { #(#names: #types,)* }

        impl #name { #(#methods)* }

        impl ::std::convert::TryFrom<#name> for super::#name {
            type Error = super::error::ConversionError;

            fn try_from(#value: #name) -> ::std::result::Result<Self, Self::Error> {
                ::std::result::Result::Ok(Self { #(#taken,)* })
            }
        }

        impl ::std::convert::From<super::#name> for #name {
            fn from(#value: super::#name) -> Self {
                Self { #(#given,)* }
            }
        }
    }
}

/// Returns the conversion of a builder into its boxed struct, for the setters of such fields.
pub(crate) fn into_box(name: &Ident) -> TokenStream {
    quote! {
        impl ::std::convert::TryFrom<#name> for ::client_runtime::Box<super::#name> {
            type Error = super::error::ConversionError;

            fn try_from(value: #name) -> ::std::result::Result<Self, Self::Error> {
                super::#name::try_from(value).map(Self::new)
            }
        }
    }
}
