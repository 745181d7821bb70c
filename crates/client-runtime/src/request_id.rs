//! Request ids of services.

use reqwest::header::{HeaderMap, HeaderName};

/// The headers that contain the id, the most specific first. The last one is from W3C Trace Context.
static NAMES: [HeaderName; 4] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-correlation-id"),
    HeaderName::from_static("request-id"),
    HeaderName::from_static("traceparent"),
];

/// Returns the id from the headers of a response.
pub(crate) fn of(headers: &HeaderMap) -> Option<&str> {
    // Iterating over a few headers is faster than looking up each name.
    let ranked = headers.iter().filter_map(|(name, value)| {
        let rank = NAMES.iter().position(|known| known == name)?;
        Some((rank, value))
    });
    let (_, value) = ranked.min_by_key(|(rank, _)| *rank)?;
    value.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn the_most_specific_header_is_used() {
        let mut headers = HeaderMap::new();
        assert_eq!(of(&headers), None);
        headers.insert("traceparent", HeaderValue::from_static("t"));
        assert_eq!(of(&headers), Some("t"));
        headers.insert("x-request-id", HeaderValue::from_static("r"));
        assert_eq!(of(&headers), Some("r"));
    }
}
