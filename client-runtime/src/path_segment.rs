//! Free strings in paths.
//!
//! A path parameter becomes one segment of the path. Every character in it is percent-encoded, yet
//! three values would still reach another route: the empty string, `.` and `..`, which a URL
//! removes as dot-segments (RFC 3986 section 5.2.4) whatever their encoding.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
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

impl fmt::Display for PathSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a server sees as path segments after `/before/` when the client puts `segment` there
    /// and one literal segment behind it.
    fn segments_of(segment: &PathSegment) -> Vec<String> {
        let url = format!(
            "http://127.0.0.1/before/{}/after",
            progenitor_client::encode_path(&segment.to_string())
        );
        let url = reqwest::Url::parse(&url).expect("a client's own URL parses");
        url.path_segments()
            .expect("an http URL has a path")
            .map(str::to_owned)
            .collect()
    }

    proptest! {
        #[test]
        fn every_other_string_stays_one_segment(value in "\\PC*|[./%2eE]{0,6}") {
            prop_assume!(!["", ".", ".."].contains(&value.as_str()));
            let segment = PathSegment::try_from(value.as_str()).expect("is usable");
            let seen = segments_of(&segment);
            prop_assert_eq!(seen.len(), 3);
            prop_assert_eq!(&seen[0], "before");
            prop_assert_eq!(&seen[2], "after");
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
