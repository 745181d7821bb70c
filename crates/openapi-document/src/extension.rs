//! The error of the readers of extensions, and their search for properties in schemas.

use serde_json::Value;

use crate::Pointer;
use crate::media_type::is_json;
use crate::operation::Operation;

/// The maximum depth to which schemas are followed.
const MAX_DEPTH: usize = 16;

/// An invalid extension, such as `x-paging`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionError {
    /// The location of the error.
    pub pointer: Pointer,
    /// The problem: one sentence without a final period.
    pub message: String,
    /// How to correct it.
    pub hint: String,
}

impl ExtensionError {
    /// The error in the property `key` of the extension at `pointer`, or in the extension if it has no such
    /// property.
    pub(crate) fn new(
        root: &Value,
        pointer: &Pointer,
        key: &str,
        message: String,
        hint: &str,
    ) -> Self {
        let property = pointer.join(key);
        Self {
            pointer: match property.get(root) {
                Some(_) => property,
                None => pointer.clone(),
            },
            message,
            hint: hint.to_owned(),
        }
    }
}

/// Splits a dotted path into names; `None` if it is not a string or has an empty name.
pub(crate) fn dotted(value: &Value) -> Option<Vec<String>> {
    let names: Vec<String> = value.as_str()?.split('.').map(str::to_owned).collect();
    names.iter().all(|name| !name.is_empty()).then_some(names)
}

/// Returns the schema of the JSON of the first success response of an operation.
pub(crate) fn json_response(root: &Value, operation: &Pointer) -> Option<Pointer> {
    let operation = Operation::at(root, operation)?;
    let responses = operation.responses().into_iter();
    let mut successes = responses.filter(|(status, _)| status.starts_with('2'));
    successes.find_map(|(_, response)| {
        let mut content = response.content().into_iter();
        let json = content.find(|media| is_json(media.name))?;
        Some(json.node.pointer.join("schema"))
    })
}

/// Finds the schema of a property, through references, subschemas and branches.
pub(crate) fn property(root: &Value, schema: &Pointer, name: &str) -> Option<Pointer> {
    find(root, schema, MAX_DEPTH, &|schema| {
        let own = schema.join("properties").join(name);
        own.get(root).is_some().then_some(own)
    })
}

/// Finds the schema that declares the type: the schema itself, or one of its subschemas and branches.
pub(crate) fn of_type(root: &Value, schema: &Pointer, wanted: &str) -> Option<Pointer> {
    find(root, schema, MAX_DEPTH, &|schema| {
        let is_declared = match schema.join("type").get(root) {
            Some(Value::String(value)) => value == wanted,
            Some(Value::Array(value)) => value.iter().any(|value| value == wanted),
            _ => false,
        };
        is_declared.then(|| schema.clone())
    })
}

/// Returns the first result of `test` for the schema that `pointer` refers to, and its subschemas and
/// branches.
fn find(
    root: &Value,
    pointer: &Pointer,
    depth: usize,
    test: &dyn Fn(&Pointer) -> Option<Pointer>,
) -> Option<Pointer> {
    let depth = depth.checked_sub(1)?;
    let schema = pointer.resolved(root);
    if let Some(found) = test(&schema) {
        return Some(found);
    }
    ["allOf", "oneOf", "anyOf"].iter().find_map(|keyword| {
        let all = schema.join(keyword);
        let count = all.get(root).and_then(Value::as_array).map_or(0, Vec::len);
        (0..count).find_map(|index| find(root, &all.join(index), depth, test))
    })
}
