//! The types of JSON Schema: those of values, and the keywords that apply to them.

use openapi_document::Pointer;
use serde_json::{Map, Value};

use crate::Notes;
use crate::schema::is_annotation;

/// The JSON type of a value, as `type` names it. A number without a fractional part is an `integer`, even
/// if it is written as `1.0` (JSON Schema 2020-12, Validation, section 6.1.1).
pub fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) => match number.as_f64() {
            Some(value) if number.is_f64() && value.fract() != 0.0 => "number",
            _ => "integer",
        },
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Removes the keywords that apply to other types than `kind`.
pub(crate) fn drop_foreign(
    pointer: &Pointer,
    keywords: &mut Map<String, Value>,
    kind: &str,
    notes: &mut Notes,
) {
    let foreign: Vec<String> = keywords
        .keys()
        .filter(|keyword| !is_annotation(keyword) && !applies_to(keyword, kind))
        .cloned()
        .collect();
    for keyword in foreign {
        keywords.shift_remove(&keyword);
        notes.add(
            &pointer.join(&keyword),
            "removed the keyword",
            "it does not apply to values of this type",
        );
    }
}

/// True if a keyword applies to values of a type (JSON Schema 2020-12, Validation, section 6).
pub(crate) fn applies_to(keyword: &str, kind: &str) -> bool {
    match keyword {
        "pattern" | "minLength" | "maxLength" => kind == "string",
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            matches!(kind, "integer" | "number")
        }
        "format" => matches!(kind, "string" | "integer" | "number"),
        "items" | "prefixItems" | "minItems" | "maxItems" | "uniqueItems" => kind == "array",
        "properties" | "required" | "additionalProperties" | "minProperties" | "maxProperties" => {
            kind == "object"
        }
        _ => true,
    }
}
