//! Finds the operation of an exchange.

use openapi_document::{Node, Pointer, Segment, operation};
use serde_json::Value;

use crate::exchange::{Exchange, RequestPath};

/// The operations of a document.
pub(crate) struct Operations {
    all: Vec<Operation>,
}

/// One operation of a document.
pub(crate) struct Operation {
    /// The `operationId`, otherwise method and path: `GET /roles`.
    pub(crate) id: String,
    /// Its location in the document.
    pub(crate) pointer: Pointer,
    method: String,
    path: String,
    segments: Vec<Segment>,
    /// The paths of its servers, as segments.
    servers: Vec<Vec<String>>,
}

impl Operations {
    pub(crate) fn of(root: &Value) -> Self {
        let operations = operation::Operation::all(root).into_iter();
        let operations = operations.map(|operation| {
            let servers = operation.servers();
            let servers = servers.map_or(Vec::new(), |servers| servers.elements());
            let id = operation.node.string("operationId");
            Operation {
                id: id.map_or_else(|| operation.request(), str::to_owned),
                segments: segments(&operation.path)
                    .map(|segment| Segment::parse(segment, &mut Vec::new(), |_| false))
                    .collect(),
                servers: servers.iter().filter_map(path_of).collect(),
                method: operation.method.to_ascii_uppercase(),
                path: operation.path,
                pointer: operation.node.pointer,
            }
        });
        Self {
            all: operations.collect(),
        }
    }

    /// Returns the operation of an exchange. If several templates match, the most specific is used.
    ///
    /// The path may start with that of a server. A server that the document does not name, such as a proxy,
    /// may prepend any path.
    pub(crate) fn find(&self, exchange: &Exchange) -> Option<&Operation> {
        let mut of_method = self.all.iter().filter(|one| one.method == exchange.method);
        let path = match &exchange.path {
            RequestPath::Template(path) => return of_method.find(|one| one.path == *path),
            RequestPath::Concrete(path) => path,
        };
        let of_method: Vec<&Operation> = of_method.collect();
        let given: Vec<&str> = segments(path).collect();
        let by_server = of_method.iter().copied().filter(|one| {
            let bases = one.servers.iter();
            let mut rests = bases.filter_map(|base| {
                let base: Vec<&str> = base.iter().map(String::as_str).collect();
                given.strip_prefix(base.as_slice())
            });
            rests.any(|rest| one.matches(rest))
        });
        most_specific(by_server).or_else(|| {
            let mut rests = (0..given.len()).map(|start| &given[start..]);
            rests.find_map(|rest| {
                most_specific(of_method.iter().copied().filter(|one| one.matches(rest)))
            })
        })
    }
}

impl Operation {
    fn matches(&self, path: &[&str]) -> bool {
        let pairs = || self.segments.iter().zip(path);
        self.segments.len() == path.len()
            && pairs().all(|(segment, text)| segment.matches(text, &mut Vec::new()))
    }
}

fn most_specific<'a>(operations: impl Iterator<Item = &'a Operation>) -> Option<&'a Operation> {
    // In each segment, a literal precedes a parameter.
    operations.max_by_key(|operation| {
        let segments = operation.segments.iter();
        let rank = |segment: &Segment| match segment.literal() {
            Some(_) => usize::MAX,
            None => segment.specificity(),
        };
        segments.map(rank).collect::<Vec<_>>()
    })
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').skip(1)
}

/// The path of a server, as segments.
fn path_of(server: &Node<'_>) -> Option<Vec<String>> {
    let mut url = server.string("url")?.to_owned();
    for (name, variable) in server.properties("variables") {
        let default = variable.string("default").unwrap_or_default();
        url = url.replace(&format!("{{{name}}}"), default);
    }
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |start| &rest[start..]),
        None => &url,
    };
    let path = path.trim_matches('/');
    let segments = path.split('/').filter(|_| !path.is_empty());
    Some(segments.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Body;
    use serde_json::json;

    fn found(method: &str, path: &str) -> Option<String> {
        let operation = |id: &str| json!({ "operationId": id });
        let root = json!({
            "servers": [{ "url": "https://{host}/v1/", "variables": { "host": { "default": "h" } } }],
            "paths": {
                "/{area}/items": { "get": operation("area") },
                "/items": { "get": operation("items"), "post": {} },
                "/items/{id}": { "get": operation("item") },
                "/items/{id}.json": { "get": operation("file") },
                "/items/new": { "get": operation("new") },
                "/other": {
                    "servers": [{ "url": "/v2" }],
                    "get": operation("other"),
                    "additionalOperations": { "COPY": operation("copy") },
                },
            },
        });
        let exchange = Exchange {
            source: String::new(),
            method: method.to_owned(),
            path: match path.contains('{') {
                true => RequestPath::Template(path.to_owned()),
                false => RequestPath::Concrete(path.to_owned()),
            },
            query: Vec::new(),
            status: 200,
            content_type: None,
            body: Body::Unrecorded,
        };
        Operations::of(&root)
            .find(&exchange)
            .map(|one| one.id.clone())
    }

    #[test]
    fn the_most_specific_template_of_the_method_is_found() {
        for (method, path, expected) in [
            ("GET", "/v1/items", Some("items")),
            ("GET", "/v2/items", Some("area")),
            ("GET", "/items", Some("items")),
            ("GET", "/proxy/v1/items/7", Some("item")),
            ("GET", "/v1/items/7.json", Some("file")),
            ("GET", "/v1/items/new", Some("new")),
            ("GET", "/v2/other", Some("other")),
            ("COPY", "/v2/other", Some("copy")),
            ("POST", "/v1/items", Some("POST /items")),
            ("GET", "/items/{id}", Some("item")),
            ("GET", "/items/{other}", None),
            ("DELETE", "/v1/items", None),
            ("GET", "/v1/nothing", None),
        ] {
            assert_eq!(found(method, path).as_deref(), expected, "{method} {path}");
        }
    }
}
