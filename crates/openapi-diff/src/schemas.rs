//! Compares schemas in pairs. Each pair is compared once, however many operations use it.
//!
//! The pairs form a graph. Its edges lead from a schema to the schemas of its properties, items and
//! alternatives; its roots are parameters, request bodies and responses. After the comparison, a
//! walk from each root records the operations and directions in which the values of each pair are
//! sent.

use std::collections::{BTreeMap, HashMap, HashSet};

use openapi_document::{Direction, Pointer};
use serde_json::Value;

use super::catalogue::{self as checks, Check};
use super::facets;
use super::label::label;
use super::model::{Finding, Names, Place, Use};
use super::source::{Node, Source};
use super::view::{Additional, View};
use client_codegen::naming::{pascal, snake};

/// All pairs of schemas reached so far.
pub(super) struct Schemas<'a> {
    old: Source<'a>,
    new: Source<'a>,
    pairs: Vec<Pair>,
    index: HashMap<(Vec<usize>, Vec<usize>), usize>,
    waiting: Vec<(usize, Vec<Node<'a>>, Vec<Node<'a>>)>,
}

/// A schema of the old document and its counterpart in the new one.
struct Pair {
    /// Possible names of the type in the client.
    names: Vec<String>,
    parents: Vec<(Parent, Step)>,
    children: Vec<(usize, Option<Direction>)>,
    findings: Vec<Finding>,
}

/// The parent of a pair.
#[derive(Clone)]
enum Parent {
    Pair(usize),
    Root(Root),
}

/// How a parent refers to a pair.
#[derive(Clone)]
enum Step {
    /// As the property of this name.
    Property(String),
    /// As an item, an additional property or an alternative, which have no names.
    Inside,
}

/// Where an operation refers to a schema.
#[derive(Debug, Clone)]
pub(super) enum Root {
    /// As the parameter of this name.
    Parameter(String),
    /// As its request body.
    Body,
    /// As a response or a response header.
    Response,
}

/// Both sides of a comparison of two views.
pub(super) struct Sides<'v, 'a> {
    pub(super) old: &'v View<'a>,
    pub(super) new: &'v View<'a>,
    /// The name of the schema in reports.
    pub(super) label: String,
    findings: Vec<Finding>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(old: Source<'a>, new: Source<'a>) -> Self {
        Self {
            old,
            new,
            pairs: Vec::new(),
            index: HashMap::new(),
            waiting: Vec::new(),
        }
    }

    /// Compares the schemas at a root of the operation `rust_name`, and all schemas that they refer
    /// to. Call [`Schemas::travels`] later to record where the pair is used.
    pub(super) fn compare(
        &mut self,
        rust_name: &str,
        root: Root,
        old: Node<'a>,
        new: Node<'a>,
    ) -> usize {
        let suffix = match &root {
            Root::Parameter(name) => pascal(name),
            Root::Body => "Body".to_owned(),
            Root::Response => "Response".to_owned(),
        };
        let name = format!("{}{suffix}", pascal(rust_name));
        let pair = self.pair(vec![old], vec![new], vec![name]);
        self.pairs[pair]
            .parents
            .push((Parent::Root(root), Step::Inside));
        while let Some((pair, old, new)) = self.waiting.pop() {
            self.compare_pair(pair, &old, &new);
        }
        pair
    }

    /// The pair of two schemas. A new pair is queued for comparison.
    fn pair(&mut self, old: Vec<Node<'a>>, new: Vec<Node<'a>>, names: Vec<String>) -> usize {
        let target = |source: Source<'a>, node: Node<'a>| match node.value.as_object() {
            // A schema with only a `$ref` is the schema that it refers to.
            Some(properties) if properties.len() == 1 || !source.siblings_count => {
                source.follow(node)
            }
            _ => node,
        };
        let old: Vec<_> = old.into_iter().map(|node| target(self.old, node)).collect();
        let new: Vec<_> = new.into_iter().map(|node| target(self.new, node)).collect();
        let identities = |nodes: &[Node<'_>]| nodes.iter().map(Node::identity).collect::<Vec<_>>();
        let key = (identities(&old), identities(&new));
        if let Some(pair) = self.index.get(&key) {
            return *pair;
        }
        let mut components: Vec<String> = [(self.old, &old), (self.new, &new)]
            .into_iter()
            .flat_map(|(source, nodes)| nodes.iter().map(move |node| source.follow(node.clone())))
            .filter_map(|node| component(&node.pointer))
            .collect();
        components.dedup();
        let pair = self.pairs.len();
        self.pairs.push(Pair {
            names: if components.is_empty() {
                names
            } else {
                components
            },
            parents: Vec::new(),
            children: Vec::new(),
            findings: Vec::new(),
        });
        self.index.insert(key, pair);
        self.waiting.push((pair, old, new));
        pair
    }

    fn compare_pair(&mut self, pair: usize, old: &[Node<'a>], new: &[Node<'a>]) {
        let (old, new) = (View::of(self.old, old), View::of(self.new, new));
        let mut sides = Sides {
            label: label(self.new.root, &new.place),
            old: &old,
            new: &new,
            findings: Vec::new(),
        };
        let alike = self.alternatives(pair, &mut sides) && facets::types(&mut sides);
        facets::remarks(&mut sides);
        if alike {
            facets::compare(&mut sides);
            facets::others(&mut sides, self.old, self.new);
            self.properties(pair, &mut sides);
            self.additional(pair, &mut sides);
            self.items(pair, &mut sides);
        }
        self.pairs[pair].findings = sides.findings;
    }

    fn child(
        &mut self,
        parent: usize,
        step: Step,
        only: Option<Direction>,
        old: &[Node<'a>],
        new: &[Node<'a>],
    ) {
        let suffix = match &step {
            Step::Property(name) => pascal(name),
            Step::Inside => "Item".to_owned(),
        };
        let names = self.pairs[parent].names.iter();
        let names = names.map(|name| format!("{name}{suffix}")).collect();
        let child = self.pair(old.to_vec(), new.to_vec(), names);
        self.pairs[parent].children.push((child, only));
        self.pairs[child].parents.push((Parent::Pair(parent), step));
    }

    fn properties(&mut self, pair: usize, sides: &mut Sides<'_, 'a>) {
        let (old, new) = (sides.old, sides.new);
        for (name, nodes) in &new.properties {
            let travels = one_way(self.new, nodes);
            match old.properties.get(name) {
                Some(before) => {
                    let before_travels = one_way(self.old, before);
                    let only = travels.filter(|_| travels == before_travels);
                    self.child(
                        pair,
                        Step::Property((*name).to_owned()),
                        only,
                        before,
                        nodes,
                    );
                    self.required(sides, name, only);
                }
                None => {
                    let (check, how) = match new.required.contains_key(name) {
                        true => (&checks::REQUIRED_PROPERTY_ADDED, "required property"),
                        false => (&checks::PROPERTY_ADDED, "property"),
                    };
                    let what = format!("the {how} {} was added", sides.property(name));
                    let found = sides.find(check, what, None, pointer_of(nodes));
                    found.only = travels;
                    found.names.variant = Some(snake(name));
                }
            }
        }
        for (name, nodes) in &old.properties {
            if !new.properties.contains_key(name) {
                let what = format!("the property {} was removed", sides.property(name));
                let found = sides.find(&checks::PROPERTY_REMOVED, what, pointer_of(nodes), None);
                found.only = one_way(self.old, nodes);
                found.names.variant = Some(snake(name));
            }
        }
        // A schema may require properties that it does not describe.
        let undescribed = old.required.keys().chain(new.required.keys());
        let undescribed: HashSet<&str> = undescribed
            .copied()
            .filter(|name| !old.properties.contains_key(name) && !new.properties.contains_key(name))
            .collect();
        for name in undescribed {
            self.required(sides, name, None);
        }
    }

    fn required(&self, sides: &mut Sides<'_, 'a>, name: &str, only: Option<Direction>) {
        let was = sides.old.required.get(name).cloned();
        let is = sides.new.required.get(name).cloned();
        let (check, how) = match (&was, &is) {
            (None, Some(_)) => (&checks::PROPERTY_BECAME_REQUIRED, "became required"),
            (Some(_), None) => (&checks::PROPERTY_BECAME_OPTIONAL, "became optional"),
            _ => return,
        };
        let what = format!("the property {} {how}", sides.property(name));
        let found = sides.find(check, what, was, is);
        found.only = only;
        found.names.variant = Some(snake(name));
    }

    fn additional(&mut self, pair: usize, sides: &mut Sides<'_, 'a>) {
        let label = sides.label.clone();
        let (check, how, was, is) = match (&sides.old.additional, &sides.new.additional) {
            (Additional::Typed(old), Additional::Typed(new)) => {
                return self.child(pair, Step::Inside, None, old, new);
            }
            (Additional::Open, Additional::Open)
            | (Additional::Closed(_), Additional::Closed(_)) => {
                return;
            }
            (Additional::Open, Additional::Closed(is)) => (
                &checks::ADDITIONAL_REFUSED,
                "no longer allows additional properties",
                None,
                Some(is.clone()),
            ),
            (Additional::Typed(was), Additional::Closed(is)) => (
                &checks::ADDITIONAL_REFUSED,
                "no longer allows additional properties",
                pointer_of(was),
                Some(is.clone()),
            ),
            (Additional::Closed(was), Additional::Open) => (
                &checks::ADDITIONAL_ALLOWED,
                "now allows additional properties",
                Some(was.clone()),
                None,
            ),
            (Additional::Closed(was), Additional::Typed(is)) => (
                &checks::ADDITIONAL_ALLOWED,
                "now allows additional properties",
                Some(was.clone()),
                pointer_of(is),
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

    fn items(&mut self, pair: usize, sides: &mut Sides<'_, 'a>) {
        let (old, new) = (&sides.old.items, &sides.new.items);
        let (check, how) = match (old.is_empty(), new.is_empty()) {
            (true, true) => return,
            (false, false) => return self.child(pair, Step::Inside, None, old, new),
            (true, false) => (&checks::TYPE_NARROWED, "now have a schema"),
            (false, true) => (&checks::TYPE_WIDENED, "no longer have a schema"),
        };
        let what = format!("the items of {} {how}", sides.label);
        sides.find(check, what, pointer_of(old), pointer_of(new));
    }

    /// Compares the alternatives. Returns true if the rest of the schemas can be compared, too.
    fn alternatives(&mut self, pair: usize, sides: &mut Sides<'_, 'a>) -> bool {
        let (old, new) = (&sides.old.alternatives, &sides.new.alternatives);
        match (old.is_empty(), new.is_empty()) {
            (true, true) => return true,
            (false, false) => {}
            (true, false) => return self.introduced(pair, sides, true),
            (false, true) => return self.introduced(pair, sides, false),
        }
        let (matched, gone, come) = match_alternatives((self.old, old), (self.new, new));
        for (before, after) in matched {
            self.child(pair, Step::Inside, None, &[before], &[after]);
        }
        for node in gone {
            let what = format!(
                "the alternative {} of {} was removed",
                shape(self.old, &node),
                sides.label
            );
            sides.find(&checks::ALTERNATIVE_REMOVED, what, Some(node.pointer), None);
        }
        for node in come {
            let what = format!(
                "the alternative {} of {} was added",
                shape(self.new, &node),
                sides.label
            );
            sides.find(&checks::ALTERNATIVE_ADDED, what, None, Some(node.pointer));
        }
        let keywords = (
            sides.old.alternatives_keyword,
            sides.new.alternatives_keyword,
        );
        if keywords.0 != keywords.1 {
            let check = match keywords.1 {
                "oneOf" => &checks::ALTERNATIVES_EXCLUSIVE,
                _ => &checks::ALTERNATIVES_COMBINABLE,
            };
            let what = format!(
                "the alternatives of {} changed from `{}` to `{}`",
                sides.label, keywords.0, keywords.1
            );
            let place = |node: Option<Node<'_>>| node.map(|node| node.pointer);
            let was = place(sides.old.keyword(keywords.0));
            let is = place(sides.new.keyword(keywords.1));
            sides.find(check, what, was, is);
        }
        true
    }

    /// Only one side has alternatives. The other side may be equal to one of them.
    fn introduced(&mut self, pair: usize, sides: &mut Sides<'_, 'a>, introduced: bool) -> bool {
        let (old, new) = (sides.old, sides.new);
        let (plain, several, source) = match introduced {
            true => (old, new, self.new),
            false => (new, old, self.old),
        };
        let keyword = several.keyword(several.alternatives_keyword);
        let place = keyword.map(|node| node.pointer);
        let (was, is) = match introduced {
            true => (None, place),
            false => (place, None),
        };
        if !several.properties.is_empty() {
            // The alternatives only extend what both sides describe.
            let what = format!("the alternatives of {} changed", sides.label);
            sides.find(&checks::CONSTRAINT_CHANGED, what, was, is);
            return true;
        }
        let signature = plain.signature();
        let same = several
            .alternatives
            .iter()
            .find(|node| View::of(source, std::slice::from_ref(*node)).signature() == signature);
        let (check, how) = match (same, introduced) {
            (None, _) => (&checks::TYPE_CHANGED, "changed its type"),
            (Some(_), true) => (
                &checks::ALTERNATIVES_INTRODUCED,
                "now has several alternatives",
            ),
            (Some(_), false) => (
                &checks::ALTERNATIVES_DISSOLVED,
                "no longer has several alternatives",
            ),
        };
        let what = format!("{} {how}", sides.label);
        sides.find(check, what, was, is);
        if let Some(branch) = same {
            let plain = plain.nodes();
            let branch = std::slice::from_ref(branch);
            match introduced {
                true => self.child(pair, Step::Inside, None, &plain, branch),
                false => self.child(pair, Step::Inside, None, branch, &plain),
            }
        }
        false
    }

    /// Records that the values of a pair, and of all pairs that it refers to, are sent in an
    /// operation.
    pub(super) fn travels(&mut self, pair: usize, operation: usize, direction: Direction) {
        let mut seen = HashSet::from([pair]);
        let mut waiting = vec![pair];
        while let Some(pair) = waiting.pop() {
            let here = &mut self.pairs[pair];
            for finding in &mut here.findings {
                if finding.only.is_none_or(|only| only == direction) {
                    let used: Use = (operation, Some(direction));
                    finding.uses.insert(used);
                }
            }
            for (child, only) in &here.children {
                if only.is_none_or(|only| only == direction) && seen.insert(*child) {
                    waiting.push(*child);
                }
            }
        }
    }

    /// The findings of all schemas whose values are sent.
    pub(super) fn into_findings(mut self) -> Vec<Finding> {
        let mut all = Vec::new();
        for pair in 0..self.pairs.len() {
            let findings = std::mem::take(&mut self.pairs[pair].findings);
            let used = findings
                .into_iter()
                .filter(|finding| !finding.uses.is_empty());
            for mut finding in used {
                self.name(pair, &mut finding.names);
                all.push(finding);
            }
        }
        all
    }

    /// Fills in the possible names in the client of the subject of a finding about `pair`.
    fn name(&self, pair: usize, names: &mut Names) {
        let this = &self.pairs[pair];
        names.own.clone_from(&this.names);
        if let Some(variant) = &names.variant {
            let owners = this.names.iter();
            names
                .fields
                .extend(owners.map(|owner| (owner.clone(), variant.clone())));
        }
        let mut seen = HashSet::from([pair]);
        let mut waiting = vec![pair];
        while let Some(pair) = waiting.pop() {
            for (parent, step) in &self.pairs[pair].parents {
                match (parent, step) {
                    (Parent::Root(Root::Parameter(name)), _) => {
                        names.setters.push(snake(name));
                        if let Some(variant) = &names.variant {
                            names.setters.push(snake(&format!("{name}[{variant}]")));
                        }
                    }
                    (Parent::Root(Root::Body), _) => names.setters.push("body".to_owned()),
                    (Parent::Root(Root::Response), _) => names.result = true,
                    (Parent::Pair(parent), Step::Property(property)) => {
                        let owners = &self.pairs[*parent].names;
                        for owner in owners {
                            names.fields.push((owner.clone(), snake(property)));
                        }
                        self.deep_object(*parent, property, names);
                    }
                    (Parent::Pair(parent), Step::Inside) => {
                        names
                            .around
                            .extend(self.pairs[*parent].names.iter().cloned());
                        if seen.insert(*parent) {
                            waiting.push(*parent);
                        }
                    }
                }
            }
        }
    }

    /// Each property of a `deepObject` parameter has its own setter.
    fn deep_object(&self, parent: usize, property: &str, names: &mut Names) {
        for (parent, _) in &self.pairs[parent].parents {
            if let Parent::Root(Root::Parameter(name)) = parent {
                names.setters.push(snake(&format!("{name}[{property}]")));
            }
        }
    }
}

impl<'v, 'a> Sides<'v, 'a> {
    /// Adds a finding. A side without a place gets the place of its schema.
    pub(super) fn find(
        &mut self,
        check: &'static Check,
        what: String,
        old: Option<Pointer>,
        new: Option<Pointer>,
    ) -> &mut Finding {
        let place = |pointer: Option<Pointer>, view: &View<'_>| match pointer {
            Some(pointer) => Place::at(pointer),
            None => Place::missing_in(view.place.clone()),
        };
        let (old, new) = (place(old, self.old), place(new, self.new));
        self.findings.push(Finding::new(check, what, old, new));
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// The name of a property in reports.
    fn property(&self, name: &str) -> String {
        match self.label.trim_matches('`') {
            "" => format!("`{name}`"),
            owner => format!("`{owner}.{name}`"),
        }
    }
}

/// The only direction of a value, if it is `readOnly` or `writeOnly`.
fn one_way<'a>(source: Source<'a>, nodes: &[Node<'a>]) -> Option<Direction> {
    let view = View::of(source, nodes);
    match (view.flag("readOnly"), view.flag("writeOnly")) {
        (Some(_), None) => Some(Direction::Response),
        (None, Some(_)) => Some(Direction::Request),
        _ => None,
    }
}

fn pointer_of(nodes: &[Node<'_>]) -> Option<Pointer> {
    nodes.first().map(|node| node.pointer.clone())
}

/// The name of a component as a Rust type.
fn component(pointer: &Pointer) -> Option<String> {
    let name = pointer.as_str().strip_prefix("/components/schemas/")?;
    (!name.contains('/')).then(|| pascal(&name.replace("~1", "/").replace("~0", "~")))
}

/// The name of an alternative in reports.
fn shape<'a>(source: Source<'a>, node: &Node<'a>) -> String {
    label(source.root, &source.follow(node.clone()).pointer)
}

/// An alternative with the criteria for matching it.
struct Alternative<'a> {
    node: Node<'a>,
    looks: String,
    name: String,
}

/// The matched alternatives, the removed ones and the added ones.
type Matched<'a> = (Vec<(Node<'a>, Node<'a>)>, Vec<Node<'a>>, Vec<Node<'a>>);

/// Matches alternatives by signature and name. In order: equal signature and name, equal signature,
/// equal name, and finally position if equally many are left.
fn match_alternatives<'a>(
    (old_source, old): (Source<'a>, &[Node<'a>]),
    (new_source, new): (Source<'a>, &[Node<'a>]),
) -> Matched<'a> {
    let described = |source: Source<'a>, nodes: &[Node<'a>]| -> Vec<Alternative<'a>> {
        let nodes = nodes.iter();
        nodes
            .map(|node| Alternative {
                name: shape(source, node),
                looks: View::of(source, std::slice::from_ref(node)).signature(),
                node: node.clone(),
            })
            .collect()
    };
    let mut old = described(old_source, old);
    let mut new = described(new_source, new);
    let mut matched = Vec::new();
    let rules: [fn(&Alternative<'_>, &Alternative<'_>) -> bool; 3] = [
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
    if old.len() == new.len() {
        matched.extend(old.into_iter().zip(new));
        return (matched, Vec::new(), Vec::new());
    }
    (matched, old, new)
}

/// True if two values are equal, apart from component names and descriptions.
pub(super) fn equal<'a>(
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
