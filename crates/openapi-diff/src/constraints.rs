//! Compares the keywords of JSON Schema that have no separate check: whether they were added, removed,
//! or changed in a way that is not known to allow more or less.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use openapi_document::Pointer;
use serde_json::Value;

use super::catalogue::{self as checks, Check};
use super::notation::is_annotation;
use super::pairs::{Sides, Step};
use super::schemas::Schemas;
use super::source::{Node, Source};
use super::values::brief;
use super::view::View;

/// Keywords that are compared as a whole, with the types that they concern.
const WHOLE: [(&str, Option<&str>); 4] = [
    ("not", None),
    ("contains", Some("array")),
    ("unevaluatedItems", Some("array")),
    ("contentSchema", Some("string")),
];

impl<'a> Schemas<'a> {
    /// Compares the constraints of the types that both sides have.
    pub(super) fn constraints(&mut self, pair: usize, sides: &mut Sides<'_, 'a>, kinds: &[&str]) {
        let sources = (self.old, self.new);
        for (keyword, kind) in WHOLE {
            if kind.is_none_or(|kind| kinds.contains(&kind)) {
                whole(sides, keyword, sources);
            }
        }
        condition(sides, sources);
        if kinds.contains(&"object") {
            dependent_required(sides, sources);
            dependent_schemas(sides, sources);
            let names = [sides.old, sides.new].map(|view| view.all("propertyNames"));
            inside(self, pair, sides, "propertyNames", names);
        }
        if kinds.contains(&"array") {
            positions(self, pair, sides);
        }
    }
}

fn pointer(node: Option<&Node<'_>>) -> Option<Pointer> {
    node.map(|node| node.pointer.clone())
}

/// Adds the finding for a constraint of which one or both sides have a node.
fn find(
    sides: &mut Sides<'_, '_>,
    what: &str,
    was: Option<&Node<'_>>,
    is: Option<&Node<'_>>,
    changed: &'static Check,
) {
    let label = &sides.label;
    let (check, how) = match (was.is_some(), is.is_some()) {
        (false, false) => return,
        (false, true) => (&checks::CONSTRAINT_ADDED, "was added"),
        (true, false) => (&checks::CONSTRAINT_LIFTED, "was removed"),
        (true, true) => (changed, "changed"),
    };
    let what = format!(
        "`{what}` of {label} {how}: from {} to {}",
        brief(was),
        brief(is)
    );
    sides.find(check, what, pointer(was), pointer(is));
}

fn whole<'a>(sides: &mut Sides<'_, 'a>, keyword: &str, (old, new): (Source<'a>, Source<'a>)) {
    let (was, is) = (in_effect(sides.old, keyword), in_effect(sides.new, keyword));
    if let (Some(was), Some(is)) = (&was, &is)
        && is_equal((old, was), (new, is))
    {
        return;
    }
    find(
        sides,
        keyword,
        was.as_ref(),
        is.as_ref(),
        &checks::CONSTRAINT_CHANGED,
    );
}

/// A keyword, unless another one disables it: `contains` has no effect with `minContains: 0`.
fn in_effect<'a>(view: &View<'a>, keyword: &str) -> Option<Node<'a>> {
    let number = |name: &str| view.keyword(name).and_then(|node| node.value.as_f64());
    let is_idle = keyword == "contains"
        && number("minContains") == Some(0.0)
        && number("maxContains").is_none();
    view.keyword(keyword).filter(|_| !is_idle)
}

/// Compares `if` with `then` and `else`, which have no effect without it.
fn condition<'a>(sides: &mut Sides<'_, 'a>, (old, new): (Source<'a>, Source<'a>)) {
    let has_effect = |view: &View<'a>| {
        view.keyword("if")
            .filter(|_| view.keyword("then").is_some() || view.keyword("else").is_some())
    };
    let (was, is) = (has_effect(sides.old), has_effect(sides.new));
    let (Some(before), Some(after)) = (&was, &is) else {
        find(
            sides,
            "if",
            was.as_ref(),
            is.as_ref(),
            &checks::CONSTRAINT_CHANGED,
        );
        return;
    };
    if !is_equal((old, before), (new, after)) {
        find(
            sides,
            "if",
            was.as_ref(),
            is.as_ref(),
            &checks::CONSTRAINT_CHANGED,
        );
    }
    whole(sides, "then", (old, new));
    whole(sides, "else", (old, new));
}

/// Compares the properties that are required where another is present.
fn dependent_required<'a>(sides: &mut Sides<'_, 'a>, (old, new): (Source<'a>, Source<'a>)) {
    let needs = |view: &View<'a>, source: Source<'a>| -> BTreeMap<(String, String), Pointer> {
        let lists = view.all("dependentRequired").into_iter();
        let lists = lists.flat_map(|node| node.entries());
        let schemas = view.all("dependentSchemas").into_iter();
        let schemas = schemas.flat_map(|node| node.entries());
        let schemas = schemas.filter_map(|(name, node)| Some((name, only_required(source, node)?)));
        let mut needs = BTreeMap::new();
        for (name, list) in lists.chain(schemas) {
            for needed in list.elements() {
                let text = needed.value.as_str().unwrap_or_default();
                needs.insert((name.to_owned(), text.to_owned()), needed.pointer);
            }
        }
        needs
    };
    let (before, after) = (needs(sides.old, old), needs(sides.new, new));
    let label = sides.label.clone();
    let is_new = |of: &BTreeMap<_, _>, view: &View<'_>, need: &(String, String)| {
        !of.contains_key(need) && !view.required.contains_key(need.1.as_str())
    };
    let (old, new) = (sides.old, sides.new);
    for (need, place) in &after {
        let (name, needed) = need;
        if is_new(&before, old, need) {
            let what = format!("`{needed}` of {label} is now required where `{name}` is present");
            let place = Some(place.clone());
            sides.find(&checks::CONSTRAINT_ADDED, what, None, place);
        }
    }
    for (need, place) in &before {
        let (name, needed) = need;
        if is_new(&after, new, need) {
            let what =
                format!("`{needed}` of {label} is no longer required where `{name}` is present");
            let place = Some(place.clone());
            sides.find(&checks::CONSTRAINT_LIFTED, what, place, None);
        }
    }
}

/// The `required` of a schema that has no other keywords with an effect on objects.
fn only_required<'a>(source: Source<'a>, node: Node<'a>) -> Option<Node<'a>> {
    let node = source.follow(node);
    let mut keywords = node.value.as_object()?.iter();
    let is_only = keywords.all(|(name, value)| {
        name == "required" || name == "type" && value == "object" || is_annotation(name)
    });
    node.property("required").filter(|_| is_only)
}

fn dependent_schemas<'a>(sides: &mut Sides<'_, 'a>, (old, new): (Source<'a>, Source<'a>)) {
    let schemas = |view: &View<'a>, source: Source<'a>| -> BTreeMap<&'a str, Node<'a>> {
        let nodes = view.all("dependentSchemas").into_iter();
        let entries = nodes.flat_map(|node| node.entries());
        entries
            .filter(|(_, node)| only_required(source, node.clone()).is_none())
            .collect()
    };
    let (before, after) = (schemas(sides.old, old), schemas(sides.new, new));
    let names: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    for name in names {
        let (was, is) = (before.get(name), after.get(name));
        if let (Some(was), Some(is)) = (was, is)
            && is_equal((old, was), (new, is))
        {
            continue;
        }
        let what = format!("dependentSchemas.{name}");
        find(sides, &what, was, is, &checks::CONSTRAINT_CHANGED);
    }
}

/// Compares the schemas at a keyword as a separate pair.
fn inside<'a>(
    schemas: &mut Schemas<'a>,
    pair: usize,
    sides: &mut Sides<'_, 'a>,
    keyword: &str,
    [old, new]: [Vec<Node<'a>>; 2],
) {
    match (old.first(), new.first()) {
        (Some(_), Some(_)) => schemas.child(pair, Step::Inside, &old, &new),
        (was, is) => find(sides, keyword, was, is, &checks::CONSTRAINT_CHANGED),
    }
}

/// Compares `prefixItems`, position by position.
fn positions<'a>(schemas: &mut Schemas<'a>, pair: usize, sides: &mut Sides<'_, 'a>) {
    let items = |view: &View<'a>| -> Vec<Node<'a>> {
        let node = view.keyword("prefixItems");
        node.map_or(Vec::new(), |node| node.elements())
    };
    let (before, after) = (items(sides.old), items(sides.new));
    for index in 0..before.len().max(after.len()) {
        // `items` describes the positions after those of `prefixItems`.
        let at = |list: &[Node<'a>], view: &View<'a>| match list.get(index) {
            Some(item) => vec![item.clone()],
            None => view.items.clone(),
        };
        let what = format!("prefixItems[{index}]");
        let items = [at(&before, sides.old), at(&after, sides.new)];
        inside(schemas, pair, sides, &what, items);
    }
}

/// True if two values are equal, apart from component names and descriptions.
pub(super) fn is_equal<'a>(
    (old_source, old): (Source<'a>, &Node<'a>),
    (new_source, new): (Source<'a>, &Node<'a>),
) -> bool {
    let mut seen = HashSet::new();
    equal(
        (old_source, old.clone()),
        (new_source, new.clone()),
        &mut seen,
    )
}

fn equal<'a>(
    (old_source, old): (Source<'a>, Node<'a>),
    (new_source, new): (Source<'a>, Node<'a>),
    seen: &mut HashSet<(usize, usize)>,
) -> bool {
    let (old, new) = (old_source.follow(old), new_source.follow(new));
    if !seen.insert((old.identity(), new.identity())) {
        return true;
    }
    let inside = |node: &Node<'a>, name: &str, value: &'a Value| Node {
        pointer: node.pointer.join(name),
        value,
    };
    match (old.value, new.value) {
        (Value::Object(before), Value::Object(after)) => {
            let counts =
                |name: &&String| !["description", "title", "example"].contains(&name.as_str());
            let before: BTreeMap<_, _> = before.iter().filter(|(name, _)| counts(name)).collect();
            let after: BTreeMap<_, _> = after.iter().filter(|(name, _)| counts(name)).collect();
            before.len() == after.len()
                && before.into_iter().all(|(name, value)| {
                    after.get(name).is_some_and(|other| {
                        equal(
                            (old_source, inside(&old, name, value)),
                            (new_source, inside(&new, name, other)),
                            seen,
                        )
                    })
                })
        }
        (Value::Array(before), Value::Array(after)) => {
            before.len() == after.len()
                && before.iter().zip(after).all(|(value, other)| {
                    equal(
                        (old_source, inside(&old, "", value)),
                        (new_source, inside(&new, "", other)),
                        seen,
                    )
                })
        }
        (before, after) => before == after,
    }
}
