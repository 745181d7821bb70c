//! Decodes parameters by their style (OpenAPI, "Style Values"; RFC 6570 for the encoding).
//!
//! Values are split at delimiters before decoding, so that a percent-encoded comma is data.

use std::borrow::Cow;
use std::cell::Cell;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Number, Value};

use super::outline::{Outline, OutlineId, Outlines, Types};
use crate::{Location, Parameter};

/// A decoded value whose scalars are still strings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Raw {
    Scalar(String),
    List(Vec<Raw>),
    Object(Vec<(String, Raw)>),
    /// A value that was JSON, and has its types.
    Json(Value),
}

/// How an ambiguous string is converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypePreference {
    /// To a number, a boolean or null if possible.
    Narrow,
    /// To a string.
    String,
}

/// The reason why a value cannot be decoded, as in a violation.
pub(crate) type DecodeError = String;

/// The name-value pairs of a query or a form body, with a mark on those that were used.
pub(crate) struct Pairs<'a>(Vec<Pair<'a>>);

struct Pair<'a> {
    /// Decoded.
    name: String,
    /// Not decoded.
    value: &'a str,
    used: Cell<bool>,
}

impl<'a> Pairs<'a> {
    /// Splits `a=1&b=2`. A name without `=` has an empty value.
    pub(crate) fn parse(text: &'a str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    let name = plus_to_space(name);
                    let name = percent_decode_str(&name).decode_utf8_lossy().into_owned();
                    let used = Cell::new(false);
                    Pair { name, value, used }
                })
                .collect(),
        )
    }

    /// Returns the undecoded values of a name, and marks them as used.
    pub(crate) fn take(&self, name: &str) -> Vec<&'a str> {
        self.use_if(|other| other == name)
            .map(|(_, value)| value)
            .collect()
    }

    fn use_if(&self, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = (&str, &'a str)> {
        let pairs = self.0.iter();
        let wanted = pairs.filter(move |pair| !pair.used.get() && wanted(&pair.name));
        wanted.map(|pair| {
            pair.used.set(true);
            (pair.name.as_str(), pair.value)
        })
    }

    /// The names that were not used, in order.
    pub(crate) fn remaining(&self) -> impl Iterator<Item = &str> {
        let pairs = self.0.iter().filter(|pair| !pair.used.get());
        pairs.map(|pair| pair.name.as_str())
    }
}

/// The serialization of one value in the pairs of a query or a form.
#[derive(Clone, Copy)]
pub(crate) struct Style<'a> {
    pub(crate) name: &'a str,
    pub(crate) style: &'a str,
    pub(crate) explode: bool,
}

impl<'a> From<&'a Parameter> for Style<'a> {
    fn from(parameter: &'a Parameter) -> Self {
        Self {
            name: &parameter.name,
            style: &parameter.style,
            explode: parameter.explode,
        }
    }
}

impl Style<'_> {
    /// True if the properties of the value are separate pairs.
    pub(crate) fn is_exploded_object(&self, outline: &Outline) -> bool {
        self.style == "form" && self.explode && value_form(outline, true) == ValueForm::Object
    }

    /// Reads the value from the pairs of a query or a form; `None` if it is missing.
    ///
    /// # Errors
    /// A scalar occurs twice, a list of names and values is incomplete, or a value is not UTF-8.
    pub(crate) fn read_pairs(
        &self,
        outline: &Outline,
        pairs: &Pairs<'_>,
    ) -> Result<Option<Raw>, DecodeError> {
        if self.style == "deepObject" {
            return match self.read_deep(pairs)? {
                // A value that is not an object has no brackets.
                None if value_form(outline, true) != ValueForm::Object => {
                    self.form().read_pairs(outline, pairs)
                }
                deep => Ok(deep),
            };
        }
        if self.is_exploded_object(outline) {
            let is_property = |name: &str| outline.properties.contains_key(name) || !outline.closed;
            let properties = pairs
                .use_if(is_property)
                .map(|(name, value)| Ok((name.to_owned(), Raw::Scalar(decoded_form(value)?))))
                .collect::<Result<Vec<_>, DecodeError>>()?;
            return Ok((!properties.is_empty()).then_some(Raw::Object(properties)));
        }
        let values = pairs.take(self.name);
        let Some(&first) = values.first() else {
            return Ok(None);
        };
        let delimiters: &[&str] = match self.style {
            "spaceDelimited" => &["%20", "+"],
            "pipeDelimited" => &["%7C", "%7c", "|"],
            _ => &[","],
        };
        let several = match self.explode {
            true => values.len() > 1,
            false => delimiters.iter().any(|delimiter| first.contains(delimiter)),
        };
        let form = value_form(outline, several);
        if values.len() > 1 && !(self.explode && form == ValueForm::List) {
            return Err(format!("occurs {} times, but is not a list", values.len()));
        }
        let items = match self.explode {
            true => values,
            false => split(first, delimiters),
        };
        match form {
            ValueForm::Scalar => decoded_form(first).map(Raw::Scalar),
            ValueForm::List => list(&items, decoded_form),
            ValueForm::Object => names_and_values(&items, decoded_form),
        }
        .map(Some)
    }

    /// The same value in the style `form`, exploded.
    fn form(&self) -> Self {
        Self {
            style: "form",
            explode: true,
            ..*self
        }
    }

    /// Reads `name[a]=1&name[b][c]=2`. A property that occurs twice, or ends with `[]`, is a list. Objects
    /// with indices as names, such as `name[0]=1`, become lists when they are typed.
    fn read_deep(&self, pairs: &Pairs<'_>) -> Result<Option<Raw>, DecodeError> {
        let mut properties = Vec::new();
        let path = |name: &str| -> Option<Vec<String>> {
            let keys = name.strip_prefix(self.name)?;
            let keys = keys.strip_prefix('[')?.strip_suffix(']')?;
            Some(keys.split("][").map(str::to_owned).collect())
        };
        for (name, value) in pairs.use_if(|name| path(name).is_some()) {
            // The name was selected because it has a path.
            let mut path = path(name).unwrap_or_default();
            if let [only] = &mut path[..]
                && only.is_empty()
            {
                *only = properties.len().to_string();
            }
            insert_at(&mut properties, &path, decoded_form(value)?);
        }
        Ok((!properties.is_empty()).then_some(Raw::Object(properties)))
    }
}

fn insert_at(properties: &mut Vec<(String, Raw)>, path: &[String], text: String) {
    let (key, rest) = match path {
        [] => return,
        [key, rest @ ..] => (key, rest),
    };
    let known = properties.iter().position(|(name, _)| name == key);
    let as_list = rest == [""];
    if rest.is_empty() || as_list {
        match known.map(|index| &mut properties[index].1) {
            None if as_list => properties.push((key.clone(), Raw::List(vec![Raw::Scalar(text)]))),
            None => properties.push((key.clone(), Raw::Scalar(text))),
            Some(Raw::List(items)) => items.push(Raw::Scalar(text)),
            Some(one) => {
                let first = std::mem::replace(one, Raw::List(Vec::new()));
                *one = Raw::List(vec![first, Raw::Scalar(text)]);
            }
        }
        return;
    }
    let index = known.unwrap_or_else(|| {
        properties.push((key.clone(), Raw::Object(Vec::new())));
        properties.len() - 1
    });
    if let Raw::Object(inner) = &mut properties[index].1 {
        insert_at(inner, rest, text);
    }
}

/// Reads a path parameter from its part of the path.
///
/// # Errors
/// The value does not have the prefix of its style, a list of names and values is incomplete, or a
/// value is not UTF-8.
pub(crate) fn read_path(
    parameter: &Parameter,
    outline: &Outline,
    piece: &str,
) -> Result<Raw, DecodeError> {
    let Parameter { name, explode, .. } = parameter;
    match parameter.style.as_str() {
        "label" => {
            let rest = piece.strip_prefix('.').ok_or("does not start with a dot")?;
            let delimiter = if *explode { "." } else { "," };
            separated(rest, delimiter, *explode, outline, decoded)
        }
        "matrix" => {
            let rest = piece
                .strip_prefix(';')
                .ok_or("does not start with a semicolon")?;
            let named = |piece: &str| -> Option<String> {
                let value = piece.strip_prefix(name.as_str())?;
                Some(value.strip_prefix('=').unwrap_or(value).to_owned())
            };
            let unnamed = || format!("does not start with `;{name}=`");
            match value_form(outline, rest.contains([';', ','])) {
                ValueForm::Object if *explode => separated(rest, ";", true, outline, decoded),
                ValueForm::List if *explode => {
                    let items: Option<Vec<String>> = rest.split(';').map(named).collect();
                    let items = items.ok_or_else(unnamed)?;
                    let items: Vec<&str> = items.iter().map(String::as_str).collect();
                    list(&items, decoded)
                }
                _ => {
                    let value = named(rest).ok_or_else(unnamed)?;
                    separated(&value, ",", false, outline, decoded)
                }
            }
        }
        _ => separated(piece, ",", *explode, outline, decoded),
    }
}

/// Reads a header parameter, which is not percent-encoded.
///
/// # Errors
/// A list of names and values is incomplete.
pub(crate) fn read_header(
    parameter: &Parameter,
    outline: &Outline,
    value: &str,
) -> Result<Raw, DecodeError> {
    let trimmed = |text: &str| Ok(text.trim().to_owned());
    separated(value, ",", parameter.explode, outline, trimmed)
}

/// Reads a cookie parameter from the `Cookie` header.
///
/// # Errors
/// Those of [`Style::read_pairs`].
pub(crate) fn read_cookie(
    parameter: &Parameter,
    outline: &Outline,
    header: &str,
) -> Result<Option<Raw>, DecodeError> {
    let text = header.split(';').map(str::trim).collect::<Vec<_>>();
    let text = text.join("&").replace('+', "%2B");
    Style::from(parameter).read_pairs(outline, &Pairs::parse(&text))
}

/// Reads a value from a single string: a scalar, a delimited list, or properties as `a,1,b,2` or,
/// exploded, as `a=1,b=2`.
fn separated(
    text: &str,
    delimiter: &str,
    explode: bool,
    outline: &Outline,
    decode: impl Fn(&str) -> Result<String, DecodeError> + Copy,
) -> Result<Raw, DecodeError> {
    let items = split(text, &[delimiter]);
    match value_form(outline, items.len() > 1) {
        ValueForm::Scalar => decode(text).map(Raw::Scalar),
        ValueForm::List => list(&items, decode),
        ValueForm::Object if explode => {
            let properties = items.iter().map(|item| {
                let (name, value) = item
                    .split_once('=')
                    .ok_or("has a property that is not of the form `name=value`")?;
                Ok((decode(name)?, Raw::Scalar(decode(value)?)))
            });
            properties.collect::<Result<_, _>>().map(Raw::Object)
        }
        ValueForm::Object => names_and_values(&items, decode),
    }
}

fn list(
    items: &[&str],
    decode: impl Fn(&str) -> Result<String, DecodeError>,
) -> Result<Raw, DecodeError> {
    let items = items.iter().map(|item| decode(item).map(Raw::Scalar));
    items.collect::<Result<_, _>>().map(Raw::List)
}

fn names_and_values(
    items: &[&str],
    decode: impl Fn(&str) -> Result<String, DecodeError>,
) -> Result<Raw, DecodeError> {
    let properties = items.chunks(2).map(|pair| match pair {
        [name, value] => Ok((decode(name)?, Raw::Scalar(decode(value)?))),
        _ => Err("is not a list of alternating names and values".to_owned()),
    });
    properties.collect::<Result<_, _>>().map(Raw::Object)
}

fn split<'a>(text: &'a str, delimiters: &[&str]) -> Vec<&'a str> {
    let mut rest = text;
    let mut items = Vec::new();
    let next = |rest: &str| {
        let found = delimiters.iter();
        let found = found.filter_map(|delimiter| Some((rest.find(delimiter)?, delimiter.len())));
        found.min()
    };
    while let Some((at, length)) = next(rest) {
        items.push(&rest[..at]);
        rest = &rest[at + length..];
    }
    items.push(rest);
    items
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ValueForm {
    Scalar,
    List,
    Object,
}

/// The form of a value by its types. A value that may be a scalar or a list is a list if there are
/// several.
fn value_form(outline: &Outline, several: bool) -> ValueForm {
    let types = outline.types;
    let is_text = [Types::STRING, Types::NUMBER, Types::BOOLEAN]
        .into_iter()
        .any(|text| types.has(text));
    match (is_text, types.has(Types::ARRAY), types.has(Types::OBJECT)) {
        (true, true, _) if several => ValueForm::List,
        (true, _, _) => ValueForm::Scalar,
        (false, true, _) => ValueForm::List,
        (false, false, true) => ValueForm::Object,
        (false, false, false) => ValueForm::Scalar,
    }
}

fn plus_to_space(text: &str) -> Cow<'_, str> {
    match text.contains('+') {
        true => Cow::Owned(text.replace('+', " ")),
        false => Cow::Borrowed(text),
    }
}

/// Decodes a value of a query or a form, where `+` is a space.
pub(crate) fn decoded_form(text: &str) -> Result<String, DecodeError> {
    decoded(&plus_to_space(text))
}

/// Percent-decodes.
pub(crate) fn decoded(text: &str) -> Result<String, DecodeError> {
    match percent_decode_str(text).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err("is not UTF-8 after percent-decoding".to_owned()),
    }
}

impl Raw {
    /// Converts scalars to the types that the schemas allow.
    pub(crate) fn typed(
        &self,
        outlines: &Outlines,
        id: Option<OutlineId>,
        preference: TypePreference,
    ) -> Value {
        let outline = id.map(|id| outlines.get(id));
        let items = outline.and_then(|outline| outline.items);
        match self {
            Self::Json(value) => value.clone(),
            Self::List(all) => {
                let items = all
                    .iter()
                    .map(|item| item.typed(outlines, items, preference));
                Value::Array(items.collect())
            }
            Self::Object(all)
                if outline.is_some_and(|outline| value_form(outline, true) == ValueForm::List)
                    && all
                        .iter()
                        .all(|(name, _)| name.is_empty() || name.parse::<usize>().is_ok()) =>
            {
                let mut items_by_index: Vec<&(String, Raw)> = all.iter().collect();
                items_by_index.sort_by_key(|(name, _)| name.parse::<usize>().unwrap_or_default());
                let typed = items_by_index.into_iter();
                let typed = typed.map(|(_, item)| item.typed(outlines, items, preference));
                Value::Array(typed.collect())
            }
            Self::Object(all) => {
                let mut properties = Map::new();
                for (name, value) in all {
                    let known = outline.and_then(|outline| outline.properties.get(name));
                    let id = known
                        .map(|property| property.outline)
                        .or(outline.and_then(|outline| outline.additional));
                    properties.insert(name.clone(), value.typed(outlines, id, preference));
                }
                Value::Object(properties)
            }
            Self::Scalar(_)
                if outline.is_some_and(|outline| value_form(outline, false) == ValueForm::List) =>
            {
                Value::Array(vec![self.typed(outlines, items, preference)])
            }
            Self::Scalar(text) => match outline {
                Some(outline) => typed_scalar(text, outline.types, preference),
                None => Value::String(text.clone()),
            },
        }
    }
}

fn typed_scalar(text: &str, types: Types, preference: TypePreference) -> Value {
    if preference == TypePreference::String && types.has(Types::STRING) {
        return Value::String(text.to_owned());
    }
    if types.has(Types::NUMBER)
        && let Ok(number) = serde_json::from_str::<Number>(text)
    {
        return Value::Number(number);
    }
    match text {
        "true" if types.has(Types::BOOLEAN) => Value::Bool(true),
        "false" if types.has(Types::BOOLEAN) => Value::Bool(false),
        "null" if types.has(Types::NULL) => Value::Null,
        "" if types.has(Types::NULL) && !types.has(Types::STRING) => Value::Null,
        _ => Value::String(text.to_owned()),
    }
}

/// True for the header parameters that OpenAPI ignores: `Accept`, `Content-Type` and `Authorization`.
pub(crate) fn is_ignored_header(parameter: &Parameter) -> bool {
    const IGNORED: [&str; 3] = ["accept", "content-type", "authorization"];
    let name = parameter.name.to_ascii_lowercase();
    parameter.location == Location::Header && IGNORED.contains(&name.as_str())
}

#[cfg(test)]
mod tests;
