//! What generated code would write wrongly into a query, and how the session puts it right.
//!
//! Generated code writes `name=value` for each scalar and percent-encodes both. A list in one value
//! needs separators that are not encoded, a nested object needs names that its parameter does not
//! have. So the types of such parameters write their value behind a *mark* that no caller's text can
//! hold, being random in every process, and [`restore`] writes the pair as it has to be.
//!
//! Two parameters of one operation may also have names that are one in Rust. The lowering tells them
//! apart by a suffix behind [`RENAMED`], which is cut off again here.

use std::sync::LazyLock;

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName};

/// The private-use character that begins every mark.
pub(crate) const STAND_IN: char = '\u{10FFFD}';
/// The same as it stands in a URL.
pub(crate) const ENCODED_STAND_IN: &str = "%F4%8F%BF%BD";
/// What begins the suffix of a header's name that is not sent. A tilde is legal in a header name
/// (RFC 9110 section 5.6.2), and no header in use has one.
const RENAMED: char = '~';

/// A list whose values one separator joins.
const LIST: char = 'l';
/// A scalar inside an object, behind the brackets that lead to it.
const MEMBER: char = 'm';

static NONCE: LazyLock<String> = LazyLock::new(|| format!("{:016x}", fastrand::u64(..)));

/// The value of a query parameter that is a list, its values joined by `separator`.
pub(crate) fn list(separator: char, values: &[String]) -> String {
    let mark = mark();
    format!("{mark}{LIST}{separator}{}", values.join(&mark))
}

/// The value of a query parameter that is one scalar of an object: `brackets` is appended to the
/// parameter's name.
pub(crate) fn member(brackets: &str, text: &str) -> String {
    let mark = mark();
    format!("{mark}{MEMBER}{brackets}{mark}{text}")
}

fn mark() -> String {
    format!("{STAND_IN}{}", *NONCE)
}

/// Writes the query as it has to be sent.
pub(crate) fn restore(url: &mut Url) {
    let Some(query) = url.query().filter(|query| query.contains(ENCODED_STAND_IN)) else {
        return;
    };
    let mark = format!("{ENCODED_STAND_IN}{}", *NONCE);
    let pairs: Vec<String> = query.split('&').map(|pair| restored(&mark, pair)).collect();
    url.set_query(Some(&pairs.join("&")));
}

fn restored(mark: &str, pair: &str) -> String {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let name = name.split(ENCODED_STAND_IN).next().unwrap_or_default();
    let Some(marked) = value.strip_prefix(mark) else {
        return format!("{name}={value}");
    };
    if let Some(list) = marked.strip_prefix(LIST) {
        let separators = [("%2C", ","), ("+", "%20"), ("%7C", "%7C")];
        let found = separators
            .iter()
            .find_map(|(encoded, sent)| Some((list.strip_prefix(encoded)?, sent)));
        if let Some((values, separator)) = found {
            return format!("{name}={}", values.replace(mark, separator));
        }
    }
    match marked.strip_prefix(MEMBER).and_then(|m| m.split_once(mark)) {
        Some((brackets, value)) => format!("{name}{brackets}={value}"),
        None => format!("{name}={value}"),
    }
}

/// Cuts the suffixes off the names of headers that are not sent by the names they go by in Rust.
pub(crate) fn restore_headers(headers: &mut HeaderMap) {
    let renamed: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().find(RENAMED).is_some_and(|place| place > 0))
        .cloned()
        .collect();
    for name in renamed {
        let sent = name.as_str().split(RENAMED).next().unwrap_or_default();
        if let (Ok(sent), Some(value)) = (HeaderName::try_from(sent), headers.remove(&name)) {
            headers.append(sent, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The query as it is sent, for parameters that generated code has written.
    fn sent(pairs: &[(&str, &str)]) -> String {
        let mut url: Url = "http://127.0.0.1/".parse().expect("is a URL");
        url.query_pairs_mut().extend_pairs(pairs);
        restore(&mut url);
        url.query().unwrap_or_default().to_owned()
    }

    fn two(separator: char) -> String {
        list(separator, &["a,b |".to_owned(), "c".to_owned()])
    }

    #[test]
    fn separators_are_told_from_the_same_characters_in_values() {
        assert_eq!(sent(&[("x", &two(','))]), "x=a%2Cb+%7C,c");
        assert_eq!(sent(&[("x", &two(' '))]), "x=a%2Cb+%7C%20c");
        assert_eq!(sent(&[("x", &two('|'))]), "x=a%2Cb+%7C%7Cc");
    }

    #[test]
    fn a_member_takes_its_brackets_into_the_name() {
        assert_eq!(
            sent(&[("x", &member("[a][0]", "1&2")), ("y", &member("", "z"))]),
            "x%5Ba%5D%5B0%5D=1%262&y=z"
        );
    }

    #[test]
    fn a_name_is_sent_without_its_suffix() {
        assert_eq!(
            sent(&[("user-id\u{10FFFD}2", "a"), ("user_id", "b")]),
            "user-id=a&user_id=b"
        );
        let mut headers = HeaderMap::new();
        headers.insert("x-id~2", "a".try_into().expect("is a value"));
        headers.insert("~body", "b".try_into().expect("is a value"));
        restore_headers(&mut headers);
        let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["x-id", "~body"]);
    }

    proptest! {
        #[test]
        fn a_callers_text_arrives_as_it_is(text in "(?s).*|\u{10FFFD}[lm,0-9a-f\u{10FFFD}]{0,24}") {
            let mut url: Url = "http://127.0.0.1/".parse().expect("is a URL");
            url.query_pairs_mut().append_pair("a", &text);
            restore(&mut url);
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(pairs, [("a".to_owned(), text)]);
        }
    }
}
