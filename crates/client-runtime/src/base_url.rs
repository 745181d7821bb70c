//! Validation of base URLs.
//!
//! Credentials are sent to the base URL. A URL with a user, a query, a fragment or a variable is
//! therefore rejected when the client is built.

use std::net::IpAddr;

use reqwest::Url;

/// Why a base URL was rejected. The message never contains the URL, which may contain a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// The URL has no scheme, or cannot be parsed.
    #[error("it is not an absolute URL; start it with https://")]
    NotAbsolute,
    /// The scheme is neither `https` nor `http`.
    #[error("its scheme is neither https nor http")]
    Scheme,
    /// The URL contains a user or a password.
    #[error("it contains a user or a password; set them as credentials of the client")]
    UserInfo,
    /// The URL contains a query or a fragment.
    #[error("it contains a query or a fragment, so that no path can be appended")]
    Query,
    /// The URL contains a server variable (OpenAPI 3.1.1, Server Variable Object).
    #[error("it contains a variable in braces; replace it with a value")]
    Variable,
    /// The scheme is `http` and the host is not this machine.
    #[error(
        "it uses http to another machine, so that tokens would be sent unencrypted; use https, or \
         call allow_http() on the builder of the client"
    )]
    Clear,
}

/// Validates a base URL and returns it without a trailing slash.
///
/// Paths, ports and IPv6 addresses are allowed. `http` is allowed for loopback hosts, and for all hosts
/// if `allow_http` is set.
pub(crate) fn checked(text: &str, allow_http: bool) -> Result<String, BaseUrlError> {
    if text.contains('{') {
        return Err(BaseUrlError::Variable);
    }
    let url = Url::parse(text).map_err(|_| BaseUrlError::NotAbsolute)?;
    if !["https", "http"].contains(&url.scheme()) {
        return Err(if text.contains("://") {
            BaseUrlError::Scheme
        } else {
            BaseUrlError::NotAbsolute
        });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(BaseUrlError::UserInfo);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(BaseUrlError::Query);
    }
    if url.scheme() == "http" && !allow_http && !is_loopback(&url) {
        return Err(BaseUrlError::Clear);
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_base_urls_are_normalized() {
        for (text, expected) in [
            ("https://api.example.com", "https://api.example.com"),
            ("https://api.example.com/", "https://api.example.com"),
            (
                "https://api.example.com:8443/api/v1/",
                "https://api.example.com:8443/api/v1",
            ),
            ("http://localhost:4010", "http://localhost:4010"),
            ("http://127.8.9.1/x", "http://127.8.9.1/x"),
            ("http://[::1]:4010/", "http://[::1]:4010"),
            ("https://[2001:db8::1]", "https://[2001:db8::1]"),
        ] {
            assert_eq!(checked(text, false).as_deref(), Ok(expected), "{text}");
        }
        assert!(checked("http://10.1.2.3", true).is_ok());
    }

    #[test]
    fn an_invalid_base_url_is_rejected_with_the_reason() {
        for (text, reason) in [
            ("", BaseUrlError::NotAbsolute),
            ("api.example.com", BaseUrlError::NotAbsolute),
            ("localhost:4010", BaseUrlError::NotAbsolute),
            ("/api/v1", BaseUrlError::NotAbsolute),
            ("ftp://api.example.com", BaseUrlError::Scheme),
            ("https://me:hunter2@api.example.com", BaseUrlError::UserInfo),
            ("https://api.example.com/?a=b", BaseUrlError::Query),
            ("https://api.example.com/#a", BaseUrlError::Query),
            ("https://{tenant}.example.com", BaseUrlError::Variable),
            ("http://api.example.com", BaseUrlError::Clear),
            ("http://127.0.0.1.example.com", BaseUrlError::Clear),
        ] {
            let rejected = checked(text, false).expect_err(text);
            assert_eq!(rejected, reason, "{text}");
            assert!(!rejected.to_string().contains("hunter2"));
        }
    }
}
