//! Path templates (OpenAPI 3.1.1, Paths Object): their parameters, and segments to match paths against.

/// The parameter names in a path template, in order.
pub fn template_parameters(path: &str) -> Vec<String> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// One segment of a path template: a literal, a parameter, or several of both as in `{name}.{ext}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment(Vec<Piece>);

/// A part of a segment: `{a}-{b}` has three.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Parameter { may_be_empty: bool },
}

impl Segment {
    /// Parses a segment, and appends the names of its parameters to `names`. A parameter beside a literal
    /// may be empty, because the segment is not.
    pub fn parse(
        segment: &str,
        names: &mut Vec<String>,
        may_be_empty: impl Fn(&str) -> bool,
    ) -> Self {
        let mut has_literal = false;
        let mut pieces = Vec::new();
        let mut rest = segment;
        while let Some((before, name, after)) = rest.split_once('{').and_then(|(before, rest)| {
            rest.split_once('}')
                .map(|(name, after)| (before, name, after))
        }) {
            if !before.is_empty() {
                pieces.push(Piece::Literal(before.to_owned()));
                has_literal = true;
            }
            names.push(name.to_owned());
            pieces.push(Piece::Parameter {
                may_be_empty: may_be_empty(name),
            });
            rest = after;
        }
        if !rest.is_empty() || pieces.is_empty() {
            pieces.push(Piece::Literal(rest.to_owned()));
            has_literal = true;
        }
        for piece in &mut pieces {
            if let Piece::Parameter { may_be_empty } = piece {
                *may_be_empty |= has_literal;
            }
        }
        Self(pieces)
    }

    /// The literal of a segment without parameters.
    pub fn literal(&self) -> Option<&str> {
        match &self.0[..] {
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The number of literal bytes. Among the segments that match a string, the one with the most
    /// literal bytes is the most specific.
    pub fn specificity(&self) -> usize {
        let length = |piece: &Piece| match piece {
            Piece::Literal(text) => text.len(),
            Piece::Parameter { .. } => 0,
        };
        self.0.iter().map(length).sum()
    }

    /// Matches a segment of a path, and appends the values of the parameters to `values`. If it does not
    /// match, `values` is unchanged.
    ///
    /// A parameter has the shortest value that lets the rest of the segment match. Literals may be
    /// percent-encoded; values are not decoded.
    pub fn matches(&self, text: &str, values: &mut Vec<String>) -> bool {
        let mut found = None;
        split(&self.0, text, &mut Vec::new(), &mut |values| {
            found = Some(values.to_vec());
            true
        });
        let is_match = found.is_some();
        values.extend(found.into_iter().flatten());
        is_match
    }

    /// The ways in which a segment of a path can be split among its parameters, at most `max` of them. The
    /// first is that of [`matches`](Self::matches).
    pub fn splits(&self, text: &str, max: usize) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        split(&self.0, text, &mut Vec::new(), &mut |values| {
            found.push(values.to_vec());
            found.len() >= max
        });
        found
    }
}

/// Calls `found` with the values of each possible match until it returns true, and returns whether it
/// did.
fn split(
    pieces: &[Piece],
    text: &str,
    values: &mut Vec<String>,
    found: &mut dyn FnMut(&[String]) -> bool,
) -> bool {
    match pieces {
        [] => text.is_empty() && found(values),
        [Piece::Literal(literal), rest @ ..] => {
            let text = without_literal(text, literal.as_bytes());
            text.is_some_and(|text| split(rest, text, values, found))
        }
        [Piece::Parameter { may_be_empty }, rest @ ..] => {
            let ends = text.char_indices().map(|(at, char)| at + char.len_utf8());
            // The last parameter matches the whole rest. An empty value is tried last.
            let mut ends: Vec<usize> = ends.collect();
            if rest.is_empty() {
                ends.drain(..ends.len().saturating_sub(1));
            }
            if *may_be_empty {
                ends.push(0);
            }
            ends.into_iter().any(|end| {
                values.push(text[..end].to_owned());
                let is_enough = split(rest, &text[end..], values, found);
                values.pop();
                is_enough
            })
        }
    }
}

/// Removes a literal from the start of a string, in which its characters may be percent-encoded.
fn without_literal<'a>(text: &'a str, literal: &[u8]) -> Option<&'a str> {
    let bytes = text.as_bytes();
    let mut at = 0;
    for byte in literal {
        let escaped = |digits: &[u8]| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 16).ok()
        };
        at += match bytes.get(at)? {
            plain if plain == byte => 1,
            b'%' if escaped(bytes.get(at + 1..at + 3)?) == Some(*byte) => 3,
            _ => return None,
        };
    }
    text.get(at..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_matches_its_literals_and_gives_the_values_of_its_parameters() {
        let cases: [(&str, &str, Option<&[&str]>); 12] = [
            ("a", "a", Some(&[])),
            ("a", "b", None),
            ("{x}", "b", Some(&["b"])),
            ("{x}", "", None),
            ("{x}:run", "b:run", Some(&["b"])),
            ("{x}.{y}", "a.b.c", Some(&["a", "b.c"])),
            ("{x}.json", ".json", Some(&[""])),
            ("'{x}'", "b", None),
            ("('{x}')", "(%27b%27)", Some(&["b"])),
            ("{x} é", "b%20%C3%A9", Some(&["b"])),
            ("{x}é", "bé", Some(&["b"])),
            ("{x}{y}", "abc", Some(&["a", "bc"])),
        ];
        for (template, text, expected) in cases {
            let segment = Segment::parse(template, &mut Vec::new(), |_| false);
            let mut values = Vec::new();
            let matched = segment.matches(text, &mut values);
            assert_eq!(matched, expected.is_some(), "{template} {text}");
            assert_eq!(values, expected.unwrap_or_default(), "{template} {text}");
        }
    }

    #[test]
    fn a_text_can_be_split_in_several_ways() {
        let segment = Segment::parse("{x}.{y}", &mut Vec::new(), |_| false);
        assert_eq!(segment.splits("a.b.c", 9), [["a", "b.c"], ["a.b", "c"]]);
        assert_eq!(segment.splits("a.b.c", 1), [["a", "b.c"]]);
        assert!(segment.splits("a", 9).is_empty());
    }
}
