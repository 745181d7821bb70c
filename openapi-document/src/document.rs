//! Loading: a YAML or JSON text becomes a JSON value, and its places keep their line and column.
//!
//! Both syntaxes refuse a member that stands twice in one object, since the parsers at hand would
//! silently keep the last: two operations on one path and method would become one. Positions are
//! looked up only when a diagnostic needs one, by reading the text again.

mod json;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::Pointer;
use crate::{Diagnostic, Position};

/// How deep a document may be nested. Real descriptions stay below 40.
const MAX_DEPTH: usize = 120;

/// What to do about a member that stands twice.
const TWICE: &str =
    "keep one of the two; if both are needed, give one another name, path or method";

/// A loaded document: its value, and the text that says where each part of it stands.
#[derive(Debug, Clone)]
pub struct Document {
    /// The file, as the caller named it.
    pub file: String,
    /// The whole document.
    pub root: Value,
    text: String,
    syntax: Syntax,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Syntax {
    Json,
    Yaml,
}

/// Why a text is not a document, before anybody knows what file it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SyntaxError {
    position: Position,
    pointer: Option<Pointer>,
    message: String,
    hint: &'static str,
}

impl Document {
    /// Reads and parses a file. A text that starts with `{` is JSON, any other YAML.
    ///
    /// # Errors
    /// A file that cannot be read, a text that is neither, a member that stands twice, a document
    /// nested too deeply.
    pub fn load(path: &Path) -> Result<Self, Diagnostic> {
        let file = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(file, text),
            Err(error) => Err(Diagnostic {
                file,
                position: None,
                pointer: None,
                message: format!("cannot be read: {error}"),
                hint: "name an existing UTF-8 file".to_owned(),
            }),
        }
    }

    /// Parses a text as [`Document::load`] does; `file` is only what diagnostics call it.
    ///
    /// # Errors
    /// Those of [`Document::load`], but for the reading.
    pub fn parse(file: impl Into<String>, text: impl Into<String>) -> Result<Self, Diagnostic> {
        let (file, text) = (file.into(), text.into());
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        };
        let syntax = if text.trim_start().starts_with('{') {
            Syntax::Json
        } else {
            Syntax::Yaml
        };
        let parsed = match syntax {
            Syntax::Json => json::parse(&text),
            Syntax::Yaml => yaml::parse(&text),
        };
        match parsed {
            Ok(root) => Ok(Self {
                file,
                root,
                text,
                syntax,
            }),
            Err(error) => Err(Diagnostic {
                file,
                position: Some(error.position),
                pointer: error.pointer,
                message: error.message,
                hint: error.hint.to_owned(),
            }),
        }
    }

    /// Where the text says what `pointer` names: the member's name, or the array's item. A place
    /// that the text does not have (an overlay may have added it) answers with its nearest
    /// ancestor's.
    pub fn position(&self, pointer: &Pointer) -> Option<Position> {
        let wanted = BTreeSet::from([pointer.clone()]);
        self.positions(&wanted).remove(pointer)
    }

    /// The same for many places at once, for which the text is read once.
    pub fn positions(&self, wanted: &BTreeSet<Pointer>) -> BTreeMap<Pointer, Position> {
        let lineage = |pointer: &Pointer| {
            std::iter::successors(Some(pointer.clone()), Pointer::parent).collect::<Vec<_>>()
        };
        let all: BTreeSet<Pointer> = wanted.iter().flat_map(lineage).collect();
        let found = match self.syntax {
            Syntax::Json => json::locate(&self.text, &all),
            Syntax::Yaml => yaml::locate(&self.text, &all),
        };
        wanted
            .iter()
            .filter_map(|pointer| {
                let mut lineage = lineage(pointer).into_iter();
                let position = lineage.find_map(|pointer| found.get(&pointer))?;
                Some((pointer.clone(), *position))
            })
            .collect()
    }

    /// A diagnostic about one place of this document.
    pub fn diagnostic(
        &self,
        pointer: &Pointer,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            file: self.file.clone(),
            position: self.position(pointer),
            pointer: Some(pointer.clone()),
            message: message.into(),
            hint: hint.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refusal(text: &str) -> String {
        Document::parse("spec", text)
            .expect_err("is refused")
            .to_string()
    }

    #[test]
    fn yaml_and_json_give_the_same_value() {
        let yaml = "a:\n  - 1\n  - 1.5\n  - true\n  - null\n  - '1'\n  - 2020-01-01\nb: >-\n  folded\n  text\n200: x\n";
        let json = r#"{"a":[1,1.5,true,null,"1","2020-01-01"],"b":"folded text","200":"x"}"#;
        let yaml = Document::parse("y", yaml).expect("parses").root;
        assert_eq!(yaml, Document::parse("j", json).expect("parses").root);
        assert_eq!(yaml["a"][3], Value::Null);
    }

    #[test]
    fn yaml_anchors_and_merge_keys_are_expanded() {
        let text =
            "base: &base {type: string}\ncopy: *base\nmerged:\n  <<: *base\n  description: d\n";
        let document = Document::parse("y", text).expect("parses");
        assert_eq!(
            document.root,
            json!({
                "base": {"type": "string"},
                "copy": {"type": "string"},
                "merged": {"type": "string", "description": "d"},
            })
        );
    }

    #[test]
    fn json_escapes_beyond_the_basic_plane_are_read() {
        let document = Document::parse("j", r#"{"a":"\ud83d\ude00\/"}"#).expect("parses");
        assert_eq!(document.root["a"], "😀/");
    }

    #[test]
    fn every_place_of_both_syntaxes_has_its_position() {
        let yaml = "paths:\n  /a:\n    get:\n      tags: [x, y]\n";
        let json = "{\n  \"paths\": {\n    \"/a\": {\n      \"get\": {\"tags\": [\"x\", \"y\"]}\n    }\n  }\n}";
        let pointer = Pointer::of(["paths", "/a", "get", "tags", "1"]);
        for (text, line, column) in [(yaml, 4, 17), (json, 4, 29)] {
            let document = Document::parse("spec", text).expect("parses");
            assert_eq!(
                document.position(&pointer),
                Some(Position { line, column }),
                "{text}"
            );
        }
    }

    #[test]
    fn many_places_are_found_as_each_by_itself() {
        let text = "{\n  \"a\": [1, {\"ä\": 2, \"c\": 3}],\n  \"d\": {}}";
        let document = Document::parse("spec", text).expect("parses");
        let wanted = ["", "/a", "/a/0", "/a/1/ä", "/a/1/c", "/d", "/d/e"]
            .map(|pointer| Pointer::parse(pointer).expect("is a pointer"));
        let found = document.positions(&BTreeSet::from(wanted.clone()));
        for pointer in wanted {
            let alone = document.position(&pointer);
            assert_eq!(found.get(&pointer).copied(), alone, "{pointer}");
        }
        let last = found[&Pointer::of(["a", "1", "c"])];
        assert_eq!(
            last,
            Position {
                line: 2,
                column: 21
            }
        );
    }

    #[test]
    fn a_place_that_the_text_lacks_answers_with_its_nearest_ancestor() {
        let document = Document::parse("spec", "a:\n  b: 1\n").expect("parses");
        assert_eq!(
            document.position(&Pointer::of(["a", "b", "c"])),
            Some(Position { line: 2, column: 3 })
        );
    }

    #[test]
    fn a_member_that_stands_twice_is_refused_where_it_stands_again() {
        let yaml = refusal("paths:\n  /a:\n    get: {}\n    get: {}\n");
        assert!(yaml.starts_with("spec:4:5: `get` stands twice in one object"));
        assert!(yaml.contains("#/paths/~1a/get"));
        let json = refusal("{\"a\": 1,\n \"a\": 2}");
        assert!(
            json.starts_with("spec:2:2: `a` stands twice in one object"),
            "{json}"
        );
    }

    #[test]
    fn what_is_neither_syntax_is_refused_with_its_place() {
        assert!(refusal("a: [1, 2\nb: 3\n").starts_with("spec:2:"));
        assert!(refusal("{\"a\": }").starts_with("spec:1:7: "));
        assert!(refusal("").contains("the document is empty"));
    }

    #[test]
    fn a_document_that_grows_by_aliases_without_end_is_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}, ", level - 1).repeat(10);
            text += &format!("a{level}: &a{level} [{before}]\n");
        }
        assert!(refusal(&text).contains("aliases"));
    }

    #[test]
    fn a_document_nested_too_deeply_is_refused() {
        let deep = "[".repeat(10_000);
        assert!(refusal(&deep).contains("nested"));
        assert!(refusal(&format!("{{\"a\": {deep}")).contains("nested"));
    }
}
