//! How parameters are written: the styles of OpenAPI, read back (section "Style Values" of the
//! specification, RFC 6570 for the encoding).
//!
//! Delimiters are looked for before anything is decoded, so that a percent-encoded comma is data.

use std::borrow::Cow;
use std::cell::Cell;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Number, Value};

use super::outline::{Outline, OutlineId, Outlines, Types};
use crate::{Location, Parameter};

/// A value as texts, before anybody knows what they are to be read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Raw {
    Text(String),
    List(Vec<Raw>),
    Members(Vec<(String, Raw)>),
    /// Was written as JSON, and so has its types.
    Json(Value),
}

/// What a text is read as where it could be several things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lean {
    /// A number, a boolean or null rather than a text.
    Narrow,
    /// A text.
    Text,
}

/// Why a text cannot be read at all, as a violation says it.
pub(crate) type Unreadable = String;

/// The pairs of a query or of a form body, and which of them somebody has asked for.
pub(crate) struct Pairs<'a>(Vec<Pair<'a>>);

struct Pair<'a> {
    /// Decoded.
    name: String,
    /// Not decoded.
    value: &'a str,
    claimed: Cell<bool>,
}

impl<'a> Pairs<'a> {
    /// Splits `a=1&b=2`; a name without `=` has an empty value.
    pub(crate) fn parse(text: &'a str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    let name = plus_is_space(name);
                    let name = percent_decode_str(&name).decode_utf8_lossy().into_owned();
                    let claimed = Cell::new(false);
                    Pair {
                        name,
                        value,
                        claimed,
                    }
                })
                .collect(),
        )
    }

    /// The values under a name, not decoded, which are thereby asked for.
    pub(crate) fn claim(&self, name: &str) -> Vec<&'a str> {
        self.claim_if(|other| other == name)
            .map(|(_, value)| value)
            .collect()
    }

    fn claim_if(&self, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = (&str, &'a str)> {
        let pairs = self.0.iter();
        let wanted = pairs.filter(move |pair| !pair.claimed.get() && wanted(&pair.name));
        wanted.map(|pair| {
            pair.claimed.set(true);
            (pair.name.as_str(), pair.value)
        })
    }

    /// The names that nobody asked for, in their order.
    pub(crate) fn unclaimed(&self) -> impl Iterator<Item = &str> {
        let pairs = self.0.iter().filter(|pair| !pair.claimed.get());
        pairs.map(|pair| pair.name.as_str())
    }
}

/// How one value is written, among a query's or a form's pairs.
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
    /// Whether the members of the value are pairs of their own, under their own names.
    pub(crate) fn spreads(&self, outline: &Outline) -> bool {
        self.style == "form" && self.explode && wants(outline, true) == Want::Members
    }

    /// Takes the value out of the pairs of a query or a form; `None` when it is not there.
    ///
    /// # Errors
    /// One value that stands there twice, a list of members that is none, what is not UTF-8.
    pub(crate) fn read_pairs(
        &self,
        outline: &Outline,
        pairs: &Pairs<'_>,
    ) -> Result<Option<Raw>, Unreadable> {
        if self.style == "deepObject" {
            return self.read_deep(pairs);
        }
        if self.spreads(outline) {
            let is_member = |name: &str| outline.members.contains_key(name) || !outline.closed;
            let members = pairs
                .claim_if(is_member)
                .map(|(name, value)| Ok((name.to_owned(), Raw::Text(decoded_form(value)?))))
                .collect::<Result<Vec<_>, Unreadable>>()?;
            return Ok((!members.is_empty()).then_some(Raw::Members(members)));
        }
        let values = pairs.claim(self.name);
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
        let want = wants(outline, several);
        if values.len() > 1 && !(self.explode && want == Want::List) {
            return Err(format!("is given {} times, once is enough", values.len()));
        }
        let items = match self.explode {
            true => values,
            false => split(first, delimiters),
        };
        match want {
            Want::Text => decoded_form(first).map(Raw::Text),
            Want::List => list(&items, decoded_form),
            Want::Members => alternating(&items, decoded_form),
        }
        .map(Some)
    }

    /// `name[a]=1&name[b][c]=2`; a member that stands twice, or ends in `[]`, is a list.
    fn read_deep(&self, pairs: &Pairs<'_>) -> Result<Option<Raw>, Unreadable> {
        let mut members = Vec::new();
        let path = |name: &str| -> Option<Vec<String>> {
            let keys = name.strip_prefix(self.name)?;
            let keys = keys.strip_prefix('[')?.strip_suffix(']')?;
            Some(keys.split("][").map(str::to_owned).collect())
        };
        for (name, value) in pairs.claim_if(|name| path(name).is_some()) {
            // It was claimed for having one.
            let path = path(name).unwrap_or_default();
            place(&mut members, &path, decoded_form(value)?);
        }
        Ok((!members.is_empty()).then_some(Raw::Members(members)))
    }
}

fn place(members: &mut Vec<(String, Raw)>, path: &[String], text: String) {
    let (key, rest) = match path {
        [] => return,
        [key, rest @ ..] => (key, rest),
    };
    let known = members.iter().position(|(name, _)| name == key);
    let as_list = rest == [""];
    if rest.is_empty() || as_list {
        match known.map(|index| &mut members[index].1) {
            None if as_list => members.push((key.clone(), Raw::List(vec![Raw::Text(text)]))),
            None => members.push((key.clone(), Raw::Text(text))),
            Some(Raw::List(items)) => items.push(Raw::Text(text)),
            Some(one) => {
                let first = std::mem::replace(one, Raw::List(Vec::new()));
                *one = Raw::List(vec![first, Raw::Text(text)]);
            }
        }
        return;
    }
    let index = known.unwrap_or_else(|| {
        members.push((key.clone(), Raw::Members(Vec::new())));
        members.len() - 1
    });
    if let Raw::Members(inner) = &mut members[index].1 {
        place(inner, rest, text);
    }
}

/// Reads a path parameter from the piece of the path that its place in the template matched.
///
/// # Errors
/// A value that does not begin as its style does, a list of members that is none, what is not UTF-8.
pub(crate) fn read_path(
    parameter: &Parameter,
    outline: &Outline,
    piece: &str,
) -> Result<Raw, Unreadable> {
    let Parameter { name, explode, .. } = parameter;
    match parameter.style.as_str() {
        "label" => {
            let rest = piece.strip_prefix('.').ok_or("does not begin with a dot")?;
            let delimiter = if *explode { "." } else { "," };
            separated(rest, delimiter, *explode, outline, decoded)
        }
        "matrix" => {
            let rest = piece
                .strip_prefix(';')
                .ok_or("does not begin with a semicolon")?;
            let named = |piece: &str| -> Option<String> {
                let value = piece.strip_prefix(name.as_str())?;
                Some(value.strip_prefix('=').unwrap_or(value).to_owned())
            };
            let unnamed = || format!("does not begin with `;{name}=`");
            match wants(outline, rest.contains([';', ','])) {
                Want::Members if *explode => separated(rest, ";", true, outline, decoded),
                Want::List if *explode => {
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

/// Reads a header parameter, whose texts are not percent-encoded.
///
/// # Errors
/// A list of members that is none.
pub(crate) fn read_header(
    parameter: &Parameter,
    outline: &Outline,
    value: &str,
) -> Result<Raw, Unreadable> {
    let as_it_is = |text: &str| Ok(text.trim().to_owned());
    separated(value, ",", parameter.explode, outline, as_it_is)
}

/// Takes a cookie parameter out of the pairs of the `Cookie` header.
///
/// # Errors
/// As of [`Style::read_pairs`].
pub(crate) fn read_cookie(
    parameter: &Parameter,
    outline: &Outline,
    header: &str,
) -> Result<Option<Raw>, Unreadable> {
    let text = header.split(';').map(str::trim).collect::<Vec<_>>();
    let text = text.join("&").replace('+', "%2B");
    Style::from(parameter).read_pairs(outline, &Pairs::parse(&text))
}

/// A value in one piece: a text, a list with delimiters, members as `a,1,b,2` or, exploded, `a=1,b=2`.
fn separated(
    text: &str,
    delimiter: &str,
    explode: bool,
    outline: &Outline,
    decode: impl Fn(&str) -> Result<String, Unreadable> + Copy,
) -> Result<Raw, Unreadable> {
    let items = split(text, &[delimiter]);
    match wants(outline, items.len() > 1) {
        Want::Text => decode(text).map(Raw::Text),
        Want::List => list(&items, decode),
        Want::Members if explode => {
            let members = items.iter().map(|item| {
                let (name, value) = item
                    .split_once('=')
                    .ok_or("has a member that is not written `name=value`")?;
                Ok((decode(name)?, Raw::Text(decode(value)?)))
            });
            members.collect::<Result<_, _>>().map(Raw::Members)
        }
        Want::Members => alternating(&items, decode),
    }
}

fn list(
    items: &[&str],
    decode: impl Fn(&str) -> Result<String, Unreadable>,
) -> Result<Raw, Unreadable> {
    let items = items.iter().map(|item| decode(item).map(Raw::Text));
    items.collect::<Result<_, _>>().map(Raw::List)
}

fn alternating(
    items: &[&str],
    decode: impl Fn(&str) -> Result<String, Unreadable>,
) -> Result<Raw, Unreadable> {
    let members = items.chunks(2).map(|pair| match pair {
        [name, value] => Ok((decode(name)?, Raw::Text(decode(value)?))),
        _ => Err("is not a list of names and values in turn".to_owned()),
    });
    members.collect::<Result<_, _>>().map(Raw::Members)
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
enum Want {
    Text,
    List,
    Members,
}

/// What a value is to be taken apart into. A value that may be one text or a list is a list when
/// there are several.
fn wants(outline: &Outline, several: bool) -> Want {
    let types = outline.types;
    let is_text = [Types::STRING, Types::NUMBER, Types::BOOLEAN]
        .into_iter()
        .any(|text| types.has(text));
    match (is_text, types.has(Types::ARRAY), types.has(Types::OBJECT)) {
        (true, true, _) if several => Want::List,
        (true, _, _) => Want::Text,
        (false, true, _) => Want::List,
        (false, false, true) => Want::Members,
        (false, false, false) => Want::Text,
    }
}

fn plus_is_space(text: &str) -> Cow<'_, str> {
    match text.contains('+') {
        true => Cow::Owned(text.replace('+', " ")),
        false => Cow::Borrowed(text),
    }
}

/// Decodes what stands in a query or a form, where `+` is a space.
pub(crate) fn decoded_form(text: &str) -> Result<String, Unreadable> {
    decoded(&plus_is_space(text))
}

/// Percent-decodes.
pub(crate) fn decoded(text: &str) -> Result<String, Unreadable> {
    match percent_decode_str(text).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err("is not UTF-8 once it is percent-decoded".to_owned()),
    }
}

impl Raw {
    /// The value that the texts stand for, given the types that the schemas allow at each place.
    pub(crate) fn typed(&self, outlines: &Outlines, id: Option<OutlineId>, lean: Lean) -> Value {
        let outline = id.map(|id| outlines.get(id));
        let items = outline.and_then(|outline| outline.items);
        match self {
            Self::Json(value) => value.clone(),
            Self::List(all) => {
                let items = all.iter().map(|item| item.typed(outlines, items, lean));
                Value::Array(items.collect())
            }
            Self::Members(all) => {
                let mut members = Map::new();
                for (name, value) in all {
                    let known = outline.and_then(|outline| outline.members.get(name));
                    let id = known
                        .map(|member| member.outline)
                        .or(outline.and_then(|outline| outline.others));
                    members.insert(name.clone(), value.typed(outlines, id, lean));
                }
                Value::Object(members)
            }
            Self::Text(_) if outline.is_some_and(|outline| wants(outline, false) == Want::List) => {
                Value::Array(vec![self.typed(outlines, items, lean)])
            }
            Self::Text(text) => match outline {
                Some(outline) => scalar(text, outline.types, lean),
                None => Value::String(text.clone()),
            },
        }
    }
}

fn scalar(text: &str, types: Types, lean: Lean) -> Value {
    if lean == Lean::Text && types.has(Types::STRING) {
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

/// Whether a header parameter is one that OpenAPI tells to ignore, for it is said elsewhere.
pub(crate) fn is_said_elsewhere(parameter: &Parameter) -> bool {
    const ELSEWHERE: [&str; 3] = ["accept", "content-type", "authorization"];
    let name = parameter.name.to_ascii_lowercase();
    parameter.location == Location::Header && ELSEWHERE.contains(&name.as_str())
}

#[cfg(test)]
mod tests;
