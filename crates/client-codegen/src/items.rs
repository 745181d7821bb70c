//! Rewrites the items that typify makes of schemas.
//!
//! | typify's | here |
//! |---|---|
//! | the builders of structs, whose setters of optional properties take an `Option` only | builders that take the value as well |
//! | a field `Option<Nullable<T>>` | the same, decoded so that null is not absent |
//! | a struct that a field holds in a `Box` | the same, and its builder converts into the `Box` |
//! | an untagged enum with one variant that holds a `String` | the same, made of strings, too |
//!
//! The tokens are walked and not parsed: a client has many of them, and each one that is only passed on costs
//! nothing.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::setter::{Setter, behind, generic, is_punct, nullable};

/// The items of the module `types`, rewritten.
pub(crate) fn rewritten(items: TokenStream) -> TokenStream {
    let mut out = TokenStream::new();
    let mut builders = TokenStream::new();
    let (mut structs, mut boxed) = (BTreeSet::new(), BTreeSet::new());
    let mut items = items.into_iter();
    while let Some(Item { head, body }) = Item::next(&mut items) {
        let named = named(&head);
        let Some(body) = body else {
            out.extend(head);
            continue;
        };
        let (body, behind) = match &named {
            Some(("struct", name)) => {
                let fields = fields(&body);
                builders.extend(builder(name, &fields));
                boxed.extend(fields.iter().filter_map(Field::boxed).cloned());
                structs.insert(name.clone());
                (quote!({ #(#fields)* }), None)
            }
            Some(("enum", name)) if attributes(&head).any(|it| is_serde(it, "untagged")) => {
                let strings = from_strings(name, &body);
                (body.into_token_stream(), strings)
            }
            // It stands behind the structs.
            Some(("mod", name)) if name == "builder" => {
                let builders = std::mem::take(&mut builders);
                let boxed = boxed.intersection(&structs).map(into_box);
                (quote!({ #builders #(#boxed)* }), None)
            }
            _ => (body.into_token_stream(), None),
        };
        out.extend(head);
        out.extend(body);
        out.extend(behind);
    }
    out
}

/// One item: the tokens up to its braces, or up to its semicolon where it has none.
struct Item {
    head: Vec<TokenTree>,
    body: Option<Group>,
}

impl Item {
    fn next(tokens: &mut impl Iterator<Item = TokenTree>) -> Option<Self> {
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

/// The keyword and the name of a public struct, enum or module.
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

/// What is in the brackets of each attribute.
fn attributes(tokens: &[TokenTree]) -> impl Iterator<Item = &Group> {
    tokens.iter().filter_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => Some(group),
        _ => None,
    })
}

/// Whether an attribute is `#[serde(…)]` with the `option`.
fn is_serde(attribute: &Group, option: &str) -> bool {
    let mut tokens = attribute.stream().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(name)), Some(TokenTree::Group(options))) if name == "serde" => {
            let mut options = options.stream().into_iter();
            options.any(|token| matches!(token, TokenTree::Ident(ident) if ident == option))
        }
        _ => false,
    }
}

/// A field of a struct.
struct Field {
    attributes: Vec<TokenTree>,
    name: Ident,
    of: Vec<TokenTree>,
}

/// How the value of a field comes out of the builder.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    /// It must be given.
    Required,
    /// It is an `Option`, `None` where it is not given.
    Optional,
    /// It is its type's default where it is not given: the properties that a schema does not list.
    Default,
}

/// The fields of a struct.
fn fields(body: &Group) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut tokens = body.stream().into_iter();
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
        // The type is up to a comma outside of angle brackets.
        let mut depth = 0_i32;
        let of = tokens.by_ref().take_while(|token| {
            depth += i32::from(is_punct(token, '<')) - i32::from(is_punct(token, '>'));
            depth > 0 || !is_punct(token, ',')
        });
        fields.push(Field {
            attributes,
            name,
            of: of.collect(),
        });
    }
}

impl ToTokens for Field {
    fn to_tokens(&self, out: &mut TokenStream) {
        let Self {
            attributes,
            name,
            of,
        } = self;
        out.extend(attributes.iter().cloned());
        if self.optional().is_some_and(|of| nullable(of).is_some()) {
            out.extend(quote! {
                #[serde(default, deserialize_with = "::client_runtime::generated::present")]
            });
        }
        out.extend(quote!(pub #name: #(#of)*,));
    }
}

impl Field {
    /// The type of the value, where it may be absent.
    fn optional(&self) -> Option<&[TokenTree]> {
        let inner = generic(&self.of, &["std", "option", "Option"])?;
        self.has("skip_serializing_if").then_some(inner)
    }

    /// The type behind the pointer, where the value would otherwise contain itself.
    fn boxed(&self) -> Option<&Ident> {
        let of = self.optional().unwrap_or(&self.of);
        let of = nullable(of).unwrap_or(of);
        match generic(of, &["client_runtime", "Box"])? {
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

    /// The type of the builder's field that keeps the value, and its setter.
    fn kept(&self) -> (TokenStream, Setter) {
        let (of, setter): (_, fn(&[TokenTree]) -> Setter) = match self.optional() {
            Some(of) => (from_inside(of), Setter::optional),
            None => (from_inside(&self.of), Setter::required),
        };
        (Setter::field_type(quote!(#(#of)*)), setter(&of))
    }
}

/// A type as the module inside `types` names it.
fn from_inside(of: &[TokenTree]) -> Vec<TokenTree> {
    let mut scoped = Vec::new();
    let mut is_inside_path = false;
    for token in of {
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

/// Whether a name is that of a type without a path. Those of generated types begin with a capital letter.
fn is_primitive(name: &Ident) -> bool {
    name.to_string()
        .starts_with(|c: char| c.is_ascii_lowercase())
}

/// The builder of the struct `name`, with its conversions.
fn builder(name: &Ident, fields: &[Field]) -> TokenStream {
    let names: Vec<&Ident> = fields.iter().map(|field| &field.name).collect();
    let (types, setters): (Vec<_>, Vec<_>) = fields.iter().map(Field::kept).unzip();
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

/// The conversion of a builder into its struct behind a pointer, for the setters of such fields.
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

/// The conversions from strings into an untagged enum, where exactly one variant holds any string. A string
/// that another variant would decode is that variant on the wire.
fn from_strings(name: &Ident, body: &Group) -> Option<TokenStream> {
    let tokens: Vec<TokenTree> = body.stream().into_iter().collect();
    let mut strings = tokens.windows(2).filter_map(|pair| match pair {
        [TokenTree::Ident(variant), TokenTree::Group(holds)]
            if holds.delimiter() == Delimiter::Parenthesis && is_string(holds) =>
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

fn is_string(holds: &Group) -> bool {
    let of: Vec<TokenTree> = holds.stream().into_iter().collect();
    behind(&of, &["std", "string", "String"]).is_some_and(<[_]>::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(items: &str) -> String {
        let items = items.parse().expect("is Rust");
        without_spaces(&rewritten(items).to_string())
    }

    fn without_spaces(code: &str) -> String {
        code.split_whitespace().collect()
    }

    #[test]
    fn a_nullable_field_keeps_null_and_absent_apart() {
        let made = made(
            "pub struct A {
                #[serde(skip_serializing_if = \"x\")]
                pub a: ::std::option::Option<::client_runtime::Nullable<i64,>>,
                pub b: ::client_runtime::Nullable<i64>,
            }",
        );
        assert_eq!(made.matches("deserialize_with").count(), 1);
    }

    #[test]
    fn a_builder_has_a_setter_for_each_field_and_names_types_from_where_it_is() {
        let made = made(
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
            assert!(made.contains(&expected), "{expected} in {made}");
        }
    }

    #[test]
    fn the_builder_of_what_is_behind_a_pointer_goes_there() {
        let made = made(
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
        assert_eq!(made.matches(boxes).count(), 1);
        assert_eq!(made.matches("for::client_runtime::Box<").count(), 1);
    }

    #[test]
    fn a_choice_with_one_variant_of_any_string_is_made_of_strings() {
        let choice = |attribute: &str, variants: &str| {
            made(&format!(
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
