//! The functions that the passes over the parameters of operations share.

use openapi_document::Pointer;
use openapi_document::walk::operations;
use serde_json::{Map, Value, json};

use crate::schema::{components, components_mut, resolved, type_of};
use crate::{Notes, Reduced};

/// A parameter of an operation.
pub(crate) struct Parameter {
    /// Its location before the pass.
    pub(crate) pointer: Pointer,
    pub(crate) name: String,
    pub(crate) value: Value,
}

/// Replaces each parameter of each operation with those that `f` returns. `f` also gets the parameters
/// that follow it in the list.
pub(crate) fn replace_each(
    root: &mut Value,
    notes: &mut Notes,
    f: impl Fn(Parameter, &[Value], &Schemas, &mut Notes) -> Vec<Value>,
) {
    // Moved out for `f` to read, and restored at the end, because a copy would copy all components.
    let schemas = Schemas(match components(root).is_empty() {
        true => Map::new(),
        false => std::mem::take(components_mut(root)),
    });
    for (pointer, _, _) in operations(root) {
        let pointer = pointer.join("parameters");
        let Some(Value::Array(before)) = pointer.get_mut(root).map(Value::take) else {
            continue;
        };
        let mut after = Vec::with_capacity(before.len());
        for (index, value) in before.iter().enumerate() {
            let source = pointer.join(index);
            let parameter = Parameter {
                pointer: source.clone(),
                name: value["name"].as_str().unwrap_or_default().to_owned(),
                value: value.clone(),
            };
            for made in f(parameter, &before[index + 1..], &schemas, notes) {
                let place = pointer.join(after.len());
                notes.moved.push((place, source.clone()));
                after.push(made);
            }
        }
        if let Some(list) = pointer.get_mut(root) {
            *list = after.into();
        }
    }
    if !schemas.0.is_empty() {
        *components_mut(root) = schemas.0;
    }
}

impl Parameter {
    /// The location in requests: the value of `in`.
    pub(crate) fn location(&self) -> Option<&str> {
        self.value["in"].as_str()
    }

    pub(crate) fn has_content(&self) -> bool {
        self.value["content"]
            .as_object()
            .is_some_and(|content| !content.is_empty())
    }

    /// Makes the caller serialize the value in a `notation` that the client does not support. `mend` adds
    /// the remedy to the loss.
    pub(crate) fn serialize_by_caller(
        &mut self,
        notation: &str,
        mend: impl FnOnce(String) -> Reduced,
        notes: &mut Notes,
    ) {
        let mut schema = json!({ "type": "string" });
        if let Some(description) = self.value["schema"].get("description") {
            schema["description"] = description.clone();
        }
        self.value["schema"] = schema;
        let loss = format!(
            "you serialize the value of `{}` yourself, as {notation}",
            self.name
        );
        let why = "the client does not support this serialization";
        notes.add_reduced(
            &self.pointer,
            "changed the type to a string",
            why,
            mend(loss),
        );
    }
}

/// The component schemas of the document.
pub(crate) struct Schemas(pub(crate) Map<String, Value>);

impl Schemas {
    pub(crate) fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        resolved(&self.0, schema)
    }

    /// The type of a schema, or of one of its `allOf` parts.
    pub(crate) fn type_of<'a>(&'a self, schema: &'a Value) -> Option<&'a str> {
        let mut waiting = vec![schema];
        // The check rejects a schema that is a part of itself.
        while let Some(schema) = waiting.pop() {
            let schema = self.resolved(schema);
            if let Some(found) = type_of(schema) {
                return Some(found);
            }
            waiting.extend(schema["allOf"].as_array().into_iter().flatten().rev());
        }
        None
    }
}
