//! Repairs references that have no target, refer to something other than an object, or are circular.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::{Value, json};

use super::Repair;
use crate::walk::{Kind, visit};
use crate::{Finding, Pointer, nearest_name};

pub(super) fn check(repair: &mut Repair<'_>) {
    // Removing a component can leave a reference to it without a target.
    while dangling(repair) {}
    let circular = circular(&repair.root);
    let any = !circular.is_empty();
    for (pointer, kind, problem) in circular {
        let parent = pointer.parent().and_then(|parent| parent.tokens().last());
        let hint = "refer to something that does not refer back here; a recursive schema must recur \
                    through a property or an item";
        let reason = Reason {
            problem,
            hint: hint.to_owned(),
            meant: None,
            // A part of an `allOf` that is the schema itself adds no constraint.
            is_redundant: parent.is_some_and(|parent| parent == "allOf"),
        };
        cut(repair, &pointer, kind, reason);
    }
    while any && dangling(repair) {}
    mappings(repair);
}

/// Removes every reference that does not resolve. True if there were any.
fn dangling(repair: &mut Repair<'_>) -> bool {
    let mut found: Vec<(Pointer, Kind, String)> = Vec::new();
    visit(&repair.root, &mut |kind, pointer, value| {
        let Some(reference) = value.get("$ref") else {
            return;
        };
        let target = reference.as_str().and_then(Pointer::parse);
        let target = target.as_ref().and_then(|target| target.get(&repair.root));
        let resolves = target.is_some_and(|target| match kind {
            Kind::Schema => target.is_object() || target.is_boolean(),
            Kind::Parameter => is_parameter(&repair.root, target),
            _ => target.is_object(),
        });
        if !resolves {
            let reference = reference.as_str().unwrap_or_default();
            found.push((pointer.clone(), kind, reference.to_owned()));
        }
    });
    let any = !found.is_empty();
    // Items of lists last and from the end, so that the indices of the others do not change.
    let (items, others): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|(_, kind, _)| *kind == Kind::Parameter);
    for (pointer, kind, reference) in others.into_iter().chain(items.into_iter().rev()) {
        if kind == Kind::Schema
            && let Some(meant) = component_of_name(&repair.root, &reference)
        {
            repair.add(Finding::new(
                &pointer.join("$ref"),
                format!("the reference `{reference}` does not resolve"),
                format!("interpreted it as `{meant}`"),
                format!("write `{meant}`"),
            ));
            if let Some(schema) = pointer.get_mut(&mut repair.root) {
                schema["$ref"] = meant.to_string().into();
            }
            continue;
        }
        let reason = reason(repair, &pointer, &reference);
        cut(repair, &pointer, kind, reason);
    }
    any
}

/// True if a value is a parameter, or refers to one. A reference that does not resolve is reported at
/// its own location.
fn is_parameter<'a>(root: &'a Value, mut value: &'a Value) -> bool {
    const MOST_REFERENCES: usize = 100;
    for _ in 0..MOST_REFERENCES {
        let Some(reference) = value.get("$ref") else {
            break;
        };
        let target = reference.as_str().and_then(Pointer::parse);
        match target.and_then(|target| target.get(root)) {
            Some(target) => value = target,
            None => return true,
        }
    }
    let is_named = value["name"].is_string() || value["in"] == "querystring";
    is_named && value["in"].is_string() || value.get("$ref").is_some()
}

/// Why a reference is removed.
struct Reason {
    problem: String,
    hint: String,
    /// The reference that was probably intended.
    meant: Option<Pointer>,
    /// True if removing it loses nothing.
    is_redundant: bool,
}

fn reason(repair: &Repair<'_>, pointer: &Pointer, reference: &str) -> Reason {
    let place = repair.original(&pointer.join("$ref"));
    let known = repair.document.unresolved.get(&place);
    let meant = nearest(&repair.root, reference);
    let (problem, hint) = match (known, &meant) {
        (Some(known), _) => (known.problem.clone(), known.hint.as_str()),
        (None, Some(meant)) => {
            let name = meant.tokens().last().unwrap_or_default();
            (
                format!("the reference `{reference}` does not resolve; did you mean `{name}`?"),
                "correct the name, or add the target",
            )
        }
        (None, None) if reference.is_empty() || reference.starts_with('#') => (
            format!("the reference `{reference}` does not resolve"),
            "add the target, or refer to an existing one",
        ),
        (None, None) => (
            format!("the reference `{reference}` points outside the document"),
            "load the document from its file to bundle external parts, or add the target to the \
             document",
        ),
    };
    Reason {
        problem,
        hint: hint.to_owned(),
        meant,
        is_redundant: false,
    }
}

/// Replaces the object at `pointer`, which is a reference, with one without a reference.
fn cut(repair: &mut Repair<'_>, pointer: &Pointer, kind: Kind, reason: Reason) {
    let place = pointer.join("$ref");
    let (repaired, loss, replacement) = match kind {
        Kind::Schema => (
            "replaced it with any value",
            Some("the value is untyped JSON"),
            None,
        ),
        Kind::Response => (
            "replaced it with a response of any content",
            Some("the body of the response is bytes"),
            Some(json!({ "description": "", "content": { "*/*": {} } })),
        ),
        Kind::RequestBody => (
            "replaced it with a body of any JSON",
            Some("the body is untyped JSON"),
            Some(json!({ "content": { "application/json": {} } })),
        ),
        Kind::MediaType => (
            "replaced it with any content",
            Some("the content is untyped"),
            Some(json!({})),
        ),
        Kind::PathItem => (
            "removed the reference",
            Some("the client lacks the operations"),
            None,
        ),
        Kind::Document | Kind::Components => ("removed the reference", None, None),
        Kind::Parameter => (
            "removed the parameter",
            Some("you cannot set the parameter"),
            None,
        ),
        Kind::Operation => (
            "removed the operation",
            Some("the client lacks the operation"),
            None,
        ),
        _ => ("removed the entry", None, None),
    };
    let mut finding = Finding::new(&place, reason.problem, repaired, reason.hint);
    let of_reference = [
        Kind::Schema,
        Kind::PathItem,
        Kind::Document,
        Kind::Components,
    ];
    let is_whole = !of_reference.contains(&kind);
    let removed = if is_whole { pointer } else { &place };
    if let Some(loss) = loss.filter(|_| !reason.is_redundant) {
        finding = match reason.meant {
            Some(meant) => {
                let action = format!("update: {{$ref: '{meant}'}}");
                finding.losing_unless(loss, pointer.clone(), action)
            }
            None => finding.losing_unless(loss, removed.clone(), "remove: true"),
        };
    }
    repair.add(finding);
    match replacement {
        Some(replacement) => {
            if let Some(value) = pointer.get_mut(&mut repair.root) {
                *value = replacement;
            }
        }
        None => repair.remove(removed),
    }
}

/// The component schema that a wrong reference names with its last token, such as `#/definitions/Role`.
fn component_of_name(root: &Value, reference: &str) -> Option<Pointer> {
    let (file, _) = reference.split_once('#').unwrap_or(("", reference));
    let name = reference.rsplit(['/', '#']).next()?;
    let component = Pointer::of(["components", "schemas", name]);
    let is_component = file.is_empty() && component.get(root).is_some();
    (is_component && component.to_string() != reference).then_some(component)
}

/// The value beside the target of a reference whose name is most similar to that of the target.
fn nearest(root: &Value, reference: &str) -> Option<Pointer> {
    let target = Pointer::parse(reference)?;
    let parent = target.parent()?;
    let siblings = parent.get(root)?.as_object()?;
    let wanted = target.tokens().last()?;
    let name = nearest_name(&wanted, siblings.keys().map(String::as_str))?;
    Some(parent.join(name))
}

/// The graph of values and their references: a schema leads to its target and to the parts of its
/// `allOf`, which the same instances must satisfy.
struct Graph<'a> {
    root: &'a Value,
    edges: HashMap<Pointer, Vec<Pointer>>,
}

/// The objects whose reference closes a cycle of references and `allOf` only, which no value can
/// satisfy, with the problem. Cycles through a property or an item are allowed.
fn circular(root: &Value) -> Vec<(Pointer, Kind, String)> {
    let mut graph = Graph {
        root,
        edges: HashMap::new(),
    };
    let mut targets: BTreeSet<&str> = BTreeSet::new();
    visit(root, &mut |_, _, value| {
        targets.extend(value.get("$ref").and_then(Value::as_str));
    });
    let mut done: HashSet<Pointer> = HashSet::new();
    let mut closing: BTreeMap<Pointer, Option<Kind>> = BTreeMap::new();
    // Each cycle contains the target of a reference.
    for start in targets.into_iter().filter_map(Pointer::parse) {
        // The values from the start to the current one, each with the number of edges that were taken.
        let mut path: Vec<(Pointer, usize)> = vec![(start, 0)];
        let mut on_path: HashSet<Pointer> = path.iter().map(|(here, _)| here.clone()).collect();
        while let Some((here, taken)) = path.last_mut() {
            let edge = match done.contains(here) {
                true => None,
                false => graph.edge(here, *taken),
            };
            let Some(next) = edge else {
                let here = here.clone();
                on_path.remove(&here);
                done.insert(here);
                path.pop();
                continue;
            };
            *taken += 1;
            if !on_path.contains(&next) {
                on_path.insert(next.clone());
                path.push((next, 0));
                continue;
            }
            // The last reference on the path is the one that closes the cycle.
            let circle = path.iter().rev().map(|(pointer, _)| pointer);
            let mut circle = circle
                .take_while(|pointer| **pointer != next)
                .chain([&next]);
            let last = circle.find(|pointer| graph.is_reference(pointer));
            closing.extend(last.map(|last| (last.clone(), None)));
        }
    }
    if !closing.is_empty() {
        visit(root, &mut |kind, pointer, _| {
            if let Some(found) = closing.get_mut(pointer) {
                *found = Some(kind);
            }
        });
    }
    let found = closing.into_iter().map(|(pointer, kind)| {
        let target = pointer.join("$ref");
        let target = target.get(root).and_then(Value::as_str).unwrap_or_default();
        let problem = format!("the reference `{target}` is circular");
        (pointer, kind.unwrap_or(Kind::Schema), problem)
    });
    found.collect()
}

impl Graph<'_> {
    fn is_reference(&self, pointer: &Pointer) -> bool {
        let value = pointer.get(self.root);
        value.is_some_and(|value| value.get("$ref").is_some_and(Value::is_string))
    }

    /// The edge of a value with this index.
    fn edge(&mut self, here: &Pointer, index: usize) -> Option<Pointer> {
        if !self.edges.contains_key(here) {
            self.edges.insert(here.clone(), self.edges_of(here));
        }
        self.edges.get(here)?.get(index).cloned()
    }

    /// The values that a value leads to.
    fn edges_of(&self, here: &Pointer) -> Vec<Pointer> {
        let Some(value) = here.get(self.root) else {
            return Vec::new();
        };
        let reference = value.get("$ref").and_then(Value::as_str);
        let target = reference.and_then(Pointer::parse).into_iter();
        let parts = value.get("allOf").and_then(Value::as_array);
        let all_of = here.join("allOf");
        let parts = (0..parts.map_or(0, Vec::len)).map(|part| all_of.join(part));
        target.chain(parts).collect()
    }
}

/// Removes the values of discriminators that name no schema.
fn mappings(repair: &mut Repair<'_>) {
    let mut found = Vec::new();
    visit(&repair.root, &mut |kind, pointer, schema| {
        let mapping = schema.get("discriminator").and_then(|it| it.get("mapping"));
        let Some(mapping) = mapping.and_then(Value::as_object) else {
            return;
        };
        if kind != Kind::Schema {
            return;
        }
        for (value, target) in mapping {
            let Some(target) = target.as_str() else {
                continue;
            };
            let component = Pointer::of(["components", "schemas", target]);
            let by_name = component.get(&repair.root).is_some();
            let by_reference = Pointer::parse(target).filter(|_| target.starts_with('#'));
            let by_reference = by_reference.is_some_and(|it| it.get(&repair.root).is_some());
            if !by_name && !by_reference {
                let place = Pointer::of(["discriminator", "mapping", value]).below(pointer);
                found.push((place, target.to_owned()));
            }
        }
    });
    for (place, target) in found {
        let meant = component_of_name(&repair.root, &target);
        let problem = match repair.document.unresolved.get(&repair.original(&place)) {
            Some(reason) => reason.problem.clone(),
            None => format!("the discriminator names `{target}`, which does not exist"),
        };
        let finding = |repaired: String| {
            Finding::new(
                &place,
                problem,
                repaired,
                "name a component, or refer to a schema",
            )
        };
        match meant {
            Some(meant) => {
                repair.add(finding(format!("interpreted it as `{meant}`")));
                if let Some(value) = place.get_mut(&mut repair.root) {
                    *value = meant.to_string().into();
                }
            }
            None => {
                let loss = "this value selects no type";
                repair.add(finding("removed the value".to_owned()).losing(loss));
                repair.remove(&place);
            }
        }
    }
}
