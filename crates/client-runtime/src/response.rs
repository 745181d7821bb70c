//! A success, decoded.

use std::borrow::Borrow;
use std::fmt;
use std::ops::{Deref, DerefMut};

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::request_id;

/// The response of a call that succeeded. It dereferences to its value.
///
/// Where the API description documents headers of the response, `H` is a generated type that has a
/// method for each of them and dereferences to the map of all headers; otherwise it is that map.
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

    /// The response with methods for its documented headers.
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
    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers. They may hold secrets.
    pub fn headers(&self) -> &H {
        &self.headers
    }

    /// The id that the service gave the request (`x-request-id` or a similar header), which its
    /// support asks for.
    pub fn request_id(&self) -> Option<&str>
    where
        H: Borrow<HeaderMap>,
    {
        request_id::of(self.headers.borrow())
    }

    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The response with another value, made of this one's.
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
    fn a_response_is_its_value_and_more() {
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
