//! The server of each operation: the base URL, or the operation's own server.
//!
//! Source: OpenAPI 3.1.1, Operation Object and Path Item Object, `servers`.

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::Url;

use crate::BuildError;
use crate::base_url::{self, BaseUrlError};
use crate::operation::Operation;

/// The servers of a client's operations.
#[derive(Debug, Clone)]
pub(crate) struct Servers {
    base_url: Arc<str>,
    /// The servers of single operations, by their URL in the API description.
    elsewhere: Arc<BTreeMap<&'static str, Result<String, BaseUrlError>>>,
}

/// The error for a call to a server whose documented URL cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "the server {described:?} of this operation cannot be used: {error}; set its URL with \
     `Builder::server`"
)]
pub(crate) struct UnusableServer {
    described: &'static str,
    error: BaseUrlError,
}

impl Servers {
    /// Returns the servers of `operations` for a client with a validated `base_url`.
    ///
    /// A server in `given` has that URL. A path is resolved against the base URL. Any other server has
    /// its documented URL if the client uses the documented base URL; otherwise requests go to the base
    /// URL, so that nothing is sent to a server that the caller has not configured.
    pub(crate) fn new(
        base_url: &str,
        is_default: bool,
        operations: &[Operation],
        given: BTreeMap<String, String>,
        allow_http: bool,
    ) -> Result<Self, BuildError> {
        let known = operations.iter().filter_map(|operation| operation.server);
        let mut elsewhere = BTreeMap::new();
        for described in known.clone() {
            let url = match given.get(described) {
                Some(given) => {
                    let checked = base_url::checked(given, allow_http);
                    Ok(checked.map_err(|error| BuildError::Server {
                        described: described.to_owned(),
                        error,
                    })?)
                }
                None if !described.contains("://") => beside(base_url, described),
                None if is_default => base_url::checked(described, allow_http),
                None => continue,
            };
            elsewhere.insert(described, url);
        }
        let is_unknown = |given: &String| !known.clone().any(|described| described == given);
        if let Some(unknown) = given.into_keys().find(is_unknown) {
            return Err(BuildError::UnknownServer(unknown));
        }
        Ok(Self {
            base_url: base_url.into(),
            elsewhere: elsewhere.into(),
        })
    }

    /// Returns the base URL.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the URL of the server of `operation`, without a trailing slash.
    ///
    /// # Errors
    /// The documented URL of the server cannot be used.
    pub(crate) fn of(&self, operation: &Operation) -> Result<&str, UnusableServer> {
        let server = operation.server.and_then(|described| {
            let server = self.elsewhere.get(described)?.as_ref();
            Some((operation.server?, server))
        });
        match server {
            None => Ok(&self.base_url),
            Some((_, Ok(server))) => Ok(server),
            Some((described, Err(error))) => Err(UnusableServer {
                described,
                error: *error,
            }),
        }
    }
}

/// Resolves `path` against the base URL, which is treated as a folder.
fn beside(base_url: &str, path: &str) -> Result<String, BaseUrlError> {
    let folder = Url::parse(&format!("{base_url}/"));
    let joined = folder.and_then(|folder| folder.join(path));
    let joined = joined.map_err(|_| BaseUrlError::NotAbsolute)?;
    base_url::checked(joined.as_str(), true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UPLOADS: &str = "https://uploads.example.com/api";
    const OPERATIONS: &[Operation] = &[
        Operation::PLAIN,
        Operation {
            server: Some(UPLOADS),
            ..Operation::PLAIN
        },
        Operation {
            server: Some("/v2"),
            ..Operation::PLAIN
        },
    ];

    /// Returns the URLs of the three operations.
    fn routed(base_url: &str, is_default: bool, given: &[(&str, &str)]) -> [String; 3] {
        let given = given.iter();
        let given = given.map(|(described, url)| ((*described).to_owned(), (*url).to_owned()));
        let servers = Servers::new(base_url, is_default, OPERATIONS, given.collect(), false);
        let servers = servers.expect("can be used");
        [0, 1, 2].map(|index| {
            let server = servers.of(&OPERATIONS[index]).expect("can be used");
            format!("{server}/things")
        })
    }

    #[test]
    fn an_operation_goes_to_its_own_server_unless_a_base_url_was_given() {
        assert_eq!(
            routed("https://api.example.com/v1", true, &[]),
            [
                "https://api.example.com/v1/things",
                "https://uploads.example.com/api/things",
                "https://api.example.com/v2/things",
            ]
        );
        let mock = "http://127.0.0.1:1234";
        assert_eq!(
            routed(mock, false, &[]),
            [
                "http://127.0.0.1:1234/things",
                "http://127.0.0.1:1234/things",
                "http://127.0.0.1:1234/v2/things",
            ]
        );
        let given = [(UPLOADS, "http://localhost:1/"), ("/v2", mock)];
        assert_eq!(
            routed("https://staging.example.com", false, &given),
            [
                "https://staging.example.com/things",
                "http://localhost:1/things",
                "http://127.0.0.1:1234/things",
            ]
        );
    }

    #[test]
    fn unknown_servers_and_invalid_urls_are_rejected() {
        for (described, url) in [
            ("https://nobody.example.com", "https://a.example.com"),
            (UPLOADS, "ftp://a.example.com"),
            (UPLOADS, "http://a.example.com"),
        ] {
            let given = BTreeMap::from([(described.to_owned(), url.to_owned())]);
            let base_url = "https://api.example.com";
            let rejected = Servers::new(base_url, true, OPERATIONS, given, false);
            let message = rejected.expect_err("is rejected").to_string();
            assert!(message.contains(described), "{message}");
        }
    }

    #[test]
    fn a_described_server_that_cannot_be_used_fails_its_own_calls_only() {
        const OPERATIONS: &[Operation] = &[Operation {
            server: Some("https://{tenant}.example.com"),
            ..Operation::PLAIN
        }];
        let base_url = "https://api.example.com";
        let servers = Servers::new(base_url, true, OPERATIONS, BTreeMap::new(), false);
        let servers = servers.expect("are servers");
        let rejected = servers.of(&OPERATIONS[0]);
        let message = rejected.expect_err("is rejected").to_string();
        assert!(message.contains("{tenant}") && message.contains("Builder::server"));
        let plain = servers.of(&Operation::PLAIN);
        assert_eq!(plain.expect("goes to the base URL"), base_url);
    }
}
