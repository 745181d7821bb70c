//! Calls the methods that progenitor has no call for by another.
//!
//! Before: `options: …` and `trace: …` on the path `/a`.
//! After: `get: …` on the paths `/a#options` and `/a#trace`, with the method in `x-method`, which the
//! session of the client puts into the request.

use openapi_document::Pointer;
use openapi_document::walk::operations;
use serde_json::Value;

use super::{Notes, Pass};

pub(super) const PASS: Pass = Pass {
    name: "methods",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    for (pointer, path, method) in operations(root) {
        if !["options", "trace"].contains(&method) {
            continue;
        }
        let item = Pointer::of(["paths", &path]);
        let item = item.get_mut(root).and_then(Value::as_object_mut);
        let Some(mut operation) = item.and_then(|item| item.shift_remove(method)) else {
            continue;
        };
        operation["x-method"] = method.to_uppercase().into();
        let sent = match operation.get("requestBody") {
            Some(_) => "post",
            None => "get",
        };
        notes.add(
            &pointer,
            format!("called by `{sent}`"),
            "the HTTP client of generated code has no call for its method; the session sends it",
        );
        let path = format!("{path}#{method}");
        let place = Pointer::of(["paths", &path, sent]);
        notes.origins.remember(&place, &[pointer]);
        root["paths"][path][sent] = operation;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::run;
    use serde_json::json;

    #[test]
    fn methods_without_a_call_are_called_by_another() {
        let (after, notes) = run(
            &PASS,
            json!({ "paths": { "/a": { "get": {}, "options": {}, "trace": { "requestBody": {} } } } }),
        );
        assert_eq!(
            after["paths"],
            json!({
                "/a": { "get": {} },
                "/a#options": { "get": { "x-method": "OPTIONS" } },
                "/a#trace": { "post": { "requestBody": {}, "x-method": "TRACE" } },
            })
        );
        assert_eq!(notes.len(), 2);
    }
}
