//! The structure of an OpenAPI document: the locations of each kind of object.
//!
//! Passes select objects by their [`Kind`], so that only this module knows, for instance, where schemas
//! can occur.

use serde_json::Value;

use crate::Pointer;

/// The HTTP methods that are fields of a Path Item Object, in the order of the specification. Other
/// methods are in its `additionalOperations` (OpenAPI 3.2).
pub const METHODS: [&str; 9] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace", "query",
];

/// The field of a path item with the operations of methods that are not [`METHODS`].
pub const ADDITIONAL_OPERATIONS: &str = "additionalOperations";

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
    /// An Example Object.
    Example,
    /// A Link Object.
    Link,
    /// A Callback Object: path items by runtime expressions.
    Callback,
    /// A Security Scheme Object.
    SecurityScheme,
    /// A Schema Object, or a boolean schema.
    Schema,
}

/// How a field contains objects.
#[derive(Clone, Copy)]
pub(crate) enum Container {
    One,
    List,
    Map,
    /// A map in which keys that start with `x-` are extensions.
    Extensible,
}

use Container::*;
use Kind::*;

/// How a field of a kind of object contains objects, and of which kind. `None` if it contains none.
pub(crate) fn child(kind: Kind, name: &str) -> Option<(Container, Kind)> {
    let found = match kind {
        Document => match name {
            "paths" => (Extensible, PathItem),
            "webhooks" => (Map, PathItem),
            "components" => (One, Components),
            _ => return None,
        },
        Components => match name {
            "schemas" => (Map, Schema),
            "parameters" => (Map, Parameter),
            "headers" => (Map, Header),
            "requestBodies" => (Map, RequestBody),
            "responses" => (Map, Response),
            "pathItems" => (Map, PathItem),
            "mediaTypes" => (Map, MediaType),
            "examples" => (Map, Example),
            "links" => (Map, Link),
            "callbacks" => (Map, Callback),
            "securitySchemes" => (Map, SecurityScheme),
            _ => return None,
        },
        PathItem => match name {
            "parameters" => (List, Parameter),
            ADDITIONAL_OPERATIONS => (Map, Operation),
            _ if METHODS.contains(&name) => (One, Operation),
            _ => return None,
        },
        Operation => match name {
            "parameters" => (List, Parameter),
            "requestBody" => (One, RequestBody),
            "responses" => (Extensible, Response),
            "callbacks" => (Extensible, Callback),
            _ => return None,
        },
        Parameter | Header => match name {
            "schema" => (One, Schema),
            "content" => (Map, MediaType),
            "examples" => (Map, Example),
            _ => return None,
        },
        RequestBody => match name {
            "content" => (Map, MediaType),
            _ => return None,
        },
        Response => match name {
            "headers" => (Map, Header),
            "content" => (Map, MediaType),
            "links" => (Map, Link),
            _ => return None,
        },
        MediaType => match name {
            "schema" | "itemSchema" => (One, Schema),
            "examples" => (Map, Example),
            _ => return None,
        },
        Callback => match name {
            "$ref" => return None,
            _ if is_extension(name) => return None,
            // A runtime expression.
            _ => (One, PathItem),
        },
        Schema => match name {
            "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions" => {
                (Map, Schema)
            }
            "items"
            | "additionalProperties"
            | "unevaluatedProperties"
            | "unevaluatedItems"
            | "propertyNames"
            | "contains"
            | "not"
            | "if"
            | "then"
            | "else" => (One, Schema),
            "prefixItems" | "allOf" | "anyOf" | "oneOf" => (List, Schema),
            _ => return None,
        },
        Example | Link | SecurityScheme => return None,
    };
    Some(found)
}

/// Visits every object of the document. An object is visited after the objects inside it.
pub fn visit<'a>(root: &'a Value, f: &mut dyn FnMut(Kind, &Pointer, &'a Value)) {
    visit_from(Document, &Pointer::root(), root, f);
}

/// Visits every object of the path item at `pointer`.
pub fn visit_item<'a>(
    pointer: &Pointer,
    item: &'a Value,
    f: &mut dyn FnMut(Kind, &Pointer, &'a Value),
) {
    visit_from(PathItem, pointer, item, f);
}

/// Visits the objects inside `value`, then `value`, which is a `kind` at `pointer`.
pub fn visit_from<'a>(
    kind: Kind,
    pointer: &Pointer,
    value: &'a Value,
    f: &mut dyn FnMut(Kind, &Pointer, &'a Value),
) {
    visit_at(kind, &mut pointer.clone(), value, f);
}

/// Like [`visit_from`]. All visits share one pointer, which is restored at the end: creating a pointer
/// for each object would take most of the time.
fn visit_at<'a>(
    kind: Kind,
    pointer: &mut Pointer,
    value: &'a Value,
    f: &mut dyn FnMut(Kind, &Pointer, &'a Value),
) {
    for (name, property) in value.as_object().into_iter().flatten() {
        let Some((container, child)) = child(kind, name) else {
            continue;
        };
        let outer = pointer.push_name(name);
        match (container, property) {
            (One, property) => visit_at(child, pointer, property, f),
            (List, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    let list = pointer.push(index);
                    visit_at(child, pointer, item, f);
                    pointer.truncate(list);
                }
            }
            (Map | Extensible, Value::Object(properties)) => {
                let is_extension =
                    |name: &str| matches!(container, Extensible) && is_extension(name);
                for (name, property) in properties.iter().filter(|(name, _)| !is_extension(name)) {
                    let map = pointer.push_name(name);
                    visit_at(child, pointer, property, f);
                    pointer.truncate(map);
                }
            }
            _ => {}
        }
        pointer.truncate(outer);
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
    visit_at_mut(kind, &mut pointer.clone(), value, f);
}

/// Like [`visit_from_mut`].
fn visit_at_mut(
    kind: Kind,
    pointer: &mut Pointer,
    value: &mut Value,
    f: &mut dyn FnMut(Kind, &Pointer, &mut Value),
) {
    for (name, property) in value.as_object_mut().into_iter().flatten() {
        let Some((container, child)) = child(kind, name) else {
            continue;
        };
        let outer = pointer.push_name(name);
        match (container, property) {
            (One, property) => visit_at_mut(child, pointer, property, f),
            (List, Value::Array(items)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    let list = pointer.push(index);
                    visit_at_mut(child, pointer, item, f);
                    pointer.truncate(list);
                }
            }
            (Map | Extensible, Value::Object(properties)) => {
                let is_extension =
                    |name: &str| matches!(container, Extensible) && is_extension(name);
                for (name, property) in properties
                    .iter_mut()
                    .filter(|(name, _)| !is_extension(name))
                {
                    let map = pointer.push_name(name);
                    visit_at_mut(child, pointer, property, f);
                    pointer.truncate(map);
                }
            }
            _ => {}
        }
        pointer.truncate(outer);
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

/// The operations of a document, in order: pointer, path template, and method as the document writes it.
pub fn operations(root: &Value) -> Vec<(Pointer, String, String)> {
    let paths = root.get("paths").and_then(Value::as_object);
    let mut found = Vec::new();
    for (path, item) in paths.into_iter().flatten() {
        if is_extension(path) {
            continue;
        }
        let place = Pointer::of(["paths", path]);
        let methods = methods(item).into_iter();
        found.extend(methods.map(|method| {
            let pointer = method_pointer(&place, method);
            (pointer, path.clone(), method.to_owned())
        }));
    }
    found
}

/// The methods of the operations of a path item, in order.
pub(crate) fn methods(item: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    for (name, field) in item.as_object().into_iter().flatten() {
        if METHODS.contains(&name.as_str()) {
            found.push(name.as_str());
        } else if name == ADDITIONAL_OPERATIONS {
            let additional = field.as_object().into_iter().flatten();
            found.extend(additional.map(|(method, _)| method.as_str()));
        }
    }
    found
}

/// The location of the operation of a path for a method.
pub fn operation_pointer(path: &str, method: &str) -> Pointer {
    method_pointer(&Pointer::of(["paths", path]), method)
}

/// The location of the operation for a method in the path item at `item`.
pub(crate) fn method_pointer(item: &Pointer, method: &str) -> Pointer {
    match METHODS.contains(&method) {
        true => item.join(method),
        false => item.join(ADDITIONAL_OPERATIONS).join(method),
    }
}

/// The location of the path item of an operation at `pointer`.
pub fn item_of(pointer: &Pointer) -> Pointer {
    Pointer::of(pointer.tokens().take(2))
}

/// Visits every operation of the document for modification: pointer, path template, method, operation.
pub fn operations_mut(root: &mut Value, mut f: impl FnMut(&Pointer, &str, &str, &mut Value)) {
    for (pointer, path, method) in operations(root) {
        if let Some(operation) = pointer.get_mut(root) {
            f(&pointer, &path, &method, operation);
        }
    }
}
