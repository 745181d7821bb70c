//! Names of enumerated values that differ from those that typify generates.
//!
//! The lowering stores the names in the schema of an enumeration, in the order of its values. For strings,
//! typify receives the names instead of the values, so that the variants have these names. Afterwards the
//! values are restored: `#[serde(rename = "asc")]` on a variant, and the strings in its `Display` and
//! `FromStr`. Integers have no variants; they get constants.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::quote;
use serde_json::Value;

use crate::naming::type_name;
use crate::prose::without_code;

/// The extension with the names of the values: of variants, or of constants.
pub const NAMES: &str = "x-enum-varnames";

/// The extension with the descriptions of the values.
pub const DESCRIPTIONS: &str = "x-enum-descriptions";

/// The extension with the values of an enumeration that also allows other values.
pub const VALUES: &str = "x-enum-values";

/// A named value.
struct Named {
    name: String,
    value: Value,
    description: String,
}

/// The enumerations with named values, by the names of their types.
#[derive(Default)]
pub(crate) struct NamedEnums {
    strings: BTreeMap<String, Vec<Named>>,
    integers: BTreeMap<String, Vec<Named>>,
}

impl NamedEnums {
    /// Takes the names from the component schemas of a document, and puts them there as the values that
    /// typify reads.
    pub(crate) fn take(document: &mut Value) -> Self {
        let mut enums = Self::default();
        let schemas = document.pointer_mut("/components/schemas");
        let schemas = schemas.and_then(Value::as_object_mut).into_iter().flatten();
        for (name, schema) in schemas {
            let Some(names) = schema.get(NAMES).and_then(Value::as_array).cloned() else {
                continue;
            };
            let values = ["enum", VALUES]
                .into_iter()
                .find_map(|keyword| schema.get(keyword));
            let values = values
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            let text =
                |list: &Value, index: usize| list[index].as_str().unwrap_or_default().to_owned();
            let named = values.into_iter().enumerate().map(|(index, value)| Named {
                name: names
                    .get(index)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned(),
                value,
                description: text(&schema[DESCRIPTIONS], index),
            });
            let named = named.filter(|named| !named.name.is_empty()).collect();
            match schema["type"] == "string" {
                true => {
                    schema["enum"] = names.into();
                    enums.strings.insert(type_name(name), named);
                }
                false => {
                    enums.integers.insert(type_name(name), named);
                }
            }
        }
        enums
    }

    /// Restores the values in the variants of the enum `name`.
    pub(crate) fn variants(&self, name: &Ident, body: &Group) -> Option<Group> {
        let named = self.strings.get(&name.to_string())?;
        let mut out = TokenStream::new();
        let mut is_renamed = false;
        for token in body.stream() {
            let token = match token {
                // typify changes the case of the names of some variants: `#[serde(rename = "AB")] Ab`.
                TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
                    let first = group.stream().into_iter().next();
                    is_renamed |= first.is_some_and(|first| is(&first, "serde"));
                    TokenTree::Group(with_values(&group, named))
                }
                token => token,
            };
            let variant = match &token {
                TokenTree::Ident(ident) => named
                    .iter()
                    .find(|named| *ident == named.name || *ident == type_name(&named.name)),
                _ => None,
            };
            if let Some(Named {
                value, description, ..
            }) = variant
            {
                let value = value.as_str().unwrap_or_default();
                let doc = (!description.is_empty()).then(|| {
                    let doc = format!(" {}", without_code(description));
                    quote!(#[doc = #doc])
                });
                let rename = (!is_renamed).then(|| quote!(#[serde(rename = #value)]));
                out.extend(quote!(#doc #rename));
                is_renamed = false;
            }
            out.extend([token]);
        }
        Some(Group::new(Delimiter::Brace, out))
    }

    /// Restores the values in an implementation of `Display` or `FromStr` for a named enum. `head` is the
    /// code before the braces.
    pub(crate) fn conversions(&self, head: &[TokenTree], body: &Group) -> Option<Group> {
        let [first, .., TokenTree::Ident(of)] = head else {
            return None;
        };
        let converts = head
            .iter()
            .any(|token| is(token, "Display") || is(token, "FromStr"));
        let named = self.strings.get(&of.to_string())?;
        (is(first, "impl") && converts).then(|| with_values(body, named))
    }

    /// The traits that the type of an integer needs so that its constants can be used as patterns, if
    /// typify does not derive them. `head` is its item.
    pub(crate) fn derives(&self, head: &[TokenTree]) -> Option<TokenStream> {
        let name = head.windows(2).find_map(|pair| match pair {
            [TokenTree::Ident(keyword), TokenTree::Ident(name)] if keyword == "struct" => {
                Some(name)
            }
            _ => None,
        })?;
        self.integers.get(&name.to_string())?;
        let attributes: TokenStream = head.iter().cloned().collect();
        let attributes = attributes.to_string();
        let derived: Vec<&str> = attributes.split(|c: char| !c.is_alphanumeric()).collect();
        let missing = ["Copy", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash"].into_iter();
        let missing = missing.filter(|name| !derived.contains(name));
        let missing = missing.map(|name| Ident::new(name, Span::call_site()));
        Some(quote!(#[derive(#(#missing),*)]))
    }

    /// The constants of the integers.
    pub(crate) fn constants(&self) -> TokenStream {
        let types = self.integers.iter().map(|(name, named)| {
            let name = Ident::new(name, Span::call_site());
            let constants = named.iter().filter_map(
                |Named {
                     name,
                     value,
                     description,
                 }| {
                    let name = Ident::new(name, Span::call_site());
                    let doc = match description.as_str() {
                        "" => format!(" The value {value}."),
                        description => format!(" {}", without_code(description)),
                    };
                    // A negative number is two tokens.
                    let value: TokenStream = value.as_i64()?.to_string().parse().ok()?;
                    Some(quote!(#[doc = #doc] pub const #name: Self = Self(#value);))
                },
            );
            quote!(impl #name { #(#constants)* })
        });
        types.collect()
    }
}

fn is(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}

/// The tokens with the names in string literals replaced by values.
fn with_values(body: &Group, named: &[Named]) -> Group {
    let tokens = body.stream().into_iter().map(|token| match token {
        TokenTree::Group(group) => TokenTree::Group(with_values(&group, named)),
        TokenTree::Literal(literal) => {
            let text = literal.to_string();
            let known = named
                .iter()
                .find(|named| format!("{:?}", named.name) == text);
            let value = known.and_then(|named| named.value.as_str());
            value.map_or(literal, Literal::string).into()
        }
        token => token,
    });
    Group::new(body.delimiter(), tokens.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn group(tokens: TokenStream) -> Group {
        Group::new(Delimiter::Brace, tokens)
    }

    #[test]
    fn a_variant_that_typify_writes_in_another_case_has_its_value() {
        let mut document = json!({ "components": { "schemas": { "Kind": {
            "type": "string", "enum": ["a-b", "+1"], NAMES: ["AB", "plus1"],
        } } } });
        let enums = NamedEnums::take(&mut document);
        let name = Ident::new("Kind", Span::call_site());
        let variants = quote!(
            #[serde(rename = "AB")]
            Ab,
            #[serde(rename = "plus1")]
            Plus1,
        );
        let variants = enums.variants(&name, &group(variants));
        let expected = group(quote!(
            #[serde(rename = "a-b")]
            Ab,
            #[serde(rename = "+1")]
            Plus1,
        ));
        assert_eq!(
            variants.expect("is named").to_string(),
            expected.to_string()
        );
    }

    #[test]
    fn strings_have_the_variants_that_are_named_and_keep_their_values() {
        let mut document = json!({ "components": { "schemas": { "sort-order": {
            "type": "string", "enum": ["asc", "<"], NAMES: ["Up", "Less"], DESCRIPTIONS: ["Upwards.", ""],
        } } } });
        let enums = NamedEnums::take(&mut document);
        let schema = &document["components"]["schemas"]["sort-order"];
        assert_eq!(schema["enum"], json!(["Up", "Less"]));
        let name = Ident::new("SortOrder", Span::call_site());
        let variants = enums
            .variants(&name, &group(quote!(Up, Less)))
            .expect("is named");
        let expected = quote!(
            #[doc = " Upwards."]
            #[serde(rename = "asc")]
            Up,
            #[serde(rename = "<")]
            Less
        );
        assert_eq!(variants.to_string(), group(expected).to_string());
        let head: Vec<TokenTree> = quote!(impl ::std::fmt::Display for SortOrder)
            .into_iter()
            .collect();
        let body = group(quote!(match self {
            Self::Less => f("Less"),
            _ => "other",
        }));
        let body = enums.conversions(&head, &body).expect("is named");
        assert!(body.to_string().contains("\"<\"") && body.to_string().contains("other"));
    }

    #[test]
    fn the_constants_of_an_integer_are_patterns() {
        let mut document = json!({ "components": { "schemas": { "Level": {
            "type": "integer", VALUES: [0], NAMES: ["NORMAL"],
        } } } });
        let enums = NamedEnums::take(&mut document);
        let derives = |item: TokenStream| enums.derives(&item.into_iter().collect::<Vec<_>>());
        let derived = derives(quote!(
            #[derive(Copy, Ord, Hash)]
            pub struct Level(pub i64);
        ));
        let expected = quote!(#[derive(PartialEq, Eq, PartialOrd)]);
        assert_eq!(
            derived.map(|derived| derived.to_string()),
            Some(expected.to_string())
        );
        assert!(
            derives(quote!(
                pub struct Other(pub i64);
            ))
            .is_none()
        );
    }

    #[test]
    fn integers_have_constants() {
        let mut document = json!({ "components": { "schemas": { "Level": {
            "type": "integer", VALUES: [-1, 0], NAMES: ["LOW", "NORMAL"],
        } } } });
        let constants = NamedEnums::take(&mut document).constants();
        let expected = quote! {
            impl Level {
                #[doc = " The value -1."]
                pub const LOW: Self = Self(-1);
                #[doc = " The value 0."]
                pub const NORMAL: Self = Self(0);
            }
        };
        assert_eq!(constants.to_string(), expected.to_string());
    }
}
