//! What the runtime has to know of schemas: the names of secrets, and the properties of objects that any
//! object would be decoded as.

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

/// The properties of an object; `None` for other schemas. Empty if one of them is required, or if the object
/// may have others, so that a client cannot tell whether an object is the documented one by its properties.
pub(crate) fn object<'a>(document: &'a Value, schema: &'a Value) -> Option<Vec<&'a str>> {
    let mut schema = schema;
    for _ in 0..MAX_REFERENCES {
        match target(document, schema) {
            Some(target) => schema = target,
            None => break,
        }
    }
    let other = ["$ref", "allOf", "anyOf", "oneOf", "x-rust-type"];
    let properties = schema.get("properties")?.as_object()?;
    if other.iter().any(|name| schema.get(*name).is_some()) {
        return None;
    }
    let more = schema.get("additionalProperties");
    let is_open = more.is_some_and(|more| *more != Value::Bool(false));
    let required = schema["required"].as_array().map_or(0, Vec::len);
    Some(match is_open || required > 0 {
        true => Vec::new(),
        false => properties.keys().map(String::as_str).collect(),
    })
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
            "Strict": { "required": ["a"], "properties": { "a": {} } },
            "Open": { "properties": { "a": {} }, "additionalProperties": {} },
            "Alias": reference("Settings"),
        } } })
    }

    #[test]
    fn secrets_are_found_through_references_and_lists() {
        assert_eq!(Vec::from_iter(secrets(&document())), ["codes", "pin"]);
    }

    #[test]
    fn properties_are_listed_only_if_any_object_would_decode() {
        for (name, expected) in [
            ("Alias", Some(&["codes", "loop", "name", "pin"][..])),
            ("Strict", Some(&[])),
            ("Open", Some(&[])),
            ("Loop", None),
            ("Pin", None),
        ] {
            let document = document();
            let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
            let mut found = object(&document, &schema);
            found.iter_mut().for_each(|names| names.sort_unstable());
            assert_eq!(found.as_deref(), expected, "{name}");
        }
    }
}
