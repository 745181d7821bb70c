//! Notes: what the lowering changed in a document, where and why.

use std::fmt;
use std::rc::Rc;

use openapi_document::{Document, Pointer};
use serde_json::Value;

use crate::origins::Origins;
use crate::request_places::RequestPlaces;

/// One change that the lowering made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The pass that made it.
    pub pass: &'static str,
    /// Where, in the document as the pass found it.
    pub pointer: Pointer,
    /// What was changed.
    pub what: String,
    /// Why it had to be.
    pub why: &'static str,
    /// What it costs the users of the client, where it does.
    pub reduced: Option<Reduced>,
}

/// What the users of a client cannot do, since a change could not keep all of the meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reduced {
    /// What they cannot do, in their words.
    pub loss: String,
    /// The place that an overlay would change to mend it, in the document as it was found.
    pub place: Pointer,
    /// Whether it is only of values that callers send, and not of those that they get.
    pub of_requests: bool,
    /// How: the members of an overlay action beside its target, as YAML.
    action: String,
}

impl Reduced {
    /// A loss that is none once the place is `update`d with what is meant: YAML in one line.
    pub(crate) fn updating(loss: impl Into<String>, pointer: &Pointer, update: &str) -> Self {
        Self::mended_by(loss, pointer, &format!("update: {update}"))
    }

    /// A loss that is none once the place is gone.
    pub fn removing(loss: impl Into<String>, pointer: &Pointer) -> Self {
        Self::mended_by(loss, pointer, "remove: true")
    }

    /// A rule for values that are sent which the client leaves to the server; none once it is gone.
    pub fn unchecked(loss: impl Into<String>, pointer: &Pointer) -> Self {
        Self {
            of_requests: true,
            ..Self::removing(loss, pointer)
        }
    }

    fn mended_by(loss: impl Into<String>, pointer: &Pointer, action: &str) -> Self {
        Self {
            loss: loss.into(),
            place: pointer.clone(),
            of_requests: false,
            action: action.to_owned(),
        }
    }

    /// Makes its place, which the pass found in the document in the making, one of the document as it
    /// was found.
    pub(crate) fn settle(&mut self, origins: &Origins, document: &Document) {
        let (place, is_exact) = origins.found(&document.root, &self.place);
        self.place = place;
        if !is_exact {
            // What would mend the place itself could spoil what is around it.
            self.action = "update: {} # with what is meant".to_owned();
        }
    }

    /// The overlay action that would mend it, as YAML ready to paste below `actions:`.
    pub fn remedy(&self) -> String {
        let target = Value::String(json_path(&self.place));
        format!("- target: {target}\n  {}\n", self.action)
    }
}

/// The place as an RFC 9535 query, which is how an overlay names it.
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
    requests: Rc<RequestPlaces>,
    pub(crate) origins: Origins,
    /// Which place has what stood at which, once the pass is done.
    pub(crate) moved: Vec<(Pointer, Pointer)>,
    pub(crate) notes: Vec<Note>,
}

impl Notes {
    pub(crate) fn of(pass: &'static str, requests: Rc<RequestPlaces>, origins: Origins) -> Self {
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
            why,
            reduced: None,
        });
    }

    /// Notes a change that could not keep all of the meaning.
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
            why,
            reduced: Some(reduced),
        });
    }

    /// Remembers that a component was made of what stood at `sources`.
    pub(crate) fn component(&mut self, name: &str, sources: &[Pointer]) {
        let place = Pointer::of(["components", "schemas", name]);
        self.origins.remember(&place, sources);
    }

    /// Whether callers make the values of a place.
    pub(crate) fn is_of_requests(&self, place: &Pointer) -> bool {
        let origins = self.origins.before(place);
        origins.iter().any(|origin| self.requests.contain(origin))
    }

    /// Notes that a rule for values is taken out. Where callers make the values, it is theirs to
    /// keep: `loss` says what the client does not do.
    pub(crate) fn add_unchecked(&mut self, place: &Pointer, why: &'static str, loss: &str) {
        if self.is_of_requests(place) {
            self.add_reduced(place, "dropped", why, Reduced::unchecked(loss, place));
        } else {
            self.add(place, "dropped", why);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remedy_is_an_overlay_action_that_finds_its_place() {
        let text = r#"{"paths":{"/a's":{"get":{"responses":{"200":{"x":1}},"tags":["a","b"]}}}}"#;
        let get = Pointer::of(["paths", "/a's", "get"]);
        let answer = get.join("responses").join("200");
        for (reduced, left) in [
            (
                Reduced::removing("", &get.join("tags").join(1)),
                r#""tags":["a"]"#,
            ),
            (Reduced::removing("", &answer), r#""responses":{}"#),
            (
                Reduced::updating("", &answer, "{y: [2]}"),
                r#"{"x":1,"y":[2]}"#,
            ),
        ] {
            let document = Document::parse("d", text).expect("is JSON");
            let mended = crate::remedy::mended(&document, &reduced.remedy());
            let after = mended.expect("has its target").root.to_string();
            assert!(after.contains(left), "{after}");
        }
    }
}
