//! Removes invalid keyword values, and normalizes numbers and type names.
//!
//! Before: `{type: String, required: true, minLength: 3.0, enum: []}`, a property whose schema is null, a
//! response without a description.
//! After: `{type: string, minLength: 3}`, a property of any value, a response with the description ``.
//!
//! Hand-written documents often have such mistakes. A parser of OpenAPI 3.0 would reject the whole
//! document. Without the keyword, the schema accepts at least the same values.

use openapi_document::Pointer;
use openapi_document::walk::{Kind, schemas_mut, visit_mut};
use serde_json::{Value, json};

use crate::{Notes, Pass, Reduced};

pub(crate) const PASS: Pass = Pass {
    name: "keyword-values",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    visit_mut(root, &mut |kind, pointer, value| {
        if value.is_object() {
            remove_invalid(kind, pointer, value, notes);
            return complete(kind, pointer, value, notes);
        }
        // A string instead of a response is probably its description.
        let meant = match kind {
            Kind::Response => json!({ "description": value.as_str().unwrap_or_default() }),
            Kind::MediaType => json!({}),
            _ => return,
        };
        *value = meant;
        notes.add(
            pointer,
            "replaced with an empty object",
            "the specification requires an object",
        );
    });
    schemas_mut(root, |pointer, schema| place_parts(pointer, schema, notes));
    schemas_mut(root, |pointer, schema| {
        if let Some(meant) = boolean(schema) {
            *schema = meant;
        }
        if !schema.is_object() && !schema.is_boolean() {
            let what = "replaced with the empty schema";
            if schema.is_null() {
                notes.add(pointer, what, "a schema without keywords allows any value");
            } else {
                let loss = "the value is untyped JSON";
                let reduced = Reduced::updating(loss, pointer, "{type: string}");
                let why = "a schema must be an object or a boolean";
                notes.add_reduced(pointer, what, why, reduced);
            }
            *schema = json!({});
        }
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        let mut removed = Vec::new();
        for (keyword, value) in keywords.iter_mut() {
            if let Some(meant) = meant(keyword, value) {
                *value = meant;
            }
            if !is_valid(keyword, value) {
                removed.push(keyword.clone());
            }
        }
        for keyword in removed {
            let place: Pointer = pointer.join(&keyword);
            if keywords.shift_remove(&keyword) == Some(Value::Null) {
                notes.add(&place, "removed the keyword", "it has no value");
                continue;
            }
            let reduced = Reduced::removing("the client ignores the keyword", &place);
            let why = "the value is not valid for the keyword";
            notes.add_reduced(&place, "removed the keyword", why, reduced);
        }
    });
}

/// Replaces a schema with a list where a list of schemas is required, and the reverse. In earlier
/// drafts of JSON Schema, `items` with a list had the meaning of `prefixItems`.
fn place_parts(pointer: &Pointer, schema: &mut Value, notes: &mut Notes) {
    const WHY: &str = "it does not have the type that the specification requires";
    let Some(keywords) = schema.as_object_mut() else {
        return;
    };
    for keyword in ["allOf", "anyOf", "oneOf"] {
        if let Some(part) = keywords.get_mut(keyword).filter(|part| part.is_object()) {
            let place = pointer.join(keyword);
            // The walk does not visit the new location.
            place_parts(&place, part, notes);
            *part = json!([part.take()]);
            notes.add(&place, "interpreted it as a list with one schema", WHY);
        }
    }
    if !keywords.get("items").is_some_and(Value::is_array) {
        return;
    }
    let place = pointer.join("items");
    let Some(Value::Array(mut parts)) = keywords.shift_remove("items") else {
        return;
    };
    for (index, part) in parts.iter_mut().enumerate() {
        place_parts(&place.join(index), part, notes);
    }
    if parts.len() == 1 {
        keywords.insert("items".to_owned(), parts.remove(0));
        notes.add(&place, "interpreted it as the schema of each item", WHY);
        return;
    }
    if let Some(rest) = keywords.shift_remove("additionalItems") {
        keywords.insert("items".to_owned(), rest);
    }
    if !parts.is_empty() {
        keywords.insert("prefixItems".to_owned(), parts.into());
    }
    notes.add(&place, "interpreted it as `prefixItems`", WHY);
}

/// The boolean that a string probably represents.
fn boolean(value: &Value) -> Option<Value> {
    match value.as_str()?.to_ascii_lowercase().as_str() {
        "true" => Some(true.into()),
        "false" => Some(false.into()),
        _ => None,
    }
}

/// Removes descriptions that are not strings and flags that are not booleans, except from schemas.
fn remove_invalid(kind: Kind, pointer: &Pointer, value: &mut Value, notes: &mut Notes) {
    let Some(fields) = value.as_object_mut().filter(|_| kind != Kind::Schema) else {
        return;
    };
    fields.retain(|keyword, value| {
        let can_be = match keyword.as_str() {
            "description" | "summary" | "operationId" => value.is_string(),
            "deprecated" | "required" | "explode" | "allowReserved" | "allowEmptyValue"
            | "x-allow-empty" => value.is_boolean(),
            "externalDocs" => value["url"].is_string(),
            _ => true,
        };
        if !can_be {
            let why = "the value is not valid for the keyword";
            notes.add(&pointer.join(keyword), "removed the keyword", why);
        }
        can_be
    });
}

/// Adds the required fields of a response or header that are often missing.
fn complete(kind: Kind, pointer: &Pointer, value: &mut Value, notes: &mut Notes) {
    let has = |keyword: &str| value.get(keyword).is_some();
    let is_reference = has("$ref");
    let missing = match kind {
        Kind::Response if !has("description") => ("description", json!("")),
        Kind::Header if !has("schema") && !has("content") => ("schema", json!({})),
        _ => return,
    };
    if !is_reference {
        let (keyword, empty) = missing;
        value[keyword] = empty;
        notes.add(
            pointer,
            format!("added an empty `{keyword}`"),
            "the specification requires it",
        );
    }
}

/// The value that was probably intended: `3` for `3.0`, `integer` for `Int`.
fn meant(keyword: &str, value: &Value) -> Option<Value> {
    match (keyword, value) {
        ("type", Value::String(name)) => {
            let name = match name.to_ascii_lowercase().as_str() {
                "int" | "long" => "integer",
                "float" | "double" | "decimal" => "number",
                "bool" => "boolean",
                "str" | "text" => "string",
                "list" => "array",
                "dict" | "map" => "object",
                "none" | "nil" => "null",
                other => TYPES.into_iter().find(|name| *name == other)?,
            };
            Some(name.into())
        }
        ("enum", Value::Array(values)) => {
            let mut distinct: Vec<Value> = Vec::with_capacity(values.len());
            for value in values {
                let value = whole(value).unwrap_or_else(|| value.clone());
                if !distinct.contains(&value) {
                    distinct.push(value);
                }
            }
            Some(distinct.into())
        }
        ("const", value) => whole(value),
        ("uniqueItems" | "nullable" | "readOnly" | "writeOnly" | "deprecated", value) => {
            boolean(value)
        }
        (keyword, Value::Number(number)) if is_count(keyword) => {
            let number = number.as_f64()?;
            let whole = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
            // The cast is exact within these bounds.
            whole.then(|| (number as u64).into())
        }
        _ => None,
    }
}

/// `1` for `1.0`, which is the same number.
fn whole(value: &Value) -> Option<Value> {
    const MAX_EXACT: f64 = (1_u64 << 53) as f64;
    let number = value.as_f64().filter(|_| value.is_f64())?;
    let is_whole = number.fract() == 0.0 && number.abs() < MAX_EXACT;
    // The cast is exact within these bounds.
    is_whole.then(|| (number as i64).into())
}

const TYPES: [&str; 7] = [
    "string", "integer", "number", "boolean", "array", "object", "null",
];

fn is_count(keyword: &str) -> bool {
    matches!(
        keyword,
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
    )
}

/// The source is OpenAPI 3.0.3, Schema Object, and JSON Schema 2020-12 for keywords that 3.1 adds.
fn is_valid(keyword: &str, value: &Value) -> bool {
    let is_schema = |value: &Value| value.is_object() || value.is_boolean();
    match keyword {
        "type" => match value {
            Value::Array(names) => !names.is_empty() && names.iter().all(is_type),
            name => is_type(name),
        },
        "enum" => value.as_array().is_some_and(|values| !values.is_empty()),
        "required" => {
            let names = value.as_array();
            names.is_some_and(|names| names.iter().all(Value::is_string))
        }
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
            let parts = value.as_array();
            parts.is_some_and(|parts| !parts.is_empty() && parts.iter().all(is_schema))
        }
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => {
            value.is_object()
        }
        "items" | "additionalProperties" | "not" => is_schema(value),
        keyword if is_count(keyword) => value.is_u64(),
        "minimum" | "maximum" => value.is_number(),
        "multipleOf" => value.as_f64().is_some_and(|factor| factor > 0.0),
        "exclusiveMinimum" | "exclusiveMaximum" => value.is_number() || value.is_boolean(),
        "uniqueItems" | "nullable" | "readOnly" | "writeOnly" | "deprecated" => value.is_boolean(),
        "title" | "description" | "format" | "pattern" | "$ref" => value.is_string(),
        "discriminator" => {
            let mapping = value.get("mapping").and_then(Value::as_object);
            value["propertyName"].is_string()
                && mapping.is_none_or(|mapping| mapping.values().all(Value::is_string))
        }
        "externalDocs" => value["url"].is_string(),
        "xml" => value.is_object(),
        _ => true,
    }
}

fn is_type(name: &Value) -> bool {
    name.as_str().is_some_and(|name| TYPES.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{run, run_on_schemas};

    #[test]
    fn near_misses_are_corrected_and_other_invalid_values_removed() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "A": {
                    "type": "String", "required": true, "minLength": 3.0, "maxLength": -1,
                    "enum": ["a", "a"], "nullable": "yes",
                },
                "B": { "type": "object", "properties": { "c": null } },
                "C": { "type": "file", "oneOf": [] },
            }),
        );
        assert_eq!(
            after,
            json!({
                "A": { "type": "string", "minLength": 3, "enum": ["a"] },
                "B": { "type": "object", "properties": { "c": {} } },
                "C": {},
            })
        );
        assert_eq!(notes.len(), 6);
    }

    #[test]
    fn a_keyword_without_a_value_is_as_if_it_were_not_there() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "A": { "type": "string", "enum": null, "pattern": null, "required": null },
                "B": { "type": "object", "properties": { "c": null } },
                "C": { "type": "array", "items": null },
            }),
        );
        assert_eq!(
            after,
            json!({
                "A": { "type": "string" },
                "B": { "type": "object", "properties": { "c": {} } },
                "C": { "type": "array", "items": {} },
            })
        );
        assert_eq!(notes.len(), 5);
        assert!(
            notes.iter().all(|note| !note.contains("reduced")),
            "{notes:?}"
        );
    }

    #[test]
    fn schemas_are_put_into_lists_or_out_of_them_and_strings_become_booleans() {
        let string = json!({ "type": "string" });
        let number = json!({ "type": "number" });
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "A": { "allOf": string, "oneOf": { "anyOf": string } },
                "B": { "type": "array", "items": [string] },
                "C": { "items": [string, number], "additionalItems": false },
                "D": { "nullable": "True", "additionalProperties": "false" },
            }),
        );
        assert_eq!(
            after,
            json!({
                "A": { "allOf": [string], "oneOf": [{ "anyOf": [string] }] },
                "B": { "type": "array", "items": string },
                "C": { "items": false, "prefixItems": [string, number] },
                "D": { "nullable": true, "additionalProperties": false },
            })
        );
        assert!(
            notes.iter().all(|note| !note.contains("reduced")),
            "{notes:?}"
        );
    }

    #[test]
    fn required_fields_are_added_and_descriptions_that_are_not_strings_removed() {
        let header = json!({ "type": "integer" });
        let document = json!({ "paths": { "/a": { "get": {
            "description": { "$ref": "get.md" },
            "deprecated": "no",
            "responses": { "200": { "description": 3, "headers": { "X-A": header } } },
        } } } });
        let (after, notes) = run(&PASS, document);
        assert_eq!(
            after["paths"]["/a"]["get"],
            json!({ "responses": { "200": {
                "headers": { "X-A": { "type": "integer", "schema": {} } },
                "description": "",
            } } })
        );
        assert_eq!(notes.len(), 5);
    }

    #[test]
    fn a_response_that_is_a_string_gets_it_as_description() {
        let responses =
            json!({ "204": "Done", "200": { "content": { "text/plain": null } }, "x-a": 1 });
        let document = json!({ "paths": { "/a": { "get": { "responses": responses } } } });
        let (after, _) = run(&PASS, document);
        assert_eq!(
            after["paths"]["/a"]["get"]["responses"],
            json!({
                "204": { "description": "Done" },
                "200": { "content": { "text/plain": {} }, "description": "" },
                "x-a": 1,
            })
        );
    }

    #[test]
    fn valid_values_are_kept() {
        let schemas = json!({ "A": {
            "type": ["string", "null"], "exclusiveMinimum": 3, "minLength": 0, "x-any": 1,
            "default": null, "example": [], "discriminator": { "propertyName": "kind" },
        } });
        assert_eq!(run_on_schemas(&PASS, schemas.clone()), (schemas, vec![]));
    }
}
