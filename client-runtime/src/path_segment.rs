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

use crate::flatten;
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
        f.write_str(&escaped(&self.0))
    }
}

/// A list that makes one segment of a path, its values joined by commas: the style `simple`.
///
/// ```
/// use client_runtime::PathList;
///
/// let ids: PathList<i64> = vec![3, 4].try_into()?;
/// assert_eq!(ids.to_string(), "3,4");
/// assert!(PathList::<i64>::try_from(vec![0; 0]).is_err());
/// # Ok::<(), client_runtime::UnusableSegment>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<T>", into = "Vec<T>")]
#[serde(bound(
    serialize = "T: Serialize + Clone",
    deserialize = "T: Serialize + Deserialize<'de>"
))]
pub struct PathList<T>(Vec<T>);

impl<T: Serialize, U: Into<T>> TryFrom<Vec<U>> for PathList<T> {
    type Error = UnusableSegment;

    fn try_from(values: Vec<U>) -> Result<Self, UnusableSegment> {
        let list = Self(values.into_iter().map(Into::into).collect());
        PathSegment::try_from(list.to_string()).map(|_| list)
    }
}

impl<T> From<PathList<T>> for Vec<T> {
    fn from(list: PathList<T>) -> Self {
        list.0
    }
}

/// Writes the list as the generated code needs it, with stand-ins for the backslashes and commas
/// in its values.
impl<T: Serialize> fmt::Display for PathList<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, value) in self.0.iter().enumerate() {
            let text = flatten::text_of(value).map_err(|_| fmt::Error)?;
            let text = escaped(&text).replace(',', COMMA);
            write!(f, "{}{text}", if index == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

/// The stand-in doubled stands for itself, before a `b` for a backslash, before a `c` for a comma.
const COMMA: &str = "\u{10FFFD}c";

fn escaped(text: &str) -> String {
    text.replace(STAND_IN, &format!("{STAND_IN}{STAND_IN}"))
        .replace('\\', &format!("{STAND_IN}b"))
}

/// Puts encoded backslashes and commas where a URL has their stand-ins.
pub(crate) fn restore(url: &mut reqwest::Url) {
    if !url.path().contains(ENCODED_STAND_IN) {
        return;
    }
    let mut restored = String::with_capacity(url.path().len());
    let mut rest = url.path();
    while let Some((before, after)) = rest.split_once(ENCODED_STAND_IN) {
        restored.push_str(before);
        let (stands_for, after) = match after.as_bytes().first() {
            Some(b'b') => ("%5C", &after[1..]),
            Some(b'c') => ("%2C", &after[1..]),
            _ => {
                let itself = after.strip_prefix(ENCODED_STAND_IN);
                (ENCODED_STAND_IN, itself.unwrap_or(after))
            }
        };
        restored.push_str(stands_for);
        rest = after;
    }
    restored.push_str(rest);
    url.set_path(&restored);
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
        restore(&mut url);
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
    fn a_comma_in_a_value_is_no_separator() {
        let list = PathList::<String>::try_from(vec!["a,b", "\\", "\u{10FFFD}c"]);
        let url = "http://127.0.0.1/".to_owned()
            + &progenitor_client::encode_path(&list.expect("is usable").to_string());
        let mut url = reqwest::Url::parse(&url).expect("is a URL");
        restore(&mut url);
        assert_eq!(url.path(), "/a%2Cb,%5C,%F4%8F%BF%BDc");
    }

    #[test]
    fn a_list_that_would_reach_another_route_is_refused() {
        for values in [vec![], vec![""], vec![".."]] {
            assert!(
                PathList::<String>::try_from(values.clone()).is_err(),
                "{values:?}"
            );
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
