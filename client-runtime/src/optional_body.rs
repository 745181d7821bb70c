//! Request bodies that may be left out.
//!
//! Generated builders know only bodies that are always sent. A body that the API description calls
//! optional therefore reaches the builder as an optional *header* named [`CARRIER`], which no
//! request ever carries onto the wire: [`crate::Session::execute`] takes it off again and puts the
//! body in its place. For the caller nothing of this shows: `.body(…)` may be called or not.

use std::fmt;

use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of the header that carries an optional body from a builder to the session. A tilde is
/// legal in a header name (RFC 9110 section 5.6.2), and no header in use starts with one.
static CARRIER: HeaderName = HeaderName::from_static("~body");

/// A JSON body that may be left out.
///
/// Made from the body itself (`From<T>`) or, in a generated client, from its builder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct OptionalJson<T>(T);

impl<T> From<T> for OptionalJson<T> {
    fn from(body: T) -> Self {
        Self(body)
    }
}

/// Writes the body's JSON: what the carrier header holds. This is for the generated code; it shows
/// every secret of the body.
impl<T: Serialize> fmt::Display for OptionalJson<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = serde_json::to_string(&self.0).map_err(|_| fmt::Error)?;
        // JSON escapes every control character but this one, and a header value takes none.
        f.write_str(&body.replace('\x7f', "\\u007f"))
    }
}

/// Takes the carrier header off `request`, if it has one, and makes it the body.
pub(crate) fn unpack(request: &mut reqwest::Request) {
    if let Some(carried) = request.headers_mut().remove(&CARRIER) {
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        *request.body_mut() = Some(carried.as_bytes().to_vec().into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn request_with(carried: Option<String>) -> reqwest::Request {
        let mut request = reqwest::Request::new(
            reqwest::Method::GET,
            "http://127.0.0.1/".parse().expect("is a URL"),
        );
        if let Some(carried) = carried {
            let value = carried.try_into().expect("is a header value");
            request.headers_mut().insert(&CARRIER, value);
        }
        request
    }

    fn body_of(request: &reqwest::Request) -> Option<&[u8]> {
        request.body().and_then(reqwest::Body::as_bytes)
    }

    proptest! {
        #[test]
        fn any_text_arrives_as_it_was(text: String) {
            let mut request = request_with(Some(OptionalJson::from(json!({ "a": text })).to_string()));
            unpack(&mut request);
            let sent: Value = serde_json::from_slice(body_of(&request).expect("has a body"))
                .expect("is JSON");
            prop_assert_eq!(sent, json!({ "a": text }));
        }
    }

    #[test]
    fn the_carrier_leaves_the_request_and_the_media_type_takes_its_place() {
        let mut request = request_with(Some(OptionalJson::from(["a"]).to_string()));
        unpack(&mut request);
        assert_eq!(request.headers().get(&CARRIER), None);
        assert_eq!(request.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(body_of(&request), Some(&b"[\"a\"]"[..]));
    }

    #[test]
    fn without_a_carrier_nothing_is_sent() {
        let mut request = request_with(None);
        unpack(&mut request);
        assert_eq!(body_of(&request), None);
        assert_eq!(request.headers().get(CONTENT_TYPE), None);
    }
}
