//! Says every parameter in one of the ways that progenitor sends.
//!
//! Before: `{name: page, in: query, style: deepObject, schema: {properties: {size: …, nextToken:
//! …}}}`, `{name: ids, in: query, explode: false, schema: {type: array}}`, `{name: sid, in:
//! cookie}`, a header `Accept`, `{in: query, content: {application/json: …}}`.
//! After: the query parameters `page[size]` and `page[nextToken]`; `ids` as the type
//! `client_runtime::CommaSeparated`; the header `~~sid`, of which the session makes the cookie; no
//! `Accept`; a parameter of the type `client_runtime::JsonText`.
//!
//! A query parameter can be left out, so one that may be `null` is only one that may be left out.

use openapi_document::Pointer;
use openapi_document::walk::operations;
use serde_json::{Map, Value, json};

use super::json_media_types::is_json;
use super::media_type::members;
use super::rust_type::{replace, runtime_type};
use super::schema::{
    Names, component_name, components, components_mut, is_plain_scalar, reference, resolved,
    type_of,
};
use super::{Notes, Pass, Reduced};
use crate::rust_name::pascal;

pub(super) const PASS: Pass = Pass {
    name: "parameters",
    run,
};

/// What begins the name of a header that the session makes a cookie of; `client-runtime` knows it as
/// well.
const COOKIE_CARRIER: &str = "~~";

fn run(root: &mut Value, notes: &mut Notes) {
    let mut types = Types::of(root);
    for (pointer, path, _) in operations(root) {
        let Some(operation) = pointer.get_mut(root) else {
            continue;
        };
        let pointer = pointer.join("parameters");
        let before = match operation.get("parameters") {
            Some(Value::Array(parameters)) => parameters.clone(),
            _ => Vec::new(),
        };
        let id = pascal(operation["operationId"].as_str().unwrap_or_default());
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
            let name = value["name"].as_str().unwrap_or_default().to_owned();
            let mut parameter = Parameter {
                pointer: source.clone(),
                type_name: format!("{id}{}", pascal(&name)),
                name,
                value: value.clone(),
            };
            parameter.take_schema_of_text(&types, notes);
            let lower = match value["in"].as_str() {
                Some("path") => path_parameter,
                Some("query") => query_parameter,
                Some("header") => header_parameter,
                Some("cookie") => cookie_parameter,
                _ => no_parameter,
            };
            let known = types.made.len();
            for made in lower(parameter, &mut types, notes) {
                notes
                    .moved
                    .push((pointer.join(after.len()), source.clone()));
                after.push(made);
            }
            let schema = source.join("schema");
            for name in types.made.keys().skip(known) {
                notes.component(name, &[schema.clone(), schema.join("items")]);
            }
        }
        declare_all(&path, &pointer, &mut after, notes);
        let cookies: Vec<Value> = after
            .iter()
            .filter_map(|made| made["name"].as_str()?.strip_prefix(COOKIE_CARRIER))
            .map(Value::from)
            .collect();
        if !cookies.is_empty() {
            operation["x-cookies"] = cookies.into();
        }
        if !after.is_empty() || operation.get("parameters").is_some() {
            operation["parameters"] = after.into();
        }
    }
    types.declare(root);
}

/// A parameter that is being lowered.
struct Parameter {
    pointer: Pointer,
    name: String,
    value: Value,
    /// What a type made for it is called.
    type_name: String,
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

    /// Makes the caller write the value, in a `notation` that no type has. What would mend it is made of
    /// the loss.
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
        let why = "there is no type that is written so";
        notes.add_reduced(&self.pointer, "made it a string", why, mend(loss));
    }

    /// Gives it a type of the runtime around what `inner` is.
    fn wrap(&mut self, path: &str, inner: Value, types: &mut Types, notes: &mut Notes) {
        let named = types.named(inner, &self.type_name);
        self.become_runtime_type(path, &[named], notes);
    }

    fn become_runtime_type(&mut self, path: &str, parameters: &[Value], notes: &mut Notes) {
        replace(&mut self.value["schema"], path, parameters);
        let what = format!("gave it the type `{path}`");
        notes.add(
            &self.pointer,
            what,
            "its values are written otherwise than generated code does",
        );
    }

    /// Takes off how it is written, which its type says by now.
    fn done(mut self, notes: &mut Notes) -> Vec<Value> {
        if let Some(members) = self.value.as_object_mut() {
            for keyword in [
                "style",
                "explode",
                "allowReserved",
                "allowEmptyValue",
                "content",
            ] {
                members.shift_remove(keyword);
            }
            members
                .entry("schema")
                .or_insert_with(|| json!({ "type": "string" }));
        }
        if self.value["schema"]["nullable"] == true {
            drop_nullable(&mut self.value["schema"]);
            notes.add(
                &self.pointer.join("schema"),
                "dropped `nullable`",
                "a parameter without a value is left out",
            );
        }
        vec![self.value]
    }

    /// A scalar has one text in whatever notation; what else is not JSON has to be written by the caller.
    fn take_schema_of_text(&mut self, types: &Types, notes: &mut Notes) {
        let Some(content) = self.value["content"].as_object() else {
            return;
        };
        let Some((media_type, media)) = content.iter().next() else {
            return;
        };
        if is_json(media_type) {
            return;
        }
        let (media_type, schema) = (media_type.clone(), media["schema"].clone());
        let is_scalar = !matches!(types.type_of(&schema), None | Some("array" | "object"));
        if let Some(members) = self.value.as_object_mut() {
            members.shift_remove("content");
        }
        self.value["schema"] = schema;
        let content = self.pointer.join("content");
        if is_scalar {
            let why = "a scalar is written as its text";
            notes.add(&content, "took its schema", why);
        } else {
            let mend = |loss| Reduced::removing(loss, &content);
            self.leave_to_caller(&format!("`{media_type}`"), mend, notes);
        }
    }

    /// The schema of its content, where it has that in place of a schema and it is JSON.
    fn json_content(&self) -> Option<Value> {
        let (media_type, media) = self.value["content"].as_object()?.iter().next()?;
        is_json(media_type).then(|| media.get("schema").cloned().unwrap_or_else(|| json!({})))
    }

    fn style(&self) -> Option<&str> {
        self.value["style"].as_str()
    }

    fn is_exploded(&self, by_default: bool) -> bool {
        self.value["explode"].as_bool().unwrap_or(by_default)
    }
}

/// The schemas of the document, and the components made for types that had no name.
struct Types {
    schemas: Map<String, Value>,
    names: Names,
    made: Map<String, Value>,
}

impl Types {
    fn of(root: &Value) -> Self {
        let schemas = components(root);
        Self {
            names: Names::of(schemas),
            schemas: schemas.clone(),
            made: Map::new(),
        }
    }

    fn declare(mut self, root: &mut Value) {
        if !self.made.is_empty() {
            components_mut(root).append(&mut self.made);
        }
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        resolved(&self.schemas, schema)
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

    /// Whether the instances of a schema are maps of scalars, for which no type is made.
    fn is_map(&self, schema: &Value) -> bool {
        let schema = self.resolved(schema);
        let is_scalar = |value: &Value| !matches!(self.type_of(value), Some("object" | "array"));
        let has_parts = ["properties", "oneOf", "anyOf", "allOf"]
            .iter()
            .any(|keyword| schema.get(keyword).is_some());
        !has_parts && schema.get("additionalProperties").is_none_or(is_scalar)
    }

    /// A schema that can be a type parameter: typify names no type that is made for one.
    fn named(&mut self, schema: Value, wanted: &str) -> Value {
        if component_name(&schema).is_some()
            || is_plain_scalar(&schema)
            || schema.get("x-rust-type").is_some()
        {
            return schema;
        }
        let name = self.names.free(wanted);
        self.made.insert(name.clone(), schema);
        reference(&name)
    }

    /// A type of which there is one value, which is written as the name of the parameter.
    fn name_type(&mut self, parameter: &Parameter) -> Value {
        let name = &parameter.name;
        let schema = json!({
            "description": format!("The name of the parameter `{name}`, which stands in the path."),
            "type": "string",
            "enum": [name],
            "default": name,
        });
        self.named(schema, &format!("{}Name", parameter.type_name))
    }

    /// What the items of a list are: scalars as they are, anything else as JSON.
    fn items(&mut self, list: &Value, wanted: &str) -> Value {
        let wanted = format!("{wanted}Item");
        let items = self.resolved(list).get("items").cloned();
        let items = items.unwrap_or_else(|| json!({ "type": "string" }));
        match self.type_of(&items) {
            Some("object" | "array") => {
                let inner = self.named(items, &wanted);
                let mut json = json!({});
                replace(&mut json, "JsonText", &[inner]);
                json
            }
            Some(_) => self.named(items, &wanted),
            None if items.as_object().is_none_or(Map::is_empty) => json!({ "type": "string" }),
            None => self.named(items, &wanted),
        }
    }
}

fn no_parameter(parameter: Parameter, _: &mut Types, notes: &mut Notes) -> Vec<Value> {
    parameter.drop("a request has a path, a query, headers and cookies", notes);
    Vec::new()
}

/// Generated code writes scalars of the style `simple`; what has separators is told them by its type.
fn path_parameter(mut parameter: Parameter, types: &mut Types, notes: &mut Notes) -> Vec<Value> {
    parameter.value["required"] = true.into();
    let schema = parameter.value["schema"].clone();
    if let Some(content) = parameter.json_content() {
        let named = types.named(content, &parameter.type_name);
        let text = runtime_type("JsonText", &[named]);
        parameter.become_runtime_type("Simple", &[text], notes);
        return parameter.done(notes);
    }
    let (style, kind) = (
        parameter.style().unwrap_or("simple"),
        types.type_of(&schema),
    );
    let is_scalar = !matches!(kind, Some("array" | "object"));
    if is_scalar && !["label", "matrix"].contains(&style) {
        write_time(&mut parameter, types, notes);
        return parameter.done(notes);
    }
    let is_object = kind == Some("object");
    let value = match kind {
        Some("array") => {
            let items = types.items(&schema, &parameter.type_name);
            runtime_type("List", &[items])
        }
        _ => types.named(schema, &parameter.type_name),
    };
    let exploded = parameter.is_exploded(false);
    let (path, parameters) = match (style, exploded) {
        ("label", false) => ("Label", vec![value]),
        ("label", true) => ("LabelExploded", vec![value]),
        ("matrix", false) => ("Matrix", vec![value, types.name_type(&parameter)]),
        // The names of the members stand there, and not the one of the parameter.
        ("matrix", true) if is_object => {
            ("MatrixExploded", vec![value, runtime_type("Unnamed", &[])])
        }
        ("matrix", true) => ("MatrixExploded", vec![value, types.name_type(&parameter)]),
        (_, false) => ("Simple", vec![value]),
        (_, true) => ("SimpleExploded", vec![value]),
    };
    parameter.become_runtime_type(path, &parameters, notes);
    parameter.done(notes)
}

fn query_parameter(mut parameter: Parameter, types: &mut Types, notes: &mut Notes) -> Vec<Value> {
    if let Some(content) = parameter.json_content() {
        parameter.wrap("JsonText", content, types, notes);
        return parameter.done(notes);
    }
    let schema = parameter.value["schema"].clone();
    let exploded = parameter.value["explode"].as_bool();
    match (parameter.style().unwrap_or("form"), types.type_of(&schema)) {
        ("deepObject", Some("string" | "integer" | "number" | "boolean")) => {}
        ("deepObject", _) => match listed(types, &schema) {
            Some(listed) => {
                return expand(&parameter, &schema, &listed, Naming::Brackets, types, notes);
            }
            None => parameter.wrap("DeepObject", schema, types, notes),
        },
        (style, Some("array")) => {
            let items = types.items(&schema, &parameter.type_name);
            match (style, exploded) {
                ("spaceDelimited", None | Some(false)) => {
                    parameter.wrap("SpaceSeparated", items, types, notes);
                }
                ("pipeDelimited", None | Some(false)) => {
                    parameter.wrap("PipeSeparated", items, types, notes);
                }
                (_, Some(false)) => parameter.wrap("CommaSeparated", items, types, notes),
                _ if items.get("x-rust-type").is_some() => {
                    parameter.value["schema"] = json!({ "type": "array", "items": items });
                    let why =
                        "generated code repeats a parameter for each value, which has to be text";
                    notes.add(&parameter.pointer, "made its values `JsonText`", why);
                }
                _ => {}
            }
        }
        ("spaceDelimited", Some("object")) if exploded != Some(true) => {
            parameter.wrap("SpaceSeparatedMembers", schema, types, notes);
        }
        ("pipeDelimited", Some("object")) if exploded != Some(true) => {
            parameter.wrap("PipeSeparatedMembers", schema, types, notes);
        }
        (_, Some("object")) if exploded == Some(false) => {
            parameter.wrap("CommaSeparatedMembers", schema, types, notes);
        }
        (_, Some("object")) => match listed(types, &schema) {
            Some(listed) => return expand(&parameter, &schema, &listed, Naming::Own, types, notes),
            None if types.is_map(&schema) => {}
            None => parameter.wrap("Members", schema, types, notes),
        },
        _ => {}
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

fn header_parameter(mut parameter: Parameter, types: &mut Types, notes: &mut Notes) -> Vec<Value> {
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
    write_text(&mut parameter, types, notes);
    parameter.done(notes)
}

fn cookie_parameter(mut parameter: Parameter, types: &mut Types, notes: &mut Notes) -> Vec<Value> {
    if !is_token(&parameter.name) {
        parameter.drop("it is not the name of a cookie", notes);
        return Vec::new();
    }
    let schema = parameter.value["schema"].clone();
    let is_object = types.type_of(&schema) == Some("object");
    if is_object && parameter.is_exploded(true) {
        let Some(listed) = listed(types, &schema) else {
            let pointer = parameter.pointer.clone();
            let mend = |loss| Reduced::updating(loss, &pointer, "{explode: false}");
            parameter.leave_to_caller("`name=value&…`", mend, notes);
            return cookie_parameter(parameter, types, notes);
        };
        let each = expand(&parameter, &schema, &listed, Naming::Own, types, notes);
        let each = each.into_iter().flat_map(|value| {
            let name = value["name"].as_str().unwrap_or_default().to_owned();
            let cookie = Parameter {
                pointer: parameter.pointer.clone(),
                type_name: format!("{}{}", parameter.type_name, pascal(&name)),
                name,
                value,
            };
            cookie_parameter(cookie, types, notes)
        });
        return each.collect();
    }
    write_text(&mut parameter, types, notes);
    parameter.value["name"] = format!("{COOKIE_CARRIER}{}", parameter.name).into();
    parameter.value["in"] = "header".into();
    notes.add(
        &parameter.pointer,
        format!("carried the cookie `{}` in a header", parameter.name),
        "generated calls send no cookies; the session makes one of it",
    );
    parameter.done(notes)
}

/// What a header or a cookie holds is the text of its type.
fn write_text(parameter: &mut Parameter, types: &mut Types, notes: &mut Notes) {
    if let Some(content) = parameter.json_content() {
        parameter.wrap("JsonText", content, types, notes);
        return;
    }
    let schema = parameter.value["schema"].clone();
    match types.type_of(&schema) {
        Some("array") => {
            let items = types.items(&schema, &parameter.type_name);
            parameter.wrap("CommaSeparated", items, types, notes);
        }
        Some("object") if parameter.is_exploded(false) => {
            parameter.wrap("Assignments", schema, types, notes);
        }
        Some("object") => parameter.wrap("CommaSeparatedMembers", schema, types, notes),
        Some(_) => write_time(parameter, types, notes),
        None => {
            parameter.value["schema"] = json!({ "type": "string" });
            let why = "what has no one type is any text in a header";
            notes.add(&parameter.pointer.join("schema"), "made it a string", why);
        }
    }
}

/// The text of a `DateTime` is not the one of the format `date-time`.
fn write_time(parameter: &mut Parameter, types: &Types, notes: &mut Notes) {
    let schema = types.resolved(&parameter.value["schema"]);
    if schema["type"] == "string" && schema["format"] == "date-time" {
        replace(&mut parameter.value["schema"], "Timestamp", &[]);
        notes.add(
            &parameter.pointer.join("schema"),
            "became a `Timestamp`",
            "in a path or a header a time is written as RFC 3339 says",
        );
    }
}

/// OpenAPI 3.0.3, Parameter Object: definitions of these three headers are ignored.
fn is_reserved(header: &str) -> bool {
    ["accept", "content-type", "authorization"].contains(&header.to_ascii_lowercase().as_str())
}

/// Whether a name can be that of a header or a cookie (RFC 9110 section 5.6.2). A tilde could, but is
/// what the runtime marks names with.
fn is_token(name: &str) -> bool {
    let is_token_character =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|".contains(&byte);
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
fn listed(types: &Types, schema: &Value) -> Option<Vec<(String, Value)>> {
    let object = types.resolved(schema);
    let is_open = matches!(
        object.get("additionalProperties"),
        Some(Value::Bool(true) | Value::Object(_))
    );
    let is_choice = ["oneOf", "anyOf"]
        .iter()
        .any(|keyword| object.get(keyword).is_some());
    let listed = members(&types.schemas, schema);
    let can_be_sent = |schema: &Value| match types.type_of(schema) {
        Some("object") => false,
        Some("array") => {
            let items = &types.resolved(schema)["items"];
            !matches!(types.type_of(items), Some("object" | "array"))
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
    schema: &Value,
    listed: &[(String, Value)],
    naming: Naming,
    types: &Types,
    notes: &mut Notes,
) -> Vec<Value> {
    let name = &parameter.name;
    let required = types.resolved(schema)["required"].as_array();
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
    use crate::lower::testing::{losses, run};

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
    fn a_deep_object_becomes_one_parameter_a_member() {
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

    /// The type of the runtime that a parameter becomes, with what it is made of.
    fn runtime_type_of(parameter: Value) -> (String, Value) {
        let path = match parameter["in"] == "path" {
            true => "/a/{x}",
            false => "/a",
        };
        let (after, _) = lowered(path, json!([parameter]));
        let extension = &after[0]["schema"]["x-rust-type"];
        let path = extension["path"].as_str().unwrap_or_default();
        let name = path.trim_start_matches("client_runtime::").to_owned();
        (name, extension["parameters"][0].clone())
    }

    #[test]
    fn a_parameter_that_is_written_otherwise_has_a_type_that_is() {
        let string = json!({ "type": "string" });
        let list = json!({ "type": "array", "items": string });
        let map = json!({ "type": "object", "additionalProperties": string });
        let made = reference("XX");
        for (parameter, expected, inner) in [
            (
                json!({ "in": "query", "explode": false, "schema": list }),
                "CommaSeparated",
                &string,
            ),
            (
                json!({ "in": "query", "style": "pipeDelimited", "schema": list }),
                "PipeSeparated",
                &string,
            ),
            (
                json!({ "in": "query", "style": "spaceDelimited", "schema": list }),
                "SpaceSeparated",
                &string,
            ),
            (
                json!({ "in": "query", "style": "pipeDelimited", "explode": true, "schema": list }),
                "",
                &Value::Null,
            ),
            (json!({ "in": "query", "schema": list }), "", &Value::Null),
            (
                json!({ "in": "query", "style": "deepObject", "schema": map }),
                "DeepObject",
                &made,
            ),
            (
                json!({ "in": "query", "content": { "application/json": { "schema": map } } }),
                "JsonText",
                &made,
            ),
            (
                json!({ "in": "header", "schema": list }),
                "CommaSeparated",
                &string,
            ),
            (
                json!({ "in": "cookie", "schema": list }),
                "CommaSeparated",
                &string,
            ),
            (
                json!({ "in": "path", "schema": list }),
                "Simple",
                &runtime_type("List", std::slice::from_ref(&string)),
            ),
            (
                json!({ "in": "path", "style": "label", "schema": string }),
                "Label",
                &string,
            ),
            (
                json!({ "in": "path", "style": "matrix", "explode": true, "schema": map }),
                "MatrixExploded",
                &made,
            ),
            (
                json!({ "in": "path", "explode": true, "schema": map }),
                "SimpleExploded",
                &made,
            ),
            (
                json!({ "in": "path", "content": { "application/json": { "schema": map } } }),
                "Simple",
                &runtime_type("JsonText", std::slice::from_ref(&made)),
            ),
            (
                json!({ "in": "query", "style": "form", "explode": false, "schema": map }),
                "CommaSeparatedMembers",
                &made,
            ),
            (
                json!({ "in": "query", "style": "spaceDelimited", "schema": map }),
                "SpaceSeparatedMembers",
                &made,
            ),
            (
                json!({ "in": "query", "style": "pipeDelimited", "schema": map }),
                "PipeSeparatedMembers",
                &made,
            ),
            (
                json!({ "in": "header", "schema": map }),
                "CommaSeparatedMembers",
                &made,
            ),
            (
                json!({ "in": "header", "explode": true, "schema": map }),
                "Assignments",
                &made,
            ),
            (
                json!({ "in": "cookie", "explode": false, "schema": map }),
                "CommaSeparatedMembers",
                &made,
            ),
            (
                json!({ "in": "header", "schema": { "type": "string", "format": "date-time" } }),
                "Timestamp",
                &Value::Null,
            ),
        ] {
            let mut named = parameter.clone();
            named["name"] = "x".into();
            assert_eq!(
                runtime_type_of(named),
                (expected.to_owned(), inner.clone()),
                "{parameter}"
            );
        }
    }

    #[test]
    fn an_exploded_object_is_its_members() {
        let (after, _) = lowered(
            "/a",
            json!([{ "name": "page", "in": "query", "schema": { "$ref": "#/components/schemas/Page" } }]),
        );
        assert_eq!(after[0]["name"], "size");
        assert_eq!(after[1]["name"], "nextToken");
    }

    #[test]
    fn a_cookie_travels_in_a_header_and_the_operation_knows_how_it_is_spelt() {
        let (after, _) = run(
            &PASS,
            json!({ "paths": { "/a": { "get": { "parameters": [
                { "name": "SID", "in": "cookie", "schema": { "type": "string" } },
            ] } } } }),
        );
        let operation = &after["paths"]["/a"]["get"];
        assert_eq!(operation["x-cookies"], json!(["SID"]));
        assert_eq!(
            operation["parameters"],
            json!([{ "name": "~~SID", "in": "header", "schema": { "type": "string" } }])
        );
    }

    #[test]
    fn an_exploded_object_in_cookies_is_a_cookie_a_member() {
        let (after, _) = lowered(
            "/a",
            json!([{ "name": "page", "in": "cookie", "schema": { "$ref": "#/components/schemas/Page" } }]),
        );
        let name = |index: usize| after[index]["name"].as_str().unwrap_or_default();
        assert_eq!([name(0), name(1)], ["~~size", "~~nextToken"]);
    }

    #[test]
    fn a_name_that_stands_in_the_path_is_a_type_with_one_value() {
        let parameter = json!({
            "name": "b", "in": "path", "style": "matrix", "schema": { "type": "string" },
        });
        let document = json!({ "paths": { "/a/{b}": { "get": { "parameters": [parameter] } } } });
        let (after, _) = run(&PASS, document);
        let schema = &after["paths"]["/a/{b}"]["get"]["parameters"][0]["schema"];
        let name = &schema["x-rust-type"]["parameters"][1];
        let made = &after["components"]["schemas"][component_name(name).expect("is a component")];
        assert_eq!(made["enum"], json!(["b"]));
        assert_eq!(made["default"], "b");
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
