//! The structure of an OpenAPI document: which kinds of objects occur where.
//!
//! Passes select objects by their [`Kind`], so that only this module knows where, for instance, a
//! schema can occur.

use serde_json::Value;

use crate::Pointer;

/// The HTTP methods of a Path Item Object, in the order of the specification.
pub const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// The kind of an object in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The OpenAPI Object itself.
    Document,
    /// The Components Object.
    Components,
    /// A Path Item Object.
    PathItem,
    /// An Operation Object.
    Operation,
    /// A Parameter Object.
    Parameter,
    /// A Header Object.
    Header,
    /// A Request Body Object.
    RequestBody,
    /// A Response Object.
    Response,
    /// A Media Type Object.
    MediaType,
    /// A Schema Object, or a boolean in its place.
    Schema,
}

#[derive(Clone, Copy)]
enum Container {
    One,
    List,
    Map,
    /// A map in which keys that start with `x-` are extensions.
    Extensible,
}

use Container::*;
use Kind::*;

fn children(kind: Kind) -> &'static [(&'static str, Container, Kind)] {
    match kind {
        Document => &[
            ("paths", Extensible, PathItem),
            ("webhooks", Map, PathItem),
            ("components", One, Components),
        ],
        Components => &[
            ("schemas", Map, Schema),
            ("parameters", Map, Parameter),
            ("headers", Map, Header),
            ("requestBodies", Map, RequestBody),
            ("responses", Map, Response),
            ("pathItems", Map, PathItem),
        ],
        PathItem => &[
            ("parameters", List, Parameter),
            ("get", One, Operation),
            ("put", One, Operation),
            ("post", One, Operation),
            ("delete", One, Operation),
            ("options", One, Operation),
            ("head", One, Operation),
            ("patch", One, Operation),
            ("trace", One, Operation),
        ],
        Operation => &[
            ("parameters", List, Parameter),
            ("requestBody", One, RequestBody),
            ("responses", Extensible, Response),
        ],
        Parameter | Header => &[("schema", One, Schema), ("content", Map, MediaType)],
        RequestBody => &[("content", Map, MediaType)],
        Response => &[("headers", Map, Header), ("content", Map, MediaType)],
        MediaType => &[("schema", One, Schema), ("itemSchema", One, Schema)],
        Schema => &[
            ("properties", Map, Schema),
            ("patternProperties", Map, Schema),
            ("dependentSchemas", Map, Schema),
            ("$defs", Map, Schema),
            ("definitions", Map, Schema),
            ("items", One, Schema),
            ("additionalProperties", One, Schema),
            ("unevaluatedProperties", One, Schema),
            ("unevaluatedItems", One, Schema),
            ("propertyNames", One, Schema),
            ("contains", One, Schema),
            ("not", One, Schema),
            ("if", One, Schema),
            ("then", One, Schema),
            ("else", One, Schema),
            ("prefixItems", List, Schema),
            ("allOf", List, Schema),
            ("anyOf", List, Schema),
            ("oneOf", List, Schema),
        ],
    }
}

/// Visits every object of the document. An object is visited after the objects inside it.
pub fn visit(root: &Value, f: &mut dyn FnMut(Kind, &Pointer, &Value)) {
    visit_from(Document, &Pointer::root(), root, f);
}

/// Visits every object of the path item at `pointer`.
pub fn visit_item(pointer: &Pointer, item: &Value, f: &mut dyn FnMut(Kind, &Pointer, &Value)) {
    visit_from(PathItem, pointer, item, f);
}

/// Visits the objects inside `value`, then `value`, which is a `kind` at `pointer`.
pub fn visit_from(
    kind: Kind,
    pointer: &Pointer,
    value: &Value,
    f: &mut dyn FnMut(Kind, &Pointer, &Value),
) {
    for (name, property) in value.as_object().into_iter().flatten() {
        let keyword = children(kind).iter().find(|(keyword, ..)| keyword == name);
        let Some((_, container, child)) = keyword else {
            continue;
        };
        let pointer = pointer.join(name);
        match (container, property) {
            (One, property) => visit_from(*child, &pointer, property, f),
            (List, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    visit_from(*child, &pointer.join(index), item, f);
                }
            }
            (Map | Extensible, Value::Object(properties)) => {
                let is_extension =
                    |name: &str| matches!(container, Extensible) && is_extension(name);
                for (name, property) in properties.iter().filter(|(name, _)| !is_extension(name)) {
                    visit_from(*child, &pointer.join(name), property, f);
                }
            }
            _ => {}
        }
    }
    f(kind, pointer, value);
}

/// Visits every object of the document for modification. An object is visited after the objects inside
/// it.
pub fn visit_mut(root: &mut Value, f: &mut dyn FnMut(Kind, &Pointer, &mut Value)) {
    visit_from_mut(Document, &Pointer::root(), root, f);
}

/// Visits the objects inside `value`, then `value`, which is a `kind` at `pointer`, for modification.
pub fn visit_from_mut(
    kind: Kind,
    pointer: &Pointer,
    value: &mut Value,
    f: &mut dyn FnMut(Kind, &Pointer, &mut Value),
) {
    for (name, property) in value.as_object_mut().into_iter().flatten() {
        let keyword = children(kind).iter().find(|(keyword, ..)| keyword == name);
        let Some((_, container, child)) = keyword else {
            continue;
        };
        let pointer = pointer.join(name);
        match (container, property) {
            (One, property) => visit_from_mut(*child, &pointer, property, f),
            (List, Value::Array(items)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    visit_from_mut(*child, &pointer.join(index), item, f);
                }
            }
            (Map | Extensible, Value::Object(properties)) => {
                let is_extension =
                    |name: &str| matches!(container, Extensible) && is_extension(name);
                for (name, property) in properties
                    .iter_mut()
                    .filter(|(name, _)| !is_extension(name))
                {
                    visit_from_mut(*child, &pointer.join(name), property, f);
                }
            }
            _ => {}
        }
    }
    f(kind, pointer, value);
}

/// Visits every schema of the document for modification. A schema is visited after the schemas inside
/// it.
pub fn schemas_mut(root: &mut Value, mut f: impl FnMut(&Pointer, &mut Value)) {
    visit_mut(root, &mut |kind, pointer, value| {
        if kind == Schema {
            f(pointer, value);
        }
    });
}

/// True if a key is a specification extension (`x-…`).
pub fn is_extension(name: &str) -> bool {
    name.starts_with("x-")
}

/// The operations of a document, in order: pointer, path template, method.
pub fn operations(root: &Value) -> Vec<(Pointer, String, &'static str)> {
    let paths = root.get("paths").and_then(Value::as_object);
    let mut found = Vec::new();
    for (path, item) in paths.into_iter().flatten() {
        let Some(item) = item.as_object().filter(|_| !is_extension(path)) else {
            continue;
        };
        for property in item.keys() {
            if let Some(method) = METHODS.iter().find(|method| *method == property) {
                let pointer = Pointer::of(["paths", path, method]);
                found.push((pointer, path.clone(), *method));
            }
        }
    }
    found
}

/// Visits every operation of the document for modification: pointer, path template, method, operation.
pub fn operations_mut(
    root: &mut Value,
    mut f: impl FnMut(&Pointer, &str, &'static str, &mut Value),
) {
    for (pointer, path, method) in operations(root) {
        if let Some(operation) = pointer.get_mut(root) {
            f(&pointer, &path, method, operation);
        }
    }
}
