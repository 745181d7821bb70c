//! Replaces references to anchors with references by JSON pointer.
//!
//! Before: `{$ref: '#role'}`, and elsewhere in the file `{$anchor: role, …}`. After: `{$ref:
//! '#/components/schemas/Role'}`.
//!
//! JSON Schema 2020-12, Core, section 8.2.2. The scope of an anchor is its file. A `$dynamicAnchor`
//! that is the target of a `$ref` behaves like an `$anchor`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Pointer;

const KEYWORDS: [&str; 2] = ["$anchor", "$dynamicAnchor"];

/// Replaces every `$ref` in `root` that names an anchor. `text` is the source of the file; it is only
/// searched for the anchor keywords, to skip files without anchors.
///
/// A reference to an unknown anchor is left unchanged; [`check`](crate::check()) reports it.
pub(crate) fn resolve(root: &mut Value, text: &str) {
    if !KEYWORDS.iter().any(|keyword| text.contains(keyword)) {
        return;
    }
    let mut anchors = BTreeMap::new();
    collect(root, &Pointer::root(), &mut anchors);
    replace(root, &anchors);
}

/// Collects the anchors inside `value` with their locations. The recursion is bounded by the maximum
/// nesting depth of a document.
fn collect(value: &Value, pointer: &Pointer, anchors: &mut BTreeMap<String, Pointer>) {
    match value {
        Value::Object(properties) => {
            for keyword in KEYWORDS {
                if let Some(name) = properties.get(keyword).and_then(Value::as_str) {
                    // Of duplicate anchors, the first one applies.
                    anchors
                        .entry(name.to_owned())
                        .or_insert_with(|| pointer.clone());
                }
            }
            for (name, property) in properties
                .iter()
                .filter(|(_, property)| is_container(property))
            {
                collect(property, &pointer.join(name), anchors);
            }
        }
        Value::Array(items) => {
            for (index, item) in items
                .iter()
                .enumerate()
                .filter(|(_, item)| is_container(item))
            {
                collect(item, &pointer.join(index), anchors);
            }
        }
        _ => {}
    }
}

/// True if `value` can contain other values.
fn is_container(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

fn replace(value: &mut Value, anchors: &BTreeMap<String, Pointer>) {
    match value {
        Value::Object(properties) => {
            if let Some(Value::String(text)) = properties.get_mut("$ref")
                && let Some(target) = text.strip_prefix('#').and_then(|name| anchors.get(name))
            {
                *text = target.to_string();
            }
            properties
                .values_mut()
                .for_each(|property| replace(property, anchors));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, anchors)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_reference_to_an_anchor_names_its_place() {
        let mut document = json!({
            "a": { "$ref": "#role" },
            "b": [{ "$ref": "#up" }, { "$ref": "#/a" }, { "$ref": "#nowhere" }],
            "c/d": { "$anchor": "role", "e": { "$dynamicAnchor": "up" } },
        });
        let text = document.to_string();
        resolve(&mut document, &text);
        assert_eq!(document["a"]["$ref"], "#/c~1d");
        assert_eq!(
            document["b"],
            json!([{ "$ref": "#/c~1d/e" }, { "$ref": "#/a" }, { "$ref": "#nowhere" }])
        );
    }
}
