//! Compares objects and arrays: properties, additional properties, items.

use std::collections::BTreeSet;

use openapi_document::{Direction, Pointer};

use super::catalogue::{self as checks, Check, Verdict};
use super::lifecycle;
use super::model::Subject;
use super::notation;
use super::pairs::{Only, Sides, Step};
use super::schemas::{Null, Schemas, pointer_of};
use super::source::{Node, Source};
use super::view::{Additional, View};

impl<'a> Schemas<'a> {
    /// Compares the properties of two objects.
    pub(super) fn properties(&mut self, pair: usize, sides: &mut Sides<'_, 'a>) {
        let (old, new) = (sides.old, sides.new);
        for (name, nodes) in &new.properties {
            let view = View::of(self.new, nodes);
            let Some(before) = old.properties.get(name) else {
                let is_required = new.required.contains_key(name);
                let (check, how) = match is_required {
                    true => (&checks::REQUIRED_PROPERTY_ADDED, "required property"),
                    false => (&checks::PROPERTY_ADDED, "property"),
                };
                let (verdicts, because) = self.addition(sides, &view, nodes, check);
                let what = format!("the {how} {} was added{because}", sides.property(name));
                let found = sides.find(check, what, None, pointer_of(nodes));
                found.only = one_way(&view);
                found.verdicts = verdicts;
                found
                    .subjects
                    .push(Subject::Property(pair, (*name).to_owned()));
                continue;
            };
            let view_before = View::of(self.old, before);
            let only = Only::common(one_way(&view_before), one_way(&view));
            let is_optional = !old.required.contains_key(name) && !new.required.contains_key(name);
            let step = Step::Property((*name).to_owned());
            self.edge(pair, step, only, is_optional, before, nodes);
            self.flags(pair, sides, name, (&view_before, &view));
            self.required(pair, sides, name, only);
        }
        for (name, nodes) in &old.properties {
            if !new.properties.contains_key(name) {
                self.removed(pair, sides, name, nodes);
            }
        }
        // A schema may require properties that it does not describe.
        let undescribed: BTreeSet<&str> = old
            .required
            .keys()
            .chain(new.required.keys())
            .copied()
            .filter(|name| !old.properties.contains_key(name) && !new.properties.contains_key(name))
            .collect();
        for name in undescribed {
            self.required(pair, sides, name, Only::Both);
        }
    }

    /// The verdicts on a property that was added, and the end of the sentence about it, if the property
    /// had other values before: those of additional properties.
    fn addition(
        &self,
        sides: &Sides<'_, 'a>,
        view: &View<'a>,
        nodes: &[Node<'a>],
        check: &'static Check,
    ) -> (Option<[Verdict; 2]>, &'static str) {
        let weight = |is_wrong: bool, otherwise: Verdict| match is_wrong {
            true => Verdict::Breaking,
            false => otherwise,
        };
        if is_never(view) {
            let is_open = !matches!(sides.old.additional, Additional::Closed(_));
            let verdicts = [weight(is_open, check.request), Verdict::Neutral];
            return (Some(verdicts), ", and no value matches it");
        }
        let Additional::Typed(before) = &sides.old.additional else {
            return (None, "");
        };
        let form = sides.form.inside_property();
        if self.is_trial {
            return (None, "");
        }
        let is_wrong = [
            !self.is_within(before, nodes, (form, Null::Here)),
            !self.is_around(before, nodes, (form, Null::Here)),
        ];
        let verdicts = [
            weight(is_wrong[0], check.request),
            weight(is_wrong[1], check.response),
        ];
        match is_wrong {
            [false, false] => (None, ""),
            _ => (
                Some(verdicts),
                ", which had the schema of additional properties before",
            ),
        }
    }

    /// True if requests with a property that was removed are rejected: `None` if that is not known.
    fn is_refused(&self, sides: &Sides<'_, 'a>, nodes: &[Node<'a>]) -> Option<bool> {
        match &sides.new.additional {
            Additional::Closed(_) => Some(true),
            // By the schema it is an additional property like others.
            Additional::Open => self.is_by_schema.then_some(false),
            Additional::Typed(after) if !self.is_trial => {
                let form = sides.form.inside_property();
                (!self.is_within(nodes, after, (form, Null::Here))).then_some(true)
            }
            Additional::Typed(_) => None,
        }
    }

    fn removed(&self, pair: usize, sides: &mut Sides<'_, 'a>, name: &str, nodes: &[Node<'a>]) {
        let view = View::of(self.old, nodes);
        if is_never(&view) {
            let what = format!("the property {} was removed", sides.property(name));
            let found = sides.find(&checks::PROPERTY_REMOVED, what, pointer_of(nodes), None);
            found.verdicts = Some([Verdict::Additive, Verdict::Neutral]);
            return;
        }
        let weight = |is_certain: bool| match is_certain {
            true => Verdict::Breaking,
            false => Verdict::MayBreak,
        };
        let verdicts = [
            match self.is_refused(sides, nodes) {
                Some(false) => Verdict::Additive,
                refused => weight(refused.is_some()),
            },
            weight(sides.old.required.contains_key(name)),
        ];
        let (verdicts, because) =
            lifecycle::removal(&|name| view.keyword(name), verdicts, self.policy);
        let what = format!("the property {} was removed{because}", sides.property(name));
        let found = sides.find(&checks::PROPERTY_REMOVED, what, pointer_of(nodes), None);
        found.only = one_way(&view);
        found.verdicts = Some(verdicts);
        found
            .subjects
            .push(Subject::Property(pair, name.to_owned()));
    }

    /// Compares `readOnly` and `writeOnly` of a property.
    fn flags(
        &self,
        pair: usize,
        sides: &mut Sides<'_, 'a>,
        name: &str,
        (old, new): (&View<'a>, &View<'a>),
    ) {
        for (keyword, set, cleared) in [
            (
                "readOnly",
                &checks::BECAME_READ_ONLY,
                &checks::NO_LONGER_READ_ONLY,
            ),
            (
                "writeOnly",
                &checks::BECAME_WRITE_ONLY,
                &checks::NO_LONGER_WRITE_ONLY,
            ),
        ] {
            let was = old.flag(keyword).map(|node| node.pointer);
            let is = new.flag(keyword).map(|node| node.pointer);
            let (check, how) = match (&was, &is) {
                (None, Some(_)) => (set, "became"),
                (Some(_), None) => (cleared, "is no longer"),
                _ => continue,
            };
            let required = sides.new.required.contains_key(name);
            let also = match required && is.is_none() && keyword == "readOnly" {
                true => ", and requests must contain it",
                false => "",
            };
            let what = format!("{} {how} `{keyword}`{also}", sides.property(name));
            let place = |view: &View<'_>| pointer_of(view.properties.get(name)?);
            let was = was.or_else(|| place(sides.old));
            let is = is.or_else(|| place(sides.new));
            let found = sides.find(check, what, was, is);
            if !also.is_empty() {
                found.verdicts = Some([Verdict::Breaking, check.response]);
            }
            found
                .subjects
                .push(Subject::Property(pair, name.to_owned()));
        }
    }

    fn required(&self, pair: usize, sides: &mut Sides<'_, 'a>, name: &str, only: Only) {
        let was = sides.old.required.get(name).cloned();
        let is = sides.new.required.get(name).cloned();
        let (check, how) = match (&was, &is) {
            (None, Some(_)) => (&checks::PROPERTY_BECAME_REQUIRED, "became required"),
            (Some(_), None) => (&checks::PROPERTY_BECAME_OPTIONAL, "became optional"),
            _ => return,
        };
        let what = format!("the property {} {how}", sides.property(name));
        let found = sides.find(check, what, was, is);
        match only {
            Only::Both => {}
            Only::One(only) => found.only = Some(only),
            Only::Neither => found.verdicts = Some([Verdict::Neutral; 2]),
        }
        found
            .subjects
            .push(Subject::Property(pair, name.to_owned()));
    }

    /// Compares the additional properties of two objects.
    pub(super) fn additional(&mut self, pair: usize, sides: &mut Sides<'_, 'a>) {
        let label = sides.label.clone();
        let (check, how, was, is) = match (&sides.old.additional, &sides.new.additional) {
            (Additional::Typed(old), Additional::Typed(new)) => {
                return self.child(pair, Step::Inside, old, new);
            }
            (Additional::Open, Additional::Open)
            | (Additional::Closed(_), Additional::Closed(_)) => return,
            (was, Additional::Closed(is)) => (
                &checks::ADDITIONAL_REFUSED,
                "no longer allows additional properties",
                was.place(),
                Some(is.clone()),
            ),
            (Additional::Closed(was), is) => (
                &checks::ADDITIONAL_ALLOWED,
                "now allows additional properties",
                Some(was.clone()),
                is.place(),
            ),
            (Additional::Open, Additional::Typed(is)) => (
                &checks::ADDITIONAL_TYPED,
                "now has a schema for additional properties",
                None,
                pointer_of(is),
            ),
            (Additional::Typed(was), Additional::Open) => (
                &checks::ADDITIONAL_UNTYPED,
                "no longer has a schema for additional properties",
                pointer_of(was),
                None,
            ),
        };
        sides.find(check, format!("{label} {how}"), was, is);
    }

    /// Compares the schemas of properties whose names match a pattern. Where one side lacks the pattern,
    /// these are additional properties.
    pub(super) fn patterns(&mut self, pair: usize, sides: &mut Sides<'_, 'a>) {
        let (old, new) = (sides.old, sides.new);
        let label = sides.label.clone();
        let is_anything = |source: Source<'a>, nodes: &[Node<'a>]| {
            let mut nodes = nodes.iter();
            nodes.all(|node| notation::is_anything(source.follow(node.clone()).value))
        };
        for (pattern, nodes) in &new.patterns {
            let (check, how) = match (old.patterns.get(pattern), &old.additional) {
                (Some(before), _) | (None, Additional::Typed(before)) => {
                    self.child(pair, Step::Inside, before, nodes);
                    continue;
                }
                (None, Additional::Open) if is_anything(self.new, nodes) => continue,
                (None, Additional::Open) => {
                    (&checks::ADDITIONAL_TYPED, "now has a schema for properties")
                }
                (None, Additional::Closed(_)) => {
                    (&checks::ADDITIONAL_ALLOWED, "now allows properties")
                }
            };
            let what = format!("{label} {how} whose names match `{pattern}`");
            sides.find(check, what, None, pointer_of(nodes));
        }
        for (pattern, nodes) in &old.patterns {
            let (check, how) = match (new.patterns.get(pattern), &new.additional) {
                (Some(_), _) => continue,
                (None, Additional::Typed(after)) => {
                    self.child(pair, Step::Inside, nodes, after);
                    continue;
                }
                (None, Additional::Open) if is_anything(self.old, nodes) => continue,
                (None, Additional::Open) => (
                    &checks::ADDITIONAL_UNTYPED,
                    "no longer has a schema for properties",
                ),
                (None, Additional::Closed(_)) => {
                    (&checks::ADDITIONAL_REFUSED, "no longer allows properties")
                }
            };
            let what = format!("{label} {how} whose names match `{pattern}`");
            sides.find(check, what, pointer_of(nodes), None);
        }
    }

    /// Compares the items of two arrays.
    pub(super) fn items(&mut self, pair: usize, sides: &mut Sides<'_, 'a>) {
        let (old, new) = (&sides.old.items, &sides.new.items);
        let (check, how) = match (old.is_empty(), new.is_empty()) {
            (true, true) => return,
            (false, false) => return self.child(pair, Step::Inside, old, new),
            (true, false) => (&checks::TYPE_NARROWED, "now have a schema"),
            (false, true) => (&checks::TYPE_WIDENED, "no longer have a schema"),
        };
        let what = format!("the items of {} {how}", sides.label);
        sides.find(check, what, pointer_of(old), pointer_of(new));
    }
}

impl Additional<'_> {
    fn place(&self) -> Option<Pointer> {
        match self {
            Self::Open => None,
            Self::Closed(place) => Some(place.clone()),
            Self::Typed(nodes) => pointer_of(nodes),
        }
    }
}

/// True if no value matches.
fn is_never(view: &View<'_>) -> bool {
    view.types.as_ref().is_some_and(BTreeSet::is_empty)
}

/// The only direction of a value, if it is `readOnly` or `writeOnly`.
fn one_way(view: &View<'_>) -> Option<Direction> {
    match (view.flag("readOnly"), view.flag("writeOnly")) {
        (Some(_), None) => Some(Direction::Response),
        (None, Some(_)) => Some(Direction::Request),
        _ => None,
    }
}
