//! Where a redirect leads, and with what.
//!
//! A client sends credentials to the place that its owner has named and to no other. So a redirect is
//! followed with everything within the origin only; to another origin goes no more than anyone may ask
//! for.
//!
//! Source: RFC 9110 section 15.4; what becomes of the method is what browsers do (WHATWG Fetch,
//! HTTP-redirect fetch).

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Method, StatusCode, Url};

/// How many redirects of one attempt are followed.
const MOST: u32 = 10;

/// How one of the requests of an attempt is sent, of which there are several where it is redirected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hop {
    pub(crate) method: Method,
    /// Whether the body of the call is sent.
    pub(crate) has_body: bool,
    /// Whether the request goes to another origin than the call's, or comes back from one: then it has
    /// no credentials, and of the headers only `Accept`.
    pub(crate) is_elsewhere: bool,
    /// How many redirects came before.
    redirects: u32,
}

/// What a redirect may do in a call.
pub(crate) struct Limits {
    /// Where the call was sent first.
    pub(crate) first: Url,
    /// Whether its body can be sent again.
    pub(crate) is_replayable: bool,
    /// Whether requests may leave the origin.
    pub(crate) may_leave: bool,
}

impl Hop {
    /// The first request of an attempt.
    pub(crate) fn first(method: Method) -> Self {
        Self {
            method,
            has_body: true,
            is_elsewhere: false,
            redirects: 0,
        }
    }

    /// Where a response redirects this request to, which was sent to `here`; `None` where it is no
    /// redirect.
    ///
    /// # Errors
    /// Why it is not followed.
    pub(crate) fn next(
        &self,
        here: &Url,
        status: StatusCode,
        headers: &HeaderMap,
        limits: impl FnOnce() -> Option<Limits>,
    ) -> Result<Option<(Self, Url)>, &'static str> {
        let Some(location) = headers.get(LOCATION) else {
            return Ok(None);
        };
        let (method, has_body) = match status {
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND if self.method == Method::POST => {
                (Method::GET, false)
            }
            StatusCode::SEE_OTHER if self.method == Method::HEAD => (Method::HEAD, false),
            StatusCode::SEE_OTHER => (Method::GET, false),
            StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT => (self.method.clone(), self.has_body),
            _ => return Ok(None),
        };
        if self.redirects >= MOST {
            return Err("it is redirected too often");
        }
        let location = std::str::from_utf8(location.as_bytes());
        let url = location.ok().and_then(|location| here.join(location).ok());
        let url = url.ok_or("it is redirected to what is not a URL")?;
        if !["https", "http"].contains(&url.scheme()) {
            return Err("it is redirected to what is neither https nor http");
        }
        if here.scheme() == "https" && url.scheme() == "http" {
            return Err("it is redirected from https to http");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it is redirected to a URL with a user or a password");
        }
        let limits = limits().ok_or("it is redirected from what is not a URL")?;
        let is_elsewhere = self.is_elsewhere || url.origin() != limits.first.origin();
        if is_elsewhere && !limits.may_leave {
            return Err("it is redirected to another server, with an HTTP client of the caller's");
        }
        if is_elsewhere && ![Method::GET, Method::HEAD].contains(&method) {
            return Err("it is redirected to another server, where only GET and HEAD go");
        }
        if has_body && !limits.is_replayable {
            return Err("it is redirected, and its body is a stream, which cannot be sent again");
        }
        let hop = Self {
            method,
            // To another server goes no body, even of a GET.
            has_body: has_body && !is_elsewhere,
            is_elsewhere,
            redirects: self.redirects + 1,
        };
        Ok(Some((hop, url)))
    }
}
