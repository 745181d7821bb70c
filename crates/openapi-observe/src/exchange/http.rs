//! Pairs of messages in HTTP/1.1 notation (RFC 9112), as `curl -i` prints a response.

use super::{Body, Exchange, RequestPath, query_of_url};

/// Reads a request and its response. Only the first line of the request is read.
///
/// # Errors
/// A message without a request line or status line.
pub(super) fn exchange(name: &str, request: &str, response: &[u8]) -> Result<Exchange, String> {
    let first = request.lines().next().unwrap_or_default();
    let mut words = first.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err("the request does not start with a method and a path".to_owned());
    };
    let (head, body) = split(response);
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default();
    let status = status
        .split_whitespace()
        .nth(1)
        .and_then(|code| code.parse().ok());
    let status = status.ok_or("the response does not start with `HTTP/1.1` and a status")?;
    let headers = lines.filter_map(|line| line.split_once(':'));
    let mut content_types = headers.filter(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    Ok(Exchange {
        source: name.to_owned(),
        method: method.to_ascii_uppercase(),
        path: RequestPath::of_url(target),
        query: query_of_url(target),
        status,
        content_type: content_types
            .next()
            .map(|(_, value)| value.trim().to_owned()),
        body: Body::Bytes(body.to_owned()),
    })
}

/// Splits a message at its first empty line, with either line ending.
fn split(message: &[u8]) -> (&[u8], &[u8]) {
    let at = |separator: &[u8]| {
        let start = message
            .windows(separator.len())
            .position(|bytes| bytes == separator)?;
        Some((start, start + separator.len()))
    };
    let ends = [at(b"\r\n\r\n"), at(b"\n\n")];
    match ends.into_iter().flatten().min() {
        Some((head, body)) => (&message[..head], &message[body..]),
        None => (message, &[]),
    }
}
