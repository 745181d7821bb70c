//! Compares the keywords for single values: type, format, enumeration, bounds.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use openapi_document::Pointer;
use serde_json::Value;

use super::catalogue::{self as checks, Verdict};
use super::model::Finding;
use super::notation::{NotEmpty, integer_range, is_same, not_empty};
use super::pairs::Sides;
use super::source::Node;
use super::values::{Values, plain};
use super::view::{KINDS, Types, View, includes};

/// Formats that do not restrict values.
const HINTS: [&str; 5] = ["password", "commonmark", "html", "markdown", "string"];

/// Pairs of formats: the second allows all values of the first.
const WIDER: [(&str, &str); 16] = [
    ("int8", "int16"),
    ("int16", "int32"),
    ("int32", "int64"),
    ("uint8", "uint16"),
    ("uint16", "uint32"),
    ("uint32", "uint64"),
    ("uint8", "int16"),
    ("uint16", "int32"),
    ("uint32", "int64"),
    ("int32", "double"),
    ("float", "double"),
    ("email", "idn-email"),
    ("hostname", "idn-hostname"),
    ("uri", "uri-reference"),
    ("uri", "iri"),
    ("uri-reference", "iri-reference"),
];

/// Keywords for lengths and counts, with true for lower bounds.
const COUNTS: [(&str, bool); 8] = [
    ("minLength", true),
    ("maxLength", false),
    ("minItems", true),
    ("maxItems", false),
    ("minContains", true),
    ("maxContains", false),
    ("minProperties", true),
    ("maxProperties", false),
];

/// Compares the types. Returns the types of which both sides have values: those whose other keywords
/// can be compared.
pub(super) fn types(sides: &mut Sides<'_, '_>) -> Vec<&'static str> {
    let place = |node: Option<Node<'_>>| node.map(|node| node.pointer);
    let was = place(sides.old.keyword("type"));
    let is = place(sides.new.keyword("type"));
    let label = sides.label.clone();
    let (old, new) = (&sides.old.types, &sides.new.types);
    // A schema that allows all values also allows null.
    let is_described = |view: &View<'_>| view.types.is_some() || !view.alternatives.is_empty();
    if is_described(sides.old) && is_described(sides.new) {
        let (was, is) = (sides.old.nullable.clone(), sides.new.nullable.clone());
        let is_kept = was.is_some() && sides.new.is_untyped;
        // Alternatives are compared on their own.
        let has_alternative = match was {
            Some(_) => sides.new.has_nullable_alternative,
            None => sides.old.has_nullable_alternative,
        };
        let (was, is) = match has_alternative {
            true => (None, None),
            false => (was, is),
        };
        if let Some(found) = null(sides, was, is).filter(|_| is_kept) {
            found.verdicts = Some([Verdict::Neutral, found.check.response]);
        }
    }
    let is_text = sides.form.is_text();
    if is_text && sides.old.listed_strings().is_some() && sides.new.listed_strings().is_some() {
        // The lists of values are compared.
        return Vec::new();
    }
    // Strings that are listed are not all scalars. Where all scalars are listed, the lists are compared.
    let has_all_scalars = |view: &View<'_>| {
        is_text && (view.scalars().is_some() || view.enumeration("string").is_none())
    };
    let widened = covers(new, old, has_all_scalars(sides.new));
    let narrowed = covers(old, new, has_all_scalars(sides.old));
    let common: Vec<&str> = KINDS
        .into_iter()
        .filter(|kind| includes(old, kind) && includes(new, kind))
        .collect();
    let check = match (widened, narrowed) {
        (true, true) => return common,
        (true, false) => &checks::TYPE_WIDENED,
        (false, true) => &checks::TYPE_NARROWED,
        (false, false) => &checks::TYPE_CHANGED,
    };
    let what = format!(
        "the type of {label} changed from {} to {}",
        named(old),
        named(new)
    );
    sides.find(check, what, was, is);
    common
}

/// Compares whether null is allowed, and where.
pub(super) fn null<'s>(
    sides: &'s mut Sides<'_, '_>,
    was: Option<Pointer>,
    is: Option<Pointer>,
) -> Option<&'s mut Finding> {
    let (check, how) = match (&was, &is) {
        (None, Some(_)) => (&checks::BECAME_NULLABLE, "became"),
        (Some(_), None) => (&checks::NO_LONGER_NULLABLE, "is no longer"),
        _ => return None,
    };
    let what = format!("{} {how} nullable", sides.label);
    Some(sides.find(check, what, was, is))
}

/// The names of types in reports.
fn named(types: &Types<'_>) -> String {
    match types {
        None => "any".to_owned(),
        Some(types) if types.is_empty() => "none".to_owned(),
        Some(types) => {
            let names: Vec<String> = types.iter().map(|name| format!("`{name}`")).collect();
            names.join(" or ")
        }
    }
}

/// True if every value of the `inner` types is a value of the `outer` types. In plain text, every
/// scalar is a string.
pub(super) fn covers(outer: &Types<'_>, inner: &Types<'_>, is_text: bool) -> bool {
    let (Some(outer), Some(inner)) = (outer, inner) else {
        return outer.is_none();
    };
    inner.iter().all(|name| {
        outer.contains(name)
            || *name == "integer" && outer.contains("number")
            || is_text && is_scalar(name) && outer.contains("string")
    })
}

/// True if values of the type are a single string in plain text.
pub(super) fn is_scalar(kind: &str) -> bool {
    ["string", "integer", "number", "boolean"].contains(&kind)
}

/// Compares the value keywords of the types that both sides have.
pub(super) fn compare(sides: &mut Sides<'_, '_>, kinds: &[&str]) {
    for kind in kinds {
        format(sides, kind);
    }
    enumerations(sides, kinds);
    // Listed values are compared one by one, so other restrictions have no effect, unless they exclude one
    // of the values.
    let is_listed = |kind: &&str| {
        let (old, new) = (sides.old.enumeration(kind), sides.new.enumeration(kind));
        let (values, other) = match (old, new) {
            (None, None) => return false,
            (Some(_), Some(_)) => return true,
            (Some(values), None) => (values, sides.new),
            (None, Some(values)) => (values, sides.old),
        };
        let count = values.len();
        other.in_bounds(values).len() == count
            && (*kind != "string" || other.string_patterns().is_empty())
    };
    let free: Vec<&str> = kinds
        .iter()
        .copied()
        .filter(|kind| !is_listed(kind))
        .collect();
    let kinds = free.as_slice();
    if kinds.contains(&"string") {
        patterns(sides);
    } else if sides.form.is_text() {
        strings(sides);
    }
    if kinds.contains(&"number") {
        for lower in [true, false] {
            numbers(sides, lower);
        }
        multiple(sides);
    }
    for (keyword, lower) in COUNTS {
        let kind = match keyword {
            "minLength" | "maxLength" => "string",
            "minProperties" | "maxProperties" => "object",
            _ => "array",
        };
        if kinds.contains(&kind) {
            counts(sides, keyword, lower);
        }
    }
    if kinds.contains(&"array") {
        unique(sides);
    }
    extensible(sides);
}

fn format<'a>(sides: &mut Sides<'_, 'a>, kind: &str) {
    let of = |view: &View<'a>| view.format(kind).filter(|_| includes(&view.types, kind));
    let (was, is) = (of(sides.old), of(sides.new));
    let name =
        |format: &Option<(Pointer, &str)>| format.as_ref().map(|(_, name)| (*name).to_owned());
    let (before, after) = (name(&was), name(&is));
    if before == after {
        return;
    }
    // Numbers in JSON are read as doubles.
    let is_double = matches!(
        (before.as_deref(), after.as_deref()),
        (Some("double"), None) | (None, Some("double"))
    );
    let constrains = |name: &Option<String>| {
        name.as_deref()
            .filter(|name| !HINTS.contains(name) && !is_double)
            .map(str::to_owned)
    };
    let check = match (constrains(&before), constrains(&after)) {
        (None, None) => &checks::FORMAT_HINT_CHANGED,
        (None, Some(_)) => &checks::FORMAT_ADDED,
        (Some(_), None) => &checks::FORMAT_REMOVED,
        (Some(before), Some(after)) if is_wider(&before, &after) => &checks::FORMAT_WIDENED,
        (Some(before), Some(after)) if is_wider(&after, &before) => &checks::FORMAT_NARROWED,
        (Some(_), Some(_)) => &checks::FORMAT_CHANGED,
    };
    let shown = |name: Option<String>| name.map_or("none".to_owned(), |name| format!("`{name}`"));
    let what = format!(
        "the format of {} changed from {} to {}",
        sides.label,
        shown(before),
        shown(after)
    );
    let pointer = |format: Option<(Pointer, &str)>| format.map(|(pointer, _)| pointer);
    // Where the bounds of the values are those of the other format, that format restricts nothing.
    let is_within = |view: &View<'_>, format: &Option<(Pointer, &str)>| {
        let range = format.as_ref().and_then(|(_, name)| integer_range(name));
        let bounds = [view.number_bound(true), view.number_bound(false)];
        matches!((range, bounds), (Some((least, most)), [Some((_, lower, _)), Some((_, upper, _))])
            if kind == "number" && lower >= least && upper <= most)
    };
    let is_idle = [is_within(sides.old, &is), is_within(sides.new, &was)];
    let mixed = includes(&sides.old.types, kind) != includes(&sides.new.types, kind);
    let found = sides.find(check, what, pointer(was), pointer(is));
    let [request, response] = [check.request, check.response];
    found.verdicts = match is_idle {
        [false, false] => None,
        [true, false] => Some([Verdict::Neutral, response]),
        [false, true] => Some([request, Verdict::Neutral]),
        [true, true] => Some([Verdict::Neutral; 2]),
    };
    if mixed && check == &checks::FORMAT_ADDED {
        // Values of another type have no such format.
        found.verdicts = Some([Verdict::Breaking, check.response]);
    }
}

/// Compares numbers and booleans that are written as strings with strings.
fn strings(sides: &mut Sides<'_, '_>) {
    let is_string = [sides.old, sides.new].map(|view| includes(&view.types, "string"));
    let is_scalar = [sides.old, sides.new].map(|view| {
        let types = view.types.as_ref();
        types.is_some_and(|types| types.iter().any(|name| is_scalar(name)))
    });
    if is_string[0] == is_string[1] || is_scalar != [true; 2] {
        return;
    }
    let lists = [sides.old, sides.new].map(View::scalars);
    let [scalars, strings] = match is_string[1] {
        true => [&lists[0], &lists[1]],
        false => [&lists[1], &lists[0]],
    };
    let restricting = if is_string[1] { sides.new } else { sides.old };
    let is_within = scalars.as_ref().is_some_and(|values| {
        let bound = |name, lower| restricting.count_bound(name, lower).map(|(_, bound)| bound);
        let (least, most) = (bound("minLength", true), bound("maxLength", false));
        values.iter().all(|(_, value)| {
            let length = plain(value).chars().count() as f64;
            least.is_none_or(|least| length >= least) && most.is_none_or(|most| length <= most)
        })
    });
    if strings.is_some() || is_within && restricting.string_patterns().is_empty() {
        return;
    }
    format(sides, "string");
    patterns(sides);
    for (keyword, lower) in [("minLength", true), ("maxLength", false)] {
        counts(sides, keyword, lower);
    }
}

/// True if `wide` has all values of `narrow`.
fn is_wider(narrow: &str, wide: &str) -> bool {
    let mut steps = WIDER.iter().filter(|(before, _)| *before == narrow);
    steps.any(|(_, after)| *after == wide || is_wider(after, wide))
}

/// Compares the enumerations of each type, or in plain text, where all scalars are strings, of all
/// scalars.
fn enumerations(sides: &mut Sides<'_, '_>, kinds: &[&str]) {
    if sides.form.is_text() {
        let (old, new) = match (sides.old.listed_strings(), sides.new.listed_strings()) {
            (Some(old), Some(new)) => (Some(old), Some(new)),
            _ => (sides.old.scalars(), sides.new.scalars()),
        };
        match (&old, &new) {
            (None, None) => {}
            (Some(values), None) | (None, Some(values)) => {
                let other = if old.is_some() { sides.new } else { sides.old };
                let strange: Values<'_> = values
                    .iter()
                    .filter(|(_, value)| !accepts(other, &plain(value)))
                    .cloned()
                    .collect();
                let (removed, added) = match old.is_some() {
                    true => (strange, Vec::new()),
                    false => (Vec::new(), strange),
                };
                listed_values(sides, &removed, &added);
                return enumeration(sides, old, new);
            }
            _ => return enumeration(sides, old, new),
        }
    }
    for kind in kinds {
        let (old, new) = (sides.old.enumeration(kind), sides.new.enumeration(kind));
        enumeration(sides, old, new);
    }
}

/// True if a view has a string among its strings, apart from bounds.
fn accepts(view: &View<'_>, text: &str) -> bool {
    ["string", "number", "boolean"].into_iter().any(|kind| {
        let Some(values) = view.enumeration(kind) else {
            let is_integral = view
                .types
                .as_ref()
                .is_some_and(|types| !types.contains("number"));
            return includes(&view.types, kind)
                && match kind {
                    "string" => true,
                    "boolean" => ["true", "false"].contains(&text),
                    _ if is_integral => text.parse::<i64>().is_ok(),
                    _ => text.parse::<f64>().is_ok(),
                };
        };
        values.iter().any(|(_, value)| plain(value) == text)
    })
}

fn enumeration(sides: &mut Sides<'_, '_>, old: Option<Values<'_>>, new: Option<Values<'_>>) {
    let label = sides.label.clone();
    match (old, new) {
        (None, None) => {}
        (None, Some(values)) => {
            let what = format!("{label} is now restricted to {}", listed(&values));
            sides.find(&checks::ENUM_INTRODUCED, what, None, list_of(&values));
        }
        (Some(values), None) => {
            let what = format!("{label} is no longer restricted to {}", listed(&values));
            sides.find(&checks::ENUM_LIFTED, what, list_of(&values), None);
        }
        (Some(before), Some(after)) => listed_values(sides, &before, &after),
    }
}

/// Compares the values of two lists.
fn listed_values(sides: &mut Sides<'_, '_>, before: &Values<'_>, after: &Values<'_>) {
    let label = sides.label.clone();
    let is_text = sides.form.is_text();
    let same = |a: &Value, b: &Value| is_same(a, b) || is_text && plain(a) == plain(b);
    let has = |list: &Values<'_>, value: &Value| list.iter().any(|(_, other)| same(other, value));
    for (pointer, value) in after {
        if !has(before, value) {
            let what = format!("the value `{}` of {label} was added", plain(value));
            let pointer = Some(pointer.clone());
            sides.find(&checks::ENUM_VALUE_ADDED, what, None, pointer);
        }
    }
    for (pointer, value) in before {
        if !has(after, value) {
            let what = format!("the value `{}` of {label} was removed", plain(value));
            let pointer = Some(pointer.clone());
            sides.find(&checks::ENUM_VALUE_REMOVED, what, pointer, None);
        }
    }
}

/// Compares the lists of known values that may grow (`x-extensible-enum`).
fn extensible(sides: &mut Sides<'_, '_>) {
    fn values<'a>(view: &View<'a>) -> Option<Values<'a>> {
        let nodes = view.keyword("x-extensible-enum")?.elements().into_iter();
        Some(nodes.map(|node| (node.pointer, node.value)).collect())
    }
    let (Some(before), Some(after)) = (values(sides.old), values(sides.new)) else {
        return;
    };
    listed_values(sides, &before, &after);
}

/// The location of the list of some values.
fn list_of(values: &Values<'_>) -> Option<Pointer> {
    let (pointer, _) = values.first()?;
    match pointer.as_str().contains("/enum/") {
        true => pointer.parent(),
        false => Some(pointer.clone()),
    }
}

/// The values in reports: the first few of them.
fn listed(values: &Values<'_>) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = values
        .iter()
        .take(SHOWN)
        .map(|(_, value)| format!("`{}`", plain(value)))
        .collect();
    match values.len() {
        0 => "no values".to_owned(),
        count if count > SHOWN => format!("{} and {} more", shown.join(", "), count - SHOWN),
        _ => shown.join(", "),
    }
}

fn patterns(sides: &mut Sides<'_, '_>) {
    let (before, after) = (sides.old.string_patterns(), sides.new.string_patterns());
    if before.keys().eq(after.keys()) {
        return;
    }
    let has_all = |these: &BTreeSet<&String>, those: &BTreeSet<&String>| those.is_subset(these);
    let (was, is): (BTreeSet<_>, BTreeSet<_>) = (before.keys().collect(), after.keys().collect());
    // More patterns match fewer strings.
    let check = match (has_all(&is, &was), has_all(&was, &is)) {
        (true, _) => &checks::PATTERN_ADDED,
        (_, true) => &checks::PATTERN_REMOVED,
        _ => &checks::PATTERN_CHANGED,
    };
    let shown = |patterns: &BTreeSet<&String>| match patterns.is_empty() {
        true => "none".to_owned(),
        false => {
            let quoted = patterns.iter().map(|pattern| format!("`{pattern}`"));
            quoted.collect::<Vec<_>>().join(" and ")
        }
    };
    let what = format!(
        "the pattern of {} changed from {} to {}",
        sides.label,
        shown(&was),
        shown(&is)
    );
    let mut added = is.difference(&was);
    let was_not_empty = sides.old.count_bound("minLength", true).is_some();
    // Strings that were not empty must now have a character that is not a line break.
    let is_narrow = check == &checks::PATTERN_ADDED
        && was_not_empty
        && added.all(|pattern| not_empty(pattern).is_some());
    let place =
        |patterns: std::collections::BTreeMap<String, Pointer>| patterns.into_values().next();
    let found = sides.find(check, what, place(before), place(after));
    if is_narrow {
        found.verdicts = Some([Verdict::MayBreak, check.response]);
    }
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
    // A format of integers is also a bound, and its change is reported.
    let least = |view: &View<'_>| {
        let format = view.format("number");
        let range = format.and_then(|(_, name)| integer_range(name));
        let least = range.map_or(
            f64::NEG_INFINITY,
            |(least, most)| if lower { least } else { -most },
        );
        (least, false)
    };
    let closer = tighter(
        (closeness(&was), least(sides.old)),
        (closeness(&is), least(sides.new)),
    );
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
        closer,
    );
}

pub(super) fn counts(sides: &mut Sides<'_, '_>, keyword: &str, lower: bool) {
    let was = sides.old.count_bound(keyword, lower);
    let is = sides.new.count_bound(keyword, lower);
    let closeness = |bound: &Option<(Pointer, f64)>| match bound {
        None => f64::NEG_INFINITY,
        Some((_, bound)) if lower => *bound,
        Some((_, bound)) => -bound,
    };
    let is_text = sides.form.is_text();
    // A pattern that requires a character is also a bound, and its change is reported.
    let least = |view: &View<'_>| match keyword {
        "minLength" if view.not_empty(NotEmpty::InLine).is_some() => 1.0,
        // Numbers and booleans are not empty.
        "minLength" if is_text && !includes(&view.types, "string") => 1.0,
        "minProperties" => view.least_properties() as f64,
        _ => f64::NEG_INFINITY,
    };
    let closer = tighter(
        (closeness(&was), least(sides.old)),
        (closeness(&is), least(sides.new)),
    );
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

/// How a bound changed. Each side has its bound, and the bound that another keyword implies.
fn tighter<T: PartialOrd>((before, old): (T, T), (after, new): (T, T)) -> Option<Ordering> {
    match (
        after > before && after > old,
        before > after && before > new,
    ) {
        (true, _) => Some(Ordering::Greater),
        (_, true) => Some(Ordering::Less),
        _ => None,
    }
}

/// Adds a finding for a bound that became tighter or looser.
fn bound(
    sides: &mut Sides<'_, '_>,
    which: &str,
    (was, is): (Option<Pointer>, Option<Pointer>),
    (before, after): (String, String),
    closer: Option<Ordering>,
) {
    let check = match closer {
        Some(Ordering::Greater) => &checks::BOUND_TIGHTENED,
        Some(Ordering::Less) => &checks::BOUND_LOOSENED,
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
    let divides = |step: f64, number: f64| (number / step).fract() == 0.0;
    let step_of = |view: &View<'_>| {
        let is_whole = view
            .types
            .as_ref()
            .is_some_and(|types| !types.contains("number"));
        // Every integer is a multiple of 1.
        step(view.keyword("multipleOf")).filter(|(_, step)| !is_whole || !divides(*step, 1.0))
    };
    let (was, is) = (step_of(sides.old), step_of(sides.new));
    let values = (&was, &is);
    let closer = match values {
        (None, None) => return,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some((_, before)), Some((_, after))) if before == after => return,
        (Some((_, before)), Some((_, after))) if divides(*before, *after) => Ordering::Greater,
        (Some((_, before)), Some((_, after))) if divides(*after, *before) => Ordering::Less,
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
