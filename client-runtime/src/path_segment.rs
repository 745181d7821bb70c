//! Free strings in paths.
//!
//! A path parameter becomes one segment of the path. Generated code percent-encodes it, yet three
//! values would still reach another route: the empty string, `.` and `..`, which a URL removes as
//! dot-segments (RFC 3986 section 5.2.4) whatever their encoding. They are refused.
//!
//! A backslash is not encoded by the generated code, and a URL of `http` takes it for a slash (WHATWG
//! URL, path state). So [`PathSegment`] is written with a stand-in for it, and
//! [`crate::Session::execute`] puts the encoded backslash in the stand-in's place.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::stand_in::{ENCODED_STAND_IN, STAND_IN};

/// A string that makes exactly one segment of a path: anything but the empty string, `.` and `..`.
///
/// ```
/// use client_runtime::PathSegment;
///
/// let name: PathSegment = "a/b c".parse()?;
/// assert_eq!(name.as_str(), "a/b c");
/// assert!("..".parse::<PathSegment>().is_err());
/// # Ok::<(), client_runtime::UnusableSegment>(())
/// ```
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct PathSegment(String);

/// The error of a string that would reach another route.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot be a path parameter: it would address another path")]
pub struct UnusableSegment(String);

impl PathSegment {
    /// The string, not encoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PathSegment {
    type Error = UnusableSegment;

    fn try_from(value: String) -> Result<Self, UnusableSegment> {
        match value.as_str() {
            "" | "." | ".." => Err(UnusableSegment(value)),
            _ => Ok(Self(value)),
        }
    }
}

impl TryFrom<&str> for PathSegment {
    type Error = UnusableSegment;

    fn try_from(value: &str) -> Result<Self, UnusableSegment> {
        value.to_owned().try_into()
    }
}

impl TryFrom<&String> for PathSegment {
    type Error = UnusableSegment;

    fn try_from(value: &String) -> Result<Self, UnusableSegment> {
        value.clone().try_into()
    }
}

impl FromStr for PathSegment {
    type Err = UnusableSegment;

    fn from_str(value: &str) -> Result<Self, UnusableSegment> {
        value.try_into()
    }
}

impl From<PathSegment> for String {
    fn from(segment: PathSegment) -> String {
        segment.0
    }
}

/// Writes the segment as the generated code needs it, with a stand-in for each backslash. The string
/// itself is [`PathSegment::as_str`].
impl fmt::Display for PathSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escaped(&self.0, |character| character == '\\'))
    }
}

/// What stands for a character that is to arrive encoded, behind the stand-in: which doubled stands
/// for itself.
const MARKS: [(char, char, &str); 4] = [
    ('b', '\\', "%5C"),
    ('c', ',', "%2C"),
    ('e', '=', "%3D"),
    ('s', ';', "%3B"),
];

/// The error of a value that [`refused`] was written for.
#[derive(Debug, thiserror::Error)]
#[error("a path parameter holds nothing, or what would address another path")]
pub(crate) struct NoSegment;

/// What stands behind the stand-in in a segment that would address another path.
const REFUSED: char = 'x';

/// A text with stand-ins for itself and for those of the characters that have one and are `wanted`.
pub(crate) fn escaped(text: &str, wanted: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match MARKS.iter().find(|(_, known, _)| *known == character) {
            Some((mark, _, _)) if wanted(character) => escaped.extend([STAND_IN, *mark]),
            _ if character == STAND_IN => escaped.extend([STAND_IN, STAND_IN]),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// What is written for a value that makes no segment, for [`restore`] to refuse.
pub(crate) fn refused() -> String {
    format!("{STAND_IN}{REFUSED}")
}

/// Puts encoded characters where a URL has their stand-ins.
///
/// # Errors
/// A value makes no segment.
pub(crate) fn restore(url: &mut reqwest::Url) -> Result<(), NoSegment> {
    if !url.path().contains(ENCODED_STAND_IN) {
        return Ok(());
    }
    let mut restored = String::with_capacity(url.path().len());
    let mut rest = url.path();
    while let Some((before, after)) = rest.split_once(ENCODED_STAND_IN) {
        restored.push_str(before);
        let mark = after.chars().next();
        if mark == Some(REFUSED) {
            return Err(NoSegment);
        }
        let stands_for = MARKS.iter().find(|(known, _, _)| mark == Some(*known));
        // Every mark is one byte long.
        let (stands_for, after) = match stands_for {
            Some((_, _, encoded)) => (*encoded, &after[1..]),
            None => {
                let itself = after.strip_prefix(ENCODED_STAND_IN);
                (ENCODED_STAND_IN, itself.unwrap_or(after))
            }
        };
        restored.push_str(stands_for);
        rest = after;
    }
    restored.push_str(rest);
    url.set_path(&restored);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a server reads as path segments when the client puts `segment` between two others.
    fn segments_of(segment: &impl fmt::Display) -> Vec<String> {
        let url = format!(
            "http://127.0.0.1/before/{}/after",
            progenitor_client::encode_path(&segment.to_string())
        );
        let mut url = reqwest::Url::parse(&url).expect("a client's own URL parses");
        restore(&mut url).expect("is a segment");
        let segments = url.path_segments().expect("an http URL has a path");
        segments
            .map(|segment| {
                let decoded = percent_encoding::percent_decode_str(segment);
                decoded.decode_utf8().expect("is UTF-8").into_owned()
            })
            .collect()
    }

    proptest! {
        #[test]
        fn every_other_string_arrives_as_it_is(value in "\\PC*|[./%2eE\\\\\u{10FFFD}b]{0,8}|(?s).*") {
            prop_assume!(!["", ".", ".."].contains(&value.as_str()));
            let segment = PathSegment::try_from(value.as_str()).expect("is usable");
            prop_assert_eq!(segments_of(&segment), ["before", value.as_str(), "after"]);
        }
    }

    #[test]
    fn a_backslash_is_no_slash() {
        for value in ["\\", "a\\..\\b", "\u{10FFFD}b\\b\u{10FFFD}"] {
            let segment = PathSegment::try_from(value).expect("is usable");
            assert_eq!(segments_of(&segment), ["before", value, "after"]);
        }
    }

    #[test]
    fn what_would_reach_another_route_is_refused() {
        for value in ["", ".", ".."] {
            let refused = PathSegment::try_from(value).expect_err("is refused");
            assert_eq!(
                refused.to_string(),
                format!("{value:?} cannot be a path parameter: it would address another path")
            );
        }
    }

    #[test]
    fn decoding_refuses_what_construction_refuses() {
        assert!(serde_json::from_str::<PathSegment>(r#""..""#).is_err());
    }
}
