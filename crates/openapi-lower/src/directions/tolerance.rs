//! Makes single schemas tolerant.

use std::collections::BTreeSet;

use client_codegen::enum_names::{NAMES, VALUES};
use openapi_document::Pointer;
use openapi_document::walk::{Kind, visit_from_mut};
use serde_json::{Map, Value, json};

use crate::rust_type::replace;
use crate::schema::{
    component_at, component_name, constraints, has_native_format, is_string_enum, is_wrapped,
    reference, resolved, type_of,
};

const BOUNDS: [&str; 13] = [
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// The tolerant schema, or `None` if the schema does not change.
pub(crate) fn opened(components: &Map<String, Value>, schema: &Value) -> Option<Value> {
    let mut opened = schema.clone();
    let mut changed = false;
    let tags = Tags::default();
    visit_from_mut(
        Kind::Schema,
        &Pointer::root(),
        &mut opened,
        &mut |_, pointer, inner| {
            changed |= !relax(components, &tags, pointer, inner).is_empty();
        },
    );
    changed.then_some(opened)
}

/// Makes one schema tolerant, but not the schemas inside it. Returns the changes.
pub(super) fn relax(
    components: &Map<String, Value>,
    tags: &Tags,
    pointer: &Pointer,
    schema: &mut Value,
) -> Vec<String> {
    if let Some(name) = component_name(schema) {
        if is_wrapped(pointer)
            || !is_string_enum(resolved(components, schema))
            || tags.require_closed(components, pointer, &name)
        {
            return Vec::new();
        }
        replace(schema, "OpenEnum", &[reference(&name)]);
        return vec![format!("accepts values that `{name}` does not list")];
    }
    let own = component_at(pointer);
    let Some(keywords) = schema.as_object_mut() else {
        return Vec::new();
    };
    let mut what = Vec::new();
    if keywords.contains_key("enum") {
        // An enumeration of strings is a component, and is opened where it is used.
        let is_tag = own.is_some_and(|own| tags.values.contains(&own));
        if keywords.get("type").is_some_and(|kind| kind == "integer") && !is_tag {
            let values = keywords.shift_remove("enum");
            if let Some(values) = values.filter(|_| keywords.contains_key(NAMES)) {
                keywords.insert(VALUES.to_owned(), values);
            }
            what.push("accepts values that are not listed".to_owned());
        }
        return what;
    }
    let dropped: Vec<&str> = BOUNDS
        .into_iter()
        .filter(|bound| keywords.shift_remove(*bound).is_some())
        .collect();
    if !dropped.is_empty() {
        what.push(format!("removed `{}`", dropped.join("`, `")));
    }
    if keywords.get("additionalProperties") == Some(&Value::Bool(false)) {
        keywords.shift_remove("additionalProperties");
        what.push("accepts unknown properties".to_owned());
    }
    if let Some(Value::Array(branches)) = keywords.get_mut("oneOf")
        && let Some(name) = open_only_string(components, branches)
    {
        what.push(format!("accepts values that `{name}` does not list"));
    }
    if own.is_some_and(|own| tags.choices.contains(&own))
        && let Some(Value::Array(branches)) = keywords.get_mut("oneOf")
    {
        branches.push(json!({ "title": "Other" }));
        what.push("accepts unknown branches as `Other`".to_owned());
    }
    what
}

/// Opens the enumeration of strings among the branches of a choice and returns its name. Does nothing if
/// another branch accepts any string: the open enumeration would decode its values as unknown values.
/// Branches with a string format that has its own Rust type are tried first.
fn open_only_string(components: &Map<String, Value>, branches: &mut Vec<Value>) -> Option<String> {
    let accepts_any_string = |branch: &&Value| {
        let schema = resolved(components, branch);
        type_of(schema).is_none_or(|kind| kind == "string") && !has_native_format(schema)
    };
    let mut strings = branches.iter().filter(accepts_any_string);
    let (only, None) = (strings.next()?, strings.next()) else {
        return None;
    };
    let name = component_name(only).filter(|_| is_string_enum(resolved(components, only)))?;
    let place = branches.iter().position(|branch| branch == only)?;
    let is_tried_before = |branch: &Value| has_native_format(resolved(components, branch));
    let last = branches.iter().rposition(is_tried_before);
    let mut opened = branches.remove(place);
    replace(&mut opened, "OpenEnum", &[reference(&name)]);
    branches.insert(last.map_or(place, |last| place.max(last)), opened);
    Some(name)
}

/// The properties and enumerations that distinguish the branches of choices.
#[derive(Default)]
pub(super) struct Tags {
    /// The choices of objects. A value of a branch that the document does not list is their `Other`.
    choices: BTreeSet<String>,
    /// The tags, as component name and property name.
    properties: BTreeSet<(String, String)>,
    /// The enumerations of the tags.
    values: BTreeSet<String>,
    /// All components that are a branch of a choice.
    branches: BTreeSet<String>,
}

impl Tags {
    pub(super) fn of(components: &Map<String, Value>) -> Self {
        let mut tags = Self::default();
        for (choice, schema) in components {
            let branches = schema["oneOf"].as_array().into_iter().flatten();
            let branches: Vec<String> = branches.filter_map(component_name).collect();
            let objects: Vec<&String> = branches
                .iter()
                .filter(|name| properties(components, name).is_some())
                .collect();
            if is_open_ended(components, schema) {
                tags.choices.insert(choice.clone());
            }
            if let Some(tag) = tag(components, &objects) {
                for object in objects {
                    let property = properties(components, object).and_then(|all| all.get(tag));
                    tags.values.extend(property.and_then(component_name));
                    tags.properties.insert((object.clone(), tag.clone()));
                }
            }
            tags.branches.extend(branches);
        }
        // A branch that accepts any value would decode the values of the others.
        tags.choices
            .retain(|choice| !tags.branches.contains(choice));
        tags
    }

    /// True if a component is a choice that responses may extend.
    pub(super) fn is_open_choice(&self, name: &str) -> bool {
        self.choices.contains(name)
    }

    /// True if the enumeration of strings that is used at `pointer` must remain closed: it is a branch,
    /// a tag, or a property with a single value in a branch.
    fn require_closed(
        &self,
        components: &Map<String, Value>,
        pointer: &Pointer,
        name: &str,
    ) -> bool {
        let tokens: Vec<String> = pointer.tokens().collect();
        let single = components
            .get(name)
            .and_then(|component| component["enum"].as_array())
            .is_some_and(|values| values.len() == 1);
        match tokens.as_slice() {
            [components, schemas, component, properties, property]
                if components == "components"
                    && schemas == "schemas"
                    && properties == "properties" =>
            {
                let property = (component.clone(), property.clone());
                self.properties.contains(&property) || single && self.branches.contains(component)
            }
            [.., one_of, _, properties, _] if properties == "properties" => {
                single && one_of == "oneOf"
            }
            [.., one_of, _] => one_of == "oneOf",
            _ => false,
        }
    }
}

/// True if one of the branches of a choice is an object, directly or through other choices, and none
/// accepts any value.
fn is_open_ended(components: &Map<String, Value>, choice: &Value) -> bool {
    let mut has_object = false;
    let mut seen = BTreeSet::new();
    let mut waiting = vec![choice];
    while let Some(choice) = waiting.pop() {
        for branch in choice["oneOf"].as_array().into_iter().flatten() {
            if component_name(branch).is_some_and(|name| !seen.insert(name)) {
                continue;
            }
            let branch = resolved(components, branch);
            if constraints(branch).is_empty() {
                return false;
            }
            has_object |= type_of(branch) == Some("object");
            waiting.push(branch);
        }
    }
    has_object
}

/// The property for which each of several objects lists values that no other object lists.
fn tag<'a>(components: &'a Map<String, Value>, objects: &[&String]) -> Option<&'a String> {
    let [first, _, ..] = objects else {
        return None;
    };
    let is_tag = |name: &&String| {
        let mut seen = BTreeSet::new();
        objects.iter().all(|object| {
            let property = properties(components, object).and_then(|all| all.get(*name));
            let values =
                property.and_then(|property| resolved(components, property)["enum"].as_array());
            values.is_some_and(|values| values.iter().all(|value| seen.insert(value.to_string())))
        })
    };
    properties(components, first)?.keys().find(is_tag)
}

fn properties<'a>(
    components: &'a Map<String, Value>,
    name: &str,
) -> Option<&'a Map<String, Value>> {
    components.get(name)?["properties"].as_object()
}
