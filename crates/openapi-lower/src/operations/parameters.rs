//! Leaves the parameters that a request can have, each with one style and one schema.
//!
//! Before: `{name: page, in: query, style: deepObject, schema: {properties: {size: …, nextToken:
//! …}}}`, a header `Accept`, `{in: header, schema: {}}`, `{in: query, content: {text/plain: …}}`.
//! After: the query parameters `page[size]` and `page[nextToken]`; no `Accept`; a string in the header;
//! `{in: query, schema: …}`.
//!
//! A query parameter can be left out, so one that may be `null` is only one that may be left out.

use openapi_document::Pointer;
use openapi_document::walk::operations;
use serde_json::{Map, Value, json};

use crate::media_type::{is_json, members};
use crate::schema::{components, resolved, type_of};
use crate::{Notes, Pass, Reduced};

pub(crate) const PASS: Pass = Pass {
    name: "parameters",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let schemas = Schemas(components(root).clone());
    for (pointer, path, _) in operations(root) {
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
                    "dropped",
                    "it stands twice, and the later one counts",
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
                _ => no_parameter,
            };
            for made in lower(parameter, &schemas, notes) {
                notes
                    .moved
                    .push((pointer.join(after.len()), source.clone()));
                after.push(made);
            }
        }
        declare_all(&path, &pointer, &mut after, notes);
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
        let loss = format!("you cannot give the parameter `{}`", self.name);
        let reduced = Reduced::removing(loss, &self.pointer);
        notes.add_reduced(
            &self.pointer,
            format!("dropped `{}`", self.name),
            why,
            reduced,
        );
    }

    /// Makes the caller write the value, in a `notation` that the client does not have. What would mend
    /// it is made of the loss.
    fn leave_to_caller(
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
            "you write the value of `{}` yourself, as {notation}",
            self.name
        );
        let why = "the client does not serialize values in this way";
        notes.add_reduced(&self.pointer, "made it a string", why, mend(loss));
    }

    fn done(mut self, notes: &mut Notes) -> Vec<Value> {
        if let Some(members) = self.value.as_object_mut()
            && !members.contains_key("content")
        {
            members
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
                "dropped `nullable`",
                "a parameter without a value is left out",
            );
        }
        vec![self.value]
    }

    /// A scalar is the same string in every media type; what is neither a scalar nor JSON has to be
    /// written by the caller.
    fn take_schema_of_content(&mut self, schemas: &Schemas, notes: &mut Notes) {
        let Some(content) = self.value["content"].as_object() else {
            return;
        };
        let Some((media_type, media)) = content.iter().next() else {
            return;
        };
        if is_json(media_type) {
            // What has several media types is written in the first.
            let first = json!({ media_type: media });
            self.value["content"] = first;
            return;
        }
        let (media_type, schema) = (media_type.clone(), media["schema"].clone());
        let is_scalar = !matches!(schemas.type_of(&schema), None | Some("array" | "object"));
        if let Some(members) = self.value.as_object_mut() {
            members.shift_remove("content");
        }
        self.value["schema"] = schema;
        let content = self.pointer.join("content");
        if is_scalar {
            let why = "a scalar is the same string in every media type";
            notes.add(&content, "took its schema", why);
        } else {
            let mend = |loss| Reduced::removing(loss, &content);
            self.leave_to_caller(&format!("`{media_type}`"), mend, notes);
        }
    }

    fn has_content(&self) -> bool {
        self.value["content"]
            .as_object()
            .is_some_and(|content| !content.is_empty())
    }

    /// Makes a string of what has no one type, since a path, a header or a cookie is one.
    fn be_one_type(&mut self, schemas: &Schemas, notes: &mut Notes) {
        if self.has_content() || schemas.type_of(&self.value["schema"]).is_some() {
            return;
        }
        self.value["schema"] = json!({ "type": "string" });
        notes.add(
            &self.pointer.join("schema"),
            "made it a string",
            "a value of no one type is any string there",
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

    /// The type of a schema, or else that of one of the parts that it is all of.
    fn type_of<'a>(&'a self, schema: &'a Value) -> Option<&'a str> {
        let mut waiting = vec![schema];
        // The check refuses a schema that is a part of itself.
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

fn no_parameter(parameter: Parameter, _: &Schemas, notes: &mut Notes) -> Vec<Value> {
    parameter.drop("a request has a path, a query, headers and cookies", notes);
    Vec::new()
}

fn path_parameter(mut parameter: Parameter, schemas: &Schemas, notes: &mut Notes) -> Vec<Value> {
    parameter.value["required"] = true.into();
    parameter.be_one_type(schemas, notes);
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
    if parameter.value["allowReserved"] == true {
        notes.add(
            &parameter.pointer.join("allowReserved"),
            "dropped",
            "what is percent-encoded is the same to a server, and never taken for something else",
        );
    }
    parameter.done(notes)
}

fn header_parameter(mut parameter: Parameter, schemas: &Schemas, notes: &mut Notes) -> Vec<Value> {
    if is_reserved(&parameter.name) {
        notes.add(
            &parameter.pointer,
            format!("dropped the header `{}`", parameter.name),
            "OpenAPI ignores it as a parameter: it belongs to credentials and media types",
        );
        return Vec::new();
    }
    if !is_token(&parameter.name) {
        parameter.drop("it is not the name of a header", notes);
        return Vec::new();
    }
    parameter.be_one_type(schemas, notes);
    parameter.done(notes)
}

fn cookie_parameter(mut parameter: Parameter, schemas: &Schemas, notes: &mut Notes) -> Vec<Value> {
    if !is_token(&parameter.name) {
        parameter.drop("it is not the name of a cookie", notes);
        return Vec::new();
    }
    let schema = &parameter.value["schema"];
    let is_object = !parameter.has_content() && schemas.type_of(schema) == Some("object");
    if is_object && parameter.is_exploded(true) {
        let Some(listed) = listed(schemas, schema) else {
            let pointer = parameter.pointer.clone();
            let mend = |loss| Reduced::updating(loss, &pointer, "{explode: false}");
            parameter.leave_to_caller("`name=value&…`", mend, notes);
            return parameter.done(notes);
        };
        return expand(&parameter, &listed, Naming::Own, schemas, notes);
    }
    parameter.be_one_type(schemas, notes);
    parameter.done(notes)
}

/// OpenAPI 3.0.3, Parameter Object: definitions of these three headers are ignored.
fn is_reserved(header: &str) -> bool {
    ["accept", "content-type", "authorization"].contains(&header.to_ascii_lowercase().as_str())
}

/// Whether a name can be that of a header or a cookie (RFC 9110 section 5.6.2).
fn is_token(name: &str) -> bool {
    let is_token_character =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token_character)
}

fn drop_nullable(schema: &mut Value) {
    if let Some(members) = schema.as_object_mut() {
        members.shift_remove("nullable");
        // What was wrapped only to be nullable.
        if members.len() == 1
            && let Some([only]) = members
                .get("allOf")
                .and_then(Value::as_array)
                .map(Vec::as_slice)
        {
            *schema = only.clone();
        }
    }
}

/// The members of an object that has no others, when each of them can be a parameter.
fn listed(schemas: &Schemas, schema: &Value) -> Option<Vec<(String, Value)>> {
    let object = schemas.resolved(schema);
    let is_open = matches!(
        object.get("additionalProperties"),
        Some(Value::Bool(true) | Value::Object(_))
    );
    let is_choice = ["oneOf", "anyOf"]
        .iter()
        .any(|keyword| object.get(keyword).is_some());
    let listed = members(&schemas.0, schema);
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

/// What the members of an object are called as parameters.
#[derive(Clone, Copy)]
enum Naming {
    /// `page[size]`.
    Brackets,
    /// `size`.
    Own,
}

/// One parameter a member.
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
    for (member, member_schema) in listed {
        let expanded = match naming {
            Naming::Brackets => format!("{name}[{member}]"),
            Naming::Own => member.clone(),
        };
        let mut member_schema = member_schema.clone();
        drop_nullable(&mut member_schema);
        let is_required = parameter.value["required"] == true
            && required.is_some_and(|required| required.iter().any(|name| name == member));
        let mut single = json!({ "name": expanded, "in": parameter.value["in"] });
        let description = member_schema
            .get("description")
            .or(parameter.value.get("description"));
        if let Some(description) = description {
            single["description"] = description.clone();
        }
        if is_required {
            single["required"] = true.into();
        }
        single["schema"] = member_schema;
        made.push(single);
        names.push(expanded);
    }
    notes.add(
        &parameter.pointer,
        format!("expanded `{name}` to `{}`", names.join("`, `")),
        "generated calls send one parameter at a time",
    );
    made
}

/// Every parameter that the template names is declared.
fn declare_all(path: &str, pointer: &Pointer, parameters: &mut Vec<Value>, notes: &mut Notes) {
    for name in openapi_document::template_parameters(path) {
        let declared = parameters
            .iter()
            .any(|parameter| parameter["in"] == "path" && parameter["name"] == *name);
        if !declared {
            parameters.push(json!({
                "name": name, "in": "path", "required": true, "schema": { "type": "string" },
            }));
            notes.add(
                pointer,
                format!("declared the path parameter `{name}`"),
                "the path names it, and a path needs a value for each",
            );
        }
    }
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
    fn a_deep_object_becomes_one_parameter_a_property() {
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
            ["#/paths/~1a/get/parameters/0: expanded `page` to `page[size]`, `page[nextToken]`"]
        );
    }

    #[test]
    fn an_exploded_object_is_its_properties() {
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
    fn every_other_style_stays_as_it_is_written() {
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
    fn what_has_no_one_type_is_a_string_outside_of_queries() {
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
    fn what_is_no_parameter_is_dropped() {
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
    fn what_a_caller_cannot_say_any_more_is_a_loss() {
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
    fn a_parameter_that_may_be_null_is_one_that_may_be_left_out() {
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

    #[test]
    fn a_path_parameter_that_nobody_declared_is_declared() {
        let (after, notes) = lowered("/a/{b}", json!([]));
        assert_eq!(
            after,
            json!([{ "name": "b", "in": "path", "required": true, "schema": { "type": "string" } }])
        );
        assert_eq!(notes.len(), 1);
    }
}
