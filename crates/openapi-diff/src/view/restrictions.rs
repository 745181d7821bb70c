//! The restrictions of a view: lists of values, formats, bounds and patterns.

use std::collections::BTreeMap;

use openapi_document::Pointer;
use openapi_lower::kind_of;
use serde_json::Value;

use super::{View, includes};
use crate::notation::{
    NotEmpty, concerned, formats, integer_range, is_annotation, is_anything, is_same,
    normal_pattern, not_empty,
};
use crate::source::Node;
use crate::values::Values;

impl<'a> View<'a> {
    /// True if no keyword restricts the values.
    pub(crate) fn is_anything(&self) -> bool {
        self.parts.iter().all(|part| is_anything(part.node.value))
    }

    /// The keywords beside the alternatives that restrict the values, apart from the types.
    pub(crate) fn own_constraints(&self) -> Vec<(&'a str, Node<'a>)> {
        let notation = [
            "type",
            "nullable",
            "$ref",
            "discriminator",
            "allOf",
            "anyOf",
            "oneOf",
        ];
        let parts = self.parts.iter();
        let keywords = parts.flat_map(|part| part.node.entries());
        keywords
            .filter(|(name, _)| !is_annotation(name) && !notation.contains(name))
            .collect()
    }

    /// The nodes of the view, to create another view.
    pub(crate) fn nodes(&self) -> Vec<Node<'a>> {
        if self.is_merged {
            return self.origin.clone();
        }
        self.parts.iter().map(|part| part.node.clone()).collect()
    }

    /// The first occurrence of a keyword.
    pub(crate) fn keyword(&self, name: &str) -> Option<Node<'a>> {
        self.all(name).into_iter().next()
    }

    /// All occurrences of a keyword; none if it does not concern the types of the values.
    pub(crate) fn all(&self, name: &str) -> Vec<Node<'a>> {
        let kind = concerned(name);
        if kind.is_some_and(|kind| !includes(&self.types, kind)) {
            return Vec::new();
        }
        let parts = self.parts.iter();
        parts.filter_map(|part| part.node.property(name)).collect()
    }

    /// The location of a keyword that is `true`; absence means false.
    pub(crate) fn flag(&self, name: &str) -> Option<Node<'a>> {
        let mut places = self.all(name).into_iter();
        places.find(|place| place.value == &Value::Bool(true))
    }

    /// The allowed values of all scalar types; `None` if all values of one type are allowed.
    pub(crate) fn scalars(&self) -> Option<Values<'a>> {
        let kinds = ["string", "number", "boolean"].into_iter();
        let kinds = kinds.filter(|kind| includes(&self.types, kind));
        let lists: Option<Vec<Values<'a>>> = kinds.map(|kind| self.enumeration(kind)).collect();
        let values: Values<'a> = lists?.into_iter().flatten().collect();
        (!values.is_empty()).then_some(values)
    }

    /// The strings that values are written as, if these are listed.
    pub(crate) fn listed_strings(&self) -> Option<Values<'a>> {
        static BOOLEANS: [Value; 2] = [Value::Bool(true), Value::Bool(false)];
        let scalars = ["string", "number", "boolean"];
        let types = self.types.as_ref()?;
        if types.iter().any(|name| ["array", "object"].contains(name)) {
            return None;
        }
        let kinds = scalars
            .into_iter()
            .filter(|kind| includes(&self.types, kind));
        let lists = kinds.map(|kind| match (self.enumeration(kind), kind) {
            (None, "boolean") => {
                let values = BOOLEANS.iter();
                Some(values.map(|value| (self.place.clone(), value)).collect())
            }
            (list, _) => list,
        });
        let lists: Option<Vec<Values<'a>>> = lists.collect();
        Some(lists?.into_iter().flatten().collect())
    }

    /// The allowed values of a type: those of all lists that concern it. `None` if all are allowed.
    pub(crate) fn enumeration(&self, kind: &str) -> Option<Values<'a>> {
        let of_kind = |value: &Value| match kind_of(value) {
            "integer" => kind == "number",
            other => kind == other,
        };
        let mut lists = self.lists.iter().filter(|(scope, _)| includes(scope, kind));
        let (_, first) = lists.next()?;
        let rest: Vec<&Values<'a>> = lists.map(|(_, list)| list).collect();
        let listed = |value: &Value| {
            let mut rest = rest.iter();
            rest.all(|list| list.iter().any(|(_, other)| is_same(other, value)))
        };
        let values = first
            .iter()
            .filter(|(_, value)| of_kind(value) && listed(value));
        let values: Values<'a> = values.cloned().collect();
        let values = self.in_bounds(values);
        // An enumeration of both booleans restricts nothing.
        (kind != "boolean" || values.len() < 2).then_some(values)
    }

    /// The format of a type, with the names of OpenAPI 3.0.
    pub(crate) fn format(&self, kind: &str) -> Option<(Pointer, &'a str)> {
        let shown = |name| {
            let parts = self.parts.iter();
            let mut parts = parts.filter(|part| includes(&part.scope, kind));
            let node = parts.find_map(|part| part.node.property(name))?;
            Some((node.pointer, node.value.as_str()?))
        };
        let format = shown("format").filter(|(_, name)| formats(kind, name));
        format.or_else(
            || match shown("contentEncoding").filter(|_| kind == "string") {
                Some((pointer, "base64")) => Some((pointer, "byte")),
                Some(other) => Some(other),
                None => match shown("contentMediaType").filter(|_| kind == "string") {
                    Some((pointer, "application/octet-stream")) => Some((pointer, "binary")),
                    other => other,
                },
            },
        )
    }

    /// The tightest lower or upper bound of numbers: its location, the bound, and whether it is
    /// exclusive. Bounds of integers are integers and inclusive.
    pub(crate) fn number_bound(&self, lower: bool) -> Option<(Pointer, f64, bool)> {
        let (inclusive, exclusive) = match lower {
            true => ("minimum", "exclusiveMinimum"),
            false => ("maximum", "exclusiveMaximum"),
        };
        if !includes(&self.types, "number") {
            return None;
        }
        let integral = self
            .types
            .as_ref()
            .is_some_and(|types| !types.contains("number"));
        // A bound of the format has no further effect.
        let implied = self
            .format("number")
            .and_then(|(_, name)| integer_range(name));
        let is_implied = |bound: f64| {
            implied.is_some_and(|(least, most)| match lower {
                true => bound <= least,
                false => bound >= most,
            })
        };
        let mut closest: Option<(Pointer, f64, bool)> = None;
        for part in &self.parts {
            let flagged = part.node.is_true(exclusive);
            for (name, excluded) in [(inclusive, flagged), (exclusive, true)] {
                let node = part.node.property(name);
                let Some((bound, node)) = node.and_then(|node| Some((node.value.as_f64()?, node)))
                else {
                    continue;
                };
                let (bound, excluded) = match (integral, lower, excluded) {
                    (false, ..) => (bound, excluded),
                    (true, true, true) => (bound.floor() + 1.0, false),
                    (true, true, false) => (bound.ceil(), false),
                    (true, false, true) => (bound.ceil() - 1.0, false),
                    (true, false, false) => (bound.floor(), false),
                };
                let closer = closest.as_ref().is_none_or(|(_, before, was_excluded)| {
                    let further = if lower {
                        bound > *before
                    } else {
                        bound < *before
                    };
                    further || bound == *before && excluded && !was_excluded
                });
                if closer && !is_implied(bound) {
                    closest = Some((node.pointer, bound, excluded));
                }
            }
        }
        closest
    }

    /// The scalars that are within the bounds of their types. Patterns are not applied.
    pub(crate) fn in_bounds(&self, mut values: Values<'a>) -> Values<'a> {
        let numbers = (self.number_bound(true), self.number_bound(false));
        let steps = self.all("multipleOf").into_iter();
        let steps: Vec<f64> = steps.filter_map(|step| step.value.as_f64()).collect();
        let lengths = (
            self.count_bound("minLength", true),
            self.count_bound("maxLength", false),
        );
        values.retain(|(_, value)| {
            if let Some(number) = value.as_f64() {
                let (least, most) = &numbers;
                let is_above = least.as_ref().is_none_or(|(_, least, excluded)| {
                    number > *least || number == *least && !excluded
                });
                let is_below = most.as_ref().is_none_or(|(_, most, excluded)| {
                    number < *most || number == *most && !excluded
                });
                let mut steps = steps.iter();
                return is_above && is_below && steps.all(|step| (number / step).fract() == 0.0);
            }
            let Some(text) = value.as_str() else {
                return true;
            };
            let length = text.chars().count() as f64;
            let (least, most) = &lengths;
            least.as_ref().is_none_or(|(_, least)| length >= *least)
                && most.as_ref().is_none_or(|(_, most)| length <= *most)
        });
        values
    }

    /// The tightest bound of a length or count.
    pub(crate) fn count_bound(&self, name: &str, lower: bool) -> Option<(Pointer, f64)> {
        let places = self.all(name).into_iter();
        let bounds = places.filter_map(|node| Some((node.pointer, node.value.as_f64()?)));
        // A lower bound of 0 has no effect, nor has one of 1 if `contains` requires an item.
        let least = if name == "minContains" { 1.0 } else { 0.0 };
        let bounds = bounds.filter(|(_, bound)| !lower || *bound > least);
        let whole = match name {
            "minLength" => self.not_empty(NotEmpty::Any),
            _ => None,
        };
        let bounds = bounds.chain(whole.map(|place| (place, 1.0)));
        bounds.reduce(|closest, next| {
            match lower && next.1 > closest.1 || !lower && next.1 < closest.1 {
                true => next,
                false => closest,
            }
        })
    }

    /// The number of properties that every object has: the required ones that are certain to be sent.
    pub(crate) fn least_properties(&self) -> usize {
        let may_be_one_way = |node: &Node<'a>| {
            let keywords = ["$ref", "allOf", "readOnly", "writeOnly"];
            keywords.iter().any(|name| node.property(name).is_some())
        };
        let required = self.required.keys();
        let sent = required.filter(|name| {
            let nodes = self.properties.get(*name);
            !nodes.is_some_and(|nodes| nodes.iter().any(may_be_one_way))
        });
        sent.count()
    }

    /// The location of a pattern that requires a character.
    pub(crate) fn not_empty(&self, of: NotEmpty) -> Option<Pointer> {
        let mut patterns = self.all("pattern").into_iter();
        let place = patterns.find(|node| {
            let pattern = node.value.as_str().and_then(normal_pattern);
            pattern.and_then(|pattern| not_empty(&pattern)) == Some(of)
        });
        place.map(|node| node.pointer)
    }

    /// The patterns of strings in normal form, without those that match every string.
    pub(crate) fn string_patterns(&self) -> BTreeMap<String, Pointer> {
        let patterns = self.all("pattern").into_iter();
        patterns
            .filter_map(|node| Some((normal_pattern(node.value.as_str()?)?, node.pointer)))
            // This is a bound of the length.
            .filter(|(pattern, _)| not_empty(pattern) != Some(NotEmpty::Any))
            .collect()
    }

    /// A signature of an alternative without its name: enough to distinguish it from others when
    /// their order or names change.
    pub(crate) fn signature(&self) -> String {
        let properties: Vec<&str> = self.properties.keys().copied().collect();
        let values = self.lists.iter().flat_map(|(_, list)| list);
        let values: Vec<String> = values.map(|(_, value)| value.to_string()).collect();
        let fixed: Vec<String> = self
            .properties
            .iter()
            .filter_map(|(name, nodes)| {
                let node = nodes.first()?;
                let value = node.value.get("const").or(node.value.get("enum"))?;
                Some(format!("{name}={value}"))
            })
            .collect();
        let format = ["string", "number"].map(|kind| self.format(kind).map(|(_, format)| format));
        format!(
            "{:?} {properties:?} {values:?} {fixed:?} {format:?} {}",
            self.types,
            self.alternatives.len()
        )
    }
}
