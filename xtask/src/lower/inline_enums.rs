//! Gives every enumeration of strings a name.
//!
//! Before: `Space: {properties: {status: {type: string, enum: [QUEUED, READY]}}}`.
//! After: `Space: {properties: {status: {$ref: '#/components/schemas/SpaceStatus'}}}`, and the
//! component `SpaceStatus`.
//!
//! So that requests and answers share one Rust enum even where the object around it is split, and
//! so that the open enumeration of an answer has something to be generic over. The enumerations of
//! parameters keep their place: they travel one way, and get a name from their operation.

use openapi_document::Pointer;
use openapi_document::walk::{Kind, operations, visit_from_mut};
use serde_json::{Map, Value, json};

use super::schema::{Names, components_mut, reference};
use super::{Notes, Pass};
use crate::rust_name::pascal;

pub(super) const PASS: Pass = Pass {
    name: "inline-enums",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let mut schemas = components_mut(root).clone();
    let mut names = Names::of(&schemas);
    for name in schemas.keys().cloned().collect::<Vec<_>>() {
        let Some(mut schema) = schemas.get(&name).cloned() else {
            continue;
        };
        let pointer = Pointer::of(["components", "schemas", &name]);
        let mut hoist = Hoist {
            base: name.clone(),
            schemas: &mut schemas,
            names: &mut names,
            notes,
        };
        hoist.inside(Kind::Schema, &pointer, &mut schema);
        schemas.insert(name, schema);
    }
    for (pointer, _, _) in operations(root) {
        let Some(operation) = pointer.get_mut(root) else {
            continue;
        };
        let id = pascal(operation["operationId"].as_str().unwrap_or_default());
        for (member, kind, suffix) in [
            ("requestBody", Kind::RequestBody, "Body"),
            ("responses", Kind::Response, "Response"),
        ] {
            let pointer = pointer.join(member);
            let mut hoist = Hoist {
                base: format!("{id}{suffix}"),
                schemas: &mut schemas,
                names: &mut names,
                notes,
            };
            match (operation.get_mut(member), kind) {
                (Some(Value::Object(answers)), Kind::Response) => {
                    for (status, answer) in answers {
                        let pointer = pointer.join(status);
                        hoist.inside(kind, &pointer, answer);
                    }
                }
                (Some(body), _) => hoist.inside(kind, &pointer, body),
                (None, _) => {}
            }
        }
    }
    *components_mut(root) = schemas;
}

/// Makes components of the enumerations inside a schema, a body or an answer, which is called
/// `base`.
struct Hoist<'a> {
    base: String,
    schemas: &'a mut Map<String, Value>,
    names: &'a mut Names,
    notes: &'a mut Notes,
}

impl Hoist<'_> {
    /// Does so inside `value`, which stands at `outer`; it itself stays.
    fn inside(&mut self, kind: Kind, outer: &Pointer, value: &mut Value) {
        let depth = outer.tokens().count();
        visit_from_mut(kind, outer, value, &mut |kind, pointer, schema| {
            if kind == Kind::Schema && pointer != outer && is_string_enum(schema) {
                let inside: Vec<String> = pointer.tokens().skip(depth).collect();
                self.hoist(pointer, &inside, schema);
            }
        });
    }

    fn hoist(&mut self, pointer: &Pointer, inside: &[String], schema: &mut Value) {
        let mut component = schema.clone();
        let nullable = component
            .as_object_mut()
            .and_then(|members| members.shift_remove("nullable"));
        let wanted = pascal(&format!("{}-{}", self.base, telling(inside)));
        let name = match self.schemas.get(&wanted) {
            Some(known) if known["enum"] == component["enum"] => wanted,
            _ => self.names.free(&wanted),
        };
        let described = component.get("description").cloned();
        self.schemas.entry(name.clone()).or_insert(component);
        self.notes.add(
            pointer,
            format!("became the component `{name}`"),
            "an enumeration needs a name that does not depend on who uses it",
        );
        *schema = reference(&name);
        if nullable == Some(Value::Bool(true)) {
            *schema = json!({ "allOf": [schema.take()], "nullable": true });
        } else if let Some(described) = described {
            *schema = json!({ "allOf": [schema.take()], "description": described });
        }
    }
}

/// `properties/node/items` is called `node-item`.
fn telling(tokens: &[String]) -> String {
    let mut words = Vec::new();
    let mut is_name = false;
    for token in tokens {
        match token.as_str() {
            name if is_name => {
                words.push(name.to_owned());
                is_name = false;
            }
            "properties" => is_name = true,
            "items" => words.push("item".to_owned()),
            "additionalProperties" => words.push("value".to_owned()),
            "oneOf" | "anyOf" | "allOf" => words.push("variant".to_owned()),
            index if index.parse::<usize>().is_ok() => words.push(index.to_owned()),
            _ => {}
        }
    }
    words.join("-")
}

/// Whether a schema lists the strings that are valid.
pub(super) fn is_string_enum(schema: &Value) -> bool {
    schema["type"] == "string"
        && schema["enum"]
            .as_array()
            .is_some_and(|values| !values.is_empty() && values.iter().all(Value::is_string))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::{run, run_on_schemas};

    #[test]
    fn an_enumeration_inside_an_object_gets_a_component() {
        let status = json!({ "type": "string", "enum": ["QUEUED", "READY"] });
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "Space": { "properties": {
                    "status": status,
                    "past": { "type": "array", "items": status },
                } },
                "Own": status,
            }),
        );
        assert_eq!(after["SpaceStatus"], status);
        assert_eq!(after["SpacePastItem"], status);
        assert_eq!(after["Own"], status);
        assert_eq!(
            after["Space"]["properties"]["past"]["items"],
            reference("SpacePastItem")
        );
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn null_stays_where_the_enumeration_stood() {
        let (after, _) = run_on_schemas(
            &PASS,
            json!({ "A": { "properties": {
                "b": { "type": "string", "enum": ["x"], "nullable": true },
            } } }),
        );
        assert_eq!(after["AB"], json!({ "type": "string", "enum": ["x"] }));
        assert_eq!(
            after["A"]["properties"]["b"],
            json!({ "allOf": [reference("AB")], "nullable": true })
        );
    }

    #[test]
    fn an_enumeration_of_a_body_is_called_after_its_operation() {
        let (after, _) = run(
            &PASS,
            json!({ "paths": { "/a": { "put": {
                "operationId": "SetState",
                "requestBody": { "content": { "application/json": { "schema": {
                    "properties": { "state": { "type": "string", "enum": ["on"] } },
                } } } },
            } } } }),
        );
        assert!(after["components"]["schemas"]["SetStateBodyState"].is_object());
    }
}
