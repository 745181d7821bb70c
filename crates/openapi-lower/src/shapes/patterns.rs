//! Leaves strings only the patterns that mean in Rust what they mean in the document.
//!
//! Before: `{type: string, pattern: '/^[a-z]+$/'}`, `{type: string, pattern: '^\p{L}+$'}`, `{type:
//! string, pattern: '(?P<year>\d+)'}`.
//! After: `{type: string, pattern: '^[a-z]+$'}`, `{type: string}`, `{type: string}`.
//!
//! A pattern is a regular expression of ECMA-262 (JSON Schema 2020-12, Core, section 6.4), and the
//! generated code reads it as one, without flags. One in another dialect would panic there, or
//! refuse what the server takes.

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
        let Some(members) = schema.as_object_mut() else {
            return;
        };
        let Some(pattern) = members.get("pattern").and_then(Value::as_str) else {
            return;
        };
        let place: Pointer = pointer.join("pattern");
        let meant = without_delimiters(pattern);
        match why_unusable(meant) {
            Some(why) => {
                members.shift_remove("pattern");
                let loss = "the client does not check the pattern before it sends the value";
                notes.add_unchecked(&place, why, loss);
            }
            None if meant != pattern => {
                let meant = meant.to_owned();
                members.insert("pattern".to_owned(), meant.into());
                notes.add(
                    &place,
                    "taken out of its slashes",
                    "a pattern is not a literal of a program",
                );
            }
            None => {}
        }
    });
}

/// `^a$` of `/^a$/`, which as it stands could match nothing.
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
        return Some("it is a literal of a program, with flags");
    }
    if pattern.contains("[[:") {
        return Some("ECMA-262 has no POSIX classes");
    }
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        // Other escapes stand for the letter itself, which nobody means.
        let meaningless =
            |escaped: char| escaped.is_ascii_alphabetic() && !"bBcdDfknrsStuvwWx".contains(escaped);
        if character == '\\' && characters.next().is_some_and(meaningless) {
            return Some("it has an escape that ECMA-262 has not, or only with flags");
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
    fn a_pattern_of_another_dialect_is_dropped() {
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
    fn a_pattern_of_ecmascript_stays() {
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
