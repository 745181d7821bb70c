//! Ensures that every operation has a unique id.
//!
//! Before: `GET /roles/{id}` without `operationId`; two operations `ListRoles` and `listRoles`.
//! After: `get_roles_by_id`; `ListRoles` and `listRoles2`.
//!
//! An id becomes the name of a Rust method. Ids that only differ in case or punctuation collide, as do ids
//! that match the client's other methods.

use openapi_document::walk::operations_mut;
use serde_json::Value;

use crate::operation_names::{Ids, described};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "operation-ids",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let mut ids = Ids::default();
    let mut without = Vec::new();
    operations_mut(root, |pointer, path, method, operation| {
        match operation.get("operationId").and_then(Value::as_str) {
            Some(id) if !id.trim().is_empty() => {
                let free = ids.free(id);
                if free != id {
                    notes.add(
                        &pointer.join("operationId"),
                        format!("renamed `{id}` to `{free}`"),
                        "another operation or a method of the client has the same Rust name",
                    );
                    operation["operationId"] = free.into();
                }
            }
            _ => without.push((pointer.clone(), described(method, path))),
        }
    });
    // Missing ids are derived after all ids of the document are known.
    for (pointer, made_up) in without {
        let id = ids.free(&made_up);
        notes.add(
            &pointer,
            format!("added the operation id `{id}`"),
            "the id becomes the name of the method",
        );
        if let Some(operation) = pointer.get_mut(root) {
            operation["operationId"] = id.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;
    use serde_json::json;

    #[test]
    fn every_operation_has_a_unique_id() {
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

    #[test]
    fn the_methods_of_the_client_are_reserved() {
        let (after, notes) = run(
            &PASS,
            json!({ "paths": { "/": {
                "get": { "operationId": "session" },
                "put": { "operationId": "with" },
                "post": { "operationId": "clone" },
            } } }),
        );
        let ids: Vec<&Value> = ["get", "put", "post"]
            .map(|method| &after["paths"]["/"][method]["operationId"])
            .to_vec();
        assert_eq!(ids, ["session2", "with2", "clone2"]);
        assert_eq!(notes.len(), 3);
    }
}
