//! Reads the operations of a document, with references resolved.
//!
//! The mock server does not use the reader of [`openapi_document`], so that a defect of one reader shows as a
//! difference from the other.

use std::str::FromStr as _;

use http::Method;
use openapi_document::walk::{ADDITIONAL_OPERATIONS, METHODS};
use openapi_document::{Diagnostic, Document, Node, Pointer};
use serde_json::{Map, Value};

use super::{
    Content, Credential, Header, Location, Operation, Parameter, RequestBody, Requirement,
    Response, Scheme, Status,
};

/// Reads the operations of a document that was checked.
pub(super) struct Reader<'a> {
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
    pub(super) fn of(document: &'a Document) -> Self {
        Self { document }
    }

    pub(super) fn operations(&self) -> Result<Vec<Operation>, Diagnostic> {
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
            return rejected("the parameter has no name", "add a `name`");
        };
        let Some(location) = found.string("in").and_then(Location::named) else {
            return rejected(
                "the parameter has no valid location",
                "set `in` to `path`, `query`, `header` or `cookie`",
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
pub(super) fn base_path(holder: &Value) -> Option<String> {
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
