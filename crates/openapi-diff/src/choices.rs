//! Compares the alternatives of `oneOf` and `anyOf`, and their discriminators.

use std::collections::BTreeMap;

use openapi_document::{Direction, Pointer};
use serde_json::Value;

use super::catalogue::{self as checks, Verdict};
use super::facets::{self, covers};
use super::label::label;
use super::pairs::{Form, Sides, Step};
use super::schemas::{Null, Schemas};
use super::source::{Node, Source};
use super::view::{Additional, View};

impl<'a> Schemas<'a> {
    /// Compares the alternatives. Returns true if the rest of the schemas can also be compared.
    pub(super) fn alternatives(&mut self, pair: usize, sides: &mut Sides<'_, 'a>) -> bool {
        let (old, new) = (sides.old, sides.new);
        match (old.alternatives.is_empty(), new.alternatives.is_empty()) {
            (true, true) => {
                self.discriminator(sides, &[]);
                true
            }
            (false, false) => {
                self.matched(pair, sides);
                true
            }
            (true, false) => self.introduced(pair, sides, true),
            (false, true) => self.introduced(pair, sides, false),
        }
    }

    fn matched(&mut self, pair: usize, sides: &mut Sides<'_, 'a>) {
        let (old, new) = (sides.old, sides.new);
        let is_tagged = is_tagged(self.old, old);
        let by_position = !is_tagged && !is_tagged_now(self.new, new);
        let (matched, removed, added) = match_alternatives(
            (self.old, &old.alternatives),
            (self.new, &new.alternatives),
            by_position,
        );
        for (before, after) in &matched {
            let (before, after) = (std::slice::from_ref(before), std::slice::from_ref(after));
            self.child(pair, Step::Inside, before, after);
        }
        let form = (sides.form, Null::Here);
        // True if an alternative of both sides has all values of one that only one side has. A component is
        // a separate alternative even then, because its name has a meaning.
        let is_part = |schemas: &Self, node: &Node<'a>, direction: Direction| {
            let is_component = node.property("$ref").is_some();
            let node = std::slice::from_ref(node);
            let mut matched = matched.iter();
            !(schemas.is_trial || is_component)
                && matched.any(|(before, after)| {
                    let (old, new) = match direction {
                        Direction::Request => (node, std::slice::from_ref(after)),
                        Direction::Response => (std::slice::from_ref(before), node),
                    };
                    schemas.is_compatible(old, new, form, direction)
                })
        };
        for node in removed {
            let what = format!(
                "the alternative {} of {} was removed",
                shape(self.old, &node),
                sides.label
            );
            let is_part = is_part(self, &node, Direction::Request);
            let place = Some(node.pointer);
            let found = sides.find(&checks::ALTERNATIVE_REMOVED, what, place, None);
            found.verdicts = is_part.then_some([Verdict::Additive, Verdict::Neutral]);
        }
        for node in added {
            let what = format!(
                "the alternative {} of {} was added",
                shape(self.new, &node),
                sides.label
            );
            // A value that matched exactly one known alternative must not also match the new one.
            let view = View::of(self.new, std::slice::from_ref(&node));
            let collides = new.alternatives_keyword == "oneOf"
                && !is_tagged
                && matched.iter().any(|(before, after)| {
                    if self.is_redundant(before, &old.alternatives, sides.form) {
                        return false;
                    }
                    let before = View::of(self.old, std::slice::from_ref(before));
                    let known = View::of(self.new, std::slice::from_ref(after));
                    !is_disjoint((self.old, &before), (self.new, &view))
                        && !is_disjoint((self.new, &known), (self.new, &view))
                });
            let is_part = is_part(self, &node, Direction::Response);
            let place = Some(node.pointer);
            let found = sides.find(&checks::ALTERNATIVE_ADDED, what, None, place);
            let request = match collides {
                true => Verdict::MayBreak,
                false => Verdict::Additive,
            };
            // The client keeps unknown values of a tag.
            // Alternatives without types only restrict what both documents describe beside them.
            let is_bound = view.types.is_none() && !old.properties.is_empty();
            let response = match is_tagged || is_part || is_bound {
                true => Verdict::Additive,
                false => Verdict::Breaking,
            };
            found.verdicts = Some([request, response]);
        }
        self.discriminator(sides, &matched);
        self.combination(sides, is_tagged);
    }

    /// True if every value of an alternative also matches another one.
    fn is_redundant(&self, alternative: &Node<'a>, all: &[Node<'a>], form: Form) -> bool {
        let identity = |node: &Node<'a>| self.old.follow(node.clone()).identity();
        let this = std::slice::from_ref(alternative);
        let mut others = all
            .iter()
            .filter(|other| identity(other) != identity(alternative));
        !self.is_trial && others.any(|other| self.has_all(this, std::slice::from_ref(other), form))
    }

    /// Compares the keywords of the alternatives. They are equivalent if no value matches two
    /// alternatives.
    fn combination(&self, sides: &mut Sides<'_, 'a>, is_tagged: bool) {
        let (old, new) = (sides.old, sides.new);
        let keywords = (old.alternatives_keyword, new.alternatives_keyword);
        let is_exclusive = || !overlap(self.old, old) && !overlap(self.new, new);
        if keywords.0 == keywords.1 || is_tagged || is_exclusive() {
            return;
        }
        let check = match keywords.1 {
            "oneOf" => &checks::ALTERNATIVES_EXCLUSIVE,
            _ => &checks::ALTERNATIVES_COMBINABLE,
        };
        let what = format!(
            "the alternatives of {} changed from `{}` to `{}`",
            sides.label, keywords.0, keywords.1
        );
        let place = |node: Option<Node<'_>>| node.map(|node| node.pointer);
        let was = place(old.keyword(keywords.0));
        let is = place(new.keyword(keywords.1));
        sides.find(check, what, was, is);
    }

    /// Only one side has alternatives. The other side may equal one of them, or allow the values of
    /// all.
    fn introduced(&mut self, pair: usize, sides: &mut Sides<'_, 'a>, is_introduced: bool) -> bool {
        let (old, new) = (sides.old, sides.new);
        let (plain, several, source, plain_source) = match is_introduced {
            true => (old, new, self.new, self.old),
            false => (new, old, self.old, self.new),
        };
        let keyword = several.keyword(several.alternatives_keyword);
        let place = keyword.map(|node| node.pointer);
        let (was, is) = match is_introduced {
            true => (None, place),
            false => (place, None),
        };
        let label = sides.label.clone();
        let is_typed = several.types.is_some() && !covers(&several.types, &plain.types, false);
        if !several.properties.is_empty() || is_typed {
            // The alternatives restrict what both sides describe.
            let (check, how) = match is_introduced {
                true => (&checks::CONSTRAINT_ADDED, "was added"),
                false => (&checks::CONSTRAINT_LIFTED, "was removed"),
            };
            let what = format!("`{}` of {label} {how}", several.alternatives_keyword);
            sides.find(check, what, was, is);
            return true;
        }
        for (name, node) in several.own_constraints() {
            let is_same = match name {
                "required" => several
                    .required
                    .keys()
                    .all(|name| plain.required.contains_key(name)),
                _ => plain
                    .keyword(name)
                    .is_some_and(|other| other.value == node.value),
            };
            if is_same {
                continue;
            }
            let place = Some(node.pointer);
            let (check, how, was, is) = match is_introduced {
                true => (&checks::CONSTRAINT_ADDED, "added", None, place),
                false => (&checks::CONSTRAINT_LIFTED, "removed", place, None),
            };
            let what = format!("`{name}` beside the alternatives of {label} was {how}");
            sides.find(check, what, was, is);
        }
        let form = (sides.form, Null::Outside);
        let nodes = plain.nodes();
        let branch_views: Vec<View<'a>> = several
            .alternatives
            .iter()
            .map(|node| View::of(source, std::slice::from_ref(node)))
            .collect();
        let of_alternatives = branch_views.iter().find_map(|view| {
            let inside = view.has_nullable_alternative.then(|| view.place.clone());
            view.nullable.clone().or(inside)
        });
        let of_alternatives = several.nullable.clone().or(of_alternatives);
        if plain.types.is_some() {
            let null = (plain.nullable.clone(), of_alternatives);
            let (was, is) = match is_introduced {
                true => null,
                false => (null.1, null.0),
            };
            facets::null(sides, was, is);
        }
        // Only one level of alternatives is tried, because trials inside of trials have no end.
        let is_trial = self.is_trial;
        let within = |branch: &Node<'a>| match is_introduced {
            _ if is_trial => false,
            true => self.is_within(&nodes, std::slice::from_ref(branch), form),
            false => self.is_around(std::slice::from_ref(branch), &nodes, form),
        };
        let around = |branch: &Node<'a>| match is_introduced {
            _ if is_trial => false,
            true => self.is_around(&nodes, std::slice::from_ref(branch), form),
            false => self.is_within(std::slice::from_ref(branch), &nodes, form),
        };
        let signature = plain.signature();
        let branches = || several.alternatives.iter().enumerate();
        // If several alternatives allow all values, the one that is most similar to the schema is its
        // counterpart.
        let mut fitting = branches().filter(|(_, branch)| within(branch));
        let alike = |(index, _): &(usize, &Node<'a>)| branch_views[*index].signature() == signature;
        let fits = match fitting.next() {
            Some(first) if alike(&first) => Some(first),
            Some(first) => Some(fitting.find(alike).unwrap_or(first)),
            None => None,
        };
        let fits = fits.map(|(index, _)| index);
        let has_all = several.alternatives.iter().all(around);
        let looks_like = || {
            branch_views
                .iter()
                .position(|view| view.signature() == signature)
        };
        let Some(branch) = fits.or_else(|| (!has_all).then(looks_like).flatten()) else {
            let (check, how) = match (has_all, is_introduced) {
                (false, _) => (&checks::TYPE_CHANGED, "changed its type"),
                (true, true) => (&checks::TYPE_NARROWED, "is now restricted to alternatives"),
                (true, false) => (
                    &checks::TYPE_WIDENED,
                    "is no longer restricted to alternatives",
                ),
            };
            sides.find(check, format!("{label} {how}"), was, is);
            return false;
        };
        let are_read = !is_trial
            && several.alternatives.iter().all(|branch| {
                let branch = std::slice::from_ref(branch);
                self.is_compatible(&nodes, branch, form, Direction::Response)
            });
        let collides = several.alternatives_keyword == "oneOf"
            && !is_tagged(source, several)
            && branch_views.iter().enumerate().any(|(index, view)| {
                index != branch && !is_disjoint((plain_source, plain), (source, view))
            });
        if !(has_all && fits.is_some() && !collides) {
            let (check, how) = match (is_introduced, collides) {
                (true, true) => (
                    &checks::ALTERNATIVES_OVERLAP,
                    "now has several alternatives, and a value can match more than one",
                ),
                (true, false) => (
                    &checks::ALTERNATIVES_INTRODUCED,
                    "now has several alternatives",
                ),
                (false, _) => (
                    &checks::ALTERNATIVES_DISSOLVED,
                    "no longer has several alternatives",
                ),
            };
            let found = sides.find(check, format!("{label} {how}"), was, is);
            // All values of the alternatives were known, or remain.
            if !is_introduced && has_all {
                found.verdicts = Some([Verdict::Additive, Verdict::Neutral]);
            } else if is_introduced && are_read {
                found.verdicts = Some([found.check.request, Verdict::Additive]);
            }
        }
        let branch = std::slice::from_ref(&several.alternatives[branch]);
        match is_introduced {
            true => self.alternative(pair, &nodes, branch),
            false => self.alternative(pair, branch, &nodes),
        }
        false
    }

    /// Compares the discriminators: the property, and the alternative that each value selects.
    fn discriminator(&self, sides: &mut Sides<'_, 'a>, matched: &[(Node<'a>, Node<'a>)]) {
        let (was, is) = (
            sides.old.keyword("discriminator"),
            sides.new.keyword("discriminator"),
        );
        let label = sides.label.clone();
        let pointer = |node: &Option<Node<'_>>| node.as_ref().map(|node| node.pointer.clone());
        let places = (pointer(&was), pointer(&is));
        let (before, after) = match (was, is) {
            (None, None) => return,
            (None, Some(_)) => {
                let what = format!("a discriminator was added to {label}");
                sides.find(&checks::DISCRIMINATOR_ADDED, what, places.0, places.1);
                return;
            }
            (Some(_), None) => {
                let what = format!("the discriminator of {label} was removed");
                sides.find(&checks::DISCRIMINATOR_REMOVED, what, places.0, places.1);
                return;
            }
            (Some(before), Some(after)) => (before, after),
        };
        let property = |node: &Node<'a>| node.string("propertyName").unwrap_or_default();
        if property(&before) != property(&after) {
            let what = format!(
                "the discriminator of {label} changed from `{}` to `{}`",
                property(&before),
                property(&after)
            );
            sides.find(&checks::DISCRIMINATOR_CHANGED, what, places.0, places.1);
            return;
        }
        let old = selected(self.old, &before, &sides.old.alternatives);
        let new = selected(self.new, &after, &sides.new.alternatives);
        let identity = |source: Source<'a>, node: &Node<'a>| source.follow(node.clone()).identity();
        let counterpart = |target: &Node<'a>| {
            let target = target.identity();
            let mut matched = matched.iter();
            matched
                .find(|(before, _)| identity(self.old, before) == target)
                .map(|(_, after)| identity(self.new, after))
        };
        let is_known = |target: &Node<'a>| {
            let mut matched = matched.iter();
            matched.any(|(_, after)| identity(self.new, after) == target.identity())
        };
        for (value, target) in &old {
            let Some(expected) = counterpart(target) else {
                continue;
            };
            match new.get(value) {
                Some(now) if now.identity() == expected => {}
                Some(now) => {
                    let what = format!(
                        "the value `{value}` of the discriminator of {label} selects {} instead of {}",
                        shape(self.new, now),
                        shape(self.old, target)
                    );
                    let places = (entry(&before, value), entry(&after, value));
                    sides.find(&checks::DISCRIMINATOR_CHANGED, what, places.0, places.1);
                }
                None => {
                    let what =
                        format!("the value `{value}` of the discriminator of {label} was removed");
                    let places = (entry(&before, value), None);
                    sides.find(
                        &checks::DISCRIMINATOR_VALUE_REMOVED,
                        what,
                        places.0,
                        places.1,
                    );
                }
            }
        }
        for (value, target) in &new {
            if !old.contains_key(value) && is_known(target) {
                let what = format!("the value `{value}` of the discriminator of {label} was added");
                let places = (None, entry(&after, value));
                sides.find(&checks::DISCRIMINATOR_VALUE_ADDED, what, places.0, places.1);
            }
        }
    }
}

/// The location of a value in the mapping of a discriminator, or of the discriminator.
fn entry(discriminator: &Node<'_>, value: &str) -> Option<Pointer> {
    let mapping = discriminator.property("mapping");
    let entry = mapping.and_then(|mapping| mapping.property(value));
    Some(entry.map_or(discriminator.pointer.clone(), |entry| entry.pointer))
}

/// The alternative that each value of a discriminator selects. An alternative without a value in the
/// mapping is selected by the name of its component.
fn selected<'a>(
    source: Source<'a>,
    discriminator: &Node<'a>,
    alternatives: &[Node<'a>],
) -> BTreeMap<String, Node<'a>> {
    let mut selected = BTreeMap::new();
    for (value, target) in discriminator.properties("mapping") {
        let Some(text) = target.value.as_str() else {
            continue;
        };
        let pointer = Pointer::parse(text).filter(|_| text.starts_with('#'));
        let pointer = pointer.unwrap_or_else(|| Pointer::of(["components", "schemas", text]));
        if let Some(value_of) = pointer.get(source.root) {
            let node = Node {
                pointer,
                value: value_of,
            };
            selected.insert(value.to_owned(), source.follow(node));
        }
    }
    for alternative in alternatives {
        let target = source.follow(alternative.clone());
        let is_mapped = selected
            .values()
            .any(|node| node.identity() == target.identity());
        if let (false, Some(name)) = (is_mapped, target.pointer.tokens().last()) {
            selected.insert(name, target);
        }
    }
    selected
}

/// True if a property of the alternatives determines which of them a value matches.
fn is_tagged<'a>(source: Source<'a>, view: &View<'a>) -> bool {
    if view.keyword("discriminator").is_some() {
        return true;
    }
    is_tagged_now(source, view)
}

/// True if each alternative lists other values for one property.
fn is_tagged_now<'a>(source: Source<'a>, view: &View<'a>) -> bool {
    let branches: Vec<View<'a>> = view
        .alternatives
        .iter()
        .map(|node| View::of(source, std::slice::from_ref(node)))
        .collect();
    let Some((first, rest)) = branches.split_first() else {
        return false;
    };
    first.properties.keys().any(|name| {
        let values = |branch: &View<'a>| {
            View::of(source, branch.properties.get(name)?).enumeration("string")
        };
        let mut seen = Vec::new();
        std::iter::once(first).chain(rest).all(|branch| {
            let Some(values) = values(branch) else {
                return false;
            };
            values.into_iter().all(|(_, value)| {
                let is_new = !seen.contains(&value);
                seen.push(value);
                is_new
            })
        })
    })
}

/// True if a value can match two of the alternatives.
fn overlap<'a>(source: Source<'a>, view: &View<'a>) -> bool {
    let branches: Vec<View<'a>> = view
        .alternatives
        .iter()
        .map(|node| View::of(source, std::slice::from_ref(node)))
        .collect();
    let mut pairs = branches.iter().enumerate().flat_map(|(index, first)| {
        branches[index + 1..]
            .iter()
            .map(move |second| (first, second))
    });
    pairs.any(|(first, second)| !is_disjoint((source, first), (source, second)))
}

/// True if it is certain that no value matches both schemas.
fn is_disjoint<'a, 'b>(
    (a_source, a): (Source<'a>, &View<'a>),
    (b_source, b): (Source<'b>, &View<'b>),
) -> bool {
    if let (Some(a), Some(b)) = (&a.types, &b.types) {
        let one = |name: &'a str| Some([name].into_iter().collect());
        let shares = |name: &&'a str| {
            covers(&Some(b.clone()), &one(name), false)
                || *name == "number" && b.contains("integer")
        };
        if !a.iter().any(shares) {
            return true;
        }
        if a.len() > 1 || b.len() > 1 {
            return false;
        }
    }
    for kind in ["string", "number"] {
        if let (Some(a), Some(b)) = (a.enumeration(kind), b.enumeration(kind))
            && !a.is_empty()
            && a.iter()
                .all(|(_, value)| b.iter().all(|(_, other)| value != other))
        {
            return true;
        }
    }
    let lacks =
        |closed: &Additional<'_>, known: bool| matches!(closed, Additional::Closed(_)) && !known;
    let foreign = a
        .required
        .keys()
        .any(|name| lacks(&b.additional, b.properties.contains_key(name)))
        || b.required
            .keys()
            .any(|name| lacks(&a.additional, a.properties.contains_key(name)));
    if foreign {
        return true;
    }
    // A property that both require, with values that they do not share.
    a.required.keys().any(|name| {
        let (Some(ours), Some(theirs)) = (a.properties.get(name), b.properties.get(name)) else {
            return false;
        };
        let (ours, theirs) = (View::of(a_source, ours), View::of(b_source, theirs));
        let is_scalar = |view: &View<'_>| view.properties.is_empty();
        b.required.contains_key(name)
            && is_scalar(&ours)
            && is_scalar(&theirs)
            && is_disjoint((a_source, &ours), (b_source, &theirs))
    })
}

/// The name of an alternative in reports.
fn shape<'a>(source: Source<'a>, node: &Node<'a>) -> String {
    label(source.root, &source.follow(node.clone()).pointer)
}

/// An alternative with the criteria for matching it.
struct Alternative<'a> {
    node: Node<'a>,
    /// The schema after its references.
    schema: &'a Value,
    looks: String,
    name: String,
}

/// The matched alternatives, the removed ones and the added ones.
type Matched<'a> = (Vec<(Node<'a>, Node<'a>)>, Vec<Node<'a>>, Vec<Node<'a>>);

/// Matches alternatives. In order: equal schema, if possible with an equal name; equal signature, if possible with
/// an equal name; equal name; and finally position if equally many are left and `by_position` is true.
fn match_alternatives<'a>(
    (old_source, old): (Source<'a>, &[Node<'a>]),
    (new_source, new): (Source<'a>, &[Node<'a>]),
    by_position: bool,
) -> Matched<'a> {
    let described = |source: Source<'a>, nodes: &[Node<'a>]| -> Vec<Alternative<'a>> {
        let nodes = nodes.iter();
        nodes
            .map(|node| Alternative {
                name: shape(source, node),
                looks: View::of(source, std::slice::from_ref(node)).signature(),
                schema: source.follow(node.clone()).value,
                node: node.clone(),
            })
            .collect()
    };
    let mut old = described(old_source, old);
    let mut new = described(new_source, new);
    let mut matched = Vec::new();
    let rules: [fn(&Alternative<'_>, &Alternative<'_>) -> bool; 5] = [
        |a, b| a.schema == b.schema && a.name == b.name,
        |a, b| a.schema == b.schema,
        |a, b| a.looks == b.looks && a.name == b.name,
        |a, b| a.looks == b.looks,
        |a, b| a.name == b.name,
    ];
    for same in rules {
        old.retain(
            |before| match new.iter().position(|after| same(before, after)) {
                Some(index) => {
                    matched.push((before.node.clone(), new.remove(index).node));
                    false
                }
                None => true,
            },
        );
    }
    let left = |list: Vec<Alternative<'a>>| -> Vec<Node<'a>> {
        list.into_iter().map(|left| left.node).collect()
    };
    let (old, new) = (left(old), left(new));
    if by_position && old.len() == new.len() {
        matched.extend(old.into_iter().zip(new));
        return (matched, Vec::new(), Vec::new());
    }
    (matched, old, new)
}
