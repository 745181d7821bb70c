//! The formats of strings and numbers for which generated clients have separate types.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use chrono::{DateTime, NaiveDate, NaiveTime};
use serde_json::{Number, Value};

/// How a value relates to its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conformance {
    /// It has the format, or the format is not checked.
    Conforms,
    /// It has another notation, which clients accept.
    Tolerated,
    /// It does not have the format.
    Deviates,
}

/// Compares a string or a number with a format.
pub(crate) fn conformance(format: &str, value: &Value) -> Conformance {
    let conforms = match value {
        Value::String(text) if format == "date-time" => return of_time(text),
        Value::String(text) => of_string(format, text),
        Value::Number(number) => of_number(format, number),
        _ => true,
    };
    match conforms {
        true => Conformance::Conforms,
        false => Conformance::Deviates,
    }
}

fn of_string(format: &str, text: &str) -> bool {
    match format {
        "date" => text.len() == "2024-02-29".len() && text.parse::<NaiveDate>().is_ok(),
        "uuid" => text.len() == 36 && text.parse::<uuid::Uuid>().is_ok(),
        "ip" => text.parse::<IpAddr>().is_ok(),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "byte" => STANDARD.decode(text).is_ok() || STANDARD_NO_PAD.decode(text).is_ok(),
        _ => true,
    }
}

fn of_number(format: &str, number: &Number) -> bool {
    let integer = number.as_i64();
    match format {
        "int32" => integer.is_none_or(|integer| i32::try_from(integer).is_ok()),
        "int64" => !number.is_u64() || integer.is_some(),
        _ => true,
    }
}

/// RFC 3339 section 5.6; or without an offset, with a space before the time, or with an offset of two or
/// four digits without a colon.
fn of_time(text: &str) -> Conformance {
    if DateTime::parse_from_rfc3339(text).is_ok() && text.as_bytes().get(10) != Some(&b' ') {
        return Conformance::Conforms;
    }
    match is_readable_time(text) {
        Some(true) => Conformance::Tolerated,
        _ => Conformance::Deviates,
    }
}

fn is_readable_time(text: &str) -> Option<bool> {
    let (date, rest) = text.split_at_checked("2024-02-29".len())?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.'));
    let (time, offset) = rest.split_at(end.unwrap_or(rest.len()));
    let is_time = ["%H:%M:%S%.f", "%H:%M"]
        .iter()
        .any(|format| NaiveTime::parse_from_str(time, format).is_ok());
    let digits: String = match offset.strip_prefix(' ').unwrap_or(offset) {
        "" | "Z" | "z" => "00".to_owned(),
        signed => signed.strip_prefix(['+', '-'])?.replacen(':', "", 1),
    };
    let is_offset = matches!(digits.len(), 2 | 4) && digits.bytes().all(|b| b.is_ascii_digit());
    Some(date.parse::<NaiveDate>().is_ok() && is_time && is_offset)
}

/// Hides the content of a string: letters become `a`, digits `0`.
pub(crate) fn masked(text: &str) -> String {
    const MAX_CHARS: usize = 40;
    let mut chars = text.chars();
    let mask = |c: char| match c {
        _ if c.is_ascii_digit() => '0',
        _ if c.is_alphabetic() => 'a',
        _ if c.is_control() => ' ',
        _ => c,
    };
    let shown: String = chars.by_ref().take(MAX_CHARS).map(mask).collect();
    match chars.next() {
        Some(_) => format!("{shown}…"),
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn notations_that_clients_read_are_told_from_deviations() {
        use Conformance::*;
        for (format, value, expected) in [
            ("date-time", json!("2026-11-26T01:55:50Z"), Conforms),
            ("date-time", json!("2026-11-26T01:55:50.8+01:00"), Conforms),
            ("date-time", json!("2026-11-26T01:55:50.834795"), Tolerated),
            ("date-time", json!("2026-11-26 01:55:50"), Tolerated),
            ("date-time", json!("2026-11-26 01:55:50Z"), Tolerated),
            ("date-time", json!("2026-11-26T01:55+0000"), Tolerated),
            ("date-time", json!("2026-11-26"), Deviates),
            ("date-time", json!("yesterday at two"), Deviates),
            ("date-time", json!(""), Deviates),
            ("date", json!("2026-11-26"), Conforms),
            ("date", json!("2026-11-26T00:00:00Z"), Deviates),
            (
                "uuid",
                json!("7f3c1b1e-0000-4000-8000-000000000000"),
                Conforms,
            ),
            ("uuid", json!("7"), Deviates),
            ("ipv4", json!("::1"), Deviates),
            ("ip", json!("::1"), Conforms),
            ("byte", json!("???"), Deviates),
            ("email", json!("nobody"), Conforms),
            ("int32", json!(2_147_483_648_i64), Deviates),
            ("int64", json!(9_223_372_036_854_775_808_u64), Deviates),
            ("int64", json!(7), Conforms),
        ] {
            assert_eq!(conformance(format, &value), expected, "{format} {value}");
        }
    }

    #[test]
    fn a_mask_shows_the_notation_only() {
        assert_eq!(masked("Ünï 12:30\n"), "aaa 00:00 ");
        assert_eq!(masked(&"x".repeat(50)).chars().count(), 41);
    }
}
