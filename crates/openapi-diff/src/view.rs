//! The normal form of schemas: `$ref` is followed, `allOf` is flattened, and equivalent notations
//! have the same form.
//!
//! A view describes a set of values. It omits everything that does not change the set: the division into
//! components, the version of OpenAPI, keywords that do not apply to the types of the values, bounds
//! without effect, `oneOf` of constants instead of `enum`, and alternatives of different types
//! instead of a list of types. If several parts of an `allOf` describe a property, its values must
//! match all of them, so a view refers to lists of nodes.

mod restrictions;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use openapi_document::Pointer;
use serde_json::Value;

use super::branches::{flattened, without_redundant};
use super::notation::{common, constants, is_anything, is_null, normal_pattern, types_of};
use super::source::{Node, Source};
use super::values::Values;
use openapi_lower::kind_of;

/// The types of values except null; `None` if every type is allowed.
pub(super) type Types<'a> = Option<BTreeSet<&'a str>>;

/// A schema in normal form.
#[derive(Debug)]
pub(super) struct View<'a> {
    /// The schemas that the view was created of.
    origin: Vec<Node<'a>>,
    /// The location of the schema after its references. Missing keywords are reported here.
    pub(super) place: Pointer,
    parts: Vec<Part<'a>>,
    pub(super) types: Types<'a>,
    /// The location that allows null.
    pub(super) nullable: Option<Pointer>,
    /// True if an alternative allows null.
    pub(super) has_nullable_alternative: bool,
    /// True if the types follow from keywords that allow values of any other type.
    pub(super) is_untyped: bool,
    /// The properties, each with all schemas that apply to it.
    pub(super) properties: BTreeMap<&'a str, Vec<Node<'a>>>,
    /// The schemas of properties whose names match a pattern.
    pub(super) patterns: BTreeMap<String, Vec<Node<'a>>>,
    /// The required properties, with the location of their requirement.
    pub(super) required: BTreeMap<&'a str, Pointer>,
    pub(super) items: Vec<Node<'a>>,
    pub(super) additional: Additional<'a>,
    /// The alternatives that a list of types or an enumeration cannot express, except null.
    pub(super) alternatives: Vec<Node<'a>>,
    /// The keyword of the alternatives: `oneOf` or `anyOf`.
    pub(super) alternatives_keyword: &'static str,
    /// True if alternatives were read into the types.
    pub(super) is_merged: bool,
    /// The lists of allowed values, each with the types that it concerns.
    lists: Vec<(Types<'a>, Values<'a>)>,
    /// The number of alternatives that contain the schema.
    depth: usize,
}

/// Alternatives deeper than this are not read into the types of a schema: each level multiplies the work.
const DEEPEST: usize = 3;

/// The types that have specific keywords.
pub(super) const KINDS: [&str; 5] = ["string", "number", "boolean", "array", "object"];

/// A part of a schema.
#[derive(Debug, Clone)]
struct Part<'a> {
    node: Node<'a>,
    /// The types that it concerns: those of the alternative that it belongs to.
    scope: Types<'a>,
}

/// The additional properties of an object.
#[derive(Debug)]
pub(super) enum Additional<'a> {
    /// Any additional properties are allowed.
    Open,
    /// None are allowed; with the location of the keyword.
    Closed(Pointer),
    /// Values of these schemas are allowed.
    Typed(Vec<Node<'a>>),
}

/// True if some of the types are `kind`. Integers are numbers.
pub(super) fn includes(types: &Types<'_>, kind: &str) -> bool {
    types
        .as_ref()
        .is_none_or(|types| types.contains(kind) || kind == "number" && types.contains("integer"))
}

impl<'a> View<'a> {
    /// The view of values that must match all of `nodes`.
    pub(super) fn of(source: Source<'a>, nodes: &[Node<'a>]) -> Self {
        Self::inside(source, nodes, HashSet::new(), 0)
    }

    /// The same view, with its alternatives instead of their types.
    pub(super) fn apart(self, source: Source<'a>) -> Self {
        Self::inside(source, &self.origin, HashSet::new(), DEEPEST)
    }

    /// The view of an alternative, `depth` alternatives deep, in the schemas that were `seen`.
    fn inside(
        source: Source<'a>,
        nodes: &[Node<'a>],
        mut seen: HashSet<usize>,
        depth: usize,
    ) -> Self {
        let mut view = Self {
            origin: nodes.to_vec(),
            place: nodes
                .first()
                .map(|node| source.follow(node.clone()).pointer)
                .unwrap_or_default(),
            parts: Vec::new(),
            types: None,
            nullable: None,
            has_nullable_alternative: false,
            is_untyped: false,
            properties: BTreeMap::new(),
            patterns: BTreeMap::new(),
            required: BTreeMap::new(),
            items: Vec::new(),
            additional: Additional::Open,
            alternatives: Vec::new(),
            alternatives_keyword: "oneOf",
            is_merged: false,
            lists: Vec::new(),
            depth,
        };
        for node in nodes {
            view.spread(source, node.clone(), &mut seen);
        }
        view.read(source);
        view
    }

    /// Adds a schema and all its parts.
    fn spread(&mut self, source: Source<'a>, node: Node<'a>, seen: &mut HashSet<usize>) {
        if !seen.insert(node.identity()) {
            return;
        }
        if let Some(target) = source.target(&node) {
            if source.is_modern && node.value.as_object().is_some_and(|node| node.len() > 1) {
                self.state(source, node);
            }
            return self.spread(source, target, seen);
        }
        let all_of = node.items("allOf");
        for keyword in ["oneOf", "anyOf"] {
            self.spread_choice(source, &node, keyword, seen);
        }
        self.state(source, node);
        for part in all_of {
            self.spread(source, part, seen);
        }
    }

    /// Adds the alternatives of `keyword`.
    fn spread_choice(
        &mut self,
        source: Source<'a>,
        node: &Node<'a>,
        keyword: &'static str,
        seen: &mut HashSet<usize>,
    ) {
        let (null, mut others): (Vec<_>, Vec<_>) = flattened(source, node, keyword, seen)
            .into_iter()
            .partition(|branch| is_null(source.follow(branch.clone()).value));
        if let Some(branch) = null.into_iter().next() {
            self.nullable.get_or_insert(branch.pointer);
        }
        if keyword == "anyOf" {
            // Every value matches one of the alternatives.
            if others.iter().any(|branch| is_anything(branch.value)) {
                return;
            }
            others = without_redundant(source, others);
        }
        // A single alternative applies to all values.
        if let [only] = others.as_slice() {
            return self.spread(source, only.clone(), seen);
        }
        if others.is_empty() {
            return;
        }
        if self.depth < DEEPEST
            && let Some(values) = constants(source, &others)
        {
            self.is_merged = true;
            self.restrict(values.iter().map(|(_, value)| kind_of(value)).collect());
            self.lists.push((None, values));
            return;
        }
        // Alternatives that are the alternative of another, or that refer to their own choice, are kept.
        let is_new =
            |branch: &&Node<'a>| !seen.contains(&source.follow((*branch).clone()).identity());
        let views: Vec<View<'a>> = others
            .iter()
            .filter(|_| self.depth < DEEPEST)
            .filter(is_new)
            .map(|branch| {
                let nodes = std::slice::from_ref(branch);
                View::inside(source, nodes, seen.clone(), self.depth + 1)
            })
            .collect();
        if views.len() < others.len() || !View::differ_in_types(&views) {
            let mut nullable = views.iter();
            self.has_nullable_alternative |=
                nullable.any(|view| view.nullable.is_some() || view.has_nullable_alternative);
            self.alternatives.extend(others);
            self.alternatives_keyword = keyword;
            return;
        }
        self.is_merged = true;
        let mut all = BTreeSet::new();
        for view in views {
            all.extend(view.types.iter().flatten());
            if self.nullable.is_none() {
                self.nullable = view.nullable;
            }
            let scoped = view.parts.into_iter().map(|part| Part {
                scope: part.scope.or_else(|| view.types.clone()),
                ..part
            });
            self.parts.extend(scoped);
            let lists = view.lists.into_iter();
            self.lists
                .extend(lists.map(|(scope, list)| (scope.or_else(|| view.types.clone()), list)));
        }
        self.restrict(all);
    }

    /// True if the alternatives differ in their types, so that a list of types can express them.
    fn differ_in_types(views: &[Self]) -> bool {
        let mut seen = BTreeSet::new();
        views.iter().all(|view| {
            let Some(types) = view.types.as_ref().filter(|_| view.alternatives.is_empty()) else {
                return false;
            };
            types.iter().all(|name| {
                // Integers are numbers.
                seen.insert(if *name == "integer" { "number" } else { name })
            })
        })
    }

    /// Adds the keywords of a part, apart from references and alternatives.
    fn state(&mut self, source: Source<'a>, node: Node<'a>) {
        if node.value == &Value::Bool(false) {
            self.restrict(BTreeSet::new());
        }
        if node.is_true("nullable") && !source.is_modern {
            self.nullable.get_or_insert(node.pointer.join("nullable"));
        }
        if let Some(only) = node.property("const") {
            self.lists.push((None, vec![(only.pointer, only.value)]));
        }
        if node.property("enum").is_some() {
            let values = node.items("enum").into_iter();
            let values = values.map(|item| (item.pointer, item.value)).collect();
            self.lists.push((None, values));
        }
        self.parts.push(Part { node, scope: None });
    }

    /// Keeps only these types.
    fn restrict(&mut self, types: BTreeSet<&'a str>) {
        self.types = Some(match self.types.take() {
            Some(before) => common(&before, &types),
            None => types,
        });
    }

    fn read(&mut self, source: Source<'a>) {
        let mut null = Vec::new();
        for part in self.parts.clone() {
            let Some(types) = types_of(part.node.value) else {
                continue;
            };
            if part.scope.is_none() {
                null.push(
                    types
                        .contains("null")
                        .then(|| part.node.pointer.join("type")),
                );
                self.restrict(types.into_iter().filter(|name| *name != "null").collect());
            }
        }
        // OpenAPI 3.0 allows null by `nullable`, whatever is listed.
        let mut lists = self.lists.iter();
        let is_listed = !source.is_modern
            || lists.all(|(_, list)| list.iter().any(|(_, value)| value.is_null()));
        if self.nullable.is_none() && is_listed && null.iter().all(Option::is_some) {
            self.nullable = null.into_iter().flatten().next();
        }
        if self.types.is_none() {
            self.types = self.implied_types();
            self.is_untyped = self.types.is_some() && self.lists.is_empty();
        }
        self.normalize_types();
        self.read_structure(source);
    }

    /// Numbers that are multiples of a whole number, or listed as integers, are integers. A list of all
    /// types allows any.
    fn normalize_types(&mut self) {
        let is_integral =
            |value: &Value| value.as_f64().is_some_and(|number| number.fract() == 0.0);
        let mut steps = self.all("multipleOf").into_iter();
        let listed = self.enumeration("number");
        let is_whole = steps.any(|step| is_integral(step.value))
            || listed.is_some_and(|list| list.iter().all(|(_, value)| is_integral(value)));
        let Some(types) = &mut self.types else {
            return;
        };
        if is_whole && types.remove("number") {
            types.insert("integer");
        }
        // A type of which no value is listed has none.
        let lists = std::mem::take(&mut self.types).map(|mut types| {
            types.retain(|name| {
                let kind = if *name == "integer" { "number" } else { name };
                !KINDS.contains(&kind)
                    || self
                        .enumeration(kind)
                        .is_none_or(|values| !values.is_empty())
            });
            types
        });
        self.types = lists;
        let Some(types) = &self.types else {
            return;
        };
        if self.nullable.is_some() && KINDS.iter().all(|name| types.contains(name)) {
            self.types = None;
        }
    }

    /// The types that a schema without `type` implies by its keywords.
    fn implied_types(&mut self) -> Types<'a> {
        if let [(_, values), ..] = self.lists.as_slice() {
            if let Some((place, _)) = values.iter().find(|(_, value)| value.is_null()) {
                self.nullable.get_or_insert(place.clone());
            }
            let values = values.iter().filter(|(_, value)| !value.is_null());
            return Some(values.map(|(_, value)| kind_of(value)).collect());
        }
        let has = |names: &[&str]| {
            let mut parts = self.parts.iter();
            parts.any(|part| names.iter().any(|name| part.node.value.get(name).is_some()))
        };
        if has(&["properties", "patternProperties"])
            || self.parts.iter().any(|part| {
                let additional = part.node.property("additionalProperties");
                additional.is_some_and(|node| !is_anything(node.value))
            })
        {
            return Some(BTreeSet::from(["object"]));
        }
        has(&["items", "prefixItems"]).then(|| BTreeSet::from(["array"]))
    }

    fn read_structure(&mut self, source: Source<'a>) {
        let mut closed = None;
        let mut typed = Vec::new();
        let types = self.types.clone();
        let parts = self.parts.clone();
        for Part { node, .. } in &parts {
            if includes(&types, "object") {
                for (name, property) in node.properties("properties") {
                    self.properties.entry(name).or_default().push(property);
                }
                for (name, property) in node.properties("patternProperties") {
                    let name = normal_pattern(name).unwrap_or_default();
                    self.patterns.entry(name).or_default().push(property);
                }
                for name in node.items("required") {
                    if let Some(text) = name.value.as_str() {
                        self.required.entry(text).or_insert(name.pointer);
                    }
                }
                // All properties of a view are evaluated, so both keywords mean the same.
                for keyword in ["additionalProperties", "unevaluatedProperties"] {
                    let Some(additional) = node.property(keyword) else {
                        continue;
                    };
                    match additional.value {
                        Value::Bool(false) => closed = Some(additional.pointer),
                        value if is_anything(value) => {}
                        _ => typed.push(additional),
                    }
                }
            }
            if includes(&types, "array") {
                let items = node.property("items");
                self.items
                    .extend(items.filter(|items| !is_anything(source.follow(items.clone()).value)));
            }
        }
        self.additional = match (closed, typed.is_empty()) {
            (Some(pointer), _) => Additional::Closed(pointer),
            (None, false) => Additional::Typed(typed),
            (None, true) => Additional::Open,
        };
        // The schemas of a pattern that matches every name are those of additional properties.
        if let Some(all) = self.patterns.remove("") {
            self.additional = Additional::Typed(all);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn facts(document: &Value) -> String {
        let source = Source::new(document);
        let node = source.document().property("schema").expect("has a schema");
        let view = View::of(source, &[node]);
        let properties: Vec<_> = view.properties.keys().collect();
        let required: Vec<_> = view.required.keys().collect();
        format!(
            "{:?} null={} {properties:?} {required:?} {:?}",
            view.types,
            view.nullable.is_some(),
            view.number_bound(true)
                .map(|(_, bound, excluded)| (bound, excluded)),
        )
    }

    #[test]
    fn both_versions_say_the_same() {
        for (old, new) in [
            (
                json!({ "type": "string", "nullable": true }),
                json!({ "type": ["string", "null"] }),
            ),
            (
                json!({ "type": "integer", "minimum": 1, "exclusiveMinimum": true }),
                json!({ "type": "integer", "exclusiveMinimum": 1 }),
            ),
            (
                json!({ "allOf": [{ "$ref": "#/A" }], "nullable": true }),
                json!({ "anyOf": [{ "$ref": "#/A" }, { "type": "null" }] }),
            ),
            (
                json!({ "type": "string", "enum": ["a"] }),
                json!({ "const": "a" }),
            ),
        ] {
            let a = json!({ "type": "object", "required": ["x"], "properties": { "x": {} } });
            let old = json!({ "openapi": "3.0.3", "schema": old, "A": a });
            let new = json!({ "openapi": "3.1.0", "schema": new, "A": a });
            assert_eq!(facts(&old), facts(&new));
        }
    }

    #[test]
    fn the_parts_of_an_all_of_count_together() {
        let document = json!({
            "openapi": "3.1.0",
            "schema": { "allOf": [
                { "$ref": "#/A" },
                { "type": "object", "required": ["y"], "properties": { "y": {} } },
            ] },
            "A": { "type": "object", "required": ["x"], "properties": { "x": {} } },
        });
        assert_eq!(
            facts(&document),
            "Some({\"object\"}) null=false [\"x\", \"y\"] [\"x\", \"y\"] None"
        );
    }

    #[test]
    fn alternatives_that_hold_each_other_have_a_view() {
        let document = json!({
            "openapi": "3.1.0",
            "schema": { "$ref": "#/A" },
            "A": { "oneOf": [{ "$ref": "#/B" }, { "type": "string" }] },
            "B": { "oneOf": [{ "$ref": "#/A" }, { "type": "integer" }] },
        });
        assert_eq!(facts(&document), "None null=false [] [] None");
    }

    #[test]
    fn a_schema_that_holds_itself_has_a_view() {
        let document = json!({
            "openapi": "3.1.0",
            "schema": { "$ref": "#/A" },
            "A": { "properties": { "a": { "$ref": "#/A" } } },
        });
        assert_eq!(
            facts(&document),
            "Some({\"object\"}) null=false [\"a\"] [] None"
        );
    }
}
