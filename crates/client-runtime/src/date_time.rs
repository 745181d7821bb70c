//! Times as servers write them.
//!
//! `format: date-time` is RFC 3339, and requests are written so. Many servers leave out what RFC 3339
//! requires: a Python program writes times without an offset, others write `+0000`, or a space before
//! the time. None of these is ambiguous once a time without an offset is taken for UTC.

use chrono::{DateTime, Utc};

/// How many digits of a second chrono keeps.
const NANOSECONDS: usize = 9;

/// Reads a time; `None` if it is none.
///
/// Beyond RFC 3339 section 5.6, as chrono reads it, these are read: no offset (UTC); an offset of `+00`
/// or `+0000`; a space or `t` before the time; a space before the offset; no seconds; a fraction of any
/// length, cut off at nanoseconds.
pub(crate) fn read(value: &str) -> Option<DateTime<Utc>> {
    let read = |value: &str| value.parse::<DateTime<Utc>>().ok();
    read(value).or_else(|| read(&normalized(value)?))
}

/// The time in the notation of RFC 3339, if it has the parts of one. Whether they are in range is left to
/// whoever parses it.
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
    fn a_time_is_read_as_servers_write_it() {
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
    fn digits_beyond_nanoseconds_are_cut_off() {
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
    fn what_is_no_time_is_none() {
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
        fn every_time_of_rfc_3339_reads_as_chrono_reads_it(
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
            // The same without the colon in the offset, and without `T`.
            let unusual = format!(
                "{}{fraction}{}", local.format("%Y-%m-%d %H:%M:%S"), local.format("%z"),
            );
            prop_assert_eq!(read(&unusual), Some(expected));
            // Without an offset, the same clock in UTC.
            let naive = format!("{}{fraction}", local.format("%Y-%m-%dT%H:%M:%S"));
            let shift = TimeDelta::seconds(offset.local_minus_utc().into());
            prop_assert_eq!(read(&naive), Some(expected + shift));
        }

        #[test]
        fn anything_is_a_time_or_none(value in ".{0,40}", tail in "[-+:.tTzZ 0-9]{0,30}") {
            let _ = read(&value);
            let _ = read(&format!("2026-11-26{tail}"));
        }
    }
}
