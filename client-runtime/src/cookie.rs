//! Cookies that an API takes as parameters.
//!
//! Generated code sends no cookies. One that the API description has as a parameter reaches the
//! builder as a header whose name begins with [`CARRIER`], and [`bake`] makes the header `Cookie` of
//! all such (RFC 6265 section 4.2).

use reqwest::header::{COOKIE, HeaderMap, HeaderName, HeaderValue};

/// What begins the name of a header that carries a cookie from a builder to the session. Header
/// names have no case and cookies do, so the operation says how the cookie is spelt.
const CARRIER: &str = "~~";

/// Takes the headers that carry cookies off a request, and puts the cookies behind those that it has.
/// `known` are the operation's cookies, in whose order they are put.
pub(crate) fn bake(headers: &mut HeaderMap, known: &[&str]) {
    let mut carriers: Vec<(usize, HeaderName)> = headers
        .keys()
        .filter_map(|name| {
            let carried = name.as_str().strip_prefix(CARRIER)?.split('~').next()?;
            let is_this = |known: &&str| known.eq_ignore_ascii_case(carried);
            Some((known.iter().position(is_this)?, name.clone()))
        })
        .collect();
    carriers.sort_unstable_by_key(|(place, _)| *place);
    let mut cookies: Vec<Vec<u8>> = Vec::new();
    for (place, carrier) in carriers {
        if let Some(value) = headers.remove(&carrier) {
            let mut cookie = format!("{}=", known[place]).into_bytes();
            cookie.extend(value.as_bytes().iter().flat_map(|byte| escaped(*byte)));
            cookies.push(cookie);
        }
    }
    if cookies.is_empty() {
        return;
    }
    if let Some(there) = headers.get(COOKIE) {
        cookies.insert(0, there.as_bytes().to_vec());
    }
    // What the carriers could hold, a header can.
    if let Ok(mut value) = HeaderValue::from_bytes(&cookies.join(&b"; "[..])) {
        value.set_sensitive(true);
        headers.insert(COOKIE, value);
    }
}

/// A byte of a cookie's value; one that would end the value is percent-encoded (RFC 6265 section
/// 4.1.1, `cookie-octet`).
fn escaped(byte: u8) -> Vec<u8> {
    match byte {
        b'!' | b'#'..=b'+' | b'-'..=b':' | b'<'..=b'[' | b']'..=b'~' => vec![byte],
        other => format!("%{other:02X}").into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baked(pairs: &[(&'static str, &'static str)], known: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        bake(&mut headers, known);
        headers
    }

    #[test]
    fn cookies_leave_in_one_header_spelt_as_the_api_does() {
        let headers = baked(
            &[
                ("cookie", "a=1"),
                ("~~sid", "x; admin=1"),
                ("~~lang", "en-GB"),
            ],
            &["SID", "lang"],
        );
        assert_eq!(headers[COOKIE], "a=1; SID=x%3B%20admin=1; lang=en-GB");
        assert_eq!(headers.len(), 1);
    }

    #[test]
    fn without_cookies_there_is_no_header() {
        assert!(baked(&[], &["SID"]).is_empty());
    }
}
