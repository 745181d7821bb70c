//! Compares the keywords for single values: type, format, enumeration, bounds, default.

use std::collections::{BTreeSet, HashSet};

use openapi_document::Pointer;
use serde_json::Value;

use super::catalogue as checks;
use super::schemas::{Sides, equal};
use super::source::{Node, Source};
use client_codegen::naming::pascal;

/// Formats that do not restrict values.
const HINTS: [&str; 4] = ["password", "commonmark", "html", "markdown"];

/// Keywords for lengths and counts, with true for lower bounds.
const COUNTS: [(&str, bool); 6] = [
    ("minLength", true),
    ("maxLength", false),
    ("minItems", true),
    ("maxItems", false),
    ("minProperties", true),
    ("maxProperties", false),
];

/// Keywords that are only compared as a whole.
const OTHERS: [&str; 15] = [
    "not",
    "if",
    "then",
    "else",
    "prefixItems",
    "contains",
    "minContains",
    "maxContains",
    "propertyNames",
    "patternProperties",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
];

/// Compares the types. Returns true if the other keywords can be compared, too.
pub(super) fn types(sides: &mut Sides<'_, '_>) -> bool {
    let place = |node: Option<Node<'_>>| node.map(|node| node.pointer);
    let was = place(sides.old.keyword("type"));
    let is = place(sides.new.keyword("type"));
    let label = sides.label.clone();
    if let (Some(_), Some(_)) = (&sides.old.types, &sides.new.types) {
        let place = |node: Option<Node<'_>>, kind: &Option<Pointer>| place(node).or(kind.clone());
        let was = place(sides.old.flag("nullable"), &was);
        let is = place(sides.new.flag("nullable"), &is);
        match (sides.old.nullable, sides.new.nullable) {
            (false, true) => {
                let what = format!("{label} became nullable");
                sides.find(&checks::BECAME_NULLABLE, what, was, is);
            }
            (true, false) => {
                let what = format!("{label} is no longer nullable");
                sides.find(&checks::NO_LONGER_NULLABLE, what, was, is);
            }
            _ => {}
        }
    }
    let widened = covers(&sides.new.types, &sides.old.types);
    let narrowed = covers(&sides.old.types, &sides.new.types);
    let shown = |types: &Option<BTreeSet<&str>>| match types {
        None => "any".to_owned(),
        Some(types) => {
            let names: Vec<String> = types.iter().map(|name| format!("`{name}`")).collect();
            names.join(" or ")
        }
    };
    let check = match (widened, narrowed) {
        (true, true) => return true,
        (true, false) => &checks::TYPE_WIDENED,
        (false, true) => &checks::TYPE_NARROWED,
        (false, false) => &checks::TYPE_CHANGED,
    };
    let what = format!(
        "the type of {label} changed from {} to {}",
        shown(&sides.old.types),
        shown(&sides.new.types)
    );
    sides.find(check, what, was, is);
    false
}

/// True if every value of the `inner` types is a value of the `outer` types.
fn covers(outer: &Option<BTreeSet<&str>>, inner: &Option<BTreeSet<&str>>) -> bool {
    match (outer, inner) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(outer), Some(inner)) => inner
            .iter()
            .all(|name| outer.contains(name) || *name == "integer" && outer.contains("number")),
    }
}

/// Compares the keywords that do not restrict values: flags, extensions, descriptions.
pub(super) fn remarks(sides: &mut Sides<'_, '_>) {
    let label = sides.label.clone();
    for (keyword, set, cleared, text_set, text_cleared) in [
        (
            "readOnly",
            &checks::BECAME_READ_ONLY,
            &checks::NO_LONGER_READ_ONLY,
            "became `readOnly`",
            "is no longer `readOnly`",
        ),
        (
            "writeOnly",
            &checks::BECAME_WRITE_ONLY,
            &checks::NO_LONGER_WRITE_ONLY,
            "became `writeOnly`",
            "is no longer `writeOnly`",
        ),
        (
            "deprecated",
            &checks::SCHEMA_DEPRECATED,
            &checks::SCHEMA_UNDEPRECATED,
            "was deprecated",
            "is no longer deprecated",
        ),
    ] {
        let was = sides.old.flag(keyword).map(|node| node.pointer);
        let is = sides.new.flag(keyword).map(|node| node.pointer);
        match (&was, &is) {
            (None, Some(_)) => {
                sides.find(set, format!("{label} {text_set}"), was, is);
            }
            (Some(_), None) => {
                sides.find(cleared, format!("{label} {text_cleared}"), was, is);
            }
            _ => {}
        }
    }
    whole(sides, "x-rust-type", &checks::EXTENSION_CHANGED);
    for keyword in ["title", "description", "example", "examples"] {
        whole(sides, keyword, &checks::TEXT_CHANGED);
    }
}

/// Compares a keyword as a whole.
fn whole(sides: &mut Sides<'_, '_>, keyword: &str, check: &'static checks::Check) {
    let (was, is) = (sides.old.keyword(keyword), sides.new.keyword(keyword));
    let value = |node: &Option<Node<'_>>| node.as_ref().map(|node| node.value.clone());
    if value(&was) != value(&is) {
        let what = format!("`{keyword}` of {} changed", sides.label);
        let pointer = |node: Option<Node<'_>>| node.map(|node| node.pointer);
        sides.find(check, what, pointer(was), pointer(is));
    }
}

/// Compares the value keywords of two schemas of the same type.
pub(super) fn compare(sides: &mut Sides<'_, '_>) {
    format(sides);
    enumeration(sides);
    patterns(sides);
    for lower in [true, false] {
        numbers(sides, lower);
    }
    for (keyword, lower) in COUNTS {
        counts(sides, keyword, lower);
    }
    unique(sides);
    multiple(sides);
    default(sides);
    discriminator(sides);
}

fn format(sides: &mut Sides<'_, '_>) {
    let (was, is) = (sides.old.format(), sides.new.format());
    let name =
        |format: &Option<(Pointer, &str)>| format.as_ref().map(|(_, name)| (*name).to_owned());
    let (before, after) = (name(&was), name(&is));
    if before == after {
        return;
    }
    let constrains = |name: &Option<String>| {
        name.as_ref()
            .is_some_and(|name| !HINTS.contains(&name.as_str()))
    };
    let check = match (constrains(&before), constrains(&after)) {
        (false, false) => &checks::FORMAT_HINT_CHANGED,
        (false, true) => &checks::FORMAT_ADDED,
        (true, false) => &checks::FORMAT_REMOVED,
        (true, true) => &checks::FORMAT_CHANGED,
    };
    let shown = |name: Option<String>| name.map_or("none".to_owned(), |name| format!("`{name}`"));
    let what = format!(
        "the format of {} changed from {} to {}",
        sides.label,
        shown(before),
        shown(after)
    );
    let pointer = |format: Option<(Pointer, &str)>| format.map(|(pointer, _)| pointer);
    sides.find(check, what, pointer(was), pointer(is));
}

fn enumeration(sides: &mut Sides<'_, '_>) {
    let label = sides.label.clone();
    let first = |values: &[(Pointer, &Value)]| {
        let place = values.first().map(|(pointer, _)| pointer.clone());
        place.map(|pointer| match pointer.as_str().contains("/enum/") {
            true => pointer.parent().unwrap_or_default(),
            false => pointer,
        })
    };
    match (sides.old.enumeration(), sides.new.enumeration()) {
        (None, None) => {}
        (None, Some(values)) => {
            let what = format!("{label} is now restricted to enumerated values");
            sides.find(&checks::ENUM_INTRODUCED, what, None, first(&values));
        }
        (Some(values), None) => {
            let what = format!("{label} is no longer restricted to enumerated values");
            sides.find(&checks::ENUM_LIFTED, what, first(&values), None);
        }
        (Some(before), Some(after)) => {
            let has = |list: &[(Pointer, &Value)], value: &Value| {
                list.iter().any(|(_, other)| *other == value)
            };
            for (pointer, value) in &after {
                if !has(&before, value) {
                    let what = format!("the value `{}` of {label} was added", plain(value));
                    let pointer = Some(pointer.clone());
                    let found = sides.find(&checks::ENUM_VALUE_ADDED, what, None, pointer);
                    found.names.variant = Some(pascal(&plain(value)));
                }
            }
            for (pointer, value) in &before {
                if !has(&after, value) {
                    let what = format!("the value `{}` of {label} was removed", plain(value));
                    let pointer = Some(pointer.clone());
                    let found = sides.find(&checks::ENUM_VALUE_REMOVED, what, pointer, None);
                    found.names.variant = Some(pascal(&plain(value)));
                }
            }
        }
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn patterns(sides: &mut Sides<'_, '_>) {
    let (was, is) = (sides.old.all("pattern"), sides.new.all("pattern"));
    let patterns = |nodes: &[Node<'_>]| -> BTreeSet<String> {
        nodes.iter().map(|node| plain(node.value)).collect()
    };
    let (before, after) = (patterns(&was), patterns(&is));
    if before == after {
        return;
    }
    let check = match (before.is_empty(), after.is_empty()) {
        (true, _) => &checks::PATTERN_ADDED,
        (_, true) => &checks::PATTERN_REMOVED,
        _ => &checks::PATTERN_CHANGED,
    };
    let shown = |patterns: BTreeSet<String>| match patterns.is_empty() {
        true => "none".to_owned(),
        false => {
            let quoted = patterns.iter().map(|pattern| format!("`{pattern}`"));
            quoted.collect::<Vec<_>>().join(" and ")
        }
    };
    let what = format!(
        "the pattern of {} changed from {} to {}",
        sides.label,
        shown(before),
        shown(after)
    );
    let pointer = |nodes: &[Node<'_>]| nodes.first().map(|node| node.pointer.clone());
    let (was, is) = (pointer(&was), pointer(&is));
    sides.find(check, what, was, is);
}

fn numbers(sides: &mut Sides<'_, '_>, lower: bool) {
    let was = sides.old.number_bound(lower);
    let is = sides.new.number_bound(lower);
    // The bound as a number that is greater for a tighter bound; exclusive bounds are tighter than
    // inclusive ones.
    let closeness = |bound: &Option<(Pointer, f64, bool)>| match bound {
        None => (f64::NEG_INFINITY, false),
        Some((_, bound, excluded)) if lower => (*bound, *excluded),
        Some((_, bound, excluded)) => (-bound, *excluded),
    };
    let (before, after) = (closeness(&was), closeness(&is));
    let shown = |bound: &Option<(Pointer, f64, bool)>| match bound {
        None => "none".to_owned(),
        Some((_, bound, true)) => format!("{bound} (exclusive)"),
        Some((_, bound, false)) => bound.to_string(),
    };
    let which = if lower { "lower" } else { "upper" };
    let values = (shown(&was), shown(&is));
    let pointer = |bound: Option<(Pointer, f64, bool)>| bound.map(|(pointer, ..)| pointer);
    bound(
        sides,
        &format!("{which} bound"),
        (pointer(was), pointer(is)),
        values,
        after.partial_cmp(&before),
    );
}

fn counts(sides: &mut Sides<'_, '_>, keyword: &str, lower: bool) {
    // A lower bound of 0 restricts nothing.
    let counts = |bound: Option<(Pointer, f64)>| bound.filter(|(_, bound)| !lower || *bound > 0.0);
    let was = counts(sides.old.count_bound(keyword, lower));
    let is = counts(sides.new.count_bound(keyword, lower));
    let closeness = |bound: &Option<(Pointer, f64)>| match bound {
        None => f64::NEG_INFINITY,
        Some((_, bound)) if lower => *bound,
        Some((_, bound)) => -bound,
    };
    let closer = closeness(&is).partial_cmp(&closeness(&was));
    let shown = |bound: &Option<(Pointer, f64)>| {
        let bound = bound.as_ref();
        bound.map_or("none".to_owned(), |(_, bound)| bound.to_string())
    };
    let values = (shown(&was), shown(&is));
    let pointer = |bound: Option<(Pointer, f64)>| bound.map(|(pointer, _)| pointer);
    bound(
        sides,
        &format!("`{keyword}`"),
        (pointer(was), pointer(is)),
        values,
        closer,
    );
}

/// Adds a finding for a bound that became tighter or looser.
fn bound(
    sides: &mut Sides<'_, '_>,
    which: &str,
    (was, is): (Option<Pointer>, Option<Pointer>),
    (before, after): (String, String),
    closer: Option<std::cmp::Ordering>,
) {
    let check = match closer {
        Some(std::cmp::Ordering::Greater) => &checks::BOUND_TIGHTENED,
        Some(std::cmp::Ordering::Less) => &checks::BOUND_LOOSENED,
        _ => return,
    };
    let what = format!(
        "the {which} of {} changed from {before} to {after}",
        sides.label
    );
    sides.find(check, what, was, is);
}

fn unique(sides: &mut Sides<'_, '_>) {
    let pointer = |node: Option<Node<'_>>| node.map(|node| node.pointer);
    let was = pointer(sides.old.flag("uniqueItems"));
    let is = pointer(sides.new.flag("uniqueItems"));
    let closer = is.is_some().cmp(&was.is_some());
    let shown = |place: &Option<Pointer>| place.is_some().to_string();
    let values = (shown(&was), shown(&is));
    bound(sides, "`uniqueItems`", (was, is), values, Some(closer));
}

fn multiple(sides: &mut Sides<'_, '_>) {
    let step = |node: Option<Node<'_>>| {
        let node = node?;
        Some((node.pointer, node.value.as_f64()?))
    };
    let was = step(sides.old.keyword("multipleOf"));
    let is = step(sides.new.keyword("multipleOf"));
    let divides = |step: f64, number: f64| (number / step).fract() == 0.0;
    let values = (&was, &is);
    let closer = match values {
        (None, None) => return,
        (None, Some(_)) => std::cmp::Ordering::Greater,
        (Some(_), None) => std::cmp::Ordering::Less,
        (Some((_, before)), Some((_, after))) if before == after => return,
        (Some((_, before)), Some((_, after))) if divides(*before, *after) => {
            std::cmp::Ordering::Greater
        }
        (Some((_, before)), Some((_, after))) if divides(*after, *before) => {
            std::cmp::Ordering::Less
        }
        (Some((was, before)), Some((is, after))) => {
            let label = &sides.label;
            let what = format!("`multipleOf` of {label} changed from {before} to {after}");
            let (was, is) = (Some(was.clone()), Some(is.clone()));
            sides.find(&checks::MULTIPLE_CHANGED, what, was, is);
            return;
        }
    };
    let shown = |step: &Option<(Pointer, f64)>| {
        let step = step.as_ref();
        step.map_or("none".to_owned(), |(_, step)| step.to_string())
    };
    let values = (shown(&was), shown(&is));
    let pointer = |step: Option<(Pointer, f64)>| step.map(|(pointer, _)| pointer);
    let places = (pointer(was), pointer(is));
    bound(sides, "`multipleOf`", places, values, Some(closer));
}

fn default(sides: &mut Sides<'_, '_>) {
    let (was, is) = (sides.old.keyword("default"), sides.new.keyword("default"));
    let label = sides.label.clone();
    let (check, what) = match (&was, &is) {
        (None, None) => return,
        (Some(was), Some(is)) if was.value == is.value => return,
        (None, Some(is)) => (
            &checks::DEFAULT_ADDED,
            format!(
                "the default of {label} changed from none to `{}`",
                plain(is.value)
            ),
        ),
        (Some(was), None) => (
            &checks::DEFAULT_REMOVED,
            format!(
                "the default of {label} changed from `{}` to none",
                plain(was.value)
            ),
        ),
        (Some(was), Some(is)) => (
            &checks::DEFAULT_CHANGED,
            format!(
                "the default of {label} changed from `{}` to `{}`",
                plain(was.value),
                plain(is.value)
            ),
        ),
    };
    let pointer = |node: Option<Node<'_>>| node.map(|node| node.pointer);
    sides.find(check, what, pointer(was), pointer(is));
}

/// Compares the property name and the mapping keys of discriminators. The names of the mapped
/// schemas are not compared.
fn discriminator(sides: &mut Sides<'_, '_>) {
    let shown = |node: &Option<Node<'_>>| {
        node.as_ref().map(|node| {
            let mapping = node.value["mapping"].as_object();
            let values: BTreeSet<String> = mapping
                .into_iter()
                .flat_map(|mapping| mapping.keys().cloned())
                .collect();
            (node.value["propertyName"].clone(), values)
        })
    };
    let (was, is) = (
        sides.old.keyword("discriminator"),
        sides.new.keyword("discriminator"),
    );
    if shown(&was) != shown(&is) {
        let what = format!("the discriminator of {} changed", sides.label);
        let pointer = |node: Option<Node<'_>>| node.map(|node| node.pointer);
        let (was, is) = (pointer(was), pointer(is));
        sides.find(&checks::DISCRIMINATOR_CHANGED, what, was, is);
    }
}

/// Compares the keywords that are only compared as a whole. References are followed.
pub(super) fn others<'a>(sides: &mut Sides<'_, 'a>, old: Source<'a>, new: Source<'a>) {
    for keyword in OTHERS {
        let (was, is) = (sides.old.keyword(keyword), sides.new.keyword(keyword));
        let same = match (&was, &is) {
            (None, None) => true,
            (Some(was), Some(is)) => {
                equal((old, was.clone()), (new, is.clone()), &mut HashSet::new())
            }
            _ => false,
        };
        if !same {
            let what = format!("`{keyword}` of {} changed", sides.label);
            let pointer = |node: Option<Node<'_>>| node.map(|node| node.pointer);
            let (was, is) = (pointer(was), pointer(is));
            sides.find(&checks::CONSTRAINT_CHANGED, what, was, is);
        }
    }
}
