//! Media types (RFC 9110 section 8.3.1).

use reqwest::header::{CONTENT_TYPE, HeaderMap};

/// Returns the media type of a response from its headers, without parameters.
pub(crate) fn of(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_TYPE)?.to_str().ok().map(essence)
}

/// Returns a media type without parameters.
fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

/// Returns true for `application/json` and types with the suffix `+json` (RFC 6839 section 3.1).
pub(crate) fn is_json(essence: &str) -> bool {
    let ends_with = |suffix: &str| {
        let start = essence.len().checked_sub(suffix.len());
        start
            .and_then(|start| essence.get(start..))
            .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    };
    ends_with("/json") || ends_with("+json")
}

/// Returns true for an HTML page.
pub(crate) fn is_html(essence: &str) -> bool {
    ["text/html", "application/xhtml+xml"]
        .iter()
        .any(|page| essence.eq_ignore_ascii_case(page))
}

/// Returns how well a documented media type, which may be a range such as `image/*`, matches `essence`.
/// Smaller is better; `None` if it does not match.
pub(crate) fn distance(documented: &str, essence: &str) -> Option<u8> {
    let documented = self::essence(documented);
    if documented.eq_ignore_ascii_case(essence) {
        return Some(0);
    }
    if is_json(documented) && is_json(essence) {
        return Some(1);
    }
    if documented == "*/*" {
        return Some(3);
    }
    let kind = documented.strip_suffix("/*")?;
    let (actual, _) = essence.split_once('/')?;
    kind.eq_ignore_ascii_case(actual).then_some(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_media_types_are_detected() {
        for (essence, expected) in [
            ("application/json", true),
            ("Application/Problem+JSON", true),
            ("application/jsonlines", false),
            ("json", false),
            ("text/html", false),
        ] {
            assert_eq!(is_json(essence), expected, "{essence}");
        }
    }

    #[test]
    fn the_same_type_is_nearer_than_a_range() {
        let distances = ["image/png; q=1", "image/*", "*/*", "text/plain"]
            .map(|documented| distance(documented, "image/PNG"));
        assert_eq!(distances, [Some(0), Some(2), Some(3), None]);
        assert_eq!(
            distance("application/json", "application/problem+json"),
            Some(1)
        );
    }
}
