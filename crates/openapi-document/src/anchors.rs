//! References by anchor become references by pointer.
//!
//! Before: `{$ref: '#role'}`, and somewhere in the file `{$anchor: role, …}`.
//! After: `{$ref: '#/components/schemas/Role'}`.
//!
//! JSON Schema 2020-12, Core, section 8.2.2. An anchor names a place of its own file, and so does a
//! dynamic one where it is referred to by `$ref`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Pointer;

const KEYWORDS: [&str; 2] = ["$anchor", "$dynamicAnchor"];

/// Turns every reference of a file, which says `text`, to an anchor in it; one that is not there stays,
/// for the check to refuse.
pub(crate) fn resolve(root: &mut Value, text: &str) {
    if !KEYWORDS.iter().any(|keyword| text.contains(keyword)) {
        return;
    }
    let mut anchors = BTreeMap::new();
    collect(root, &Pointer::root(), &mut anchors);
    replace(root, &anchors);
}

/// The anchors inside a value, each with its place. The depth of a document is bounded.
fn collect(value: &Value, here: &Pointer, anchors: &mut BTreeMap<String, Pointer>) {
    match value {
        Value::Object(members) => {
            for keyword in KEYWORDS {
                if let Some(name) = members.get(keyword).and_then(Value::as_str) {
                    // Of two the first counts, as it would to a reader.
                    anchors
                        .entry(name.to_owned())
                        .or_insert_with(|| here.clone());
                }
            }
            for (name, member) in members.iter().filter(|(_, member)| holds(member)) {
                collect(member, &here.join(name), anchors);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate().filter(|(_, item)| holds(item)) {
                collect(item, &here.join(index), anchors);
            }
        }
        _ => {}
    }
}

/// Whether anything can be inside.
fn holds(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

fn replace(value: &mut Value, anchors: &BTreeMap<String, Pointer>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(text)) = members.get_mut("$ref")
                && let Some(place) = text.strip_prefix('#').and_then(|name| anchors.get(name))
            {
                *text = place.to_string();
            }
            members
                .values_mut()
                .for_each(|member| replace(member, anchors));
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
