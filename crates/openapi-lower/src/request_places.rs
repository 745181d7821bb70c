//! Which places of a document a request is made of.
//!
//! What a document says of values and Rust cannot is a loss where a caller makes the value. In an
//! answer it is none, since answers are read as they come.

use std::collections::BTreeSet;

use openapi_document::Pointer;
use openapi_document::walk::operations;
use serde_json::Value;

/// The places that requests are made of, by the outermost pointer of each.
pub(crate) struct RequestPlaces(BTreeSet<Pointer>);

impl RequestPlaces {
    /// Those of a document as it is found: parameters, bodies, and all that they refer to.
    pub(crate) fn of(root: &Value) -> Self {
        let mut outermost: Vec<Pointer> = Vec::new();
        for (pointer, _, _) in operations(root) {
            outermost.push(pointer.join("parameters"));
            outermost.push(pointer.join("requestBody"));
            outermost.extend(pointer.parent().map(|item| item.join("parameters")));
        }
        Self(reached(root, outermost))
    }

    /// Whether the place is one of them, or inside one.
    pub(crate) fn contain(&self, place: &Pointer) -> bool {
        std::iter::successors(Some(place.clone()), Pointer::parent)
            .any(|place| self.0.contains(&place))
    }
}

/// Those of the places that are there, and all that they refer to.
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

/// What `value` refers to anywhere in it.
fn references(value: &Value) -> Vec<Pointer> {
    let mut found = Vec::new();
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(members) => {
                let reference = members.get("$ref").and_then(Value::as_str);
                found.extend(reference.and_then(Pointer::parse));
                waiting.extend(members.values());
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
    fn what_a_body_refers_to_is_of_requests_and_what_only_answers_have_is_not() {
        let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let places = RequestPlaces::of(&json!({
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
