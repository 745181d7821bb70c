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
    /// Why it is not followed: the end of a sentence about the redirect.
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
            return Err("it is the eleventh in a row");
        }
        let location = std::str::from_utf8(location.as_bytes());
        let url = location.ok().and_then(|location| here.join(location).ok());
        let url = url.ok_or("its Location is not a URL")?;
        if !["https", "http"].contains(&url.scheme()) {
            return Err("it leads to neither https nor http");
        }
        if here.scheme() == "https" && url.scheme() == "http" {
            return Err("it leads from https to http");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("its Location has a user or a password");
        }
        let limits = limits().ok_or("the URL of the call is not one")?;
        let is_elsewhere = self.is_elsewhere || url.origin() != limits.first.origin();
        if is_elsewhere && !limits.may_leave {
            return Err("it leads to another server, and the HTTP client is the caller's own");
        }
        if is_elsewhere && ![Method::GET, Method::HEAD].contains(&method) {
            return Err("it leads to another server, where only GET and HEAD may go");
        }
        if has_body && !limits.is_replayable {
            return Err("the request body is a stream, which cannot be sent again");
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

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    const HERE: &str = "https://api.example.com/v1/things?a=b";

    /// What a redirect of a request to [`HERE`] leads to.
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
    fn the_method_and_the_body_become_what_the_status_says() {
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
    fn to_another_origin_goes_nothing_that_is_the_callers() {
        for location in [
            "https://other.example.com/x",
            "//other.example.com/x",
            "https://api.example.com:444/x",
        ] {
            for method in [Method::GET, Method::HEAD] {
                let next = redirected(&method, 307, location, true);
                let (hop, _) = next.expect("is followed").expect("is a redirect");
                assert!(hop.is_elsewhere && !hop.has_body, "{location}");
                // Whoever has left does not come back with credentials.
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
    fn what_may_not_be_followed_says_why() {
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
                "only GET and HEAD may go",
            ),
            (Method::POST, 307, "/other", false, "a stream"),
        ] {
            let refused = redirected(&method, status, location, is_replayable).expect_err(why);
            assert!(refused.contains(why), "{refused}");
        }
    }

    #[test]
    fn ten_redirects_are_followed_and_no_more() {
        let mut hop = Hop::first(Method::GET);
        for _ in 0..MOST {
            let next = redirected_from(HERE, &hop, 302, "/again", true);
            hop = next.expect("is followed").expect("is a redirect").0;
        }
        let refused = redirected_from(HERE, &hop, 302, "/again", true);
        assert!(refused.expect_err("is refused").contains("eleventh"));
    }
}
