//! Formats notes as text or JSON.

use std::fmt::Write as _;

use openapi_document::{Document, Position};
use serde_json::{Value, json};

use crate::Note;

impl Note {
    /// The note as text. A note about a defect of the document includes the position and a hint, and a note
    /// about a lossy change the position and the overlay action that avoids the loss.
    pub fn text(&self, document: &Document) -> String {
        let mut out = format!("{self}\n");
        let reduced = self.reduced.as_ref().map(|reduced| &reduced.place);
        if let Some(place) = reduced.or(self.hint.as_ref().map(|_| &self.pointer)) {
            let place = document.diagnostic(place, "", "");
            // Writing to a string does not fail.
            let _ = write!(out, "  in {}", place.file);
            if let Some(Position { line, column }) = place.position {
                let _ = write!(out, ":{line}:{column}");
            }
            out.push('\n');
        }
        if let Some(hint) = &self.hint {
            let _ = writeln!(out, "  hint: {hint}");
        }
        if let Some(reduced) = &self.reduced {
            out.push_str("  to avoid this, add to `actions:` of the overlay\n");
            for line in reduced.remedy().lines() {
                let _ = writeln!(out, "    {line}");
            }
        }
        out
    }

    /// The note as JSON: `pass`, `pointer`, `what`, `why`, `hint`, and `reduced`, which is `null` or has `loss`,
    /// `remedy`, `file`, `line` and `column`.
    pub fn json(&self, document: &Document) -> Value {
        let reduced = self.reduced.as_ref().map(|reduced| {
            let place = document.diagnostic(&reduced.place, "", "");
            json!({
                "loss": reduced.loss,
                "remedy": reduced.remedy(),
                "file": place.file,
                "line": place.position.map(|position| position.line),
                "column": place.position.map(|position| position.column),
            })
        });
        json!({
            "pass": self.pass,
            "pointer": self.pointer.to_string(),
            "what": self.what,
            "why": self.why,
            "hint": self.hint,
            "reduced": reduced,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reduced;
    use openapi_document::Pointer;

    #[test]
    fn a_note_with_a_loss_has_its_position_and_its_remedy() {
        let document = Document::parse("api.yaml", "paths:\n  /a: {}\n").expect("is YAML");
        let mut note = Note {
            pass: "cookies",
            pointer: Pointer::of(["paths", "/a", "get"]),
            what: "dropped".to_owned(),
            why: "no client sends it".into(),
            hint: None,
            reduced: None,
        };
        let first = "cookies: #/paths/~1a/get: dropped (no client sends it)";
        assert_eq!(note.text(&document), format!("{first}\n"));
        let place = Pointer::of(["paths", "/a"]);
        note.reduced = Some(Reduced::removing("it is not sent", &place));
        assert_eq!(
            note.text(&document),
            format!(
                "{first}; reduced: it is not sent\n  in api.yaml:2:3\n  to avoid this, add to \
                 `actions:` of the overlay\n    - target: \"$['paths']['/a']\"\n      remove: true\n"
            )
        );
        let reduced = &note.json(&document)["reduced"];
        assert_eq!(
            (&reduced["loss"], &reduced["line"]),
            (&"it is not sent".into(), &2.into())
        );
    }
}
