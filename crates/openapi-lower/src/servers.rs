//! The servers of single operations. Generated code has one base URL, so an operation records how its own
//! server differs from it.

use openapi_document::Pointer;
use serde_json::Value;

use crate::Notes;

/// The base URL of an operation with `servers`, where the document has `common`: its first server, with the
/// default values of its variables. If it has the same host as the first server of the document, only its
/// path is returned, so that a client for another host can use it. `None` if it is the first server of the
/// document.
pub(crate) fn own(
    servers: &Value,
    common: &Value,
    pointer: &Pointer,
    notes: &mut Notes,
) -> Option<String> {
    let (template, common) = (url(&servers[0]), url(&common[0]));
    if template == common {
        notes.add(
            pointer,
            "removed the servers",
            "the document has the same server",
        );
        return None;
    }
    let server = match (split(template), split(common)) {
        ((host, path), (common, _)) if host == common => match path {
            "" => "/".to_owned(),
            path => path.to_owned(),
        },
        _ => template.to_owned(),
    };
    let mut filled = server.clone();
    for (name, variable) in servers[0]["variables"].as_object().into_iter().flatten() {
        let default = variable["default"].as_str().unwrap_or_default();
        filled = filled.replace(&format!("{{{name}}}"), default);
    }
    notes.add(
        pointer,
        format!("set the base URL to `{filled}`"),
        "the operation has its own server",
    );
    Some(filled)
}

/// The default is the root (OpenAPI 3.1.1, OpenAPI Object, `servers`).
fn url(server: &Value) -> &str {
    server["url"].as_str().unwrap_or("/")
}

/// The scheme and host of a server, empty for a relative one, and its path.
fn split(url: &str) -> (&str, &str) {
    let host = url.find("://").map_or(0, |scheme| {
        let host = scheme + "://".len();
        url[host..].find('/').map_or(url.len(), |path| host + path)
    });
    url.split_at(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::plans;
    use crate::testing::notes_of;
    use serde_json::json;

    /// The server of an operation that lists `servers`, in a document that lists `common`.
    fn own_of(servers: &Value, common: &Value) -> Option<String> {
        let mut document = json!({
            "servers": common,
            "paths": { "/a": { "get": { "servers": servers } } },
        });
        let (plans, notes) = notes_of(plans::NAME, &mut document, plans::take);
        let plans = plans.expect("can be followed");
        assert_eq!((plans.len(), notes.len()), (1, 1));
        plans[0].server.clone()
    }

    #[test]
    fn a_server_of_another_host_is_a_url_and_one_of_the_same_host_a_path() {
        for (own, common, expected) in [
            ("https://a.example", "https://a.example", None),
            (
                "https://b.example/v1",
                "https://a.example",
                Some("https://b.example/v1"),
            ),
            ("https://a.example/v2", "https://a.example/v1", Some("/v2")),
            ("https://a.example", "https://a.example/v1", Some("/")),
            (
                "https://{x}.example/{y}",
                "https://{x}.example/v1",
                Some("/2"),
            ),
            (
                "https://{x}.example/{y}",
                "https://a.example",
                Some("https://eu.example/2"),
            ),
            ("/v2", "https://a.example/v1", Some("/v2")),
            ("/v2", "/v1", Some("/v2")),
        ] {
            let variables = json!({ "x": { "default": "eu" }, "y": { "default": "2" } });
            let servers = json!([{ "url": own, "variables": variables }, { "url": "/other" }]);
            let found = own_of(&servers, &json!([{ "url": common }]));
            assert_eq!(found.as_deref(), expected, "{own} beside {common}");
        }
        assert_eq!(own_of(&json!([]), &Value::Null), None);
        assert_eq!(
            own_of(&json!([]), &json!([{ "url": "/v1" }])).as_deref(),
            Some("/")
        );
    }
}
