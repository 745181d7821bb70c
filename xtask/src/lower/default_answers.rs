//! Says for which statuses the answer `default` stands.
//!
//! Before: `200: …, default: …`; `default: …` alone.
//! After: `200: …, 4XX: …, 5XX: …`; `2XX: …, 4XX: …, 5XX: …`.
//!
//! Beside a success `default` would have to be of the same type in a generated call, and it would
//! take the answers of the session's own making for documented ones. An operation without any answer
//! is one with a `default` that has no body.

use openapi_document::Pointer;
use openapi_document::walk::operations_mut;
use serde_json::{Map, Value, json};

use super::success_types::is_success;
use super::{Notes, Pass};

pub(super) const PASS: Pass = Pass {
    name: "default-answers",
    run,
};

/// The extension by which progenitor tells that an operation opens a web socket.
const WEB_SOCKET: &str = "x-dropshot-websocket";

fn run(root: &mut Value, notes: &mut Notes) {
    operations_mut(root, |pointer, _, _, operation| {
        let documents_none = operation["responses"].as_object().is_none_or(Map::is_empty);
        if documents_none {
            operation["responses"] = json!({ "default": { "description": "" } });
            let why = "the document does not say how it is answered";
            notes.add(pointer, "added `default`", why);
        }
        let is_web_socket = operation.get(WEB_SOCKET).is_some();
        if let Some(Value::Object(answers)) = operation.get_mut("responses") {
            let pointer = pointer.join("responses");
            if is_web_socket && !answers.contains_key("101") && answers.contains_key("default") {
                answers.insert("101".to_owned(), json!({ "description": "" }));
                notes.add(
                    &pointer,
                    "added `101`",
                    "it is how a web socket is answered",
                );
            }
            spread_default(answers, &pointer, notes);
        }
    });
}

/// Beside a success of its own, `default` is what remains: the errors. Alone, it is both.
fn spread_default(answers: &mut Map<String, Value>, pointer: &Pointer, notes: &mut Notes) {
    let Some(default) = answers.shift_remove("default") else {
        return;
    };
    // A connection that changes its protocol is a success of its own kind.
    let is_one = |status: &String| is_success(status) || status == "101";
    let ranges: &[&str] = if answers.keys().any(is_one) {
        &["4XX", "5XX"]
    } else {
        &["2XX", "4XX", "5XX"]
    };
    for range in ranges {
        if !answers.contains_key(*range) {
            let source = [pointer.join("default")];
            notes.origins.remember(&pointer.join(range), &source);
            answers.insert((*range).to_owned(), default.clone());
        }
    }
    notes.add(
        &pointer.join("default"),
        format!("became `{}`", ranges.join("`, `")),
        "what `default` stands for depends on what is beside it; a range says it",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::run;

    fn lowered(responses: Value) -> Value {
        let before = json!({ "paths": { "/a": { "get": { "responses": responses } } } });
        let (mut after, _) = run(&PASS, before);
        after["paths"]["/a"]["get"]["responses"].take()
    }

    #[test]
    fn a_default_beside_a_success_stands_for_the_errors() {
        assert_eq!(
            lowered(json!({ "200": { "x": 1 }, "default": { "x": 2 } })),
            json!({ "200": { "x": 1 }, "4XX": { "x": 2 }, "5XX": { "x": 2 } })
        );
    }

    #[test]
    fn a_web_socket_is_answered_with_a_change_of_protocol() {
        let operation = json!({ "x-dropshot-websocket": {}, "responses": { "default": {} } });
        let (after, _) = run(&PASS, json!({ "paths": { "/a": { "get": operation } } }));
        let answers = after["paths"]["/a"]["get"]["responses"].as_object();
        let statuses: Vec<&String> = answers.expect("has answers").keys().collect();
        assert_eq!(statuses, ["101", "4XX", "5XX"]);
    }

    #[test]
    fn an_operation_that_documents_no_answer_has_any() {
        for documented in [json!({}), Value::Null] {
            let answers = lowered(documented);
            let statuses = answers
                .as_object()
                .map(|answers| answers.keys().eq(["2XX", "4XX", "5XX"]));
            assert_eq!(statuses, Some(true));
        }
    }

    #[test]
    fn a_default_alone_stands_for_everything() {
        let default = json!({ "x": 1 });
        assert_eq!(
            lowered(json!({ "default": default })),
            json!({ "2XX": default, "4XX": default, "5XX": default })
        );
    }
}
