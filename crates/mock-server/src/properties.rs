//! The properties that an object may have by its schema, with `$ref` followed and `allOf` and choices
//! combined. The state writes known values into these properties; the others are generated.

use openapi_document::Pointer;
use serde_json::Value;

/// The maximum depth to which schemas are followed.
const MAX_DEPTH: usize = 16;

/// The properties that a schema declares, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Properties {
    pub(crate) named: Vec<Property>,
    /// True if the schema allows additional properties.
    pub(crate) open: bool,
}

/// A property of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Property {
    pub(crate) name: String,
    /// The location of its schema in the document.
    pub(crate) pointer: Pointer,
    pub(crate) required: bool,
}

impl Properties {
    /// Returns the properties of the schema at `pointer` in the document.
    pub(crate) fn of(root: &Value, pointer: &Pointer) -> Self {
        let mut properties = Self::default();
        let mut required = Vec::new();
        properties.add(root, pointer, &mut required, MAX_DEPTH);
        for property in &mut properties.named {
            property.required = required.contains(&property.name);
        }
        properties
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Property> {
        self.named.iter().find(|property| property.name == name)
    }

    fn add(&mut self, root: &Value, pointer: &Pointer, required: &mut Vec<String>, depth: usize) {
        let pointer = pointer.resolved(root);
        let (Some(schema), Some(depth)) = (pointer.get(root), depth.checked_sub(1)) else {
            return;
        };
        for keyword in ["allOf", "oneOf", "anyOf"] {
            let branches = schema.get(keyword).and_then(Value::as_array);
            let mut branch_required = Vec::new();
            for index in 0..branches.map_or(0, Vec::len) {
                self.add(
                    root,
                    &pointer.join(keyword).join(index),
                    &mut branch_required,
                    depth,
                );
            }
            if keyword == "allOf" {
                required.append(&mut branch_required);
            }
        }
        let names = schema.get("required").and_then(Value::as_array);
        let names = names.into_iter().flatten().filter_map(Value::as_str);
        required.extend(names.map(str::to_owned));
        let properties = schema.get("properties").and_then(Value::as_object);
        for name in properties
            .into_iter()
            .flat_map(|properties| properties.keys())
        {
            if self.get(name).is_none() {
                self.named.push(Property {
                    name: name.clone(),
                    pointer: pointer.join("properties").join(name),
                    required: false,
                });
            }
        }
        let others = schema.get("additionalProperties");
        self.open |= others.is_some_and(|others| *others != Value::Bool(false));
    }
}

/// Removes case and word separators from a name, so that `page_size` and `pageSize` are equal.
pub(crate) fn normalized(name: &str) -> String {
    let kept = name.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_lowercase()).collect()
}

/// True if the last word of `name` is `last`: `nodePoolName` and `node_pool_name` end with `name`.
pub(crate) fn ends_with_word(name: &str, last: &str) -> bool {
    let Some(before) = normalized(name).len().checked_sub(normalized(last).len()) else {
        return false;
    };
    let capital = |at: usize| name[at..].starts_with(|c: char| c.is_ascii_uppercase());
    let starts: Vec<usize> = name.char_indices().map(|(at, _)| at).collect();
    before > 0
        && starts.iter().any(|at| {
            let joined = name[..*at].ends_with(['_', '-', '.']);
            (capital(*at) || joined) && normalized(&name[*at..]) == normalized(last)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn properties_are_collected_through_references_and_subschemas() {
        let root = json!({
            "A": {"allOf": [{"$ref": "#/B"}, {"required": ["b"], "properties": {"a": {}}}]},
            "B": {"oneOf": [{"properties": {"b": {}}, "required": ["b"]}, {"$ref": "#/A"}], "required": ["a"]},
        });
        let properties = Properties::of(&root, &Pointer::of(["A"]));
        let named = properties.named.iter();
        let named: Vec<_> = named
            .map(|m| (m.name.as_str(), m.required, m.pointer.as_str()))
            .collect();
        assert_eq!(
            named,
            [
                ("b", true, "/B/oneOf/0/properties/b"),
                ("a", true, "/A/allOf/1/properties/a"),
            ]
        );
    }

    #[test]
    fn the_last_word_is_found_in_camel_case_and_snake_case() {
        for (name, last, ends) in [
            ("nodePoolName", "name", true),
            ("node_pool_name", "name", true),
            ("roleUuid", "uuid", true),
            ("name", "name", false),
            ("surname", "name", false),
            ("nodeCount", "count", true),
            ("é", "name", false),
        ] {
            assert_eq!(ends_with_word(name, last), ends, "{name} {last}");
        }
    }
}
