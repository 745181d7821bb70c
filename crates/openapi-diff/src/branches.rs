//! The alternatives of a choice: nested choices are flattened, and alternatives without effect are
//! omitted.

use std::collections::{BTreeSet, HashSet};

use super::notation::{is_annotation, types_of};
use super::source::{Node, Source};

/// The alternatives at a keyword, with those of a nested choice of the same keyword in its place.
/// Choices that are in `seen`, or that have a discriminator, stay.
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
        let target = source.follow(branch.clone());
        let is_choice = target.value.as_object().is_some_and(|keywords| {
            let mut names = keywords.keys();
            keywords.contains_key(keyword)
                && names.all(|name| name == keyword || is_annotation(name))
        });
        if is_choice && outer.insert(target.identity()) {
            collect(source, &target, keyword, outer, flat);
            outer.remove(&target.identity());
        } else {
            flat.push(branch);
        }
    }
}

/// The alternatives of an `anyOf` without those whose values all are of a type that another one
/// allows without restriction.
pub(super) fn without_parts_of_types<'a>(
    source: Source<'a>,
    branches: Vec<Node<'a>>,
) -> Vec<Node<'a>> {
    let types = |branch: &Node<'a>| -> Option<BTreeSet<&'a str>> {
        types_of(source.follow(branch.clone()).value)
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
    left.retain(|branch| is_bare(branch) || !is_part(branch));
    left
}
