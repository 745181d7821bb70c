//! Documented response headers, parsed as the types of the API description.
//!
//! Generated code calls these functions, one for each kind of value. A header is parsed when it is
//! accessed, so that an invalid header does not affect others.
//!
//! Source: OpenAPI 3.1.1, Header Object: `style` is `simple`, so the values of a list are separated by
//! commas.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;

use crate::error::Details;
use crate::{Error, ErrorKind, SecretString};

/// Returns the value of a header; `None` if the response does not have it. `what` names the expected
/// type, with an article.
///
/// # Errors
/// [`ErrorKind::Decode`] if the value cannot be parsed. The message names the header and does not show
/// its value.
pub fn header<T>(
    headers: &HeaderMap,
    name: &'static str,
    what: &'static str,
    read: fn(&str) -> Option<T>,
) -> Result<Option<T>, Error> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let value = std::str::from_utf8(value.as_bytes()).ok();
    match value.and_then(|value| read(value.trim())) {
        Some(value) => Ok(Some(value)),
        None => Err(wrong(name, what)),
    }
}

/// Returns the values of a list header, from all its lines (RFC 9110 section 5.3); `None` if the
/// response does not have it. `what` names the expected type of each value, with an article.
///
/// # Errors
/// As for [`header`].
pub fn header_list<T>(
    headers: &HeaderMap,
    name: &'static str,
    what: &'static str,
    read: fn(&str) -> Option<T>,
) -> Result<Option<Vec<T>>, Error> {
    let mut values = Vec::new();
    for line in headers.get_all(name) {
        let line = std::str::from_utf8(line.as_bytes()).map_err(|_| wrong(name, what))?;
        // Empty list elements are ignored (RFC 9110 section 5.6.1.2).
        for value in line.split(',').map(str::trim).filter(|v| !v.is_empty()) {
            values.push(read(value).ok_or_else(|| wrong(name, what))?);
        }
    }
    Ok(headers.contains_key(name).then_some(values))
}

/// Parses a value with `FromStr`: a string, a number, a UUID, a date.
pub fn parsed<T: FromStr>(value: &str) -> Option<T> {
    value.parse().ok()
}

/// Parses `true` or `false`, in any case.
pub fn boolean(value: &str) -> Option<bool> {
    value.to_ascii_lowercase().parse().ok()
}

/// Parses a time as in a body, or as an HTTP date (RFC 9110 section 5.6.7).
pub fn date_time(value: &str) -> Option<DateTime<Utc>> {
    let time = crate::date_time::read(value);
    time.or_else(|| httpdate::parse_http_date(value).ok().map(DateTime::from))
}

/// Parses a value that must not be shown.
pub fn secret(value: &str) -> Option<SecretString> {
    Some(SecretString::from(value))
}

fn wrong(name: &str, what: &str) -> Error {
    let message = format!("the response header `{name}` is not {what}");
    Details::new(ErrorKind::Decode, message).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn of(name: &'static str, lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, HeaderValue::from_str(line).expect("is a value"));
        }
        headers
    }

    #[test]
    fn a_header_is_parsed_or_is_an_error_that_names_it() {
        let headers = of("x-count", &["12"]);
        let count = header(&headers, "x-count", "an integer", parsed::<i64>);
        assert_eq!(count.expect("is one"), Some(12));
        let absent = header(&headers, "x-other", "an integer", parsed::<i64>);
        assert_eq!(absent.expect("is fine"), None);
        let error = header(&headers, "x-count", "a boolean", boolean).expect_err("is invalid");
        assert_eq!(error.kind(), ErrorKind::Decode);
        let said = error.to_string();
        assert_eq!(said, "the response header `x-count` is not a boolean");
        let empty = header(
            &of("x-count", &[""]),
            "x-count",
            "an integer",
            parsed::<i64>,
        );
        assert!(empty.is_err());
        let binary = HeaderValue::from_bytes(b"\xff").expect("is a value");
        let headers = HeaderMap::from_iter([(reqwest::header::ETAG, binary)]);
        assert!(header(&headers, "etag", "a string", parsed::<String>).is_err());
    }

    #[test]
    fn a_list_has_the_values_of_all_lines() {
        let read = |lines: &[&str]| {
            header_list(
                &of("x-ids", lines),
                "x-ids",
                "a list of integers",
                parsed::<i64>,
            )
        };
        assert_eq!(read(&["1, 2,", "3"]).expect("is one"), Some(vec![1, 2, 3]));
        assert_eq!(read(&[""]).expect("is one"), Some(Vec::new()));
        assert_eq!(read(&[]).expect("is fine"), None);
        assert!(read(&["1,x"]).is_err());
    }

    #[test]
    fn a_time_is_parsed_as_rfc_3339_and_as_an_http_date() {
        let expected = "2024-02-29T12:00:00Z".parse::<DateTime<Utc>>().ok();
        for time in [
            "2024-02-29T12:00:00Z",
            "2024-02-29T13:00:00+01:00",
            "2024-02-29 12:00:00",
            "Thu, 29 Feb 2024 12:00:00 GMT",
        ] {
            assert_eq!(date_time(time), expected, "{time}");
        }
        assert_eq!(date_time("tomorrow"), None);
        assert_eq!(boolean("True"), Some(true));
        assert_eq!(secret("s3cret").expect("is one").expose(), "s3cret");
    }
}
