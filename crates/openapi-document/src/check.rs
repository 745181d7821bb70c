//! Repairs the defects of a document, so that each defect removes at most one operation.
//!
//! Every reader of a document works on the result. In it, the objects have the types that the
//! specification requires, every reference resolves, and the parameters of a path match its template.
//! Each change is a [`Finding`], except that a `querystring` of OpenAPI 3.2 becomes parameters that are
//! sent in the same way. A checked document has no defects, but may have two routes that only differ in
//! the names of parameters.

mod fields;
mod paths;
mod querystring;
mod references;
mod swagger;
mod swagger_fields;
mod template;
mod version;

use serde_json::Value;

use crate::document::Document;
use crate::long_running::LongRunning;
use crate::paging::Paging;
use crate::walk::operations;
use crate::{Diagnostic, Finding, Pointer, compact_clone};

/// A document whose defects are repaired.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The document. Its positions are those of the source.
    pub document: Document,
    /// The repaired defects, with locations in the original document.
    pub findings: Vec<Finding>,
    /// Pairs of a location in `document` and the location of the same value in the original document,
    /// where they differ.
    pub moved: Vec<(Pointer, Pointer)>,
}

/// Checks a loaded document, after its overlay was applied.
///
/// # Errors
/// The document is not OpenAPI 3; an `x-paging` or `x-long-running` is invalid.
///
/// ```
/// use openapi_document::{Document, check};
///
/// let document = Document::parse("api.yaml", "openapi: 3.1.0\npaths: {}")?;
/// let checked = check(&document)?;
/// assert_eq!(checked.document.root["info"]["title"], "api");
/// assert_eq!(checked.findings[0].problem, "the document has no `info`");
/// # Ok::<(), openapi_document::Diagnostic>(())
/// ```
pub fn check(document: &Document) -> Result<Checked, Diagnostic> {
    let mut repair = Repair {
        document,
        root: compact_clone(&document.root),
        findings: document.findings.clone(),
        moved: Vec::new(),
    };
    version::check(&mut repair)?;
    swagger::convert(&mut repair);
    fields::check(&mut repair);
    querystring::convert(&mut repair);
    references::check(&mut repair);
    paths::check(&mut repair);
    // Items may have moved.
    references::check(&mut repair);
    let Repair {
        root,
        findings,
        moved,
        ..
    } = repair;
    let document = document.with_root(root, &moved);
    check_extensions(&document)?;
    Ok(Checked {
        document,
        findings,
        moved,
    })
}

fn check_extensions(document: &Document) -> Result<(), Diagnostic> {
    let root = &document.root;
    for (operation, _, _) in operations(root) {
        Paging::of(root, &operation)
            .and_then(|_| LongRunning::of(root, &operation))
            .map_err(|error| document.diagnostic(&error.pointer, error.message, error.hint))?;
    }
    Ok(())
}

/// A document whose defects are being repaired.
struct Repair<'a> {
    /// The original document.
    document: &'a Document,
    root: Value,
    findings: Vec<Finding>,
    moved: Vec<(Pointer, Pointer)>,
}

impl Repair<'_> {
    /// Adds a finding about a location of `root`.
    fn add(&mut self, mut finding: Finding) {
        finding.pointer = self.original(&finding.pointer);
        if let Some(loss) = &mut finding.loss {
            loss.place = self.original(&loss.place);
        }
        self.findings.push(finding);
    }

    /// The location in the original document of a value of `root`.
    fn original(&self, pointer: &Pointer) -> Pointer {
        // The last move of a location applies, and moves are recorded with their original source.
        let moves = self.moved.iter().rev();
        let mut moves = moves.filter_map(|(now, before)| Some((pointer.within(now)?, before)));
        match moves.next() {
            Some((inside, before)) => inside.below(before),
            None => pointer.clone(),
        }
    }

    /// Records that the value at `before` is now at `now`.
    fn moved(&mut self, now: &Pointer, before: &Pointer) {
        let inner = self.moved.iter().filter_map(|(place, original)| {
            let inside = place.within(before)?;
            Some((inside.below(now), original.clone()))
        });
        let inner: Vec<_> = inner.collect();
        let original = self.original(before);
        self.moved.push((now.clone(), original));
        self.moved.extend(inner);
    }

    /// Removes a property, or an item of a list.
    fn remove(&mut self, pointer: &Pointer) {
        let (Some(parent), Some(token)) = (pointer.parent(), pointer.tokens().last()) else {
            return;
        };
        match parent.get_mut(&mut self.root) {
            Some(Value::Object(properties)) => {
                properties.shift_remove(&token);
            }
            Some(Value::Array(items)) => {
                let index: Option<usize> = token.parse().ok();
                let Some(index) = index.filter(|index| *index < items.len()) else {
                    return;
                };
                items.remove(index);
                for now in index..items.len() {
                    self.moved(&parent.join(now), &parent.join(now + 1));
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
