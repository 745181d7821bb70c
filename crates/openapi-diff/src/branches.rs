//! The alternatives of a choice: nested choices are flattened, and alternatives without effect are
//! omitted.

use std::collections::{BTreeSet, HashSet};

use openapi_lower::kind_of;
use serde_json::Value;

use super::notation::{is_annotation, types_of};
use super::source::{Node, Source};

/// The alternatives of a keyword. A nested choice is replaced with its alternatives if it has the same keyword
/// or if they exclude each other. Choices in `seen` and choices with a discriminator are kept.
pub(super) fn flattened<'a>(
    source: Source<'a>,
    node: &Node<'a>,
    keyword: &str,
    seen: &HashSet<usize>,
) -> Vec<Node<'a>> {
    let mut outer = seen.clone();
    let mut flat = Vec::new();
    collect(source, node, keyword, &mut outer, &mut flat);
    flat
}

fn collect<'a>(
    source: Source<'a>,
    node: &Node<'a>,
    keyword: &str,
    outer: &mut HashSet<usize>,
    flat: &mut Vec<Node<'a>>,
) {
    for branch in node.items(keyword) {
        let target = unwrapped(source, branch.clone());
        let nested = ["oneOf", "anyOf"].into_iter().find(|nested| {
            let keywords = target.value.as_object();
            keywords.is_some_and(|keywords| {
                let mut names = keywords.keys();
                keywords.contains_key(*nested)
                    && names.all(|name| name == nested || is_annotation(name))
            })
        });
        let nested = nested
            .filter(|nested| *nested == keyword || exclude_each_other(source, &target, nested));
        match nested.filter(|_| outer.insert(target.identity())) {
            Some(nested) => {
                collect(source, &target, nested, outer, flat);
                outer.remove(&target.identity());
            }
            None => flat.push(branch),
        }
    }
}

/// The schema that a schema refers to, or that is the only part of its `allOf`.
fn unwrapped<'a>(source: Source<'a>, node: Node<'a>) -> Node<'a> {
    const DEEPEST: usize = 16;
    let mut target = source.follow(node);
    for _ in 0..DEEPEST {
        let keywords = target.value.as_object().into_iter().flatten();
        let is_wrapper = keywords
            .map(|(name, _)| name)
            .all(|name| name == "allOf" || is_annotation(name));
        let mut parts = target.items("allOf").into_iter();
        match (parts.next(), parts.next()) {
            (Some(only), None) if is_wrapper => target = source.follow(only),
            _ => break,
        }
    }
    target
}

/// True if the alternatives require a property for which each lists other values.
fn exclude_each_other(source: Source<'_>, node: &Node<'_>, keyword: &str) -> bool {
    let branches = node.items(keyword).into_iter();
    let branches: Vec<&Value> = branches.map(|branch| source.follow(branch).value).collect();
    let values = |branch: &Value, name: &str| -> Option<Vec<Value>> {
        let required = branch["required"].as_array()?;
        let property = &branch["properties"][name];
        let listed = property["enum"].as_array().cloned();
        let values = property
            .get("const")
            .map(|only| vec![only.clone()])
            .or(listed);
        values.filter(|_| branch["type"] == "object" && required.iter().any(|other| other == name))
    };
    let Some(properties) = branches
        .first()
        .and_then(|first| first["properties"].as_object())
    else {
        return false;
    };
    properties.keys().any(|name| {
        let mut seen = Vec::new();
        branches.iter().all(|branch| {
            let Some(values) = values(branch, name) else {
                return false;
            };
            let is_new = values.iter().all(|value| !seen.contains(value));
            seen.extend(values);
            is_new
        })
    })
}

/// The alternatives of an `anyOf` without repeated ones, and without those whose values all are of a type that
/// another one allows without restriction.
pub(super) fn without_redundant<'a>(source: Source<'a>, branches: Vec<Node<'a>>) -> Vec<Node<'a>> {
    let types = |branch: &Node<'a>| -> Option<BTreeSet<&'a str>> {
        let schema = source.follow(branch.clone()).value;
        let listed = schema.get("enum").and_then(Value::as_array);
        let listed = listed.map(|values| values.iter().map(kind_of).collect());
        let only = || Some(BTreeSet::from([kind_of(schema.get("const")?)]));
        types_of(schema).or(listed).or_else(only)
    };
    let is_bare = |branch: &Node<'a>| {
        let target = source.follow(branch.clone());
        let keywords = target.value.as_object();
        keywords.is_some_and(|keywords| {
            let mut names = keywords.keys();
            names.all(|name| name == "type" || is_annotation(name))
        })
    };
    let whole: BTreeSet<&str> = branches
        .iter()
        .filter(|branch| is_bare(branch))
        .filter_map(types)
        .flatten()
        .collect();
    let is_part = |branch: &Node<'a>| {
        let types = types(branch);
        types.is_some_and(|types| {
            let mut types = types.iter();
            types.all(|name| whole.contains(name) || *name == "integer" && whole.contains("number"))
        })
    };
    let mut left = branches;
    let mut seen: Vec<&Value> = Vec::new();
    left.retain(|branch| {
        // Two components with equal schemas are two alternatives.
        let is_new = !seen.contains(&branch.value);
        seen.push(branch.value);
        is_new && (is_bare(branch) || !is_part(branch))
    });
    left
}
