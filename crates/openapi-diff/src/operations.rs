//! Matches the operations of both documents and compares everything except their messages: path,
//! method, ID, tags, life cycle.

use std::collections::HashMap;
use std::ops::Deref;

use openapi_document::{Pointer, operation, template_parameters};
use serde_json::Value;

use super::catalogue::{self as checks, Check};
use super::lifecycle::{self, Lookup};
use super::model::{Concerned, Finding, Place, Subject};
use super::policy::Policy;
use super::source::{Node, Source};
use super::values::plain;
use client_codegen::naming::snake;
use openapi_lower::described_operation;

/// An operation of one document.
#[derive(Debug, Clone)]
pub(super) struct Operation<'a> {
    described: operation::Operation<'a>,
    /// The operation ID of the document, or the one that the lowering adds.
    pub(super) id: String,
    /// The kind of request, if the server sends it; `None` if clients call the operation.
    pub(super) incoming: Option<Incoming>,
}

/// A request that the server sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Incoming {
    Webhook,
    Callback,
}

impl<'a> Deref for Operation<'a> {
    type Target = operation::Operation<'a>;

    fn deref(&self) -> &Self::Target {
        &self.described
    }
}

impl Operation<'_> {
    /// The operation's name in reports.
    pub(super) fn named(&self) -> Concerned {
        let tags = self.node.items("tags").into_iter();
        Concerned {
            request: self.request(),
            id: self.node.string("operationId").map(str::to_owned),
            method: snake(&self.id),
            tags: tags
                .filter_map(|tag| Some(tag.value.as_str()?.to_owned()))
                .collect(),
        }
    }

    /// True if the vendor may change it at any time.
    pub(super) fn is_unstable(&self) -> bool {
        let level = self.node.string("x-stability-level");
        level.is_some_and(|level| ["draft", "alpha"].contains(&level))
    }
}

/// An operation in one of the documents, or in both.
#[derive(Debug, Clone)]
pub(super) enum Paired<'a> {
    Gone(Operation<'a>),
    New(Operation<'a>),
    Both(Box<(Operation<'a>, Operation<'a>)>),
}

/// All operations of both documents, and the webhooks and callbacks. Operations match if method and
/// path are equal, apart from the names of path parameters; of the others, those with the same
/// `operationId`.
pub(super) fn pair<'a>(old: Source<'a>, new: Source<'a>) -> Vec<Paired<'a>> {
    let mut pairs = matched(calls(old), calls(new));
    let mut incoming = matched(webhooks(old), webhooks(new));
    for pair in &pairs {
        if let Paired::Both(both) = pair {
            let (before, after) = (callbacks(old, &both.0), callbacks(new, &both.1));
            incoming.extend(matched(before, after));
        }
    }
    pairs.extend(incoming);
    pairs
}

fn matched<'a>(old: Vec<Operation<'a>>, new: Vec<Operation<'a>>) -> Vec<Paired<'a>> {
    let mut left: Vec<Option<Operation<'a>>> = old.into_iter().map(Some).collect();
    let mut by_place = HashMap::new();
    for (index, operation) in left.iter().flatten().enumerate() {
        by_place.insert((operation.method.clone(), template(&operation.path)), index);
    }
    let mut pairs = Vec::new();
    let mut unmatched = Vec::new();
    for operation in new {
        let place = (operation.method.clone(), template(&operation.path));
        let before = by_place.get(&place).and_then(|index| left[*index].take());
        match before {
            Some(before) => pairs.push(Paired::Both(Box::new((before, operation)))),
            None => unmatched.push(operation),
        }
    }
    let mut by_id = HashMap::new();
    for (index, operation) in left.iter().enumerate() {
        if let Some(id) = operation
            .as_ref()
            .and_then(|left| left.node.string("operationId"))
        {
            by_id.insert(id, index);
        }
    }
    for operation in unmatched {
        let id = operation.node.string("operationId");
        let index = id.and_then(|id| by_id.get(id));
        let before = index.and_then(|index| left[*index].take());
        pairs.push(match before {
            Some(before) => Paired::Both(Box::new((before, operation))),
            None => Paired::New(operation),
        });
    }
    pairs.extend(left.into_iter().flatten().map(Paired::Gone));
    pairs
}

/// The operations that clients call.
fn calls(source: Source<'_>) -> Vec<Operation<'_>> {
    let operations = operation::Operation::all(source.root).into_iter();
    operations
        .map(|described| {
            let id = described.node.string("operationId").map(str::to_owned);
            let id = id.unwrap_or_else(|| described_operation(&described.method, &described.path));
            Operation {
                described,
                id,
                incoming: None,
            }
        })
        .collect()
}

fn webhooks(source: Source<'_>) -> Vec<Operation<'_>> {
    let items = source.document().properties("webhooks").into_iter();
    items
        .flat_map(|(name, item)| {
            incoming(source, &format!("webhook {name}"), item, Incoming::Webhook)
        })
        .collect()
}

fn callbacks<'a>(source: Source<'a>, operation: &Operation<'a>) -> Vec<Operation<'a>> {
    let mut found = Vec::new();
    for (name, callback) in operation.node.properties("callbacks") {
        for (expression, item) in source.follow(callback).entries() {
            let path = format!("{expression} (callback {name} of {})", operation.request());
            found.extend(incoming(source, &path, item, Incoming::Callback));
        }
    }
    found
}

/// The operations of a path item that the server calls.
fn incoming<'a>(
    source: Source<'a>,
    path: &str,
    item: Node<'a>,
    incoming: Incoming,
) -> Vec<Operation<'a>> {
    let operations = operation::Operation::of_item(source.root, path, item).into_iter();
    operations
        .map(|described| Operation {
            described,
            id: String::new(),
            incoming: Some(incoming),
        })
        .collect()
}

/// The path without the names of its parameters.
pub(super) fn template(path: &str) -> String {
    let mut template = path.to_owned();
    for name in template_parameters(path) {
        template = template.replacen(&format!("{{{name}}}"), "{}", 1);
    }
    template
}

/// Compares path, method, ID, tags, life cycle and extensions of two operations.
pub(super) fn compare(old: &Operation<'_>, new: &Operation<'_>, policy: &Policy) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |check: &'static Check, what: String, was: Place, is: Place| {
        let mut finding = Finding::new(check, what, was, is);
        finding.subjects.push(Subject::Operation);
        findings.push(finding);
    };
    let whole = || {
        (
            Place::at(old.node.pointer.clone()),
            Place::at(new.node.pointer.clone()),
        )
    };
    if template(&old.path) != template(&new.path) {
        let (was, is) = whole();
        let what = format!("the path changed from `{}` to `{}`", old.path, new.path);
        find(&checks::OPERATION_PATH_CHANGED, what, was, is);
    }
    if old.method != new.method {
        let (was, is) = whole();
        let methods = (new.method.to_uppercase(), old.method.to_uppercase());
        let what = format!("the method changed from {} to {}", methods.1, methods.0);
        find(&checks::OPERATION_METHOD_CHANGED, what, was, is);
    }
    let place = |operation: &Operation<'_>, name: &str| match operation.node.property(name) {
        Some(node) => Place::at(node.pointer),
        None => Place::missing_in(operation.node.pointer.clone()),
    };
    if old.id != new.id {
        let what = format!("the operation ID changed from `{}` to `{}`", old.id, new.id);
        let (was, is) = (place(old, "operationId"), place(new, "operationId"));
        find(&checks::OPERATION_ID_CHANGED, what, was, is);
    }
    let tag =
        |operation: &Operation<'_>| operation.node.value["tags"][0].as_str().map(str::to_owned);
    if tag(old) != tag(new) {
        let shown = |tag: Option<String>| tag.map_or("none".to_owned(), |tag| format!("`{tag}`"));
        let what = format!(
            "the first tag changed from {} to {}",
            shown(tag(old)),
            shown(tag(new))
        );
        find(
            &checks::OPERATION_TAG_CHANGED,
            what,
            place(old, "tags"),
            place(new, "tags"),
        );
    }
    let further = |operation: &Operation<'_>| {
        let tags = operation.node.items("tags").into_iter().skip(1);
        tags.map(|tag| plain(tag.value)).collect::<Vec<_>>()
    };
    if further(old) != further(new) {
        let what = format!(
            "the tags after the first changed from {:?} to {:?}",
            further(old),
            further(new)
        );
        let (was, is) = (place(old, "tags"), place(new, "tags"));
        find(&checks::OPERATION_TAGS_CHANGED, what, was, is);
    }
    let lookup = Lookup {
        old: &|name| old.node.property(name),
        new: &|name| new.node.property(name),
    };
    let at = |pointer: Option<Pointer>, operation: &Operation<'_>| match pointer {
        Some(pointer) => Place::at(pointer),
        None => Place::missing_in(operation.node.pointer.clone()),
    };
    for (names, check) in [
        (&["x-idempotent"][..], &checks::EXTENSION_CHANGED),
        (&["summary", "description"], &checks::TEXT_CHANGED),
    ] {
        for name in names {
            if old.node.value.get(name) != new.node.value.get(name) {
                let what = format!("`{name}` of the operation changed");
                find(check, what, place(old, name), place(new, name));
            }
        }
    }
    for change in lifecycle::compare(&lookup, "the operation", &lifecycle::OF_OPERATIONS, policy) {
        let places = (at(change.old, old), at(change.new, new));
        let mut finding = Finding::new(change.check, change.what, places.0, places.1);
        finding.subjects.push(Subject::Operation);
        finding.verdicts = change.verdicts;
        findings.push(finding);
    }
    findings
}

/// The finding for an operation that only one of the documents has.
pub(super) fn alone(paired: &Paired<'_>, policy: &Policy) -> Option<Finding> {
    let (gone, operation) = match paired {
        Paired::Both(_) => return None,
        Paired::Gone(gone) => (true, gone),
        Paired::New(new) => (false, new),
    };
    let (check, name) = match (operation.incoming, gone) {
        (None, true) => (&checks::OPERATION_REMOVED, "operation"),
        (None, false) => (&checks::OPERATION_ADDED, "operation"),
        (Some(Incoming::Webhook), true) => (&checks::WEBHOOK_REMOVED, "webhook"),
        (Some(Incoming::Webhook), false) => (&checks::WEBHOOK_ADDED, "webhook"),
        (Some(Incoming::Callback), true) => (&checks::CALLBACK_REMOVED, "callback"),
        (Some(Incoming::Callback), false) => (&checks::CALLBACK_ADDED, "callback"),
    };
    let there = Place::at(operation.node.pointer.clone());
    let paths = Place::missing_in(Pointer::of(match operation.incoming {
        Some(Incoming::Webhook) => ["webhooks"],
        _ => ["paths"],
    }));
    let mut finding = match gone {
        true => {
            let verdicts = [check.request, check.response];
            let (verdicts, because) =
                lifecycle::removal(&|name| operation.node.property(name), verdicts, policy);
            let what = format!("the {name} was removed{because}");
            let mut finding = Finding::new(check, what, there, paths);
            finding.verdicts = Some(verdicts);
            finding
        }
        false => Finding::new(check, format!("the {name} was added"), paths, there),
    };
    finding.subjects.push(Subject::Operation);
    Some(finding)
}

/// Compares the versions and the title of the documents.
pub(super) fn documents(old: Source<'_>, new: Source<'_>) -> Vec<Finding> {
    let places = [&["openapi"][..], &["info", "title"], &["info", "version"]];
    places
        .into_iter()
        .filter_map(|tokens| {
            let pointer = Pointer::of(tokens);
            let (was, is) = (pointer.get(old.root), pointer.get(new.root));
            let shown =
                |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("none").to_owned();
            (was != is).then(|| {
                let what = format!(
                    "`{}` changed from `{}` to `{}`",
                    tokens.join("."),
                    shown(was),
                    shown(is)
                );
                let place = Place::at(pointer);
                Finding::new(&checks::DOCUMENT_CHANGED, what, place.clone(), place)
            })
        })
        .collect()
}
