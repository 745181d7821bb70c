//! Headers of WebSocket handshakes.
//!
//! Source: RFC 6455 section 4.1. The caller handles the connection after the handshake, and verifies
//! the server's `Sec-WebSocket-Accept`, as most WebSocket libraries do.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::header::{
    CONNECTION, HeaderName, HeaderValue, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};

/// Adds the headers of a handshake that are not set yet.
pub(crate) fn add_handshake(headers: &mut Vec<(HeaderName, HeaderValue)>) {
    let key = BASE64.encode(fastrand::u128(..).to_be_bytes());
    let handshake = [
        (CONNECTION, Some(HeaderValue::from_static("Upgrade"))),
        (UPGRADE, Some(HeaderValue::from_static("websocket"))),
        (SEC_WEBSOCKET_VERSION, Some(HeaderValue::from_static("13"))),
        // Base64 is ASCII, which is valid in a header.
        (SEC_WEBSOCKET_KEY, HeaderValue::try_from(key).ok()),
    ];
    for (name, value) in handshake {
        if let Some(value) = value
            && !headers.iter().any(|(known, _)| *known == name)
        {
            headers.push((name, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_has_a_new_key_each_time_unless_the_caller_has_one() {
        let key = |given: Option<&'static str>| {
            let given = given.map(|key| (SEC_WEBSOCKET_KEY, HeaderValue::from_static(key)));
            let mut headers = Vec::from_iter(given);
            add_handshake(&mut headers);
            assert_eq!(headers.len(), 4);
            let key = headers
                .into_iter()
                .find(|(name, _)| *name == SEC_WEBSOCKET_KEY);
            let (_, key) = key.expect("has a key");
            key.to_str().expect("is ASCII").to_owned()
        };
        let decoded = BASE64.decode(key(None)).expect("is base64");
        assert_eq!(decoded.len(), 16);
        assert_ne!(key(None), key(None));
        assert_eq!(key(Some("given")), "given");
    }
}
