//! Decoded success responses.

use std::borrow::Borrow;
use std::fmt;
use std::ops::{Deref, DerefMut};

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::request_id;

/// The success response of a call. It dereferences to its value.
///
/// If the API description documents response headers, `H` is a generated type with a method for each of
/// them, and dereferences to the map of all headers. Otherwise it is that map.
///
/// `Debug` shows the status and the value, and no header.
#[derive(Clone)]
pub struct Response<T, H = HeaderMap> {
    status: StatusCode,
    headers: H,
    value: T,
}

impl<T> Response<T> {
    pub(crate) fn new(status: StatusCode, headers: HeaderMap, value: T) -> Self {
        Self {
            status,
            headers,
            value,
        }
    }

    /// Replaces the map of headers with a type with methods for the documented headers.
    #[doc(hidden)]
    pub fn with_headers<H: From<HeaderMap>>(self) -> Response<T, H> {
        Response {
            status: self.status,
            headers: self.headers.into(),
            value: self.value,
        }
    }
}

impl<T, H> Response<T, H> {
    /// Returns the HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers. They may contain secrets.
    pub fn headers(&self) -> &H {
        &self.headers
    }

    /// Returns the request id of the service (`x-request-id` or a similar header), to quote in support
    /// requests.
    pub fn request_id(&self) -> Option<&str>
    where
        H: Borrow<HeaderMap>,
    {
        request_id::of(self.headers.borrow())
    }

    /// Returns the value.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Returns the response with its value converted by `change`.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U, H> {
        Response {
            status: self.status,
            headers: self.headers,
            value: change(self.value),
        }
    }
}

impl<T, H> Deref for Response<T, H> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T, H> DerefMut for Response<T, H> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: fmt::Debug, H> fmt::Debug for Response<T, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn a_response_dereferences_to_its_value() {
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", HeaderValue::from_static("s3cret"));
        let mut response = Response::new(StatusCode::CREATED, headers, vec![1]);
        response.push(2);
        assert_eq!(response.len(), 2);
        assert_eq!(response.request_id(), Some("s3cret"));
        let response = response.map(|items| items.len());
        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(
            format!("{response:?}"),
            "Response { status: 201, value: 2, .. }"
        );
        assert_eq!(response.into_inner(), 2);
    }
}
