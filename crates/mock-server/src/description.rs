//! The served document: every operation with the constraints of its requests and responses.
//!
//! References to parameters, bodies, responses, headers and security schemes are resolved here. Schemas
//! keep their references, because they may be recursive; the references are pointers into
//! [`Description::root`].

mod reader;

use std::fmt;

use http::Method;
use openapi_document::{Diagnostic, Document, Pointer, check, is_json_lines};
use serde_json::Value;

use self::reader::{Reader, base_path};
use crate::choices::make_explicit;
use crate::schemas::unsupported_patterns;

/// A document that can be served.
#[derive(Debug, Clone)]
pub struct Description {
    document: Document,
    /// The document with explicit choices.
    root: Value,
    base_path: String,
    operations: Vec<Operation>,
}

/// An operation of the document.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The `operationId`, otherwise method and path: `GET /roles`.
    pub id: String,
    /// The HTTP method.
    pub method: Method,
    /// The path template, without the base path.
    pub path: String,
    /// The path of the first server of the operation, without a trailing slash; `""` if there is none.
    pub base_path: String,
    /// The location of the operation in the document.
    pub pointer: Pointer,
    /// The parameters of the operation and of its path item, with references resolved. Those of the
    /// operation take precedence.
    pub parameters: Vec<Parameter>,
    /// The request body, if the operation has one.
    pub body: Option<RequestBody>,
    /// The responses, in document order.
    pub responses: Vec<Response>,
    /// The security alternatives, of which a request must satisfy one; empty if no credentials are
    /// needed.
    pub security: Vec<Requirement>,
}

/// A parameter of an operation.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its location in a request.
    pub location: Location,
    /// True if requests must contain it; always true for path parameters.
    pub required: bool,
    /// How its value is serialized: `form`, `simple`, `deepObject`, …; the default of its location if
    /// the document does not specify it.
    pub style: String,
    /// True if each item or property is serialized separately.
    pub explode: bool,
    /// The schema of its value; `true` if there is none.
    pub schema: Value,
    /// The media type of its value, for a parameter with `content`.
    pub content: Option<String>,
    /// True if the value may be empty (`allowEmptyValue`; for path parameters `x-allow-empty`).
    pub empty: bool,
    /// The location of the Parameter Object in the document.
    pub pointer: Pointer,
    /// The location of its schema in the document.
    pub schema_pointer: Pointer,
}

/// The location of a parameter in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In the `Cookie` header.
    Cookie,
}

impl Location {
    /// The OpenAPI name of the location. Violations start with it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }

    fn named(name: &str) -> Option<Self> {
        let all = [Self::Path, Self::Query, Self::Header, Self::Cookie];
        all.into_iter().find(|location| location.as_str() == name)
    }
}

/// The request body of an operation.
#[derive(Debug, Clone)]
pub struct RequestBody {
    /// True if requests must have a body.
    pub required: bool,
    /// The media types that the body may have, in document order.
    pub content: Vec<Content>,
    /// The location of the Request Body Object in the document.
    pub pointer: Pointer,
}

/// A body in one media type.
#[derive(Debug, Clone)]
pub struct Content {
    /// The media type or range, as in the document.
    pub media_type: String,
    /// The schema of the body.
    pub schema: Option<Value>,
    /// The Encoding Objects of a form by property name; null if there are none.
    pub encoding: Value,
    /// The examples by name. The value of `example` has the name `""`.
    pub examples: Vec<(String, Value)>,
    /// The location of the Media Type Object in the document.
    pub pointer: Pointer,
}

impl Content {
    /// The location of the schema in the document, if there is one.
    pub fn schema_pointer(&self) -> Pointer {
        self.pointer.join("schema")
    }

    /// The location of the schema of one line in the document `root`, if the body is JSON Lines: the
    /// `itemSchema`, the items of an array schema, or the schema itself. `None` for a schema of type
    /// `string`, which does not describe the lines.
    pub fn line_pointer(&self, root: &Value) -> Option<Pointer> {
        if !is_json_lines(&self.media_type) {
            return None;
        }
        let item = self.pointer.join("itemSchema");
        if item.get(root).is_some() {
            return Some(item);
        }
        let schema = self.schema_pointer().resolved(root);
        match schema.get(root)?.get("type").and_then(Value::as_str) {
            Some("array") => Some(schema.join("items")),
            Some("string") => None,
            _ => Some(schema),
        }
    }

    /// True if the body is bytes by its schema in the document `root`, for every media type: OpenAPI 3.0
    /// uses the format `binary`, 3.1 a `contentMediaType` without `contentEncoding`.
    pub fn is_binary(&self, root: &Value) -> bool {
        let Some(schema) = self.schema_pointer().resolved(root).get(root) else {
            return false;
        };
        let has_media_type = schema.get("contentMediaType").is_some();
        let is_encoded = schema.get("contentEncoding").is_some();
        schema["type"] == "string"
            && (schema["format"] == "binary" || has_media_type && !is_encoded)
    }

    /// True if the body is JSON: `application/json`, `text/json` or a media type with `+json`.
    pub fn is_json(&self) -> bool {
        is_json(&self.media_type)
    }
}

/// True if a media type, with or without parameters, is JSON (RFC 6839, section 3.1).
pub(crate) fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json") || essence == "text/json"
}

/// A documented response of an operation.
#[derive(Debug, Clone)]
pub struct Response {
    /// The statuses that it applies to.
    pub status: Status,
    /// The body in each media type, in document order; empty if there is no body.
    pub content: Vec<Content>,
    /// The response headers.
    pub headers: Vec<Header>,
    /// The location of the Response Object in the document.
    pub pointer: Pointer,
}

/// The statuses that a response applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// A single status, such as `404`.
    Code(u16),
    /// A range; the value for `4XX` is 4.
    Range(u8),
    /// All statuses without another response.
    Default,
}

impl Status {
    fn parse(text: &str) -> Option<Self> {
        if text == "default" {
            return Some(Self::Default);
        }
        if let Ok(code) = text.parse() {
            return (100..600).contains(&code).then_some(Self::Code(code));
        }
        match text.as_bytes() {
            [hundred @ b'1'..=b'5', b'x' | b'X', b'x' | b'X'] => Some(Self::Range(hundred - b'0')),
            _ => None,
        }
    }
}

/// Formats the status as in the document.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Range(hundred) => write!(f, "{hundred}XX"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A response header.
#[derive(Debug, Clone)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// True if responses always contain it.
    pub required: bool,
    /// The schema of its value; `true` if there is none.
    pub schema: Value,
    /// The media type of its value, for a header with `content`.
    pub content: Option<String>,
    /// The examples by name. The value of `example` has the name `""`.
    pub examples: Vec<(String, Value)>,
    /// The location of the Header Object in the document.
    pub pointer: Pointer,
}

/// A security alternative: all of its schemes must be satisfied.
#[derive(Debug, Clone, Default)]
pub struct Requirement {
    /// The required schemes; empty if the alternative needs no credentials.
    pub schemes: Vec<Scheme>,
}

/// A security scheme in a requirement.
#[derive(Debug, Clone)]
pub struct Scheme {
    /// Its name in the document.
    pub name: String,
    /// The kind of credentials.
    pub credential: Credential,
    /// The required scopes.
    pub scopes: Vec<String>,
}

/// The credentials that satisfy a security scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// `Authorization: Basic …` (RFC 7617).
    Basic,
    /// `Authorization: Bearer …` (RFC 6750). Also used for OAuth 2 and OpenID Connect.
    Bearer,
    /// `Authorization` with another scheme, in lower case.
    Http(String),
    /// An API key.
    ApiKey {
        /// Its location; never the path.
        location: Location,
        /// The name of the header, query parameter or cookie.
        name: String,
    },
    /// A client certificate, which is not part of the request.
    MutualTls,
}

impl Description {
    /// Reads the operations of a document, after its overlay was applied.
    ///
    /// # Errors
    /// The document fails [`openapi_document::check()`]; a parameter has no valid location; a status is
    /// invalid; a security scheme is not declared or of an unknown type.
    pub fn of(document: Document) -> Result<Self, Diagnostic> {
        let document = check(&document)?.document;
        let operations = Reader::of(&document).operations()?;
        let base_path = base_path(&document.root).unwrap_or_default();
        let mut root = document.root.clone();
        make_explicit(&mut root);
        Ok(Self {
            document,
            root,
            base_path,
            operations,
        })
    }

    /// The whole document, for resolving `$ref`. Its choices contain the conditions of their branches.
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// The patterns of schemas that the server does not check, because its validator cannot compile
    /// them.
    pub fn unchecked(&self) -> Vec<Diagnostic> {
        let patterns = unsupported_patterns(&self.document.root).into_iter();
        let diagnostics = patterns.map(|(place, pattern)| {
            self.document.diagnostic(
                &place,
                format!("the pattern `{pattern}` cannot be compiled, and is not checked"),
                "use the syntax of ECMA-262, without possessive quantifiers and recursion",
            )
        });
        diagnostics.collect()
    }

    /// The document with its file name and positions, for diagnostics.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The path of the document's first server, with variables at their defaults and without a trailing
    /// slash; `""` if there is none.
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// The operations, in document order.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Returns the operation with this id.
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }
}

impl Operation {
    /// Returns the documented response for a status: that of the status itself, otherwise of its range,
    /// otherwise the default.
    pub fn response(&self, status: u16) -> Option<&Response> {
        let hundred = u8::try_from(status / 100).unwrap_or_default();
        let wanted = [
            Status::Code(status),
            Status::Range(hundred),
            Status::Default,
        ];
        wanted.iter().find_map(|wanted| {
            self.responses
                .iter()
                .find(|response| response.status == *wanted)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(text: &str) -> Result<Description, Diagnostic> {
        let text = format!("openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\n{text}");
        Description::of(Document::parse("spec.yaml", text).expect("parses"))
    }

    #[test]
    fn the_base_path_is_that_of_the_first_server_with_default_variables() {
        for (servers, path) in [
            ("[]", ""),
            ("[{url: 'https://api.example.com'}]", ""),
            ("[{url: 'https://api.example.com/v1/'}, {url: /v2}]", "/v1"),
            ("[{url: /v1}]", "/v1"),
            (
                "[{url: 'https://{env}.example.com/{version}', variables: {env: {default: a/b}, version: {default: v3}}}]",
                "/b.example.com/v3",
            ),
        ] {
            let description = described(&format!("servers: {servers}\n")).expect("is served");
            assert_eq!(description.base_path(), path, "{servers}");
        }
    }

    #[test]
    fn operation_parameters_override_path_item_parameters() {
        let description = described(
            "paths:
  /a:
    parameters: [{name: p, in: query}, {name: p, in: header}]
    get:
      parameters: [{$ref: '#/components/parameters/P'}]
components: {parameters: {P: {name: p, in: query, required: true, schema: {type: integer}}}}",
        )
        .expect("is served");
        let operation = &description.operations()[0];
        assert_eq!(operation.id, "GET /a");
        let [own, inherited] = &operation.parameters[..] else {
            panic!("two parameters, not {:?}", operation.parameters);
        };
        assert!(own.required && own.explode);
        assert_eq!(own.style, "form");
        assert_eq!(own.pointer.to_string(), "#/components/parameters/P");
        assert_eq!(
            own.schema_pointer.get(description.root()),
            Some(&own.schema)
        );
        assert_eq!(inherited.location, Location::Header);
        assert!(!inherited.explode);
    }

    #[test]
    fn operations_of_any_method_are_served() {
        let text = "paths: {/a: {query: {operationId: b}, additionalOperations: {PURGE: {operationId: c}}}}";
        let description = described(text).expect("is served");
        let operations = description.operations().iter();
        let operations = operations.map(|it| (it.method.as_str(), it.id.as_str()));
        assert_eq!(
            operations.collect::<Vec<_>>(),
            [("QUERY", "b"), ("PURGE", "c")]
        );
    }

    #[test]
    fn a_response_is_selected_by_code_then_range_then_default() {
        let description =
            described("paths: {/a: {get: {responses: {'404': {}, 4XX: {}, default: {}}}}}")
                .expect("is served");
        let operation = &description.operations()[0];
        for (status, found) in [
            (404, Status::Code(404)),
            (400, Status::Range(4)),
            (500, Status::Default),
        ] {
            assert_eq!(
                operation.response(status).map(|response| response.status),
                Some(found)
            );
        }
    }

    #[test]
    fn operation_security_overrides_document_security() {
        let description = described(
            "security: [{Key: []}]
paths:
  /a: {get: {}}
  /b: {get: {security: []}}
  /c: {get: {security: [{Key: [], Token: [read]}, {}]}}
components:
  securitySchemes:
    Key: {type: apiKey, in: header, name: X-Key}
    Token: {type: oauth2, flows: {}}",
        )
        .expect("is served");
        let of = |path: &str| {
            let operation = description.operation(&format!("GET {path}"));
            operation.expect("is there").security.clone()
        };
        assert!(
            matches!(&of("/a")[0].schemes[0].credential, Credential::ApiKey { name, .. } if name == "X-Key")
        );
        assert!(of("/b").is_empty());
        let [both, none] = &of("/c")[..] else {
            panic!("two alternatives");
        };
        assert_eq!(both.schemes[1].credential, Credential::Bearer);
        assert_eq!(both.schemes[1].scopes, ["read"]);
        assert!(none.schemes.is_empty());
    }

    #[test]
    fn an_invalid_document_is_rejected_with_its_position() {
        for (document, message) in [
            (
                "paths: {/a: {get: {responses: {ok: {}}}}}",
                "spec.yaml:3:32: `ok` is not a valid status",
            ),
            (
                "paths: {/a: {get: {security: [{Key: []}]}}}",
                "spec.yaml:3:32: the security scheme `Key` is not declared",
            ),
            (
                "paths: {/a: {get: {security: [{Key: []}]}}}\ncomponents: {securitySchemes: {Key: {type: apiKey}}}",
                "spec.yaml:4:32: the security scheme `Key` has no valid type",
            ),
        ] {
            let rejected = described(document).expect_err("is rejected").to_string();
            assert!(rejected.starts_with(message), "{rejected}");
        }
    }
}
