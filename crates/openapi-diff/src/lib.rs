//! The comparison of two documents: what changes for those who use the API, and for those who use the
//! client that is generated from it.
//!
//! Documents are compared after their overlays and before they are lowered, from the operations down,
//! so that neither the order of their parts nor the cut of their components nor the version of OpenAPI
//! shows. A schema is compared once, however many operations use it, and weighed by the ways in which
//! its values travel. The surfaces that are generated from both documents are compared after that,
//! since what is harmless on the wire can break a caller's source, and the other way round. Every kind
//! of change is a row of the [`catalogue`].
//!
//! | question | module |
//! |---|---|
//! | what is a schema, apart from how it is written? | `source`, `view` |
//! | which parts belong together, and how do they differ? | `operations`, `messages`, `access`, `schemas`, `facets` |
//! | what does the generated code make of it? | `rust`, `attribution` |
//! | how is it said? | [`render`] |

mod access;
mod attribution;
pub mod catalogue;
mod facets;
mod label;
mod messages;
pub mod model;
mod operations;
pub mod render;
mod rust;
mod schemas;
mod source;
mod view;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use openapi_document::{Diagnostic, Document, Pointer, check};

use self::catalogue::Verdict;
use self::messages::Messages;
use self::model::{Change, Concerned, Finding, Place, Report, Use};
use self::operations::{Operation, Paired};
use self::schemas::Schemas;
use self::source::Source;
use client_codegen::surface::Surface;

/// Compares two documents, each after its overlay.
///
/// # Errors
/// A document that [`check()`] refuses.
pub fn documents(old: &Document, new: &Document) -> Result<Report, Diagnostic> {
    check(old)?;
    check(new)?;
    let found = find(old, new);
    let changes = found.findings.into_iter();
    let changes = changes.map(|finding| change(finding, &found.labels));
    Ok(report((old, new), changes.collect(), false))
}

/// Compares two documents, and the surfaces that are generated from them.
///
/// # Errors
/// A document that [`check()`] refuses.
pub fn with_surfaces(
    (old, old_surface): (&Document, &Surface),
    (new, new_surface): (&Document, &Surface),
) -> Result<Report, Diagnostic> {
    check(old)?;
    check(new)?;
    let found = find(old, new);
    let surface = rust::compare(old_surface, new_surface);
    let attributed = attribution::attribute(
        &found.findings,
        &found.requests,
        surface,
        (old_surface, new_surface),
    );
    let mut changes: Vec<Change> = Vec::new();
    for (finding, surface) in found.findings.into_iter().zip(attributed.by_finding) {
        let mut change = change(finding, &found.labels);
        change.rust = Some(worst(surface.iter().map(rust::SurfaceChange::verdict)));
        change.surface = surface.into_iter().map(rust::SurfaceChange::said).collect();
        changes.push(change);
    }
    changes.extend(attributed.alone.into_iter().map(rust::SurfaceChange::alone));
    Ok(report((old, new), changes, true))
}

fn worst(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    verdicts.max().unwrap_or(Verdict::Neutral)
}

/// What was found, and what its operations are called.
struct Found {
    findings: Vec<Finding>,
    /// Each operation for reports.
    labels: Vec<Concerned>,
    /// The requests of each operation, old and new, as the surfaces have them.
    requests: Vec<[Option<String>; 2]>,
}

fn find(old: &Document, new: &Document) -> Found {
    let (old, new) = (Source::new(&old.root), Source::new(&new.root));
    let pairs = operations::pair(old, new);
    let mut schemas = Schemas::new(old, new);
    let mut findings = operations::documents(old, new);
    let mut labels = Vec::new();
    let mut requests = Vec::new();
    for (index, pair) in pairs.iter().enumerate() {
        let about = |mut finding: Finding| {
            let used: Use = (index, finding.only);
            finding.uses.insert(used);
            finding
        };
        findings.extend(operations::alone(pair).map(about));
        let (before, after) = match pair {
            Paired::Gone(operation) => (Some(operation), None),
            Paired::New(operation) => (None, Some(operation)),
            Paired::Both(both) => (Some(&both.0), Some(&both.1)),
        };
        labels.extend(after.or(before).map(Operation::named));
        requests.push([before, after].map(|operation| operation.map(Operation::request)));
        let (Some(before), Some(after)) = (before, after) else {
            continue;
        };
        let (before_side, after_side) = ((old, before), (new, after));
        findings.extend(operations::compare(before, after).into_iter().map(about));
        findings.extend(
            access::security(before_side, after_side)
                .into_iter()
                .map(about),
        );
        findings.extend(
            access::servers(before_side, after_side)
                .into_iter()
                .map(about),
        );
        let messages = Messages::compare(before_side, after_side, &mut schemas);
        findings.extend(messages.findings.into_iter().map(about));
        for (pair, direction) in messages.roots {
            schemas.travels(pair, index, direction);
        }
    }
    findings.extend(schemas.into_findings());
    Found {
        findings: merged(findings),
        labels,
        requests,
    }
}

/// Findings that are the same become one, with the uses and names of all.
fn merged(findings: Vec<Finding>) -> Vec<Finding> {
    let mut index: HashMap<_, usize> = HashMap::new();
    let mut merged: Vec<Finding> = Vec::new();
    for finding in findings {
        let (id, old, new, what) = finding.key();
        match index.entry((id, old, new, what.to_owned())) {
            std::collections::hash_map::Entry::Occupied(known) => {
                let known = &mut merged[*known.get()];
                known.uses.extend(finding.uses);
                known.names.setters.extend(finding.names.setters);
                known.names.members.extend(finding.names.members);
                known.names.own.extend(finding.names.own);
                known.names.result |= finding.names.result;
            }
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(merged.len());
                merged.push(finding);
            }
        }
    }
    merged
}

/// The finding as users see it, weighed by the ways in which it travels.
fn change(finding: Finding, labels: &[Concerned]) -> Change {
    use openapi_document::Direction::{Request, Response};
    let check = finding.check;
    let directions: Vec<_> = [Request, Response]
        .into_iter()
        .filter(|direction| {
            finding
                .uses
                .iter()
                .any(|(_, used)| *used == Some(*direction))
        })
        .collect();
    let wire = match directions.as_slice() {
        [Request] => check.request,
        [Response] => check.answer,
        _ => check.request.max(check.answer),
    };
    let operations: BTreeSet<usize> = finding.uses.iter().map(|(index, _)| *index).collect();
    Change {
        check,
        what: finding.what,
        // What concerns all of them is about the API.
        operations: match operations.len() == labels.len() && labels.len() > 1 {
            true => Vec::new(),
            false => operations
                .into_iter()
                .map(|index| labels[index].clone())
                .collect(),
        },
        directions,
        old: finding.old,
        new: finding.new,
        wire,
        rust: None,
        surface: Vec::new(),
    }
}

fn report(
    (old, new): (&Document, &Document),
    mut changes: Vec<Change>,
    surfaces_compared: bool,
) -> Report {
    changes.sort_by(|a, b| {
        let rank = |change: &Change| std::cmp::Reverse(change.verdict());
        rank(a)
            .cmp(&rank(b))
            .then_with(|| a.operations.cmp(&b.operations))
            .then_with(|| a.check.id.cmp(b.check.id))
            .then_with(|| a.what.cmp(&b.what))
    });
    for (document, place) in [
        (
            old,
            (|change| &mut change.old) as fn(&mut Change) -> &mut Place,
        ),
        (new, |change| &mut change.new),
    ] {
        let pointers: BTreeSet<Pointer> = changes
            .iter_mut()
            .map(|change| place(change).pointer.clone())
            .collect();
        let lines: BTreeMap<_, _> = document.positions(&pointers);
        for change in &mut changes {
            let place = place(change);
            place.line = lines.get(&place.pointer).map(|position| position.line);
        }
    }
    Report {
        old: old.file.clone(),
        new: new.file.clone(),
        changes,
        surfaces_compared,
    }
}
