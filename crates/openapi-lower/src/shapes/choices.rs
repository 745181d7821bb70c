//! Converts `oneOf` and `anyOf` to a `oneOf` whose branches decode in order.
//!
//! Before: `{anyOf: [{type: object}, {type: string}, {type: number}, {type: integer}]}`, `{type:
//! object, properties: {id: …}, oneOf: [{$ref: Cat}, {$ref: Dog}]}`, `{type: string, oneOf: [{enum:
//! [a]}, {enum: [b]}]}`.
//! After: `{oneOf: [{type: object}, {type: string}, {type: integer}, {type: number}]}`, `{oneOf:
//! [{properties: {id: …, …}}, …]}` of two objects that have the `id`, `{type: string, enum: [a, b]}`.
//!
//! For an `anyOf`, typify generates a struct with one flattened field per branch, which can only decode
//! objects. For a `oneOf` it generates an enum that uses the first branch that decodes, so narrower
//! branches must come first. Keywords beside a choice apply to every branch, so they are merged into each.

use std::collections::BTreeSet;

use openapi_document::walk::schemas_mut;
use openapi_document::{Pointer, compact_clone_object};
use serde_json::{Map, Value, json};

use crate::ambiguous_branches::{ObjectRef, may_overlap, objects_to_keep_open, tagged_names};
use crate::branch_order::ordered;
use crate::intersection::Intersection;
use crate::kinds::drop_foreign;
use crate::schema::{
    component_at, component_name, components, constraints, is_annotation, is_string_enum, resolved,
};
use crate::union;
use crate::{Notes, Pass, Reduced};

pub(crate) const PASS: Pass = Pass {
    name: "choices",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let components = compact_clone_object(components(root));
    let mut keeping: BTreeSet<Pointer> = BTreeSet::new();
    schemas_mut(root, |pointer, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        let choices: Vec<(&str, Vec<Value>)> = ["oneOf", "anyOf"]
            .into_iter()
            .filter_map(|keyword| match keywords.shift_remove(keyword) {
                Some(Value::Array(branches)) => Some((keyword, branches)),
                _ => None,
            })
            .collect();
        if choices.is_empty() {
            return;
        }
        let mut choice = Choice {
            components: &components,
            pointer,
            keywords,
            keeping: &mut keeping,
            together: choices.iter().any(|(keyword, _)| *keyword == "anyOf"),
            notes,
        };
        choice.lower(choices);
    });
    for pointer in keeping {
        // Schemas that are no longer objects are handled with their choice.
        if let Some(Value::Object(object)) = pointer.get_mut(root)
            && object.contains_key("properties")
        {
            object.insert("additionalProperties".to_owned(), json!({}));
            notes.add(
                &pointer,
                KEEPS_UNLISTED,
                "values of another branch may decode as this object",
            );
        }
    }
}

const KEEPS_UNLISTED: &str = "keeps properties that are not listed";

/// A choice that is being lowered, with the keywords beside it.
struct Choice<'a> {
    components: &'a Map<String, Value>,
    pointer: &'a Pointer,
    keywords: &'a mut Map<String, Value>,
    /// The objects elsewhere that must keep properties that they do not list.
    keeping: &'a mut BTreeSet<Pointer>,
    /// Whether a value may match several branches.
    together: bool,
    notes: &'a mut Notes,
}

impl Choice<'_> {
    fn lower(&mut self, choices: Vec<(&'static str, Vec<Value>)>) {
        let mut branches: Option<Vec<Value>> = None;
        for (keyword, found) in choices {
            let count = found.len();
            let found = self.offered(keyword, found);
            let has_equal = found.len() < count;
            if found.is_empty() {
                continue;
            }
            if keyword == "oneOf" && (has_equal || may_overlap(self.components, &found)) {
                let place = self.pointer.join(keyword);
                let loss =
                    "the client does not check that a value is valid against one branch only";
                let why = "the first branch that decodes is used";
                self.notes.add_not_checked(&place, why, loss);
            }
            branches = Some(match branches {
                None => found,
                Some(others) => {
                    let components = self.components;
                    let mut intersection =
                        Intersection::new(components, component_at(self.pointer));
                    let pairs = intersection.pairs(&others, &found);
                    self.note_lost(&intersection);
                    pairs.unwrap_or(others)
                }
            });
        }
        let Some(branches) = branches else {
            return;
        };
        let branches = self.with_siblings(branches);
        if branches.is_empty() {
            return;
        }
        let branches = self.join_indistinct(branches);
        if let Some(values) = all_values(self.components, &branches) {
            self.keywords.insert("type".to_owned(), "string".into());
            self.keywords.insert("enum".to_owned(), values.into());
            self.notes.add(
                self.pointer,
                "merged the branches into one enumeration",
                "each branch is a list of strings",
            );
            return;
        }
        let ordered = ordered(self.components, branches.clone());
        if ordered != branches {
            self.notes.add(
                self.pointer,
                "moved narrower branches to the front",
                "the first branch that decodes is used",
            );
        }
        let kept = self.keep_all(ordered);
        self.put(kept);
    }

    /// Adds notes about the constraints that merging the branches with other schemas loses.
    fn note_lost(&mut self, intersection: &Intersection<'_>) {
        if intersection.has_closed_part {
            let loss = "the client does not reject properties that only another part allows";
            let why = "one object has the properties of the branch and of the schema beside it";
            self.notes.add_not_checked(self.pointer, why, loss);
        }
        if !intersection.lost.is_empty() {
            let loss = format!("the client ignores {}", intersection.lost.join(", "));
            let what = "merged the branches with the schema beside them";
            let why = "the type of a choice only depends on its branches";
            let reduced = Reduced::updating(loss, self.pointer, "{} # state each branch in full");
            self.notes.add_reduced(self.pointer, what, why, reduced);
        }
    }

    /// Makes branches that could decode the values of other branches keep the properties that only those
    /// list.
    fn keep_all(&mut self, mut branches: Vec<Value>) -> Vec<Value> {
        let sent = self.notes.is_of_requests(self.pointer);
        for object in objects_to_keep_open(self.components, &branches, sent, self.together) {
            match object {
                ObjectRef::Document(pointer) => {
                    self.keeping.insert(pointer);
                }
                ObjectRef::Branch(index, way) => {
                    if let Some(inner) = way.get_mut(&mut branches[index]) {
                        inner["additionalProperties"] = json!({});
                        let why = "values of another branch may decode as this one";
                        self.notes.add(self.pointer, KEEPS_UNLISTED, why);
                    }
                }
            }
        }
        branches
    }

    /// The branches that a value can have, without `null`.
    fn offered(&mut self, keyword: &'static str, mut branches: Vec<Value>) -> Vec<Value> {
        if keyword == "anyOf" {
            self.notes.add(
                self.pointer,
                "replaced `anyOf` with `oneOf`",
                "the type of an `anyOf` can only decode objects",
            );
        }
        for branch in &mut branches {
            if let Some(keywords) = branch.as_object_mut()
                && keywords.shift_remove("nullable") == Some(Value::Bool(true))
            {
                self.keywords.insert("nullable".to_owned(), true.into());
            }
        }
        branches.dedup();
        branches
    }

    /// Merges the keywords beside the choice into each branch.
    fn with_siblings(&mut self, branches: Vec<Value>) -> Vec<Value> {
        let beside: Map<String, Value> = constraints(&Value::Object(self.keywords.clone()))
            .into_iter()
            .filter(|(keyword, _)| keyword != "nullable")
            .collect();
        if beside.is_empty() {
            return branches;
        }
        let beside = Value::Object(beside);
        let mut intersection = Intersection::new(self.components, component_at(self.pointer));
        let merged = intersection.pairs(&branches, std::slice::from_ref(&beside));
        self.note_lost(&intersection);
        match merged {
            Ok(mut merged) => {
                for branch in merged.iter_mut().filter_map(Value::as_object_mut) {
                    let kind = branch
                        .get("type")
                        .and_then(Value::as_str)
                        .map(str::to_owned);
                    if let Some(kind) = kind {
                        drop_foreign(self.pointer, branch, &kind, self.notes);
                    }
                }
                self.keywords
                    .retain(|keyword, _| is_annotation(keyword) || keyword == "nullable");
                self.notes.add(
                    self.pointer,
                    "merged the keywords beside the choice into each branch",
                    "the type of a choice only depends on its branches",
                );
                merged
            }
            Err(_)
                if beside
                    .as_object()
                    .is_some_and(|beside| beside.keys().eq(["type"])) =>
            {
                self.keywords.shift_remove("type");
                let why = "it contradicts every branch beside it";
                self.notes.add(self.pointer, "removed `type`", why);
                branches
            }
            Err(_) => {
                self.notes.add_reduced(
                    self.pointer,
                    "removed the choice",
                    "every branch contradicts the keywords beside it",
                    Reduced::removing(
                        "the client does not have the choice",
                        &self.pointer.join("oneOf"),
                    ),
                );
                Vec::new()
            }
        }
    }

    /// Merges the branches that accept any object. Otherwise the first of them would decode the values of
    /// the others and lose their properties.
    fn join_indistinct(&mut self, branches: Vec<Value>) -> Vec<Value> {
        let (indistinct, mut rest): (Vec<Value>, Vec<Value>) = branches
            .iter()
            .cloned()
            .partition(|branch| accepts_any_object(resolved(self.components, branch)));
        let names = tagged_names(self.components, &indistinct);
        if indistinct.len() < 2 || !names.is_empty() {
            return branches;
        }
        let objects: Vec<&Value> = indistinct
            .iter()
            .map(|branch| resolved(self.components, branch))
            .collect();
        let mut joined = json!({ "type": "object", "properties": {} });
        for (name, schemas) in union::properties(&objects) {
            let schemas = schemas.into_iter().cloned();
            let mut property = schemas
                .reduce(|known, schema| either(self.components, known, schema))
                .unwrap_or_default();
            if let Some(Value::Array(branches)) = property.get_mut("oneOf") {
                *branches = self.keep_all(std::mem::take(branches));
            }
            joined["properties"][name] = property;
        }
        if let Some(kept) = union::rest(&objects) {
            joined["additionalProperties"] = kept;
        }
        self.notes.add_reduced(
            self.pointer,
            "merged the branches that require nothing into one object",
            "every object would decode as the first of them",
            Reduced::updating(
                "only the properties of a value show its branch",
                self.pointer,
                "{discriminator: {propertyName: …}}",
            ),
        );
        rest.push(joined);
        rest
    }

    fn put(&mut self, mut branches: Vec<Value>) {
        match branches.as_slice() {
            [] => {}
            [only] if component_name(only).is_none() => {
                let only = branches.swap_remove(0);
                for (keyword, value) in only.as_object().cloned().unwrap_or_default() {
                    self.keywords.entry(keyword).or_insert(value);
                }
            }
            [only] => {
                self.keywords.insert("allOf".to_owned(), json!([only]));
            }
            _ => {
                self.keywords.insert("oneOf".to_owned(), branches.into());
            }
        }
    }
}

/// True if an object with listed properties accepts every object.
fn accepts_any_object(schema: &Value) -> bool {
    let listed = schema["properties"].as_object();
    let requires = schema["required"]
        .as_array()
        .is_some_and(|required| !required.is_empty());
    let plain = ["oneOf", "anyOf", "allOf", "x-rust-type"]
        .iter()
        .all(|keyword| schema.get(keyword).is_none());
    listed.is_some_and(|listed| !listed.is_empty()) && !requires && plain
}

/// A choice between two schemas.
fn either(components: &Map<String, Value>, ours: Value, theirs: Value) -> Value {
    let mut branches = Vec::new();
    for schema in [ours, theirs] {
        match schema["oneOf"].as_array() {
            Some(inner) => branches.extend(inner.clone()),
            None => branches.push(schema),
        }
    }
    json!({ "oneOf": ordered(components, branches) })
}

/// The strings that the branches list, if each branch is only an enumeration.
fn all_values(components: &Map<String, Value>, branches: &[Value]) -> Option<Vec<Value>> {
    let mut all = Vec::new();
    for branch in branches {
        let plain = constraints(branch)
            .keys()
            .all(|keyword| keyword == "type" || keyword == "enum");
        let listed = resolved(components, branch);
        if component_name(branch).is_some() || !plain || !is_string_enum(listed) {
            return None;
        }
        for value in listed["enum"].as_array().into_iter().flatten() {
            if !all.contains(value) {
                all.push(value.clone());
            }
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;
    use crate::testing::run_on_schemas;

    #[test]
    fn a_branch_that_decodes_values_of_another_keeps_their_properties() {
        let object = |required: Value, properties: Value| json!({ "type": "object", "required": required, "properties": properties });
        let (string, kind) = (
            json!({ "type": "string" }),
            |kind: &str| json!({ "enum": [kind] }),
        );
        let (after, _) = run_on_schemas(
            &PASS,
            json!({
                "Mail": object(json!(["to"]), json!({ "to": string, "html": string })),
                "Phone": object(json!(["to"]), json!({ "to": string, "country": string })),
                "Cat": object(json!(["kind"]), json!({ "kind": kind("cat"), "lives": string })),
                "Dog": object(json!(["kind"]), json!({ "kind": kind("dog"), "tricks": string })),
                "Contact": { "oneOf": [reference("Mail"), reference("Phone")] },
                "Pet": { "oneOf": [reference("Cat"), reference("Dog")] },
            }),
        );
        let keeping = ["Mail", "Phone", "Cat", "Dog"]
            .map(|name| after[name].get("additionalProperties").is_some());
        assert_eq!(keeping, [true, false, false, false]);
    }

    #[test]
    fn a_choice_that_contradicts_the_object_beside_it_is_removed() {
        let object = json!({ "type": "object", "properties": { "a": {} } });
        let mut schema = object.clone();
        schema["oneOf"] = json!([{ "type": "string" }]);
        let (after, _) = run_on_schemas(&PASS, json!({ "A": schema }));
        assert_eq!(after["A"], object);
    }

    #[test]
    fn a_type_that_contradicts_every_branch_is_removed() {
        let branches = json!([{ "type": "string", "format": "date" }, { "type": "integer" }]);
        let schema = json!({ "type": "object", "description": "d", "oneOf": branches });
        let (after, _) = run_on_schemas(&PASS, json!({ "A": schema }));
        assert_eq!(after["A"], json!({ "description": "d", "oneOf": branches }));
    }

    #[test]
    fn any_of_becomes_one_of_with_the_narrower_branches_first() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "A": { "anyOf": [
                    {},
                    { "type": "string" },
                    { "type": "number" },
                    { "type": "integer" },
                    { "type": "string", "enum": ["a"] },
                ] },
                "B": { "oneOf": [
                    { "type": "object", "properties": {} },
                    { "type": "object", "required": ["a"] },
                    reference("C"),
                ] },
                "C": { "type": "object", "required": ["a", "b"] },
            }),
        );
        assert_eq!(
            after["A"],
            json!({ "oneOf": [
                { "type": "string", "enum": ["a"] },
                { "type": "integer" },
                { "type": "string" },
                { "type": "number" },
                {},
            ] })
        );
        assert_eq!(
            after["B"],
            json!({ "oneOf": [
                reference("C"),
                { "type": "object", "required": ["a"] },
                { "type": "object", "properties": {} },
            ] })
        );
        assert_eq!(notes.len(), 3);
    }

    #[test]
    fn a_choice_of_one_is_that_one() {
        let (after, _) = run_on_schemas(
            &PASS,
            json!({
                "A": { "anyOf": [{ "type": "string" }, { "type": "string" }] },
                "B": { "oneOf": [reference("A")], "description": "d" },
            }),
        );
        assert_eq!(after["A"], json!({ "type": "string" }));
        assert_eq!(
            after["B"],
            json!({ "description": "d", "allOf": [reference("A")] })
        );
    }

    #[test]
    fn keywords_beside_a_choice_apply_to_every_branch() {
        let property = |name: &str| json!({ "type": "object", "required": [name] });
        let (after, _) = run_on_schemas(
            &PASS,
            json!({
                "A": {
                    "type": "object",
                    "properties": { "id": {} },
                    "oneOf": [property("x"), reference("B")],
                },
                "B": { "type": "object", "required": ["y"], "properties": { "id": {} } },
            }),
        );
        assert_eq!(
            after["A"],
            json!({ "oneOf": [
                { "type": "object", "required": ["x"], "properties": { "id": {} } },
                reference("B"),
            ] })
        );
    }

    #[test]
    fn keywords_beside_a_choice_do_not_apply_to_branches_of_another_type() {
        let (after, _) = run_on_schemas(
            &PASS,
            json!({ "A": {
                "properties": { "id": {} },
                "oneOf": [{ "type": "boolean" }, { "type": "object" }],
            } }),
        );
        assert_eq!(
            after["A"],
            json!({ "oneOf": [{ "type": "boolean" }, { "type": "object", "properties": { "id": {} } }] })
        );
    }

    #[test]
    fn described_values_become_one_enumeration() {
        let (after, _) = run_on_schemas(
            &PASS,
            json!({ "A": { "type": "string", "oneOf": [
                { "enum": ["a"], "description": "first" },
                { "enum": ["b"], "description": "second" },
            ] } }),
        );
        assert_eq!(after["A"], json!({ "type": "string", "enum": ["a", "b"] }));
    }

    #[test]
    fn objects_that_require_nothing_are_merged() {
        let kind = |value: &str| json!({ "type": "string", "enum": [value] });
        let (after, _) = run_on_schemas(
            &PASS,
            json!({
                "A": { "anyOf": [
                    { "type": "object", "properties": { "a": {}, "x": { "type": "string" } } },
                    { "type": "object", "properties": { "b": {}, "x": { "type": "integer" } } },
                ] },
                "Tagged": { "oneOf": [
                    { "type": "object", "properties": { "kind": kind("a") } },
                    { "type": "object", "properties": { "kind": kind("b") } },
                ] },
            }),
        );
        assert_eq!(
            after["A"],
            json!({ "type": "object", "properties": {
                "a": {},
                "b": {},
                "x": { "oneOf": [{ "type": "integer" }, { "type": "string" }] },
            } })
        );
        assert_eq!(after["Tagged"]["oneOf"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn a_nullable_branch_makes_the_choice_nullable() {
        let (after, _) = run_on_schemas(
            &PASS,
            json!({ "A": { "oneOf": [
                { "type": "integer", "nullable": true }, { "type": "string" },
            ] } }),
        );
        assert_eq!(
            after["A"],
            json!({
                "nullable": true,
                "oneOf": [{ "type": "integer" }, { "type": "string" }],
            })
        );
    }
}
