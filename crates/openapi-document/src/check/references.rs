//! References: to nothing, to what is no object, in a circle.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Repair;
use crate::walk::{Kind, visit};
use crate::{Finding, Pointer};

pub(super) fn check(repair: &mut Repair<'_>) {
    // Removing a component can leave a reference to it without a target.
    while dangling(repair) {}
    for (pointer, kind, problem) in circular(&repair.root) {
        let hint = "refer to something that does not refer back here; a recursive schema must recur \
                    through a property or an item";
        cut(repair, &pointer, kind, problem, hint.to_owned());
    }
    while dangling(repair) {}
    mappings(repair);
}

/// Cuts every reference that does not resolve. True if there were any.
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
    // Items of lists last and from the end, so that the indices of the others stay.
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
                format!("read it as `{meant}`"),
                format!("write `{meant}`"),
            ));
            if let Some(schema) = pointer.get_mut(&mut repair.root) {
                schema["$ref"] = meant.to_string().into();
            }
            continue;
        }
        let (problem, hint) = reason(repair, &pointer, &reference);
        cut(repair, &pointer, kind, problem, hint);
    }
    any
}

/// True if a value is a parameter, or refers to one. A reference that does not resolve is reported where
/// it stands.
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

/// What is wrong with a reference, and how to correct it.
fn reason(repair: &Repair<'_>, pointer: &Pointer, reference: &str) -> (String, String) {
    let place = repair.original(&pointer.join("$ref"));
    if let Some(reason) = repair.document.unresolved.get(&place) {
        return (reason.problem.clone(), reason.hint.clone());
    }
    if reference.is_empty() || reference.starts_with('#') {
        let problem = format!("the reference `{reference}` does not resolve");
        return match nearest(&repair.root, reference) {
            Some(name) => (
                format!("{problem}; did you mean `{name}`?"),
                "correct the name, or add the target".to_owned(),
            ),
            None => (problem, "add the target, or refer to an existing one".to_owned()),
        };
    }
    (
        format!("the reference `{reference}` points outside the document"),
        "load the document from its file to bundle external parts, or add the target to the document"
            .to_owned(),
    )
}

/// Replaces what a reference at `pointer` stands for with something that needs no target.
fn cut(repair: &mut Repair<'_>, pointer: &Pointer, kind: Kind, problem: String, hint: String) {
    let place = pointer.join("$ref");
    let finding = |repaired: &str| Finding::new(&place, problem, repaired, hint);
    let replacement = match kind {
        Kind::Schema => {
            let repaired = "replaced it with any value";
            repair.add(finding(repaired).losing("the value is untyped JSON"));
            repair.remove(&place);
            return;
        }
        Kind::Response => {
            let repaired = "replaced it with a response of any content";
            repair.add(finding(repaired).losing("the body of the response is bytes"));
            json!({ "description": "", "content": { "*/*": {} } })
        }
        Kind::RequestBody => {
            let repaired = "replaced it with a body of any JSON";
            repair.add(finding(repaired).losing("the body is untyped JSON"));
            json!({ "content": { "application/json": {} } })
        }
        Kind::MediaType => {
            let repaired = "replaced it with any content";
            repair.add(finding(repaired).losing("the content is untyped"));
            json!({})
        }
        Kind::PathItem => {
            let repaired = "removed the reference";
            repair.add(finding(repaired).losing("the client lacks the operations"));
            repair.remove(&place);
            return;
        }
        Kind::Parameter => {
            let repaired = "removed the parameter";
            repair.add(finding(repaired).losing("you cannot set the parameter"));
            repair.remove(pointer);
            return;
        }
        Kind::Operation => {
            let repaired = "removed the operation";
            repair.add(finding(repaired).losing("the client lacks the operation"));
            repair.remove(pointer);
            return;
        }
        _ => {
            repair.add(finding("removed the entry"));
            repair.remove(pointer);
            return;
        }
    };
    if let Some(value) = pointer.get_mut(&mut repair.root) {
        *value = replacement;
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

/// The name beside the target of a reference that is most similar to it.
fn nearest(root: &Value, reference: &str) -> Option<String> {
    let target = Pointer::parse(reference)?;
    let siblings = target.parent()?;
    let siblings = siblings.get(root)?.as_object()?;
    let wanted = target.tokens().last()?;
    let similarity = |name: &str| similar::TextDiff::from_chars(name, &wanted).ratio();
    let similar = siblings.keys().map(|name| (similarity(name), name));
    let similar = similar.filter(|(similarity, _)| *similarity > 0.6);
    let nearest = similar.max_by(|(a, _), (b, _)| a.total_cmp(b));
    nearest.map(|(_, name)| name.clone())
}

/// The values that references lead from: a schema leads to its target and to the parts of its `allOf`,
/// which the same instances must satisfy.
struct Graph<'a> {
    root: &'a Value,
    edges: BTreeMap<Pointer, Vec<Pointer>>,
}

/// The objects whose reference closes a circle through nothing but references and `allOf`, so that no
/// value can satisfy it, with the problem. Circles through a property or an item are allowed.
fn circular(root: &Value) -> Vec<(Pointer, Kind, String)> {
    let mut graph = Graph {
        root,
        edges: BTreeMap::new(),
    };
    let mut starts: BTreeMap<Pointer, Kind> = BTreeMap::new();
    visit(root, &mut |kind, pointer, value| {
        if value.get("$ref").is_some() {
            starts.insert(pointer.clone(), kind);
        }
    });
    let mut done: BTreeSet<Pointer> = BTreeSet::new();
    let mut cut: BTreeSet<Pointer> = BTreeSet::new();
    let mut found = Vec::new();
    for start in starts.keys().cloned() {
        // The values from the start to the current one, each with the number of edges that were taken.
        let mut path: Vec<(Pointer, usize)> = vec![(start, 0)];
        let mut on_path: BTreeSet<Pointer> = path.iter().map(|(here, _)| here.clone()).collect();
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
            // The last reference on the way round is the one that closes the circle.
            let circle = path.iter().rev().map(|(pointer, _)| pointer);
            let mut circle = circle.take_while(|pointer| **pointer != next).chain([&next]);
            let closing = circle.find(|pointer| graph.is_reference(pointer)).cloned();
            let closing = closing.filter(|closing| cut.insert(closing.clone()));
            if let Some(closing) = closing {
                let kind = starts.get(&closing).copied().unwrap_or(Kind::Schema);
                let target = closing.join("$ref");
                let target = target.get(root).and_then(Value::as_str).unwrap_or_default();
                found.push((closing, kind, format!("the reference `{target}` is circular")));
            }
        }
    }
    found
}

impl Graph<'_> {
    fn is_reference(&self, pointer: &Pointer) -> bool {
        let value = pointer.get(self.root);
        value.is_some_and(|value| value.get("$ref").is_some_and(Value::is_string))
    }

    /// The edge of a value with this index.
    fn edge(&mut self, here: &Pointer, index: usize) -> Option<Pointer> {
        let root = self.root;
        let edges = self.edges.entry(here.clone()).or_insert_with(|| {
            let Some(value) = here.get(root) else {
                return Vec::new();
            };
            let reference = value.get("$ref").and_then(Value::as_str);
            let target = reference.and_then(Pointer::parse).into_iter();
            let parts = value.get("allOf").and_then(Value::as_array);
            let all_of = here.join("allOf");
            let parts = (0..parts.map_or(0, Vec::len)).map(|part| all_of.join(part));
            target.chain(parts).collect()
        });
        edges.get(index).cloned()
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
            Finding::new(&place, problem, repaired, "name a component, or refer to a schema")
        };
        match meant {
            Some(meant) => {
                repair.add(finding(format!("read it as `{meant}`")));
                if let Some(value) = place.get_mut(&mut repair.root) {
                    *value = meant.to_string().into();
                }
            }
            None => {
                let loss = "no type is chosen by this value";
                repair.add(finding("removed the value".to_owned()).losing(loss));
                repair.remove(&place);
            }
        }
    }
}
