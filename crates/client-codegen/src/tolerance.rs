//! Makes the types of responses decode integers and times in all notations of servers.
//!
//! Before: `pub struct Size(pub i64)`, and a variant `Size(i64)` of an enum.
//! After: the value has `#[serde(deserialize_with = "client_runtime::generated::read")]`. The structs of
//! objects are decoded by the code of `objects.rs`, which asks [`reader`] for the same.
//!
//! Before: `#[serde(untagged)] pub enum Amount { Decimal(client_runtime::Decimal), String(String) }`.
//! After: `Deserialize` is not derived, but implemented: each branch is decoded from the JSON of the
//! value, because the buffer of the derived implementation loses digits. This applies to every choice
//! that contains such a number at any depth.
//!
//! The types of the fields are not changed. In types that occur only in requests, only these choices are
//! changed, because a program may read a request from a file.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::quote;

use crate::readers::{INTEGERS, is_tolerant, tuple_reader};
use crate::tokens::{Declaration, Item, is_punct, pieces, split_attributes};

/// The types whose values lose digits in serde's buffers.
const EXACT: [&str; 3] = [
    "client_runtime::Decimal",
    "client_runtime::i128",
    "client_runtime::u128",
];

/// The function that decodes a field.
const READ: &str = "::client_runtime::generated::read";

/// The function that decodes a field with a tuple by a type that reads each of its values.
const READ_AS: &str = "::client_runtime::generated::read_as";

/// The names of the types that are decoded in a special way.
#[derive(Default)]
pub(crate) struct Tolerance {
    /// The types that responses contain at any depth.
    decoded: BTreeSet<String>,
    /// The types that contain a number that loses digits in a buffer, at any depth.
    exact: BTreeSet<String>,
}

impl Tolerance {
    /// Reads the types in `module`, of which `responses` are decoded.
    pub(crate) fn of<'a>(
        module: &TokenStream,
        responses: impl Iterator<Item = &'a TokenStream>,
    ) -> Self {
        let mut names = BTreeMap::new();
        let mut tokens = module.clone().into_iter();
        while let Some(Item { head, body }) = Item::next(&mut tokens) {
            if let Some(Declaration {
                keyword: "struct" | "enum",
                name,
                rest,
            }) = Declaration::of(&head)
            {
                let mut found = BTreeSet::new();
                collect_names(rest.iter().cloned().collect(), &mut found);
                collect_names(body.iter().flat_map(Group::stream).collect(), &mut found);
                names.insert(name.to_string(), found);
            }
        }
        Self {
            decoded: reached(&names, responses),
            exact: exact(&names),
        }
    }

    /// True if responses contain the type.
    pub(crate) fn decodes(&self, name: &Ident) -> bool {
        self.decoded.contains(&name.to_string())
    }

    /// Rewrites a struct without names of fields, which is given up to its semicolon.
    pub(crate) fn newtype(&self, name: &Ident, head: &mut [TokenTree]) {
        if self.decodes(name)
            && let [.., TokenTree::Group(fields), _] = head
        {
            *fields = group(Delimiter::Parenthesis, tolerant_fields(fields.stream()));
        }
    }

    /// Rewrites the variants of an enum.
    pub(crate) fn variants(&self, name: &Ident, body: Group) -> Group {
        match self.decodes(name) {
            true => group(Delimiter::Brace, tolerant_variants(body.stream())),
            false => body,
        }
    }

    /// Returns the implementation of `Deserialize` for an untagged enum with a number that loses digits in
    /// a buffer; `None` for any other enum.
    pub(crate) fn exact_choice(&self, name: &Ident, body: &Group) -> Option<TokenStream> {
        let is_exact = self.exact.contains(&name.to_string());
        let variants = is_exact.then(|| variants(body)).flatten()?;
        Some(choice(name, &variants))
    }

    /// Rewrites the body of an implementation of `Deserialize`, whose head is given.
    pub(crate) fn implementation(&self, head: &[TokenTree], body: Group) -> Group {
        let is_deserialize =
            |token: &TokenTree| matches!(token, TokenTree::Ident(name) if name == "Deserialize");
        match head {
            [.., TokenTree::Ident(name)]
                if self.decodes(name) && head.iter().any(is_deserialize) =>
            {
                tolerant_calls(&body)
            }
            _ => body,
        }
    }
}

/// Returns the names of the types that contain a number that loses digits in a buffer.
fn exact(names: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let mut exact: BTreeSet<String> = EXACT.map(str::to_owned).into();
    loop {
        let before = exact.len();
        for (name, names) in names {
            if !names.is_disjoint(&exact) {
                exact.insert(name.clone());
            }
        }
        if exact.len() == before {
            return exact;
        }
    }
}

/// Rewrites the fields of a struct or a variant, which have no names.
fn tolerant_fields(fields: TokenStream) -> TokenStream {
    let fields = pieces(fields).into_iter().map(|field| {
        let (_, rest) = split_attributes(&field);
        let is_public = matches!(rest, [TokenTree::Ident(public), ..] if public == "pub");
        let ty = &rest[usize::from(is_public)..];
        let reader = match is_tolerant(ty) {
            true => Some(READ.to_owned()),
            false => tuple_reader(ty).map(|reader| format!("{READ_AS}::<_, {reader}>")),
        };
        let attribute = reader.map(|reader| quote!(#[serde(deserialize_with = #reader)]));
        let field: TokenStream = field.into_iter().collect();
        quote!(#attribute #field,)
    });
    fields.collect()
}

fn tolerant_variants(variants: TokenStream) -> TokenStream {
    let variants = pieces(variants).into_iter().map(|mut variant| {
        if let Some(TokenTree::Group(fields)) = variant.last()
            && fields.delimiter() == Delimiter::Parenthesis
        {
            let last = group(fields.delimiter(), tolerant_fields(fields.stream()));
            variant.pop();
            variant.push(last.into());
        }
        let variant: TokenStream = variant.into_iter().collect();
        quote!(#variant,)
    });
    variants.collect()
}

fn group(delimiter: Delimiter, stream: TokenStream) -> Group {
    Group::new(delimiter, stream)
}

/// Returns the variants of a choice with the type that each contains, if each contains at most one
/// value.
fn variants(body: &Group) -> Option<Vec<(Ident, Option<TokenStream>)>> {
    let variants =
        pieces(body.stream())
            .into_iter()
            .map(|variant| match split_attributes(&variant).1 {
                [TokenTree::Ident(name)] => Some((name.clone(), None)),
                [TokenTree::Ident(name), TokenTree::Group(group)]
                    if group.delimiter() == Delimiter::Parenthesis =>
                {
                    let ty = pieces(group.stream());
                    let [ty] = ty.as_slice() else {
                        return None;
                    };
                    Some((name.clone(), Some(ty.iter().cloned().collect())))
                }
                _ => None,
            });
    variants.collect()
}

/// Returns the implementation of `Deserialize` for a choice, which decodes the branches from the JSON
/// of the value.
fn choice(name: &Ident, variants: &[(Ident, Option<TokenStream>)]) -> TokenStream {
    let message = format!("data did not match any variant of untagged enum {name}");
    let variants = variants.iter().map(|(variant, ty)| {
        let Some(ty) = ty else {
            return quote! {
                if value.read::<()>().is_some() {
                    return ::std::result::Result::Ok(Self::#variant);
                }
            };
        };
        let tokens: Vec<TokenTree> = ty.clone().into_iter().collect();
        let (ty, inner) = match is_tolerant(&tokens) {
            true => (
                quote!(::client_runtime::generated::Read<#ty>),
                quote!(inner.0),
            ),
            false => (ty.clone(), quote!(inner)),
        };
        quote! {
            if let ::std::option::Option::Some(inner) = value.read::<#ty>() {
                return ::std::result::Result::Ok(Self::#variant(#inner));
            }
        }
    });
    quote! {
        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
            where
                D: ::serde::Deserializer<'de>,
            {
                let value = <::client_runtime::generated::Unparsed as ::serde::Deserialize>
                    ::deserialize(deserializer)?;
                #(#variants)*
                ::std::result::Result::Err(<D::Error as ::serde::de::Error>::custom(#message))
            }
        }
    }
}

/// Replaces calls like `<i64>::deserialize(…)` in an implementation, so that integers are decoded in
/// all notations.
fn tolerant_calls(body: &Group) -> Group {
    let tokens: Vec<TokenTree> = body.stream().into_iter().collect();
    let mut rewritten = TokenStream::new();
    let mut rest = tokens.as_slice();
    while let [first, tail @ ..] = rest {
        if let [
            open,
            TokenTree::Ident(ty),
            close,
            colon,
            _,
            TokenTree::Ident(method),
            call,
            ..,
        ] = rest
            && is_punct(open, '<')
            && is_punct(close, '>')
            && is_punct(colon, ':')
            && method == "deserialize"
            && INTEGERS.contains(&ty.to_string().as_str())
        {
            rewritten.extend(quote!(::client_runtime::generated::read::<_, #ty> #call));
            rest = &rest[7..];
            continue;
        }
        rewritten.extend([match first {
            TokenTree::Group(group) => tolerant_calls(group).into(),
            other => other.clone(),
        }]);
        rest = tail;
    }
    group(body.delimiter(), rewritten)
}

/// Collects the names in `tokens`; those of `client_runtime` include the crate.
fn collect_names(tokens: TokenStream, found: &mut BTreeSet<String>) {
    let mut is_of_runtime = false;
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                let name = name.to_string();
                let is_crate = name == "client_runtime";
                found.insert(match is_of_runtime {
                    true => format!("client_runtime::{name}"),
                    false => name,
                });
                is_of_runtime = is_crate;
            }
            TokenTree::Punct(punct) => is_of_runtime &= punct.as_char() == ':',
            TokenTree::Group(group) => collect_names(group.stream(), found),
            TokenTree::Literal(_) => {}
        }
    }
}

/// Returns the names of the types that the types in `roots` contain at any depth. `names` has those that each
/// type contains.
fn reached<'a>(
    names: &BTreeMap<String, BTreeSet<String>>,
    roots: impl Iterator<Item = &'a TokenStream>,
) -> BTreeSet<String> {
    let mut waiting = BTreeSet::new();
    for root in roots {
        collect_names(root.clone(), &mut waiting);
    }
    let mut reached = BTreeSet::new();
    while let Some(name) = waiting.pop_first() {
        if let Some(names) = names.get(&name)
            && reached.insert(name)
        {
            waiting.extend(names.difference(&reached).cloned());
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::derives::Derives;
    use crate::enum_names::NamedEnums;
    use crate::items::{Context, rewritten};

    fn assert_contains(code: &str, expected: &[TokenStream]) {
        // rustfmt removes trailing commas from the expected code.
        let compact = |code: &str| code.replace(' ', "").replace(",)", ")");
        let code = compact(code);
        for expected in expected {
            let expected = compact(&expected.to_string());
            assert!(code.contains(&expected), "{expected} in {code}");
        }
    }

    fn tolerant(module: TokenStream, response: TokenStream) -> String {
        let context = Context {
            enums: &NamedEnums::default(),
            derives: &Derives::default(),
            attributes: &HashMap::new(),
            tolerance: &Tolerance::of(&module, std::iter::once(&response)),
            without_null: &HashMap::new(),
        };
        rewritten(module, &context).to_string()
    }

    #[test]
    fn integers_and_times_of_responses_accept_all_notations() {
        let after = tolerant(
            quote! {
                pub struct Job { pub inner: Inner }
                pub struct Inner(pub u8);
                pub struct OfRequests(pub i64);
            },
            quote!(::std::vec::Vec<types::Job>),
        );
        assert_contains(
            &after,
            &[
                quote!(
                    pub struct Inner(#[serde(deserialize_with = #READ)] pub u8);
                ),
                quote!(
                    pub struct OfRequests(pub i64);
                ),
            ],
        );
    }

    #[test]
    fn branches_and_enumerations_of_integers_accept_all_notations() {
        let after = tolerant(
            quote! {
                #[serde(untagged)]
                pub enum Choice { Integer(i64), Level(Level), Null }
                pub struct Level(i64);
                impl<'de> ::serde::Deserialize<'de> for Level {
                    fn deserialize<D>(deserializer: D) { Self::try_from(<i64>::deserialize(deserializer)?,) }
                }
            },
            quote!(types::Choice),
        );
        assert_contains(
            &after,
            &[
                quote! {
                    #[serde(untagged)]
                    pub enum Choice {
                        Integer(#[serde(deserialize_with = #READ)] i64,),
                        Level(Level,),
                        Null,
                    }
                },
                quote!(
                    pub struct Level(#[serde(deserialize_with = #READ)] i64);
                ),
                quote! {
                    impl<'de> ::serde::Deserialize<'de> for Level {
                        fn deserialize<D>(deserializer: D) {
                            Self::try_from(::client_runtime::generated::read::<_, i64>(deserializer)?,)
                        }
                    }
                },
            ],
        );
    }

    #[test]
    fn a_choice_with_an_exact_number_is_decoded_from_its_text() {
        let after = tolerant(
            quote! {
                #[derive(::serde::Deserialize, ::serde::Serialize, Clone)]
                #[serde(untagged)]
                pub enum Outer { Amount(Amount), Count(i64), Nothing }
                pub struct Amount { pub value: ::client_runtime::Decimal }
                #[derive(::serde::Deserialize)]
                #[serde(untagged)]
                pub enum Other { A(Decimal), B(bool) }
                pub struct Decimal(pub f64);
            },
            quote!((types::Outer, types::Other)),
        );
        let expected = [
            quote! {
                #[derive(::serde::Serialize, Clone)]
                #[serde(untagged)]
                pub enum Outer { Amount(Amount), Count(i64), Nothing }
            },
            quote!(impl<'de> ::serde::Deserialize<'de> for Outer),
            quote!(value.read::<::client_runtime::generated::Read<i64>>()),
            quote!(value.read::<Amount>()),
            quote!(value.read::<()>()),
            quote! {
                #[derive(::serde::Deserialize)]
                #[serde(untagged)]
                pub enum Other
            },
        ];
        assert_contains(&after, &expected);
        assert!(!after.contains("Deserialize < 'de > for Other"));
    }
}
