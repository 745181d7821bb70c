//! Gives every operation an id, and one of its own.
//!
//! Before: `GET /roles/{id}` without `operationId`; two operations `ListRoles` and `listRoles`.
//! After: `get_roles_by_id`; `ListRoles` and `listRoles2`.
//!
//! An id becomes a Rust method's name, so two that differ only in case or punctuation are one.

use std::collections::BTreeSet;

use openapi_document::walk::operations_mut;
use serde_json::Value;

use super::{Notes, Pass};
use crate::rust_name::{pascal, snake};

pub(super) const PASS: Pass = Pass {
    name: "operation-ids",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let mut taken = BTreeSet::new();
    let mut without = Vec::new();
    operations_mut(root, |pointer, path, method, operation| {
        match operation.get("operationId").and_then(Value::as_str) {
            Some(id) if !id.trim().is_empty() => {
                let free = free(&taken, id);
                if free != id {
                    notes.add(
                        &pointer.join("operationId"),
                        format!("`{id}` became `{free}`"),
                        "another operation would have the same Rust name",
                    );
                    operation["operationId"] = free.clone().into();
                }
                taken.insert(pascal(&free));
            }
            _ => without.push((pointer.clone(), described(method, path))),
        }
    });
    // Made up only once all that the document gives are taken.
    for (pointer, made_up) in without {
        let id = free(&taken, &made_up);
        taken.insert(pascal(&id));
        notes.add(
            &pointer,
            format!("got the operation id `{id}`"),
            "an operation is called by its id",
        );
        if let Some(operation) = pointer.get_mut(root) {
            operation["operationId"] = id.into();
        }
    }
}

fn free(taken: &BTreeSet<String>, id: &str) -> String {
    let mut free = id.to_owned();
    let mut count = 2;
    while taken.contains(&pascal(&free)) {
        free = format!("{id}{count}");
        count += 1;
    }
    free
}

/// `GET /spaces/{spaceId}/roles` is called `get_spaces_by_space_id_roles`.
pub(crate) fn described(method: &str, path: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::run;
    use serde_json::json;

    #[test]
    fn every_operation_has_an_id_of_its_own() {
        let (after, notes) = run(
            &PASS,
            json!({ "paths": {
                "/": { "get": {} },
                "/roles/{roleId}": { "get": {}, "put": { "operationId": "get_roles_by_role_id" } },
                "/b": { "get": { "operationId": "ListRoles" }, "post": { "operationId": "listRoles" } },
            } }),
        );
        let paths = &after["paths"];
        assert_eq!(paths["/"]["get"]["operationId"], "get_root");
        assert_eq!(
            paths["/roles/{roleId}"]["get"]["operationId"],
            "get_roles_by_role_id2"
        );
        assert_eq!(paths["/b"]["get"]["operationId"], "ListRoles");
        assert_eq!(paths["/b"]["post"]["operationId"], "listRoles2");
        assert_eq!(notes.len(), 3);
    }
}
