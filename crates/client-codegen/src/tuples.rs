//! Writes tuples as Rust does.
//!
//! Before: `::client_runtime::Tuple<A, B,>`, as which typify names the type of a tuple.
//! After: `(A, B)`.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

use crate::setter::is_punct;

/// The start of a tuple: its path and the opening bracket.
const START: [&str; 7] = [":", ":", "client_runtime", ":", ":", "Tuple", "<"];

/// Returns the tokens with all tuples replaced, also those inside others.
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
    let (mut depth, mut commas) = (1, 0);
    let end = rest.iter().position(|token| {
        depth += i32::from(is_punct(token, '<')) - i32::from(is_punct(token, '>'));
        commas += usize::from(depth == 1 && is_punct(token, ','));
        depth == 0
    })?;
    let items = &rest[..end];
    // Only a tuple of one type needs the comma at the end.
    let items = match items {
        [items @ .., last] if commas > 1 && is_punct(last, ',') => replaced(items),
        [.., last] if is_punct(last, ',') => replaced(items),
        _ => {
            let items = replaced(items);
            quote!(#items,)
        }
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
