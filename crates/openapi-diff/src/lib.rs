//! Compares two OpenAPI documents: changes for users of the API and for users of the generated
//! client.
//!
//! Documents are compared after their overlays were applied and before they are lowered, operation
//! by operation. The order of entries, the division into components and the version of OpenAPI make
//! no difference. A schema is compared once, however many operations use it; its verdict depends on
//! the directions in which its values are sent. The generated surfaces are compared separately,
//! because a change that is harmless on the wire can break a caller's source code, and the other
//! way round. The [`catalogue`] lists all kinds of changes.
//!
//! | concern | module |
//! |---|---|
//! | normalized schemas | `source`, `view` |
//! | matching and comparing of parts | `operations`, `messages`, `access`, `schemas`, `facets` |
//! | changes of the generated code | `rust`, `attribution` |
//! | formats of reports | [`render`] |

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

use std::collections::{BTreeSet, HashMap};

use openapi_document::{Diagnostic, Document, check};

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
/// A document that [`check()`] rejects.
pub fn documents(old: &Document, new: &Document) -> Result<Report, Diagnostic> {
    let (old, new) = (&check(old)?.document, &check(new)?.document);
    let found = find(old, new);
    let changes = found.findings.into_iter();
    let changes = changes.map(|finding| change(finding, &found.labels));
    Ok(report((old, new), changes.collect(), false))
}

/// Compares two documents, and the surfaces that are generated from them.
///
/// # Errors
/// A document that [`check()`] rejects.
pub fn with_surfaces(
    (old, old_surface): (&Document, &Surface),
    (new, new_surface): (&Document, &Surface),
) -> Result<Report, Diagnostic> {
    let (old, new) = (&check(old)?.document, &check(new)?.document);
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
        change.surface = surface
            .into_iter()
            .map(rust::SurfaceChange::in_rust)
            .collect();
        changes.push(change);
    }
    changes.extend(attributed.alone.into_iter().map(rust::SurfaceChange::alone));
    Ok(report((old, new), changes, true))
}

fn worst(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    verdicts.max().unwrap_or(Verdict::Neutral)
}

/// The findings, and the names of the operations.
struct Found {
    findings: Vec<Finding>,
    /// The name of each operation in reports.
    labels: Vec<Concerned>,
    /// The old and new request of each operation, as in the surfaces.
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

/// Merges equal findings, with the uses and names of all.
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
                known.names.fields.extend(finding.names.fields);
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

/// The finding with its verdict, which depends on its directions.
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
        [Response] => check.response,
        _ => check.request.max(check.response),
    };
    let operations: BTreeSet<usize> = finding.uses.iter().map(|(index, _)| *index).collect();
    Change {
        check,
        what: finding.what,
        // A change of all operations is a change of the API.
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
        for change in &mut changes {
            let place = place(change);
            let position = document.position(&place.pointer);
            place.line = position.map(|position| position.line);
        }
    }
    Report {
        old: old.file.clone(),
        new: new.file.clone(),
        changes,
        surfaces_compared,
    }
}
