//! Rewrites the items that typify generates from schemas.
//!
//! | code of typify | code after this pass |
//! |---|---|
//! | builders of structs, whose setters of optional properties accept an `Option` only | builders whose setters accept the value as well |
//! | structs that derive `Deserialize` and `Serialize` | structs with the implementations of `objects.rs` |
//! | a struct that a field contains in a `Box` | the same, and its builder converts into the `Box` |
//! | an enum of strings whose variants the document names | the same, with the values of the document |
//! | an integer whose values the document names | the same, with a constant for each |
//! | an untagged enum with exactly one variant that contains a `String` | the same, and it converts from
//! strings |
//!
//! The pass works on tokens and does not parse them, because a client has many of them and most are
//! passed on unchanged.

use std::collections::{BTreeSet, HashMap};

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::derives::Derives;
use crate::enum_names::NamedEnums;
use crate::objects::{self, Decoding};
use crate::setter::{Setter, generic, is_punct, nullable, strip_path};
use crate::tolerance::without_derives;

/// The information that the rewriting of the module `types` needs.
pub(crate) struct Context<'a> {
    pub(crate) enums: &'a NamedEnums,
    pub(crate) derives: &'a Derives,
    /// Attributes of types, by their names.
    pub(crate) attributes: &'a HashMap<String, TokenStream>,
    /// The names of the types in responses.
    pub(crate) decoded: &'a BTreeSet<String>,
    /// The properties of types, by their names, for which the document does not allow null.
    pub(crate) without_null: &'a HashMap<String, BTreeSet<&'a str>>,
}

/// Returns the items of the module `types`, rewritten.
pub(crate) fn rewritten(items: TokenStream, context: &Context<'_>) -> TokenStream {
    let Context {
        enums,
        derives,
        attributes: attributes_of,
        decoded,
        without_null,
    } = context;
    let mut out = TokenStream::new();
    let mut builders = TokenStream::new();
    let (mut structs, mut boxed) = (BTreeSet::new(), BTreeSet::new());
    let mut items = items.into_iter();
    while let Some(Item { mut head, body }) = Item::next(&mut items) {
        let declared = head.windows(3).find_map(named);
        if let Some(("struct" | "enum", name)) = &declared {
            out.extend(attributes_of.get(&name.to_string()).cloned());
            out.extend(derives.attributes.clone());
        }
        let named = named(&head);
        let Some(body) = body else {
            out.extend(enums.derives(&head));
            out.extend(head);
            continue;
        };
        let (body, trailing) = match &named {
            Some(("struct", name)) => {
                let mut fields = fields(body.stream());
                builders.extend(builder(name, &fields));
                boxed.extend(fields.iter().filter_map(Field::boxed).cloned());
                structs.insert(name.clone());
                let type_name = name.to_string();
                let decoding = decoded.contains(&type_name).then(|| Decoding {
                    without_null: without_null.get(&type_name),
                });
                let object = objects::implementations(name, &head, &fields, decoding.as_ref());
                if object.is_some() {
                    for token in &mut head {
                        without_derives(token, &["Deserialize", "Serialize"]);
                    }
                    derives.make_serde_conditional(&mut head);
                    for field in &mut fields {
                        derives.make_serde_conditional(&mut field.attributes);
                    }
                }
                (quote!({ #(#fields)* }), object)
            }
            Some(("enum", name)) if attributes(&head).any(|it| is_serde(it, "untagged")) => {
                let strings = from_strings(name, &body);
                (body.into_token_stream(), strings)
            }
            Some(("enum", name)) => {
                let variants = enums.variants(name, &body);
                (variants.unwrap_or(body).into_token_stream(), None)
            }
            // This module comes after the structs.
            Some(("mod", name)) if name == "builder" => {
                let builders = std::mem::take(&mut builders);
                let boxed = boxed.intersection(&structs).map(into_box);
                (quote!({ #builders #(#boxed)* }), None)
            }
            _ => {
                let conversions = enums.conversions(&head, &body);
                (conversions.unwrap_or(body).into_token_stream(), None)
            }
        };
        out.extend(head);
        out.extend(body);
        out.extend(trailing);
    }
    out.extend(enums.constants());
    out
}

/// An item: the tokens up to its braces, or up to its semicolon if it has none.
pub(crate) struct Item {
    pub(crate) head: Vec<TokenTree>,
    pub(crate) body: Option<Group>,
}

impl Item {
    pub(crate) fn next(tokens: &mut impl Iterator<Item = TokenTree>) -> Option<Self> {
        let mut head = Vec::new();
        for token in tokens {
            match token {
                TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => {
                    let body = Some(body);
                    return Some(Self { head, body });
                }
                token => {
                    let is_end = is_punct(&token, ';');
                    head.push(token);
                    if is_end {
                        return Some(Self { head, body: None });
                    }
                }
            }
        }
        (!head.is_empty()).then_some(Self { head, body: None })
    }
}

/// Returns the keyword and the name of a public struct, enum or module.
fn named(head: &[TokenTree]) -> Option<(&'static str, Ident)> {
    let [
        ..,
        TokenTree::Ident(public),
        TokenTree::Ident(keyword),
        TokenTree::Ident(name),
    ] = head
    else {
        return None;
    };
    let keyword = ["struct", "enum", "mod"]
        .into_iter()
        .find(|known| keyword == known)?;
    (public == "pub").then(|| (keyword, name.clone()))
}

/// Returns the content of each attribute.
pub(crate) fn attributes(tokens: &[TokenTree]) -> impl Iterator<Item = &Group> {
    tokens.iter().filter_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => Some(group),
        _ => None,
    })
}

/// Returns the options of an attribute `#[serde(…)]`.
pub(crate) fn serde_options(attribute: &Group) -> Option<TokenStream> {
    let mut tokens = attribute.stream().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(name)), Some(TokenTree::Group(options))) if name == "serde" => {
            Some(options.stream())
        }
        _ => None,
    }
}

/// Returns true if an attribute is `#[serde(…)]` with `option`.
fn is_serde(attribute: &Group, option: &str) -> bool {
    let mut options = serde_options(attribute).into_iter().flatten();
    options.any(|token| matches!(token, TokenTree::Ident(ident) if ident == option))
}

/// A field of a struct.
pub(crate) struct Field {
    pub(crate) attributes: Vec<TokenTree>,
    pub(crate) name: Ident,
    pub(crate) ty: Vec<TokenTree>,
}

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

/// Parses the fields of a struct.
pub(crate) fn fields(body: TokenStream) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut tokens = body.into_iter();
    loop {
        let attributes = tokens
            .by_ref()
            .take_while(|token| !matches!(token, TokenTree::Ident(public) if public == "pub"))
            .collect();
        let Some(TokenTree::Ident(name)) = tokens.next() else {
            return fields;
        };
        // The colon.
        tokens.next();
        // The type ends at a comma outside of angle brackets.
        let mut depth = 0_i32;
        let ty = tokens.by_ref().take_while(|token| {
            depth += i32::from(is_punct(token, '<')) - i32::from(is_punct(token, '>'));
            depth > 0 || !is_punct(token, ',')
        });
        fields.push(Field {
            attributes,
            name,
            ty: ty.collect(),
        });
    }
}

impl ToTokens for Field {
    fn to_tokens(&self, out: &mut TokenStream) {
        let Self {
            attributes,
            name,
            ty,
        } = self;
        out.extend(attributes.iter().cloned());
        out.extend(quote!(pub #name: #(#ty)*,));
    }
}

impl Field {
    /// Returns the type of the value, if it is optional.
    pub(crate) fn optional(&self) -> Option<&[TokenTree]> {
        let inner = generic(&self.ty, &["std", "option", "Option"])?;
        self.has("skip_serializing_if").then_some(inner)
    }

    /// Returns the type in the `Box`, if the struct would otherwise contain itself.
    fn boxed(&self) -> Option<&Ident> {
        let ty = self.optional().unwrap_or(&self.ty);
        let ty = nullable(ty).unwrap_or(ty);
        match generic(ty, &["client_runtime", "Box"])? {
            [TokenTree::Ident(name)] => Some(name),
            _ => None,
        }
    }

    fn has(&self, option: &str) -> bool {
        attributes(&self.attributes).any(|attribute| is_serde(attribute, option))
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
fn builder(name: &Ident, fields: &[Field]) -> TokenStream {
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
fn into_box(name: &Ident) -> TokenStream {
    quote! {
        impl ::std::convert::TryFrom<#name> for ::client_runtime::Box<super::#name> {
            type Error = super::error::ConversionError;

            fn try_from(value: #name) -> ::std::result::Result<Self, Self::Error> {
                super::#name::try_from(value).map(Self::new)
            }
        }
    }
}

/// Returns the conversions from strings into an untagged enum with exactly one variant that contains a
/// string. The server receives a string that decodes as another variant as that variant.
fn from_strings(name: &Ident, body: &Group) -> Option<TokenStream> {
    let tokens: Vec<TokenTree> = body.stream().into_iter().collect();
    let mut strings = tokens.windows(2).filter_map(|pair| match pair {
        [TokenTree::Ident(variant), TokenTree::Group(content)]
            if content.delimiter() == Delimiter::Parenthesis && is_string(content) =>
        {
            Some(variant)
        }
        _ => None,
    });
    let variant = strings.next().filter(|_| strings.next().is_none())?;
    Some(quote! {
        impl ::std::convert::From<::std::string::String> for #name {
            fn from(value: ::std::string::String) -> Self {
                Self::#variant(value)
            }
        }

        impl ::std::convert::From<&str> for #name {
            fn from(value: &str) -> Self {
                Self::#variant(value.to_owned())
            }
        }
    })
}

fn is_string(content: &Group) -> bool {
    let ty: Vec<TokenTree> = content.stream().into_iter().collect();
    strip_path(&ty, &["std", "string", "String"]).is_some_and(<[_]>::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten_string(items: &str) -> String {
        let items = items.parse().expect("is Rust");
        let context = Context {
            enums: &NamedEnums::default(),
            derives: &Derives::default(),
            attributes: &HashMap::new(),
            decoded: &BTreeSet::new(),
            without_null: &HashMap::new(),
        };
        without_spaces(&rewritten(items, &context).to_string())
    }

    fn without_spaces(code: &str) -> String {
        code.split_whitespace().collect()
    }

    #[test]
    fn a_builder_has_a_setter_for_each_field() {
        let code = rewritten_string(
            "pub struct A {
                /// Its name.
                pub name: B,
                #[serde(rename = \"x\", skip_serializing_if = \"x\")]
                pub more: ::std::option::Option<::std::vec::Vec<(B, i64)>>,
                #[serde(deserialize_with = \"x\")]
                pub null: ::std::option::Option<B>,
                #[serde(flatten)]
                pub extra: ::std::collections::HashMap<::std::string::String, B>,
            }
            pub mod builder {}",
        );
        for expected in [
            "name: ::client_runtime::generated::Argument<super::B>",
            "V: ::std::convert::TryInto<super::B>",
            "name: value.name.required(\"name\")?",
            "more: ::client_runtime::generated::Argument<::std::vec::Vec<(super::B, i64)>>",
            "V: ::client_runtime::IntoOptional<::std::vec::Vec<(super::B, i64)>, How>",
            "more: value.more.optional(\"more\")?",
            "null: ::client_runtime::generated::Argument<::std::option::Option<super::B>>",
            "V: ::client_runtime::IntoNullable<super::B, How>",
            "null: value.null.required(\"null\")?",
            "extra: value.extra.or_default(\"extra\")?",
        ] {
            let expected = without_spaces(expected);
            assert!(code.contains(&expected), "{expected} in {code}");
        }
    }

    #[test]
    fn the_builder_of_a_boxed_struct_converts_into_the_box() {
        let code = rewritten_string(
            "pub struct A {
                #[serde(skip_serializing_if = \"x\")]
                pub a: ::std::option::Option<::client_runtime::Nullable<::client_runtime::Box<A,>,>>,
                pub b: ::client_runtime::Box<B,>,
                pub c: ::client_runtime::Box<::std::vec::Vec<A>,>,
            }
            pub enum B {}
            pub mod builder {}",
        );
        let boxes = "TryFrom<A>for::client_runtime::Box<super::A>";
        assert_eq!(code.matches(boxes).count(), 1);
        assert_eq!(code.matches("for::client_runtime::Box<").count(), 1);
    }

    #[test]
    fn a_choice_with_one_string_variant_converts_from_strings() {
        let choice = |attribute: &str, variants: &str| {
            rewritten_string(&format!(
                "#[serde({attribute})] pub enum A {{ {variants} }}"
            ))
            .contains("From<&str>")
        };
        let string = "B(::std::string::String),";
        assert!(choice("untagged", &format!("{string} C(Vec<X>)")));
        assert!(!choice(
            "untagged",
            &format!("{string} C(::std::string::String)")
        ));
        assert!(!choice("untagged", "B(i64), C(Name)"));
        assert!(!choice("tag = \"x\"", string));
    }
}
