//! The schemas that apply to one value together: a schema, the targets of its references, and its
//! `allOf`.

use openapi_document::Pointer;
use serde_json::{Map, Value};

use crate::shape::Version;

/// One schema of several that apply to a value together.
#[derive(Clone)]
pub(crate) struct Part<'a> {
    pub(crate) pointer: Pointer,
    pub(crate) schema: &'a Map<String, Value>,
}

/// The schemas that apply to a value together.
#[derive(Clone, Default)]
pub(crate) struct Parts<'a> {
    pub(crate) list: Vec<Part<'a>>,
    /// True if a reference cannot be followed, so that the value may have any other content.
    pub(crate) is_open: bool,
    /// The visited locations, to detect cycles.
    seen: Vec<Pointer>,
}

impl<'a> Parts<'a> {
    /// Adds the schema at `location`.
    pub(crate) fn add(&mut self, root: &'a Value, location: &Pointer) {
        if self.seen.contains(location) {
            return;
        }
        self.seen.push(location.clone());
        let Some(Value::Object(schema)) = location.get(root) else {
            // `true`, which allows everything, or nothing at all.
            self.is_open = true;
            return;
        };
        let target = schema.get("$ref").and_then(Value::as_str);
        if target.is_none() || Version::of(root) == Version::V3_1 {
            let pointer = location.clone();
            self.list.push(Part { pointer, schema });
        }
        if let Some(target) = target {
            match Pointer::parse(target).filter(|target| target.get(root).is_some()) {
                Some(target) => self.add(root, &target),
                None => self.is_open = true,
            }
        }
        let inherited = schema.get("allOf").and_then(Value::as_array);
        for index in 0..inherited.map_or(0, Vec::len) {
            self.add(root, &location.join("allOf").join(index));
        }
    }
}

impl Part<'_> {
    /// The keyword of a choice that the schema has, if any.
    pub(crate) fn choice(&self) -> Option<&'static str> {
        let is_list = |name: &&str| self.schema.get(*name).is_some_and(Value::is_array);
        ["oneOf", "anyOf"].into_iter().find(is_list)
    }
}

/// True if a value may be null by the schema at `location`.
pub(crate) fn allows_null(root: &Value, location: &Pointer) -> bool {
    is_nullable(root, location, &mut Vec::new())
}

fn is_nullable(root: &Value, location: &Pointer, seen: &mut Vec<Pointer>) -> bool {
    let Some(Value::Object(schema)) = location.get(root) else {
        return true;
    };
    if seen.contains(location) {
        return true;
    }
    seen.push(location.clone());
    // Authors of 3.0 documents also intend it beside `allOf` and `$ref`.
    if schema.get("nullable") == Some(&Value::Bool(true)) {
        return true;
    }
    let is_null = |value: &Value| value.is_null() || value == "null";
    let of_type = match schema.get("type") {
        Some(Value::Array(types)) => types.iter().any(is_null),
        Some(kind) => is_null(kind),
        // Objects are often described without their type.
        None => !schema.contains_key("properties"),
    };
    let of_enum = match schema.get("enum").and_then(Value::as_array) {
        Some(values) => values.contains(&Value::Null),
        None => schema.get("const").is_none_or(Value::is_null),
    };
    let target = schema.get("$ref").and_then(Value::as_str);
    let target = target.and_then(Pointer::parse);
    let of_target = target.is_none_or(|target| is_nullable(root, &target, seen));
    let mut branches = |keyword: &str| -> Vec<bool> {
        let list = schema.get(keyword).and_then(Value::as_array);
        let count = list.map_or(0, Vec::len);
        let branch = |index| is_nullable(root, &location.join(keyword).join(index), seen);
        (0..count).map(branch).collect()
    };
    let of_all = branches("allOf").into_iter().all(|allows| allows);
    let of_choices = ["oneOf", "anyOf"].into_iter().all(|keyword| {
        let branches = branches(keyword);
        branches.is_empty() || branches.contains(&true)
    });
    of_type && of_enum && of_target && of_all && of_choices
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn null_is_allowed_where_every_schema_of_a_value_allows_it() {
        let root = json!({ "components": { "schemas": {
            "Text": { "type": "string" },
            "Maybe": { "type": "string", "nullable": true },
            "Self": { "$ref": "#/components/schemas/Self" },
        } } });
        let text = json!({ "$ref": "#/components/schemas/Text" });
        let maybe = json!({ "$ref": "#/components/schemas/Maybe" });
        for (schema, expected) in [
            (json!({}), true),
            (json!(true), true),
            (json!({ "type": "string" }), false),
            (json!({ "type": ["string", "null"] }), true),
            (json!({ "type": ["string", "null"], "enum": ["a"] }), false),
            (json!({ "enum": ["a", null] }), true),
            (json!({ "const": "a" }), false),
            (json!({ "properties": {} }), false),
            (text.clone(), false),
            (maybe.clone(), true),
            (json!({ "allOf": [maybe, text] }), false),
            (json!({ "allOf": [text], "nullable": true }), true),
            (json!({ "oneOf": [text, { "type": "null" }] }), true),
            (json!({ "anyOf": [text] }), false),
            (json!({ "$ref": "#/components/schemas/Self" }), true),
        ] {
            let mut root = root.clone();
            root["under"] = schema.clone();
            assert_eq!(
                allows_null(&root, &Pointer::of(["under"])),
                expected,
                "{schema}"
            );
        }
    }
}
