//! Moves the payloads of webhooks and callbacks from the document to the plan.

use client_codegen::plan::PayloadPlan;
use openapi_document::walk::operations;
use serde_json::Value;

use crate::notation::payloads::PAYLOAD;

/// Removes the operations that represent payloads, and returns the plans of the payloads.
pub(crate) fn take(root: &mut Value) -> Vec<PayloadPlan> {
    let mut payloads = Vec::new();
    for (pointer, path, _) in operations(root) {
        let Some(operation) = pointer.get(root) else {
            continue;
        };
        let Some(function) = operation.get(PAYLOAD).and_then(Value::as_str) else {
            continue;
        };
        let content = operation["responses"]["200"]["content"].as_object();
        let media = content
            .into_iter()
            .flat_map(|content| content.values())
            .next();
        let text = operation["description"].as_str().unwrap_or_default();
        payloads.push(PayloadPlan {
            function: function.to_owned(),
            description: Some(text.to_owned()).filter(|text| !text.is_empty()),
            schema: media
                .map(|media| media["schema"].clone())
                .unwrap_or_default(),
        });
        if let Some(paths) = root["paths"].as_object_mut() {
            paths.shift_remove(&path);
        }
    }
    payloads
}
