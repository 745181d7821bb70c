//! Reads the structs and enums of a module from its tokens, without parsing it.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::setter::is_punct;

/// A struct or an enum of the module.
pub(super) struct Item {
    pub(super) name: String,
    pub(super) is_enum: bool,
    /// Whether it is an untagged enum.
    pub(super) is_choice: bool,
    /// The range of its attributes among the tokens.
    pub(super) attributes: std::ops::Range<usize>,
    /// The index of its fields or variants among the tokens.
    pub(super) body: usize,
}

impl Item {
    /// The names of the types that it contains. `tokens` are those of the module.
    pub(super) fn names(&self, tokens: &[TokenTree]) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        collect_names(std::slice::from_ref(&tokens[self.body]), &mut names);
        names
    }
}

/// The structs and enums in the tokens of a module.
pub(super) fn items(tokens: &[TokenTree]) -> Vec<Item> {
    let mut items = Vec::new();
    for (index, pair) in tokens.windows(2).enumerate() {
        let [TokenTree::Ident(keyword), TokenTree::Ident(name)] = pair else {
            continue;
        };
        let is_enum = keyword == "enum";
        if !is_enum && keyword != "struct" {
            continue;
        }
        let body = tokens[index..]
            .iter()
            .position(|token| matches!(token, TokenTree::Group(_)));
        let Some(body) = body.map(|offset| index + offset) else {
            continue;
        };
        let end = match index.checked_sub(1).map(|before| &tokens[before]) {
            Some(TokenTree::Ident(visibility)) if visibility == "pub" => index - 1,
            _ => index,
        };
        let mut start = end;
        while start >= 2 && is_attribute(&tokens[start - 2..start]) {
            start -= 2;
        }
        let is_untagged = |token: &TokenTree| has_serde_word(token, "untagged");
        items.push(Item {
            name: name.to_string(),
            is_enum,
            is_choice: is_enum && tokens[start..end].iter().any(is_untagged),
            attributes: start..end,
            body,
        });
    }
    items
}

/// Returns true if two tokens are an attribute.
fn is_attribute(tokens: &[TokenTree]) -> bool {
    matches!(
        tokens,
        [TokenTree::Punct(hash), TokenTree::Group(group)]
            if hash.as_char() == '#' && group.delimiter() == Delimiter::Bracket
    )
}

/// Returns true for `#[serde(…)]` with this option.
pub(super) fn has_serde_word(attribute: &TokenTree, word: &str) -> bool {
    let TokenTree::Group(attribute) = attribute else {
        return false;
    };
    let is =
        |token: &TokenTree, word: &str| matches!(token, TokenTree::Ident(name) if name == word);
    let inner: Vec<TokenTree> = attribute.stream().into_iter().collect();
    match inner.as_slice() {
        [serde, TokenTree::Group(told)] if is(serde, "serde") => {
            told.stream().into_iter().any(|token| is(&token, word))
        }
        _ => false,
    }
}

/// Collects the names in `tokens`; those of `client_runtime` include the crate.
fn collect_names(tokens: &[TokenTree], found: &mut BTreeSet<String>) {
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
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                collect_names(&inner, found);
            }
            TokenTree::Literal(_) => {}
        }
    }
}

/// Returns the names of the types that the types in `roots` contain at any depth. `names` has those that each
/// type contains.
pub(super) fn reached<'a>(
    names: &BTreeMap<String, BTreeSet<String>>,
    roots: impl Iterator<Item = &'a TokenStream>,
) -> BTreeSet<String> {
    let mut waiting = BTreeSet::new();
    for root in roots {
        let root: Vec<TokenTree> = root.clone().into_iter().collect();
        collect_names(&root, &mut waiting);
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

/// Splits tokens at the commas outside of angle brackets.
pub(crate) fn pieces(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut pieces = vec![Vec::new()];
    let mut depth = 0_i32;
    for token in tokens {
        if let TokenTree::Punct(punct) = &token {
            match punct.as_char() {
                '<' => depth += 1,
                '>' => depth -= 1,
                ',' if depth == 0 => {
                    pieces.push(Vec::new());
                    continue;
                }
                _ => {}
            }
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(token);
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Splits the tokens of a field or a variant into its attributes and the rest.
pub(crate) fn split_attributes(tokens: &[TokenTree]) -> (&[TokenTree], &[TokenTree]) {
    let mut end = 0;
    while end + 2 <= tokens.len() && is_attribute(&tokens[end..end + 2]) {
        end += 2;
    }
    tokens.split_at(end)
}

/// Returns the last name of a path, without type parameters.
pub(crate) fn last_name(path: &[TokenTree]) -> Option<String> {
    let path = path.iter().take_while(|token| !is_punct(token, '<'));
    let names = path.filter_map(|token| match token {
        TokenTree::Ident(name) => Some(name.to_string()),
        _ => None,
    });
    names.last()
}
