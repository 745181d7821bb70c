//! Information about the properties in the lowered schemas that generated code needs: the names of secrets,
//! and the properties for which null is a deviation.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::naming::type_name;

/// The type of secrets, as the lowering names it.
const SECRET: &str = "client_runtime::SecretString";

/// The types with null.
const NULLABLE: [&str; 2] = ["client_runtime::Nullable", "client_runtime::Null"];

/// The maximum length of a chain of references.
const MAX_REFERENCES: usize = 16;

/// The names of all properties whose values are secrets, or contain secrets directly, sorted.
pub(crate) fn secrets(document: &Value) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    collect_secrets(document, &document["components"]["schemas"], &mut found);
    found
}

fn collect_secrets<'a>(document: &'a Value, value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(object) => {
            let properties = object.get("properties").and_then(Value::as_object);
            for (name, schema) in properties.into_iter().flatten() {
                if is_secret(document, schema, MAX_REFERENCES) {
                    found.insert(name);
                }
            }
            for value in object.values() {
                collect_secrets(document, value, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                collect_secrets(document, item, found);
            }
        }
        _ => {}
    }
}

/// True if a schema is a secret, a list of secrets, or a choice with one.
fn is_secret(document: &Value, schema: &Value, references: usize) -> bool {
    if references == 0 {
        return false;
    }
    let is = |schema: &Value| is_secret(document, schema, references - 1);
    let branches = ["allOf", "anyOf", "oneOf"];
    let mut branches = branches.iter().filter_map(|name| schema[*name].as_array());
    schema["x-rust-type"]["path"] == SECRET
        || target(document, schema).is_some_and(is)
        || schema.get("items").is_some_and(is)
        || branches.any(|branches| branches.iter().any(is))
}

/// The optional properties of each component for which the document does not allow null, by the name of the
/// component's type.
pub(crate) fn properties_without_null(document: &Value) -> HashMap<String, BTreeSet<&str>> {
    let components = document["components"]["schemas"].as_object();
    let components = components.into_iter().flatten();
    let components = components.map(|(name, component)| {
        let required = component["required"].as_array();
        let is_required = |name: &str| {
            let mut required = required.into_iter().flatten();
            required.any(|required| required == name)
        };
        let properties = component["properties"].as_object();
        let without_null = properties.into_iter().flatten().filter(|(name, schema)| {
            !is_required(name) && !allows_null(document, schema, MAX_REFERENCES)
        });
        let without_null = without_null.map(|(name, _)| name.as_str());
        (type_name(name), without_null.collect())
    });
    components.collect()
}

/// True if null is a value of a schema, or may be one.
fn allows_null(document: &Value, schema: &Value, references: usize) -> bool {
    if schema["x-null-undocumented"] == true {
        return false;
    }
    if schema["nullable"] == true || references == 0 {
        return true;
    }
    let is = |schema: &Value| allows_null(document, schema, references - 1);
    if let Some(target) = target(document, schema) {
        return is(target);
    }
    if let Some(path) = schema["x-rust-type"]["path"].as_str() {
        return NULLABLE.contains(&path);
    }
    let parts = schema["allOf"].as_array();
    parts.map_or(schema["type"].is_null(), |parts| parts.iter().all(is))
}

fn target<'a>(document: &'a Value, schema: &Value) -> Option<&'a Value> {
    document.pointer(schema["$ref"].as_str()?.strip_prefix('#')?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document() -> Value {
        let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let secret = json!({ "x-rust-type": { "path": SECRET } });
        json!({ "components": { "schemas": {
            "Pin": secret,
            "Loop": reference("Loop"),
            "Settings": { "properties": {
                "pin": reference("Pin"),
                "codes": { "type": "array", "items": secret },
                "name": { "type": "string" },
                "loop": reference("Loop"),
            } },
        } } })
    }

    #[test]
    fn secrets_are_found_through_references_and_lists() {
        assert_eq!(Vec::from_iter(secrets(&document())), ["codes", "pin"]);
    }

    #[test]
    fn null_is_a_deviation_only_where_the_document_excludes_it() {
        let nullable =
            |of: &str| json!({ "x-rust-type": { "path": format!("client_runtime::{of}") } });
        let document = json!({ "components": { "schemas": {
            "text": { "type": "string" },
            "any": {},
            "pet": { "required": ["id"], "properties": {
                "id": { "type": "string" },
                "name": { "allOf": [{ "$ref": "#/components/schemas/text" }] },
                "kind": { "type": "string", "nullable": true },
                "tags": { "type": "array", "nullable": true, "x-null-undocumented": true },
                "rows": { "type": "array", "nullable": true },
                "any": { "$ref": "#/components/schemas/any" },
                "choice": { "oneOf": [{ "type": "string" }] },
                "state": nullable("OpenEnum"),
                "patch": nullable("Nullable"),
                "none": nullable("Null"),
            } },
        } } });
        let found = properties_without_null(&document);
        assert_eq!(Vec::from_iter(&found["Pet"]), [&"name", &"state", &"tags"]);
        assert!(found["Text"].is_empty());
    }
}
