//! Formats diagnostics as text with source lines, or as JSON.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde_json::{Value, json};

use crate::{Diagnostic, Position};

impl Diagnostic {
    /// The diagnostic as text: message, position, the source line from `source`, and the hint. Without
    /// `source`, or if the position is not in it, there is no source line. `colour` adds terminal
    /// colours.
    pub fn text(&self, source: Option<&str>, colour: bool) -> String {
        let span = self
            .position
            .zip(source)
            .and_then(|(position, source)| Some((source, span_at(source, position)?)));
        let Some((source, span)) = span else {
            return format!("error: {self}\n");
        };
        let pointer = self.pointer.as_ref();
        let place = pointer.map_or(String::new(), |pointer| format!("at {pointer}"));
        let report = [Level::ERROR
            .primary_title(&self.message)
            .element(
                Snippet::source(source)
                    .path(&self.file)
                    .annotation(AnnotationKind::Primary.span(span).label(place)),
            )
            .element(Level::HELP.message(&self.hint))];
        let renderer = match colour {
            true => Renderer::styled(),
            false => Renderer::plain(),
        };
        renderer.render(&report) + "\n"
    }

    /// The diagnostic as JSON: `file`, `line`, `column`, `pointer`, `message`, `hint`; unknown values are
    /// `null`.
    pub fn json(&self) -> Value {
        json!({
            "file": self.file,
            "line": self.position.map(|position| position.line),
            "column": self.position.map(|position| position.column),
            "pointer": self.pointer.as_ref().map(ToString::to_string),
            "message": self.message,
            "hint": self.hint,
        })
    }
}

/// The byte range of the key or value that starts at a position; `None` if the position is not in
/// the text.
fn span_at(source: &str, position: Position) -> Option<Range<usize>> {
    // A byte order mark is not part of a line.
    let mark = source.len() - source.trim_start_matches('\u{feff}').len();
    let mut start = mark;
    for _ in 1..position.line {
        start += source[start..].find('\n')? + 1;
    }
    let line = source[start..].lines().next().unwrap_or_default();
    let (column, _) = line
        .char_indices()
        .chain([(line.len(), ' ')])
        .nth(position.column.checked_sub(1)?)?;
    let rest = &line[column..];
    let length = match rest.strip_prefix('"') {
        Some(quoted) => quoted.find('"').map_or(rest.len(), |end| end + 2),
        None => rest
            .find([':', ',', '}', ']', ' '])
            .unwrap_or(rest.len())
            .max(rest.chars().next().map_or(0, char::len_utf8)),
    };
    Some(start + column..start + column + length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Document, check};

    fn refusal(text: &str) -> String {
        let refused = Document::parse("api.yaml", text)
            .and_then(|document| check(&document))
            .expect_err("is rejected");
        refused.text(Some(text), false)
    }

    #[test]
    fn a_diagnostic_shows_its_source_line() {
        assert_eq!(
            refusal("paths: {}\nswagger: '2.0'\n"),
            "\
error: this is Swagger \"2.0\", not OpenAPI 3
 --> api.yaml:2:1
  |
2 | swagger: '2.0'
  | ^^^^^^^ at #/swagger
  |
  = help: convert it first, for instance with `npx swagger2openapi`
"
        );
    }

    #[test]
    fn a_position_at_or_beyond_the_end_is_accepted() {
        for text in [
            "",
            "\u{feff}",
            "a: [1",
            "{\"a\": }x",
            "\u{feff}a: 1\nä: 2\nä: 3",
        ] {
            let shown = refusal(text);
            assert!(shown.starts_with("error: "), "{shown}");
            assert!(shown.contains("api.yaml:"), "{shown}");
        }
        let position = Position { line: 9, column: 9 };
        assert_eq!(span_at("a", position), None);
    }
}
