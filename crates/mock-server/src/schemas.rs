//! The schemas of a document, converted to JSON Schema 2020-12 and compiled on first use.
//!
//! OpenAPI 3.1 uses JSON Schema 2020-12; the dialect of 3.0 is converted to it. There is one copy of
//! the document for each direction, because the meaning of `readOnly` and `writeOnly` depends on it.
//! Pointers remain valid, except below a schema that is both `nullable` and composed of others.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use jsonschema::{Draft, Registry, ValidationError, Validator};
use openapi_document::{Direction, Pointer, walk};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::cache::Cache;

/// The URI of the document in the registry.
const DOCUMENT: &str = "urn:document";

/// The characters that need no encoding in a URI fragment with a JSON pointer.
const FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'~')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.');

/// The schemas of a document in one direction.
pub(crate) struct Schemas {
    root: Value,
    /// `None` if the validator cannot read the document; then every value is valid.
    registry: Option<Registry<'static>>,
    validators: Cache<Option<Arc<Validator>>>,
}

/// A violation of a schema.
pub(crate) struct SchemaError {
    /// The location in the value, as a JSON pointer.
    pub(crate) pointer: String,
    /// The reason.
    pub(crate) reason: String,
}

impl Schemas {
    /// Converts the schemas of the document `root`.
    pub(crate) fn of(root: &Value, direction: Direction) -> Self {
        let root = translated(root, direction);
        let registry = Registry::new().add(DOCUMENT, root.clone());
        Self {
            root,
            registry: registry.and_then(|builder| builder.prepare()).ok(),
            validators: Cache::default(),
        }
    }

    /// The document with converted schemas.
    pub(crate) fn root(&self) -> &Value {
        &self.root
    }

    /// Returns every violation of the schema at `pointer`.
    pub(crate) fn errors(&self, pointer: &Pointer, value: &Value) -> Vec<SchemaError> {
        let validator = self.validator(pointer);
        let errors = validator.iter().flat_map(|one| one.iter_errors(value));
        let to_error = |error: ValidationError<'_>| SchemaError {
            pointer: error.instance_path().as_str().to_owned(),
            reason: error.to_string(),
        };
        errors.map(to_error).collect()
    }

    /// True if `value` is valid by the schema at `pointer`.
    pub(crate) fn is_valid(&self, pointer: &Pointer, value: &Value) -> bool {
        let validator = self.validator(pointer);
        validator.is_none_or(|validator| validator.is_valid(value))
    }

    /// Returns the validator of the schema at `pointer`; `None` if the schema cannot be compiled, in
    /// which case every value is valid.
    pub(crate) fn validator(&self, pointer: &Pointer) -> Option<Arc<Validator>> {
        self.validators
            .get(pointer, || self.compile(pointer).map(Arc::new))
    }

    fn compile(&self, pointer: &Pointer) -> Option<Validator> {
        let fragment = utf8_percent_encode(pointer.as_str(), FRAGMENT);
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_registry(self.registry.as_ref()?)
            .offline()
            .should_validate_formats(true)
            .with_format("byte", is_base64)
            .build(&json!({ "$ref": format!("{DOCUMENT}#{fragment}") }))
            .ok()
    }
}

fn is_base64(text: &str) -> bool {
    STANDARD.decode(text).is_ok() || STANDARD_NO_PAD.decode(text).is_ok()
}

fn translated(root: &Value, direction: Direction) -> Value {
    let mut copy = root.clone();
    let refs_stand_alone = root["openapi"]
        .as_str()
        .is_some_and(|version| version.starts_with("3.0"));
    let mut patterns = Patterns::default();
    walk::schemas_mut(&mut copy, |pointer, schema| {
        let Value::Object(schema) = schema else {
            return;
        };
        if refs_stand_alone && schema.contains_key("$ref") {
            schema.retain(|name, _| name == "$ref");
            return;
        }
        // Uses the original, because the copy is partly converted.
        if let Some(original) = pointer.get(root) {
            relax_required(root, original, schema, direction);
        }
        drop_malformed(schema, &mut patterns);
        convert_exclusive_bounds(schema);
        add_format_bounds(schema);
        allow_null(schema);
    });
    copy
}

/// Removes the properties that are not sent in the direction from `required`, in the schema and in the
/// direct subschemas of `allOf`.
fn relax_required(
    root: &Value,
    original: &Value,
    schema: &mut Map<String, Value>,
    direction: Direction,
) {
    let mut omitted = BTreeSet::new();
    collect_omitted(root, original, direction, &mut omitted, &mut Vec::new());
    if omitted.is_empty() {
        return;
    }
    let relax = |schema: &mut Map<String, Value>| {
        if let Some(Value::Array(names)) = schema.get_mut("required") {
            names.retain(|name| !name.as_str().is_some_and(|name| omitted.contains(name)));
        }
    };
    relax(schema);
    let parts = schema.get_mut("allOf").and_then(Value::as_array_mut);
    for part in parts.into_iter().flatten() {
        part.as_object_mut().map(relax);
    }
}

/// Collects the properties that are not sent in the direction: those of the schema, its references and
/// its `allOf`.
fn collect_omitted<'a>(
    root: &'a Value,
    schema: &'a Value,
    direction: Direction,
    omitted: &mut BTreeSet<&'a str>,
    seen: &mut Vec<&'a str>,
) {
    let keyword = match direction {
        Direction::Request => "readOnly",
        Direction::Response => "writeOnly",
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        if is_true(root, property, keyword) {
            omitted.insert(name);
        }
    }
    let target = schema.get("$ref").and_then(Value::as_str);
    if let Some(target) = target.filter(|target| !seen.contains(target))
        && let Some(schema) = Pointer::parse(target).and_then(|target| target.get(root))
    {
        seen.push(target);
        collect_omitted(root, schema, direction, omitted, seen);
    }
    let parts = schema.get("allOf").and_then(Value::as_array);
    for part in parts.into_iter().flatten() {
        collect_omitted(root, part, direction, omitted, seen);
    }
}

/// True if a schema, or one that it refers to, has a keyword with the value true.
pub(crate) fn is_true(root: &Value, schema: &Value, keyword: &str) -> bool {
    let mut schema = Some(schema);
    // Limits the length of a chain of references.
    for _ in 0..32 {
        match schema {
            Some(here) if here.get(keyword) == Some(&Value::Bool(true)) => return true,
            Some(here) => {
                let target = here.get("$ref").and_then(Value::as_str);
                schema = target
                    .and_then(Pointer::parse)
                    .and_then(|target| target.get(root));
            }
            None => break,
        }
    }
    false
}

/// The patterns of a document that the validator does not support, and therefore does not check, with their
/// locations.
pub(crate) fn unsupported_patterns(root: &Value) -> Vec<(Pointer, String)> {
    let mut patterns = Patterns::default();
    let mut found = Vec::new();
    walk::visit(root, &mut |kind, pointer, value| {
        if kind != walk::Kind::Schema {
            return;
        }
        let pattern = value.get("pattern").and_then(Value::as_str);
        let pattern = pattern.map(|pattern| (pointer.join("pattern"), pattern));
        let names = value.get("patternProperties").and_then(Value::as_object);
        let names = names.into_iter().flat_map(Map::keys);
        let place = pointer.join("patternProperties");
        let names = names.map(|name| (place.join(name), name.as_str()));
        for (place, pattern) in pattern.into_iter().chain(names) {
            if !patterns.is_supported(pattern) {
                found.push((place, pattern.to_owned()));
            }
        }
    });
    found
}

/// The patterns of the document, and whether the validator supports them.
#[derive(Default)]
struct Patterns(HashMap<String, bool>);

impl Patterns {
    fn is_supported(&mut self, pattern: &str) -> bool {
        if let Some(known) = self.0.get(pattern) {
            return *known;
        }
        let schema = json!({ "pattern": pattern });
        let known = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .build(&schema)
            .is_ok();
        self.0.insert(pattern.to_owned(), known);
        known
    }
}

/// Removes keywords that would prevent the compilation of the whole schema.
fn drop_malformed(schema: &mut Map<String, Value>, patterns: &mut Patterns) {
    schema.retain(|name, value| match name.as_str() {
        "required" | "enum" => value.is_array(),
        "pattern" => value
            .as_str()
            .is_some_and(|pattern| patterns.is_supported(pattern)),
        "patternProperties" => {
            if let Value::Object(properties) = value {
                properties.retain(|pattern, _| patterns.is_supported(pattern));
            }
            value.is_object()
        }
        "items" => value.is_object() || value.is_boolean(),
        "type" => value.is_string() || value.is_array(),
        // These would change the base URI of references in a subschema.
        "$id" | "$schema" => false,
        _ => true,
    });
}

/// Converts `minimum: 1, exclusiveMinimum: true` to `exclusiveMinimum: 1`.
fn convert_exclusive_bounds(schema: &mut Map<String, Value>) {
    for (exclusive, bound) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        let Some(Value::Bool(is_exclusive)) = schema.get(exclusive) else {
            continue;
        };
        let is_exclusive = *is_exclusive;
        schema.remove(exclusive);
        if is_exclusive && let Some(limit) = schema.remove(bound) {
            schema.insert(exclusive.to_owned(), limit);
        }
    }
}

/// Adds the bounds of a numeric format. JSON Schema has only formats of strings.
fn add_format_bounds(schema: &mut Map<String, Value>) {
    let (minimum, maximum) = match schema.get("format").and_then(Value::as_str) {
        Some("int32") => (json!(i32::MIN), json!(i32::MAX)),
        Some("int64") => (json!(i64::MIN), json!(i64::MAX)),
        _ => return,
    };
    for (bound, exclusive, limit) in [
        ("minimum", "exclusiveMinimum", minimum),
        ("maximum", "exclusiveMaximum", maximum),
    ] {
        if !schema.contains_key(bound) && !schema.contains_key(exclusive) {
            schema.insert(bound.to_owned(), limit);
        }
    }
}

/// Converts `nullable: true`, which adds null to the values that the schema allows, including `enum`
/// and `allOf`, because authors intend this.
fn allow_null(schema: &mut Map<String, Value>) {
    if schema.remove("nullable") != Some(Value::Bool(true)) {
        return;
    }
    const COMPOSED: [&str; 6] = ["$ref", "allOf", "oneOf", "anyOf", "not", "const"];
    if COMPOSED.iter().any(|name| schema.contains_key(*name)) {
        let whole = Value::Object(std::mem::take(schema));
        schema.insert("anyOf".to_owned(), json!([whole, { "type": "null" }]));
        return;
    }
    match schema.get_mut("type") {
        Some(Value::Array(types)) if !types.contains(&json!("null")) => types.push(json!("null")),
        Some(kind @ Value::String(_)) => *kind = json!([kind.take(), "null"]),
        _ => {}
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(version: &str, schema: Value, direction: Direction, value: Value) -> bool {
        let root = json!({
            "openapi": version,
            "components": { "schemas": {
                "Under/Test{}": schema,
                "Other": { "type": "string", "nullable": true },
                "Stored": { "properties": { "id": { "readOnly": true } } },
            } },
        });
        let schemas = Schemas::of(&root, direction);
        let pointer = Pointer::of(["components", "schemas", "Under/Test{}"]);
        let allowed = schemas.is_valid(&pointer, &value);
        assert_eq!(schemas.errors(&pointer, &value).is_empty(), allowed);
        allowed
    }

    fn in_3_0(schema: Value, value: Value) -> bool {
        allows("3.0.3", schema, Direction::Request, value)
    }

    #[test]
    fn nullable_allows_null_beside_enum_and_all_of() {
        for schema in [
            json!({ "type": "string", "nullable": true }),
            json!({ "type": "string", "enum": ["a"], "nullable": true }),
            json!({ "allOf": [{ "type": "string" }], "nullable": true }),
        ] {
            assert!(in_3_0(schema.clone(), Value::Null), "{schema}");
            assert!(in_3_0(schema.clone(), json!("a")), "{schema}");
            assert!(!in_3_0(schema.clone(), json!(1)), "{schema}");
        }
    }

    #[test]
    fn exclusive_bounds_are_read_in_both_dialects() {
        for schema in [
            json!({ "minimum": 1, "exclusiveMinimum": true }),
            json!({ "exclusiveMinimum": 1 }),
        ] {
            assert!(!in_3_0(schema.clone(), json!(1)), "{schema}");
            assert!(in_3_0(schema.clone(), json!(2)), "{schema}");
        }
        let inclusive = json!({ "minimum": 1, "exclusiveMinimum": false });
        assert!(in_3_0(inclusive, json!(1)));
    }

    #[test]
    fn siblings_of_a_reference_apply_in_3_1_only() {
        let schema = json!({ "$ref": "#/components/schemas/Other", "maxLength": 1 });
        assert!(in_3_0(schema.clone(), json!("ab")));
        assert!(!allows("3.1.0", schema, Direction::Request, json!("ab")));
    }

    #[test]
    fn formats_are_validated() {
        for (format, wrong) in [
            ("int32", json!(2_147_483_648_i64)),
            ("byte", json!("???")),
            ("uuid", json!("1")),
            ("date-time", json!("yesterday")),
        ] {
            assert!(!in_3_0(json!({ "format": format }), wrong), "{format}");
        }
        assert!(in_3_0(json!({ "format": "byte" }), json!("aGVsbG8=")));
    }

    #[test]
    fn properties_of_the_other_direction_are_not_required() {
        let schema = json!({ "allOf": [
            { "$ref": "#/components/schemas/Stored" },
            { "required": ["id", "name"] },
        ] });
        let sent = json!({ "name": "n" });
        assert!(in_3_0(schema.clone(), sent.clone()));
        assert!(!allows("3.0.3", schema, Direction::Response, sent));
    }

    #[test]
    fn an_invalid_schema_accepts_everything() {
        assert!(in_3_0(json!({ "type": "strnig" }), json!(1)));
    }

    #[test]
    fn an_unsupported_pattern_does_not_disable_the_rest_of_its_schema() {
        let schema = json!({ "pattern": "(", "maxLength": 1 });
        assert!(in_3_0(schema.clone(), json!("a")));
        assert!(!in_3_0(schema, json!("ab")));
        let schema = json!({ "patternProperties": { "(": false, "^a": false }, "required": ["b"] });
        assert!(in_3_0(schema.clone(), json!({ "b": 1 })));
        assert!(!in_3_0(schema.clone(), json!({})));
        assert!(!in_3_0(schema, json!({ "a": 1, "b": 1 })));
    }

    #[test]
    fn unsupported_patterns_are_told_with_their_places() {
        let schemas = json!({
            "A": { "pattern": "^(?=a)b", "properties": { "b": { "pattern": "[a" } } },
            "C": { "patternProperties": { "(": {} } },
        });
        let found = unsupported_patterns(&json!({ "components": { "schemas": schemas } }));
        let found: Vec<String> = found
            .into_iter()
            .map(|(place, pattern)| format!("{place} {pattern}"))
            .collect();
        assert_eq!(
            found,
            [
                "#/components/schemas/A/properties/b/pattern [a",
                "#/components/schemas/C/patternProperties/( ("
            ]
        );
    }
}
