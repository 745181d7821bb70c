//! Splits the objects in queries and cookies into one parameter for each property.
//!
//! Before: `{name: page, in: query, style: deepObject, schema: {properties: {size: …, nextToken: …}}}`.
//! After: the query parameters `page[size]` and `page[nextToken]`.
//!
//! An exploded object of a cookie that cannot be split is serialized by the caller.

use serde_json::{Value, json};

use crate::media_type::all_properties;
use crate::parameters::{Parameter, Schemas, replace_each};
use crate::schema::remove_nullable;
use crate::{Notes, Pass, Reduced};

pub(crate) const PASS: Pass = Pass {
    name: "object-parameters",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    replace_each(root, notes, |mut parameter, _, schemas, notes| {
        let Some(naming) = naming(&parameter, schemas) else {
            return vec![parameter.value];
        };
        if let Some(listed) = listed(schemas, &parameter.value["schema"]) {
            return split(&parameter, &listed, naming, schemas, notes);
        }
        if parameter.location() == Some("cookie") {
            let pointer = parameter.pointer.clone();
            let mend = |loss| Reduced::updating(loss, &pointer, "{explode: false}");
            parameter.serialize_by_caller("`name=value&…`", mend, notes);
        }
        vec![parameter.value]
    });
}

/// The names of the properties of an object as parameters.
#[derive(Clone, Copy)]
enum Naming {
    /// `page[size]`.
    Brackets,
    /// `size`.
    Own,
}

/// How the properties of a parameter are sent as separate parameters; `None` if they are not.
fn naming(parameter: &Parameter, schemas: &Schemas) -> Option<Naming> {
    let schema = &parameter.value["schema"];
    if parameter.has_content() || schemas.type_of(schema) != Some("object") {
        return None;
    }
    let is_exploded = parameter.value["explode"].as_bool().unwrap_or(true);
    let style = parameter.value["style"].as_str().unwrap_or("form");
    match (parameter.location(), style) {
        (Some("query"), "deepObject") => Some(Naming::Brackets),
        (Some("query"), "form") | (Some("cookie"), _) if is_exploded => Some(Naming::Own),
        _ => None,
    }
}

/// The properties of a closed object, if each of them can be a parameter.
fn listed(schemas: &Schemas, schema: &Value) -> Option<Vec<(String, Value)>> {
    let object = schemas.resolved(schema);
    let is_open = matches!(
        object.get("additionalProperties"),
        Some(Value::Bool(true) | Value::Object(_))
    );
    let is_choice = ["oneOf", "anyOf"]
        .iter()
        .any(|keyword| object.get(keyword).is_some());
    let listed = all_properties(&schemas.0, schema);
    let can_be_sent = |schema: &Value| match schemas.type_of(schema) {
        Some("object") => false,
        Some("array") => {
            let items = &schemas.resolved(schema)["items"];
            !matches!(schemas.type_of(items), Some("object" | "array"))
        }
        Some(_) => true,
        None => false,
    };
    let all = listed.iter().all(|(_, schema)| can_be_sent(schema));
    (!is_open && !is_choice && all && !listed.is_empty()).then_some(listed)
}

/// Returns one parameter for each property.
fn split(
    parameter: &Parameter,
    listed: &[(String, Value)],
    naming: Naming,
    schemas: &Schemas,
    notes: &mut Notes,
) -> Vec<Value> {
    let name = &parameter.name;
    let required = schemas.resolved(&parameter.value["schema"])["required"].as_array();
    let mut made = Vec::new();
    let mut names = Vec::new();
    for (property, property_schema) in listed {
        let expanded = match naming {
            Naming::Brackets => format!("{name}[{property}]"),
            Naming::Own => property.clone(),
        };
        let mut property_schema = property_schema.clone();
        remove_nullable(&mut property_schema);
        let is_required = parameter.value["required"] == true
            && required.is_some_and(|required| required.iter().any(|name| name == property));
        let mut single = json!({ "name": expanded, "in": parameter.value["in"] });
        let description = property_schema
            .get("description")
            .or(parameter.value.get("description"));
        if let Some(description) = description {
            single["description"] = description.clone();
        }
        if is_required {
            single["required"] = true.into();
        }
        if let Some(allow_reserved) = parameter.value.get("allowReserved") {
            single["allowReserved"] = allow_reserved.clone();
        }
        single["schema"] = property_schema;
        made.push(single);
        names.push(expanded);
    }
    notes.add(
        &parameter.pointer,
        format!("split `{name}` into `{}`", names.join("`, `")),
        "each property is sent as a separate parameter",
    );
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{losses, run};

    fn lowered(path: &str, parameters: Value) -> (Value, Vec<String>) {
        let (mut after, notes) = run(
            &PASS,
            json!({
                "paths": { path: { "get": { "parameters": parameters } } },
                "components": { "schemas": { "Page": {
                    "type": "object",
                    "required": ["size"],
                    "properties": {
                        "size": { "type": "integer", "nullable": true },
                        "nextToken": { "type": "string" },
                    },
                } } },
            }),
        );
        (after["paths"][path]["get"]["parameters"].take(), notes)
    }

    #[test]
    fn a_deep_object_becomes_one_parameter_per_property() {
        let (after, notes) = lowered(
            "/a",
            json!([{
                "name": "page", "in": "query", "style": "deepObject", "description": "d",
                "schema": { "$ref": "#/components/schemas/Page" },
            }]),
        );
        assert_eq!(
            after,
            json!([
                { "name": "page[size]", "in": "query", "description": "d", "schema": { "type": "integer" } },
                { "name": "page[nextToken]", "in": "query", "description": "d", "schema": { "type": "string" } },
            ])
        );
        assert_eq!(
            notes,
            ["#/paths/~1a/get/parameters/0: split `page` into `page[size]`, `page[nextToken]`"]
        );
    }

    #[test]
    fn an_exploded_object_becomes_one_parameter_per_property() {
        for place in ["query", "cookie"] {
            let page = json!({ "$ref": "#/components/schemas/Page" });
            let (after, _) = lowered(
                "/a",
                json!([{ "name": "page", "in": place, "schema": page }]),
            );
            assert_eq!(
                (&after[0]["name"], &after[0]["in"]),
                (&json!("size"), &json!(place))
            );
            assert_eq!(after[1]["name"], "nextToken");
        }
    }

    #[test]
    fn other_styles_are_not_changed() {
        let list = json!({ "type": "array", "items": { "type": "string" } });
        let map = json!({ "type": "object", "additionalProperties": { "type": "string" } });
        let json = json!({ "application/json": { "schema": map } });
        for parameter in [
            json!({ "name": "x", "in": "query", "explode": false, "schema": list }),
            json!({ "name": "x", "in": "query", "style": "deepObject", "schema": map }),
            json!({ "name": "x", "in": "query", "content": json }),
            json!({ "name": "x", "in": "header", "schema": map }),
            json!({ "name": "x", "in": "cookie", "schema": list }),
        ] {
            let (after, notes) = lowered("/a", json!([parameter]));
            assert_eq!((after, notes), (json!([parameter]), vec![]));
        }
    }

    #[test]
    fn an_open_object_in_a_cookie_is_serialized_by_the_caller() {
        let parameter = json!({ "name": "a", "in": "cookie", "schema": { "type": "object" } });
        let document = json!({ "paths": { "/a": { "get": { "parameters": [parameter] } } } });
        assert_eq!(losses(&PASS, document).len(), 1);
    }
}
