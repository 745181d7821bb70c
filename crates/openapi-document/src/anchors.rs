//! Replaces references to anchors and to schemas with an `$id` with references by JSON pointer.
//!
//! Before: `{$ref: '#role'}`, and elsewhere in the file `{$anchor: role, …}`. After: `{$ref:
//! '#/components/schemas/Role'}`.
//!
//! JSON Schema 2020-12, Core, sections 8.2.1 and 8.2.2. A schema with an `$id` is a separate resource:
//! pointers and anchors inside it are relative to it. A `$dynamicAnchor` that is the target of a `$ref`
//! behaves like an `$anchor`. In an OpenAPI 3.2 document, `$self` is the `$id` of the document.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Pointer;

const ANCHORS: [&str; 2] = ["$anchor", "$dynamicAnchor"];
const IDENTIFIERS: [&str; 2] = ["$id", "$self"];

/// Keywords whose values are data, in which nothing is a reference.
const DATA: [&str; 6] = ["enum", "const", "example", "examples", "default", "value"];

/// Keywords whose values are maps, in which every key is a name.
const MAPS: [&str; 16] = [
    "properties",
    "patternProperties",
    "dependentSchemas",
    "$defs",
    "definitions",
    "schemas",
    "parameters",
    "responses",
    "requestBodies",
    "headers",
    "pathItems",
    "paths",
    "webhooks",
    "callbacks",
    "content",
    "mediaTypes",
];

/// Replaces every `$ref` in `root` that names an anchor or an `$id`. `text` is the source of the file; it
/// is only searched for the keywords, to skip files without them.
///
/// Other references are left unchanged; [`check`](crate::check()) reports those that do not resolve.
pub(crate) fn resolve(root: &mut Value, text: &str) {
    let mut keywords = ANCHORS.iter().chain(&IDENTIFIERS);
    if !keywords.any(|keyword| text.contains(keyword)) {
        return;
    }
    let resources = Resources::of(root);
    let mut replaced = Vec::new();
    each_object(root, &Pointer::root(), &mut |pointer, object| {
        let reference = object.get("$ref").and_then(Value::as_str);
        let target = reference.and_then(|reference| resources.target(root, pointer, reference));
        replaced.extend(target.map(|target| (pointer.clone(), target)));
    });
    for (pointer, target) in replaced {
        if let Some(object) = pointer.get_mut(root) {
            object["$ref"] = target.to_string().into();
        }
    }
}

/// The location of an anchor in a file.
pub(crate) fn find(root: &Value, anchor: &str) -> Option<Pointer> {
    let resources = Resources::of(root);
    let named = |(_, name): &&(Pointer, String)| name == anchor;
    let key = resources.anchors.keys().find(named)?;
    resources.anchors.get(key).cloned()
}

/// The schemas of a file with an `$id`, and its anchors.
struct Resources {
    /// The `$id` of each, by its location.
    identifiers: BTreeMap<Pointer, String>,
    /// The location of each anchor, by its resource and name.
    anchors: BTreeMap<(Pointer, String), Pointer>,
}

impl Resources {
    fn of(root: &Value) -> Self {
        let mut identifiers = BTreeMap::new();
        let mut anchored = Vec::new();
        each_object(root, &Pointer::root(), &mut |pointer, object| {
            let keyword = |keyword: &&str| object.get(*keyword).and_then(Value::as_str);
            let identifier = IDENTIFIERS.iter().find_map(&keyword);
            if let Some(identifier) = identifier.filter(|name| !name.starts_with('#')) {
                let identifier = identifier.trim_end_matches('#');
                identifiers.insert(pointer.clone(), identifier.to_owned());
            }
            let names = ANCHORS.iter().filter_map(keyword);
            anchored.extend(names.map(|name| (pointer.clone(), name.to_owned())));
        });
        let mut resources = Self {
            identifiers,
            anchors: BTreeMap::new(),
        };
        for (pointer, name) in anchored {
            let resource = resources.around(&pointer);
            // If several anchors have the same name, the first one applies.
            let anchors = resources.anchors.entry((resource, name));
            anchors.or_insert(pointer);
        }
        resources
    }

    /// The innermost resource that contains `pointer`.
    fn around(&self, pointer: &Pointer) -> Pointer {
        let mut outwards = std::iter::successors(Some(pointer.clone()), Pointer::parent);
        let found = outwards.find(|outer| self.identifiers.contains_key(outer));
        found.unwrap_or_default()
    }

    /// The target of a reference at `from`, unless the reference is already the pointer to it.
    fn target(&self, root: &Value, from: &Pointer, reference: &str) -> Option<Pointer> {
        let (uri, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let own = self.around(from);
        let resource = match uri {
            "" => own,
            uri => self.named(&own, uri)?,
        };
        let target = match Pointer::parse(&format!("#{fragment}")) {
            Some(inside) => inside.below(&resource),
            None => self.anchors.get(&(resource, fragment.to_owned()))?.clone(),
        };
        let is_new = target.to_string() != reference;
        (is_new && target.get(root).is_some()).then_some(target)
    }

    /// The resource with this `$id`, which may be relative to that of `own`.
    fn named(&self, own: &Pointer, uri: &str) -> Option<Pointer> {
        let base = self.identifiers.get(own).map_or("", String::as_str);
        let folder = base.rfind('/').map_or("", |slash| &base[..=slash]);
        let absolute = format!("{folder}{}", uri.trim_start_matches("./"));
        let mut identifiers = self.identifiers.iter();
        let found = identifiers.find(|(_, known)| *known == uri || **known == absolute);
        found.map(|(pointer, _)| pointer.clone())
    }
}

/// Visits every object inside `value` that is not data. The recursion is bounded by the maximum nesting
/// depth of a document.
fn each_object(value: &Value, pointer: &Pointer, f: &mut dyn FnMut(&Pointer, &Value)) {
    f(pointer, value);
    inside(value, pointer, false, f);
}

fn inside(value: &Value, pointer: &Pointer, is_map: bool, f: &mut dyn FnMut(&Pointer, &Value)) {
    match value {
        Value::Object(properties) => {
            for (name, property) in properties {
                if !property.is_object() && !property.is_array() {
                    continue;
                }
                if !is_map && DATA.contains(&name.as_str()) {
                    continue;
                }
                let pointer = pointer.join(name);
                let is_map = !is_map && MAPS.contains(&name.as_str()) && property.is_object();
                if !is_map && property.is_object() {
                    f(&pointer, property);
                }
                inside(property, &pointer, is_map, f);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let pointer = pointer.join(index);
                if item.is_object() {
                    f(&pointer, item);
                }
                inside(item, &pointer, false, f);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn resolved(mut document: Value) -> Value {
        let text = document.to_string();
        resolve(&mut document, &text);
        document
    }

    #[test]
    fn a_reference_to_an_anchor_names_its_place() {
        let document = resolved(json!({
            "a": { "$ref": "#role" },
            "b": [{ "$ref": "#up" }, { "$ref": "#/a" }, { "$ref": "#nowhere" }],
            "c/d": { "$anchor": "role", "e": { "$dynamicAnchor": "up" } },
        }));
        assert_eq!(document["a"]["$ref"], "#/c~1d");
        assert_eq!(
            document["b"],
            json!([{ "$ref": "#/c~1d/e" }, { "$ref": "#/a" }, { "$ref": "#nowhere" }])
        );
    }

    #[test]
    fn data_has_neither_anchors_nor_references() {
        let document = json!({
            "A": { "enum": [{ "$ref": "#x" }], "default": { "$anchor": "x" } },
            "B": { "example": { "$ref": "#x" }, "const": { "$ref": "#x" } },
            "properties": { "default": { "$ref": "#y" }, "example": { "$anchor": "y" } },
        });
        let after = resolved(document.clone());
        assert_eq!(after["A"], document["A"]);
        assert_eq!(after["B"], document["B"]);
        assert_eq!(
            after["properties"]["default"]["$ref"],
            "#/properties/example"
        );
    }

    #[test]
    fn references_in_a_schema_with_an_id_are_relative_to_it() {
        let document = resolved(json!({
            "A": {
                "$id": "https://a.example/v1/tree.json",
                "$ref": "#/$defs/node",
                "$defs": { "node": { "$anchor": "n", "items": { "$ref": "#n" } } },
            },
            "B": { "$ref": "https://a.example/v1/tree.json#/$defs/node" },
            "C": { "$id": "https://a.example/v1/other.json", "items": { "$ref": "tree.json" } },
            "D": { "$ref": "#/A" },
        }));
        assert_eq!(document["A"]["$ref"], "#/A/$defs/node");
        assert_eq!(
            document["A"]["$defs"]["node"]["items"]["$ref"],
            "#/A/$defs/node"
        );
        assert_eq!(document["B"]["$ref"], "#/A/$defs/node");
        assert_eq!(document["C"]["items"]["$ref"], "#/A");
        assert_eq!(document["D"]["$ref"], "#/A");
    }
}
