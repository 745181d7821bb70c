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

mod items;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote;

use self::items::{items, reached};
pub(crate) use self::items::{last_name, pieces, split_attributes};
use crate::setter::is_punct;

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
pub(crate) struct Tolerance {
    /// The types that responses contain at any depth.
    pub(crate) decoded: BTreeSet<String>,
    /// The types that contain a number that loses digits in a buffer, at any depth.
    exact: BTreeSet<String>,
}

impl Tolerance {
    /// Reads the types in `module`, of which `responses` are decoded.
    pub(crate) fn of<'a>(
        module: &TokenStream,
        responses: impl Iterator<Item = &'a TokenStream>,
    ) -> Self {
        let tokens: Vec<TokenTree> = module.clone().into_iter().collect();
        let names = items(&tokens).into_iter().map(|item| {
            let names = item.names(&tokens);
            (item.name, names)
        });
        let names = names.collect();
        Self {
            decoded: reached(&names, responses),
            exact: exact(&names),
        }
    }
}

/// Returns the module `types`, rewritten. The structs of objects are those of `objects.rs`.
pub(crate) fn with_tolerance(module: TokenStream, tolerance: &Tolerance) -> TokenStream {
    let Tolerance {
        decoded: read,
        exact,
    } = tolerance;
    let mut tokens: Vec<TokenTree> = module.into_iter().collect();
    let items = items(&tokens);
    let mut added = TokenStream::new();
    for item in &items {
        let Some(TokenTree::Group(body)) = tokens.get(item.body) else {
            continue;
        };
        if item.is_choice
            && exact.contains(&item.name)
            && let Some(variants) = variants(body)
        {
            for token in &mut tokens[item.attributes.clone()] {
                without_derives(token, &["Deserialize"]);
            }
            added.extend(choice(&item.name, &variants));
            continue;
        }
        let inner = match (item.is_enum, body.delimiter()) {
            _ if !read.contains(&item.name) => continue,
            (true, _) => tolerant_variants(body.stream()),
            (false, Delimiter::Parenthesis) => tolerant_fields(body.stream()),
            // `objects.rs` decodes these.
            (false, _) => continue,
        };
        tokens[item.body] = group(body.delimiter(), inner);
    }
    for (name, body) in implementations(&tokens) {
        if read.contains(&name)
            && let TokenTree::Group(group) = &tokens[body]
        {
            tokens[body] = tolerant_calls(group);
        }
    }
    let tokens: TokenStream = tokens.into_iter().collect();
    quote!(#tokens #added)
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
            variant.push(last);
        }
        let variant: TokenStream = variant.into_iter().collect();
        quote!(#variant,)
    });
    variants.collect()
}

fn group(delimiter: Delimiter, stream: TokenStream) -> TokenTree {
    TokenTree::Group(Group::new(delimiter, stream))
}

/// The integers that the runtime decodes in all notations.
const INTEGERS: [&str; 14] = [
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "NonZeroU8",
    "NonZeroU16",
    "NonZeroU32",
    "NonZeroU64",
];

/// Returns true if the runtime decodes this type in all notations: an integer or a time, or one inside
/// of types of the standard library. For tuples, see [`tuple_reader`].
pub(crate) fn is_tolerant(ty: &[TokenTree]) -> bool {
    let is_path = |token: &TokenTree| !matches!(token, TokenTree::Group(_));
    let Some(name) = last_name(ty).filter(|_| ty.iter().all(is_path)) else {
        return false;
    };
    let start = ty.iter().position(|token| is_punct(token, '<'));
    let Some(inner) = start.and_then(|start| ty.get(start + 1..ty.len() - 1)) else {
        return INTEGERS.contains(&name.as_str());
    };
    match name.as_str() {
        "Option" | "Vec" | "Box" | "Nullable" => is_tolerant(inner),
        "HashMap" => match pieces(inner.iter().cloned().collect()).as_slice() {
            [_, value] => is_tolerant(value),
            _ => false,
        },
        "DateTime" => last_name(inner) == Some("Utc".to_owned()),
        _ => false,
    }
}

/// Returns the type that reads a value of this type in all notations of servers, if that is another one:
/// `Read<i64>` for `i64`, `(Read<i64>, Plain<String>)` for `(i64, String)`.
pub(crate) fn reader(ty: &[TokenTree]) -> Option<TokenStream> {
    if is_tolerant(ty) {
        let ty: TokenStream = ty.iter().cloned().collect();
        return Some(quote!(::client_runtime::generated::Read<#ty>));
    }
    tuple_reader(ty)
}

/// Returns the type that reads a tuple, or a list or option of tuples, if one of its values is decoded in
/// all notations: `(Read<i64>, Plain<String>)` for `(i64, String)`.
fn tuple_reader(ty: &[TokenTree]) -> Option<TokenStream> {
    if let [TokenTree::Group(tuple)] = ty {
        let mut is_needed = false;
        let values = pieces(tuple.stream()).into_iter().map(|value| {
            let ty: TokenStream = value.iter().cloned().collect();
            let read = reader(&value);
            is_needed |= read.is_some();
            read.unwrap_or_else(|| quote!(::client_runtime::generated::Plain<#ty>))
        });
        let values: Vec<TokenStream> = values.collect();
        return is_needed.then(|| quote!((#(#values,)*)));
    }
    let start = ty.iter().position(|token| is_punct(token, '<'))?;
    let inner = ty.get(start + 1..ty.len() - 1)?;
    let path: TokenStream = ty[..start].iter().cloned().collect();
    match last_name(ty)?.as_str() {
        "Option" | "Vec" | "Box" | "Nullable" => {
            // typify puts a comma after the last parameter.
            let inner = pieces(inner.iter().cloned().collect());
            let [inner] = inner.as_slice() else {
                return None;
            };
            let inner = tuple_reader(inner)?;
            Some(quote!(#path<#inner>))
        }
        _ => None,
    }
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

/// Removes traits from a list of derived ones, if `token` is that of an attribute `#[derive(…)]`.
pub(crate) fn without_derives(token: &mut TokenTree, names: &[&str]) {
    let TokenTree::Group(attribute) = token else {
        return;
    };
    let inner: Vec<TokenTree> = attribute.stream().into_iter().collect();
    let [TokenTree::Ident(derive), TokenTree::Group(list)] = inner.as_slice() else {
        return;
    };
    if derive != "derive" {
        return;
    }
    let kept = pieces(list.stream())
        .into_iter()
        .filter(|path| !last_name(path).is_some_and(|name| names.contains(&name.as_str())))
        .map(|path| path.into_iter().collect::<TokenStream>());
    *token = group(Delimiter::Bracket, quote!(#derive(#(#kept),*)));
}

/// Returns the implementation of `Deserialize` for a choice, which decodes the branches from the JSON
/// of the value.
fn choice(name: &str, variants: &[(Ident, Option<TokenStream>)]) -> TokenStream {
    let message = format!("data did not match any variant of untagged enum {name}");
    let name = Ident::new(name, Span::call_site());
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

/// Returns the implementations of `Deserialize` that are not derived: the name of the type, and the
/// index of the body.
fn implementations(tokens: &[TokenTree]) -> Vec<(String, usize)> {
    let is =
        |token: &TokenTree, word: &str| matches!(token, TokenTree::Ident(name) if name == word);
    let mut found = Vec::new();
    for (index, _) in tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| is(token, "Deserialize"))
    {
        let Some(ty) = tokens[index..].iter().position(|token| is(token, "for")) else {
            continue;
        };
        let ty = index + ty + 1;
        if let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(_))) =
            (tokens.get(ty), tokens.get(ty + 1))
        {
            found.push((name.to_string(), ty + 1));
        }
    }
    found
}

/// Replaces calls like `<i64>::deserialize(…)` in an implementation, so that integers are decoded in
/// all notations.
fn tolerant_calls(body: &Group) -> TokenTree {
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
            TokenTree::Group(group) => tolerant_calls(group),
            other => other.clone(),
        }]);
        rest = tail;
    }
    group(body.delimiter(), rewritten)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tolerant(module: TokenStream, response: TokenStream) -> String {
        let tolerance = Tolerance::of(&module, std::iter::once(&response));
        with_tolerance(module, &tolerance).to_string()
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
        let expected = quote! {
            pub struct Job { pub inner: Inner }
            pub struct Inner(#[serde(deserialize_with = #READ)] pub u8,);
            pub struct OfRequests(pub i64);
        };
        assert_eq!(after, expected.to_string());
    }

    #[test]
    fn a_response_is_read_by_the_reader_of_its_type() {
        let read = |ty: TokenStream| {
            let reader = reader(&ty.into_iter().collect::<Vec<_>>());
            reader.map(|reader| reader.to_string().replace(' ', ""))
        };
        let of = |reader: &str| Some(format!("::client_runtime::generated::{reader}"));
        assert_eq!(read(quote!(i64)), of("Read<i64>"));
        assert_eq!(read(quote!(Vec<i64>)), of("Read<Vec<i64>>"));
        assert_eq!(
            read(quote!((i64, String))),
            Some(
                "(::client_runtime::generated::Read<i64>,::client_runtime::generated::Plain<String>,)"
                    .to_owned()
            )
        );
        assert_eq!(read(quote!(types::Job)), None);
        assert_eq!(read(quote!((String, f64))), None);
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
        let expected = quote! {
            #[serde(untagged)]
            pub enum Choice {
                Integer(#[serde(deserialize_with = #READ)] i64,),
                Level(Level,),
                Null,
            }
            pub struct Level(#[serde(deserialize_with = #READ)] i64,);
            impl<'de> ::serde::Deserialize<'de> for Level {
                fn deserialize<D>(deserializer: D) {
                    Self::try_from(::client_runtime::generated::read::<_, i64>(deserializer)?,)
                }
            }
        };
        assert_eq!(after, expected.to_string());
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
        for expected in expected {
            let expected = expected.to_string();
            let after = after.replace("> > (", ">> (");
            assert!(
                after.contains(&expected.replace("> > (", ">> (")),
                "{expected}\n{after}"
            );
        }
        assert!(!after.contains("Deserialize < 'de > for Other"));
    }
}
