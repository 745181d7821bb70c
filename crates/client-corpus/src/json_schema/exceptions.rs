//! The file of known exceptions: groups of a suite whose failures have a reason.
//!
//! ```toml
//! [[exception]]
//! keyword = "refRemote"
//! reason = "documents are never fetched"
//!
//! [[exception]]
//! keyword = "ref"
//! groups = [6]
//! reason = "…"
//! ```

use std::path::Path;

use serde::Deserialize;

use super::GroupResult;

/// The known exceptions.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exceptions {
    #[serde(default)]
    exception: Vec<Exception>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    keyword: String,
    /// The indices of the groups; all groups of the keyword if there are none.
    #[serde(default)]
    groups: Vec<usize>,
    reason: String,
}

impl Exceptions {
    /// Reads the file, if there is one.
    ///
    /// # Errors
    /// The file cannot be read, or is not such a file.
    pub(super) fn read(path: Option<&Path>) -> Result<Self, String> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let failed = |error: String| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        toml::from_str(&text).map_err(|error| failed(error.to_string()))
    }

    /// Adds the listed reasons to the results with failures. Returns the listed groups that have no
    /// failure.
    pub(super) fn apply(&self, results: &mut [GroupResult]) -> Vec<String> {
        let mut unused = Vec::new();
        for exception in &self.exception {
            let mut applied = Vec::new();
            for result in results.iter_mut() {
                let is_listed = result.keyword == exception.keyword
                    && (exception.groups.is_empty() || exception.groups.contains(&result.index));
                if is_listed && result.is_failed() {
                    result.exception = Some(exception.reason.clone());
                    applied.push(result.index);
                }
            }
            let keyword = &exception.keyword;
            if applied.is_empty() {
                unused.push(format!("{keyword}: {}", exception.reason));
                continue;
            }
            let groups = exception.groups.iter();
            let groups = groups.filter(|group| !applied.contains(group));
            unused.extend(groups.map(|group| format!("{keyword}#{group}: {}", exception.reason)));
        }
        unused
    }
}

#[cfg(test)]
mod tests {
    use super::super::Counts;
    use super::*;

    #[test]
    fn a_listed_failure_has_its_reason_and_a_reason_without_failure_is_reported() {
        let exceptions: Exceptions = toml::from_str(
            "[[exception]]\nkeyword = 'a'\ngroups = [0, 1]\nreason = 'r'\n\
             [[exception]]\nkeyword = 'b'\nreason = 's'\n",
        )
        .expect("is a file of exceptions");
        let result = |index: usize, failures: &[&str]| GroupResult {
            keyword: "a".to_owned(),
            index,
            error: None,
            valid: Counts::default(),
            invalid: Counts::default(),
            noted: Vec::new(),
            failures: failures.iter().map(ToString::to_string).collect(),
            exception: None,
        };
        let mut results = [result(0, &["wrong"]), result(1, &[]), result(2, &["wrong"])];
        assert_eq!(exceptions.apply(&mut results), ["a#1: r", "b: s"]);
        let failed = results.each_ref().map(GroupResult::is_failed);
        assert_eq!(failed, [false, false, true]);
    }
}
