//! Path templates (OpenAPI 3.1.1, Paths Object), matched against paths segment by segment.

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
    /// may be empty, since the segment is not.
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

    /// The text of a segment without parameters.
    pub fn literal(&self) -> Option<&str> {
        match &self.0[..] {
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The number of literal bytes. Among the segments that match a text, the one with most is the most
    /// specific.
    pub fn specificity(&self) -> usize {
        let length = |piece: &Piece| match piece {
            Piece::Literal(text) => text.len(),
            Piece::Parameter { .. } => 0,
        };
        self.0.iter().map(length).sum()
    }

    /// Matches the text of a segment, and appends the values of the parameters to `values`. If the text does
    /// not match, `values` is unchanged.
    ///
    /// A parameter has the shortest value that lets the rest of the segment match.
    pub fn matches(&self, text: &str, values: &mut Vec<String>) -> bool {
        matches(&self.0, text, values)
    }
}

fn matches(pieces: &[Piece], text: &str, values: &mut Vec<String>) -> bool {
    match pieces {
        [] => text.is_empty(),
        [Piece::Literal(literal), rest @ ..] => text
            .strip_prefix(literal.as_str())
            .is_some_and(|text| matches(rest, text, values)),
        [Piece::Parameter { may_be_empty }, rest @ ..] => {
            let ends = text.char_indices().map(|(at, char)| at + char.len_utf8());
            // The whole rest for the last parameter. An empty value is tried last.
            let mut ends: Vec<usize> = ends.collect();
            if rest.is_empty() {
                ends.drain(..ends.len().saturating_sub(1));
            }
            if *may_be_empty {
                ends.push(0);
            }
            ends.into_iter().any(|end| {
                let before = values.len();
                values.push(text[..end].to_owned());
                let matched = matches(rest, &text[end..], values);
                if !matched {
                    values.truncate(before);
                }
                matched
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_matches_its_literals_and_gives_the_values_of_its_parameters() {
        let cases: [(&str, &str, Option<&[&str]>); 8] = [
            ("a", "a", Some(&[])),
            ("a", "b", None),
            ("{x}", "b", Some(&["b"])),
            ("{x}", "", None),
            ("{x}:run", "b:run", Some(&["b"])),
            ("{x}.{y}", "a.b.c", Some(&["a", "b.c"])),
            ("{x}.json", ".json", Some(&[""])),
            ("'{x}'", "b", None),
        ];
        for (template, text, expected) in cases {
            let segment = Segment::parse(template, &mut Vec::new(), |_| false);
            let mut values = Vec::new();
            let matched = segment.matches(text, &mut values);
            assert_eq!(matched, expected.is_some(), "{template} {text}");
            assert_eq!(values, expected.unwrap_or_default(), "{template} {text}");
        }
    }
}
