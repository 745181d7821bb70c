//! Leaves every operation one tag at most, and every tag one spelling.
//!
//! Before: `tags: [node pools, OpenShift]` on one operation, `tags: [Node-Pools]` on another.
//! After: `tags: [node pools]` on both.
//!
//! A tag becomes a trait: a method that stood in two of them could not be called without saying
//! which, and two spellings would make the same trait twice.

use std::collections::BTreeMap;

use openapi_document::walk::operations_mut;
use serde_json::{Value, json};

use super::{Notes, Pass};
use crate::rust_name::pascal;

pub(super) const PASS: Pass = Pass { name: "tags", run };

fn run(root: &mut Value, notes: &mut Notes) {
    let mut spellings: BTreeMap<String, String> = BTreeMap::new();
    operations_mut(root, |pointer, _, _, operation| {
        let pointer = pointer.join("tags");
        let Some(tags) = operation.get("tags").and_then(Value::as_array) else {
            return;
        };
        let mut tags = tags.iter().filter_map(Value::as_str);
        let Some(first) = tags.next() else {
            return;
        };
        let others: Vec<&str> = tags.collect();
        if !others.is_empty() {
            notes.add(
                &pointer,
                format!("dropped `{}`", others.join("`, `")),
                "a method in several traits could not be called without naming one",
            );
        }
        let spelling = spellings
            .entry(pascal(first))
            .or_insert_with(|| first.to_owned());
        if spelling != first {
            notes.add(
                &pointer,
                format!("`{first}` became `{spelling}`"),
                "both are the same trait in Rust",
            );
        }
        operation["tags"] = json!([spelling]);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::run;

    #[test]
    fn one_tag_in_one_spelling_is_left() {
        let (after, notes) = run(
            &PASS,
            json!({ "paths": { "/a": {
                "get": { "tags": ["node pools", "OpenShift"] },
                "put": { "tags": ["Node-Pools"] },
                "post": {},
            } } }),
        );
        assert_eq!(
            after["paths"]["/a"],
            json!({
                "get": { "tags": ["node pools"] },
                "put": { "tags": ["node pools"] },
                "post": {},
            })
        );
        assert_eq!(notes.len(), 2);
    }
}
