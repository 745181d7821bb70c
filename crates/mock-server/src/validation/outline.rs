//! Outlines: the types, properties and items that the schemas at a location allow.
//!
//! A validator only reports whether a value is valid. Validation also needs the type of a string such
//! as `5` in a query, and whether a property is declared at all. An outline combines all schemas that
//! may apply at a location, with references followed and all `allOf` subschemas and branches of choices
//! included. A property is therefore declared if any branch declares it. This resembles
//! `unevaluatedProperties`, but includes the properties of branches that do not match.

use std::collections::{BTreeSet, HashMap};

use openapi_document::Pointer;
use serde_json::Value;

use crate::schemas::is_true;

/// The outlines of all requested locations and those below them.
#[derive(Debug, Default)]
pub(crate) struct Outlines {
    all: Vec<Outline>,
    /// By the schemas that apply to the location.
    known: HashMap<BTreeSet<Pointer>, OutlineId>,
}

/// The index of an outline. Outlines may be recursive, like schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutlineId(usize);

/// The outline of the values at one location.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    pub(crate) types: Types,
    /// The declared properties.
    pub(crate) properties: HashMap<String, Property>,
    /// True if undeclared properties are violations.
    pub(crate) closed: bool,
    /// The outline of additional properties.
    pub(crate) additional: Option<OutlineId>,
    pub(crate) items: Option<OutlineId>,
}

/// A declared property.
#[derive(Debug, Clone)]
pub(crate) struct Property {
    pub(crate) outline: OutlineId,
    /// True if the property occurs in responses only.
    pub(crate) read_only: bool,
    /// The location of its schema.
    pub(crate) pointer: Pointer,
}

/// A set of JSON types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Types(u8);

impl Types {
    pub(crate) const NULL: Self = Self(1);
    pub(crate) const BOOLEAN: Self = Self(2);
    pub(crate) const NUMBER: Self = Self(4);
    pub(crate) const STRING: Self = Self(8);
    pub(crate) const ARRAY: Self = Self(16);
    pub(crate) const OBJECT: Self = Self(32);
    const ALL: Self = Self(63);

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn named(name: &str) -> Self {
        match name {
            "null" => Self::NULL,
            "boolean" => Self::BOOLEAN,
            "integer" | "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            _ => Self::default(),
        }
    }

    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(_) => Self::NUMBER,
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Outlines {
    pub(crate) fn get(&self, id: OutlineId) -> &Outline {
        &self.all[id.0]
    }

    /// Returns the outline of the schema at `pointer` in the converted document `root`. Creates it, and
    /// all below it, on first use.
    pub(crate) fn of(&mut self, root: &Value, pointer: Pointer) -> OutlineId {
        self.of_schemas(root, BTreeSet::from([pointer]))
    }

    fn of_schemas(&mut self, root: &Value, schemas: BTreeSet<Pointer>) -> OutlineId {
        if let Some(id) = self.known.get(&schemas) {
            return *id;
        }
        // Registered before it is complete, because schemas may be recursive.
        let id = OutlineId(self.all.len());
        self.all.push(Outline::default());
        self.known.insert(schemas.clone(), id);

        let mut parts = Parts::default();
        let mut types = Types::ALL;
        for schema in &schemas {
            types = types.and(types_of(root, schema, &mut Vec::new()));
            parts.add(root, schema.clone(), false);
        }
        let mut properties = HashMap::new();
        for (name, declared) in parts.properties {
            // The first declaration represents the others.
            let Some(pointer) = declared.first().cloned() else {
                continue;
            };
            let read_only = declared.iter().all(|pointer| {
                let schema = pointer.get(root);
                schema.is_some_and(|schema| is_true(root, schema, "readOnly"))
            });
            let property = Property {
                outline: self.of_schemas(root, declared),
                read_only,
                pointer,
            };
            properties.insert(name, property);
        }
        let additional =
            non_empty(parts.additional).map(|additional| self.of_schemas(root, additional));
        let items = non_empty(parts.items).map(|items| self.of_schemas(root, items));
        self.all[id.0] = Outline {
            types,
            closed: !properties.is_empty() && !parts.open,
            properties,
            additional,
            items,
        };
        id
    }
}

fn non_empty(schemas: BTreeSet<Pointer>) -> Option<BTreeSet<Pointer>> {
    (!schemas.is_empty()).then_some(schemas)
}

/// The declarations of the schemas at a location about the values below it.
#[derive(Default)]
struct Parts {
    seen: BTreeSet<Pointer>,
    properties: HashMap<String, BTreeSet<Pointer>>,
    additional: BTreeSet<Pointer>,
    items: BTreeSet<Pointer>,
    /// True if a schema mentions additional properties.
    open: bool,
}

impl Parts {
    /// Adds the schema at `pointer`. `is_branch` is true for a branch of a `oneOf` or `anyOf`.
    fn add(&mut self, root: &Value, pointer: Pointer, is_branch: bool) {
        let Some(schema) = pointer.get(root) else {
            return;
        };
        if !self.seen.insert(pointer.clone()) {
            return;
        }
        for (name, _) in entries(schema, "properties") {
            let property = pointer.join("properties").join(name);
            self.properties
                .entry(name.clone())
                .or_default()
                .insert(property);
        }
        if schema.get("items").is_some() {
            self.items.insert(pointer.join("items"));
        }
        let prefix = schema.get("prefixItems").and_then(Value::as_array);
        for index in 0..prefix.map_or(0, Vec::len) {
            self.items.insert(pointer.join("prefixItems").join(index));
        }
        for keyword in ["additionalProperties", "unevaluatedProperties"] {
            if let Some(additional) = schema.get(keyword) {
                self.open = true;
                if additional.is_object() {
                    self.additional.insert(pointer.join(keyword));
                }
            }
        }
        self.open |= schema.get("patternProperties").is_some();
        self.open |= is_branch && is_any_object(schema);
        if let Some(target) = schema.get("$ref").and_then(Value::as_str)
            && let Some(target) = Pointer::parse(target)
        {
            self.add(root, target, is_branch);
        }
        for (keyword, is_branch) in [("allOf", false), ("oneOf", true), ("anyOf", true)] {
            let schemas = schema.get(keyword).and_then(Value::as_array);
            for index in 0..schemas.map_or(0, Vec::len) {
                self.add(root, pointer.join(keyword).join(index), is_branch);
            }
        }
        for keyword in ["if", "then", "else"] {
            if schema.get(keyword).is_some() {
                self.add(root, pointer.join(keyword), false);
            }
        }
        for (name, _) in entries(schema, "dependentSchemas") {
            self.add(root, pointer.join("dependentSchemas").join(name), false);
        }
    }
}

fn entries<'a>(schema: &'a Value, keyword: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let properties = schema.get(keyword).and_then(Value::as_object);
    properties.into_iter().flatten()
}

/// True if a branch allows any object.
fn is_any_object(schema: &Value) -> bool {
    const RESTRICTING: [&str; 6] = ["$ref", "properties", "required", "allOf", "oneOf", "anyOf"];
    schema.get("type") == Some(&Value::from("object"))
        && RESTRICTING
            .iter()
            .all(|keyword| schema.get(keyword).is_none())
}

/// The types that a schema allows. Without `type`, those that its other keywords imply.
fn types_of(root: &Value, pointer: &Pointer, seen: &mut Vec<Pointer>) -> Types {
    let Some(schema) = pointer.get(root).filter(|_| !seen.contains(pointer)) else {
        return Types::ALL;
    };
    seen.push(pointer.clone());
    let mut types = own_types(schema);
    if let Some(target) = schema.get("$ref").and_then(Value::as_str)
        && let Some(target) = Pointer::parse(target)
    {
        types = types.and(types_of(root, &target, seen));
    }
    for keyword in ["allOf", "oneOf", "anyOf"] {
        let schemas = schema.get(keyword).and_then(Value::as_array);
        let each = (0..schemas.map_or(0, Vec::len))
            .map(|index| types_of(root, &pointer.join(keyword).join(index), seen));
        let together = match keyword {
            "allOf" => each.reduce(Types::and),
            _ => each.reduce(Types::or),
        };
        types = types.and(together.unwrap_or(Types::ALL));
    }
    seen.pop();
    types
}

fn own_types(schema: &Value) -> Types {
    const BOUNDS: [&str; 5] = [
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
    ];
    let uses = |keywords: &[&str]| keywords.iter().any(|keyword| schema.get(keyword).is_some());
    let listed = |values: &Value| -> Option<Types> {
        let values = values.as_array()?;
        Some(
            values
                .iter()
                .map(Types::of)
                .fold(Types::default(), Types::or),
        )
    };
    let of_values = schema
        .get("enum")
        .and_then(listed)
        .or_else(|| schema.get("const").map(Types::of))
        .unwrap_or(Types::ALL);
    let of_type = match schema.get("type") {
        Some(Value::String(name)) => Types::named(name),
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(Value::as_str)
            .map(Types::named)
            .fold(Types::default(), Types::or),
        _ if uses(&["properties"]) => Types::OBJECT,
        _ if uses(&["items"]) => Types::ARRAY,
        _ if uses(&BOUNDS) => Types::NUMBER,
        _ => Types::ALL,
    };
    of_type.and(of_values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn with_outline(schema: Value, check: impl FnOnce(&Outlines, &Outline)) {
        let root = json!({ "s": schema, "named": {
            "properties": { "child": { "$ref": "#/s" } },
        } });
        let mut outlines = Outlines::default();
        let id = outlines.of(&root, Pointer::of(["s"]));
        check(&outlines, outlines.get(id));
    }

    #[test]
    fn properties_of_all_subschemas_and_branches_are_known() {
        let schema = json!({
            "properties": { "a": {} },
            "allOf": [{ "$ref": "#/named" }],
            "oneOf": [{ "properties": { "b": {} } }, { "properties": { "c": {} } }],
        });
        with_outline(schema, |outlines, outline| {
            let mut names: Vec<&str> = outline.properties.keys().map(String::as_str).collect();
            names.sort_unstable();
            assert_eq!(names, ["a", "b", "c", "child"]);
            assert!(outline.closed);
            let child = outlines.get(outline.properties["child"].outline);
            assert!(child.properties.contains_key("child"), "it recurs");
        });
    }

    #[test]
    fn a_schema_that_allows_additional_properties_leaves_the_object_open() {
        for open in [
            json!({ "properties": { "a": {} }, "additionalProperties": true }),
            json!({ "properties": { "a": {} }, "patternProperties": { "^x-": {} } }),
            json!({ "allOf": [{ "properties": { "a": {} } }, { "additionalProperties": {} }] }),
            json!({ "anyOf": [{ "properties": { "a": {} } }, { "type": "object" }] }),
            json!({ "type": "object" }),
        ] {
            with_outline(open.clone(), |_, outline| {
                assert!(!outline.closed, "{open}");
            });
        }
        let closed = json!({ "properties": { "a": {} }, "anyOf": [{ "required": ["a"] }] });
        with_outline(closed, |_, outline| assert!(outline.closed));
    }

    #[test]
    fn a_property_is_read_only_if_all_declarations_are() {
        let schema = json!({ "allOf": [
            { "properties": { "a": { "readOnly": true }, "b": { "readOnly": true } } },
            { "properties": { "b": {} } },
        ] });
        with_outline(schema, |_, outline| {
            assert!(outline.properties["a"].read_only);
            assert!(!outline.properties["b"].read_only);
        });
    }

    #[test]
    fn types_are_the_intersection_of_subschemas_and_the_union_of_branches() {
        for (schema, types) in [
            (
                json!({ "type": ["string", "null"] }),
                Types::STRING.or(Types::NULL),
            ),
            (json!({ "enum": [1, "a"] }), Types::NUMBER.or(Types::STRING)),
            (
                json!({ "oneOf": [{ "type": "integer" }, { "type": "boolean" }] }),
                Types::NUMBER.or(Types::BOOLEAN),
            ),
            (
                json!({ "allOf": [{ "type": ["string", "integer"] }], "type": "string" }),
                Types::STRING,
            ),
            (json!({ "items": {} }), Types::ARRAY),
            (json!({ "maximum": 1 }), Types::NUMBER),
            (json!({}), Types::ALL),
        ] {
            with_outline(schema.clone(), |_, outline| {
                assert_eq!(outline.types, types, "{schema}");
            });
        }
    }
}
