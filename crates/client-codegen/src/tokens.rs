//! Reads items, fields and types from the tokens of generated code, without parsing them as Rust. A client
//! has many tokens, and most are passed on unchanged.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};

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

/// The declaration of a public type or module: what follows the attributes of an item.
pub(crate) struct Declaration<'a> {
    pub(crate) keyword: &'static str,
    pub(crate) name: &'a Ident,
    /// The tokens after the name, up to the braces or the semicolon.
    pub(crate) rest: &'a [TokenTree],
}

impl<'a> Declaration<'a> {
    /// Returns the declaration in the head of an item; `None` for an implementation.
    pub(crate) fn of(head: &'a [TokenTree]) -> Option<Self> {
        let (_, declaration) = split_attributes(head);
        let [
            TokenTree::Ident(public),
            TokenTree::Ident(keyword),
            TokenTree::Ident(name),
            rest @ ..,
        ] = declaration
        else {
            return None;
        };
        let keyword = ["struct", "enum", "type", "mod"]
            .into_iter()
            .find(|known| keyword == known)?;
        (public == "pub").then_some(Self {
            keyword,
            name,
            rest,
        })
    }
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
pub(crate) fn is_serde(attribute: &Group, option: &str) -> bool {
    let mut options = serde_options(attribute).into_iter().flatten();
    options.any(|token| matches!(token, TokenTree::Ident(ident) if ident == option))
}

/// Returns true if two tokens are an attribute.
fn is_attribute(tokens: &[TokenTree]) -> bool {
    matches!(
        tokens,
        [TokenTree::Punct(hash), TokenTree::Group(group)]
            if hash.as_char() == '#' && group.delimiter() == Delimiter::Bracket
    )
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

/// A field of a struct.
pub(crate) struct Field {
    pub(crate) attributes: Vec<TokenTree>,
    pub(crate) name: Ident,
    pub(crate) ty: Vec<TokenTree>,
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

    pub(crate) fn has(&self, option: &str) -> bool {
        attributes(&self.attributes).any(|attribute| is_serde(attribute, option))
    }
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

/// Returns the `T` of the type `client_runtime::Nullable<T>`.
pub(crate) fn nullable(ty: &[TokenTree]) -> Option<&[TokenTree]> {
    generic(ty, &["client_runtime", "Nullable"])
}

/// Returns the `T` of the type `::path<T>`.
pub(crate) fn generic<'a>(ty: &'a [TokenTree], path: &[&str]) -> Option<&'a [TokenTree]> {
    let (first, rest) = strip_path(ty, path)?.split_first()?;
    let (last, inner) = rest.split_last()?;
    // typify adds a trailing comma to the parameters of an `x-rust-type`.
    let inner = match inner.split_last() {
        Some((comma, inner)) if is_punct(comma, ',') => inner,
        _ => inner,
    };
    (is_punct(first, '<') && is_punct(last, '>')).then_some(inner)
}

/// Returns the tokens after `::path` in a type.
pub(crate) fn strip_path<'a>(ty: &'a [TokenTree], path: &[&str]) -> Option<&'a [TokenTree]> {
    let mut rest = ty;
    for segment in path {
        let [first, second, name, tail @ ..] = rest else {
            return None;
        };
        let is_name = matches!(name, TokenTree::Ident(ident) if ident == segment);
        if !(is_punct(first, ':') && is_punct(second, ':') && is_name) {
            return None;
        }
        rest = tail;
    }
    Some(rest)
}

pub(crate) fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

/// Removes traits from the attributes `#[derive(…)]` in the head of an item.
pub(crate) fn without_derives(head: &mut [TokenTree], names: &[&str]) {
    for token in head {
        let TokenTree::Group(attribute) = token else {
            continue;
        };
        let inner: Vec<TokenTree> = attribute.stream().into_iter().collect();
        let [TokenTree::Ident(derive), TokenTree::Group(list)] = inner.as_slice() else {
            continue;
        };
        if derive != "derive" {
            continue;
        }
        let kept = pieces(list.stream())
            .into_iter()
            .filter(|path| !last_name(path).is_some_and(|name| names.contains(&name.as_str())))
            .map(|path| path.into_iter().collect::<TokenStream>());
        *token = Group::new(Delimiter::Bracket, quote!(#derive(#(#kept),*))).into();
    }
}
