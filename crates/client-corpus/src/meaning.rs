//! Converts the schemas of a document to JSON Schema 2020-12 for a validator.
//!
//! OpenAPI 3.1 already uses JSON Schema. In OpenAPI 3.0, `nullable` and boolean `exclusiveMinimum`
//! and `exclusiveMaximum` differ. This is the inverse of the lowering and shares no code with it,
//! so that a bug there is found here.

use jsonschema::Registry;
use openapi_document::Pointer;
use openapi_document::walk::schemas_mut;
use serde_json::{Value, json};

/// The URI of the document.
const NAME: &str = "urn:document";

/// The validators of a document's schemas.
pub(super) struct Meaning {
    document: Value,
}

impl Meaning {
    /// Converts all schemas of the document.
    pub(super) fn of(root: &Value) -> Self {
        let mut document = root.clone();
        schemas_mut(&mut document, |_, schema| raise(schema));
        Self { document }
    }

    /// The registry of schemas by location; `None` if the validator does not support the document.
    pub(super) fn registry(&self) -> Option<Registry<'_>> {
        let registry = Registry::new().add(NAME, &self.document).ok()?;
        registry.prepare().ok()
    }
}

/// The validator of the schema at `pointer`; `None` if the validator does not support the schema,
/// for example its pattern.
pub(super) fn validator(
    registry: &Registry<'_>,
    pointer: &Pointer,
) -> Option<jsonschema::Validator> {
    let schema = json!({ "$ref": format!("{NAME}{pointer}") });
    let options = jsonschema::options().with_registry(registry);
    options.build(&schema).ok()
}

fn raise(schema: &mut Value) {
    let Some(properties) = schema.as_object_mut() else {
        return;
    };
    for (exclusive, bound) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        match properties.get(exclusive) {
            Some(Value::Bool(true)) => {
                if let Some(value) = properties.remove(bound) {
                    properties.insert(exclusive.to_owned(), value);
                }
            }
            Some(Value::Bool(false)) => {
                properties.remove(exclusive);
            }
            _ => {}
        }
    }
    if properties.remove("nullable") == Some(Value::Bool(true)) {
        if let Some(Value::Array(values)) = properties.get_mut("enum") {
            values.push(Value::Null);
        }
        match properties.get("type") {
            Some(Value::String(name)) => {
                let both = json!([name, "null"]);
                properties.insert("type".to_owned(), both);
            }
            Some(_) => {}
            None => {
                let schema_itself = schema.take();
                *schema = json!({ "anyOf": [schema_itself, { "type": "null" }] });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_of_openapi_3_0_are_converted() {
        let document = json!({ "components": { "schemas": {
            "Name": { "type": "string", "nullable": true, "enum": ["a"] },
            "Any": { "allOf": [{ "$ref": "#/components/schemas/Age" }], "nullable": true },
            "Age": { "type": "integer", "minimum": 3, "exclusiveMinimum": true },
        } } });
        let meaning = Meaning::of(&document);
        let registry = meaning.registry().expect("is a document");
        for (name, valid, invalid) in [
            ("Name", json!(null), json!("b")),
            ("Any", json!(null), json!(3)),
            ("Age", json!(4), json!(3)),
        ] {
            let pointer = Pointer::of(["components", "schemas", name]);
            let validator = validator(&registry, &pointer).expect("is a schema");
            assert!(validator.is_valid(&valid), "{name}");
            assert!(!validator.is_valid(&invalid), "{name}");
        }
    }
}
