//! The locations of a document that define requests.
//!
//! A constraint that Rust cannot express is a loss for values that callers send. For responses it is not,
//! because the client accepts responses that do not match their schema exactly.

use std::collections::BTreeSet;

use openapi_document::Pointer;
use openapi_document::walk::{item_of, operations};
use serde_json::Value;

/// The locations that define requests, each by its outermost pointer.
pub(crate) struct RequestLocations(BTreeSet<Pointer>);

impl RequestLocations {
    /// The parameters and bodies of the original document, and everything that they refer to.
    pub(crate) fn of(root: &Value) -> Self {
        let mut outermost: Vec<Pointer> = Vec::new();
        for (pointer, _, _) in operations(root) {
            outermost.push(pointer.join("parameters"));
            outermost.push(pointer.join("requestBody"));
            outermost.push(item_of(&pointer).join("parameters"));
        }
        Self(reached(root, outermost))
    }

    /// True if the location is one of them, or is inside one.
    pub(crate) fn contain(&self, place: &Pointer) -> bool {
        std::iter::successors(Some(place.clone()), Pointer::parent)
            .any(|place| self.0.contains(&place))
    }
}

/// The existing locations of `waiting`, and everything that they refer to.
pub fn reached(root: &Value, mut waiting: Vec<Pointer>) -> BTreeSet<Pointer> {
    let mut reached = BTreeSet::new();
    while let Some(pointer) = waiting.pop() {
        if let Some(value) = pointer.get(root)
            && reached.insert(pointer)
        {
            waiting.extend(references(value));
        }
    }
    reached
}

/// Everything that `value` refers to.
fn references(value: &Value) -> Vec<Pointer> {
    let mut found = Vec::new();
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(object) => {
                let reference = object.get("$ref").and_then(Value::as_str);
                found.extend(reference.and_then(Pointer::parse));
                waiting.extend(object.values());
            }
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_of_a_body_define_requests_and_those_of_responses_do_not() {
        let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let places = RequestLocations::of(&json!({
            "paths": { "/a": { "put": {
                "requestBody": { "$ref": "#/components/requestBodies/A" },
                "responses": { "200": { "content": { "x": { "schema": reference("Out") } } } },
            } } },
            "components": {
                "requestBodies": { "A": { "content": { "x": { "schema": reference("In") } } } },
                "schemas": { "In": { "properties": { "a": {} } }, "Out": {} },
            },
        }));
        let schema = |name: &str| Pointer::of(["components", "schemas", name]);
        assert!(places.contain(&schema("In").join("properties").join("a")));
        assert!(!places.contain(&schema("Out")));
    }
}
