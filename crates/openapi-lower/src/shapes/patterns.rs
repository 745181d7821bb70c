//! Removes patterns that have another meaning in Rust than in the document.
//!
//! Before: `{type: string, pattern: '/^[a-z]+$/'}`, `{type: string, pattern: '^\p{L}+$'}`, `{type:
//! string, pattern: '(?P<year>\d+)'}`.
//! After: `{type: string, pattern: '^[a-z]+$'}`, `{type: string}`, `{type: string}`.
//!
//! A pattern is a regular expression of ECMA-262 (JSON Schema 2020-12, Core, section 6.4). The generated
//! code parses it as one, without flags. A pattern in another dialect would panic there, or reject values
//! that the server accepts.

use openapi_document::Pointer;
use openapi_document::walk::schemas_mut;
use serde_json::Value;

use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "patterns",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        let Some(pattern) = keywords.get("pattern").and_then(Value::as_str) else {
            return;
        };
        let place: Pointer = pointer.join("pattern");
        let meant = without_delimiters(pattern);
        match why_unusable(meant) {
            Some(why) => {
                keywords.shift_remove("pattern");
                let loss = "the client does not check the pattern before it sends the value";
                notes.add_unchecked(&place, why, loss);
            }
            None if meant != pattern => {
                let meant = meant.to_owned();
                keywords.insert("pattern".to_owned(), meant.into());
                notes.add(
                    &place,
                    "removed the slashes around the pattern",
                    "a pattern has no delimiters",
                );
            }
            None => {}
        }
    });
}

/// `^a$` for `/^a$/`, which could not match anything with its slashes.
fn without_delimiters(pattern: &str) -> &str {
    pattern
        .strip_prefix('/')
        .and_then(|rest| rest.strip_suffix('/'))
        .filter(|inner| inner.starts_with('^') && inner.ends_with('$'))
        .unwrap_or(pattern)
}

fn why_unusable(pattern: &str) -> Option<&'static str> {
    if regress::Regex::new(pattern).is_err() {
        return Some("it is not a regular expression of ECMA-262");
    }
    if pattern.starts_with("/^") {
        return Some("it is a regular expression literal with flags");
    }
    if pattern.contains("[[:") {
        return Some("ECMA-262 does not have POSIX classes");
    }
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        // Other escapes match the letter itself, which is not the intention.
        let meaningless =
            |escaped: char| escaped.is_ascii_alphabetic() && !"bBcdDfknrsStuvwWx".contains(escaped);
        if character == '\\' && characters.next().is_some_and(meaningless) {
            return Some("it has an escape that ECMA-262 does not support, or only with flags");
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    fn became(pattern: &str) -> Option<String> {
        let (after, _) = run_on_schemas(
            &PASS,
            json!({ "A": { "type": "string", "pattern": pattern } }),
        );
        after["A"]["pattern"].as_str().map(str::to_owned)
    }

    #[test]
    fn a_pattern_of_another_dialect_is_removed() {
        for pattern in [
            "(?P<year>a)",
            "[a",
            r"^\p{L}$",
            r"\Aa\z",
            "^[[:alpha:]]$",
            "a++",
            "/^a$/i",
        ] {
            assert_eq!(became(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn a_pattern_of_ecmascript_is_kept() {
        for pattern in [
            r"^\d+$",
            r"^(?=a)(?!b)\w{2,}$",
            r"^[\w-]+\.\u00e9$",
            "^/a/$",
            "/a/",
            r"\\Z",
        ] {
            assert_eq!(became(pattern).as_deref(), Some(pattern));
        }
    }

    #[test]
    fn a_literal_is_the_pattern_between_its_slashes() {
        assert_eq!(became("/^a$/").as_deref(), Some("^a$"));
    }
}
