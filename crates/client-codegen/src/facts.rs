//! The names of the properties that are secrets.

use std::collections::BTreeSet;

use serde_json::Value;

/// The type of secrets, as the lowering names it.
const SECRET: &str = "client_runtime::SecretString";

/// The maximum length of a chain of references.
const MAX_REFERENCES: usize = 16;

/// The names of all properties whose values are or contain secrets themselves, sorted.
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
}
