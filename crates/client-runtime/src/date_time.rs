//! Parsing of times in responses.
//!
//! OpenAPI's `format: date-time` is RFC 3339, and requests use it. Many servers deviate from RFC 3339:
//! they omit the offset, write it as `+0000`, or write a space before the time. These notations are
//! unambiguous if a time without an offset is UTC.

use chrono::{DateTime, Utc};

/// The number of digits of a second that chrono keeps.
const NANOSECONDS: usize = 9;

/// Parses a time, or returns `None`.
///
/// Beyond RFC 3339 section 5.6, as chrono parses it, this accepts: no offset, which means UTC; an
/// offset of two or four digits (`+00`, `+0000`); a space or `t` before the time; a space before the
/// offset; no seconds; a fraction of any length, truncated to nanoseconds.
pub(crate) fn read(value: &str) -> Option<DateTime<Utc>> {
    let read = |value: &str| value.parse::<DateTime<Utc>>().ok();
    read(value).or_else(|| read(&normalized(value)?))
}

/// Returns the time in RFC 3339 notation, if it has the parts of one. The ranges of the parts are not
/// checked.
fn normalized(value: &str) -> Option<String> {
    let (date, rest) = value.split_at_checked("2024-02-29".len())?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (minutes, rest) = rest.split_at_checked("12:00".len())?;
    let (seconds, rest) = match rest.strip_prefix(':') {
        Some(rest) => rest.split_at_checked("00".len())?,
        None => ("00", rest),
    };
    let (fraction, offset) = match rest.strip_prefix('.') {
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit());
            rest.split_at(end.unwrap_or(rest.len()))
        }
        None => ("0", rest),
    };
    let fraction = fraction.get(..NANOSECONDS).unwrap_or(fraction);
    let offset = offset.strip_prefix(' ').unwrap_or(offset);
    let offset = match offset.len() {
        0 => "Z".to_owned(),
        // `+00`
        3 => format!("{offset}:00"),
        // `+0000`
        5 if offset.is_ascii() => format!("{}:{}", &offset[..3], &offset[3..]),
        _ => offset.to_owned(),
    };
    Some(format!("{date}T{minutes}:{seconds}.{fraction}{offset}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use proptest::prelude::*;

    fn rfc_3339(value: &str) -> DateTime<Utc> {
        let time = DateTime::parse_from_rfc3339(value).expect("is RFC 3339");
        time.to_utc()
    }

    #[test]
    fn the_common_notations_of_a_time_are_equivalent() {
        let expected = rfc_3339("2026-11-26T01:55:50.834795Z");
        for value in [
            "2026-11-26T01:55:50.834795",
            "2026-11-26T01:55:50.834795Z",
            "2026-11-26T01:55:50.834795z",
            "2026-11-26t01:55:50.834795z",
            "2026-11-26 01:55:50.834795",
            "2026-11-26 01:55:50.834795Z",
            "2026-11-26T01:55:50.834795+00",
            "2026-11-26T01:55:50.834795+0000",
            "2026-11-26T01:55:50.834795+00:00",
            "2026-11-26T01:55:50.834795-0000",
            "2026-11-26 01:55:50.834795 +0000",
            "2026-11-26T02:55:50.834795+0100",
            "2026-11-26T02:55:50.834795+01",
            "2026-11-25T20:25:50.834795-0530",
            "2026-11-26T01:55:50.83479500000000",
        ] {
            assert_eq!(read(value), Some(expected), "{value}");
        }
        let minute = Some(rfc_3339("2026-11-26T01:55:00Z"));
        for value in [
            "2026-11-26T01:55",
            "2026-11-26T01:55Z",
            "2026-11-26 01:55:00",
        ] {
            assert_eq!(read(value), minute, "{value}");
        }
    }

    #[test]
    fn digits_beyond_nanoseconds_are_truncated() {
        let expected = rfc_3339("2026-11-26T01:55:50.123456789Z");
        for value in [
            "2026-11-26T01:55:50.1234567899",
            "2026-11-26T01:55:50.123456789999999999Z",
            "2026-11-26T01:55:50.123456789999999999+0000",
        ] {
            assert_eq!(read(value), Some(expected), "{value}");
        }
    }

    #[test]
    fn other_strings_are_rejected() {
        for value in [
            "",
            "tomorrow",
            "2026-11-26",
            "2026-11-26T",
            "2026-11-26T25:00:00",
            "2026-13-26T01:00:00",
            "2026-11-26T01:00:00.",
            "2026-11-26T01:00:00 CET",
            "2026-11-26T01:00:00+1",
            "2026-11-26T01:00:00+€",
            "2026-11-26T01:00:00+0000+0000",
            "1764122150",
            "€€€€€€€€€€€€€€€€€€€",
        ] {
            assert_eq!(read(value), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn rfc_3339_times_are_parsed_as_chrono_parses_them(
            seconds in -62_135_596_800_i64..253_402_300_800,
            nanoseconds in 0_u32..1_000_000_000,
            offset in -86_399_i32 / 60..86_399 / 60,
            digits in 0_usize..10,
        ) {
            let time = DateTime::from_timestamp(seconds, nanoseconds).expect("is in range");
            let offset = chrono::FixedOffset::east_opt(offset * 60).expect("is in range");
            let local = time.with_timezone(&offset);
            prop_assume!((0..10_000).contains(&chrono::Datelike::year(&local)));
            let fraction = &format!(".{nanoseconds:09}")[..if digits == 0 { 0 } else { digits + 1 }];
            let written = format!(
                "{}{fraction}{}", local.format("%Y-%m-%dT%H:%M:%S"), local.format("%:z"),
            );
            let expected = rfc_3339(&written);
            prop_assert_eq!(read(&written), Some(expected));
            // The same without the colon in the offset, and with a space for `T`.
            let unusual = format!(
                "{}{fraction}{}", local.format("%Y-%m-%d %H:%M:%S"), local.format("%z"),
            );
            prop_assert_eq!(read(&unusual), Some(expected));
            // Without an offset, the same local time in UTC.
            let naive = format!("{}{fraction}", local.format("%Y-%m-%dT%H:%M:%S"));
            let shift = TimeDelta::seconds(offset.local_minus_utc().into());
            prop_assert_eq!(read(&naive), Some(expected + shift));
        }

        #[test]
        fn no_string_panics(value in ".{0,40}", tail in "[-+:.tTzZ 0-9]{0,30}") {
            let _ = read(&value);
            let _ = read(&format!("2026-11-26{tail}"));
        }
    }
}
