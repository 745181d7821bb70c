//! Schemas for values that the document does not describe, inferred from the observed values.

use std::collections::BTreeMap;

use openapi_lower::is_name_of_secret;
use serde_json::{Map, Value, json};

/// The common shape of the values that were observed at one location.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    is_null: bool,
    is_boolean: bool,
    is_integer: bool,
    is_number: bool,
    is_string: bool,
    /// The items of lists.
    items: Option<Box<Shape>>,
    /// The properties of objects.
    properties: Option<BTreeMap<String, Shape>>,
}

/// Objects with more properties than this are treated as maps, whose names are data.
const MAX_PROPERTIES: usize = 64;

impl Shape {
    /// Adds an observed value.
    pub(crate) fn add(&mut self, value: &Value) {
        match value {
            Value::Null => self.is_null = true,
            Value::Bool(_) => self.is_boolean = true,
            Value::Number(number) if number.is_f64() => self.is_number = true,
            Value::Number(_) => self.is_integer = true,
            Value::String(_) => self.is_string = true,
            Value::Array(items) => {
                let shape = self.items.get_or_insert_default();
                items.iter().for_each(|item| shape.add(item));
            }
            Value::Object(object) => {
                let properties = self.properties.get_or_insert_default();
                for (name, value) in object {
                    properties.entry(name.clone()).or_default().add(value);
                }
            }
        }
    }

    /// The schema of the values. It has no required properties, because other values may lack a
    /// property.
    pub(crate) fn schema(&self, version: Version) -> Value {
        let mut branches = Vec::new();
        if self.is_boolean {
            branches.push(json!({ "type": "boolean" }));
        }
        if self.is_number {
            branches.push(json!({ "type": "number" }));
        } else if self.is_integer {
            branches.push(json!({ "type": "integer" }));
        }
        if self.is_string {
            branches.push(json!({ "type": "string" }));
        }
        if let Some(items) = &self.items {
            branches.push(json!({ "type": "array", "items": items.schema(version) }));
        }
        if let Some(properties) = &self.properties {
            branches.push(object(properties, version));
        }
        match (branches.len(), branches.pop()) {
            // Null alone provides no information about other values.
            (0, _) | (_, None) => json!({}),
            (1, Some(Value::Object(mut only))) => {
                if self.is_null {
                    version.allow_null(&mut only);
                }
                Value::Object(only)
            }
            (_, Some(last)) => {
                branches.push(last);
                match (self.is_null, version) {
                    (true, Version::V3_0) => json!({ "anyOf": branches, "nullable": true }),
                    (true, Version::V3_1) => {
                        branches.push(json!({ "type": "null" }));
                        json!({ "anyOf": branches })
                    }
                    (false, _) => json!({ "anyOf": branches }),
                }
            }
        }
    }

    /// The types of the values, for reports: `string or null`.
    pub(crate) fn types(&self) -> String {
        let types = [
            (self.is_boolean, "boolean"),
            (self.is_integer && !self.is_number, "integer"),
            (self.is_number, "number"),
            (self.is_string, "string"),
            (self.items.is_some(), "array"),
            (self.properties.is_some(), "object"),
            (self.is_null, "null"),
        ];
        let names = types.iter().filter(|(is, _)| *is).map(|(_, name)| *name);
        names.collect::<Vec<_>>().join(" or ")
    }

    /// The schemas of the properties of the observed objects.
    pub(crate) fn property_schemas(&self, version: Version) -> Map<String, Value> {
        let properties = self.properties.iter().flatten();
        properties
            .map(|(name, shape)| (name.clone(), shape.named_schema(name, version)))
            .collect()
    }

    /// The schema of a property. It is a secret if its name is that of a secret.
    pub(crate) fn named_schema(&self, name: &str, version: Version) -> Value {
        let mut schema = self.schema(version);
        if is_name_of_secret(name) && schema["type"] == "string" {
            schema["format"] = json!("password");
        }
        schema
    }
}

fn object(properties: &BTreeMap<String, Shape>, version: Version) -> Value {
    if properties.is_empty() || properties.len() > MAX_PROPERTIES {
        return json!({ "type": "object", "additionalProperties": true });
    }
    let schemas: Map<String, Value> = properties
        .iter()
        .map(|(name, shape)| (name.clone(), shape.named_schema(name, version)))
        .collect();
    json!({ "type": "object", "properties": schemas })
}

/// How a document specifies that a value may be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// OpenAPI 3.0: `nullable: true`.
    V3_0,
    /// OpenAPI 3.1 and later: the type `null`.
    V3_1,
}

impl Version {
    pub(crate) fn of(root: &Value) -> Self {
        let version = root["openapi"].as_str().unwrap_or_default();
        match version.starts_with("3.0") {
            true => Self::V3_0,
            false => Self::V3_1,
        }
    }

    /// Makes a schema with one type nullable.
    fn allow_null(self, schema: &mut Map<String, Value>) {
        match self {
            Self::V3_0 => {
                schema.insert("nullable".to_owned(), json!(true));
            }
            Self::V3_1 => {
                if let Some(kind) = schema.get_mut("type") {
                    *kind = json!([kind.take(), "null"]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: Value) -> Shape {
        let mut shape = Shape::default();
        for value in values.as_array().expect("is a list") {
            shape.add(value);
        }
        shape
    }

    #[test]
    fn a_schema_allows_all_observed_values_and_requires_nothing() {
        for (values, expected) in [
            (json!(["a"]), json!({ "type": "string" })),
            (json!([1, 2.5]), json!({ "type": "number" })),
            (json!([null]), json!({})),
            (json!(["a", null]), json!({ "type": ["string", "null"] })),
            (
                json!(["a", 1]),
                json!({ "anyOf": [{ "type": "integer" }, { "type": "string" }] }),
            ),
            (
                json!([[], [1]]),
                json!({ "type": "array", "items": { "type": "integer" } }),
            ),
            (
                json!([{ "a": 1 }, { "a": null, "api_key": "k" }]),
                json!({ "type": "object", "properties": {
                    "a": { "type": ["integer", "null"] },
                    "api_key": { "type": "string", "format": "password" },
                } }),
            ),
            (
                json!([{}]),
                json!({ "type": "object", "additionalProperties": true }),
            ),
        ] {
            assert_eq!(
                of(values.clone()).schema(Version::V3_1),
                expected,
                "{values}"
            );
        }
        let nullable = json!({ "type": "string", "nullable": true });
        assert_eq!(of(json!(["a", null])).schema(Version::V3_0), nullable);
        assert_eq!(
            of(json!(["a", null, 2])).types(),
            "integer or string or null"
        );
    }
}
