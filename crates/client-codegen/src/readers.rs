//! The types by which generated code decodes values of responses in all notations of servers.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::tokens::{is_punct, last_name, pieces};

/// The integers that the runtime decodes in all notations.
pub(crate) const INTEGERS: [&str; 14] = [
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
pub(crate) fn tuple_reader(ty: &[TokenTree]) -> Option<TokenStream> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
