//! Matches the operations of both documents and compares what is not a message: path, method, ID,
//! tags.

use std::collections::HashMap;

use openapi_document::{Pointer, template_parameters, walk};
use serde_json::Value;

use super::catalogue::{self as checks, Check};
use super::model::{Concerned, Finding, Place};
use super::source::{Node, Source};
use client_codegen::naming::snake;
use openapi_lower::described_operation;

/// An operation of one document.
#[derive(Debug, Clone)]
pub(super) struct Operation<'a> {
    pub(super) node: Node<'a>,
    /// The path item of the operation.
    pub(super) item: Node<'a>,
    pub(super) path: String,
    pub(super) method: String,
    /// The operation ID of the document, or the one that the lowering gives it.
    pub(super) id: String,
}

impl Operation<'_> {
    /// The operation's name in reports.
    pub(super) fn named(&self) -> Concerned {
        Concerned {
            request: self.request(),
            id: self.node.text("operationId").map(str::to_owned),
            method: snake(&self.id),
        }
    }

    /// Method and path: `GET /roles`.
    pub(super) fn request(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }
}

/// An operation in one of the documents, or in both.
#[derive(Debug, Clone)]
pub(super) enum Paired<'a> {
    Gone(Operation<'a>),
    New(Operation<'a>),
    Both(Box<(Operation<'a>, Operation<'a>)>),
}

/// All operations of both documents. Operations match if method and path are equal, apart from the
/// names of path parameters; of the others, those with the same `operationId`.
pub(super) fn pair<'a>(old: Source<'a>, new: Source<'a>) -> Vec<Paired<'a>> {
    let mut left: Vec<Option<Operation<'a>>> = of(old).into_iter().map(Some).collect();
    let mut by_place = HashMap::new();
    for (index, operation) in left.iter().flatten().enumerate() {
        by_place.insert((operation.method.clone(), template(&operation.path)), index);
    }
    let mut pairs = Vec::new();
    let mut unmatched = Vec::new();
    for operation in of(new) {
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
            .and_then(|left| left.node.text("operationId"))
        {
            by_id.insert(id, index);
        }
    }
    for operation in unmatched {
        let id = operation.node.text("operationId");
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

fn of<'a>(source: Source<'a>) -> Vec<Operation<'a>> {
    let operations = walk::operations(source.root).into_iter();
    operations
        .filter_map(|(pointer, path, method)| {
            let value = pointer.get(source.root)?;
            let item_pointer = walk::item_of(&pointer);
            let item = Node {
                value: item_pointer.get(source.root)?,
                pointer: item_pointer,
            };
            let id = value["operationId"].as_str();
            Some(Operation {
                id: id.map_or_else(|| described_operation(&method, &path), str::to_owned),
                node: Node { pointer, value },
                item,
                path,
                method,
            })
        })
        .collect()
}

/// The path without the names of its parameters.
fn template(path: &str) -> String {
    let mut template = path.to_owned();
    for name in template_parameters(path) {
        template = template.replacen(&format!("{{{name}}}"), "{}", 1);
    }
    template
}

/// Compares path, method, ID, tag, deprecation and extensions of two operations.
pub(super) fn compare(old: &Operation<'_>, new: &Operation<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |check: &'static Check, what: String, was: Place, is: Place| {
        let mut finding = Finding::new(check, what, was, is);
        finding.names.method = true;
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
    let deprecated = (
        old.node.is_true("deprecated"),
        new.node.is_true("deprecated"),
    );
    let places = (place(old, "deprecated"), place(new, "deprecated"));
    match deprecated {
        (false, true) => find(
            &checks::OPERATION_DEPRECATED,
            "the operation was deprecated".to_owned(),
            places.0,
            places.1,
        ),
        (true, false) => find(
            &checks::OPERATION_UNDEPRECATED,
            "the operation is no longer deprecated".to_owned(),
            places.0,
            places.1,
        ),
        _ => {}
    }
    if let Some((check, what)) = sunset(old.node.text("x-sunset"), new.node.text("x-sunset")) {
        find(check, what, place(old, "x-sunset"), place(new, "x-sunset"));
    }
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
    findings
}

/// Compares sunset dates. In the notation of RFC 3339, dates sort as strings.
fn sunset(old: Option<&str>, new: Option<&str>) -> Option<(&'static Check, String)> {
    match (old, new) {
        (None, Some(day)) => Some((
            &checks::SUNSET_ANNOUNCED,
            format!("the sunset date changed from none to {day}"),
        )),
        (Some(day), None) => Some((
            &checks::SUNSET_WITHDRAWN,
            format!("the sunset date changed from {day} to none"),
        )),
        (Some(before), Some(after)) if after < before => Some((
            &checks::SUNSET_BROUGHT_FORWARD,
            format!("the sunset date changed from {before} to {after}"),
        )),
        (Some(before), Some(after)) if after > before => Some((
            &checks::SUNSET_POSTPONED,
            format!("the sunset date changed from {before} to {after}"),
        )),
        _ => None,
    }
}

/// The finding for an operation that only one of the documents has.
pub(super) fn alone(paired: &Paired<'_>) -> Option<Finding> {
    let paths = || Place::missing_in(Pointer::of(["paths"]));
    let (check, what, old, new) = match paired {
        Paired::Both(_) => return None,
        Paired::Gone(gone) => (
            &checks::OPERATION_REMOVED,
            "the operation was removed",
            Place::at(gone.node.pointer.clone()),
            paths(),
        ),
        Paired::New(new) => (
            &checks::OPERATION_ADDED,
            "the operation was added",
            paths(),
            Place::at(new.node.pointer.clone()),
        ),
    };
    let mut finding = Finding::new(check, what, old, new);
    finding.names.method = true;
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
