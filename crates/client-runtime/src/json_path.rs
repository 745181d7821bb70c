//! The JSONPath of a decoding error.
//!
//! serde_json reports a line and a column, but a JSONPath is easier to use. The path is found by
//! scanning the document again, which happens only for failed calls.

use std::fmt;

use crate::problem::one_line;

/// The maximum length of a path, in characters.
const LONGEST_PATH: usize = 200;

/// The path to a value in a JSON document. `Display` writes it as a JSONPath in one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct JsonPath(pub(crate) Vec<Step>);

/// A step to a value inside another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// To the property of this name.
    Property(String),
    /// To the item with this index.
    Index(usize),
}

impl JsonPath {
    /// Returns the value at this path.
    pub(crate) fn get<'a>(&self, document: &'a serde_json::Value) -> Option<&'a serde_json::Value> {
        self.0.iter().try_fold(document, |value, step| match step {
            Step::Property(name) => value.get(name),
            Step::Index(index) => value.get(index),
        })
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.0.iter().fold("$".to_owned(), |path, step| match step {
            Step::Property(name) => format!("{path}.{name}"),
            Step::Index(index) => format!("{path}[{index}]"),
        });
        // Names come from the document, so they may be long and contain line breaks.
        f.write_str(&one_line(&path, LONGEST_PATH))
    }
}

/// Returns the path of the value at which serde_json stopped in `json`.
///
/// The column of an error counts the bytes of its line, including the byte at which it stopped. For a
/// value of the wrong type, that byte is part of the value; for invalid JSON, it is the first invalid
/// byte.
pub(crate) fn of_error(json: &[u8], error: &serde_json::Error) -> JsonPath {
    let before: usize = json
        .split_inclusive(|byte| *byte == b'\n')
        .take(error.line().saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    let read = error
        .column()
        .saturating_sub(usize::from(error.is_syntax()));
    let end = before.saturating_add(read).min(json.len());
    at(&json[..end])
}

/// Returns the path of the value that starts next, or that was started or just ended, at the end of
/// `start`.
fn at(start: &[u8]) -> JsonPath {
    // The open containers. `None` is an object in which no value has started.
    let mut open: Vec<Option<Step>> = Vec::new();
    let mut rest = start;
    let mut last_string = String::new();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'{' => open.push(None),
            b'[' => open.push(Some(Step::Index(0))),
            b'}' | b']' => {
                open.pop();
            }
            b',' => match open.last_mut() {
                Some(Some(Step::Index(index))) => *index += 1,
                Some(property) => *property = None,
                None => {}
            },
            b':' => {
                if let Some(property @ (None | Some(Step::Property(_)))) = open.last_mut() {
                    *property = Some(Step::Property(std::mem::take(&mut last_string)));
                }
            }
            b'"' => {
                let length = string_length(rest);
                last_string = String::from_utf8_lossy(&rest[..length]).into_owned();
                rest = rest.get(length + 1..).unwrap_or_default();
            }
            _ => {}
        }
    }
    JsonPath(open.into_iter().flatten().collect())
}

/// Returns the number of bytes of a string before its closing quote.
fn string_length(text: &[u8]) -> usize {
    let mut escaped = false;
    text.iter()
        .position(|byte| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        })
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Page {
        items: Vec<Item>,
        next: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Item {
        name: String,
        size: u8,
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Inner {
        id: u64,
    }

    /// The path at which decoding a page stops.
    fn stops_at(json: &str) -> String {
        let error = serde_json::from_str::<Page>(json).expect_err("is rejected");
        of_error(json.as_bytes(), &error).to_string()
    }

    #[test]
    fn a_value_of_the_wrong_type_is_found() {
        for (json, path) in [
            ("7", "$"),
            ("{}", "$"),
            (r#"{"items":7}"#, "$.items"),
            (r#"{"items": {"name":"a"}}"#, "$.items"),
            (r#"{"items":[7]}"#, "$.items[0]"),
            (r#"{"items":[{"name":"a","size":1},7]}"#, "$.items[1]"),
            (r#"{"items":[{"name":7}]}"#, "$.items[0].name"),
            (r#"{"items":[{"name":[1],"size":1}]}"#, "$.items[0].name"),
            (r#"{"items":[{"name":"a","size":256}]}"#, "$.items[0].size"),
            (r#"{"items":[{"name":"a","size":"1"}]}"#, "$.items[0].size"),
            (r#"{"items":[{"name":null,"size":1}]}"#, "$.items[0].name"),
            // A missing property is detected at the end of its object.
            (r#"{"items":[{"name":"a"}]}"#, "$.items[0]"),
            (r#"{"items":[{"size":1}],"next":null}"#, "$.items[0]"),
            (
                r#"{"items":[{"inner":{"a":{"b":1}},"name":"a"}]}"#,
                "$.items[0].inner",
            ),
            (
                r#"{"items":[{"name":"a","size":1,"inner":{}}]}"#,
                "$.items[0].inner",
            ),
            (r#"{"next":{"a":1},"items":[]}"#, "$.next"),
            (
                "{\n  \"items\": [\n    {\"name\": 7}\n  ]\n}",
                "$.items[0].name",
            ),
            ("{\"items\":[],\r\n\t\"next\":\t7}", "$.next"),
        ] {
            assert_eq!(stops_at(json), path, "{json}");
        }
    }

    #[test]
    fn invalid_json_is_reported_at_the_enclosing_value() {
        for (json, path) in [
            ("", "$"),
            (r#"{"items":}"#, "$.items"),
            (r#"{"items":[}"#, "$.items[0]"),
            (r#"{"items":[{"name":"a","size":1x}]}"#, "$.items[0].size"),
            (r#"{"items":[{"name": tru}]}"#, "$.items[0].name"),
            (r#"{"items":[{"name":"a"#, "$.items[0].name"),
            (r#"{"items":[{"name": 7"#, "$.items[0].name"),
            (r#"{"items":[{"inner":{"id":1}"#, "$.items[0].inner"),
            (r#"{"items":[]"#, "$.items"),
            (r#"{"items":[]} x"#, "$"),
        ] {
            assert_eq!(stops_at(json), path, "{json}");
        }
    }

    #[test]
    fn a_path_is_one_line_of_limited_length() {
        let json = format!("{{\"items\":[],\"{}\\n\n\":x}}", "long".repeat(1000));
        let error = serde_json::from_str::<serde_json::Value>(&json).expect_err("is rejected");
        let path = of_error(json.as_bytes(), &error).to_string();
        assert!(path.chars().count() <= LONGEST_PATH + 1, "{path}");
        assert!(!path.contains('\n'));
    }

    proptest! {
        #[test]
        fn no_document_panics(start: Vec<u8>) {
            prop_assert!(at(&start).to_string().starts_with('$'));
        }

        #[test]
        fn a_rejected_value_is_found_at_any_place(before in 0_usize..4, spaces in "[ \n\t]{0,3}") {
            let item = r#"{"name":"}],{\"[","size":1}"#;
            let items = vec![item; before].join(",");
            let comma = if before > 0 { "," } else { "" };
            let json = format!(
                "{{{spaces}\"items\"{spaces}:[{items}{comma}{{\"name\":{spaces}7,\"size\":1}}]}}"
            );
            prop_assert_eq!(stops_at(&json), format!("$.items[{before}].name"));
        }
    }
}
