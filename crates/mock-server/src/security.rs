//! Checks that a request has the credentials that its operation requires.
//!
//! Only the form is checked here. The state checks whether a token is valid.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use http::{HeaderValue, StatusCode, header};
use openapi_document::Pointer;

use crate::validation::{Pairs, decoded};
use crate::{Credential, Location, Operation, Received, Reply, Requirement, Scheme, Violation};

/// Checks the security alternatives of an operation.
///
/// # Errors
/// The response if none is satisfied: 401 with a `WWW-Authenticate` challenge for each scheme (RFC
/// 9110, section 11.6.1), and the reason for each.
pub(crate) fn check(operation: &Operation, received: &Received) -> Result<(), Box<Reply>> {
    let meets = |requirement: &Requirement| {
        let mut schemes = requirement.schemes.iter();
        schemes.all(|scheme| credential_error(&scheme.credential, received).is_none())
    };
    if operation.security.is_empty() || operation.security.iter().any(meets) {
        return Ok(());
    }
    let mut violations: Vec<Violation> = Vec::new();
    let mut challenges: Vec<HeaderValue> = Vec::new();
    for scheme in operation.security.iter().flat_map(|all| &all.schemes) {
        let Some(reason) = credential_error(&scheme.credential, received) else {
            continue;
        };
        let violation = Violation {
            location: location(&scheme.credential),
            reason: format!("{reason} (security scheme `{}`)", scheme.name),
            pointer: Some(Pointer::of(["components", "securitySchemes", &scheme.name])),
        };
        if !violations.contains(&violation) {
            violations.push(violation);
        }
        let challenge = HeaderValue::from_str(&challenge(scheme));
        challenges.extend(challenge.ok().filter(|value| !challenges.contains(value)));
    }
    let mut reply = Reply::problem(
        StatusCode::UNAUTHORIZED,
        "Unauthorized",
        format!(
            "{} requires credentials that the request does not have",
            operation.id
        ),
        violations,
    );
    for challenge in challenges {
        reply.headers.append(header::WWW_AUTHENTICATE, challenge);
    }
    Err(Box::new(reply))
}

/// Returns why a request does not have a credential; `None` if it has it.
fn credential_error(credential: &Credential, received: &Received) -> Option<&'static str> {
    match credential {
        Credential::MutualTls => None,
        Credential::ApiKey { location, name } => {
            (!has_key(*location, name, received)).then_some("is missing")
        }
        Credential::Bearer => authorization_error(received, "bearer", is_token),
        Credential::Basic => authorization_error(received, "basic", is_basic),
        Credential::Http(scheme) => {
            authorization_error(received, scheme, |credentials| !credentials.is_empty())
        }
    }
}

fn authorization_error(
    received: &Received,
    scheme: &str,
    is_well_formed: fn(&str) -> bool,
) -> Option<&'static str> {
    let values = received.headers.get_all(header::AUTHORIZATION).iter();
    let values: Vec<&HeaderValue> = values.collect();
    let value = match values[..] {
        [] => return Some("is missing"),
        [value] => value.to_str().unwrap_or_default(),
        _ => return Some("occurs more than once"),
    };
    let (given, credentials) = value.split_once(' ').unwrap_or((value, ""));
    if !given.eq_ignore_ascii_case(scheme) {
        return Some("has another scheme");
    }
    (!is_well_formed(credentials.trim())).then_some("is malformed")
}

/// `b64token` (RFC 6750, section 2.1).
fn is_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty()
        && body
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

/// Base64 of a user id and a password, separated by a colon (RFC 7617, section 2).
fn is_basic(text: &str) -> bool {
    let decoded = STANDARD
        .decode(text)
        .or_else(|_| STANDARD_NO_PAD.decode(text));
    decoded.is_ok_and(|decoded| decoded.contains(&b':'))
}

fn has_key(location: Location, name: &str, received: &Received) -> bool {
    let is_given = |values: Vec<&str>| values.iter().any(|value| !value.is_empty());
    match location {
        Location::Header => is_given(received.header_lines(name)),
        Location::Query => {
            is_given(Pairs::parse(received.query.as_deref().unwrap_or_default()).take(name))
        }
        Location::Cookie => {
            let lines = received.header_lines("cookie");
            let mut pairs = lines.iter().flat_map(|line| line.split(';'));
            pairs.any(|pair| {
                let (given, value) = pair.trim().split_once('=').unwrap_or((pair, ""));
                decoded(given).is_ok_and(|given| given == name) && !value.is_empty()
            })
        }
        Location::Path => false,
    }
}

fn location(credential: &Credential) -> String {
    match credential {
        Credential::ApiKey { location, name } => format!("{} {name}", location.as_str()),
        _ => "header Authorization".to_owned(),
    }
}

/// The challenge of a scheme. `ApiKey` and `Mutual` are not registered.
fn challenge(scheme: &Scheme) -> String {
    match &scheme.credential {
        Credential::Bearer if scheme.scopes.is_empty() => "Bearer".to_owned(),
        Credential::Bearer => format!("Bearer scope=\"{}\"", scheme.scopes.join(" ")),
        Credential::Basic => "Basic realm=\"mock\"".to_owned(),
        Credential::Http(scheme) => scheme.clone(),
        Credential::ApiKey { location, name } => {
            format!("ApiKey name=\"{name}\", in=\"{}\"", location.as_str())
        }
        Credential::MutualTls => "Mutual".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Description;
    use http::{HeaderMap, Method};
    use openapi_document::Document;

    /// The rejection of a request with these headers and this query.
    fn rejection(security: &str, headers: &[(&'static str, &str)], query: &str) -> Option<Reply> {
        let text = format!(
            "openapi: 3.1.0
info: {{title: T, version: '1'}}
paths: {{/a: {{get: {{security: {security}}}}}}}
components:
  securitySchemes:
    Token: {{type: http, scheme: Bearer}}
    User: {{type: http, scheme: basic}}
    Digest: {{type: http, scheme: digest}}
    Header: {{type: apiKey, in: header, name: X-Key}}
    Query: {{type: apiKey, in: query, name: key}}
    Cookie: {{type: apiKey, in: cookie, name: sid}}
    OAuth: {{type: oauth2, flows: {{}}}}
"
        );
        let document = Document::parse("d", text).expect("parses");
        let description = Description::of(document).expect("is served");
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("is a header"));
        }
        let received = Received {
            method: Method::GET,
            path: "/a".to_owned(),
            query: Some(query.to_owned()),
            headers: map,
            body: bytes::Bytes::new(),
        };
        check(&description.operations()[0], &received)
            .err()
            .map(|reply| *reply)
    }

    const TOKEN: (&str, &str) = ("authorization", "bearer abc.def==");
    const USER: (&str, &str) = ("authorization", "Basic dTpw");

    #[test]
    fn well_formed_credentials_are_accepted() {
        for (security, headers, query) in [
            ("[]", &[][..], ""),
            ("[{}]", &[], ""),
            ("[{Token: []}]", &[TOKEN], ""),
            ("[{OAuth: [read]}]", &[TOKEN], ""),
            ("[{User: []}]", &[USER], ""),
            ("[{Digest: []}]", &[("authorization", "Digest a=1")], ""),
            ("[{Header: []}]", &[("x-key", "k")], ""),
            ("[{Query: []}]", &[], "a=1&key=k"),
            ("[{Cookie: []}]", &[("cookie", "a=1; sid=k")], ""),
            ("[{User: []}, {Token: []}]", &[TOKEN], ""),
            ("[{Token: [], Header: []}]", &[TOKEN, ("x-key", "k")], ""),
        ] {
            assert_eq!(rejection(security, headers, query), None, "{security}");
        }
    }

    #[test]
    fn missing_or_malformed_credentials_are_401_with_a_reason() {
        for (security, headers, challenge, message) in [
            ("[{Token: []}]", &[][..], "Bearer", "is missing"),
            (
                "[{OAuth: [a, b]}]",
                &[],
                "Bearer scope=\"a b\"",
                "is missing",
            ),
            ("[{Token: []}]", &[USER], "Bearer", "has another scheme"),
            (
                "[{Token: []}]",
                &[("authorization", "Bearer a b")],
                "Bearer",
                "is malformed",
            ),
            (
                "[{Token: []}]",
                &[("authorization", "Bearer")],
                "Bearer",
                "is malformed",
            ),
            ("[{Token: []}]", &[TOKEN, TOKEN], "Bearer", "more than once"),
            (
                "[{User: []}]",
                &[("authorization", "Basic dXA=")],
                "Basic realm=\"mock\"",
                "is malformed",
            ),
            (
                "[{Header: []}]",
                &[("x-key", "")],
                "ApiKey name=\"X-Key\", in=\"header\"",
                "is missing",
            ),
            (
                "[{Query: []}]",
                &[],
                "ApiKey name=\"key\", in=\"query\"",
                "is missing",
            ),
            (
                "[{Token: [], Header: []}]",
                &[TOKEN],
                "ApiKey name=\"X-Key\", in=\"header\"",
                "is missing",
            ),
        ] {
            let reply = rejection(security, headers, "").expect(security);
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
            assert_eq!(reply.headers[header::WWW_AUTHENTICATE], challenge);
            let problem = reply.problem.expect("is a problem");
            assert!(
                problem.violations[0].reason.contains(message),
                "{security}: {problem:?}"
            );
        }
    }

    #[test]
    fn each_alternative_has_a_challenge_and_no_credential_is_repeated() {
        let reply = rejection(
            "[{Token: []}, {User: []}]",
            &[("authorization", "Basic c2VjcmV0")],
            "",
        );
        let reply = reply.expect("is rejected");
        let challenges = reply
            .headers
            .get_all(header::WWW_AUTHENTICATE)
            .iter()
            .count();
        assert_eq!(challenges, 2);
        assert!(!String::from_utf8_lossy(&reply.body).contains("c2VjcmV0"));
    }
}
