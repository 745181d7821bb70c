use serde_json::{Value, json};

use super::*;

fn rejection(text: &str) -> String {
    Document::parse("spec", text)
        .expect_err("is rejected")
        .to_string()
}

fn parsed(text: &str) -> Document {
    Document::parse("spec", text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The problems of the findings, each with its pointer.
fn problems(document: &Document) -> Vec<String> {
    let findings = document.findings.iter();
    findings
        .map(|finding| format!("{}: {}", finding.pointer, finding.problem))
        .collect()
}

#[test]
fn yaml_and_json_give_the_same_value() {
    let yaml = "a:\n  - 1\n  - 1.5\n  - true\n  - null\n  - '1'\n  - 2020-01-01\nb: >-\n  folded\n  text\n200: x\n";
    let json = r#"{"a":[1,1.5,true,null,"1","2020-01-01"],"b":"folded text","200":"x"}"#;
    let yaml = parsed(yaml).root;
    assert_eq!(yaml, parsed(json).root);
    assert_eq!(yaml["a"][3], Value::Null);
}

#[test]
fn yaml_is_read_as_common_loaders_read_it() {
    for (text, value) in [
        // Collections that are closed at the indentation of their parent, or before it.
        (
            "a:\n  b: {\n    c: [\n    ]\n  }\n",
            json!({ "a": { "b": { "c": [] } } }),
        ),
        ("a:\n  b: [1,\n2]\n", json!({ "a": { "b": [1, 2] } })),
        // Quoted strings that continue at any indentation.
        (
            "a:\n  b: \"one\ntwo\"\n",
            json!({ "a": { "b": "one two" } }),
        ),
        (
            "a:\n  b: 'one\n\n\ttwo'\n",
            json!({ "a": { "b": "one\ntwo" } }),
        ),
        // Tabs.
        (
            "a:\tb\nc: {\n\td: 1\n}\n",
            json!({ "a": "b", "c": { "d": 1 } }),
        ),
        (
            "a:\n\tb: 1\n\tc:\n\t\td: 2\n",
            json!({ "a": { "b": 1, "c": { "d": 2 } } }),
        ),
        // Comments.
        ("a: \"b\"#c\nd: [1]#e\n", json!({ "a": "b", "d": [1] })),
        // Words of YAML 1.1, dates and other strings without quotes.
        (
            "a: [yes, no, on, y, 2001-12-14, 1:30, 1_000]\n",
            json!({ "a": ["yes", "no", "on", "y", "2001-12-14", "1:30", "1_000"] }),
        ),
        (
            "a: {b: http://c.example/d?e=f&g=h}\n/i/{j}: k\n",
            json!({ "a": { "b": "http://c.example/d?e=f&g=h" }, "/i/{j}": "k" }),
        ),
        // Tags.
        (
            "a: !!str 1\nb: !!int '2'\nc: !own {d: !own 3}\n",
            json!({ "a": "1", "b": 2, "c": { "d": 3 } }),
        ),
        // Directives and marks.
        ("%YAML 1.1\n---\na: 1\n...\n", json!({ "a": 1 })),
        // Line breaks of other systems.
        ("a: 1\r\nb:\r\n  - c\r\n", json!({ "a": 1, "b": ["c"] })),
        ("\u{feff}a: 1\n", json!({ "a": 1 })),
        // YAML that starts like JSON.
        ("{a: 1, b: {c: d}}\n", json!({ "a": 1, "b": { "c": "d" } })),
        ("{\"a\": [1, 2,],}\n", json!({ "a": [1, 2] })),
    ] {
        assert_eq!(parsed(text).root, value, "{text}");
    }
}

#[test]
fn a_mistake_of_the_syntax_is_a_finding() {
    for (text, pointer, problem) in [
        (
            "a:\n  b: 1\n  b: 2\n",
            "#/a/b",
            "duplicate key `b` in line 2 and line 3",
        ),
        (
            "{\"a\": 1,\n \"a\": 2}",
            "#/a",
            "duplicate key `a` in line 1 and line 2",
        ),
        (
            "a: 1\n---\nb: 2\n",
            "#",
            "another document starts in line 2",
        ),
        (
            "a:\n\tb: 1\n",
            "#/a",
            "line 2: a tab is used for indentation",
        ),
        ("a: *b\n", "#/a", "the alias `*b` names no anchor"),
        (
            "a: &a [*a]\n",
            "#/a/0",
            "the alias is inside its own anchor",
        ),
        (
            "a:\n  ? [b]\n  : c\n",
            "#/a",
            "line 2: a key is not a scalar",
        ),
        (
            "a:\n  - .nan\n",
            "#/a/0",
            "JSON cannot represent the number `.nan`",
        ),
        (
            "{\"a\": 1e999}",
            "#/a",
            "JSON cannot represent the number `1e999`",
        ),
    ] {
        let document = parsed(text);
        let problems = problems(&document);
        assert!(
            problems
                .first()
                .is_some_and(|found| *found == format!("{pointer}: {problem}")),
            "{problems:?}"
        );
    }
}

#[test]
fn of_a_duplicate_key_the_last_value_counts_in_both_syntaxes() {
    for text in ["a: 1\na: 2\n", "{\"a\": 1,\n\"a\": 2}"] {
        let document = parsed(text);
        assert_eq!(document.root, json!({ "a": 2 }), "{text}");
        let position = document.position(&Pointer::of(["a"]));
        assert_eq!(position.map(|position| position.line), Some(2), "{text}");
    }
}

#[test]
fn yaml_anchors_and_merge_keys_are_expanded() {
    let text = "base: &base {type: string, a: 1}\ncopy: *base\nmerged:\n  <<: *base\n  a: 2\n\
                all:\n  <<: [*base, {b: 3}]\ntwice:\n  <<: *base\n  <<: {b: 3}\n";
    let document = parsed(text);
    let all = json!({ "type": "string", "a": 1, "b": 3 });
    assert_eq!(
        document.root,
        json!({
            "base": { "type": "string", "a": 1 },
            "copy": { "type": "string", "a": 1 },
            "merged": { "type": "string", "a": 2 },
            "all": all,
            "twice": all,
        })
    );
    assert_eq!(document.findings, []);
}

#[test]
fn json_escapes_beyond_the_basic_plane_are_read() {
    let document = parsed(r#"{"a":"\ud83d\ude00\/"}"#);
    assert_eq!(document.root["a"], "😀/");
}

#[test]
fn a_file_in_utf_16_is_read() {
    let folder = tempfile::tempdir().expect("has a temporary folder");
    let path = folder.path().join("spec");
    let units = "\u{feff}a: ä\n".encode_utf16();
    for bytes in [
        units
            .clone()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>(),
        units.flat_map(u16::to_be_bytes).collect(),
    ] {
        std::fs::write(&path, bytes).expect("writes");
        let document = Document::load(&path).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(document.root, json!({ "a": "ä" }));
    }
}

#[test]
fn pointers_have_positions_in_both_syntaxes() {
    let yaml = "paths:\n  /a:\n    get:\n      tags: [x, {ä: 1, y: 2}]\n";
    let json = "{\n  \"paths\": {\n    \"/a\": {\n      \"get\": {\"tags\": [\"x\", {\"ä\": 1, \"y\": 2}]}\n    }\n  }\n}";
    for (text, places) in [
        (
            yaml,
            [(1, 1), (1, 1), (2, 3), (4, 14), (4, 17), (4, 24), (4, 24)],
        ),
        (
            json,
            [(1, 1), (2, 3), (3, 5), (4, 24), (4, 29), (4, 38), (4, 38)],
        ),
    ] {
        let document = parsed(text);
        let pointers = [
            "",
            "/paths",
            "/paths/~1a",
            "/paths/~1a/get/tags/0",
            "/paths/~1a/get/tags/1/ä",
            "/paths/~1a/get/tags/1/y",
            // A value that the source lacks has the position of its nearest ancestor.
            "/paths/~1a/get/tags/1/y/z",
        ];
        let found = pointers.map(|pointer| {
            let pointer = Pointer::parse(pointer).expect("is a pointer");
            let position = document.position(&pointer).expect("has a position");
            (position.line, position.column)
        });
        assert_eq!(found[0], places[0], "{text}");
        assert_eq!(found[2..4], places[2..4], "{text}");
        assert_eq!(found[5..], places[5..], "{text}");
    }
}

#[test]
fn invalid_syntax_is_rejected_with_its_position() {
    assert!(rejection("a: [1, 2\nb: 3\n").starts_with("spec:2:"));
    assert!(rejection("a: 1\n]\n").starts_with("spec:2:"));
    assert!(rejection("{\"a\": }x").starts_with("spec:1:7: not JSON"));
    assert!(rejection("").contains("the document is empty"));
}

#[test]
fn exponential_alias_expansion_is_rejected() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        text += &format!("a{level}: &a{level} [{before}]\n");
    }
    assert!(rejection(&text).contains("aliases"));
}

#[test]
fn alias_expansion_of_large_strings_is_rejected() {
    let large = "x".repeat(100_000);
    let aliases = "*a, ".repeat(1_000);
    assert!(rejection(&format!("a: &a {large}\nb: [{aliases}]\n")).contains("aliases"));
    let many = "x, ".repeat(12_000);
    let nested = (0..100).fold(many, |inner, level| format!("&a{level} [{inner}]"));
    assert!(rejection(&nested).contains("aliases"));
}

#[test]
fn a_file_that_is_too_large_or_not_utf8_is_rejected() {
    let folder = tempfile::tempdir().expect("has a temporary folder");
    let path = folder.path().join("spec");
    let file = std::fs::File::create(&path).expect("is made");
    // A sparse file takes no disk space.
    file.set_len(100 << 20).expect("is grown");
    let rejected = Document::load(&path).expect_err("is rejected").to_string();
    assert!(rejected.contains("is larger than 64 MiB"), "{rejected}");
    std::fs::write(&path, b"a: 1\nb: \xff\n").expect("writes");
    let rejected = Document::load(&path).expect_err("is rejected").to_string();
    assert!(
        rejected.contains("byte 8 (0xff) in line 2 is not UTF-8"),
        "{rejected}"
    );
}

#[test]
fn a_document_nested_too_deeply_is_rejected() {
    let deep = "[".repeat(10_000);
    assert!(rejection(&deep).contains("nested"));
    assert!(rejection(&format!("{{\"a\": {deep}")).contains("nested"));
}
