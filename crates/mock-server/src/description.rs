//! The served document: every operation with the constraints of its requests and responses.
//!
//! References to parameters, bodies, responses, headers and security schemes are resolved here. Schemas
//! keep their references, because they may be recursive; the references are pointers into
//! [`Description::root`].

use std::fmt;
use std::str::FromStr as _;

use http::Method;
use openapi_document::walk::{ADDITIONAL_OPERATIONS, METHODS};
use openapi_document::{Diagnostic, Document, Node, Pointer, check, is_json_lines};
use serde_json::{Map, Value};

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

    /// True if the body is bytes by its schema in the document `root`, whatever its media type is: OpenAPI
    /// 3.0 has the format `binary` for it, 3.1 a `contentMediaType` without `contentEncoding`.
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
        let reader = Reader {
            document: &document,
        };
        let operations = reader.operations()?;
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

    /// The whole document, for resolving `$ref`. Its choices say what decides them.
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// What the server does not check, because its validator cannot compile it: patterns of schemas.
    pub fn unchecked(&self) -> Vec<Diagnostic> {
        let patterns = unsupported_patterns(&self.document.root).into_iter();
        let diagnostics = patterns.map(|(place, pattern)| {
            self.document.diagnostic(
                &place,
                format!("the pattern `{pattern}` cannot be compiled, and is not checked"),
                "write it as ECMA-262 has it, without possessive quantifiers and recursion",
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

struct Reader<'a> {
    document: &'a Document,
}

/// An object of the document and its location, with references resolved.
#[derive(Clone)]
struct Found<'a> {
    value: &'a Value,
    pointer: Pointer,
}

impl<'a> Found<'a> {
    fn string(&self, key: &str) -> Option<&'a str> {
        self.value.get(key)?.as_str()
    }

    fn boolean(&self, key: &str) -> Option<bool> {
        self.value.get(key)?.as_bool()
    }
}

impl<'a> Reader<'a> {
    fn operations(&self) -> Result<Vec<Operation>, Diagnostic> {
        let root = self.root();
        let mut operations = Vec::new();
        for (path, item) in self.properties(&root, "paths") {
            for name in item.value.as_object().into_iter().flat_map(Map::keys) {
                let methods: Vec<&str> = match name.as_str() {
                    ADDITIONAL_OPERATIONS => {
                        let additional = item.value[name].as_object().into_iter();
                        additional.flat_map(Map::keys).map(String::as_str).collect()
                    }
                    // Only lower case names are methods in OpenAPI.
                    method if METHODS.contains(&method) => vec![method],
                    _ => Vec::new(),
                };
                for method in methods {
                    if let Ok(parsed) = Method::from_str(&method.to_uppercase()) {
                        operations.push(self.operation(path, &item, method, parsed)?);
                    }
                }
            }
        }
        Ok(operations)
    }

    fn operation(
        &self,
        path: &str,
        item: &Found<'a>,
        key: &str,
        method: Method,
    ) -> Result<Operation, Diagnostic> {
        let holder = match METHODS.contains(&key) {
            true => Pointer::root(),
            false => Pointer::of([ADDITIONAL_OPERATIONS]),
        };
        let place = holder.join(key);
        let value = place.get(item.value).unwrap_or(&Value::Null);
        let object = self.found(place.below(&item.pointer), value);
        let id = object.string("operationId");
        let mut parameters: Vec<Parameter> = Vec::new();
        let own = self.items(&object, "parameters");
        for found in own.chain(self.items(item, "parameters")) {
            let parameter = self.parameter(&found)?;
            let same = |known: &Parameter| {
                (&known.name, known.location) == (&parameter.name, parameter.location)
            };
            if !parameters.iter().any(same) {
                parameters.push(parameter);
            }
        }
        let body = object.value.get("requestBody").map(|body| {
            let body = self.found(object.pointer.join("requestBody"), body);
            RequestBody {
                required: body.boolean("required").unwrap_or(false),
                content: self.content(&body),
                pointer: body.pointer,
            }
        });
        let responses = self.properties(&object, "responses");
        let responses = responses.filter(|(status, _)| !status.starts_with("x-"));
        Ok(Operation {
            id: id.map_or_else(|| format!("{method} {path}"), str::to_owned),
            method,
            path: path.to_owned(),
            base_path: base_path(object.value)
                .or_else(|| base_path(item.value))
                .or_else(|| base_path(&self.document.root))
                .unwrap_or_default(),
            parameters,
            body,
            responses: responses
                .map(|(status, found)| self.response(&object, status, found))
                .collect::<Result<_, _>>()?,
            security: self.security(&object)?,
            pointer: object.pointer,
        })
    }

    fn parameter(&self, found: &Found<'a>) -> Result<Parameter, Diagnostic> {
        let rejected = |message: &str, hint: &str| {
            let pointer = &found.pointer;
            Err(self.document.diagnostic(pointer, message, hint))
        };
        let Some(name) = found.string("name") else {
            return rejected("the parameter has no name", "give it a `name`");
        };
        let Some(location) = found.string("in").and_then(Location::named) else {
            return rejected(
                "the parameter has no valid location",
                "give it `in: path`, `query`, `header` or `cookie`",
            );
        };
        let style = found.string("style").unwrap_or(match location {
            Location::Path | Location::Header => "simple",
            Location::Query | Location::Cookie => "form",
        });
        let (content, schema_pointer) = self.media_type_or_schema(found);
        let allows_empty = match location {
            Location::Path => "x-allow-empty",
            _ => "allowEmptyValue",
        };
        Ok(Parameter {
            name: name.to_owned(),
            location,
            required: location == Location::Path || found.boolean("required") == Some(true),
            style: style.to_owned(),
            explode: found.boolean("explode").unwrap_or(style == "form"),
            schema: self.schema(&schema_pointer),
            content,
            empty: found.boolean(allows_empty).unwrap_or(false),
            pointer: found.pointer.clone(),
            schema_pointer,
        })
    }

    /// The media type of a parameter or header with `content`, and the location of its schema.
    fn media_type_or_schema(&self, found: &Found<'a>) -> (Option<String>, Pointer) {
        match self.properties(found, "content").next() {
            Some((media_type, content)) => {
                (Some(media_type.to_owned()), content.pointer.join("schema"))
            }
            None => (None, found.pointer.join("schema")),
        }
    }

    fn schema(&self, pointer: &Pointer) -> Value {
        let schema = pointer.get(&self.document.root);
        schema.cloned().unwrap_or(Value::Bool(true))
    }

    fn content(&self, found: &Found<'a>) -> Vec<Content> {
        let content = self.properties(found, "content");
        content
            .map(|(media_type, found)| Content {
                media_type: media_type.to_owned(),
                schema: found.value.get("schema").cloned(),
                encoding: found.value.get("encoding").cloned().unwrap_or_default(),
                examples: self.examples(&found),
                pointer: found.pointer,
            })
            .collect()
    }

    fn examples(&self, found: &Found<'a>) -> Vec<(String, Value)> {
        let single = found.value.get("example").cloned();
        let named = self
            .properties(found, "examples")
            .filter_map(|(name, example)| {
                Some((name.to_owned(), example.value.get("value")?.clone()))
            });
        let single = single.map(|example| (String::new(), example));
        single.into_iter().chain(named).collect()
    }

    fn response(
        &self,
        operation: &Found<'a>,
        status: &str,
        found: Found<'a>,
    ) -> Result<Response, Diagnostic> {
        let Some(status) = Status::parse(status) else {
            return Err(self.document.diagnostic(
                &operation.pointer.join("responses").join(status),
                format!("`{status}` is not a valid status"),
                "use a code from 100 to 599, a range such as `4XX`, or `default`",
            ));
        };
        let headers = self.properties(&found, "headers").map(|(name, header)| {
            let (content, schema_pointer) = self.media_type_or_schema(&header);
            Header {
                name: name.to_owned(),
                required: header.boolean("required").unwrap_or(false),
                schema: self.schema(&schema_pointer),
                content,
                examples: self.examples(&header),
                pointer: header.pointer,
            }
        });
        Ok(Response {
            status,
            content: self.content(&found),
            headers: headers.collect(),
            pointer: found.pointer,
        })
    }

    /// The security requirements of the operation, otherwise those of the document.
    fn security(&self, operation: &Found<'a>) -> Result<Vec<Requirement>, Diagnostic> {
        let root = self.root();
        let holder = match operation.value.get("security") {
            Some(_) => operation,
            None => &root,
        };
        let requirements = self.items(holder, "security");
        requirements
            .map(|requirement| {
                let properties = requirement.value.as_object().into_iter().flatten();
                let schemes = properties.map(|(name, scopes)| {
                    let scopes = scopes.as_array().into_iter().flatten();
                    Ok(Scheme {
                        name: name.clone(),
                        credential: self.credential(&requirement.pointer.join(name), name)?,
                        scopes: scopes
                            .filter_map(Value::as_str)
                            .map(str::to_owned)
                            .collect(),
                    })
                });
                Ok(Requirement {
                    schemes: schemes.collect::<Result<_, _>>()?,
                })
            })
            .collect()
    }

    fn credential(&self, named_at: &Pointer, name: &str) -> Result<Credential, Diagnostic> {
        let pointer = Pointer::of(["components", "securitySchemes", name]);
        let Some(scheme) = pointer.get(&self.document.root) else {
            return Err(self.document.diagnostic(
                named_at,
                format!("the security scheme `{name}` is not declared"),
                "add it to `components/securitySchemes`",
            ));
        };
        let scheme = self.found(pointer, scheme);
        let known = match scheme.string("type") {
            Some("http") => scheme.string("scheme").map(|scheme| {
                let scheme = scheme.to_ascii_lowercase();
                match scheme.as_str() {
                    "basic" => Credential::Basic,
                    "bearer" => Credential::Bearer,
                    _ => Credential::Http(scheme),
                }
            }),
            Some("oauth2" | "openIdConnect") => Some(Credential::Bearer),
            Some("mutualTLS") => Some(Credential::MutualTls),
            Some("apiKey") => scheme
                .string("in")
                .and_then(Location::named)
                .filter(|location| *location != Location::Path)
                .zip(scheme.string("name"))
                .map(|(location, name)| Credential::ApiKey {
                    location,
                    name: name.to_owned(),
                }),
            _ => None,
        };
        known.ok_or_else(|| {
            self.document.diagnostic(
                &scheme.pointer,
                format!("the security scheme `{name}` has no valid type"),
                "set `type` to an OpenAPI type, and `scheme`, or `in` and `name`, if the type requires \
                     them",
            )
        })
    }

    fn root(&self) -> Found<'a> {
        Found {
            value: &self.document.root,
            pointer: Pointer::root(),
        }
    }

    /// The entries of the object under `name`, with references resolved.
    fn properties(
        &self,
        found: &Found<'a>,
        name: &str,
    ) -> impl Iterator<Item = (&'a str, Found<'a>)> + use<'_, 'a> {
        let pointer = found.pointer.join(name);
        let properties = found.value.get(name).and_then(Value::as_object);
        properties
            .into_iter()
            .flatten()
            .map(move |(name, value)| (name.as_str(), self.found(pointer.join(name), value)))
    }

    /// The items of the array under `name`, with references resolved.
    fn items(
        &self,
        found: &Found<'a>,
        name: &str,
    ) -> impl Iterator<Item = Found<'a>> + use<'_, 'a> {
        let pointer = found.pointer.join(name);
        let items = found.value.get(name).and_then(Value::as_array);
        items
            .into_iter()
            .flatten()
            .enumerate()
            .map(move |(index, value)| self.found(pointer.join(index), value))
    }

    fn found(&self, pointer: Pointer, value: &'a Value) -> Found<'a> {
        let Node { pointer, value } = Node { pointer, value }.followed(&self.document.root);
        Found { value, pointer }
    }
}

/// The path of the first server in the `servers` of an object.
fn base_path(holder: &Value) -> Option<String> {
    let server = holder.get("servers")?.as_array()?.first()?;
    let mut url = server.get("url")?.as_str()?.to_owned();
    let variables = server.get("variables").and_then(Value::as_object);
    for (name, variable) in variables.into_iter().flatten() {
        let default = variable.get("default").and_then(Value::as_str);
        url = url.replace(&format!("{{{name}}}"), default.unwrap_or_default());
    }
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |start| &rest[start..]),
        None => &url,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_matches('/');
    Some(match path {
        "" => String::new(),
        path => format!("/{path}"),
    })
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
