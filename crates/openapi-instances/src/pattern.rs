//! Matches strings against a `pattern` (an ECMA-262 regular expression) and generates matching strings.
//! Look-aheads are split off and character classes are escaped, so that `regex-syntax` can parse the
//! rest. Strings consist of printable ASCII where possible; for ASCII, `\d` and `\w` have the same
//! meaning in both dialects.

use std::collections::BTreeSet;

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// The number of attempts for each length.
pub(super) const ATTEMPTS: u64 = 6;

/// A parsed pattern.
pub(super) struct Pattern {
    pub(super) source: String,
    body: Hir,
    /// Look-aheads at the start of the string: whether each must match, and its expression.
    lookaheads: Vec<(bool, Hir)>,
}

impl Pattern {
    pub(super) fn parse(source: &str) -> Result<Self, String> {
        let mut lookaheads = Vec::new();
        let mut rest = source;
        while let Some((wanted, group, after)) = lookahead(rest) {
            lookaheads.push((wanted, parse(group)?));
            rest = after;
        }
        // The rest is anchored like the look-aheads.
        let anchored = format!("^(?:{rest})");
        Ok(Self {
            source: source.to_owned(),
            body: parse(if lookaheads.is_empty() {
                source
            } else {
                &anchored
            })?,
            lookaheads,
        })
    }

    pub(super) fn matches(&self, string: &str) -> bool {
        let string: Vec<char> = string.chars().collect();
        let found = |hir, start| !ends(hir, &string, start).is_empty();
        let mut lookaheads = self.lookaheads.iter();
        (0..=string.len()).any(|start| found(&self.body, start))
            && lookaheads.all(|(wanted, hir)| found(hir, 0) == *wanted)
    }

    pub(super) fn shortest(&self) -> usize {
        self.body.properties().minimum_len().unwrap_or(0)
    }

    /// Generates a string with `extra` more repetitions than necessary. It matches apart from anchors
    /// and look-aheads, and is padded to `minimum` characters as if its end were not anchored. Attempt 0
    /// results in the simplest string.
    pub(super) fn generate(&self, extra: usize, minimum: usize, attempt: u64, seed: u64) -> String {
        let mut writer = Writer {
            string: String::new(),
            extra,
            attempt,
            state: seed ^ attempt,
        };
        writer.write(&self.body);
        let missing = minimum.saturating_sub(writer.string.chars().count());
        writer.string + &"a".repeat(missing)
    }
}

fn parse(pattern: &str) -> Result<Hir, String> {
    regex_syntax::parse(&from_ecma(pattern)).map_err(|error| match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        error => error.to_string(),
    })
}

/// Splits a look-ahead, which `regex-syntax` does not support, off the start of a pattern: whether it
/// must match, its expression, and the rest.
fn lookahead(pattern: &str) -> Option<(bool, &str, &str)> {
    let group = pattern.trim_start_matches('^');
    let wanted = group.starts_with("(?=");
    if !wanted && !group.starts_with("(?!") {
        return None;
    }
    let mut depth = 0;
    let (end, ..) = characters(group).find(|(_, c, in_class, escaped)| {
        depth += match c {
            '(' if !in_class && !escaped => 1,
            ')' if !in_class && !escaped => -1,
            _ => 0,
        };
        depth == 0
    })?;
    Some((wanted, &group[3..end], &group[end + 1..]))
}

/// Escapes characters that have a meaning in the classes of `regex-syntax`, but not in ECMA-262:
/// nesting, intersection and difference.
fn from_ecma(pattern: &str) -> String {
    let mut out = String::new();
    for (_, c, in_class, escaped) in characters(pattern) {
        if in_class && !escaped && matches!(c, '[' | '&' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Each character with its byte offset, whether it is within a class, and whether it is escaped.
fn characters(pattern: &str) -> impl Iterator<Item = (usize, char, bool, bool)> {
    let (mut in_class, mut escaped) = (false, false);
    pattern.char_indices().map(move |(at, c)| {
        let character = (at, c, in_class, escaped);
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
        character
    })
}

/// The positions at which a match of `hir` from `start` can end.
fn ends(hir: &Hir, string: &[char], start: usize) -> BTreeSet<usize> {
    let after = |hir: &Hir, starts: &BTreeSet<usize>| -> BTreeSet<usize> {
        let ends = starts.iter().flat_map(|start| ends(hir, string, *start));
        ends.collect()
    };
    let end_if =
        |matched: bool, length: usize| matched.then_some(start + length).into_iter().collect();
    match hir.kind() {
        HirKind::Empty => end_if(true, 0),
        HirKind::Look(look) => end_if(holds(*look, string, start), 0),
        HirKind::Class(class) => end_if(string.get(start).is_some_and(|c| is_in(class, *c)), 1),
        HirKind::Literal(literal) => {
            let literal: Vec<char> = String::from_utf8_lossy(&literal.0).chars().collect();
            end_if(string[start..].starts_with(&literal), literal.len())
        }
        HirKind::Capture(capture) => ends(&capture.sub, string, start),
        HirKind::Concat(parts) => {
            let start = BTreeSet::from([start]);
            parts
                .iter()
                .fold(start, |starts, part| after(part, &starts))
        }
        HirKind::Alternation(branches) => branches
            .iter()
            .flat_map(|branch| ends(branch, string, start))
            .collect(),
        HirKind::Repetition(repetition) => {
            let (mut reached, mut fresh) = (BTreeSet::new(), BTreeSet::from([start]));
            for times in 0..=repetition.max.unwrap_or(u32::MAX) {
                if times >= repetition.min {
                    fresh = &fresh - &reached;
                    reached.extend(&fresh);
                }
                if fresh.is_empty() {
                    break;
                }
                fresh = after(&repetition.sub, &fresh);
            }
            reached
        }
    }
}

fn holds(look: Look, string: &[char], at: usize) -> bool {
    let is_word = |at: Option<usize>| {
        let c = at.and_then(|at| string.get(at));
        c.is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_')
    };
    let at_edge = is_word(at.checked_sub(1)) != is_word(Some(at));
    match look {
        Look::Start => at == 0,
        Look::End => at == string.len(),
        Look::WordAscii | Look::WordUnicode => at_edge,
        Look::WordAsciiNegate | Look::WordUnicodeNegate => !at_edge,
        // The other assertions do not exist in ECMA-262.
        _ => false,
    }
}

fn is_in(class: &Class, c: char) -> bool {
    match class {
        Class::Unicode(class) => {
            let mut ranges = class.iter();
            ranges.any(|range| (range.start()..=range.end()).contains(&c))
        }
        // `(?-u)` does not exist in ECMA-262.
        Class::Bytes(_) => false,
    }
}

/// A string under construction, with a reproducible pseudo-random generator (SplitMix64).
struct Writer {
    string: String,
    /// The number of remaining additional repetitions.
    extra: usize,
    attempt: u64,
    state: u64,
}

impl Writer {
    fn write(&mut self, hir: &Hir) {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.string += &String::from_utf8_lossy(&literal.0),
            HirKind::Class(class) => {
                let letter = self.letter(class);
                self.string.extend(letter);
            }
            HirKind::Capture(capture) => self.write(&capture.sub),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.write(part)),
            HirKind::Alternation(branches) => {
                let any = self.one_of(branches.iter());
                let length = |branch: &&Hir| branch.properties().minimum_len();
                let branch = match self.extra {
                    0 => branches.iter().min_by_key(length),
                    _ => any,
                };
                branch.into_iter().for_each(|branch| self.write(branch));
            }
            HirKind::Repetition(repetition) => {
                let maximum = repetition.max.unwrap_or(u32::MAX);
                let available = self.extra.min((maximum - repetition.min) as usize);
                let any = self.one_of(0..=available).unwrap_or(available);
                let more = if self.attempt == 0 { available } else { any };
                self.extra -= more;
                for _ in 0..repetition.min as usize + more {
                    self.write(&repetition.sub);
                }
            }
        }
    }

    fn one_of<T>(&mut self, options: impl Iterator<Item = T>) -> Option<T> {
        let mut options: Vec<T> = options.collect();
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let index = (mixed ^ (mixed >> 31)).checked_rem(options.len() as u64)?;
        Some(options.swap_remove(index as usize))
    }

    /// Picks a character of a class. Attempt 0 prefers one kind of character; others prefer
    /// alphanumeric characters, or any printable ASCII.
    fn letter(&mut self, class: &Class) -> Option<char> {
        let preferences: &[fn(&char) -> bool] = match self.attempt {
            0 => &[
                char::is_ascii_lowercase,
                char::is_ascii_digit,
                char::is_ascii_uppercase,
                char::is_ascii_graphic,
            ],
            1 | 4 => &[char::is_ascii_alphanumeric, char::is_ascii_graphic],
            _ => &[char::is_ascii_graphic],
        };
        let printable: Vec<char> = ('!'..='~').filter(|c| is_in(class, *c)).collect();
        let mut preferred = preferences
            .iter()
            .filter_map(|preference| self.one_of(printable.iter().copied().filter(preference)));
        let space = is_in(class, ' ').then_some(' ');
        preferred.next().or(space).or_else(|| match class {
            Class::Unicode(class) => class.iter().next().map(|range| range.start()),
            Class::Bytes(_) => None,
        })
    }
}
