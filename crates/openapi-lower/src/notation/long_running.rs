//! Records which call reads the state of long-running work, before names of operations change.
//!
//! Before: `x-long-running: {read: GetCluster, parameters: {clusterId: id}, done: [RUNNING]}` on the
//! operation that creates a cluster, and `x-long-running: {state: status.state}` on `GetCluster`.
//! After: `x-long-running: {read: /clusters/{clusterId}, parameters: {clusterId: [id]}, state: [status,
//! state], pending: [], done: [RUNNING], failed: [], reason: [], gone: false}` on both.
//!
//! [`openapi_document::long_running`] defines the extension; the check has already rejected invalid ones.

use openapi_document::Pointer;
use openapi_document::long_running::LongRunning;
use openapi_document::walk::operations;
use serde_json::{Value, json};

use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "long-running",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let read = |(pointer, ..): (Pointer, String, String)| {
        let found = LongRunning::of(root, &pointer).ok()??;
        Some((pointer, found))
    };
    let all: Vec<(Pointer, LongRunning)> = operations(root).into_iter().filter_map(read).collect();
    for (pointer, found) in all {
        let place = pointer.join("x-long-running");
        let Some(extension) = place.get_mut(root) else {
            continue;
        };
        *extension = json!({
            // The location of an operation is `/paths/PATH/METHOD`.
            "read": found.read.tokens().nth(1),
            "parameters": found.parameters,
            "state": found.state,
            "pending": found.pending,
            "done": found.done,
            "failed": found.failed,
            "reason": found.reason,
            "gone": found.gone,
        });
        notes.add(
            &place,
            "resolved the operation and the properties that it names",
            "later passes rename operations",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;

    #[test]
    fn the_operation_that_reads_the_state_is_resolved() {
        let response = json!({ "200": { "content": { "application/json": { "schema": { "properties": {
            "id": { "type": "string" },
            "status": { "properties": { "state": { "type": "string" } } },
        } } } } } });
        let (after, notes) = run(
            &PASS,
            json!({ "paths": {
                "/a": { "post": {
                    "x-long-running": { "read": "Get", "parameters": { "id": "id" } },
                    "responses": response,
                } },
                "/a/{id}": { "get": {
                    "operationId": "Get",
                    "x-long-running": { "state": "status.state", "done": ["OK"] },
                    "responses": response,
                } },
            } }),
        );
        assert_eq!(
            after["paths"]["/a"]["post"]["x-long-running"],
            json!({
                "read": "/a/{id}",
                "parameters": { "id": ["id"] },
                "state": ["status", "state"],
                "pending": [],
                "done": ["OK"],
                "failed": [],
                "reason": [],
                "gone": false,
            })
        );
        assert_eq!(
            after["paths"]["/a/{id}"]["get"]["x-long-running"]["read"],
            "/a/{id}"
        );
        assert_eq!(notes.len(), 2);
    }
}
