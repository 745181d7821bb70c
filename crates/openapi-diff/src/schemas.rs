//! Compares schemas in pairs. Each pair is compared once, even if several operations use it.
//!
//! The pairs form a graph. Its edges lead from a schema to the schemas of its properties, items and
//! alternatives; its roots are parameters, request bodies and responses. After the comparison, a
//! walk from each root records the operations and directions in which the values of each pair are
//! sent.

use std::collections::{HashMap, HashSet};

use openapi_document::{Direction, Pointer};

use super::catalogue::{self as checks, Verdict};
use super::facets;
use super::label::label;
use super::lifecycle::{self, Lookup};
use super::model::{Finding, Subject, Use};
use super::notation::is_annotation;
use super::pairs::{Edge, Form, Only, Pair, Sides, Step};
use super::policy::Policy;
use super::source::{Node, Source};
use super::values::plain;
use super::view::View;

/// All pairs of schemas reached so far.
pub(super) struct Schemas<'a> {
    pub(super) old: Source<'a>,
    pub(super) new: Source<'a>,
    pub(super) policy: &'a Policy,
    pub(super) pairs: Vec<Pair>,
    /// The form of the values of each pair.
    forms: Vec<Form>,
    index: HashMap<Key, usize>,
    waiting: Vec<Waiting<'a>>,
    /// True while it is found out how one schema differs from another.
    pub(super) is_trial: bool,
    /// True if a property that a schema does not describe is an additional property like others.
    pub(super) is_by_schema: bool,
}

/// The identities of the nodes of a pair, the form of its values, and where null is compared.
type Key = (Vec<usize>, Vec<usize>, Form, Null);

/// Where null is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Null {
    /// Where the schemas are.
    Here,
    /// At the alternatives that one of the schemas belongs to.
    Outside,
}

/// A pair that is still to be compared.
struct Waiting<'a> {
    pair: usize,
    old: Vec<Node<'a>>,
    new: Vec<Node<'a>>,
    null: Null,
    /// The locations that refer to the schemas.
    at: [Pointer; 2],
}

impl<'a> Schemas<'a> {
    pub(super) fn new(old: Source<'a>, new: Source<'a>, policy: &'a Policy) -> Self {
        Self {
            old,
            new,
            policy,
            pairs: Vec::new(),
            forms: Vec::new(),
            index: HashMap::new(),
            waiting: Vec::new(),
            is_trial: false,
            is_by_schema: false,
        }
    }

    /// Compares two schemas, and all schemas that they refer to. Call [`Schemas::travels`] later to
    /// record where the pair is used.
    pub(super) fn compare(&mut self, old: &[Node<'a>], new: &[Node<'a>], form: Form) -> usize {
        self.compare_all(old, new, form, Null::Here)
    }

    fn compare_all(&mut self, old: &[Node<'a>], new: &[Node<'a>], form: Form, null: Null) -> usize {
        let pair = self.pair(old, new, form, null);
        while let Some(waiting) = self.waiting.pop() {
            self.compare_pair(&waiting);
        }
        pair
    }

    /// The pair of two schemas. A new pair is queued for comparison.
    fn pair(&mut self, old: &[Node<'a>], new: &[Node<'a>], form: Form, null: Null) -> usize {
        let at = [old, new].map(|nodes| {
            let first = nodes.first().map(|node| node.pointer.clone());
            first.unwrap_or_default()
        });
        let target = |source: Source<'a>, node: &Node<'a>| match node.value.as_object() {
            // A schema with only a `$ref` is the schema that it refers to.
            Some(keywords) if keywords.len() == 1 || !source.is_modern => {
                source.follow(node.clone())
            }
            _ => node.clone(),
        };
        let old: Vec<_> = old.iter().map(|node| target(self.old, node)).collect();
        let new: Vec<_> = new.iter().map(|node| target(self.new, node)).collect();
        let identities = |nodes: &[Node<'_>]| nodes.iter().map(Node::identity).collect::<Vec<_>>();
        let key = (identities(&old), identities(&new), form, null);
        if let Some(pair) = self.index.get(&key) {
            return *pair;
        }
        let places = |source: Source<'a>, nodes: &[Node<'a>], at: &Pointer| {
            let nodes = nodes.iter();
            let mut places: Vec<Pointer> = nodes.flat_map(|node| names_of(source, node)).collect();
            places.push(at.clone());
            places.dedup();
            places
        };
        let pair = self.pairs.len();
        self.pairs.push(Pair {
            places: [
                places(self.old, &old, &at[0]),
                places(self.new, &new, &at[1]),
            ],
            edges: Vec::new(),
            findings: Vec::new(),
        });
        self.forms.push(form);
        self.index.insert(key, pair);
        self.waiting.push(Waiting {
            pair,
            old,
            new,
            null,
            at,
        });
        pair
    }

    fn compare_pair(&mut self, waiting: &Waiting<'a>) {
        let pair = waiting.pair;
        let (mut old, mut new) = (
            View::of(self.old, &waiting.old),
            View::of(self.new, &waiting.new),
        );
        if waiting.null == Null::Outside {
            old.nullable = None;
            new.nullable = None;
        }
        // Alternatives are compared with alternatives.
        let is_apart = old.is_merged && !new.alternatives.is_empty()
            || new.is_merged && !old.alternatives.is_empty();
        if is_apart && old.is_merged {
            old = old.apart(self.old);
        }
        if is_apart && new.is_merged {
            new = new.apart(self.new);
        }
        // Changes that two components have in common are reported at the components; other changes are
        // reported at the location that refers to them.
        let shared = [&old, &new]
            .into_iter()
            .all(|view| is_component(&view.place));
        let at = match shared {
            true => [old.place.clone(), new.place.clone()],
            false => waiting.at.clone(),
        };
        let mut sides = Sides {
            label: label(self.new.root, &at[1]),
            old: &old,
            new: &new,
            form: self.forms[pair],
            at,
            findings: Vec::new(),
        };
        self.remarks(&mut sides);
        if self.alternatives(pair, &mut sides) && !self.repeated(pair, &mut sides) {
            self.contents(pair, &mut sides);
        }
        self.pairs[pair].findings = sides.findings;
    }

    /// Compares everything but remarks and alternatives.
    fn contents(&mut self, pair: usize, sides: &mut Sides<'_, 'a>) {
        // The content of a file has many notations.
        if sides.form.is_field() && is_raw(sides.old) && is_raw(sides.new) {
            return;
        }
        let kinds = facets::types(sides);
        // Where any value became a value of some types, or the reverse, nothing else is comparable.
        let any = [sides.old, sides.new].map(|view| view.types.is_none());
        let open = [sides.old, sides.new].map(View::is_anything);
        if any[0] != any[1] && open[0] != open[1] {
            return;
        }
        facets::compare(sides, &kinds);
        self.constraints(pair, sides, &kinds);
        if kinds.contains(&"object") {
            self.properties(pair, sides);
            self.additional(pair, sides);
            self.patterns(pair, sides);
        }
        if kinds.contains(&"array") {
            self.items(pair, sides);
        }
    }

    /// Compares one value with a list of such values, where a list is serialized as several values.
    fn repeated(&mut self, pair: usize, sides: &mut Sides<'_, 'a>) -> bool {
        let Form::Text { repeats: true, .. } = sides.form else {
            return false;
        };
        let is_list = |view: &View<'_>| {
            view.types
                .as_ref()
                .is_some_and(|types| types.iter().eq(["array"].iter()))
        };
        let is_scalar = |view: &View<'_>| {
            let types = view.types.as_ref();
            types.is_some_and(|types| types.iter().all(|name| facets::is_scalar(name)))
        };
        let (check, how) = match (sides.old, sides.new) {
            (old, new) if is_scalar(old) && is_list(new) => {
                (&checks::TYPE_WIDENED, "one value to a list of values")
            }
            (old, new) if is_list(old) && is_scalar(new) => {
                (&checks::TYPE_NARROWED, "a list of values to one value")
            }
            _ => return false,
        };
        let place = |view: &View<'_>| view.keyword("type").map(|node| node.pointer);
        let (was, is) = (place(sides.old), place(sides.new));
        let what = format!("{} changed from {how}", sides.label);
        sides.find(check, what, was, is);
        // One value is a list of one value.
        if sides
            .new
            .count_bound("minItems", true)
            .is_some_and(|(_, least)| least > 1.0)
        {
            facets::counts(sides, "minItems", true);
        }
        let (old, new) = match is_list(sides.new) {
            true => (sides.old.nodes(), sides.new.items.clone()),
            false => (sides.old.items.clone(), sides.new.nodes()),
        };
        if !old.is_empty() && !new.is_empty() {
            self.child(pair, Step::Inside, &old, &new);
        }
        true
    }

    /// Compares what does not restrict values: extensions, the life cycle, descriptions.
    fn remarks(&self, sides: &mut Sides<'_, 'a>) {
        let (old, new) = (sides.old, sides.new);
        let lookup = Lookup {
            old: &|name| old.keyword(name),
            new: &|name| new.keyword(name),
        };
        for change in lifecycle::compare(&lookup, &sides.label, &lifecycle::OF_SCHEMAS, self.policy)
        {
            let found = sides.find(change.check, change.what, change.old, change.new);
            found.verdicts = change.verdicts;
        }
        sides.whole("x-rust-type", &checks::EXTENSION_CHANGED);
        if self.old.is_modern && self.new.is_modern {
            sides.whole("nullable", &checks::EXTENSION_CHANGED);
        }
        for keyword in ["title", "description", "example", "examples"] {
            sides.whole(keyword, &checks::TEXT_CHANGED);
        }
        let places = [old, new].map(|view| view.keyword("default"));
        default(sides, places);
    }

    pub(super) fn child(&mut self, parent: usize, step: Step, old: &[Node<'a>], new: &[Node<'a>]) {
        self.edge(parent, step, Only::Both, false, old, new);
    }

    pub(super) fn edge(
        &mut self,
        parent: usize,
        step: Step,
        only: Only,
        has_default: bool,
        old: &[Node<'a>],
        new: &[Node<'a>],
    ) {
        let form = self.forms[parent].inside(&step);
        let child = self.pair(old, new, form, Null::Here);
        self.link(parent, child, step, only, has_default);
    }

    /// Compares a schema with one of the alternatives that the other schema has.
    pub(super) fn alternative(&mut self, parent: usize, old: &[Node<'a>], new: &[Node<'a>]) {
        let form = self.forms[parent].inside(&Step::Inside);
        let child = self.pair(old, new, form, Null::Outside);
        self.link(parent, child, Step::Inside, Only::Both, false);
    }

    fn link(&mut self, parent: usize, child: usize, step: Step, only: Only, has_default: bool) {
        self.pairs[parent].edges.push(Edge {
            child,
            step,
            only,
            has_default,
        });
    }

    /// Records that the values of a pair, and of all pairs that it refers to, are sent in an
    /// operation. `has_default` is true if the default of the pair itself applies.
    pub(super) fn travels(
        &mut self,
        pair: usize,
        operation: usize,
        direction: Direction,
        has_default: bool,
    ) {
        let used: Use = (operation, Some(direction));
        let mut seen = HashSet::from([pair]);
        let mut waiting = vec![pair];
        if has_default {
            self.defaults_apply(pair, used);
        }
        while let Some(pair) = waiting.pop() {
            for finding in &mut self.pairs[pair].findings {
                if finding.only.is_none_or(|only| only == direction) && !is_default(finding) {
                    finding.uses.insert(used);
                }
            }
            for index in 0..self.pairs[pair].edges.len() {
                let edge = &self.pairs[pair].edges[index];
                if !edge.only.has(direction) {
                    continue;
                }
                let child = edge.child;
                if edge.has_default {
                    self.defaults_apply(child, used);
                }
                if seen.insert(child) {
                    waiting.push(child);
                }
            }
        }
    }

    fn defaults_apply(&mut self, pair: usize, used: Use) {
        let findings = self.pairs[pair].findings.iter_mut();
        for finding in findings.filter(|finding| is_default(finding)) {
            finding.uses.insert(used);
        }
    }

    /// The findings of all schemas whose values are sent.
    pub(super) fn take_findings(&mut self) -> Vec<Finding> {
        let mut all = Vec::new();
        for (index, pair) in self.pairs.iter_mut().enumerate() {
            for mut finding in std::mem::take(&mut pair.findings) {
                if finding.uses.is_empty() {
                    continue;
                }
                if finding.subjects.is_empty() {
                    finding.subjects.push(Subject::Schema(index));
                }
                all.push(finding);
            }
        }
        all
    }

    /// True if all old values are new values: a request that matches the old schema matches the new
    /// one. Alternatives inside alternatives are not tried.
    pub(super) fn is_within(&self, old: &[Node<'a>], new: &[Node<'a>], form: (Form, Null)) -> bool {
        is_within((self.old, old), (self.new, new), self.policy, form)
    }

    /// True if all values of the `inner` schema of the old document are values of the `outer` one.
    pub(super) fn has_all(&self, inner: &[Node<'a>], outer: &[Node<'a>], form: Form) -> bool {
        let form = (form, Null::Here);
        is_within((self.old, inner), (self.old, outer), self.policy, form)
    }

    /// True if all new values are old values.
    pub(super) fn is_around(&self, old: &[Node<'a>], new: &[Node<'a>], form: (Form, Null)) -> bool {
        is_within((self.new, new), (self.old, old), self.policy, form)
    }

    /// True if the `new` schema instead of the `old` one would break nothing in this direction.
    pub(super) fn is_compatible(
        &self,
        old: &[Node<'a>],
        new: &[Node<'a>],
        form: (Form, Null),
        direction: Direction,
    ) -> bool {
        let trial = Schemas::new(self.old, self.new, self.policy);
        trial.breaks_nothing(old, new, form, direction)
    }

    fn breaks_nothing(
        mut self,
        old: &[Node<'a>],
        new: &[Node<'a>],
        (form, null): (Form, Null),
        direction: Direction,
    ) -> bool {
        self.is_trial = true;
        let root = self.compare_all(old, new, form, null);
        self.travels(root, 0, direction, false);
        let findings = self.take_findings();
        findings
            .iter()
            .all(|finding| finding.verdict(direction) < Verdict::MayBreak)
    }
}

/// True if all values of the `inner` schema are values of the `outer` one.
fn is_within<'a>(
    inner: (Source<'a>, &[Node<'a>]),
    outer: (Source<'a>, &[Node<'a>]),
    policy: &'a Policy,
    form: (Form, Null),
) -> bool {
    let mut trial = Schemas::new(inner.0, outer.0, policy);
    trial.is_by_schema = true;
    trial.breaks_nothing(inner.1, outer.1, form, Direction::Request)
}

fn is_default(finding: &Finding) -> bool {
    [
        &checks::DEFAULT_ADDED,
        &checks::DEFAULT_REMOVED,
        &checks::DEFAULT_CHANGED,
    ]
    .contains(&finding.check)
}

fn default(sides: &mut Sides<'_, '_>, [was, is]: [Option<Node<'_>>; 2]) {
    let value = |node: &Option<Node<'_>>| node.as_ref().map(|node| node.value.clone());
    if value(&was) == value(&is) {
        return;
    }
    let check = match (&was, &is) {
        (None, _) => &checks::DEFAULT_ADDED,
        (_, None) => &checks::DEFAULT_REMOVED,
        _ => &checks::DEFAULT_CHANGED,
    };
    let shown = |node: &Option<Node<'_>>| match node {
        None => "none".to_owned(),
        Some(node) => format!("`{}`", plain(node.value)),
    };
    let label = &sides.label;
    let what = format!(
        "the default of {label} changed from {} to {}",
        shown(&was),
        shown(&is)
    );
    let pointer = |node: Option<Node<'_>>| node.map(|node| node.pointer);
    sides.find(check, what, pointer(was), pointer(is));
}

/// The locations of a schema: its own, and those of the schemas that it is an alias of, also with a
/// description or with `nullable`.
fn names_of<'a>(source: Source<'a>, node: &Node<'a>) -> Vec<Pointer> {
    let mut names = vec![node.pointer.clone()];
    let mut node = node.clone();
    // References can be circular.
    while let Some(next) = another_name(source, &node) {
        if names.contains(&next.pointer) {
            break;
        }
        names.push(next.pointer.clone());
        node = next;
    }
    names
}

/// The schema that `node` is an alias of.
fn another_name<'a>(source: Source<'a>, node: &Node<'a>) -> Option<Node<'a>> {
    let keywords = node.value.as_object()?;
    let is_other = |name: &String| {
        let is_notation = ["$ref", "allOf", "nullable"].contains(&name.as_str());
        !is_notation && !is_annotation(name)
    };
    if keywords.keys().any(is_other) {
        return None;
    }
    if let Some(target) = source.target(node) {
        return Some(target);
    }
    match node.items("allOf").as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

pub(super) fn pointer_of(nodes: &[Node<'_>]) -> Option<Pointer> {
    nodes.first().map(|node| node.pointer.clone())
}

/// True if a schema describes bytes: with `format: binary`, its equivalent of OpenAPI 3.1, or not at all.
pub(super) fn is_raw(view: &View<'_>) -> bool {
    let is_binary = |view: &View<'_>| {
        let format = view.format("string");
        format.is_some_and(|(_, name)| name == "binary")
            || view.keyword("contentMediaType").is_some()
    };
    let is_text = view
        .types
        .as_ref()
        .is_none_or(|types| types.iter().eq(["string"].iter()));
    view.alternatives.is_empty() && is_text && (is_binary(view) || view.is_anything())
}

/// True if the location is that of a component.
pub(super) fn is_component(place: &Pointer) -> bool {
    let name = place.as_str().strip_prefix("/components/schemas/");
    name.is_some_and(|name| !name.contains('/'))
}
