//! Views of schemas: `$ref` is followed, `allOf` is flattened, and OpenAPI 3.0 and 3.1 have the
//! same form.
//!
//! If several parts of an `allOf` describe a property, its values must match all of them, so a view
//! consists of a list of nodes. Because views are compared, the division into components and the
//! version of OpenAPI make no difference.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use openapi_document::Pointer;
use serde_json::Value;

use super::source::{Node, Source};
use openapi_lower::kind_of;

/// A schema, flattened.
#[derive(Debug)]
pub(super) struct View<'a> {
    /// The place of the schema after its references. Missing keywords are reported here.
    pub(super) place: Pointer,
    /// All parts of the schema.
    parts: Vec<Node<'a>>,
    /// The types of its values except null; `None` if every type is allowed.
    pub(super) types: Option<BTreeSet<&'a str>>,
    pub(super) nullable: bool,
    /// The properties, each with all schemas that apply to it.
    pub(super) properties: BTreeMap<&'a str, Vec<Node<'a>>>,
    /// The required properties, with the place of their requirement.
    pub(super) required: BTreeMap<&'a str, Pointer>,
    pub(super) items: Vec<Node<'a>>,
    pub(super) additional: Additional<'a>,
    /// The alternatives except null.
    pub(super) alternatives: Vec<Node<'a>>,
    /// The keyword of the alternatives: `oneOf` or `anyOf`.
    pub(super) alternatives_keyword: &'static str,
}

/// The additional properties of an object.
#[derive(Debug)]
pub(super) enum Additional<'a> {
    /// Any additional properties are allowed.
    Open,
    /// None are allowed; with the place of the keyword.
    Closed(Pointer),
    /// Values of these schemas are allowed.
    Typed(Vec<Node<'a>>),
}

impl<'a> View<'a> {
    /// The view of values that must match all of `nodes`.
    pub(super) fn of(source: Source<'a>, nodes: &[Node<'a>]) -> Self {
        let mut view = Self {
            place: nodes
                .first()
                .map(|node| source.follow(node.clone()).pointer)
                .unwrap_or_default(),
            parts: Vec::new(),
            types: None,
            nullable: false,
            properties: BTreeMap::new(),
            required: BTreeMap::new(),
            items: Vec::new(),
            additional: Additional::Open,
            alternatives: Vec::new(),
            alternatives_keyword: "oneOf",
        };
        let mut seen = HashSet::new();
        for node in nodes {
            view.spread(source, node.clone(), &mut seen);
        }
        view.read();
        view
    }

    /// Adds a schema and all its parts.
    fn spread(&mut self, source: Source<'a>, node: Node<'a>, seen: &mut HashSet<usize>) {
        if !seen.insert(node.identity()) {
            return;
        }
        if let Some(target) = source.target(&node) {
            if source.siblings_count && node.value.as_object().is_some_and(|node| node.len() > 1) {
                self.parts.push(node);
            }
            return self.spread(source, target, seen);
        }
        let all_of = node.items("allOf");
        for keyword in ["oneOf", "anyOf"] {
            let (null, others): (Vec<_>, Vec<_>) = node
                .items(keyword)
                .into_iter()
                .partition(|branch| is_null(source.follow(branch.clone()).value));
            self.nullable |= !null.is_empty();
            match others.as_slice() {
                [] => {}
                // A single alternative applies to all values.
                [only] => self.spread(source, only.clone(), seen),
                _ => {
                    self.alternatives.extend(others);
                    self.alternatives_keyword = keyword;
                }
            }
        }
        self.parts.push(node);
        for part in all_of {
            self.spread(source, part, seen);
        }
    }

    fn read(&mut self) {
        let mut typed_null = Vec::new();
        let mut closed = None;
        let mut typed = Vec::new();
        for part in &self.parts {
            self.nullable |= part.is_true("nullable");
            if let Some(types) = types_of(part.value) {
                typed_null.push(types.contains("null"));
                let types = types.into_iter().filter(|name| *name != "null").collect();
                self.types = Some(match self.types.take() {
                    Some(before) => common(&before, &types),
                    None => types,
                });
            }
            for (name, property) in part.properties("properties") {
                self.properties.entry(name).or_default().push(property);
            }
            for name in part.items("required") {
                if let Some(text) = name.value.as_str() {
                    self.required.entry(text).or_insert(name.pointer);
                }
            }
            self.items.extend(part.property("items"));
            if let Some(additional) = part.property("additionalProperties") {
                match additional.value {
                    Value::Bool(true) => {}
                    Value::Bool(false) => closed = Some(additional.pointer),
                    Value::Object(schema) if schema.is_empty() => {}
                    _ => typed.push(additional),
                }
            }
        }
        self.nullable |= !typed_null.is_empty() && typed_null.iter().all(|null| *null);
        self.additional = match (closed, typed.is_empty()) {
            (Some(pointer), _) => Additional::Closed(pointer),
            (None, false) => Additional::Typed(typed),
            (None, true) => Additional::Open,
        };
        if self.types.is_none() {
            self.types = self.implied_types();
        }
    }

    /// The types that a schema without `type` implies by its keywords.
    fn implied_types(&mut self) -> Option<BTreeSet<&'a str>> {
        if let Some(values) = self.enumeration() {
            let types: BTreeSet<_> = values.iter().map(|(_, value)| kind_of(value)).collect();
            self.nullable |= self.has_null_value();
            return Some(types);
        }
        if !self.properties.is_empty() || !matches!(self.additional, Additional::Open) {
            return Some(BTreeSet::from(["object"]));
        }
        (!self.items.is_empty()).then(|| BTreeSet::from(["array"]))
    }

    fn has_null_value(&self) -> bool {
        self.parts.iter().any(|part| {
            let listed = part.value["enum"].as_array();
            listed.is_some_and(|values| values.contains(&Value::Null))
                || part.value.get("const") == Some(&Value::Null)
        })
    }

    /// The nodes of the view, to create another view.
    pub(super) fn nodes(&self) -> Vec<Node<'a>> {
        self.parts.clone()
    }

    /// The first occurrence of a keyword.
    pub(super) fn keyword(&self, name: &str) -> Option<Node<'a>> {
        self.parts.iter().find_map(|part| part.property(name))
    }

    /// All occurrences of a keyword.
    pub(super) fn all(&self, name: &str) -> Vec<Node<'a>> {
        let parts = self.parts.iter();
        parts.filter_map(|part| part.property(name)).collect()
    }

    /// The place of a keyword that is `true`; absence means false.
    pub(super) fn flag(&self, name: &str) -> Option<Node<'a>> {
        let mut places = self.all(name).into_iter();
        places.find(|place| place.value == &Value::Bool(true))
    }

    /// The enumerated values except null: those that all parts list. A `const` lists one value.
    pub(super) fn enumeration(&self) -> Option<Vec<(Pointer, &'a Value)>> {
        let mut lists = self.parts.iter().filter_map(|part| {
            if let Some(only) = part.property("const") {
                return Some(vec![(only.pointer, only.value)]);
            }
            part.property("enum")?;
            let values = part.items("enum").into_iter();
            Some(values.map(|item| (item.pointer, item.value)).collect())
        });
        let first: Vec<(Pointer, &Value)> = lists.next()?;
        let rest: Vec<Vec<(Pointer, &Value)>> = lists.collect();
        let listed = |value: &Value| {
            let mut rest = rest.iter();
            rest.all(|list| list.iter().any(|(_, other)| *other == value))
        };
        Some(
            first
                .into_iter()
                .filter(|(_, value)| !value.is_null() && listed(value))
                .collect(),
        )
    }

    /// The format, with the names of OpenAPI 3.0.
    pub(super) fn format(&self) -> Option<(Pointer, &'a str)> {
        let shown = |name| {
            let node = self.keyword(name)?;
            Some((node.pointer, node.value.as_str()?))
        };
        shown("format").or_else(|| match shown("contentEncoding") {
            Some((pointer, "base64")) => Some((pointer, "byte")),
            _ => match shown("contentMediaType") {
                Some((pointer, "application/octet-stream")) => Some((pointer, "binary")),
                _ => None,
            },
        })
    }

    /// The tightest lower or upper bound of numbers: its place, the bound, and whether it is
    /// exclusive. Both notations of exclusive bounds are supported.
    pub(super) fn number_bound(&self, lower: bool) -> Option<(Pointer, f64, bool)> {
        let (inclusive, exclusive) = match lower {
            true => ("minimum", "exclusiveMinimum"),
            false => ("maximum", "exclusiveMaximum"),
        };
        let mut closest: Option<(Pointer, f64, bool)> = None;
        for part in &self.parts {
            let flagged = part.is_true(exclusive);
            for (name, excluded) in [(inclusive, flagged), (exclusive, true)] {
                let Some(node) = part.property(name) else {
                    continue;
                };
                let Some(bound) = node.value.as_f64() else {
                    continue;
                };
                let closer = closest.as_ref().is_none_or(|(_, before, was_excluded)| {
                    let further = if lower {
                        bound > *before
                    } else {
                        bound < *before
                    };
                    further || bound == *before && excluded && !was_excluded
                });
                if closer {
                    closest = Some((node.pointer, bound, excluded));
                }
            }
        }
        closest
    }

    /// The tightest bound of a length or count.
    pub(super) fn count_bound(&self, name: &str, lower: bool) -> Option<(Pointer, f64)> {
        let places = self.all(name).into_iter();
        let bounds = places.filter_map(|node| Some((node.pointer, node.value.as_f64()?)));
        bounds.reduce(|closest, next| {
            match lower && next.1 > closest.1 || !lower && next.1 < closest.1 {
                true => next,
                false => closest,
            }
        })
    }

    /// A signature of an alternative without its name: enough to distinguish it from others when
    /// their order or names change.
    pub(super) fn signature(&self) -> String {
        let properties: Vec<&str> = self.properties.keys().copied().collect();
        let values: Vec<String> = self
            .enumeration()
            .into_iter()
            .flatten()
            .map(|(_, value)| value.to_string())
            .collect();
        let fixed: Vec<String> = self
            .properties
            .iter()
            .filter_map(|(name, nodes)| {
                let node = nodes.first()?;
                let value = node.value.get("const").or(node.value.get("enum"))?;
                Some(format!("{name}={value}"))
            })
            .collect();
        format!(
            "{:?} {properties:?} {values:?} {fixed:?} {:?} {}",
            self.types,
            self.format().map(|(_, format)| format),
            self.alternatives.len()
        )
    }
}

fn is_null(schema: &Value) -> bool {
    schema["type"] == "null"
        || schema["type"] == serde_json::json!(["null"])
        || schema.get("const") == Some(&Value::Null)
        || schema["enum"] == serde_json::json!([null])
}

fn types_of(schema: &Value) -> Option<BTreeSet<&str>> {
    match schema.get("type")? {
        Value::String(name) => Some(BTreeSet::from([name.as_str()])),
        Value::Array(names) => Some(names.iter().filter_map(Value::as_str).collect()),
        _ => None,
    }
}

/// The common types. Integers are numbers.
fn common<'a>(a: &BTreeSet<&'a str>, b: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    let has = |types: &BTreeSet<&str>, name: &str| {
        types.contains(name) || name == "integer" && types.contains("number")
    };
    let both = a.iter().chain(b);
    both.copied()
        .filter(|name| has(a, name) && has(b, name))
        .collect()
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
            view.nullable,
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
