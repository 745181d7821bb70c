//! Moves inline schemas to components, and names the components after the locations.

use client_codegen::naming::pascal;
use openapi_document::Pointer;
use openapi_document::walk::{Kind, visit_from_mut};
use serde_json::{Map, Value, json};

use crate::Notes;
use crate::schema::{Names, is_constrained_string, is_string_enum, reference};

/// The keywords that apply to the use of a type, not to the type.
const OF_THE_USE: [&str; 6] = [
    "description",
    "readOnly",
    "writeOnly",
    "x-read-only-in-part",
    "x-write-only-in-part",
    "deprecated",
];

/// Moves the types inside a schema, a parameter, a body or a response to components. Their names start with
/// `base`.
pub(crate) struct Hoist<'a> {
    pub(crate) base: String,
    pub(crate) schemas: &'a mut Map<String, Value>,
    pub(crate) names: &'a mut Names,
    pub(crate) notes: &'a mut Notes,
}

impl Hoist<'_> {
    /// Moves the schemas inside `value`, which is at `outer`, to components if `wanted` is true for them.
    /// The arguments of `wanted` are the path from `outer` to the schema, and the schema. `value` itself is
    /// not replaced.
    pub(crate) fn inside(
        &mut self,
        kind: Kind,
        outer: &Pointer,
        value: &mut Value,
        wanted: &dyn Fn(&[String], &Value) -> bool,
    ) {
        let depth = outer.tokens().count();
        visit_from_mut(kind, outer, value, &mut |kind, pointer, schema| {
            if kind != Kind::Schema || pointer == outer || !gets_a_type(schema) {
                return;
            }
            let inside: Vec<String> = pointer.tokens().skip(depth).collect();
            if wanted(&inside, schema) {
                self.hoist(pointer, &inside, schema);
            }
        });
    }

    fn hoist(&mut self, pointer: &Pointer, inside: &[String], schema: &mut Value) {
        let mut component = schema.clone();
        let Some(keywords) = component.as_object_mut() else {
            return;
        };
        let nullable = keywords.shift_remove("nullable") == Some(Value::Bool(true));
        let title = keywords.get("title").and_then(Value::as_str);
        let wanted = pascal(&format!("{}-{}", self.base, describing_name(inside, title)));
        let mut of_the_use = Map::new();
        for keyword in OF_THE_USE {
            if let Some(value_of_use) = keywords.get(keyword).cloned() {
                of_the_use.insert(keyword.to_owned(), value_of_use);
            }
        }
        keywords.retain(|keyword, _| keyword == "description" || !of_the_use.contains_key(keyword));
        let numbered = (2..).map(|count| format!("{wanted}{count}"));
        let known = std::iter::once(wanted.clone())
            .chain(numbered)
            .map_while(|name| Some((self.schemas.get(&name)?, name)))
            .find(|(known, _)| same_type(known, &component));
        let name = match known {
            Some((_, name)) => name,
            None => self.names.free(&wanted),
        };
        if !self.schemas.contains_key(&name) {
            self.notes.component(&name, std::slice::from_ref(pointer));
            self.schemas.insert(name.clone(), component);
        }
        self.notes.add(
            pointer,
            format!("moved to the component `{name}`"),
            "the generated type needs a stable name",
        );
        *schema = reference(&name);
        if nullable {
            of_the_use.insert("nullable".to_owned(), true.into());
        }
        if !of_the_use.is_empty() {
            let mut wrapped = json!({ "allOf": [schema.take()] });
            for (keyword, value_of_use) in of_the_use {
                wrapped[keyword] = value_of_use;
            }
            *schema = wrapped;
        }
    }
}

/// True if two schemas with the same name can be one type.
fn same_type(known: &Value, schema: &Value) -> bool {
    known == schema || is_string_enum(known) && known["enum"] == schema["enum"]
}

/// The name for `properties/node/items` is `node-item`. A branch of a choice is named by its title.
pub(crate) fn describing_name(tokens: &[String], title: Option<&str>) -> String {
    let mut words = Vec::new();
    let mut is_name = false;
    let mut tokens = tokens.iter().map(String::as_str).peekable();
    while let Some(token) = tokens.next() {
        match token {
            name if is_name => {
                words.push(name.to_owned());
                is_name = false;
            }
            "properties" => is_name = true,
            "items" => words.push("item".to_owned()),
            "prefixItems" => {
                let index = tokens.next().unwrap_or_default();
                words.push(format!("item-{index}"));
            }
            "additionalProperties" => words.push("value".to_owned()),
            "oneOf" | "anyOf" => {
                let index = tokens.next().unwrap_or_default();
                match title.filter(|_| tokens.peek().is_none()) {
                    Some(title) => words.push(title.to_owned()),
                    None => words.push(format!("variant-{index}")),
                }
            }
            _ => {}
        }
    }
    words.join("-")
}

/// True if typify would generate a type for the schema.
fn gets_a_type(schema: &Value) -> bool {
    let listed = |keyword: &str| match &schema[keyword] {
        Value::Object(object) => !object.is_empty(),
        Value::Array(values) => !values.is_empty(),
        closed => keyword == "additionalProperties" && *closed == Value::Bool(false),
    };
    match schema["type"].as_str() {
        _ if listed("oneOf") => true,
        Some("object") => {
            listed("properties") || listed("required") || schema["additionalProperties"] == false
        }
        Some("string") => listed("enum") || is_constrained_string(schema),
        Some("integer") => listed("enum"),
        _ => false,
    }
}
