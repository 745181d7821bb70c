//! Makes of `oneOf` and `anyOf` a sum that decodes.
//!
//! Before: `{anyOf: [{type: object}, {type: string}, {type: number}, {type: integer}]}`, `{type:
//! object, properties: {id: …}, oneOf: [{$ref: Cat}, {$ref: Dog}]}`, `{type: string, oneOf: [{enum:
//! [a]}, {enum: [b]}]}`.
//! After: `{oneOf: [{type: object}, {type: string}, {type: integer}, {type: number}]}`, `{oneOf:
//! [{properties: {id: …, …}}, …]}` of two objects that have the `id`, `{type: string, enum: [a, b]}`.
//!
//! typify makes of an `anyOf` a struct with one flattened member a branch, which can decode
//! nothing that is not an object. Of a `oneOf` it makes an enum that takes the first branch that
//! decodes, so a branch that another covers has to stand before it: closed enumerations before
//! strings, integers before numbers, objects with more members before those with less, anything
//! last. What stands beside a choice holds for every branch, so it is merged into each.

use std::collections::BTreeSet;

use openapi_document::walk::schemas_mut;
use openapi_document::{Pointer, compact_clone_object};
use serde_json::{Map, Value, json};

use crate::intersection::Intersection;
use crate::lookalikes::{Keeper, keepers, tagged_names};
use crate::schema::{
    branches_of, component_at, component_name, components, constraints, is_annotation,
    is_string_enum, required, resolved, type_of,
};
use crate::shapes::types::drop_foreign;
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
        let Some(members) = schema.as_object_mut() else {
            return;
        };
        let choices: Vec<(&str, Vec<Value>)> = ["oneOf", "anyOf"]
            .into_iter()
            .filter_map(|keyword| match members.shift_remove(keyword) {
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
            members,
            keeping: &mut keeping,
            notes,
        };
        choice.lower(choices);
    });
    for pointer in keeping {
        // What is no object any more is one of a choice.
        if let Some(Value::Object(object)) = pointer.get_mut(root)
            && object.contains_key("properties")
        {
            object.insert("additionalProperties".to_owned(), json!({}));
            notes.add(
                &pointer,
                KEEPS,
                "it would be taken for another branch of a choice",
            );
        }
    }
}

const KEEPS: &str = "keeps members that are not listed";

/// A choice that is being lowered, and what stands beside it.
struct Choice<'a> {
    components: &'a Map<String, Value>,
    pointer: &'a Pointer,
    members: &'a mut Map<String, Value>,
    /// The objects elsewhere that are to keep members that they do not list.
    keeping: &'a mut BTreeSet<Pointer>,
    notes: &'a mut Notes,
}

impl Choice<'_> {
    fn lower(&mut self, choices: Vec<(&'static str, Vec<Value>)>) {
        let mut branches: Option<Vec<Value>> = None;
        for (keyword, found) in choices {
            let found = self.offered(keyword, found);
            if found.is_empty() || self.only_narrows(keyword, &found) {
                continue;
            }
            branches = Some(match branches {
                None => found,
                Some(others) => {
                    let components = self.components;
                    let mut intersection =
                        Intersection::new(components, component_at(self.pointer));
                    intersection.pairs(&others, &found).unwrap_or(others)
                }
            });
        }
        let Some(branches) = branches else {
            return;
        };
        let branches = self.with_siblings(branches);
        let branches = self.join_indistinct(branches);
        if let Some(values) = all_values(self.components, &branches) {
            self.members.insert("type".to_owned(), "string".into());
            self.members.insert("enum".to_owned(), values.into());
            self.notes.add(
                self.pointer,
                "made one enumeration of its branches",
                "each branch lists strings",
            );
            return;
        }
        let ordered = ordered(self.components, branches.clone());
        if ordered != branches {
            self.notes.add(
                self.pointer,
                "put the narrower branches first",
                "the first branch that decodes is taken",
            );
        }
        let kept = self.keep_all(ordered);
        self.put(kept);
    }

    /// Has what would be taken for another branch keep the members that only the other lists.
    fn keep_all(&mut self, mut branches: Vec<Value>) -> Vec<Value> {
        let sent = self.notes.is_of_requests(self.pointer);
        for keeper in keepers(self.components, &branches, sent) {
            match keeper {
                Keeper::Of(pointer) => {
                    self.keeping.insert(pointer);
                }
                Keeper::In(index, way) => {
                    if let Some(object) = way.get_mut(&mut branches[index]) {
                        object["additionalProperties"] = json!({});
                        let why = "it would be taken for another branch";
                        self.notes.add(self.pointer, KEEPS, why);
                    }
                }
            }
        }
        branches
    }

    /// The branches of which each can be taken, without `null`.
    fn offered(&mut self, keyword: &'static str, found: Vec<Value>) -> Vec<Value> {
        if keyword == "anyOf" {
            self.notes.add(
                self.pointer,
                "`anyOf` became `oneOf`",
                "what is generated from an `anyOf` decodes objects only",
            );
        }
        let mut branches = Vec::new();
        for branch in found {
            match component_at(self.pointer).filter(|own| self.reaches(&branch, own)) {
                None => branches.push(branch),
                Some(own) => {
                    let mut seen = BTreeSet::from([own]);
                    expand(self.components, &branch, &mut seen, &mut branches);
                    self.notes.add(
                        self.pointer,
                        "put the branches of a branch in its place",
                        "a choice that offers itself would be tried forever",
                    );
                }
            }
        }
        for branch in &mut branches {
            if let Some(members) = branch.as_object_mut()
                && members.shift_remove("nullable") == Some(Value::Bool(true))
            {
                self.members.insert("nullable".to_owned(), true.into());
            }
        }
        branches.dedup();
        branches
    }

    /// Whether a branch is the component `own` again, by nothing but references and choices.
    fn reaches(&self, branch: &Value, own: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![branch];
        while let Some(branch) = waiting.pop() {
            let Some(name) = component_name(branch) else {
                continue;
            };
            if name == own {
                return true;
            }
            if let Some(component) = self.components.get(&name)
                && seen.insert(name)
            {
                waiting.push(component);
                waiting.extend(branches_of(component).map(|(_, _, branch)| branch));
            }
        }
        false
    }

    /// Drops a choice whose branches only narrow the object beside it.
    fn only_narrows(&mut self, keyword: &'static str, branches: &[Value]) -> bool {
        let listed = self.members.get("properties").and_then(Value::as_object);
        let Some(listed) = listed.filter(|listed| !listed.is_empty()) else {
            return false;
        };
        let narrows = |branch: &Value| {
            component_name(branch).is_none()
                && constraints(branch)
                    .iter()
                    .all(|(keyword, value)| match keyword.as_str() {
                        "required" | "minProperties" | "maxProperties" => true,
                        "type" => value == "object",
                        "properties" => value.as_object().is_some_and(|members| {
                            members.keys().all(|name| listed.contains_key(name))
                        }),
                        _ => false,
                    })
        };
        if !branches.iter().all(narrows) {
            return false;
        }
        let unlisted = branches.iter().flat_map(required);
        let unlisted: Vec<String> = unlisted
            .filter(|name| !listed.contains_key(*name))
            .map(str::to_owned)
            .collect();
        if let Some(Value::Object(listed)) = self.members.get_mut("properties") {
            for name in unlisted {
                // What nobody describes is any value.
                listed.entry(name).or_insert_with(|| json!({}));
            }
        }
        let pointer = self.pointer.join(keyword);
        let loss = "the client does not check which members go together";
        let why = "its branches have no members of their own";
        self.notes.add_unchecked(&pointer, why, loss);
        true
    }

    /// Merges what stands beside the choice into each branch.
    fn with_siblings(&mut self, branches: Vec<Value>) -> Vec<Value> {
        let beside: Map<String, Value> = constraints(&Value::Object(self.members.clone()))
            .into_iter()
            .filter(|(keyword, _)| keyword != "nullable")
            .collect();
        if beside.is_empty() {
            return branches;
        }
        let beside = Value::Object(beside);
        let mut intersection = Intersection::new(self.components, component_at(self.pointer));
        match intersection.pairs(&branches, std::slice::from_ref(&beside)) {
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
                self.members
                    .retain(|keyword, _| is_annotation(keyword) || keyword == "nullable");
                self.notes.add(
                    self.pointer,
                    "merged what stands beside the choice into each branch",
                    "a choice is generated from its branches alone",
                );
                merged
            }
            Err(_)
                if beside
                    .as_object()
                    .is_some_and(|beside| beside.keys().eq(["type"])) =>
            {
                self.members.shift_remove("type");
                let why = "it disagrees with every branch beside it";
                self.notes.add(self.pointer, "dropped `type`", why);
                branches
            }
            Err(_) => {
                self.notes.add_reduced(
                    self.pointer,
                    "dropped the choice",
                    "no branch agrees with what stands beside it",
                    Reduced::removing("the choice is not offered", &self.pointer.join("oneOf")),
                );
                Vec::new()
            }
        }
    }

    /// Makes one object of those that take any object: whichever came first would take the others'
    /// instances, without their members.
    fn join_indistinct(&mut self, branches: Vec<Value>) -> Vec<Value> {
        let (indistinct, mut rest): (Vec<Value>, Vec<Value>) = branches
            .iter()
            .cloned()
            .partition(|branch| takes_any_object(resolved(self.components, branch)));
        let names = tagged_names(self.components, &indistinct);
        if indistinct.len() < 2 || !names.is_empty() {
            return branches;
        }
        let objects: Vec<&Value> = indistinct
            .iter()
            .map(|branch| resolved(self.components, branch))
            .collect();
        let mut joined = json!({ "type": "object", "properties": {} });
        for (name, schemas) in union::members(&objects) {
            let schemas = schemas.into_iter().cloned();
            let mut member = schemas
                .reduce(|known, schema| either(self.components, known, schema))
                .unwrap_or_default();
            if let Some(Value::Array(branches)) = member.get_mut("oneOf") {
                *branches = self.keep_all(std::mem::take(branches));
            }
            joined["properties"][name] = member;
        }
        if let Some(kept) = union::rest(&objects) {
            joined["additionalProperties"] = kept;
        }
        self.notes.add_reduced(
            self.pointer,
            "made one object of the branches that require nothing",
            "the first of them would be taken for any",
            Reduced::updating(
                "which branch a value is shows in its members only",
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
                    self.members.entry(keyword).or_insert(value);
                }
            }
            [only] => {
                self.members.insert("allOf".to_owned(), json!([only]));
            }
            _ => {
                self.members.insert("oneOf".to_owned(), branches.into());
            }
        }
    }
}

/// Whether an object with listed members takes every object.
fn takes_any_object(schema: &Value) -> bool {
    let listed = schema["properties"].as_object();
    let requires = schema["required"]
        .as_array()
        .is_some_and(|required| !required.is_empty());
    let plain = ["oneOf", "anyOf", "allOf", "x-rust-type"]
        .iter()
        .all(|keyword| schema.get(keyword).is_none());
    listed.is_some_and(|listed| !listed.is_empty()) && !requires && plain
}

/// A choice of the branches of two schemas.
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

/// Puts what a branch offers into `branches`, without the components that were `seen`.
fn expand(
    components: &Map<String, Value>,
    branch: &Value,
    seen: &mut BTreeSet<String>,
    branches: &mut Vec<Value>,
) {
    let Some(name) = component_name(branch) else {
        branches.push(branch.clone());
        return;
    };
    if !seen.insert(name.clone()) {
        return;
    }
    let Some(component) = components.get(&name) else {
        return;
    };
    let mut inner = branches_of(component).peekable();
    if inner.peek().is_none() && component_name(component).is_none() {
        branches.push(branch.clone());
        return;
    }
    if component_name(component).is_some() {
        expand(components, component, seen, branches);
    }
    for (_, _, inner) in inner {
        expand(components, inner, seen, branches);
    }
}

/// The strings that the branches list, where each is nothing but a list.
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

/// The branches in an order in which the first that decodes loses nothing.
fn ordered(components: &Map<String, Value>, mut branches: Vec<Value>) -> Vec<Value> {
    branches.sort_by_cached_key(|branch| generality(components, branch));
    branches.dedup();
    let mut ordered: Vec<Value> = Vec::with_capacity(branches.len());
    for branch in branches {
        // One that has all members of another, and more, would be read as that other.
        let poorer = ordered
            .iter()
            .position(|other| is_poorer(components, other, &branch));
        ordered.insert(poorer.unwrap_or(ordered.len()), branch);
    }
    ordered
}

/// Whether `branch` has every member of `other`, and more.
fn is_poorer(components: &Map<String, Value>, other: &Value, branch: &Value) -> bool {
    let members = |branch: &Value| -> BTreeSet<String> {
        let schema = resolved(components, branch);
        let listed = schema["properties"].as_object().into_iter();
        let listed = listed.flat_map(Map::keys).cloned();
        listed.chain(required(schema).map(str::to_owned)).collect()
    };
    let (other, branch) = (members(other), members(branch));
    !other.is_empty() && other.len() < branch.len() && other.is_subset(&branch)
}

/// How much a branch takes, least first: a rank, and for objects how few members it requires.
fn generality(components: &Map<String, Value>, branch: &Value) -> (u8, usize) {
    let schema = resolved(components, branch);
    let required = schema["required"].as_array().map_or(0, Vec::len);
    let has_members = schema["properties"]
        .as_object()
        .is_some_and(|properties| !properties.is_empty());
    let inner = |schema: &Value| match component_name(schema) {
        // Through references a schema may come back to itself.
        Some(_) => 4,
        None => generality(components, schema).0,
    };
    let rank = match type_of(schema) {
        _ if schema.get("enum").is_some() => 0,
        Some("string") if schema.get("format").is_some() => 1,
        Some("string") if schema.get("pattern").is_some() => 1,
        Some("integer") => 2,
        Some("object") if required > 0 => 3,
        // It loses no member of an object of which it reads all.
        Some("object")
            if !has_members && !constraints(&schema["additionalProperties"]).is_empty() =>
        {
            4
        }
        Some("object") if has_members => 5,
        Some("object") => 6,
        Some("string" | "number") => 7,
        Some("array") => return (3, usize::from(inner(&schema["items"]))),
        Some(_) => 3,
        None if schema.get("oneOf").is_some() => {
            let branches = schema["oneOf"].as_array().into_iter().flatten();
            branches.map(inner).max().unwrap_or(4)
        }
        None if !constraints(schema).is_empty() => 4,
        None => 8,
    };
    (rank, usize::MAX - required)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;
    use crate::testing::run_on_schemas;

    #[test]
    fn a_map_that_restricts_its_values_stands_before_an_object_that_takes_any() {
        let map = json!({ "type": "object", "additionalProperties": { "type": "integer" } });
        let object = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
        let (after, _) = run_on_schemas(&PASS, json!({ "A": { "oneOf": [object, map] } }));
        assert_eq!(after["A"]["oneOf"], json!([map, object]));
    }

    #[test]
    fn a_branch_that_would_be_taken_for_another_keeps_its_members() {
        let object = |required: Value, properties: Value| json!({ "type": "object", "required": required, "properties": properties });
        let (text, kind) = (
            json!({ "type": "string" }),
            |kind: &str| json!({ "enum": [kind] }),
        );
        let (after, _) = run_on_schemas(
            &PASS,
            json!({
                "Mail": object(json!(["to"]), json!({ "to": text, "html": text })),
                "Phone": object(json!(["to"]), json!({ "to": text, "country": text })),
                "Cat": object(json!(["kind"]), json!({ "kind": kind("cat"), "lives": text })),
                "Dog": object(json!(["kind"]), json!({ "kind": kind("dog"), "tricks": text })),
                "Contact": { "oneOf": [reference("Mail"), reference("Phone")] },
                "Pet": { "oneOf": [reference("Cat"), reference("Dog")] },
            }),
        );
        let keeping = ["Mail", "Phone", "Cat", "Dog"]
            .map(|name| after[name].get("additionalProperties").is_some());
        assert_eq!(keeping, [true, false, false, false]);
    }

    #[test]
    fn a_type_that_disagrees_with_every_branch_is_none() {
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
    fn a_richer_object_stands_before_a_poorer_one_that_requires_more() {
        let object = |required: Value, names: &[&str]| {
            let properties: Map<_, _> = names
                .iter()
                .map(|name| ((*name).to_owned(), json!({})))
                .collect();
            json!({ "type": "object", "required": required, "properties": properties })
        };
        let poor = object(json!(["a", "b"]), &["a", "b"]);
        let rich = object(json!(["a"]), &["a", "b", "c"]);
        let (after, _) = run_on_schemas(&PASS, json!({ "A": { "oneOf": [poor, rich] } }));
        assert_eq!(after["A"], json!({ "oneOf": [rich, poor] }));
    }

    #[test]
    fn what_stands_beside_a_choice_holds_for_every_branch() {
        let member = |name: &str| json!({ "type": "object", "required": [name] });
        let (after, _) = run_on_schemas(
            &PASS,
            json!({
                "A": {
                    "type": "object",
                    "properties": { "id": {} },
                    "oneOf": [member("x"), reference("B")],
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
    fn what_stands_beside_a_choice_says_nothing_of_branches_of_another_type() {
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
    fn a_choice_of_requirements_leaves_the_object() {
        let object = json!({ "type": "object", "properties": { "a": {}, "b": {} } });
        let mut narrowed = object.clone();
        narrowed["anyOf"] = json!([{ "required": ["a"] }, { "required": ["b"] }]);
        let (after, notes) = run_on_schemas(&PASS, json!({ "A": narrowed }));
        assert_eq!(after["A"], object);
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn what_only_a_requirement_names_is_a_member() {
        let schema = json!({
            "properties": { "a": { "type": "string" } },
            "anyOf": [{ "required": ["a"] }, { "required": ["b", "a"] }],
        });
        let (after, _) = run_on_schemas(&PASS, json!({ "A": schema }));
        let expected = json!({ "properties": { "a": { "type": "string" }, "b": {} } });
        assert_eq!(after["A"], expected);
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
    fn objects_that_require_nothing_become_one_that_has_all_members() {
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
    fn a_choice_that_offers_itself_offers_the_rest() {
        let (after, _) = run_on_schemas(
            &PASS,
            json!({
                "A": { "oneOf": [{ "type": "string" }, reference("B")] },
                "B": { "oneOf": [{ "type": "integer" }, reference("A")] },
            }),
        );
        let rest = json!({ "oneOf": [{ "type": "integer" }, { "type": "string" }] });
        assert_eq!(after, json!({ "A": rest, "B": rest }));
    }

    #[test]
    fn a_branch_that_may_be_null_makes_the_choice_nullable() {
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
