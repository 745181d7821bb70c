//! The `Retry-After` header.
//!
//! The header is a number of seconds or a date, and a date has three formats, two of them obsolete.
//! Callers need only the delay from now.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};

/// Returns the delay that the server asks for, from `now` (RFC 9110 section 10.2.3).
///
/// The header is a number of seconds, or a date in any format of RFC 9110 section 5.6.7. A date in the
/// past is a delay of zero. Returns `None` if there is no such header, or if it cannot be parsed: other
/// strings, a negative number, or a number beyond 64 bits. The first of several headers is used.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use client_runtime::retry_after;
/// use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
///
/// let now = SystemTime::UNIX_EPOCH;
/// let mut headers = HeaderMap::new();
/// assert_eq!(retry_after(&headers, now), None);
///
/// headers.insert(RETRY_AFTER, HeaderValue::from_static("120"));
/// assert_eq!(retry_after(&headers, now), Some(Duration::from_secs(120)));
///
/// headers.insert(RETRY_AFTER, HeaderValue::from_static("Thu, 01 Jan 1970 00:00:30 GMT"));
/// assert_eq!(retry_after(&headers, now), Some(Duration::from_secs(30)));
/// ```
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    seconds(value).or_else(|| until_date(value, now))
}

fn seconds(value: &str) -> Option<Duration> {
    // `parse` accepts a leading `+`, which the grammar does not allow.
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = value.parse().ok().filter(|_| digits)?;
    Some(Duration::from_secs(seconds))
}

fn until_date(value: &str, now: SystemTime) -> Option<Duration> {
    let date = httpdate::parse_http_date(value).ok()?;
    // The only error is that the date is in the past.
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use reqwest::header::HeaderValue;

    /// The example of RFC 9110 section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
    const EXAMPLE: Duration = Duration::from_secs(784_111_777);

    fn parse(value: &[u8], now: SystemTime) -> Option<Duration> {
        let value = HeaderValue::from_bytes(value).expect("is a header value");
        retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value)]), now)
    }

    #[test]
    fn every_format_of_rfc_9110_means_the_same_moment() {
        let now = SystemTime::UNIX_EPOCH + EXAMPLE - Duration::from_millis(2500);
        for value in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            let wait = parse(value.as_bytes(), now);
            assert_eq!(wait, Some(Duration::from_millis(2500)), "{value}");
        }
    }

    #[test]
    fn a_date_in_the_past_is_no_delay() {
        let now = SystemTime::UNIX_EPOCH + EXAMPLE + Duration::from_secs(1);
        assert_eq!(
            parse(b"Sun, 06 Nov 1994 08:49:37 GMT", now),
            Some(Duration::ZERO)
        );
    }

    #[test]
    fn other_values_are_ignored() {
        for value in [
            "",
            " ",
            "soon",
            "-1",
            "+1",
            "1.5",
            "1e3",
            "0x10",
            "1 2",
            "1, 2",
            "18446744073709551616",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Wed, 31 Feb 2024 00:00:00 GMT",
            "Wed, 31 Dec 1969 23:59:59 GMT",
            "1994-11-06T08:49:37Z",
            "\u{0661}",
        ] {
            let wait = parse(value.as_bytes(), SystemTime::UNIX_EPOCH);
            assert_eq!(wait, None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn seconds_do_not_depend_on_the_time(seconds: u64, now in 0_u64..1 << 40) {
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now);
            let wait = parse(seconds.to_string().as_bytes(), now);
            prop_assert_eq!(wait, Some(Duration::from_secs(seconds)));
        }

        #[test]
        fn a_date_is_the_time_until_then(now in 0_u64..1 << 37, ahead in 0_u64..1 << 36) {
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now);
            let ahead = Duration::from_secs(ahead);
            let date = httpdate::fmt_http_date(now + ahead);
            prop_assert_eq!(parse(date.as_bytes(), now), Some(ahead));
        }

        #[test]
        fn no_header_value_panics(
            value in "[ -~\u{80}-\u{ff}]{0,40}|[MTWFS][a-z]{2,8},? [0-9A-Za-z: -]{12,30}( GMT)?",
        ) {
            parse(value.as_bytes(), SystemTime::UNIX_EPOCH);
        }
    }
}
