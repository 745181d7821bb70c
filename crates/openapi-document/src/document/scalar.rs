//! The values of YAML scalars without quotes.

use serde_json::{Number, Value};

/// Resolves a plain scalar by the core schema (YAML 1.2.2, section 10.3.2). `None` for a number that is
/// infinite, NaN or out of the range of a 64-bit float.
pub(super) fn plain_scalar(text: &str) -> Option<Value> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return None,
        _ if matches!(
            text.trim_start_matches(['+', '-']),
            ".inf" | ".Inf" | ".INF"
        ) =>
        {
            return None;
        }
        _ => match number(text) {
            Some(Ok(number)) => Value::Number(number),
            Some(Err(Infinite)) => return None,
            None => Value::String(text.to_owned()),
        },
    })
}

/// A number out of the range of a 64-bit float.
struct Infinite;

/// Parses a number; `None` if the text does not have the form of one.
fn number(text: &str) -> Option<Result<Number, Infinite>> {
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16)
            .ok()
            .map(|number| Ok(number.into()));
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return u64::from_str_radix(octal, 8)
            .ok()
            .map(|number| Ok(number.into()));
    }
    let unsigned = text.trim_start_matches(['+', '-']);
    let is_number = text.len() - unsigned.len() <= 1
        && unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && unsigned
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    if !is_number {
        return None;
    }
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        if let Ok(integer) = text.trim_start_matches('+').parse::<i64>() {
            return Some(Ok(integer.into()));
        }
        if let Ok(integer) = text.parse::<u64>() {
            return Some(Ok(integer.into()));
        }
    }
    let float = text.parse().ok()?;
    Some(Number::from_f64(float).ok_or(Infinite))
}
