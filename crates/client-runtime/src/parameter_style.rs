//! The serialization of parameters: the styles of OpenAPI.
//!
//! Sources: OpenAPI 3.1.1, Parameter Object, "Style Values" and "Style Examples"; for paths these are
//! `{x}`, `{.x}` and `{;x}` of RFC 6570, sections 3.2.2, 3.2.5 and 3.2.7. Separators are sent
//! unencoded, and the same characters in values are encoded. Nested values, which the specification
//! leaves undefined, are written as JSON, except in `deepObject`, whose brackets nest.

use std::borrow::Cow;

use crate::operation::{Parameter, Style};
use crate::percent::{
    is_path, push_cookie, push_path, push_query, push_reserved_path, push_reserved_query,
};
use crate::value::Value;

/// Returns the value for a path. An empty list or object is an empty string in every style (RFC 6570
/// section 3.2.1).
pub(crate) fn in_path<'a>(parameter: &Parameter, value: &'a Value) -> Cow<'a, str> {
    if let (Style::Simple, Value::Literal(string) | Value::String(string)) =
        (parameter.style, value)
        && is_path(string)
    {
        return string.into();
    }
    let mut out = String::new();
    let separator = match parameter.style {
        Style::Label => '.',
        Style::Matrix => ';',
        _ => ',',
    };
    let push_name = |out: &mut String| {
        if parameter.style == Style::Matrix {
            push_path(out, parameter.name);
        }
    };
    let separators: &[u8] = match value {
        Value::List(_) => b",;",
        Value::Object(_) => b",;=",
        _ => b";",
    };
    let push_string = |out: &mut String, string: &str| match parameter.allow_reserved {
        true => push_reserved_path(out, string, separators),
        false => push_path(out, string),
    };
    let push_named = |out: &mut String, value: &Value| {
        push_name(out);
        let string = value.to_text();
        // RFC 6570 section 3.2.7: an empty value has no `=`.
        if parameter.style == Style::Matrix && !string.is_empty() {
            out.push('=');
        }
        push_string(out, &string);
    };
    if parameter.style == Style::Json {
        push_path(&mut out, &value.to_json());
        return out.into();
    }
    let is_nothing = match value {
        Value::List(items) => items.is_empty(),
        Value::Object(properties) => given(properties).next().is_none(),
        _ => false,
    };
    if is_nothing {
        return out.into();
    }
    if separator != ',' {
        out.push(separator);
    }
    match value {
        Value::List(items) if parameter.explode => {
            push_separated(&mut out, separator, items, push_named);
        }
        Value::List(items) => {
            push_name(&mut out);
            if parameter.style == Style::Matrix {
                out.push('=');
            }
            push_separated(&mut out, ',', items, |out, item| {
                push_string(out, &item.to_text());
            });
        }
        Value::Object(properties) => {
            let (separator, assign) = match parameter.explode {
                true => (separator, '='),
                false => {
                    push_name(&mut out);
                    if parameter.style == Style::Matrix {
                        out.push('=');
                    }
                    (',', ',')
                }
            };
            push_separated(
                &mut out,
                separator,
                given(properties),
                |out, (name, value)| {
                    push_path(out, name);
                    out.push(assign);
                    push_string(out, &value.to_text());
                },
            );
        }
        scalar => push_named(&mut out, scalar),
    }
    out.into()
}

/// Appends the pairs of a parameter to a query, each preceded by `&`.
pub(crate) fn push_to_query(out: &mut String, parameter: &Parameter, value: &Value) {
    let Parameter { name, explode, .. } = *parameter;
    let separator = match parameter.style {
        Style::SpaceDelimited => "%20",
        Style::PipeDelimited => "%7C",
        _ => ",",
    };
    // With `explode`, each value has its own pair.
    let is_joined = !(parameter.style == Style::Form && explode);
    let push = |out: &mut String, string: &str| match parameter.allow_reserved {
        true => {
            let separators: &[u8] = match (is_joined, value) {
                (true, Value::List(_) | Value::Object(_)) => b",",
                _ => b"",
            };
            push_reserved_query(
                out,
                string,
                separators,
                parameter.style == Style::SpaceDelimited,
            );
        }
        false => push_query(out, string),
    };
    let push_pair = |out: &mut String, name: &str, string: &str| {
        push_name(out, name);
        push(out, string);
    };
    match (parameter.style, value) {
        (_, Value::Null) => {}
        (Style::Json, value) => push_pair(out, name, &value.to_json()),
        (Style::DeepObject, value) => {
            for (brackets, scalar) in value.brackets() {
                push_pair(out, &format!("{name}{brackets}"), &scalar);
            }
        }
        (Style::Form, Value::List(items)) if explode => {
            for item in items {
                push_pair(out, name, &item.to_text());
            }
        }
        (Style::Form, Value::Object(properties)) if explode => {
            for (name, value) in given(properties) {
                push_pair(out, name, &value.to_text());
            }
        }
        (_, Value::List(items)) => {
            if !items.is_empty() {
                push_name(out, name);
                push_joined(out, separator, items.iter().map(Value::to_text), push);
            }
        }
        (_, Value::Object(properties)) => {
            let parts = given(properties).flat_map(|(name, value)| [name.into(), value.to_text()]);
            let mut parts = parts.peekable();
            if parts.peek().is_some() {
                push_name(out, name);
                push_joined(out, separator, parts, push);
            }
        }
        (_, scalar) => push_pair(out, name, &scalar.to_text()),
    }
}

/// Returns the value of a header; `None` for null and for an empty list or object.
pub(crate) fn in_header(parameter: &Parameter, value: &Value) -> Option<String> {
    let mut out = String::new();
    match value {
        Value::Null => return None,
        value if parameter.style == Style::Json => return Some(value.to_json()),
        Value::List(items) => {
            items.first()?;
            push_separated(&mut out, ',', items, |out, item| item.push_string(out));
        }
        Value::Object(properties) => {
            let assign = if parameter.explode { '=' } else { ',' };
            let mut given = given(properties).peekable();
            given.peek()?;
            push_separated(&mut out, ',', given, |out, (name, value)| {
                out.push_str(name);
                out.push(assign);
                value.push_string(out);
            });
        }
        scalar => scalar.push_string(&mut out),
    }
    Some(out)
}

/// Appends the cookies of a parameter to the value of the `Cookie` header (RFC 6265 section 4.2.1).
pub(crate) fn push_cookies(out: &mut String, parameter: &Parameter, value: &Value) {
    let mut push = |name: &str, value: &str| {
        if !out.is_empty() {
            out.push_str("; ");
        }
        out.push_str(name);
        out.push('=');
        push_cookie(out, value);
    };
    match value {
        Value::Null => {}
        value if parameter.style == Style::Json => push(parameter.name, &value.to_json()),
        Value::List(items) if parameter.explode => {
            for item in items {
                push(parameter.name, &item.to_text());
            }
        }
        Value::Object(properties) if parameter.explode => {
            for (name, value) in given(properties) {
                push(name, &value.to_text());
            }
        }
        composite => {
            if let Some(joined) = in_header(parameter, composite) {
                push(parameter.name, &joined);
            }
        }
    }
}

/// Returns the properties that are not null.
fn given(properties: &[(String, Value)]) -> impl Iterator<Item = (&str, &Value)> {
    let given = properties.iter().filter(|(_, value)| *value != Value::Null);
    given.map(|(name, value)| (name.as_str(), value))
}

fn push_separated<T>(
    out: &mut String,
    separator: char,
    items: impl IntoIterator<Item = T>,
    push: impl Fn(&mut String, T),
) {
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(separator);
        }
        push(out, item);
    }
}

/// Appends a pair to a query, preceded by `&`.
pub(crate) fn push_pair(out: &mut String, name: &str, value: &str) {
    push_name(out, name);
    push_query(out, value);
}

fn push_name(out: &mut String, name: &str) {
    out.push('&');
    push_query(out, name);
    out.push('=');
}

fn push_joined<'a>(
    out: &mut String,
    separator: &str,
    strings: impl Iterator<Item = Cow<'a, str>>,
    push: impl Fn(&mut String, &str),
) {
    for (index, string) in strings.enumerate() {
        if index > 0 {
            out.push_str(separator);
        }
        push(out, &string);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    fn parameter(style: Style, explode: bool) -> Parameter {
        Parameter {
            name: "color",
            argument: "color",
            style,
            explode,
            required: true,
            ..Parameter::PLAIN
        }
    }

    fn reserved(style: Style, explode: bool) -> Parameter {
        Parameter {
            allow_reserved: true,
            ..parameter(style, explode)
        }
    }

    fn value(json: &Json) -> Value {
        Value::of(json).expect("is a value")
    }

    fn path(style: Style, explode: bool, json: &Json) -> String {
        in_path(&parameter(style, explode), &value(json)).into_owned()
    }

    fn query(style: Style, explode: bool, json: &Json) -> String {
        let mut out = String::new();
        push_to_query(&mut out, &parameter(style, explode), &value(json));
        out.trim_start_matches('&').to_owned()
    }

    fn header(style: Style, explode: bool, json: &Json) -> Option<String> {
        in_header(&parameter(style, explode), &value(json))
    }

    fn cookie(style: Style, explode: bool, json: &Json) -> String {
        let mut out = String::new();
        push_cookies(&mut out, &parameter(style, explode), &value(json));
        out
    }

    /// The examples of the specification. The properties of their object are in alphabetical order
    /// here.
    #[test]
    fn the_examples_of_the_specification_are_met() {
        use Style::{Form, Label, Matrix, PipeDelimited, Simple, SpaceDelimited};
        let empty = json!("");
        let string = json!("blue");
        let list = json!(["blue", "black", "brown"]);
        let object = json!({ "B": 150, "G": 200, "R": 100 });
        for (style, explode, value, expected) in [
            (Simple, false, &string, "blue"),
            (Simple, false, &list, "blue,black,brown"),
            (Simple, true, &list, "blue,black,brown"),
            (Simple, false, &object, "B,150,G,200,R,100"),
            (Simple, true, &object, "B=150,G=200,R=100"),
            (Label, false, &empty, "."),
            (Label, false, &string, ".blue"),
            (Label, false, &list, ".blue,black,brown"),
            (Label, true, &list, ".blue.black.brown"),
            (Label, false, &object, ".B,150,G,200,R,100"),
            (Label, true, &object, ".B=150.G=200.R=100"),
            (Matrix, false, &empty, ";color"),
            (Matrix, true, &empty, ";color"),
            (Matrix, false, &string, ";color=blue"),
            (Matrix, false, &list, ";color=blue,black,brown"),
            (Matrix, true, &list, ";color=blue;color=black;color=brown"),
            (Matrix, false, &object, ";color=B,150,G,200,R,100"),
            (Matrix, true, &object, ";B=150;G=200;R=100"),
        ] {
            assert_eq!(path(style, explode, value), expected, "{style:?} {value}");
        }
        for (style, explode, value, expected) in [
            (Form, false, &empty, "color="),
            (Form, true, &string, "color=blue"),
            (Form, false, &list, "color=blue,black,brown"),
            (Form, true, &list, "color=blue&color=black&color=brown"),
            (Form, false, &object, "color=B,150,G,200,R,100"),
            (Form, true, &object, "B=150&G=200&R=100"),
            (SpaceDelimited, false, &list, "color=blue%20black%20brown"),
            (
                SpaceDelimited,
                false,
                &object,
                "color=B%20150%20G%20200%20R%20100",
            ),
            (PipeDelimited, false, &list, "color=blue%7Cblack%7Cbrown"),
            (
                PipeDelimited,
                false,
                &object,
                "color=B%7C150%7CG%7C200%7CR%7C100",
            ),
            (
                Style::DeepObject,
                true,
                &object,
                "color%5BB%5D=150&color%5BG%5D=200&color%5BR%5D=100",
            ),
        ] {
            assert_eq!(query(style, explode, value), expected, "{style:?} {value}");
        }
        for (explode, value, expected) in [
            (false, &string, "blue"),
            (false, &list, "blue,black,brown"),
            (false, &object, "B,150,G,200,R,100"),
            (true, &object, "B=150,G=200,R=100"),
        ] {
            let written = header(Simple, explode, value);
            assert_eq!(written.as_deref(), Some(expected), "{value}");
        }
        for (explode, value, expected) in [
            (true, &string, "color=blue"),
            (true, &list, "color=blue; color=black; color=brown"),
            (false, &list, "color=blue%2Cblack%2Cbrown"),
            (true, &object, "B=150; G=200; R=100"),
        ] {
            assert_eq!(cookie(Form, explode, value), expected, "{value}");
        }
    }

    #[test]
    fn a_separator_in_a_value_is_encoded() {
        let list = json!(["a,b", "c;d=e", "\\", "/", ".."]);
        let expected = ";color=a%2Cb;color=c%3Bd%3De;color=%5C;color=%2F;color=..";
        assert_eq!(path(Style::Matrix, true, &list), expected);
        let object = json!({ "a=b": "c", "left out": null, "nested": [1] });
        let expected = ".a%3Db=c.nested=%5B1%5D";
        assert_eq!(path(Style::Label, true, &object), expected);
        let list = json!(["a,b |", "c"]);
        for (style, expected) in [
            (Style::Form, "color=a%2Cb+%7C,c"),
            (Style::SpaceDelimited, "color=a%2Cb+%7C%20c"),
            (Style::PipeDelimited, "color=a%2Cb+%7C%7Cc"),
        ] {
            assert_eq!(query(style, false, &list), expected);
        }
        assert_eq!(
            cookie(Style::Form, true, &json!("x; a=1")),
            "color=x%3B%20a=1"
        );
    }

    #[test]
    fn nested_values_are_json_except_in_deep_object() {
        let nested = json!({ "a": { "b": 1, "c": null }, "d": ["x y"] });
        assert_eq!(
            query(Style::Form, true, &nested),
            "a=%7B%22b%22%3A1%2C%22c%22%3Anull%7D&d=%5B%22x+y%22%5D"
        );
        assert_eq!(
            query(Style::DeepObject, true, &nested),
            "color%5Ba%5D%5Bb%5D=1&color%5Bd%5D%5B0%5D=x+y"
        );
        assert_eq!(
            query(Style::Form, true, &json!([{ "a": "x" }])),
            "color=%7B%22a%22%3A%22x%22%7D"
        );
        assert_eq!(query(Style::Json, false, &json!("x")), "color=%22x%22");
        assert_eq!(
            path(Style::Json, false, &json!({ "a": "z" })),
            "%7B%22a%22%3A%22z%22%7D"
        );
    }

    #[test]
    fn null_and_empty_values_are_omitted() {
        for style in [Style::Form, Style::SpaceDelimited, Style::DeepObject] {
            for explode in [true, false] {
                for nothing in [json!(null), json!([]), json!({}), json!({ "a": null })] {
                    assert_eq!(query(style, explode, &nothing), "", "{style:?} {nothing}");
                    assert_eq!(header(Style::Simple, explode, &nothing), None, "{nothing}");
                    assert_eq!(cookie(Style::Form, explode, &nothing), "", "{nothing}");
                }
            }
        }
        for style in [Style::Simple, Style::Label, Style::Matrix] {
            for nothing in [json!([]), json!({}), json!({ "a": null })] {
                assert_eq!(path(style, false, &nothing), "", "{style:?} {nothing}");
            }
        }
    }

    #[test]
    fn allowed_reserved_characters_stay_unless_they_are_separators() {
        let list = json!(["a/b,c", "x;y=z&+ %41"]);
        let object = json!({ "k=": "a/b,c=d" });
        let written = |style, explode, json| {
            let mut out = String::new();
            push_to_query(&mut out, &reserved(style, explode), &value(json));
            out.trim_start_matches('&').to_owned()
        };
        for (style, explode, json, expected) in [
            (
                Style::Form,
                true,
                &json!("https://x.y/?a=b#c"),
                "color=https://x.y/?a=b%23c",
            ),
            (
                Style::Form,
                true,
                &list,
                "color=a/b,c&color=x;y=z%26%2B%20%2541",
            ),
            (
                Style::Form,
                false,
                &list,
                "color=a/b%2Cc,x;y=z%26%2B%20%2541",
            ),
            (
                Style::PipeDelimited,
                false,
                &list,
                "color=a/b%2Cc%7Cx;y=z%26%2B%20%2541",
            ),
            (
                Style::SpaceDelimited,
                false,
                &list,
                "color=a/b%2Cc%20x;y=z%26%2B+%2541",
            ),
            (Style::Form, true, &object, "k%3D=a/b,c=d"),
            (Style::Form, false, &object, "color=k=,a/b%2Cc=d"),
        ] {
            assert_eq!(written(style, explode, json), expected, "{style:?} {json}");
        }
        let written =
            |style, explode, json| in_path(&reserved(style, explode), &value(json)).into_owned();
        for (style, explode, json, expected) in [
            (Style::Simple, false, &json!("a:b/c,d"), "a:b%2Fc,d"),
            (Style::Simple, false, &list, "a%2Fb%2Cc,x%3By=z&+%20%2541"),
            (Style::Matrix, false, &json!("a;b=c"), ";color=a%3Bb=c"),
            (Style::Label, true, &object, ".k%3D=a%2Fb%2Cc%3Dd"),
        ] {
            assert_eq!(written(style, explode, json), expected, "{style:?} {json}");
        }
    }

    proptest! {
        #[test]
        fn a_list_survives_a_query(items in prop::collection::vec("(?s).{0,6}", 0..4)) {
            let written = query(Style::Form, true, &json!(items));
            let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&written).expect("is a query");
            let expected: Vec<(String, String)> =
                items.iter().map(|item| ("color".to_owned(), item.clone())).collect();
            prop_assert_eq!(pairs, expected);
            if !items.is_empty() {
                let written = query(Style::Form, false, &json!(items));
                let decoded: Vec<String> = written["color=".len()..]
                    .split(',')
                    .map(|item| {
                        let item = item.replace('+', " ");
                        let decoded = percent_encoding::percent_decode_str(&item).decode_utf8();
                        decoded.expect("is UTF-8").into_owned()
                    })
                    .collect();
                prop_assert_eq!(decoded, items);
            }
        }
    }
}
