//! What a client brings to every call: credentials, and the last touch to each request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};

use crate::{Authentication, Operation, SecretString, optional_body, path_segment};

/// The state that a generated client keeps beside its HTTP client.
///
/// ```
/// use client_runtime::Session;
///
/// let session = Session::new().with_bearer("token from the environment");
/// assert!(!format!("{session:?}").contains("token"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Session {
    credentials: Option<Credentials>,
}

#[derive(Debug, Clone)]
enum Credentials {
    Bearer(SecretString),
    Basic {
        user: String,
        password: SecretString,
    },
}

/// Why a request could not be made ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrepareError {
    /// The token, user or password has a character that a header value cannot hold.
    #[error("the credentials hold a character that an HTTP header cannot carry")]
    Credentials,
    /// The generated code and this crate disagree on how an optional body travels; their versions
    /// do not belong together.
    #[error("the optional body is not in the form that this version of client-runtime expects")]
    Carrier,
}

impl Session {
    /// A session without credentials, enough for the operations that need none.
    pub fn new() -> Self {
        Self::default()
    }

    /// The session with a bearer token (RFC 6750) for the operations that take one.
    #[must_use]
    pub fn with_bearer(self, token: impl Into<SecretString>) -> Self {
        Self {
            credentials: Some(Credentials::Bearer(token.into())),
        }
    }

    /// The session with a user and a password for the operations that take HTTP Basic
    /// authentication (RFC 7617), such as a token endpoint with its client id and secret.
    #[must_use]
    pub fn with_basic(self, user: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self {
            credentials: Some(Credentials::Basic {
                user: user.into(),
                password: password.into(),
            }),
        }
    }

    /// Makes a request of `operation` ready to be sent: puts an optional body in its place, says the
    /// media type of the body as the API does, and adds the `Authorization` header, marked sensitive, that the operation takes. Credentials of
    /// another kind than the operation's stay at home.
    ///
    /// # Errors
    /// [`PrepareError`], when the credentials or the body cannot be put into the request.
    pub fn prepare(
        &self,
        request: &mut reqwest::Request,
        operation: Option<&Operation>,
    ) -> Result<(), PrepareError> {
        optional_body::unpack(request)?;
        path_segment::restore_backslashes(request.url_mut());
        if let Some(content_type) = operation.and_then(|operation| operation.content_type)
            && request.body().is_some()
        {
            let value = HeaderValue::from_static(content_type);
            request.headers_mut().insert(CONTENT_TYPE, value);
        }
        let authentication = operation.map(|operation| operation.authentication);
        let value = match (authentication, &self.credentials) {
            (Some(Authentication::Bearer), Some(Credentials::Bearer(token))) => {
                format!("Bearer {}", token.expose())
            }
            (Some(Authentication::Basic), Some(Credentials::Basic { user, password })) => {
                let pair = format!("{user}:{}", password.expose());
                format!("Basic {}", BASE64.encode(pair))
            }
            _ => return Ok(()),
        };
        let mut value = HeaderValue::try_from(value).map_err(|_| PrepareError::Credentials)?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: Operation = Operation {
        rust_name: "token",
        id: "Token",
        method: "POST",
        path: "/token",
        authentication: Authentication::Basic,
        content_type: None,
    };
    const LIST: Operation = Operation {
        rust_name: "list",
        id: "List",
        method: "GET",
        path: "/list",
        authentication: Authentication::Bearer,
        content_type: Some("application/vnd.list+json"),
    };

    fn authorization(session: &Session, operation: &Operation) -> Option<HeaderValue> {
        let mut request = reqwest::Request::new(
            reqwest::Method::GET,
            "http://127.0.0.1/".parse().expect("is a URL"),
        );
        session
            .prepare(&mut request, Some(operation))
            .expect("prepares");
        request.headers_mut().remove(AUTHORIZATION)
    }

    #[test]
    fn a_bearer_token_goes_to_the_operations_that_take_one_and_to_no_other() {
        let session = Session::new().with_bearer("abc");
        let value = authorization(&session, &LIST).expect("carries the token");
        assert_eq!(value, "Bearer abc");
        assert!(value.is_sensitive());
        assert_eq!(authorization(&session, &TOKEN), None);
    }

    #[test]
    fn basic_credentials_are_encoded_as_rfc_7617_shows() {
        let session = Session::new().with_basic("Aladdin", "open sesame");
        let value = authorization(&session, &TOKEN).expect("carries the credentials");
        assert_eq!(value, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(authorization(&session, &LIST), None);
    }

    #[test]
    fn a_body_goes_by_the_media_type_of_the_api() {
        let mut request = reqwest::Request::new(
            reqwest::Method::GET,
            "http://127.0.0.1/".parse().expect("is a URL"),
        );
        let session = Session::new();
        session
            .prepare(&mut request, Some(&LIST))
            .expect("prepares");
        assert_eq!(request.headers().get(CONTENT_TYPE), None);
        *request.body_mut() = Some("{}".into());
        session
            .prepare(&mut request, Some(&LIST))
            .expect("prepares");
        assert_eq!(request.headers()[CONTENT_TYPE], "application/vnd.list+json");
    }

    #[test]
    fn a_token_that_no_header_can_carry_is_refused_without_showing_it() {
        let mut request = reqwest::Request::new(
            reqwest::Method::GET,
            "http://127.0.0.1/".parse().expect("is a URL"),
        );
        let refused = Session::new()
            .with_bearer("line\nbreak")
            .prepare(&mut request, Some(&LIST))
            .expect_err("is refused");
        assert!(!format!("{refused} {refused:?}").contains("break"));
    }
}
