//! Replaces the path that typify uses for tuples with Rust tuples.
//!
//! Before: `::client_runtime::Tuple<A, B,>`, which is the type of a tuple in the code of typify.
//! After: `(A, B)`.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use serde_json::Value;

use crate::tokens::is_punct;

/// True if a schema of the document is a tuple.
pub(crate) fn has_tuples(document: &Value) -> bool {
    match document {
        Value::Object(object) => {
            let of = object.get("x-rust-type").and_then(|of| of.get("path"));
            of.is_some_and(|path| path == "client_runtime::Tuple")
                || object.values().any(has_tuples)
        }
        Value::Array(items) => items.iter().any(has_tuples),
        _ => false,
    }
}

/// The start of a tuple: its path and the opening bracket.
const START: [&str; 7] = [":", ":", "client_runtime", ":", ":", "Tuple", "<"];

/// Returns the tokens with all tuples replaced, including nested ones.
pub(crate) fn with_tuples(tokens: TokenStream) -> TokenStream {
    replaced(&tokens.into_iter().collect::<Vec<_>>())
}

fn replaced(tokens: &[TokenTree]) -> TokenStream {
    let mut out = TokenStream::new();
    let mut rest = tokens;
    while let [first, after @ ..] = rest {
        if let Some((items, after)) = tuple(rest) {
            out.extend([TokenTree::Group(Group::new(Delimiter::Parenthesis, items))]);
            rest = after;
            continue;
        }
        match first {
            TokenTree::Group(group) => {
                let inner = with_tuples(group.stream());
                let mut inner = Group::new(group.delimiter(), inner);
                inner.set_span(group.span());
                out.extend([TokenTree::Group(inner)]);
            }
            token => out.extend([token.clone()]),
        }
        rest = after;
    }
    out
}

/// Returns the types in the tuple at the start of the tokens, and the tokens after it.
fn tuple(tokens: &[TokenTree]) -> Option<(TokenStream, &[TokenTree])> {
    let length = START.len();
    let start = tokens.get(..length)?;
    let is_start = start
        .iter()
        .zip(START)
        .all(|(token, expected)| match token {
            TokenTree::Punct(punct) => expected.starts_with(punct.as_char()),
            TokenTree::Ident(ident) => ident == expected,
            _ => false,
        });
    if !is_start {
        return None;
    }
    let rest = &tokens[length..];
    let mut depth = 1;
    let mut commas = Vec::new();
    let end = rest.iter().enumerate().find_map(|(index, token)| {
        depth += i32::from(is_punct(token, '<')) - i32::from(is_punct(token, '>'));
        if depth == 1 && is_punct(token, ',') {
            commas.push(index);
        }
        (depth == 0).then_some(index)
    })?;
    let last = commas.pop_if(|last| *last + 1 == end).unwrap_or(end);
    let items = replaced(&rest[..last]);
    // A tuple of one type has a comma at its end.
    let items = match commas.is_empty() {
        true => quote!(#items,),
        false => items,
    };
    Some((items, &rest[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuples_are_written_in_parentheses_also_inside_others() {
        for (before, after) in [
            (
                quote!(
                    struct A {
                        a: Vec<::client_runtime::Tuple<Vec<i64>, ::client_runtime::Tuple<B>>>,
                    }
                ),
                quote!(
                    struct A {
                        a: Vec<(Vec<i64>, (B,))>,
                    }
                ),
            ),
            (quote!(::client_runtime::Tuple<A>), quote!((A,))),
            (
                quote!(::client_runtime::Tuples<A>),
                quote!(::client_runtime::Tuples<A>),
            ),
        ] {
            let without_spaces = |tokens: TokenStream| tokens.to_string().replace(' ', "");
            assert_eq!(without_spaces(with_tuples(before)), without_spaces(after));
        }
    }
}
