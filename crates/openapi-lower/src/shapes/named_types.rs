//! Moves every schema for which a type is generated to a component.
//!
//! Before: `Space: {properties: {status: {type: string, enum: [QUEUED, READY]}, owner: {type: object,
//! properties: {name: …}}}}`.
//! After: `Space: {properties: {status: {$ref: '#/components/schemas/SpaceStatus'}, owner: {$ref:
//! '#/components/schemas/SpaceOwner'}}}`, and the components `SpaceStatus` and `SpaceOwner`.
//!
//! typify would name an inline schema after its location, and confuse it with a component of that name. As
//! components, all types have distinct names, requests and responses can share a type even if the object
//! around it is split, and open enumerations of responses have a type parameter.

use openapi_document::Pointer;
use openapi_document::walk::{Kind, operations};
use serde_json::{Map, Value};

use crate::hoist::Hoist;
use crate::schema::{Names, components_mut};
use crate::{Notes, Pass};
use client_codegen::naming::pascal;

pub(crate) const PASS: Pass = Pass {
    name: "named-types",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let mut schemas = std::mem::take(components_mut(root));
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
        hoist.inside(Kind::Schema, &pointer, &mut schema, &is_not_string);
        schemas.insert(name, schema);
    }
    for (pointer, _, _) in operations(root) {
        let Some(operation) = pointer.get_mut(root) else {
            continue;
        };
        let id = pascal(operation["operationId"].as_str().unwrap_or_default());
        for (place, kind, base) in places(operation, &id) {
            let mut hoist = Hoist {
                base,
                schemas: &mut schemas,
                names: &mut names,
                notes,
            };
            if let Some(value) = place.get_mut(operation) {
                let place = place
                    .tokens()
                    .fold(pointer.clone(), |at, token| at.join(token));
                hoist.inside(kind, &place, value, &is_not_string);
            }
        }
    }
    *components_mut(root) = schemas;
}

/// The locations of the schemas of an operation, their kinds, and the base name of the types inside.
fn places(operation: &Value, id: &str) -> Vec<(Pointer, Kind, String)> {
    let mut places = Vec::new();
    let parameters = operation["parameters"].as_array();
    for (index, parameter) in parameters.into_iter().flatten().enumerate() {
        let name = parameter["name"].as_str().unwrap_or_default();
        let pointer = Pointer::root().join("parameters").join(index);
        places.push((pointer, Kind::Parameter, format!("{id}-{name}")));
    }
    places.push((
        Pointer::of(["requestBody"]),
        Kind::RequestBody,
        format!("{id}Body"),
    ));
    for status in operation["responses"]
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
    {
        let pointer = Pointer::of(["responses", status]);
        places.push((pointer, Kind::Response, format!("{id}Response")));
    }
    places
}

/// True unless the schema is that of a header, which is read as a string, or of a body of a string or
/// bytes, which is sent unchanged.
fn is_not_string(inside: &[String], schema: &Value) -> bool {
    let is_header = inside.first().is_some_and(|token| token == "headers");
    let is_text = match inside {
        [content, media_type, _] if content == "content" => {
            schema["type"] == "string" && !media_type.ends_with("json")
        }
        _ => false,
    };
    !is_header && !is_text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;
    use crate::testing::{run, run_on_schemas};
    use serde_json::json;

    #[test]
    fn responses_with_equal_schemas_share_a_type() {
        let response =
            |schema: Value| json!({ "content": { "application/json": { "schema": schema } } });
        let status = json!({ "type": "string", "enum": ["QUEUED", "READY"] });
        let of_it = response(status.clone());
        let document = json!({ "paths": { "/a": { "get": {
            "operationId": "a",
            "responses": {
                "200": response(json!({ "type": "object", "required": ["x"] })),
                "4XX": of_it,
                "5XX": of_it,
            },
        } } } });
        let (after, _) = run(&PASS, document);
        let responses = &after["paths"]["/a"]["get"]["responses"];
        assert_eq!(responses["4XX"], response(reference("AResponse2")));
        assert_eq!(responses["5XX"], responses["4XX"]);
        assert_eq!(after["components"]["schemas"]["AResponse2"], status);
    }

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
    fn null_is_kept_where_the_enumeration_was() {
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
    fn an_enumeration_of_a_body_is_named_after_its_operation() {
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

    #[test]
    fn objects_choices_and_bounded_strings_get_components_with_free_names() {
        let (after, _) = run_on_schemas(
            &PASS,
            json!({
                "Space": { "type": "object", "properties": {
                    "owner": { "type": "object", "readOnly": true, "properties": {
                        "slug": { "type": "string", "maxLength": 9 },
                    } },
                    "value": { "type": "object", "additionalProperties": { "oneOf": [
                        { "type": "string" },
                        { "title": "Pair", "type": "object", "required": ["a"] },
                    ] } },
                } },
                "SpaceOwner": { "type": "string", "minLength": 1 },
            }),
        );
        assert_eq!(
            after["Space"]["properties"],
            json!({
                "owner": { "allOf": [reference("SpaceOwner2")], "readOnly": true },
                "value": { "type": "object", "additionalProperties": reference("SpaceValueValue") },
            })
        );
        assert_eq!(
            after["SpaceOwner2"],
            json!({ "type": "object", "properties": { "slug": reference("SpaceOwnerSlug") } })
        );
        assert_eq!(
            after["SpaceValueValue"]["oneOf"],
            json!([{ "type": "string" }, reference("SpaceValueValuePair")])
        );
        assert_eq!(
            after["SpaceOwner"],
            json!({ "type": "string", "minLength": 1 })
        );
    }
}
