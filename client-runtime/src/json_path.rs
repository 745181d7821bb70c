//! Which property of a JSON document a decoder stopped at.

/// The JSONPath of the value that a decoder refuses in `json`.
///
/// The column of an error counts the bytes of its line up to and with the one at which the decoder
/// stopped. A value of the wrong type has been read by then, so that byte belongs to it; where JSON
/// itself is wrong, that byte is the one that does not belong there.
pub(crate) fn of_error(json: &[u8], error: &serde_json::Error) -> String {
    let before: usize = json
        .split_inclusive(|byte| *byte == b'\n')
        .take(error.line().saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    let read = error.column().saturating_sub(usize::from(error.is_syntax()));
    let end = before.saturating_add(read).min(json.len());
    at(&json[..end])
}

/// The JSONPath of the value that comes next, or that was begun or has just ended, where a document
/// breaks off behind `start`.
fn at(start: &[u8]) -> String {
    Walk::default().until(start)
}

/// The open containers on the way to a place: for an object the last member's name, for an array the
/// index.
#[derive(Default)]
struct Walk {
    open: Vec<Step>,
}

enum Step {
    Member(String),
    Index(usize),
}

impl Walk {
    fn until(mut self, text: &[u8]) -> String {
        let mut rest = text;
        let mut last_string = String::new();
        while let [first, tail @ ..] = rest {
            rest = tail;
            match first {
                b'{' => self.open.push(Step::Member(String::new())),
                b'[' => self.open.push(Step::Index(0)),
                b'}' | b']' => {
                    self.open.pop();
                }
                b',' => match self.open.last_mut() {
                    Some(Step::Index(index)) => *index += 1,
                    Some(Step::Member(name)) => name.clear(),
                    None => {}
                },
                b':' => {
                    if let Some(Step::Member(name)) = self.open.last_mut() {
                        *name = std::mem::take(&mut last_string);
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
        self.open
            .iter()
            .fold("$".to_owned(), |path, step| match step {
                Step::Member(name) if name.is_empty() => path,
                Step::Member(name) => format!("{path}.{name}"),
                Step::Index(index) => format!("{path}[{index}]"),
            })
    }
}

/// How many bytes a string has before its closing quote.
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

    #[test]
    fn a_position_belongs_to_the_innermost_member() {
        let text = b"{\n  \"a\": [1, {\"b\\\"}\": tru}]\n}";
        for (line, column, path) in [
            (1, 1, "$"),
            (2, 9, "$.a[0]"),
            (2, 23, "$.a[1].b\\\"}"),
            (3, 1, "$.a"),
        ] {
            assert_eq!(at(text, line, column), path, "{line}:{column}");
        }
    }

    proptest! {
        #[test]
        fn any_text_and_any_position_will_do(text: Vec<u8>, line: usize, column: usize) {
            prop_assert!(at(&text, line, column).starts_with('$'));
        }
    }
}
