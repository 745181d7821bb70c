//! The read model of an operation: its request and responses, with resolved references and with the parts
//! that the path item and the document add.
//!
//! The model borrows from the JSON of the document, so it can read documents that a typed model would
//! reject. Missing and malformed parts are omitted.
//!
//! ```
//! use openapi_document::operation::Operation;
//! use serde_json::json;
//!
//! let root = json!({
//!     "paths": { "/a/{id}": {
//!         "parameters": [{ "$ref": "#/components/parameters/Id" }],
//!         "get": { "responses": { "200": { "description": "" } } },
//!     } },
//!     "components": { "parameters": { "Id": { "name": "id", "in": "path" } } },
//! });
//! let operations = Operation::all(&root);
//! assert_eq!(operations[0].request(), "GET /a/{id}");
//! assert_eq!(operations[0].parameters()[0].name, "id");
//! assert_eq!(operations[0].responses()[0].0, "200");
//! ```

use serde_json::Value;

use crate::walk::{self, is_extension, item_of};
use crate::{Node, Pointer, essence};

/// An operation of a document.
#[derive(Debug, Clone)]
pub struct Operation<'a> {
    root: &'a Value,
    /// The Operation Object.
    pub node: Node<'a>,
    /// The Path Item Object of the operation.
    pub item: Node<'a>,
    /// The path template, or the name of a webhook or another owner of the path item.
    pub path: String,
    /// The method as the document writes it.
    pub method: String,
}

impl<'a> Operation<'a> {
    /// The operations that clients call, in the order of the document.
    pub fn all(root: &'a Value) -> Vec<Self> {
        let operations = walk::operations(root).into_iter();
        operations
            .filter_map(|(pointer, ..)| Self::at(root, &pointer))
            .collect()
    }

    /// The operation at `pointer` in the paths of the document.
    pub fn at(root: &'a Value, pointer: &Pointer) -> Option<Self> {
        let tokens: Vec<String> = pointer.tokens().collect();
        Some(Self {
            root,
            node: Node::at(root, pointer.clone())?,
            item: Node::at(root, item_of(pointer))?,
            path: tokens.get(1)?.clone(),
            method: tokens.last()?.clone(),
        })
    }

    /// The operations of a path item, such as that of a webhook, in the order of the path item. `path` is
    /// its path or name.
    pub fn of_item(root: &'a Value, path: &str, item: Node<'a>) -> Vec<Self> {
        let item = item.followed(root);
        let methods = walk::methods(item.value).into_iter();
        methods
            .filter_map(|method| {
                Some(Self {
                    root,
                    node: Node::at(root, walk::method_pointer(&item.pointer, method))?,
                    item: item.clone(),
                    path: path.to_owned(),
                    method: method.to_owned(),
                })
            })
            .collect()
    }

    /// Method and path: `GET /roles`.
    pub fn request(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// The document of the operation.
    pub fn root(&self) -> &'a Value {
        self.root
    }

    /// The parameters of the operation, then those of its path item that it does not override.
    pub fn parameters(&self) -> Vec<Parameter<'a>> {
        let mut found: Vec<Parameter<'a>> = Vec::new();
        for holder in [&self.node, &self.item] {
            for node in holder.items("parameters") {
                let parameter = Parameter::new(node.followed(self.root));
                if !found.iter().any(|known| known.overrides(&parameter)) {
                    found.push(parameter);
                }
            }
        }
        found
    }

    /// The request body.
    pub fn request_body(&self) -> Option<Message<'a>> {
        let body = self.node.property("requestBody")?;
        Some(Message::new(self.root, body))
    }

    /// The documented responses, by their keys.
    pub fn responses(&self) -> Vec<(&'a str, Message<'a>)> {
        let responses = self.node.properties("responses").into_iter();
        responses
            .filter(|(status, _)| !is_extension(status))
            .map(|(status, response)| (status, Message::new(self.root, response)))
            .collect()
    }

    /// The list of security requirements that applies: that of the operation or of the document.
    pub fn security(&self) -> Option<Node<'a>> {
        let document = Node::document(self.root);
        let holders = [&self.node, &document];
        holders
            .into_iter()
            .find_map(|holder| holder.property("security"))
    }

    /// The list of servers that applies: that of the operation, of its path item, or of the document.
    pub fn servers(&self) -> Option<Node<'a>> {
        let document = Node::document(self.root);
        let holders = [&self.node, &self.item, &document];
        holders
            .into_iter()
            .find_map(|holder| holder.property("servers"))
    }

    /// The security scheme of a name in a requirement.
    pub fn security_scheme(&self, name: &str) -> Option<Node<'a>> {
        let place = Pointer::of(["components", "securitySchemes", name]);
        Some(Node::at(self.root, place)?.followed(self.root))
    }
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct Parameter<'a> {
    /// The Parameter Object.
    pub node: Node<'a>,
    /// The name.
    pub name: &'a str,
    /// The location: the value of `in`.
    pub location: &'a str,
}

impl<'a> Parameter<'a> {
    fn new(node: Node<'a>) -> Self {
        Self {
            name: node.string("name").unwrap_or_default(),
            location: node.string("in").unwrap_or_default(),
            node,
        }
    }

    /// True if values must be given.
    pub fn is_required(&self) -> bool {
        self.node.is_true("required")
    }

    /// True if OpenAPI ignores the parameter: three headers are described elsewhere (OpenAPI 3.1.1,
    /// Parameter Object, `name`).
    pub fn is_ignored(&self) -> bool {
        let names = ["accept", "content-type", "authorization"];
        self.location == "header" && names.contains(&self.name.to_ascii_lowercase().as_str())
    }

    /// True if both have the same name. The names of headers have no case (RFC 9110, section 5.1).
    pub fn has_name_of(&self, other: &Parameter<'_>) -> bool {
        match self.location {
            "header" => self.name.eq_ignore_ascii_case(other.name),
            _ => self.name == other.name,
        }
    }

    fn overrides(&self, other: &Parameter<'_>) -> bool {
        self.location == other.location && self.has_name_of(other)
    }
}

/// A request body or a response.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    root: &'a Value,
    /// The Request Body Object or the Response Object.
    pub node: Node<'a>,
}

impl<'a> Message<'a> {
    fn new(root: &'a Value, node: Node<'a>) -> Self {
        let node = node.followed(root);
        Self { root, node }
    }

    /// The content, in the order of the document.
    pub fn content(&self) -> Vec<MediaType<'a>> {
        let content = self.node.properties("content").into_iter();
        content
            .map(|(name, node)| MediaType {
                name,
                node: node.followed(self.root),
            })
            .collect()
    }

    /// The headers of a response, in the order of the document.
    pub fn headers(&self) -> Vec<(&'a str, Node<'a>)> {
        let headers = self.node.properties("headers").into_iter();
        headers
            .map(|(name, header)| (name, header.followed(self.root)))
            .collect()
    }
}

/// A media type of a request body or a response.
#[derive(Debug, Clone)]
pub struct MediaType<'a> {
    /// The media type or range as the document writes it.
    pub name: &'a str,
    /// The Media Type Object.
    pub node: Node<'a>,
}

impl<'a> MediaType<'a> {
    /// The name without parameters, in lower case.
    pub fn essence(&self) -> String {
        essence(self.name)
    }

    /// The schema of the whole content.
    pub fn schema(&self) -> Option<Node<'a>> {
        self.node.property("schema")
    }

    /// The schema of each item of a sequence (OpenAPI 3.2).
    pub fn item_schema(&self) -> Option<Node<'a>> {
        self.node.property("itemSchema")
    }
}

/// The schema of a parameter or a header: its own, or that of its only media type.
pub fn schema_of<'a>(holder: &Node<'a>) -> Option<Node<'a>> {
    holder.property("schema").or_else(|| {
        let (_, media) = holder.properties("content").into_iter().next()?;
        media.property("schema")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parameters_of_the_operation_override_those_of_the_path_item() {
        let header = |name: &str| json!({ "name": name, "in": "header" });
        let root = json!({ "paths": { "/a": {
            "parameters": [header("X-A"), header("X-B"), { "name": "X-A", "in": "query" }],
            "additionalOperations": { "COPY": { "parameters": [header("x-a")] } },
        } } });
        let operations = Operation::all(&root);
        let found = operations[0].parameters();
        let found: Vec<_> = found
            .iter()
            .map(|one| (one.node.pointer.as_str(), one.name))
            .collect();
        assert_eq!(
            found,
            [
                ("/paths/~1a/additionalOperations/COPY/parameters/0", "x-a"),
                ("/paths/~1a/parameters/1", "X-B"),
                ("/paths/~1a/parameters/2", "X-A"),
            ]
        );
    }

    #[test]
    fn security_and_servers_of_the_nearest_holder_apply() {
        let root = json!({
            "security": [{ "Key": [] }],
            "servers": [{ "url": "/root" }],
            "paths": { "/a": {
                "servers": [{ "url": "/item" }],
                "get": {},
                "put": { "security": [], "servers": [{ "url": "/own" }] },
            }, "/b": { "get": {} } },
        });
        let operations = Operation::all(&root);
        let places = operations.iter().map(|operation| {
            let place = |list: Option<Node<'_>>| list.map(|list| list.pointer.to_string());
            (place(operation.security()), place(operation.servers()))
        });
        let places: Vec<_> = places
            .map(|(security, servers)| (security.expect("is there"), servers.expect("is there")))
            .collect();
        let expected = [
            ("#/security", "#/paths/~1a/servers"),
            ("#/paths/~1a/put/security", "#/paths/~1a/put/servers"),
            ("#/security", "#/servers"),
        ];
        assert_eq!(
            places,
            expected.map(|(security, servers)| (security.to_owned(), servers.to_owned()))
        );
    }

    #[test]
    fn bodies_responses_headers_and_media_types_are_found_through_references() {
        let root = json!({
            "webhooks": { "w": { "$ref": "#/components/pathItems/W" } },
            "components": {
                "pathItems": { "W": { "post": {
                    "requestBody": { "$ref": "#/components/requestBodies/B" },
                    "responses": {
                        "200": { "$ref": "#/components/responses/R" },
                        "x-note": {},
                    },
                } } },
                "requestBodies": { "B": { "content": { "Application/JSON; charset=utf-8": { "schema": {} } } } },
                "responses": { "R": { "headers": { "X-H": { "$ref": "#/components/headers/H" } } } },
                "headers": { "H": { "content": { "application/json": { "schema": { "type": "integer" } } } } },
            },
        });
        let item = Node::at(&root, Pointer::of(["webhooks", "w"])).expect("is there");
        let operations = Operation::of_item(&root, "webhook w", item);
        let [operation] = operations.as_slice() else {
            panic!("{operations:?}");
        };
        assert_eq!(operation.request(), "POST webhook w");
        let at = "/components/pathItems/W/post";
        assert_eq!(operation.node.pointer.as_str(), at);
        let content = operation.request_body().expect("has a body").content();
        assert_eq!(content[0].essence(), "application/json");
        assert!(content[0].schema().is_some());
        let responses = operation.responses();
        let [("200", response)] = responses.as_slice() else {
            panic!("{responses:?}");
        };
        let headers = response.headers();
        assert_eq!(headers[0].0, "X-H");
        let schema = schema_of(&headers[0].1).expect("has a schema");
        assert_eq!(schema.value, &json!({ "type": "integer" }));
    }
}
