//! Notes: the changes that the lowering made to a document, with location and reason.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use openapi_document::{Document, Finding, Pointer};
use serde_json::Value;

use crate::origins::Origins;
use crate::request_locations::RequestLocations;

/// One change of the lowering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The pass that made the change.
    pub pass: &'static str,
    /// The location in the document before the pass.
    pub pointer: Pointer,
    /// The change.
    pub what: String,
    /// The reason for the change.
    pub why: Cow<'static, str>,
    /// How to correct the document, if the change repairs a defect.
    pub hint: Option<String>,
    /// The loss for users of the client, if any.
    pub reduced: Option<Reduced>,
}

/// The name of the check in notes.
const CHECK: &str = "check";

/// The note about a defect of the document.
pub(crate) fn of_finding(finding: &Finding) -> Note {
    let reduced = finding.loss.as_ref();
    Note {
        pass: CHECK,
        pointer: finding.pointer.clone(),
        what: finding.repair.clone(),
        why: finding.problem.clone().into(),
        hint: Some(finding.hint.clone()),
        reduced: reduced.map(|loss| Reduced::avoided_by(&*loss.what, &loss.place, &loss.action)),
    }
}

/// A loss for users of a client, because a change did not keep the full meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reduced {
    /// What users cannot do, or must do themselves.
    pub loss: String,
    /// The location in the original document that an overlay must change to avoid the loss.
    pub place: Pointer,
    /// True if only request values are affected.
    pub of_requests: bool,
    /// The fields of the overlay action other than `target`, as YAML.
    action: String,
}

impl Reduced {
    /// A loss that is avoided by updating the location with `update`: YAML on one line.
    pub(crate) fn updating(loss: impl Into<String>, pointer: &Pointer, update: &str) -> Self {
        Self::avoided_by(loss, pointer, &format!("update: {update}"))
    }

    /// A loss that is avoided by removing the location.
    pub fn removing(loss: impl Into<String>, pointer: &Pointer) -> Self {
        Self::avoided_by(loss, pointer, "remove: true")
    }

    /// A constraint on request values that the client does not check. Removing it avoids the loss.
    pub fn unchecked(loss: impl Into<String>, pointer: &Pointer) -> Self {
        Self {
            of_requests: true,
            ..Self::removing(loss, pointer)
        }
    }

    fn avoided_by(loss: impl Into<String>, pointer: &Pointer, action: &str) -> Self {
        Self {
            loss: loss.into(),
            place: pointer.clone(),
            of_requests: false,
            action: action.to_owned(),
        }
    }

    /// Replaces its location, which refers to the document before the pass, with the origin in the
    /// original document.
    pub(crate) fn settle(&mut self, origins: &Origins, document: &Document) {
        let (place, is_exact) = origins.found(&document.root, &self.place);
        self.place = place;
        if !is_exact {
            // An action for the exact location could damage the enclosing one.
            self.action = "update: {} # add the intended content".to_owned();
        }
    }

    /// The overlay action that avoids the loss, as YAML to paste below `actions:`.
    pub fn remedy(&self) -> String {
        let target = Value::String(json_path(&self.place));
        format!("- target: {target}\n  {}\n", self.action)
    }
}

/// The pointer as an RFC 9535 query, as overlays require it.
fn json_path(pointer: &Pointer) -> String {
    const LISTS: [&str; 10] = [
        "allOf",
        "anyOf",
        "oneOf",
        "prefixItems",
        "parameters",
        "enum",
        "required",
        "security",
        "servers",
        "tags",
    ];
    let mut path = "$".to_owned();
    let mut in_list = false;
    for token in pointer.tokens() {
        if in_list && token.parse::<usize>().is_ok() {
            path.push_str(&format!("[{token}]"));
        } else {
            let escaped = token.replace('\\', "\\\\").replace('\'', "\\'");
            path.push_str(&format!("['{escaped}']"));
        }
        in_list = LISTS.contains(&token.as_str());
    }
    path
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            pass,
            pointer,
            what,
            why,
            reduced,
            ..
        } = self;
        write!(f, "{pass}: {pointer}: {what} ({why})")?;
        match reduced {
            Some(Reduced { loss, .. }) => write!(f, "; reduced: {loss}"),
            None => Ok(()),
        }
    }
}

/// Collects the notes of one pass.
pub(crate) struct Notes {
    pass: &'static str,
    requests: Rc<RequestLocations>,
    pub(crate) origins: Origins,
    /// Pairs of new and old locations, applied after the pass.
    pub(crate) moved: Vec<(Pointer, Pointer)>,
    pub(crate) notes: Vec<Note>,
}

impl Notes {
    pub(crate) fn of(pass: &'static str, requests: Rc<RequestLocations>, origins: Origins) -> Self {
        Self {
            pass,
            requests,
            origins,
            moved: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, pointer: &Pointer, what: impl Into<String>, why: &'static str) {
        self.notes.push(Note {
            pass: self.pass,
            pointer: pointer.clone(),
            what: what.into(),
            why: why.into(),
            hint: None,
            reduced: None,
        });
    }

    /// Adds a note for a change that does not keep the full meaning.
    pub(crate) fn add_reduced(
        &mut self,
        pointer: &Pointer,
        what: impl Into<String>,
        why: &'static str,
        reduced: Reduced,
    ) {
        self.notes.push(Note {
            pass: self.pass,
            pointer: pointer.clone(),
            what: what.into(),
            why: why.into(),
            hint: None,
            reduced: Some(reduced),
        });
    }

    /// Records that a component was created from `sources`.
    pub(crate) fn component(&mut self, name: &str, sources: &[Pointer]) {
        let place = Pointer::of(["components", "schemas", name]);
        self.origins.record(&place, sources);
    }

    /// True if callers send the values at a location.
    pub(crate) fn is_of_requests(&self, place: &Pointer) -> bool {
        let origins = self.origins.before(place);
        origins.iter().any(|origin| self.requests.contain(origin))
    }

    /// Adds a note that a constraint was removed. If callers send the values, `loss` describes what the
    /// client does not check.
    pub(crate) fn add_unchecked(&mut self, place: &Pointer, why: &'static str, loss: &str) {
        let what = "removed the keyword";
        if self.is_of_requests(place) {
            self.add_reduced(place, what, why, Reduced::unchecked(loss, place));
        } else {
            self.add(place, what, why);
        }
    }

    /// Adds a note that a constraint that remains in the schema is not checked, if callers send the
    /// values.
    pub(crate) fn add_not_checked(&mut self, place: &Pointer, why: &'static str, loss: &str) {
        if self.is_of_requests(place) {
            let what = "kept in the documentation only";
            self.add_reduced(place, what, why, Reduced::unchecked(loss, place));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remedy_is_an_overlay_action_for_the_location() {
        let json = r#"{"paths":{"/a's":{"get":{"responses":{"200":{"x":1}},"tags":["a","b"]}}}}"#;
        let get = Pointer::of(["paths", "/a's", "get"]);
        let response = get.join("responses").join("200");
        for (reduced, left) in [
            (
                Reduced::removing("", &get.join("tags").join(1)),
                r#""tags":["a"]"#,
            ),
            (Reduced::removing("", &response), r#""responses":{}"#),
            (
                Reduced::updating("", &response, "{y: [2]}"),
                r#"{"x":1,"y":[2]}"#,
            ),
        ] {
            let document = Document::parse("d", json).expect("is JSON");
            let mended = crate::remedy::mended(&document, &reduced.remedy());
            let after = mended.expect("has its target").root.to_string();
            assert!(after.contains(left), "{after}");
        }
    }
}
