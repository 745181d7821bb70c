//! Keeps only valid parameters, each with one style and one schema.
//!
//! Before: `{name: page, in: query, style: deepObject, schema: {properties: {size: …, nextToken:
//! …}}}`, a header `Accept`, `{in: header, schema: {}}`, `{in: query, content: {text/plain: …}}`.
//! After: the query parameters `page[size]` and `page[nextToken]`; no `Accept`; a string in the header;
//! `{in: query, schema: …}`.
//!
//! Query parameters can be omitted, so a nullable query parameter is an optional one.

use openapi_document::Pointer;
use openapi_document::walk::operations;
use serde_json::{Map, Value, json};

use crate::media_type::{all_properties, is_json};
use crate::schema::{components, resolved, type_of};
use crate::{Notes, Pass, Reduced};

pub(crate) const PASS: Pass = Pass {
    name: "parameters",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let schemas = Schemas(components(root).clone());
    for (pointer, _, _) in operations(root) {
        let Some(operation) = pointer.get_mut(root) else {
            continue;
        };
        let pointer = pointer.join("parameters");
        let before = match operation.get("parameters") {
            Some(Value::Array(parameters)) => parameters.clone(),
            _ => Vec::new(),
        };
        let mut after = Vec::new();
        for (index, value) in before.iter().enumerate() {
            let source = pointer.join(index);
            let same = |later: &Value| later["name"] == value["name"] && later["in"] == value["in"];
            if before[index + 1..].iter().any(same) {
                notes.add(
                    &source,
                    "removed the parameter",
                    "a later parameter has the same name and location",
                );
                continue;
            }
            let mut parameter = Parameter {
                pointer: source.clone(),
                name: value["name"].as_str().unwrap_or_default().to_owned(),
                value: value.clone(),
            };
            parameter.take_schema_of_content(&schemas, notes);
            let lower = match value["in"].as_str() {
                Some("path") => path_parameter,
                Some("query") => query_parameter,
                Some("header") => header_parameter,
                Some("cookie") => cookie_parameter,
                _ => invalid_parameter,
            };
            for made in lower(parameter, &schemas, notes) {
                notes
                    .moved
                    .push((pointer.join(after.len()), source.clone()));
                after.push(made);
            }
        }
        if !after.is_empty() || operation.get("parameters").is_some() {
            operation["parameters"] = after.into();
        }
    }
}

/// A parameter that is being lowered.
struct Parameter {
    pointer: Pointer,
    name: String,
    value: Value,
}

impl Parameter {
    fn drop(&self, why: &'static str, notes: &mut Notes) {
        let loss = format!("you cannot set the parameter `{}`", self.name);
        let reduced = Reduced::removing(loss, &self.pointer);
        notes.add_reduced(
            &self.pointer,
            format!("removed `{}`", self.name),
            why,
            reduced,
        );
    }

    /// Makes the caller serialize the value in a `notation` that the client does not support. `mend` turns
    /// the loss into a note with a remedy.
    fn serialize_by_caller(
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

    fn done(mut self, notes: &mut Notes) -> Vec<Value> {
        if let Some(object) = self.value.as_object_mut()
            && !object.contains_key("content")
        {
            object
                .entry("schema")
                .or_insert_with(|| json!({ "type": "string" }));
        }
        if self
            .value
            .get("schema")
            .is_some_and(|schema| schema["nullable"] == true)
        {
            drop_nullable(&mut self.value["schema"]);
            notes.add(
                &self.pointer.join("schema"),
                "removed `nullable`",
                "null parameters are omitted",
            );
        }
        vec![self.value]
    }

    /// A scalar is the same string in every media type. The caller serializes values that are neither
    /// scalars nor JSON.
    fn take_schema_of_content(&mut self, schemas: &Schemas, notes: &mut Notes) {
        let Some(content) = self.value["content"].as_object() else {
            return;
        };
        let Some((media_type, media)) = content.iter().next() else {
            return;
        };
        if is_json(media_type) {
            // A value with several media types is sent in the first.
            let first = json!({ media_type: media });
            self.value["content"] = first;
            return;
        }
        let (media_type, schema) = (media_type.clone(), media["schema"].clone());
        let is_scalar = !matches!(schemas.type_of(&schema), None | Some("array" | "object"));
        if let Some(object) = self.value.as_object_mut() {
            object.shift_remove("content");
        }
        self.value["schema"] = schema;
        let content = self.pointer.join("content");
        if is_scalar {
            let why = "a scalar is the same string in every media type";
            notes.add(&content, "replaced `content` with its schema", why);
        } else {
            let mend = |loss| Reduced::removing(loss, &content);
            self.serialize_by_caller(&format!("`{media_type}`"), mend, notes);
        }
    }

    fn has_content(&self) -> bool {
        self.value["content"]
            .as_object()
            .is_some_and(|content| !content.is_empty())
    }

    /// Replaces values without a single type with strings, because paths, headers and cookies are strings.
    fn require_one_type(&mut self, schemas: &Schemas, notes: &mut Notes) {
        if self.has_content() || schemas.type_of(&self.value["schema"]).is_some() {
            return;
        }
        self.value["schema"] = json!({ "type": "string" });
        notes.add(
            &self.pointer.join("schema"),
            "changed the type to a string",
            "the value has no single type, and is sent as a string",
        );
    }

    fn style(&self) -> Option<&str> {
        self.value["style"].as_str()
    }

    fn is_exploded(&self, by_default: bool) -> bool {
        self.value["explode"].as_bool().unwrap_or(by_default)
    }
}

/// The component schemas of the document.
struct Schemas(Map<String, Value>);

impl Schemas {
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        resolved(&self.0, schema)
    }

    /// The type of a schema, or of one of its `allOf` parts.
    fn type_of<'a>(&'a self, schema: &'a Value) -> Option<&'a str> {
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

fn invalid_parameter(parameter: Parameter, _: &Schemas, notes: &mut Notes) -> Vec<Value> {
    parameter.drop("its location is not path, query, header or cookie", notes);
    Vec::new()
}

fn path_parameter(mut parameter: Parameter, schemas: &Schemas, notes: &mut Notes) -> Vec<Value> {
    parameter.value["required"] = true.into();
    parameter.require_one_type(schemas, notes);
    parameter.done(notes)
}

fn query_parameter(parameter: Parameter, schemas: &Schemas, notes: &mut Notes) -> Vec<Value> {
    let schema = &parameter.value["schema"];
    let is_object = !parameter.has_content() && schemas.type_of(schema) == Some("object");
    let listed = listed(schemas, schema).filter(|_| is_object);
    let naming = match parameter.style().unwrap_or("form") {
        "deepObject" => Some(Naming::Brackets),
        "form" if parameter.is_exploded(true) => Some(Naming::Own),
        _ => None,
    };
    if let (Some(listed), Some(naming)) = (listed, naming) {
        return expand(&parameter, &listed, naming, schemas, notes);
    }
    parameter.done(notes)
}

fn header_parameter(mut parameter: Parameter, schemas: &Schemas, notes: &mut Notes) -> Vec<Value> {
    if is_reserved(&parameter.name) {
        notes.add(
            &parameter.pointer,
            format!("removed the header `{}`", parameter.name),
            "OpenAPI ignores parameters with this name",
        );
        return Vec::new();
    }
    if !is_token(&parameter.name) {
        parameter.drop("it is not a valid header name", notes);
        return Vec::new();
    }
    parameter.require_one_type(schemas, notes);
    parameter.done(notes)
}

fn cookie_parameter(mut parameter: Parameter, schemas: &Schemas, notes: &mut Notes) -> Vec<Value> {
    if !is_token(&parameter.name) {
        parameter.drop("it is not a valid cookie name", notes);
        return Vec::new();
    }
    let schema = &parameter.value["schema"];
    let is_object = !parameter.has_content() && schemas.type_of(schema) == Some("object");
    if is_object && parameter.is_exploded(true) {
        let Some(listed) = listed(schemas, schema) else {
            let pointer = parameter.pointer.clone();
            let mend = |loss| Reduced::updating(loss, &pointer, "{explode: false}");
            parameter.serialize_by_caller("`name=value&…`", mend, notes);
            return parameter.done(notes);
        };
        return expand(&parameter, &listed, Naming::Own, schemas, notes);
    }
    parameter.require_one_type(schemas, notes);
    parameter.done(notes)
}

/// Definitions of these three headers are ignored (OpenAPI 3.0.3, Parameter Object).
fn is_reserved(header: &str) -> bool {
    ["accept", "content-type", "authorization"].contains(&header.to_ascii_lowercase().as_str())
}

/// True if a name is valid for a header or a cookie (RFC 9110 section 5.6.2).
fn is_token(name: &str) -> bool {
    let is_token_character =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token_character)
}

fn drop_nullable(schema: &mut Value) {
    if let Some(keywords) = schema.as_object_mut() {
        keywords.shift_remove("nullable");
        // The schema was only wrapped to be nullable.
        if keywords.len() == 1
            && let Some([only]) = keywords
                .get("allOf")
                .and_then(Value::as_array)
                .map(Vec::as_slice)
        {
            *schema = only.clone();
        }
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

/// The names of the properties of an object as parameters.
#[derive(Clone, Copy)]
enum Naming {
    /// `page[size]`.
    Brackets,
    /// `size`.
    Own,
}

/// Returns one parameter for each property.
fn expand(
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
        drop_nullable(&mut property_schema);
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
    fn values_without_a_single_type_are_strings_outside_of_queries() {
        for place in ["path", "header", "cookie"] {
            let choice = json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }] });
            let parameter = json!({ "name": "x", "in": place, "required": true, "schema": choice });
            let path = if place == "path" { "/{x}" } else { "/a" };
            let (after, notes) = lowered(path, json!([parameter]));
            assert_eq!(after[0]["schema"], json!({ "type": "string" }));
            assert_eq!(notes.len(), 1);
        }
    }

    #[test]
    fn invalid_parameters_are_removed() {
        let parameters = json!([
            { "name": "AUTHORIZATION", "in": "header", "schema": { "type": "string" } },
            { "name": "a", "in": "query", "schema": { "type": "string" } },
            { "name": "a", "in": "query", "schema": { "type": "integer" } },
        ]);
        let (after, notes) = lowered("/a", parameters);
        assert_eq!(
            after,
            json!([{ "name": "a", "in": "query", "schema": { "type": "integer" } }])
        );
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn parameters_that_cannot_be_set_are_losses() {
        let object = json!({ "type": "object", "properties": { "a": {} } });
        for parameter in [
            json!({ "name": "a b", "in": "header", "schema": { "type": "string" } }),
            json!({ "name": "a", "in": "body", "schema": { "type": "string" } }),
            json!({ "name": "a", "in": "query", "content": { "text/csv": { "schema": object } } }),
            json!({ "name": "a", "in": "cookie", "schema": { "type": "object" } }),
        ] {
            let document = json!({ "paths": { "/{a}": { "get": { "parameters": [parameter] } } } });
            assert_eq!(losses(&PASS, document).len(), 1, "{parameter}");
        }
    }

    #[test]
    fn a_nullable_parameter_is_optional() {
        let (after, notes) = lowered(
            "/a",
            json!([{ "name": "a", "in": "query", "schema": { "type": "string", "nullable": true } }]),
        );
        assert_eq!(
            after,
            json!([{ "name": "a", "in": "query", "schema": { "type": "string" } }])
        );
        assert_eq!(notes.len(), 1);
    }
}
