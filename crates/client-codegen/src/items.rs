//! Rewrites the items that typify generates from schemas.
//!
//! | code of typify | code after this pass |
//! |---|---|
//! | builders of structs, whose setters of optional properties accept an `Option` only | builders whose setters accept the value as well |
//! | structs that derive `Deserialize` and `Serialize` | structs with the implementations of `objects.rs` |
//! | a struct that a field contains in a `Box` | the same, and its builder converts into the `Box` |
//! | an enum of strings whose variants the document names | the same, with the values of the document |
//! | an integer whose values the document names | the same, with a constant for each |
//! | an untagged enum with exactly one variant that contains a `String` | the same, and it converts from strings |
//! | types in responses that contain integers and times | types that decode them in all notations (`tolerance.rs`) |

use std::collections::{BTreeSet, HashMap};

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};

use crate::builders::{builder, into_box};
use crate::derives::Derives;
use crate::enum_names::NamedEnums;
use crate::objects::{self, Decoding};
use crate::tokens::{
    Declaration, Field, Item, attributes, fields, is_serde, strip_path, without_derives,
};
use crate::tolerance::Tolerance;

/// The information that the rewriting of the module `types` needs.
pub(crate) struct Context<'a> {
    pub(crate) enums: &'a NamedEnums,
    pub(crate) derives: &'a Derives,
    /// Attributes of types, by their names.
    pub(crate) attributes: &'a HashMap<String, TokenStream>,
    pub(crate) tolerance: &'a Tolerance,
    /// The properties of types, by their names, for which the document does not allow null.
    pub(crate) without_null: &'a HashMap<String, BTreeSet<&'a str>>,
}

/// Returns the items of the module `types`, rewritten.
pub(crate) fn rewritten(items: TokenStream, context: &Context<'_>) -> TokenStream {
    let Context {
        enums,
        derives,
        attributes: attributes_of,
        tolerance,
        without_null,
    } = context;
    let mut out = TokenStream::new();
    let mut builders = TokenStream::new();
    let (mut structs, mut boxed) = (BTreeSet::new(), BTreeSet::new());
    let mut items = items.into_iter();
    while let Some(Item { mut head, body }) = Item::next(&mut items) {
        let declaration = Declaration::of(&head);
        let declared = declaration.map(|it| (it.keyword, it.name.clone()));
        if let Some(("struct" | "enum", name)) = &declared {
            out.extend(attributes_of.get(&name.to_string()).cloned());
            out.extend(derives.attributes.clone());
        }
        let (body, trailing) = match (declared, body) {
            (Some(("struct", name)), Some(body)) => {
                let mut fields = fields(body.stream());
                builders.extend(builder(&name, &fields));
                boxed.extend(fields.iter().filter_map(Field::boxed).cloned());
                let decoding = tolerance.decodes(&name).then(|| Decoding {
                    without_null: without_null.get(&name.to_string()),
                });
                let object = objects::implementations(&name, &head, &fields, decoding.as_ref());
                if object.is_some() {
                    without_derives(&mut head, &["Deserialize", "Serialize"]);
                    derives.make_serde_conditional(&mut head);
                    for field in &mut fields {
                        derives.make_serde_conditional(&mut field.attributes);
                    }
                }
                structs.insert(name);
                (quote!({ #(#fields)* }), object)
            }
            (Some(("struct", name)), None) => {
                out.extend(enums.derives(&head));
                tolerance.newtype(&name, &mut head);
                (TokenStream::new(), None)
            }
            (Some(("enum", name)), Some(body)) => {
                let is_choice = attributes(&head).any(|it| is_serde(it, "untagged"));
                let (body, strings) = match is_choice {
                    true => {
                        let strings = from_strings(&name, &body);
                        (body, strings)
                    }
                    false => (enums.variants(&name, &body).unwrap_or(body), None),
                };
                let decode = is_choice
                    .then(|| tolerance.exact_choice(&name, &body))
                    .flatten();
                let body = match decode {
                    Some(_) => {
                        without_derives(&mut head, &["Deserialize"]);
                        body
                    }
                    None => tolerance.variants(&name, body),
                };
                (body.into_token_stream(), Some(quote!(#strings #decode)))
            }
            // This module comes after the structs.
            (Some(("mod", name)), Some(_)) if name == "builder" => {
                let builders = std::mem::take(&mut builders);
                let boxed = boxed.intersection(&structs).map(into_box);
                (quote!({ #builders #(#boxed)* }), None)
            }
            (None, Some(body)) => {
                let body = enums.conversions(&head, &body).unwrap_or(body);
                let body = tolerance.implementation(&head, body);
                (body.into_token_stream(), None)
            }
            (_, body) => (body.into_token_stream(), None),
        };
        out.extend(head);
        out.extend(body);
        out.extend(trailing);
    }
    out.extend(enums.constants());
    out
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
            tolerance: &Tolerance::default(),
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
