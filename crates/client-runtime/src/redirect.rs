//! Redirects: their targets, and what is sent to them.
//!
//! Credentials are sent only to the server that the caller configured. A redirect within the origin is
//! therefore followed with the whole request; a redirect to another origin is followed without
//! credentials, body and headers of the caller.
//!
//! Source: RFC 9110 section 15.4. The method changes as in browsers (WHATWG Fetch, HTTP-redirect
//! fetch).

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Method, StatusCode, Url};

/// The maximum number of redirects of one attempt.
const MOST: u32 = 10;

/// One of the requests of an attempt. Each redirect leads to another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hop {
    pub(crate) method: Method,
    /// Whether the body of the call is sent.
    pub(crate) has_body: bool,
    /// Whether the request leads to another origin than that of the call, or back from one. Then it has
    /// no credentials, and `Accept` is its only header of the call.
    pub(crate) is_elsewhere: bool,
    /// The number of earlier redirects.
    redirects: u32,
}

/// The limits on redirects of a call.
pub(crate) struct Limits {
    /// The URL of the first request.
    pub(crate) first: Url,
    /// Whether the body can be sent again.
    pub(crate) is_replayable: bool,
    /// Whether requests may lead to another origin.
    pub(crate) may_leave: bool,
}

impl Hop {
    /// Returns the first request of an attempt.
    pub(crate) fn first(method: Method) -> Self {
        Self {
            method,
            has_body: true,
            is_elsewhere: false,
            redirects: 0,
        }
    }

    /// Returns the next request, if the response to this one, which was sent to `here`, is a redirect.
    /// `None` if it is not.
    ///
    /// # Errors
    /// Why the redirect is not followed: the end of a sentence.
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
            return Err("ten redirects were already followed");
        }
        let location = std::str::from_utf8(location.as_bytes());
        let url = location.ok().and_then(|location| here.join(location).ok());
        let url = url.ok_or("its Location header is not a URL")?;
        if !["https", "http"].contains(&url.scheme()) {
            return Err("its scheme is neither https nor http");
        }
        if here.scheme() == "https" && url.scheme() == "http" {
            return Err("it leads from https to http");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("its Location header has a user or a password");
        }
        let limits = limits().ok_or("the URL of the call is invalid")?;
        let is_elsewhere = self.is_elsewhere || url.origin() != limits.first.origin();
        if is_elsewhere && !limits.may_leave {
            return Err("it leads to another server, and a custom HTTP client is used");
        }
        if is_elsewhere && ![Method::GET, Method::HEAD].contains(&method) {
            return Err("it leads to another server, and the method is neither GET nor HEAD");
        }
        if has_body && !limits.is_replayable {
            return Err("the request body is a stream, which cannot be sent again");
        }
        let hop = Self {
            method,
            // No body is sent to another server, not even with a GET.
            has_body: has_body && !is_elsewhere,
            is_elsewhere,
            redirects: self.redirects + 1,
        };
        Ok(Some((hop, url)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    const HERE: &str = "https://api.example.com/v1/things?a=b";

    /// Returns the redirect of a request to [`HERE`].
    fn redirected(
        method: &Method,
        status: u16,
        location: &str,
        is_replayable: bool,
    ) -> Result<Option<(Hop, String)>, &'static str> {
        redirected_from(
            HERE,
            &Hop::first(method.clone()),
            status,
            location,
            is_replayable,
        )
    }

    fn redirected_from(
        here: &str,
        hop: &Hop,
        status: u16,
        location: &str,
        is_replayable: bool,
    ) -> Result<Option<(Hop, String)>, &'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(
            LOCATION,
            HeaderValue::from_str(location).expect("is a value"),
        );
        let status = StatusCode::from_u16(status).expect("is a status");
        let here = here.parse().expect("is a URL");
        let limits = || {
            Some(Limits {
                first: HERE.parse().ok()?,
                is_replayable,
                may_leave: true,
            })
        };
        let next = hop.next(&here, status, &headers, limits)?;
        Ok(next.map(|(hop, url)| (hop, url.into())))
    }

    #[test]
    fn the_status_decides_the_method_and_the_body() {
        for (method, status, expected, has_body) in [
            (Method::GET, 301, Method::GET, true),
            (Method::POST, 301, Method::GET, false),
            (Method::POST, 302, Method::GET, false),
            (Method::PUT, 302, Method::PUT, true),
            (Method::POST, 303, Method::GET, false),
            (Method::PUT, 303, Method::GET, false),
            (Method::HEAD, 303, Method::HEAD, false),
            (Method::POST, 307, Method::POST, true),
            (Method::DELETE, 308, Method::DELETE, true),
        ] {
            let next = redirected(&method, status, "../other", true);
            let (hop, url) = next.expect("is followed").expect("is a redirect");
            assert_eq!(
                (hop.method, hop.has_body),
                (expected, has_body),
                "{method} {status}"
            );
            assert_eq!(url, "https://api.example.com/other");
            assert!(!hop.is_elsewhere);
        }
        assert_eq!(redirected(&Method::GET, 304, "/other", true), Ok(None));
        assert_eq!(redirected(&Method::GET, 300, "/other", true), Ok(None));
    }

    #[test]
    fn nothing_of_the_caller_is_sent_to_another_origin() {
        for location in [
            "https://other.example.com/x",
            "//other.example.com/x",
            "https://api.example.com:444/x",
        ] {
            for method in [Method::GET, Method::HEAD] {
                let next = redirected(&method, 307, location, true);
                let (hop, _) = next.expect("is followed").expect("is a redirect");
                assert!(hop.is_elsewhere && !hop.has_body, "{location}");
                // Once redirected to another origin, credentials are not sent again.
                let back = redirected_from("https://other.example.com/", &hop, 302, HERE, true);
                let (hop, _) = back.expect("is followed").expect("is a redirect");
                assert!(hop.is_elsewhere);
            }
            for method in [Method::PUT, Method::DELETE, Method::PATCH] {
                assert!(
                    redirected(&method, 307, location, true).is_err(),
                    "{location}"
                );
            }
        }
    }

    #[test]
    fn a_redirect_that_is_not_followed_has_a_reason() {
        for (method, status, location, is_replayable, why) in [
            (
                Method::GET,
                302,
                "http://api.example.com/",
                true,
                "from https to http",
            ),
            (
                Method::GET,
                302,
                "ftp://api.example.com/",
                true,
                "neither https nor http",
            ),
            (
                Method::GET,
                302,
                "https://u:p@api.example.com/",
                true,
                "a user or a password",
            ),
            (Method::GET, 302, "https://", true, "not a URL"),
            (
                Method::POST,
                307,
                "https://other.example.com/",
                true,
                "neither GET nor HEAD",
            ),
            (Method::POST, 307, "/other", false, "a stream"),
        ] {
            let rejected = redirected(&method, status, location, is_replayable).expect_err(why);
            assert!(rejected.contains(why), "{rejected}");
        }
    }

    #[test]
    fn ten_redirects_are_followed_and_no_more() {
        let mut hop = Hop::first(Method::GET);
        for _ in 0..MOST {
            let next = redirected_from(HERE, &hop, 302, "/again", true);
            hop = next.expect("is followed").expect("is a redirect").0;
        }
        let rejected = redirected_from(HERE, &hop, 302, "/again", true);
        assert!(rejected.expect_err("is rejected").contains("ten redirects"));
    }
}
