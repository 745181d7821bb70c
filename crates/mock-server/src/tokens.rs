//! Access tokens: issued by the token endpoint of the document, accepted until they expire.
//!
//! The token endpoint is the operation that a security scheme names as `tokenUrl`, otherwise a POST
//! whose success response has an `access_token` (RFC 6749, section 5.1).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::Method;
use openapi_document::Pointer;
use serde_json::Value;

use crate::description::{Description, Operation};
use crate::properties::Properties;
use crate::received::Received;
use crate::seed::Seed;

/// The maximum number of remembered tokens. The one that expires first is removed first.
const MAX_TOKENS: usize = 10_000;

/// The registered clients, and the valid tokens.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tokens {
    /// The lifetime of a token.
    lifetime: Duration,
    /// Client ids and secrets; if there are none, every client is accepted.
    clients: BTreeMap<String, String>,
    /// Tokens that never expire.
    registered: BTreeSet<String>,
    /// The issued tokens and their expiry.
    issued: BTreeMap<String, Duration>,
    count: u64,
}

impl Tokens {
    /// Creates the tokens of a server. `lifetime` applies to issued tokens; `registered` ones never
    /// expire. Without `clients`, every client is accepted.
    pub(crate) fn of(
        lifetime: Duration,
        clients: impl IntoIterator<Item = (String, String)>,
        registered: impl IntoIterator<Item = String>,
    ) -> Self {
        Self {
            lifetime,
            clients: clients.into_iter().collect(),
            registered: registered.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Issues a new token at the time `now`.
    pub(crate) fn issue(&mut self, seed: Seed, now: Duration) -> String {
        if self.issued.len() >= MAX_TOKENS {
            self.issued.retain(|_, expiry| *expiry > now);
        }
        let first_to_expire = self.issued.iter().min_by_key(|(_, expiry)| **expiry);
        if self.issued.len() >= MAX_TOKENS
            && let Some(token) = first_to_expire.map(|(token, _)| token.clone())
        {
            self.issued.remove(&token);
        }
        self.count += 1;
        let token = format!(
            "mock-{:016x}",
            seed.number(["token", &self.count.to_string()])
        );
        self.issued
            .insert(token.clone(), now.saturating_add(self.lifetime));
        token
    }

    /// True if a token is registered, or issued and not expired.
    pub(crate) fn accepts(&self, token: &str, now: Duration) -> bool {
        let live = self.issued.get(token).is_some_and(|expiry| *expiry > now);
        live || self.registered.contains(token)
    }

    /// True if the client of a token request is accepted. It authenticates by HTTP Basic, or by
    /// `client_id` and `client_secret` in the body (RFC 6749, section 2.3.1).
    pub(crate) fn accepts_client(&self, received: &Received, body: &Value) -> bool {
        let of_body = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let client =
            basic(received).or_else(|| Some((of_body("client_id")?, of_body("client_secret")?)));
        self.clients.is_empty()
            || client.is_some_and(|(id, secret)| self.clients.get(&id) == Some(&secret))
    }
}

/// Client id and secret of an `Authorization: Basic` header.
fn basic(received: &Received) -> Option<(String, String)> {
    let (scheme, encoded) = received.header("authorization")?.split_once(' ')?;
    let decoded = BASE64_STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (id, secret) = text.split_once(':')?;
    // Both are form-encoded, so a plus is a space (RFC 6749, section 2.3.1).
    let form = |text: &str| {
        percent_encoding::percent_decode_str(&text.replace('+', " "))
            .decode_utf8_lossy()
            .into_owned()
    };
    scheme
        .eq_ignore_ascii_case("basic")
        .then(|| (form(id), form(secret)))
}

/// True if an operation is the token endpoint of the document.
pub(crate) fn is_endpoint(
    description: &Description,
    operation: &Operation,
    success: Option<&Pointer>,
) -> bool {
    let root = description.root();
    let schemes = Pointer::of(["components", "securitySchemes"]);
    let schemes = schemes.get(root).and_then(Value::as_object);
    let flows = schemes
        .into_iter()
        .flatten()
        .filter_map(|(_, scheme)| scheme.get("flows")?.as_object());
    let mut urls = flows
        .flatten()
        .filter_map(|(_, flow)| flow.get("tokenUrl")?.as_str());
    // A relative URL is relative to the server. Clients resolve it against its base path or against its
    // host.
    let paths = [
        format!("{}{}", operation.base_path, operation.path),
        operation.path.clone(),
    ];
    let is_named = urls.any(|url| {
        let url = url.split(['?', '#']).next().unwrap_or_default();
        match url.split_once("://") {
            Some((_, rest)) => rest
                .find('/')
                .is_some_and(|start| rest[start..] == paths[0]),
            None => paths
                .iter()
                .any(|path| path.trim_start_matches('/') == url.trim_start_matches('/')),
        }
    });
    let issues =
        success.is_some_and(|pointer| Properties::of(root, pointer).get("access_token").is_some());
    operation.method == Method::POST && (is_named || issues)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{received, vendored};
    use serde_json::json;

    #[test]
    fn a_token_is_valid_until_it_expires() {
        let mut tokens = Tokens::of(Duration::from_secs(60), [], []);
        let second = Duration::from_secs(1);
        let token = tokens.issue(Seed(1), second);
        assert_ne!(token, tokens.issue(Seed(1), second));
        assert!(tokens.accepts(&token, second * 60));
        assert!(!tokens.accepts(&token, second * 61));
        assert!(!tokens.accepts("other", second));
        tokens.registered.insert("other".to_owned());
        assert!(tokens.accepts("other", second * 1000));
    }

    #[test]
    fn the_number_of_remembered_tokens_is_bounded() {
        let mut tokens = Tokens::of(Duration::from_secs(60), [], []);
        let first = tokens.issue(Seed(1), Duration::ZERO);
        for _ in 0..MAX_TOKENS {
            tokens.issue(Seed(1), Duration::from_secs(1));
        }
        assert_eq!(tokens.issued.len(), MAX_TOKENS);
        assert!(!tokens.accepts(&first, Duration::from_secs(1)));
    }

    #[test]
    fn only_registered_clients_are_accepted_if_there_are_any() {
        let mut tokens = Tokens::of(Duration::from_secs(60), [], []);
        let bare = received("POST", "/token", &[], "");
        assert!(tokens.accepts_client(&bare, &json!({})));
        tokens.clients.insert("me".to_owned(), "s: x".to_owned());
        assert!(!tokens.accepts_client(&bare, &json!({})));
        assert!(!tokens.accepts_client(&bare, &json!({"client_id": "me", "client_secret": "no"})));
        assert!(tokens.accepts_client(&bare, &json!({"client_id": "me", "client_secret": "s: x"})));
        let basic = format!("Basic {}", BASE64_STANDARD.encode("me:s%3A+x"));
        assert!(tokens.accepts_client(
            &received("POST", "/token", &[("Authorization", &basic)], ""),
            &json!({})
        ));
    }

    #[test]
    fn the_token_endpoint_is_found() {
        let description = vendored("numspot");
        let found = description.operations().iter().filter(|operation| {
            let success = crate::response::success(operation);
            let content = success.and_then(|selected| selected.response.content.first());
            is_endpoint(
                &description,
                operation,
                content.map(|content| content.schema_pointer()).as_ref(),
            )
        });
        let found: Vec<&str> = found.map(|operation| &*operation.id).collect();
        assert_eq!(found, ["Token"]);
    }

    #[test]
    fn a_path_that_ends_like_the_token_url_is_no_token_endpoint() {
        for (url, expected) in [
            ("https://api.example.com/v1/oauth/token", "/oauth/token"),
            ("https://api.example.com/v1/token?a=b", "/token"),
            ("/oauth/token", "/oauth/token"),
            ("oauth/token", "/oauth/token"),
            ("/v1/token", "/token"),
            ("https://api.example.com/other/token", ""),
        ] {
            let flow = json!({"tokenUrl": url, "scopes": {}});
            let operation = json!({"post": {"responses": {"204": {"description": ""}}}});
            let description = crate::testing::description(json!({
                "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
                "servers": [{"url": "https://api.example.com/v1"}],
                "paths": {"/token": operation, "/oauth/token": operation},
                "components": {"securitySchemes": {
                    "OAuth": {"type": "oauth2", "flows": {"clientCredentials": flow}},
                }},
            }));
            let operations = description.operations().iter();
            let found = operations.filter(|one| is_endpoint(&description, one, None));
            let found: Vec<&str> = found.map(|one| one.path.as_str()).collect();
            assert_eq!(found.concat(), expected, "{url}");
        }
    }
}
