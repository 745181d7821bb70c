//! Shorter operation ids, by a rule.
//!
//! Some frameworks generate long ids: FastAPI appends the path and the method to the name of the
//! function. The rules are off by default, because the names of methods are part of the API of a client. Single
//! names are set with `operationId` in the overlay.

use std::collections::BTreeMap;

use client_codegen::naming::snake;
use openapi_document::Pointer;
use openapi_document::walk::operations;
use serde::Deserialize;
use serde_json::Value;

/// A rule that changes operation ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationNames {
    /// The summary of the operation instead of its id: `Set Flow Run State` is `set_flow_run_state`.
    Summary,
    /// The id without the path and the method at its end: `set_state_flow_runs_id_set_state_post` of `POST
    /// /flow_runs/{id}/set_state` is `set_state`.
    StripPathSuffix,
}

impl OperationNames {
    /// Changes the ids of a document. An id that would no longer be unique is kept.
    pub fn apply(self, root: &mut Value) {
        let named: Vec<(Pointer, String, Option<String>)> = operations(root)
            .into_iter()
            .map(|(pointer, path, method)| {
                let operation = pointer.get(root).unwrap_or(&Value::Null);
                let id = operation["operationId"].as_str().unwrap_or_default();
                let name = match self {
                    Self::Summary => {
                        let summary = operation["summary"].as_str();
                        summary.filter(|text| !text.trim().is_empty()).map(snake)
                    }
                    Self::StripPathSuffix => without_path(id, &path, &method),
                };
                let name = name.filter(|name| is_name(name));
                (pointer, snake(id), name)
            })
            .collect();
        let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, id, name) in &named {
            *uses.entry(name.as_deref().unwrap_or(id)).or_default() += 1;
        }
        // Another operation must not get an id that is kept.
        let kept: Vec<&str> = named
            .iter()
            .filter(|(_, _, name)| name.as_deref().is_none_or(|name| uses[name] > 1))
            .map(|(_, id, _)| id.as_str())
            .collect();
        for (pointer, _, name) in &named {
            let free = name
                .as_deref()
                .filter(|name| uses[name] == 1 && !kept.contains(name));
            if let (Some(name), Some(operation)) = (free, pointer.get_mut(root)) {
                operation["operationId"] = name.into();
            }
        }
    }
}

/// True if a name starts like a Rust method.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
}

/// The id without the path and the method at its end; `None` if it does not end with them, or if nothing
/// else is left.
fn without_path(id: &str, path: &str, method: &str) -> Option<String> {
    let id = snake(id);
    let id: Vec<&str> = id.split('_').collect();
    let path = snake(&path.replace(['{', '}'], "_"));
    let path: Vec<&str> = path.split('_').filter(|word| !word.is_empty()).collect();
    let id = id.strip_suffix(&[method])?;
    let mut left = id.strip_suffix(path.as_slice())?;
    // The path of the operation may have been longer when the framework generated the id.
    if let [name @ .., "api"] = left {
        left = name;
    }
    (!left.is_empty()).then(|| left.join("_"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn renamed(rule: OperationNames, operations: &[(&str, &str, &str)]) -> Vec<String> {
        let mut root = json!({ "paths": {} });
        for (path, id, summary) in operations {
            root["paths"][path] = json!({ "post": { "operationId": id, "summary": summary } });
        }
        rule.apply(&mut root);
        let ids = operations.iter().map(|(path, ..)| {
            let id = root["paths"][path]["post"]["operationId"].as_str();
            id.unwrap_or_default().to_owned()
        });
        ids.collect()
    }

    #[test]
    fn path_and_method_are_stripped_where_the_rest_is_unique() {
        let names = renamed(
            OperationNames::StripPathSuffix,
            &[
                (
                    "/flow_runs/{id}/set_state",
                    "set_flow_run_state_flow_runs__id__set_state_post",
                    "",
                ),
                ("/api/v2/items-all", "list_api_v2_items_all_post", ""),
                ("/things", "add_api_things_post", ""),
                ("/a", "read_a_post", ""),
                ("/b", "read_b_post", ""),
                ("/c", "create_c", ""),
                ("/d", "d_post", ""),
                ("/e", "create_c_e_post", ""),
            ],
        );
        assert_eq!(
            names,
            [
                "set_flow_run_state",
                "list",
                "add",
                "read_a_post",
                "read_b_post",
                "create_c",
                "d_post",
                "create_c_e_post"
            ]
        );
    }

    #[test]
    fn a_summary_becomes_the_id_where_it_is_unique() {
        let names = renamed(
            OperationNames::Summary,
            &[
                ("/a", "x", "Set the State."),
                ("/b", "y", "Read"),
                ("/c", "z", "Read"),
                ("/d", "w", ""),
            ],
        );
        assert_eq!(names, ["set_the_state", "y", "z", "w"]);
    }
}
