//! The vendored documents, and what a call of each of their operations takes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use client_codegen::naming::snake;
use client_codegen::plan::OperationPlan;
use openapi_document::Document;
use openapi_document::instances::{Direction, Generator, Unsatisfiable};
use openapi_document::walk::{operations, operations_mut};
use serde_json::{Map, Value};
use xtask::lower::lower;
use xtask::registry::{self, Api};

use crate::call::Arguments;

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The APIs whose documents are vendored: all of the registry but the one for constructs, whose calls
/// have tests of their own.
///
/// # Panics
/// When the registry cannot be read.
pub fn apis() -> Vec<Api> {
    let mut apis = registry::load(&workspace()).unwrap_or_else(|error| panic!("{error}"));
    apis.retain(|api| api.document.starts_with("specs"));
    apis
}

/// The entry of the API `name` in the registry.
///
/// # Panics
/// When there is none: a test that names an API is about that API.
pub fn api(name: &str) -> Api {
    let found = apis().into_iter().find(|api| api.name == name);
    found.unwrap_or_else(|| panic!("there is no API `{name}`"))
}

/// The vendored document of an API with its overlay. Operations are called and tagged as they are
/// in the client, which gives a name to those that have none.
///
/// # Panics
/// When the document or the overlay cannot be used.
pub fn document(api: &Api) -> Document {
    let vendored = xtask::regen::vendored(&workspace(), api);
    let mut document = vendored.unwrap_or_else(|error| panic!("{error}"));
    let lowered = lower(&document).unwrap_or_else(|error| panic!("{error}"));
    let calls: HashMap<String, OperationPlan> = lowered
        .plan
        .operations
        .into_iter()
        .filter(|call| call.variant.is_none())
        .map(|call| (call.request(), call))
        .collect();
    operations_mut(&mut document.root, |_, path, method, operation| {
        let request = format!("{} {path}", method.to_uppercase());
        let Some(call) = calls.get(&request) else {
            return;
        };
        operation["operationId"] = call.id.clone().into();
        operation["tags"] = call.tag.iter().cloned().collect();
    });
    document
}

/// One operation of a vendored document, its references followed.
pub struct Operation<'a> {
    /// The whole document.
    pub root: &'a Value,
    /// Its id in the document.
    pub id: String,
    /// The Rust method that calls it.
    pub rust_name: String,
    /// Its first tag.
    pub tag: String,
    /// The method in capitals.
    pub method: String,
    /// The path template.
    pub path: String,
    object: &'a Value,
    item: &'a Value,
}

/// How much of what an operation takes is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What is required only.
    Least,
    /// All of it.
    Most,
}

/// The operations of a document in its order.
pub fn operations_of(root: &Value) -> Vec<Operation<'_>> {
    operations(root)
        .into_iter()
        .filter_map(|(pointer, path, method)| {
            let object = pointer.get(root)?;
            let id = object["operationId"].as_str()?.to_owned();
            Some(Operation {
                root,
                rust_name: snake(&id),
                id,
                tag: object["tags"][0].as_str().unwrap_or_default().to_owned(),
                method: method.to_uppercase(),
                item: pointer.parent()?.get(root)?,
                path,
                object,
            })
        })
        .collect()
}

impl<'a> Operation<'a> {
    /// Its parameters, those of the path item included.
    pub fn parameters(&self) -> impl Iterator<Item = &'a Value> {
        let root = self.root;
        [self.item, self.object]
            .into_iter()
            .flat_map(|holder| holder["parameters"].as_array().into_iter().flatten())
            .map(move |parameter| follow(root, parameter))
    }

    /// Whether a request without credentials is refused: none of the alternatives in force is empty.
    pub fn needs_credentials(&self) -> bool {
        let security = self.object.get("security").or(self.root.get("security"));
        let alternatives = security.and_then(Value::as_array);
        alternatives.is_some_and(|all| {
            !all.is_empty()
                && all
                    .iter()
                    .all(|one| one.as_object().is_some_and(|one| !one.is_empty()))
        })
    }

    /// Its request body: whether it is required, its media type and its schema.
    pub fn request_body(&self) -> Option<(bool, &'a str, &'a Value)> {
        let body = follow(self.root, self.object.get("requestBody")?);
        let (media_type, content) = body["content"].as_object()?.iter().next()?;
        Some((body["required"] == true, media_type, &content["schema"]))
    }

    /// Its answers: the status key, and the schema of the JSON body if there is one.
    pub fn answers(&self) -> Vec<(&'a str, Option<&'a Value>)> {
        let answers = self.object["responses"].as_object();
        answers
            .into_iter()
            .flatten()
            .map(|(status, answer)| {
                let content = follow(self.root, answer)["content"].as_object();
                let json = content.and_then(|content| {
                    content
                        .iter()
                        .find(|(media_type, _)| media_type.contains("json"))
                });
                (status.as_str(), json.map(|(_, media)| &media["schema"]))
            })
            .collect()
    }

    /// What to give the builder of the generated call.
    ///
    /// # Errors
    /// A schema that has no instances, or none that can be made up.
    pub fn arguments(&self, extent: Extent) -> Result<Arguments, Unsatisfiable> {
        let generator = Generator::new(self.root, Direction::Request);
        let instance = |schema: &Value| match extent {
            Extent::Least => generator.least(schema),
            Extent::Most => generator.most(schema),
        };
        let mut arguments = Map::new();
        for parameter in self.parameters() {
            let name = parameter["name"].as_str().unwrap_or_default();
            let skipped = extent == Extent::Least && parameter["required"] != true;
            if skipped || is_ignored(parameter) {
                continue;
            }
            let value = match parameter["in"].as_str() {
                // The least string is the empty one, which is no segment of a path.
                Some("path") => generator.most(&parameter["schema"])?,
                _ => match instance(&parameter["schema"])? {
                    // Nor is it a value of a query everywhere (Parameter Object, `allowEmptyValue`).
                    value if value == "" => generator.most(&parameter["schema"])?,
                    value => value,
                },
            };
            match (parameter["style"].as_str(), value) {
                (Some("deepObject"), Value::Object(members)) => {
                    for (member, value) in members {
                        arguments.insert(snake(&format!("{name}[{member}]")), value);
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
                put_files(self.root, schema, &mut body);
            }
            arguments.insert("body".to_owned(), body);
        }
        Ok(Arguments(arguments))
    }
}

/// The name of the snapshot of what the operations of a tag send.
pub fn wire_snapshot(api: &str, tag: &str) -> String {
    format!("wire__{api}__{}", tag.replace(' ', "-"))
}

/// Header parameters that OpenAPI says are no parameters.
fn is_ignored(parameter: &Value) -> bool {
    let name = parameter["name"].as_str().unwrap_or_default();
    let reserved = ["accept", "content-type", "authorization"];
    parameter["in"] == "header" && reserved.contains(&name.to_lowercase().as_str())
}

/// Puts a file, as `client_runtime::FilePart` is written, in the place of each property of a form that
/// is one.
fn put_files(root: &Value, schema: &Value, body: &mut Value) {
    let schema = follow(root, schema);
    for (name, value) in body.as_object_mut().into_iter().flatten() {
        let property = follow(root, &schema["properties"][name]);
        let is_file = |schema: &Value| schema["type"] == "string" && schema["format"] == "binary";
        let file = || serde_json::json!({ "base64": "ZmlsZQ==" });
        if is_file(property) {
            *value = file();
        } else if is_file(follow(root, &property["items"])) {
            let items = value.as_array_mut().into_iter().flatten();
            items.for_each(|item| *item = file());
        }
    }
}

/// The value that a chain of references ends at.
pub fn follow<'a>(root: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"]
        .as_str()
        .and_then(openapi_document::Pointer::parse)
        .and_then(|pointer| pointer.get(root));
    match target {
        Some(target) => follow(root, target),
        None => value,
    }
}
