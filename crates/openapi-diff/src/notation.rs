//! The notations that schemas have for the same values.

use std::collections::BTreeSet;

use serde_json::Value;

use super::source::{Node, Source};
use super::values::Values;

/// The type of the values that a keyword concerns; `None` if it concerns all.
pub(super) fn concerned(keyword: &str) -> Option<&'static str> {
    Some(match keyword {
        "minLength" | "maxLength" | "pattern" | "contentSchema" => "string",
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => "number",
        "minItems" | "maxItems" | "uniqueItems" | "items" | "prefixItems" | "contains"
        | "minContains" | "maxContains" | "unevaluatedItems" => "array",
        "minProperties"
        | "maxProperties"
        | "properties"
        | "patternProperties"
        | "propertyNames"
        | "required"
        | "additionalProperties"
        | "unevaluatedProperties"
        | "dependentRequired"
        | "dependentSchemas" => "object",
        _ => return None,
    })
}

/// The values of alternatives that are only lists of values.
pub(super) fn constants<'a>(source: Source<'a>, branches: &[Node<'a>]) -> Option<Values<'a>> {
    let mut values = Vec::new();
    for branch in branches {
        let node = source.follow(branch.clone());
        let keywords = node.value.as_object()?;
        let is_list = keywords
            .keys()
            .all(|name| ["type", "const", "enum"].contains(&name.as_str()) || is_annotation(name));
        let only = node.property("const").map(|only| vec![only]);
        let listed = only.unwrap_or_else(|| node.items("enum"));
        if !is_list || listed.is_empty() {
            return None;
        }
        values.extend(listed.into_iter().map(|item| (item.pointer, item.value)));
    }
    Some(values)
}

/// True if every value matches the schema.
pub(super) fn is_anything(schema: &Value) -> bool {
    match schema {
        Value::Bool(any) => *any,
        Value::Object(keywords) => keywords.iter().all(|(name, value)| match value {
            Value::Array(branches) if name == "anyOf" => branches.iter().any(is_anything),
            _ => is_annotation(name),
        }),
        _ => false,
    }
}

/// True if two values are equal in JSON, where 1 equals 1.0.
pub(super) fn is_same(a: &Value, b: &Value) -> bool {
    a == b || a.is_number() && a.as_f64() == b.as_f64()
}

/// The least and the greatest value of a format of integers; `None` for other formats.
pub(super) fn integer_range(format: &str) -> Option<(f64, f64)> {
    let bits = |name: &str| name.parse::<i32>().ok().filter(|bits| *bits <= 64);
    if let Some(bits) = format.strip_prefix("uint").and_then(bits) {
        return Some((0.0, 2_f64.powi(bits) - 1.0));
    }
    let bits = format.strip_prefix("int").and_then(bits)?;
    let half = 2_f64.powi(bits - 1);
    Some((-half, half - 1.0))
}

/// True if a keyword restricts no values.
pub(super) fn is_annotation(keyword: &str) -> bool {
    [
        "title",
        "description",
        "example",
        "examples",
        "default",
        "deprecated",
        "$comment",
    ]
    .contains(&keyword)
        || keyword.starts_with("x-")
}

/// A pattern without unnecessary escapes and groups; `None` if it matches every string.
pub(super) fn normal_pattern(pattern: &str) -> Option<String> {
    let mut pattern = with_plain_escapes(pattern);
    while let Some(inner) = without_group(&pattern) {
        pattern = inner;
    }
    let anything = ["", ".*", "[\\s\\S]*", "(?s).*", ".*?"].contains(&anchored(&pattern).1);
    // `^$` matches the empty string only.
    (!anything || pattern == "^$").then_some(pattern)
}

/// What a pattern in normal form requires of the length of strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotEmpty {
    /// Any character.
    Any,
    /// A character other than a line break.
    InLine,
}

/// What a pattern requires if it only requires one character.
pub(super) fn not_empty(pattern: &str) -> Option<NotEmpty> {
    match anchored(pattern) {
        (_, ".+", _) => Some(NotEmpty::InLine),
        (_, "[\\s\\S]+", _) => Some(NotEmpty::Any),
        _ => None,
    }
}

/// The pattern between its anchors, and the anchors.
fn anchored(pattern: &str) -> (&str, &str, &str) {
    let (start, body) = match pattern.strip_prefix('^') {
        Some(body) => ("^", body),
        None => ("", pattern),
    };
    match body.strip_suffix('$') {
        Some(inner) if !is_escaped(inner) => (start, inner, "$"),
        _ => (start, body, ""),
    }
}

/// True if the text ends with a backslash that escapes what follows.
fn is_escaped(text: &str) -> bool {
    text.chars()
        .rev()
        .take_while(|character| *character == '\\')
        .count()
        % 2
        == 1
}

/// A pattern without the group around all of it; `None` if there is no such group, or it has an effect.
fn without_group(pattern: &str) -> Option<String> {
    let (start, body, end) = anchored(pattern);
    let inner = match body.strip_prefix("(?:") {
        Some(inner) => inner,
        None => body
            .strip_prefix('(')
            .filter(|inner| !inner.starts_with('?'))?,
    };
    let inner = inner.strip_suffix(')').filter(|inner| !is_escaped(inner))?;
    let (mut depth, mut in_class, mut escaped, mut has_choice) = (0_i32, false, false, false);
    for character in inner.chars() {
        match character {
            // A reference to a group counts the groups before it.
            '1'..='9' | 'k' if escaped => return None,
            _ if escaped => {}
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth -= 1,
            '|' if !in_class && depth == 0 => has_choice = true,
            _ => {}
        }
        escaped = character == '\\' && !escaped;
        if depth < 0 {
            return None;
        }
    }
    let is_anchored = !start.is_empty() || !end.is_empty();
    (depth == 0 && !in_class && !(is_anchored && has_choice))
        .then(|| format!("{start}{inner}{end}"))
}

/// The pattern with `/` instead of `\/`, and with `0-9` instead of `\d`.
fn with_plain_escapes(pattern: &str) -> String {
    let mut plain = String::new();
    let mut in_class = false;
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match (character, in_class) {
            ('\\', _) => match (characters.next(), in_class) {
                (Some('/'), _) => plain.push('/'),
                (Some('d'), true) => plain.push_str("0-9"),
                (Some('d'), false) => plain.push_str("[0-9]"),
                (escaped, _) => {
                    plain.push('\\');
                    plain.extend(escaped);
                }
            },
            ('[', false) | (']', true) => {
                in_class = !in_class;
                plain.push(character);
            }
            _ => plain.push(character),
        }
    }
    plain
}

/// True if a format concerns values of a type. Unknown formats concern strings.
pub(super) fn formats(kind: &str, format: &str) -> bool {
    let of_numbers = format.starts_with("int")
        || format.starts_with("uint")
        || ["float", "double", "half", "single"].contains(&format);
    match kind {
        "number" => of_numbers || ["decimal", "decimal128"].contains(&format),
        "string" => !of_numbers || format.starts_with("int") || format.starts_with("uint"),
        _ => false,
    }
}

pub(super) fn is_null(schema: &Value) -> bool {
    schema["type"] == "null"
        || schema["type"] == serde_json::json!(["null"])
        || schema.get("const") == Some(&Value::Null)
        || schema["enum"] == serde_json::json!([null])
}

pub(super) fn types_of(schema: &Value) -> Option<BTreeSet<&str>> {
    match schema.get("type")? {
        Value::String(name) => Some(BTreeSet::from([name.as_str()])),
        Value::Array(names) => Some(names.iter().filter_map(Value::as_str).collect()),
        _ => None,
    }
}

/// The common types. Integers are numbers.
pub(super) fn common<'a>(a: &BTreeSet<&'a str>, b: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    let has = |types: &BTreeSet<&str>, name: &str| {
        types.contains(name) || name == "integer" && types.contains("number")
    };
    let both = a.iter().chain(b);
    both.copied()
        .filter(|name| has(a, name) && has(b, name))
        .collect()
}
