//! The vendored documents, and the arguments for a call of each of their operations.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use client_codegen::naming::snake;
use client_codegen::plan::OperationPlan;
use openapi_document::operation::{self, MediaType, Parameter, schema_of};
use openapi_document::walk::operations_mut;
use openapi_document::{Direction, Document, Node, followed, is_json_lines};
use openapi_instances::{Generator, Unsatisfiable};
use openapi_lower::lower;
use serde_json::{Map, Value, json};
use xtask::registry::Api;
use xtask::tree::Tree;

use crate::call::Arguments;

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The APIs of the registry, except the constructs document, whose calls have their own tests.
///
/// # Panics
/// If the registry cannot be read.
pub fn apis() -> Vec<Api> {
    let mut apis = Tree::folder(&workspace())
        .registry()
        .unwrap_or_else(|error| panic!("{error}"));
    apis.retain(|api| api.document.starts_with("specs"));
    apis
}

/// The entry of the API `name` in the registry.
///
/// # Panics
/// If there is none.
pub fn api(name: &str) -> Api {
    let all = Tree::folder(&workspace())
        .registry()
        .unwrap_or_else(|error| panic!("{error}"));
    let found = all.into_iter().find(|api| api.name == name);
    found.unwrap_or_else(|| panic!("there is no API `{name}`"))
}

/// The tags of the constructs document whose operations are also called by the tests of all APIs.
pub const CONSTRUCTS: [&str; 2] = ["imports", "pages"];

/// The vendored document of an API after its overlay. The IDs and tags of operations are those of the
/// client, which also names operations without an ID.
///
/// # Panics
/// If the document or the overlay is invalid.
pub fn document(api: &Api) -> Document {
    // The tests of a file run in one process, and reading a large document takes seconds.
    static READ: Mutex<BTreeMap<String, Document>> = Mutex::new(BTreeMap::new());
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    let document = read.entry(api.name.clone());
    document.or_insert_with(|| named(api)).clone()
}

fn named(api: &Api) -> Document {
    let vendored = xtask::regen::vendored(&workspace(), api);
    let mut document = vendored.unwrap_or_else(|error| panic!("{error}"));
    let lowered = lower(&document).unwrap_or_else(|error| panic!("{error}"));
    let calls = calls(&lowered.plan.operations);
    operations_mut(&mut document.root, |_, path, method, operation| {
        let request = format!("{} {path}", method.to_uppercase());
        let Some(calls) = calls.get(&request) else {
            return;
        };
        operation["operationId"] = calls[0].id.clone().into();
        operation["tags"] = calls[0].tag.iter().cloned().collect();
        if calls.len() > 1 {
            let calls = calls.iter().map(|call| {
                json!({
                    "id": call.id,
                    "mediaType": call.body.as_ref().map(|body| &body.media_type),
                    "variant": call.variant,
                })
            });
            operation[CALLS] = calls.collect();
        }
    });
    document
}

/// The extension with the calls of an operation, each with the media type of its body.
const CALLS: &str = "x-calls";

/// The calls of each operation, by its request: one for each media type of its body, the preferred
/// one first.
fn calls(plans: &[OperationPlan]) -> BTreeMap<String, Vec<&OperationPlan>> {
    let mut calls: BTreeMap<String, Vec<&OperationPlan>> = BTreeMap::new();
    for plan in plans {
        let variant = plan.variant.as_deref();
        if variant.is_none_or(|variant| variant.starts_with("with-")) {
            calls.entry(plan.request()).or_default().push(plan);
        }
    }
    calls
}

/// One call of an operation of a vendored document, with references followed. An operation has
/// several calls if its body has several media types.
pub struct Operation<'a> {
    /// The whole document.
    pub root: &'a Value,
    /// Its `operationId`.
    pub id: String,
    /// The ID of the call; for the first call it is the `operationId`.
    pub call_id: String,
    /// The suffix of the call, such as `with-items`.
    pub variant: Option<String>,
    /// The Rust method that calls it.
    pub rust_name: String,
    /// Its first tag.
    pub tag: String,
    /// The HTTP method in uppercase.
    pub method: String,
    /// The path template.
    pub path: String,
    described: operation::Operation<'a>,
    media_type: Option<&'a str>,
}

/// The arguments of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Only the required ones.
    Least,
    /// All of them.
    Most,
}

/// The operations of a document in its order, each with all its calls.
pub fn operations_of(root: &Value) -> Vec<Operation<'_>> {
    let mut found = Vec::new();
    for described in operation::Operation::all(root) {
        let object = described.node.value;
        let Some(id) = object["operationId"].as_str() else {
            continue;
        };
        let calls = object[CALLS].as_array().map_or(&[][..], Vec::as_slice);
        let calls = calls.iter().map(Some);
        for call in calls.chain(object.get(CALLS).is_none().then_some(None)) {
            let said = |name: &str| call.and_then(|call| call[name].as_str());
            let call_id = said("id").unwrap_or(id);
            found.push(Operation {
                root,
                id: id.to_owned(),
                call_id: call_id.to_owned(),
                variant: said("variant").map(str::to_owned),
                rust_name: snake(call_id),
                tag: object["tags"][0].as_str().unwrap_or_default().to_owned(),
                method: described.method.to_uppercase(),
                path: described.path.clone(),
                described: described.clone(),
                media_type: said("mediaType"),
            });
        }
    }
    found
}

impl<'a> Operation<'a> {
    /// Its parameters, including those of the path item, except headers that OpenAPI ignores.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter<'a>> {
        let parameters = self.described.parameters().into_iter();
        parameters.filter(|parameter| !parameter.is_ignored())
    }

    /// True if the document declares paging by position (`x-paging`).
    pub fn is_paged_by_position(&self) -> bool {
        self.described.node.property("x-paging").is_some()
    }

    /// True if requests need credentials: no alternative of the effective security requirements is
    /// empty.
    pub fn needs_credentials(&self) -> bool {
        let security = self.described.security();
        let alternatives = security.map_or(Vec::new(), |security| security.elements());
        let is_open = |one: &Node<'_>| one.entries().is_empty();
        !alternatives.is_empty() && !alternatives.iter().any(is_open)
    }

    /// True if requests have a bearer token, which the client renews once after a 401: the first
    /// alternative of the effective security requirements has a scheme of such tokens.
    pub fn needs_token(&self) -> bool {
        let security = self.described.security();
        let first = security.and_then(|security| security.value[0].as_object());
        first.into_iter().flatten().any(|(name, _)| {
            let scheme = self.described.security_scheme(name);
            let scheme = scheme.map_or(&Value::Null, |scheme| scheme.value);
            match scheme["type"].as_str() {
                Some("http") => scheme["scheme"] == "bearer",
                kind => matches!(kind, Some("oauth2" | "openIdConnect")),
            }
        })
    }

    /// Its request body: whether it is required, its media type and its schema.
    pub fn request_body(&self) -> Option<(bool, &'a str, &'a Value)> {
        let body = self.described.request_body()?;
        let content = body.content();
        let is_sent =
            |media: &&MediaType<'_>| self.media_type.is_none_or(|sent| sent == media.name);
        let media = content.iter().find(is_sent).or(content.first())?;
        let schema = media.schema().or(media.item_schema());
        Some((
            body.node.is_true("required"),
            media.name,
            schema.map_or(&Value::Null, |schema| schema.value),
        ))
    }

    /// Its responses: the status key, and the schema of the JSON body if there is one.
    pub fn responses(&self) -> Vec<(&'a str, Option<&'a Value>)> {
        let responses = self.described.responses().into_iter();
        responses
            .map(|(status, response)| {
                let mut content = response.content().into_iter();
                let json = content.find(|media| media.name.contains("json"));
                let schema = json.map(|media| media.schema());
                let schema =
                    schema.map(|schema| schema.map_or(&Value::Null, |schema| schema.value));
                (status, schema)
            })
            .collect()
    }

    /// True if the response of a status is JSON lines, so that its schema is that of the list of
    /// items.
    pub fn responds_in_lines(&self, status: &str) -> bool {
        let responses = self.described.responses();
        let response = responses.iter().find(|(key, _)| *key == status);
        response.is_some_and(|(_, response)| {
            let mut content = response.content().into_iter();
            content.any(|media| is_json_lines(media.name))
        })
    }

    /// The arguments for the builder of the generated call.
    ///
    /// # Errors
    /// A schema without instances, or one whose instances cannot be generated.
    pub fn arguments(&self, extent: Extent) -> Result<Arguments, Unsatisfiable> {
        let generator = Generator::new(self.root, Direction::Request);
        let instance = |schema: &Value| match extent {
            Extent::Least => generator.minimal(schema),
            Extent::Most => generator.maximal(schema),
        };
        let mut arguments = Map::new();
        for parameter in self.parameters() {
            let name = parameter.name;
            if extent == Extent::Least && !parameter.is_required() {
                continue;
            }
            let schema = schema_of(&parameter.node);
            let schema = schema.map_or(&Value::Null, |schema| schema.value);
            let value = match parameter.location {
                // The shortest string is empty, which is not a valid path segment.
                "path" => generator.maximal(schema)?,
                _ => match instance(schema)? {
                    // Nor is it always a valid query value (Parameter Object, `allowEmptyValue`).
                    value if value == "" => generator.maximal(schema)?,
                    value => value,
                },
            };
            match (parameter.node.string("style"), value) {
                (Some("deepObject"), Value::Object(properties)) => {
                    for (property, value) in properties {
                        arguments.insert(snake(&format!("{name}[{property}]")), value);
                    }
                }
                (_, value) => {
                    arguments.insert(snake(name), value);
                }
            }
        }
        if let Some((required, media_type, schema)) = self.request_body()
            && (required || extent == Extent::Most)
        {
            let mut body = instance(schema)?;
            if media_type.starts_with("multipart/") {
                // A form cannot represent an empty list.
                let most = generator.maximal(schema)?;
                for (name, value) in body.as_object_mut().into_iter().flatten() {
                    if value.as_array().is_some_and(Vec::is_empty) {
                        *value = most[name.as_str()].clone();
                    }
                }
                put_files(self.root, schema, &mut body);
            }
            if is_json_lines(media_type) {
                body = match body {
                    // An empty list of lines is an empty body.
                    Value::Array(items) if items.is_empty() => {
                        json!([instance(&followed(self.root, schema)["items"])?])
                    }
                    Value::Array(items) => items.into(),
                    item => json!([item]),
                };
            }
            arguments.insert("body".to_owned(), body);
        }
        Ok(Arguments(arguments))
    }
}

/// The name of the snapshot with the requests of a tag's operations.
pub fn wire_snapshot(api: &str, tag: &str) -> String {
    format!("wire__{api}__{}", tag.replace(' ', "-"))
}

/// Replaces each file property of a form with a `client_runtime::FilePart` in its JSON form.
fn put_files(root: &Value, schema: &Value, body: &mut Value) {
    let schema = followed(root, schema);
    for (name, value) in body.as_object_mut().into_iter().flatten() {
        let property = followed(root, &schema["properties"][name]);
        let is_file = |schema: &Value| schema["type"] == "string" && schema["format"] == "binary";
        let file = || serde_json::json!({ "base64": "ZmlsZQ==" });
        if is_file(property) {
            *value = file();
        } else if is_file(followed(root, &property["items"])) {
            let items = value.as_array_mut().into_iter().flatten();
            items.for_each(|item| *item = file());
        }
    }
}
