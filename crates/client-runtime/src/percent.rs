//! Percent-encoding of values in URLs, forms and cookies.
//!
//! All characters except the unreserved ones (RFC 3986 section 2.3) are encoded, so that a value cannot
//! be read as a separator. If the API description allows reserved characters, the percent sign and the
//! separators at the location of the value are still encoded.

const HEX: &[u8; 16] = b"0123456789ABCDEF";

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Returns true if `value` needs no encoding in a path.
pub(crate) fn is_path(value: &str) -> bool {
    value.bytes().all(is_unreserved)
}

/// Appends `value` to a path.
pub(crate) fn push_path(out: &mut String, value: &str) {
    push(out, value, is_unreserved, false);
}

/// Appends `value` as a name or a value of a query or a form, with `+` for a space (WHATWG URL,
/// `application/x-www-form-urlencoded`).
pub(crate) fn push_query(out: &mut String, value: &str) {
    push(out, value, is_unreserved, true);
}

/// Appends `value` to a path without encoding reserved characters (RFC 3986 section 2.2), except
/// `separators` and those that would end the segment or the path.
pub(crate) fn push_reserved_path(out: &mut String, value: &str, separators: &[u8]) {
    let ends = |byte| matches!(byte, b'/' | b'?' | b'#') || separators.contains(&byte);
    let keep = |byte| is_unreserved(byte) || (is_reserved(byte) && !ends(byte));
    push(out, value, keep, false);
}

/// Appends `value` to a query without encoding reserved characters (RFC 3986 section 2.2), except
/// `separators` and those that would end the value. A plus sign is encoded, because a form reads it as
/// a space (WHATWG URL, `application/x-www-form-urlencoded`). A space is `+` if `plus` is set, and
/// `%20` otherwise.
pub(crate) fn push_reserved_query(out: &mut String, value: &str, separators: &[u8], plus: bool) {
    let ends = |byte| matches!(byte, b'&' | b'#' | b'+') || separators.contains(&byte);
    let keep = |byte| is_unreserved(byte) || (is_reserved(byte) && !ends(byte));
    push(out, value, keep, plus);
}

fn is_reserved(byte: u8) -> bool {
    b":/?#[]@!$&'()*+,;=".contains(&byte)
}

/// Appends `value` as the value of a cookie. Characters that are not allowed in one (RFC 6265 section
/// 4.1.1, `cookie-octet`) are encoded. A percent sign is not, because servers issue values that are
/// encoded already.
pub(crate) fn push_cookie(out: &mut String, value: &str) {
    let is_cookie_octet =
        |byte| matches!(byte, b'!' | b'#'..=b'+' | b'-'..=b':' | b'<'..=b'[' | b']'..=b'~');
    push(out, value, is_cookie_octet, false);
}

fn push(out: &mut String, value: &str, keep: impl Fn(u8) -> bool, plus: bool) {
    let mut rest = value;
    // Bytes that are not encoded are ASCII, so the string is split at character boundaries only.
    while let Some(place) = rest.bytes().position(|byte| !keep(byte)) {
        let (kept, after) = rest.split_at(place);
        out.push_str(kept);
        let length = after.chars().next().map_or(1, char::len_utf8);
        for byte in after[..length].bytes() {
            if plus && byte == b' ' {
                out.push('+');
            } else {
                let [high, low] = [byte >> 4, byte & 15].map(|digit| HEX[usize::from(digit)]);
                out.extend(['%', char::from(high), char::from(low)]);
            }
        }
        rest = &after[length..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_string_survives_a_path_a_query_and_a_cookie(value in "(?s).*|[%+ ;,\"\\\\&=#/]{0,8}") {
            let mut path = String::new();
            push_path(&mut path, &value);
            let decoded = percent_encoding::percent_decode_str(&path).decode_utf8();
            prop_assert_eq!(decoded.expect("is UTF-8"), value.as_str());

            let mut query = String::from("a=");
            push_query(&mut query, &value);
            let pairs: Vec<(String, String)> =
                serde_urlencoded::from_str(&query).expect("is a query");
            prop_assert_eq!(pairs, [("a".to_owned(), value.clone())]);

            let mut path = String::new();
            push_reserved_path(&mut path, &value, b",");
            let ends = [' ', ',', '/', '?', '#', '\\', '{', '}'];
            prop_assert!(path.is_ascii() && !path.contains(ends));
            let decoded = percent_encoding::percent_decode_str(&path).decode_utf8();
            prop_assert_eq!(decoded.expect("is UTF-8"), value.as_str());

            for plus in [true, false] {
                let mut query = String::from("a=");
                push_reserved_query(&mut query, &value, b",", plus);
                prop_assert!(query.is_ascii() && !query.contains([' ', ',', '#', '&']));
                let pairs: Vec<(String, String)> =
                    serde_urlencoded::from_str(&query).expect("is a query");
                prop_assert_eq!(pairs, [("a".to_owned(), value.clone())]);
            }

            let mut cookie = String::new();
            push_cookie(&mut cookie, &value);
            prop_assert!(cookie.is_ascii() && !cookie.contains([' ', ';', ',', '"', '\\']));
        }
    }

    #[test]
    fn unreserved_characters_are_not_encoded() {
        let mut out = String::new();
        push_path(&mut out, "aZ09-._~ é:");
        assert_eq!(out, "aZ09-._~%20%C3%A9%3A");
    }

    #[test]
    fn allowed_reserved_characters_are_not_encoded_and_end_nothing() {
        const RESERVED: &str = ":/?#[]@!$&'()*+,;=% {";
        let mut out = String::new();
        push_reserved_query(&mut out, RESERVED, b"", false);
        assert_eq!(out, ":/?%23[]@!$%26'()*%2B,;=%25%20%7B");
        out.clear();
        push_reserved_path(&mut out, RESERVED, b";");
        assert_eq!(out, ":%2F%3F%23[]@!$&'()*+,%3B=%25%20%7B");
    }
}
