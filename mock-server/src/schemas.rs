//! Whether a value is what a schema of the document says.
//!
//! The validator knows JSON Schema 2020-12, which is what OpenAPI 3.1 speaks. Of a 3.0 document a
//! translation is made once, in which every schema stands where it stood, so that a pointer into the
//! document is a pointer into the translation, and a `$ref` leads to the same place in both. A schema
//! is compiled when it is asked for first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::{Registry, Validator};
use openapi_document::Pointer;
use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value, json};

/// What the document is called by where schemas are referred to.
const DOCUMENT: &str = "urn:document";

/// The schemas of one document, as a validator understands them.
pub(crate) struct Schemas {
    /// `None` if the document is nothing that a validator can read; then nothing is found wrong.
    registry: Option<Registry<'static>>,
    validators: Mutex<HashMap<Pointer, Option<Arc<Validator>>>>,
}

/// One way in which a value breaks a schema.
pub(crate) struct Fault {
    /// Where in the value, as a JSON pointer.
    pub(crate) place: String,
    /// What is wrong there.
    pub(crate) reason: String,
}

impl Schemas {
    /// `root` is the whole document.
    pub(crate) fn of(root: &Value) -> Self {
        let registry = Registry::new().add(DOCUMENT, in_2020_12(root));
        Self {
            registry: registry.and_then(|builder| builder.prepare()).ok(),
            validators: Mutex::default(),
        }
    }

    /// Every fault of `value` by the schema at `pointer`. A schema that the validator cannot make
    /// sense of finds none.
    pub(crate) fn faults(&self, pointer: &Pointer, value: &Value) -> Vec<Fault> {
        let validator = self.validator(pointer);
        let errors = validator.iter().flat_map(|one| one.iter_errors(value));
        let fault = |error: jsonschema::ValidationError<'_>| Fault {
            place: error.instance_path().as_str().to_owned(),
            reason: error.to_string(),
        };
        errors.map(fault).collect()
    }

    /// Whether `value` is valid by the schema at `pointer`.
    pub(crate) fn allow(&self, pointer: &Pointer, value: &Value) -> bool {
        let validator = self.validator(pointer);
        validator.is_none_or(|validator| validator.is_valid(value))
    }

    fn validator(&self, pointer: &Pointer) -> Option<Arc<Validator>> {
        // Whoever panicked with the lock left whole entries behind.
        let lock = || {
            self.validators
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(known) = lock().get(pointer) {
            return known.clone();
        }
        let registry = self.registry.as_ref()?;
        let schema = json!({ "$ref": format!("{DOCUMENT}{pointer}") });
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .with_registry(registry)
            .build(&schema);
        let validator = validator.ok().map(Arc::new);
        lock().insert(pointer.clone(), validator.clone());
        validator
    }
}

/// The document with every schema in the words of JSON Schema 2020-12.
fn in_2020_12(root: &Value) -> Value {
    let mut meaning = root.clone();
    let version = root.get("openapi").and_then(Value::as_str);
    if version.is_some_and(|version| version.starts_with("3.0")) {
        schemas_mut(&mut meaning, |_, schema| {
            if let Some(schema) = schema.as_object_mut() {
                translate(schema);
            }
        });
    }
    meaning
}

/// What OpenAPI 3.0.3 (Schema Object) says in words of its own.
fn translate(schema: &mut Map<String, Value>) {
    // What stands beside a reference is to be ignored.
    if schema.contains_key("$ref") {
        schema.retain(|keyword, _| keyword == "$ref");
    }
    for (flag, bound) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        if let Some(excluded) = schema.get(flag).and_then(Value::as_bool) {
            schema.remove(flag);
            if excluded && let Some(limit) = schema.remove(bound) {
                schema.insert(flag.to_owned(), limit);
            }
        }
    }
    if schema.remove("nullable") == Some(Value::Bool(true))
        && let Some(name) = schema.get("type").cloned()
    {
        schema.insert("type".to_owned(), json!([name, "null"]));
        // The standard wants null listed; authors mean it to be.
        if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut)
            && !values.contains(&Value::Null)
        {
            values.push(Value::Null);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schemas(version: &str, schema: Value) -> Schemas {
        Schemas::of(&json!({ "openapi": version, "components": { "schemas": {
            "S": schema, "Name": { "type": "string" },
        } } }))
    }

    #[test]
    fn each_version_is_read_in_its_own_words() {
        let at = Pointer::of(["components", "schemas", "S"]);
        let table = [
            (
                "3.0.3",
                json!({"type": "string", "nullable": true}),
                json!(null),
                true,
            ),
            (
                "3.0.3",
                json!({"type": "string", "nullable": true, "enum": ["a"]}),
                json!(null),
                true,
            ),
            (
                "3.0.3",
                json!({"type": "string", "nullable": false}),
                json!(null),
                false,
            ),
            (
                "3.1.0",
                json!({"type": "string", "nullable": true}),
                json!(null),
                false,
            ),
            (
                "3.1.0",
                json!({"type": ["string", "null"]}),
                json!(null),
                true,
            ),
            (
                "3.0.3",
                json!({"type": "integer", "minimum": 1, "exclusiveMinimum": true}),
                json!(1),
                false,
            ),
            (
                "3.0.3",
                json!({"type": "integer", "minimum": 1, "exclusiveMinimum": false}),
                json!(1),
                true,
            ),
            (
                "3.0.3",
                json!({"$ref": "#/components/schemas/Name", "maxLength": 1}),
                json!("ab"),
                true,
            ),
            (
                "3.1.0",
                json!({"$ref": "#/components/schemas/Name", "maxLength": 1}),
                json!("ab"),
                false,
            ),
            (
                "3.1.0",
                json!({"type": "string", "format": "uuid"}),
                json!("ab"),
                false,
            ),
        ];
        for (version, schema, value, allowed) in table {
            let schemas = schemas(version, schema.clone());
            assert_eq!(
                schemas.allow(&at, &value),
                allowed,
                "{version} {schema} {value}"
            );
            assert_eq!(schemas.faults(&at, &value).is_empty(), allowed);
        }
    }

    #[test]
    fn a_schema_that_is_none_finds_no_fault() {
        let schemas = schemas("3.1.0", json!({"type": "strnig"}));
        let at = Pointer::of(["components", "schemas", "S"]);
        assert!(schemas.allow(&at, &json!(1)));
    }
}
