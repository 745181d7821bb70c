//! Values in paths that are written in a style.
//!
//! A scalar in a path is mostly its text, and generated code writes that. Lists, objects, and anything
//! in the styles `label` and `matrix` have separators, which are told from the same characters in a
//! value by not being encoded (OpenAPI 3.1.1, Parameter Object, Style Examples; RFC 6570 sections
//! 3.2.2, 3.2.5 and 3.2.7, where they are `{x}`, `{.x}` and `{;x}`).

use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::flatten;
use crate::path_segment::{self, refused};

/// A value that makes one segment of a path, behind `OPERATOR` where that is no comma; `NAME` is a type
/// whose default is written as the name of the parameter.
///
/// Made from the value itself (`From<T>`), from a `Vec` where it is a [`List`] or, in a generated
/// client, from the builder of the value. One that would address another path, as an empty list would,
/// fails when its request is sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(transparent)]
pub struct Styled<T, const OPERATOR: char, const EXPLODED: bool, NAME = Unnamed> {
    value: T,
    #[serde(skip)]
    name: PhantomData<fn() -> NAME>,
}

/// `a,b` and `k,1,l,2`: the style `simple`.
pub type Simple<T> = Styled<T, ',', false>;
/// `a,b` and `k=1,l=2`: the style `simple`, exploded.
pub type SimpleExploded<T> = Styled<T, ',', true>;
/// `.a,b` and `.k,1,l,2`: the style `label`.
pub type Label<T> = Styled<T, '.', false>;
/// `.a.b` and `.k=1.l=2`: the style `label`, exploded.
pub type LabelExploded<T> = Styled<T, '.', true>;
/// `;name=a,b` and `;name=k,1,l,2`: the style `matrix`.
pub type Matrix<T, NAME> = Styled<T, ';', false, NAME>;
/// `;name=a;name=b` and `;k=1;l=2`: the style `matrix`, exploded.
pub type MatrixExploded<T, NAME> = Styled<T, ';', true, NAME>;

/// What stands for the name of a parameter where none is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Unnamed;

impl fmt::Display for Unnamed {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

/// The values of a list in a path.
///
/// ```
/// use client_runtime::{LabelExploded, List};
///
/// let words: LabelExploded<List<String>> = vec!["a", "b"].into();
/// assert_eq!(words.to_string(), ".a.b");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct List<T>(Vec<T>);

impl<T, const OPERATOR: char, const EXPLODED: bool, NAME> From<T>
    for Styled<T, OPERATOR, EXPLODED, NAME>
{
    fn from(value: T) -> Self {
        Self {
            value,
            name: PhantomData,
        }
    }
}

impl<T, U: Into<T>, const OPERATOR: char, const EXPLODED: bool, NAME> From<Vec<U>>
    for Styled<List<T>, OPERATOR, EXPLODED, NAME>
{
    fn from(values: Vec<U>) -> Self {
        List(values.into_iter().map(Into::into).collect()).into()
    }
}

impl<const OPERATOR: char, const EXPLODED: bool, NAME> From<&str>
    for Styled<String, OPERATOR, EXPLODED, NAME>
{
    fn from(value: &str) -> Self {
        value.to_owned().into()
    }
}

/// Writes the segment as the generated code needs it, with stand-ins for the separators in its values.
impl<T, const OPERATOR: char, const EXPLODED: bool, NAME> fmt::Display
    for Styled<T, OPERATOR, EXPLODED, NAME>
where
    T: Serialize,
    NAME: Default + fmt::Display,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let segment = match serde_json::to_value(&self.value) {
            Ok(value) => segment(OPERATOR, EXPLODED, &NAME::default().to_string(), &value),
            Err(_) => None,
        };
        f.write_str(&segment.unwrap_or_else(refused))
    }
}

/// The segment of a value, if it is one: a list of nothing is not.
fn segment(operator: char, exploded: bool, name: &str, value: &Value) -> Option<String> {
    let pieces: Vec<(Option<&str>, String)> = match value {
        Value::Array(items) => items.iter().map(|item| (None, text(item))).collect(),
        Value::Object(members) => {
            let given = members.iter().filter(|(_, value)| !value.is_null());
            given
                .map(|(name, value)| (Some(name.as_str()), text(value)))
                .collect()
        }
        scalar => vec![(None, text(scalar))],
    };
    if pieces.is_empty() {
        return None;
    }
    let prefix = match operator {
        ',' => String::new(),
        other => other.to_string(),
    };
    let named = |value: String| match operator {
        // RFC 6570 section 3.2.7: an empty value has no `=`.
        ';' if value.is_empty() => escaped(name),
        ';' => format!("{}={value}", escaped(name)),
        _ => value,
    };
    let segment = if exploded {
        let pieces = pieces.into_iter().map(|(member, value)| match member {
            Some(member) => format!("{}={value}", escaped(member)),
            None => named(value),
        });
        pieces.collect::<Vec<_>>().join(&operator.to_string())
    } else {
        let pieces = pieces
            .into_iter()
            .flat_map(|(member, value)| member.map(escaped).into_iter().chain([value]));
        named(pieces.collect::<Vec<_>>().join(","))
    };
    let segment = prefix + &segment;
    (!["", ".", ".."].contains(&segment.as_str())).then_some(segment)
}

fn text(value: &Value) -> String {
    escaped(&flatten::text(value))
}

fn escaped(text: &str) -> String {
    path_segment::escaped(text, |_| true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path_segment::restore;
    use serde_json::json;

    #[derive(Default)]
    struct Color;

    impl fmt::Display for Color {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("color")
        }
    }

    /// The path that a client sends with the value in it.
    fn sent<const OPERATOR: char, const EXPLODED: bool>(value: &Value) -> Option<String> {
        let styled: Styled<Value, OPERATOR, EXPLODED, Color> = value.clone().into();
        let segment = progenitor_client::encode_path(&styled.to_string());
        let url = format!("http://127.0.0.1/before/{segment}/after");
        let mut url = url.parse().expect("is a URL");
        restore(&mut url).ok()?;
        let path = url
            .path()
            .strip_prefix("/before/")?
            .strip_suffix("/after")?;
        Some(path.to_owned())
    }

    #[test]
    fn values_are_written_as_the_table_of_the_specification_has_them() {
        let string = json!("blue");
        let list = json!(["blue", "black", "brown"]);
        let object = json!({ "B": 150, "G": 200, "R": 100 });
        for (written, value, expected) in [
            (sent::<',', false>(&string), "simple", "blue"),
            (sent::<',', false>(&list), "simple", "blue,black,brown"),
            (sent::<',', true>(&list), "simple*", "blue,black,brown"),
            (sent::<',', false>(&object), "simple", "B,150,G,200,R,100"),
            (sent::<',', true>(&object), "simple*", "B=150,G=200,R=100"),
            (sent::<'.', false>(&string), "label", ".blue"),
            (sent::<'.', false>(&list), "label", ".blue,black,brown"),
            (sent::<'.', true>(&list), "label*", ".blue.black.brown"),
            (sent::<'.', false>(&object), "label", ".B,150,G,200,R,100"),
            (sent::<'.', true>(&object), "label*", ".B=150.G=200.R=100"),
            (sent::<';', false>(&string), "matrix", ";color=blue"),
            (sent::<';', true>(&json!("")), "matrix*", ";color"),
            (
                sent::<';', false>(&list),
                "matrix",
                ";color=blue,black,brown",
            ),
            (
                sent::<';', true>(&list),
                "matrix*",
                ";color=blue;color=black;color=brown",
            ),
            (
                sent::<';', false>(&object),
                "matrix",
                ";color=B,150,G,200,R,100",
            ),
            (sent::<';', true>(&object), "matrix*", ";B=150;G=200;R=100"),
        ] {
            assert_eq!(written.as_deref(), Some(expected), "{value}");
        }
    }

    #[test]
    fn a_separator_in_a_value_is_none() {
        let list = json!(["a,b", "c;d=e", "\\", "\u{10FFFD}c", "/", ".."]);
        let expected =
            ";color=a%2Cb;color=c%3Bd%3De;color=%5C;color=%F4%8F%BF%BDc;color=%2F;color=..";
        assert_eq!(sent::<';', true>(&list).as_deref(), Some(expected));
        let object = json!({ "a=b": "c", "left out": null, "nested": [1] });
        let expected = ".a%3Db=c.nested=[1]";
        assert_eq!(sent::<'.', true>(&object).as_deref(), Some(expected));
    }

    #[test]
    fn what_would_address_another_path_is_refused() {
        for value in [json!([]), json!({}), json!(""), json!("."), json!([""])] {
            assert_eq!(sent::<'.', true>(&value), None, "{value}");
        }
        for value in [json!([]), json!({ "a": null }), json!(".."), json!("")] {
            assert_eq!(sent::<',', false>(&value), None, "{value}");
        }
    }
}
