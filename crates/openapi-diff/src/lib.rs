//! Compares two OpenAPI documents: changes for users of the API and for users of the generated
//! client.
//!
//! Documents are compared after their overlays were applied and before they are lowered, operation by
//! operation. The order of entries, the division into components and the version of OpenAPI make no
//! difference. A schema is compared once, even if several operations use it; its verdict depends on the
//! directions in which its values are sent. The generated surfaces are compared separately, because a
//! change that is harmless on the wire can break a caller's source code, and vice versa. The
//! [`catalogue`] lists all kinds of changes.
//!
//! | concern | module |
//! |---|---|
//! | schemas in normal form | `source`, `view`, `notation` |
//! | operations and their messages | `operations`, `parameters`, `messages`, `access`, `lifecycle` |
//! | schemas | `schemas`, `structure`, `choices`, `constraints`, `facets` |
//! | changes of the generated code | `rust`, `attribution`, `mentions` |
//! | decisions of the owner of a client | [`policy`] |
//! | what a report shows, and how | [`filter`], [`render`] |
//! | what is not compared | [`limits`] |

mod access;
mod attribution;
mod branches;
pub mod catalogue;
mod choices;
mod constraints;
mod facets;
pub mod filter;
mod label;
mod lifecycle;
pub mod limits;
mod mentions;
mod messages;
pub mod model;
mod notation;
mod operations;
mod pairs;
mod parameters;
pub mod policy;
pub mod render;
mod rust;
mod schemas;
mod source;
mod structure;
mod values;
mod view;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use client_codegen::plan::ClientPlan;
use client_codegen::surface::Surface;
use openapi_document::{Diagnostic, Direction, Document, check};
use openapi_lower::Origins;
use serde_json::Value;

use self::attribution::{Cause, Known, Provenance, Renamed};
use self::catalogue::{RUST_TYPE_RENAMED, Section, Verdict};
use self::messages::{Messages, Root};
use self::model::{Change, Concerned, Finding, InRust, Place, Report, Use};
use self::operations::{Operation, Paired};
use self::pairs::Pair;
use self::policy::{Policy, id_of};
use self::schemas::Schemas;
use self::source::Source;

/// A client, with its document and its plan.
#[derive(Clone, Copy)]
pub struct Client<'a> {
    /// The document after its overlay and the check.
    pub document: &'a Document,
    /// The lowered document.
    pub plan: &'a ClientPlan,
    /// The origins of the locations of the lowered document.
    pub origins: &'a Origins,
    /// The public items of the generated code.
    pub surface: &'a Surface,
}

/// Compares two documents, each after its overlay.
///
/// # Errors
/// A document that [`check()`] rejects.
pub fn documents(old: &Document, new: &Document, policy: &Policy) -> Result<Report, Diagnostic> {
    let (old, new) = (&check(old)?.document, &check(new)?.document);
    let found = find(old, new, policy);
    let changes = found.findings.iter();
    let changes = changes.map(|finding| found.change(finding)).collect();
    Ok(report((old, new), changes, false, policy))
}

/// Compares two documents, and the surfaces that are generated from them.
pub fn clients(old: &Client<'_>, new: &Client<'_>, policy: &Policy) -> Report {
    let documents = (old.document, new.document);
    let found = find(documents.0, documents.1, policy);
    let known = Known {
        findings: &found.findings,
        pairs: &found.pairs,
        roots: &found.roots,
        requests: &found.requests,
    };
    let mut provenance = Provenance::new(known, [old, new]);
    let renamed = provenance.renamed();
    provenance.rename(&renamed);
    let names = renamed.iter();
    let names = names.map(|renamed| (renamed.from.as_str(), renamed.to.as_str()));
    let before = rust::renamed(old.surface, &names.collect());
    let surface = rust::compare(&before, new.surface);
    let explained = provenance.explain(&surface, [&before, new.surface]);

    let changes = found.findings.iter();
    let mut changes: Vec<Change> = changes.map(|finding| found.change(finding)).collect();
    changes
        .iter_mut()
        .for_each(|change| change.rust = Some(Verdict::Neutral));
    let mut alone: BTreeMap<String, Change> = BTreeMap::new();
    for (item, cause) in surface.iter().zip(explained) {
        let change = match cause {
            Cause::Finding(finding) => &mut changes[finding],
            Cause::Change(index) => {
                // The changes of one type, or of one call, are one change.
                let first = &surface[index];
                let change = alone.entry(first.item.owner()).or_insert_with(|| {
                    let operation = provenance.operation(&first.item);
                    let operations = match (operation, provenance.pair(&first.item)) {
                        (Some(index), _) => vec![found.labels[index].clone()],
                        (None, Some(pair)) => found.users(pair),
                        (None, None) => Vec::new(),
                    };
                    let [old, new] = provenance.places(&first.item);
                    generated(first.check, first.what.clone(), (old, new), operations)
                });
                if change.what == item.what {
                    continue;
                }
                change
            }
        };
        change.rust = change.rust.max(Some(item.verdict()));
        change.surface.push(item.in_rust());
    }
    changes.extend(alone.into_values());
    changes.extend(renames(renamed, &found));
    report(documents, changes, true, policy)
}

/// A change of the generated client that no change of the document explains.
fn generated(
    check: &'static catalogue::Check,
    what: String,
    (old, new): (Place, Place),
    operations: Vec<Concerned>,
) -> Change {
    Change {
        id: String::new(),
        check,
        what,
        operations,
        directions: Vec::new(),
        old,
        new,
        wire: Verdict::Neutral,
        rust: check.rust,
        surface: Vec::new(),
        advice: String::new(),
        accepted: None,
    }
}

/// The changes for types with other names: one for each schema, with the types of the schemas in it.
fn renames(mut renamed: Vec<Renamed>, found: &Found) -> Vec<Change> {
    renamed.sort_by_key(|renamed| renamed.places[0].as_str().len());
    let mut changes: Vec<(Renamed, Change)> = Vec::new();
    for renamed in renamed {
        let what = format!("`{}` was renamed to `{}`", renamed.from, renamed.to);
        let outer = changes.iter_mut().find(|(outer, _)| {
            let [was, is] = &renamed.places;
            was.within(&outer.places[0]).is_some() && is.within(&outer.places[1]).is_some()
        });
        if let Some((_, change)) = outer {
            change.surface.push(InRust {
                check: &RUST_TYPE_RENAMED,
                what,
            });
            continue;
        }
        let [old, new] = renamed.places.clone().map(Place::at);
        let operations = found.users(renamed.pair);
        let change = generated(&RUST_TYPE_RENAMED, what, (old, new), operations);
        changes.push((renamed, change));
    }
    changes.into_iter().map(|(_, change)| change).collect()
}

/// The findings, and the information that is needed to explain the changes of the client by them.
struct Found {
    findings: Vec<Finding>,
    /// The name of each operation in reports.
    labels: Vec<Concerned>,
    /// True for operations that the vendor may change at any time.
    unstable: Vec<bool>,
    /// The old and new request of each operation, as in the surfaces.
    requests: Vec<[Option<String>; 2]>,
    roots: Vec<Vec<Root>>,
    pairs: Vec<Pair>,
}

fn find(old: &Document, new: &Document, policy: &Policy) -> Found {
    let (old, new) = (Source::new(&old.root), Source::new(&new.root));
    let mut schemas = Schemas::new(old, new, policy);
    let mut found = Found {
        findings: operations::documents(old, new),
        labels: Vec::new(),
        unstable: Vec::new(),
        requests: Vec::new(),
        roots: Vec::new(),
        pairs: Vec::new(),
    };
    for (index, pair) in operations::pair(old, new).iter().enumerate() {
        let (before, after) = match pair {
            Paired::Gone(operation) => (Some(operation), None),
            Paired::New(operation) => (None, Some(operation)),
            Paired::Both(both) => (Some(&both.0), Some(&both.1)),
        };
        found.labels.extend(after.or(before).map(Operation::named));
        let unstable = before.or(after).is_some_and(Operation::is_unstable);
        found.unstable.push(unstable);
        found.requests.push([before, after].map(|operation| {
            let called = operation.filter(|operation| operation.incoming.is_none());
            called.map(|operation| operation.request())
        }));
        let mut findings = Vec::from_iter(operations::alone(pair, policy));
        let mut roots = Vec::new();
        if let (Some(before), Some(after)) = (before, after) {
            findings.extend(operations::compare(before, after, policy));
            findings.extend(access::security(before, after));
            findings.extend(access::servers(before, after));
            let messages = Messages::compare(before, after, &mut schemas);
            findings.extend(messages.findings);
            roots = messages.roots;
        }
        for root in &roots {
            schemas.travels(root.pair, index, root.direction, root.is_optional);
        }
        found.roots.push(roots);
        found
            .findings
            .extend(findings.into_iter().map(|mut finding| {
                let used: Use = (index, finding.only);
                finding.uses.insert(used);
                finding
            }));
    }
    found.findings.extend(schemas.take_findings());
    found.findings = merged(found.findings);
    found.pairs = schemas.pairs;
    found
}

/// Merges equal findings, with the uses and subjects of all.
fn merged(findings: Vec<Finding>) -> Vec<Finding> {
    let mut index: HashMap<_, usize> = HashMap::new();
    let mut merged: Vec<Finding> = Vec::new();
    for finding in findings {
        let (id, old, new, what) = finding.key();
        match index.entry((id, old, new, what.to_owned())) {
            std::collections::hash_map::Entry::Occupied(known) => {
                let known = &mut merged[*known.get()];
                known.uses.extend(finding.uses);
                for subject in finding.subjects {
                    if !known.subjects.contains(&subject) {
                        known.subjects.push(subject);
                    }
                }
            }
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(merged.len());
                merged.push(finding);
            }
        }
    }
    merged
}

impl Found {
    /// The finding with its verdict, which depends on its directions.
    fn change(&self, finding: &Finding) -> Change {
        let directions: Vec<_> = [Direction::Request, Direction::Response]
            .into_iter()
            .filter(|direction| {
                let mut uses = finding.uses.iter();
                uses.any(|(_, used)| *used == Some(*direction))
            })
            .collect();
        let weighed = match directions.is_empty() {
            true => vec![Direction::Request, Direction::Response],
            false => directions.clone(),
        };
        let verdicts = weighed.iter().map(|direction| finding.verdict(*direction));
        let mut wire = verdicts.max().unwrap_or(Verdict::Neutral);
        let operations: BTreeSet<usize> = finding.uses.iter().map(|(index, _)| *index).collect();
        let all_unstable = operations.iter().all(|index| self.unstable[*index]);
        if !operations.is_empty() && all_unstable {
            wire = wire.min(Verdict::MayBreak);
        }
        Change {
            id: String::new(),
            check: finding.check,
            what: finding.what.clone(),
            operations: self.concerned(&operations),
            directions,
            old: finding.old.clone(),
            new: finding.new.clone(),
            wire,
            rust: None,
            surface: Vec::new(),
            advice: advice(finding, &weighed),
            accepted: None,
        }
    }

    /// The operations in reports. A change of all operations is a change of the API.
    fn concerned(&self, operations: &BTreeSet<usize>) -> Vec<Concerned> {
        if operations.len() == self.labels.len() && self.labels.len() > 1 {
            return Vec::new();
        }
        let operations = operations.iter();
        operations
            .map(|index| self.labels[*index].clone())
            .collect()
    }

    /// The operations that use a pair of schemas.
    fn users(&self, pair: usize) -> Vec<Concerned> {
        let mut parents: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, pair) in self.pairs.iter().enumerate() {
            for edge in &pair.edges {
                parents.entry(edge.child).or_default().push(index);
            }
        }
        let mut seen = BTreeSet::from([pair]);
        let mut waiting = vec![pair];
        while let Some(pair) = waiting.pop() {
            let parents = parents.get(&pair).into_iter().flatten();
            waiting.extend(parents.filter(|parent| seen.insert(**parent)));
        }
        let uses = self.roots.iter().enumerate();
        let users = uses.filter(|(_, roots)| roots.iter().any(|root| seen.contains(&root.pair)));
        self.concerned(&users.map(|(index, _)| index).collect())
    }
}

/// The advice for the directions in which a finding is breaking.
fn advice(finding: &Finding, directions: &[Direction]) -> String {
    let check = finding.check;
    let mut advice = Vec::new();
    for direction in directions {
        let told = match direction {
            Direction::Request => check.advice,
            Direction::Response => check.response_advice,
        };
        let breaks = finding.verdict(*direction) >= Verdict::MayBreak;
        if (breaks || check.section == Section::Deprecated) && !advice.contains(&told) {
            advice.push(told);
        }
    }
    advice.retain(|told| *told != "None.");
    advice.join(" ")
}

fn report(
    (old, new): (&Document, &Document),
    mut changes: Vec<Change>,
    surfaces_compared: bool,
    policy: &Policy,
) -> Report {
    for change in &mut changes {
        change.id = id_of(&[
            change.check.id,
            &change.what,
            change.old.pointer.as_str(),
            change.new.pointer.as_str(),
        ]);
        policy.apply(change);
        if change.advice.is_empty() {
            change.advice = match (change.rust, change.check.rust) {
                (Some(Verdict::Breaking), None) => "Adapt the code that uses it to the new client.",
                (Some(Verdict::Breaking), Some(_)) => change.check.advice,
                _ => "None.",
            }
            .to_owned();
        }
    }
    changes.sort_by(|a, b| {
        let rank = |change: &Change| std::cmp::Reverse(change.counted());
        rank(a)
            .cmp(&rank(b))
            // Changes of the vendor precede those of the generator.
            .then_with(|| a.check.rust.is_some().cmp(&b.check.rust.is_some()))
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
            let value = place.pointer.get(&document.root);
            place.value = value
                .filter(|value| place.there && is_plain(value))
                .cloned();
        }
    }
    Report {
        old: old.file.clone(),
        new: new.file.clone(),
        changes,
        surfaces_compared,
    }
}

/// True for a scalar and for a list of scalars.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Object(_) => false,
        Value::Array(items) => !items.iter().any(|item| item.is_array() || item.is_object()),
        _ => true,
    }
}
