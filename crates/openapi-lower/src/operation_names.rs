//! The ids of operations: those in use, and those that are derived from method and path.

use std::collections::BTreeSet;

use client_codegen::naming::{pascal, snake};
use openapi_document::walk::operations;
use serde_json::Value;

/// The methods that a client has in addition to its calls.
const RESERVED: [&str; 9] = [
    "builder",
    "builder_from_env",
    "with",
    "session",
    "request",
    "clone",
    "from",
    "into",
    "Self",
];

/// The operation ids in use, compared as Rust names.
pub(crate) struct Ids(BTreeSet<String>);

impl Default for Ids {
    fn default() -> Self {
        Self(RESERVED.iter().map(|name| pascal(name)).collect())
    }
}

impl Ids {
    /// The ids of the operations of a document.
    pub(crate) fn of(root: &Value) -> Self {
        let mut ids = Self::default();
        for (pointer, _, _) in operations(root) {
            let id = pointer.join("operationId");
            let id = id.get(root).and_then(Value::as_str);
            ids.0.extend(id.map(pascal));
        }
        ids
    }

    /// Returns an unused id similar to `wanted` and reserves it.
    pub(crate) fn free(&mut self, wanted: &str) -> String {
        let mut free = wanted.to_owned();
        let mut count = 2;
        while !self.0.insert(pascal(&free)) {
            free = format!("{wanted}{count}");
            count += 1;
        }
        free
    }
}

/// The id for `GET /spaces/{spaceId}/roles` is `get_spaces_by_space_id_roles`.
pub fn described(method: &str, path: &str) -> String {
    let words: Vec<String> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| match segment.strip_prefix('{') {
            Some(parameter) => format!("by_{}", snake(parameter.trim_end_matches('}'))),
            None => snake(segment),
        })
        .collect();
    match words.join("_") {
        path if path.is_empty() => format!("{method}_root"),
        path => format!("{method}_{path}"),
    }
}
