//! Converts the security schemes of the document to typed plans.
//!
//! Before: `components: {securitySchemes: {Key: {type: apiKey, in: header, name: X-Key}}}`.
//! After: none, and the plan of the scheme `Key`, a header, with the builder's method `key`.
//!
//! A scheme that an operation names but the document does not declare also gets a plan, so that a caller
//! who knows the scheme can provide credentials.

use std::collections::{BTreeMap, BTreeSet};

use client_codegen::naming::snake;
use client_codegen::plan::{SchemeKind, SecuritySchemePlan};
use openapi_document::Pointer;
use openapi_document::walk::operations;
use serde_json::Value;

use crate::Notes;
use crate::plan::requirements::alternatives;

/// The name of the step in notes.
pub(crate) const NAME: &str = "security";

/// The methods that the builder of every client has.
const RESERVED: [&str; 27] = [
    "allow_http",
    "allow_missing_credentials",
    "attempt_timeout",
    "authentication",
    "authentication_for_all",
    "base_url",
    "borrow",
    "build",
    "client_certificate",
    "clone",
    "connect_timeout",
    "default",
    "from",
    "http_client",
    "into",
    "max_response_bytes",
    "no_proxy",
    "options",
    "proxy",
    "retarget",
    "retry",
    "retry_budget",
    "root_certificates",
    "server",
    "timeout",
    "type_id",
    "user_agent",
];

/// Removes the security schemes from the document and returns their plans: the declared ones in document
/// order, then those that are only named.
pub(crate) fn take(root: &mut Value, notes: &mut Notes) -> Vec<SecuritySchemePlan> {
    let place = Pointer::of(["components", "securitySchemes"]);
    let components = root.get_mut("components").and_then(Value::as_object_mut);
    let declared = components.and_then(|components| components.shift_remove("securitySchemes"));
    let declared = declared.unwrap_or_default();
    let mut methods = BTreeSet::from(RESERVED.map(str::to_owned));
    let mut plans: Vec<SecuritySchemePlan> = Vec::new();
    for (name, scheme) in declared.as_object().into_iter().flatten() {
        let scheme = resolved_scheme(&declared, scheme);
        let plan = plan(name, scheme, &mut methods);
        if plan.kind == SchemeKind::Other && scheme["type"] != "http" {
            notes.add(
                &place.join(name),
                "left to a custom authenticator",
                "OpenAPI does not define this kind of scheme",
            );
        }
        plans.push(plan);
    }
    let here = Pointer::root();
    let mut requirements = vec![(here.clone(), root.get("security"))];
    requirements.extend(operations(root).into_iter().map(|(pointer, ..)| {
        let security = pointer.get(root).and_then(|it| it.get("security"));
        (pointer, security)
    }));
    for (pointer, security) in requirements {
        for name in alternatives(security).into_iter().flatten().flatten() {
            if plans.iter().all(|plan| plan.name != name) {
                notes.add(
                    &pointer.join("security"),
                    format!("left the scheme `{name}` to a custom authenticator"),
                    "`components/securitySchemes` does not declare it",
                );
                plans.push(plan(&name, &Value::Null, &mut methods));
            }
        }
    }
    plans
}

/// The scheme itself, with references resolved.
fn resolved_scheme<'a>(declared: &'a Value, scheme: &'a Value) -> &'a Value {
    let mut scheme = scheme;
    // A chain of references is at most as long as the number of schemes.
    for _ in 0..declared.as_object().map_or(0, serde_json::Map::len) {
        let name = scheme["$ref"]
            .as_str()
            .and_then(|reference| reference.strip_prefix("#/components/securitySchemes/"));
        match name {
            Some(name) => scheme = &declared[name],
            None => break,
        }
    }
    scheme
}

fn plan(name: &str, scheme: &Value, methods: &mut BTreeSet<String>) -> SecuritySchemePlan {
    let kind = kind(scheme);
    let flows = scheme["flows"].as_object();
    let scopes = flows.into_iter().flat_map(serde_json::Map::values);
    let scopes = scopes
        .filter_map(|flow| flow["scopes"].as_object())
        .flatten();
    let scopes: BTreeMap<String, String> = scopes
        .map(|(scope, about)| (scope.clone(), about.as_str().unwrap_or_default().to_owned()))
        .collect();
    let method_name = match kind {
        SchemeKind::MutualTls => "client_certificate".to_owned(),
        _ => free(name, methods),
    };
    SecuritySchemePlan {
        name: name.to_owned(),
        method_name,
        kind,
        description: scheme["description"].as_str().map(str::to_owned),
        token_url: scheme["flows"]["clientCredentials"]["tokenUrl"]
            .as_str()
            .map(str::to_owned),
        scopes,
    }
}

fn kind(scheme: &Value) -> SchemeKind {
    let lower = |keyword: &str| scheme[keyword].as_str().unwrap_or_default().to_lowercase();
    match (&*lower("type"), &*lower("scheme"), &*lower("in")) {
        ("http", "bearer", _) | ("oauth2" | "openidconnect", ..) => SchemeKind::Bearer,
        ("http", "basic", _) => SchemeKind::Basic,
        ("mutualtls", ..) => SchemeKind::MutualTls,
        ("apikey", _, place) => match (place, scheme["name"].as_str()) {
            ("header", Some(name)) => SchemeKind::Header(name.to_owned()),
            ("query", Some(name)) => SchemeKind::Query(name.to_owned()),
            ("cookie", Some(name)) => SchemeKind::Cookie(name.to_owned()),
            _ => SchemeKind::Other,
        },
        _ => SchemeKind::Other,
    }
}

/// The name of the builder's method for a scheme.
fn free(name: &str, methods: &mut BTreeSet<String>) -> String {
    let others = (2..).map(|count| format!("{name}-scheme-{count}"));
    let mut wanted = [name.to_owned(), format!("{name}-scheme")]
        .into_iter()
        .chain(others)
        .map(|name| snake(&name));
    // The range is infinite.
    loop {
        let method = wanted.next().unwrap_or_default();
        if methods.insert(method.clone()) {
            return method;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::notes_of;

    #[test]
    fn each_scheme_has_a_kind_and_a_unique_method() {
        let mut root = json!({
            "paths": { "/a": { "get": { "security": [{ "Key": [], "Unknown": [] }] } } },
            "components": { "securitySchemes": {
                "Key": { "type": "apiKey", "in": "header", "name": "X-Key" },
                "key": { "type": "apiKey", "in": "query", "name": "k" },
                "Session": { "type": "apiKey", "in": "cookie", "name": "sid" },
                "Alias": { "$ref": "#/components/securitySchemes/Session" },
                "timeout": { "type": "http", "scheme": "Basic" },
                "Token": { "type": "http", "scheme": "bearer", "description": "A token." },
                "OAuth": { "type": "oauth2", "flows": {
                    "clientCredentials": { "tokenUrl": "/token", "scopes": { "read": "Reads." } },
                    "implicit": { "authorizationUrl": "/a", "scopes": { "write": "Writes." } },
                } },
                "Certificate": { "type": "mutualTLS" },
                "Digest": { "type": "http", "scheme": "digest" },
                "Odd": { "type": "apiKey" },
            } },
        });
        let (plans, notes) = notes_of(NAME, &mut root, take);
        assert_eq!(root["components"], json!({}));
        let found: Vec<_> = plans
            .iter()
            .map(|plan| (&*plan.name, &*plan.method_name, plan.kind.clone()))
            .collect();
        let name = str::to_owned;
        assert_eq!(
            found,
            [
                ("Key", "key", SchemeKind::Header(name("X-Key"))),
                ("key", "key_scheme", SchemeKind::Query(name("k"))),
                ("Session", "session", SchemeKind::Cookie(name("sid"))),
                ("Alias", "alias", SchemeKind::Cookie(name("sid"))),
                ("timeout", "timeout_scheme", SchemeKind::Basic),
                ("Token", "token", SchemeKind::Bearer),
                ("OAuth", "o_auth", SchemeKind::Bearer),
                ("Certificate", "client_certificate", SchemeKind::MutualTls),
                ("Digest", "digest", SchemeKind::Other),
                ("Odd", "odd", SchemeKind::Other),
                ("Unknown", "unknown", SchemeKind::Other),
            ]
        );
        assert_eq!(plans[6].token_url.as_deref(), Some("/token"));
        let scopes: Vec<&str> = plans[6].scopes.keys().map(String::as_str).collect();
        assert_eq!(scopes, ["read", "write"]);
        assert_eq!(notes.len(), 2, "{notes:?}");
    }
}
