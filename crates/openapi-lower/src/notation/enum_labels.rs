//! Reads the names and descriptions of enumerated values from several common extensions.
//!
//! Before: `{enum: [0, 1], x-enum-varnames: [Off, On], x-enum-descriptions: [Is off., Is on.]}`.
//! After: `{enum: [0, 1], x-enum-labels: {'0': {name: Off, description: Is off.}, …}}`.
//!
//! The extensions list names in the order of the values. Later passes remove and sort values, so the labels
//! are stored by value. `x-enum-varnames` and `x-enum-descriptions` are those of OpenAPI Generator,
//! `x-enumNames` that of NSwag.

use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value, json};

use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "enum-labels",
    run,
};

/// The extension with the labels.
pub(crate) const LABELS: &str = "x-enum-labels";

const SOURCES: [(&str, &[&str]); 2] = [
    ("name", &["x-enum-varnames", "x-enumNames", "x-enum-names"]),
    (
        "description",
        &["x-enum-descriptions", "x-enumDescriptions"],
    ),
];

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        let values = keywords.get("enum").and_then(Value::as_array).cloned();
        let mut labels = Map::new();
        for (field, extensions) in SOURCES {
            for extension in extensions {
                let Some(given) = keywords.shift_remove(*extension) else {
                    continue;
                };
                for (index, value) in values.iter().flatten().enumerate() {
                    let text = match &given {
                        Value::Array(given) => given.get(index),
                        Value::Object(given) => given.get(&plain(value)),
                        _ => None,
                    };
                    let text = text.and_then(Value::as_str).filter(|text| !text.is_empty());
                    if let Some(text) = text {
                        let label = labels.entry(key(value)).or_insert_with(|| json!({}));
                        label[field] = text.into();
                    }
                }
            }
        }
        if !labels.is_empty() {
            keywords.insert(LABELS.to_owned(), labels.into());
            let why = "later passes remove and sort values";
            notes.add(pointer, "stored the names of the values by value", why);
        }
    });
}

/// The label of a value.
pub(crate) fn label<'a>(schema: &'a Value, value: &Value, field: &str) -> Option<&'a str> {
    schema[LABELS].get(key(value))?.get(field)?.as_str()
}

/// The key of a value: its JSON, with whole numbers written as integers.
fn key(value: &Value) -> String {
    match value.as_f64() {
        Some(number) if value.is_f64() && number.fract() == 0.0 => format!("{number:.0}"),
        _ => value.to_string(),
    }
}

/// The value as a key of an extension that is a map.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;

    #[test]
    fn labels_are_found_by_value() {
        let (after, _) = run_on_schemas(
            &PASS,
            json!({
                "A": { "enum": [1.0, 2], "x-enum-varnames": ["One", "Two"] },
                "B": { "enum": ["a", "b"], "x-enumNames": ["First"], "x-enum-descriptions": { "b": "the second" } },
                "C": { "enum": ["a"], "x-enum-descriptions": [""] },
            }),
        );
        assert_eq!(label(&after["A"], &json!(1), "name"), Some("One"));
        assert_eq!(label(&after["B"], &json!("a"), "name"), Some("First"));
        assert_eq!(
            label(&after["B"], &json!("b"), "description"),
            Some("the second")
        );
        assert_eq!(after["C"], json!({ "enum": ["a"] }));
    }
}
