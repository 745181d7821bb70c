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
//! branches must come first: closed enumerations before strings, integers before numbers, objects with more
//! properties before those with fewer, and any value last. Keywords beside a choice apply to every branch,
//! so they are merged into each.

use std::collections::BTreeSet;

use openapi_document::walk::schemas_mut;
use openapi_document::{Pointer, compact_clone_object};
use serde_json::{Map, Value, json};

use crate::ambiguous_branches::{ObjectRef, may_overlap, objects_to_keep_open, tagged_names};
use crate::intersection::Intersection;
use crate::kinds::drop_foreign;
use crate::schema::{
    branches_of, component_at, component_name, components, constraints, is_annotation,
    is_string_enum, required, resolved, type_of,
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
    /// Whether several branches may hold together.
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
            if found.is_empty() || self.is_restriction(keyword, &found) {
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

    /// Notes what is lost where the branches are merged with other schemas.
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
    fn offered(&mut self, keyword: &'static str, found: Vec<Value>) -> Vec<Value> {
        if keyword == "anyOf" {
            self.notes.add(
                self.pointer,
                "replaced `anyOf` with `oneOf`",
                "the type of an `anyOf` can only decode objects",
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
                        "replaced a branch with its own branches",
                        "a choice that contains itself would recurse without end",
                    );
                }
            }
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

    /// True if a branch is the component `own` again, through references and choices only.
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

    /// Removes a choice whose branches only restrict the object beside it.
    fn is_restriction(&mut self, keyword: &'static str, branches: &[Value]) -> bool {
        let listed = self.keywords.get("properties").and_then(Value::as_object);
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
                        "properties" => value.as_object().is_some_and(|properties| {
                            properties.keys().all(|name| listed.contains_key(name))
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
        if let Some(Value::Object(listed)) = self.keywords.get_mut("properties") {
            for name in unlisted {
                // A property without a schema is any value.
                listed.entry(name).or_insert_with(|| json!({}));
            }
        }
        let pointer = self.pointer.join(keyword);
        let loss = "the client does not check which properties occur together";
        let why = "its branches define no properties of their own";
        self.notes.add_unchecked(&pointer, why, loss);
        true
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

/// Adds the branches of a branch to `branches`, except the components in `seen`.
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

/// Orders the branches so that the first that decodes loses nothing.
fn ordered(components: &Map<String, Value>, mut branches: Vec<Value>) -> Vec<Value> {
    branches.sort_by_cached_key(|branch| generality(components, branch));
    branches.dedup();
    let mut ordered: Vec<Value> = Vec::with_capacity(branches.len());
    for branch in branches {
        // An object with all properties of another, and more, would be decoded as the other.
        let poorer = ordered
            .iter()
            .position(|other| has_more_properties(components, other, &branch));
        ordered.insert(poorer.unwrap_or(ordered.len()), branch);
    }
    ordered
}

/// True if `branch` has every property of `other`, and more.
fn has_more_properties(components: &Map<String, Value>, other: &Value, branch: &Value) -> bool {
    let required_names = |branch: &Value| -> BTreeSet<String> {
        let schema = resolved(components, branch);
        let listed = schema["properties"].as_object().into_iter();
        let listed = listed.flat_map(Map::keys).cloned();
        listed.chain(required(schema).map(str::to_owned)).collect()
    };
    let (other, branch) = (required_names(other), required_names(branch));
    !other.is_empty() && other.len() < branch.len() && other.is_subset(&branch)
}

/// How much a branch accepts, least first: a rank, and for objects the number of properties that they do
/// not require.
fn generality(components: &Map<String, Value>, branch: &Value) -> (u8, usize) {
    let schema = resolved(components, branch);
    let required = schema["required"].as_array().map_or(0, Vec::len);
    let has_properties = schema["properties"]
        .as_object()
        .is_some_and(|properties| !properties.is_empty());
    let inner = |schema: &Value| match component_name(schema) {
        // A schema may refer to itself.
        Some(_) => 4,
        None => generality(components, schema).0,
    };
    let rank = match type_of(schema) {
        _ if schema.get("enum").is_some() => 0,
        Some("string") if schema.get("format").is_some() => 1,
        Some("string") if schema.get("pattern").is_some() => 1,
        Some("integer") => 2,
        Some("object") if required > 0 => 3,
        // It loses no property of an object that it reads.
        Some("object")
            if !has_properties && !constraints(&schema["additionalProperties"]).is_empty() =>
        {
            4
        }
        Some("object") if has_properties => 5,
        Some("object") => 6,
        Some("string" | "number") => 7,
        Some("array") if schema.get("prefixItems").is_some() => 2,
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
    fn a_map_that_restricts_its_values_comes_before_an_object_of_any_value() {
        let map = json!({ "type": "object", "additionalProperties": { "type": "integer" } });
        let object = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
        let (after, _) = run_on_schemas(&PASS, json!({ "A": { "oneOf": [object, map] } }));
        assert_eq!(after["A"]["oneOf"], json!([map, object]));
    }

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
    fn an_object_with_more_properties_comes_first_even_if_it_requires_less() {
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
    fn a_choice_of_requirements_becomes_the_object() {
        let object = json!({ "type": "object", "properties": { "a": {}, "b": {} } });
        let mut narrowed = object.clone();
        narrowed["anyOf"] = json!([{ "required": ["a"] }, { "required": ["b"] }]);
        let (after, notes) = run_on_schemas(&PASS, json!({ "A": narrowed }));
        assert_eq!(after["A"], object);
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn a_property_that_is_only_required_is_added() {
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
    fn a_choice_that_contains_itself_has_the_other_branches() {
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
