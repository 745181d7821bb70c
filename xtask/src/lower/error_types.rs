//! Leaves every operation one type of error, and an API as few as can be.
//!
//! Before: `400: BadRequestError` (`title`, `violations`), `404: Error` (`title`), `500` without a
//! body.
//! After: `400` and `404`: `Error` (`title`, and `violations` that may be missing); `500` is
//! dropped, so that it is reported as unexpected, with its status and body.
//!
//! The generated call has one error type for all its statuses, and the status is kept beside it.
//! Error schemas that occur in one operation are merged for the whole API, so that a caller meets
//! one type: objects into one object that requires what all of them require, anything else into a
//! sum. The merged schema takes the name of the one that most answers use.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use openapi_document::walk::operations;
use openapi_document::{Pointer, copy_members};
use serde_json::{Map, Value, json};

use super::schema::{
    Names, component_name, components, components_mut, reference, required as required_of,
    resolved, type_of,
};
use super::split_directions::references_in;
use super::success_types::{SCHEMA, schema_place};
use super::{Notes, Pass, union};

pub(super) const PASS: Pass = Pass {
    name: "error-types",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    for (pointer, _, _) in operations(root) {
        let pointer = pointer.join("responses");
        if let Some(Value::Object(answers)) = pointer.get_mut(root) {
            drop_empty(answers, &pointer, notes);
        }
    }
    let classes = Classes::of(root);
    let before = copy_members(components(root));
    let merged = classes.merge(root, &before, notes);
    for (pointer, _, _) in operations(root) {
        let Some(Value::Object(answers)) = pointer.join("responses").get_mut(root) else {
            continue;
        };
        for (status, answer) in answers {
            if let Some(schema) = answer.pointer_mut(SCHEMA)
                && is_error(status)
                && let Some(name) = merged.get(&schema.to_string())
            {
                *schema = match may_be_null(&before, schema) {
                    true => json!({ "allOf": [reference(name)], "nullable": true }),
                    false => reference(name),
                };
            }
        }
    }
}

/// Whether a schema says that a value may be `null`, itself or in the component that it refers to.
fn may_be_null(components: &Map<String, Value>, schema: &Value) -> bool {
    [schema, resolved(components, schema)]
        .iter()
        .any(|schema| schema["nullable"] == true)
}

pub(super) fn is_error(status: &str) -> bool {
    status.starts_with('4') || status.starts_with('5')
}

/// Drops the errors without a body beside those with one.
fn drop_empty(answers: &mut Map<String, Value>, pointer: &Pointer, notes: &mut Notes) {
    let has_body = |answer: &Value| answer.pointer(SCHEMA).is_some();
    let errors = || answers.iter().filter(|(status, _)| is_error(status));
    if !errors().any(|(_, answer)| has_body(answer)) {
        return;
    }
    let empty: Vec<String> = errors()
        .filter(|(_, answer)| !has_body(answer))
        .map(|(status, _)| status.clone())
        .collect();
    for status in empty {
        answers.shift_remove(&status);
        notes.add(
            &pointer.join(&status),
            "dropped: others of its kind have a body with a type",
            "a generated call has one type of error; this answer is reported as unexpected, with \
             its status and body",
        );
    }
}

/// The error schemas of an API, grouped by occurring in one operation.
#[derive(Default)]
struct Classes {
    /// The schemas in the order of the document.
    schemas: Vec<Used>,
    /// The place of each schema by its text.
    places: HashMap<String, usize>,
    /// For each schema another of its class, or itself.
    other: Vec<usize>,
}

/// An error schema, how many answers use it, and where it stands first.
struct Used {
    schema: Value,
    count: usize,
    found: Pointer,
}

impl Classes {
    fn of(root: &Value) -> Self {
        let mut classes = Self::default();
        for (pointer, _, _) in operations(root) {
            let pointer = pointer.join("responses");
            let answers = pointer.get(root).and_then(Value::as_object);
            let mut first = None;
            for (status, answer) in answers.into_iter().flatten() {
                if is_error(status)
                    && let Some(schema) = answer.pointer(SCHEMA)
                {
                    let place = classes.place(schema, schema_place(&pointer, status));
                    classes.unite(*first.get_or_insert(place), place);
                }
            }
        }
        classes
    }

    fn place(&mut self, schema: &Value, found: Pointer) -> usize {
        let place = *self.places.entry(schema.to_string()).or_insert_with(|| {
            self.schemas.push(Used {
                schema: schema.clone(),
                count: 0,
                found,
            });
            self.other.push(self.other.len());
            self.other.len() - 1
        });
        self.schemas[place].count += 1;
        place
    }

    /// The first schema of the class that a schema is in.
    fn first(&self, mut place: usize) -> usize {
        while self.other[place] != place {
            place = self.other[place];
        }
        place
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        self.other[a.max(b)] = a.min(b);
    }

    /// The classes of several schemas, in the order of the document.
    fn several(&self) -> Vec<Vec<&Used>> {
        let mut classes: BTreeMap<usize, Vec<&Used>> = BTreeMap::new();
        for (place, schema) in self.schemas.iter().enumerate() {
            classes.entry(self.first(place)).or_default().push(schema);
        }
        let classes = classes.into_values();
        classes.filter(|members| members.len() > 1).collect()
    }

    /// Adds a component for each class of several schemas, and says which schemas (as text) it
    /// takes the place of.
    fn merge(
        &self,
        root: &mut Value,
        components: &Map<String, Value>,
        notes: &mut Notes,
    ) -> BTreeMap<String, String> {
        let mut names = Names::of(components);
        // The merged schema may take a name only from a component that no other refers to.
        let referred: BTreeSet<String> = components.values().flat_map(references_in).collect();
        let mut replaced = BTreeMap::new();
        for members in self.several() {
            let most_used = members
                .iter()
                .rev()
                .filter_map(|used| Some((used.count, component_name(&used.schema)?)))
                .max_by_key(|(count, _)| *count)
                .map(|(_, name)| name);
            let name = most_used
                .filter(|name| !referred.contains(name))
                .unwrap_or_else(|| names.free("ApiError"));
            let schemas: Vec<&Value> = members.iter().map(|used| &used.schema).collect();
            // Of a sum under the name of one of its parts, that part is written out.
            let part = |schema: &&Value| match component_name(schema) {
                Some(own) if own == name => components.get(&own).cloned(),
                _ => None,
            };
            let mut merged = merge_objects(components, &schemas, DEEPEST).unwrap_or_else(|| {
                let parts = schemas.iter();
                let parts = parts.map(|schema| part(schema).unwrap_or_else(|| (*schema).clone()));
                json!({ "oneOf": parts.collect::<Vec<_>>() })
            });
            if let Some(own) = components.get(&name).and_then(|own| own.get("description")) {
                merged["description"] = own.clone();
            }
            let found: Vec<Pointer> = members.iter().map(|used| used.found.clone()).collect();
            notes.component(&name, &found);
            components_mut(root).insert(name.clone(), merged);
            let known: Vec<String> = schemas
                .iter()
                .filter_map(|schema| component_name(schema))
                .collect();
            notes.add(
                &Pointer::of(["components", "schemas", &name]),
                match known.as_slice() {
                    [] => "the one error type".to_owned(),
                    known => format!("the one error type in place of `{}`", known.join("`, `")),
                },
                "a generated call has one type of error",
            );
            for schema in schemas {
                replaced.insert(schema.to_string(), name.clone());
            }
        }
        replaced
    }
}

/// How deep members that are objects are merged, too. They may recur.
const DEEPEST: usize = 8;

/// One object with the members of all, which requires what all of them require. `None` when one is
/// no object, or two disagree on a member that is none.
fn merge_objects(
    components: &Map<String, Value>,
    schemas: &[&Value],
    depth: usize,
) -> Option<Value> {
    const CHOICES: [&str; 4] = ["oneOf", "anyOf", "allOf", "not"];
    let objects: Vec<&Value> = schemas
        .iter()
        .map(|schema| resolved(components, schema))
        .collect();
    let is_plain = |object: &&Value| {
        type_of(object) == Some("object")
            && CHOICES.iter().all(|keyword| object.get(keyword).is_none())
    };
    if !objects.iter().all(is_plain) {
        return None;
    }
    let mut properties = Map::new();
    for (name, schemas) in union::members(&objects) {
        let schema = match schemas.as_slice() {
            [only] => (*only).clone(),
            several => merge_objects(components, several, depth.checked_sub(1)?)?,
        };
        properties.insert(name.to_owned(), schema);
    }
    let (first, others) = objects.split_first()?;
    let mut merged = first.as_object()?.clone();
    merged.shift_remove("nullable");
    merged.insert("properties".to_owned(), properties.into());
    if let Some(Value::Array(required)) = merged.get_mut("required") {
        required.retain(|name| {
            let requires = |other: &&Value| required_of(other).any(|other| name == other);
            others.iter().all(requires)
        });
    }
    match union::rest(&objects) {
        Some(rest) => merged.insert("additionalProperties".to_owned(), rest),
        None => merged.shift_remove("additionalProperties"),
    };
    Some(Value::Object(merged))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::run;

    fn json_of(schema: Value) -> Value {
        json!({ "description": "", "content": { "application/json": { "schema": schema } } })
    }

    fn lowered(responses: Value) -> (Value, Value) {
        let error = json!({
            "type": "object",
            "required": ["title"],
            "properties": { "title": { "type": "string" } },
        });
        let bad_request = json!({
            "type": "object",
            "required": ["title"],
            "properties": { "title": { "type": "string" }, "violations": { "type": "array" } },
        });
        let (mut after, _) = run(
            &PASS,
            json!({
                "paths": { "/a": { "get": { "operationId": "get", "responses": responses } } },
                "components": { "schemas": {
                    "Error": error, "BadRequest": bad_request, "Text": { "type": "string" },
                } },
            }),
        );
        let answers = after["paths"]["/a"]["get"]["responses"].take();
        (answers, after["components"]["schemas"].take())
    }

    fn by_name(name: &str) -> Value {
        json_of(reference(name))
    }

    #[test]
    fn object_errors_become_one_object_under_the_name_most_used() {
        let (answers, schemas) = lowered(json!({
            "200": json_of(json!({})),
            "400": by_name("BadRequest"),
            "401": by_name("Error"),
            "404": by_name("Error"),
        }));
        for status in ["400", "401", "404"] {
            assert_eq!(answers[status], by_name("Error"), "{status}");
        }
        assert_eq!(schemas["Error"]["required"], json!(["title"]));
        assert!(schemas["Error"]["properties"]["violations"].is_object());
    }

    #[test]
    fn a_sum_under_the_name_of_a_part_has_that_part() {
        let (_, schemas) = lowered(json!({
            "200": json_of(json!({})),
            "400": by_name("Text"),
            "401": by_name("Error"),
            "404": by_name("Error"),
        }));
        let parts = &schemas["Error"]["oneOf"];
        assert_eq!(parts[0], reference("Text"));
        assert_eq!(parts[1]["required"], json!(["title"]));
    }

    #[test]
    fn errors_that_are_no_objects_become_a_sum() {
        let (answers, schemas) = lowered(json!({
            "200": json_of(json!({})),
            "400": by_name("Text"),
            "401": by_name("Error"),
        }));
        assert_eq!(answers["400"], answers["401"]);
        let name = component_name(&answers["400"]["content"]["application/json"]["schema"]);
        let sum = &schemas[name.expect("is a component")];
        assert_eq!(sum["oneOf"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn objects_inside_errors_are_merged_too() {
        let error = |inner: Value| {
            let of_it = json!({ "type": "object", "properties": inner });
            json_of(json!({ "type": "object", "properties": { "error": of_it } }))
        };
        let (text, list) = (json!({ "type": "string" }), json!({ "type": "array" }));
        let (_, schemas) = lowered(json!({
            "400": error(json!({ "message": text })),
            "401": error(json!({ "message": text, "errors": list })),
        }));
        let inner = &schemas["ApiError"]["properties"]["error"]["properties"];
        assert_eq!(*inner, json!({ "message": text, "errors": list }));
    }

    #[test]
    fn an_error_without_a_body_beside_typed_ones_is_left_to_be_unexpected() {
        let (answers, _) = lowered(json!({
            "200": json_of(json!({})),
            "404": by_name("Error"),
            "500": { "description": "" },
        }));
        assert_eq!(answers.get("500"), None);
        assert_eq!(answers["404"], by_name("Error"));
    }
}
