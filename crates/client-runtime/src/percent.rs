//! Percent-encoding of values in URLs, forms and cookies.
//!
//! Whatever is not an unreserved character (RFC 3986 section 2.3) is encoded, so that no value can be
//! read as a separator.

const HEX: &[u8; 16] = b"0123456789ABCDEF";

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Whether `value` is a part of a path as it is.
pub(crate) fn is_path(value: &str) -> bool {
    value.bytes().all(is_unreserved)
}

/// Adds `value` as a part of a path.
pub(crate) fn push_path(out: &mut String, value: &str) {
    push(out, value, is_unreserved, false);
}

/// Adds `value` as a name or a value of a query or a form, where a space is `+` (WHATWG URL,
/// `application/x-www-form-urlencoded`).
pub(crate) fn push_query(out: &mut String, value: &str) {
    push(out, value, is_unreserved, true);
}

/// Adds `value` as the value of a cookie: what would end it is encoded (RFC 6265 section 4.1.1,
/// `cookie-octet`). A percent sign stays, since servers hand out values that are encoded already.
pub(crate) fn push_cookie(out: &mut String, value: &str) {
    let is_cookie_octet =
        |byte| matches!(byte, b'!' | b'#'..=b'+' | b'-'..=b':' | b'<'..=b'[' | b']'..=b'~');
    push(out, value, is_cookie_octet, false);
}

fn push(out: &mut String, value: &str, keep: impl Fn(u8) -> bool, plus: bool) {
    let mut rest = value;
    // A byte that is kept is ASCII, so the string is only ever split at characters.
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

            let mut cookie = String::new();
            push_cookie(&mut cookie, &value);
            prop_assert!(cookie.is_ascii() && !cookie.contains([' ', ';', ',', '"', '\\']));
        }
    }

    #[test]
    fn unreserved_characters_stay_as_they_are() {
        let mut out = String::new();
        push_path(&mut out, "aZ09-._~ é:");
        assert_eq!(out, "aZ09-._~%20%C3%A9%3A");
    }
}
