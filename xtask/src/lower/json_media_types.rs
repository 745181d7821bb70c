//! Types every JSON body, whatever its media type is called.
//!
//! Before: an answer with `application/problem+json` (or `application/vnd.x+json; version=2`).
//! After: the same schema under `application/json`.
//!
//! progenitor reads a body of any other media type as untyped bytes. Where an answer offers
//! several, the first JSON one is kept, since a client reads one; requests keep theirs for the
//! pass `request-media-types` to choose from.

use openapi_document::Pointer;
use openapi_document::walk::{Kind, visit_mut};
use serde_json::{Map, Value};

use super::{Notes, Pass};

pub(super) const PASS: Pass = Pass {
    name: "json-media-types",
    run,
};

const JSON: &str = "application/json";

fn run(root: &mut Value, notes: &mut Notes) {
    visit_mut(root, &mut |kind, pointer, value| {
        if let Kind::Response = kind
            && let Some(Value::Object(content)) = value.get_mut("content")
        {
            type_answer(content, &pointer.join("content"), notes);
        }
    });
}

fn type_answer(content: &mut Map<String, Value>, pointer: &Pointer, notes: &mut Notes) {
    let Some(name) = content.keys().find(|name| is_json(name)).cloned() else {
        return;
    };
    let dropped: Vec<String> = content
        .keys()
        .filter(|key| **key != name)
        .cloned()
        .collect();
    let Some(mut media_type) = content.shift_remove(&name) else {
        return;
    };
    content.clear();
    if media_type.get("schema").is_none() {
        media_type["schema"] = serde_json::json!({});
    }
    if let Some(members) = media_type.as_object_mut() {
        members.shift_remove("encoding");
    }
    content.insert(JSON.to_owned(), media_type);
    if name != JSON {
        notes.add(
            pointer,
            format!("`{name}` became `{JSON}`"),
            "any other media type is generated as untyped bytes",
        );
    }
    if !dropped.is_empty() {
        notes.add(
            pointer,
            format!("dropped `{}`", dropped.join("`, `")),
            "a client reads the JSON answer",
        );
    }
}

/// Whether a media type is JSON by its name: `application/json`, or any with the suffix `+json`
/// (RFC 6839 section 3.1), parameters aside.
pub(super) fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == JSON || essence == "text/json" || essence.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::run;
    use serde_json::json;

    fn answer(content: Value) -> Value {
        json!({ "components": { "responses": { "R": { "content": content } } } })
    }

    #[test]
    fn a_problem_document_is_typed() {
        let (after, notes) = run(
            &PASS,
            answer(json!({ "application/problem+json": { "schema": { "type": "object" } } })),
        );
        assert_eq!(
            after,
            answer(json!({ "application/json": { "schema": { "type": "object" } } }))
        );
        assert_eq!(
            notes,
            [
                "#/components/responses/R/content: `application/problem+json` became `application/json`"
            ]
        );
    }

    #[test]
    fn the_json_answer_is_kept_of_several() {
        let (after, notes) = run(
            &PASS,
            answer(json!({ "text/csv": {}, "application/vnd.x+json; v=2": {} })),
        );
        assert_eq!(
            after,
            answer(json!({ "application/json": { "schema": {} } }))
        );
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn an_answer_that_is_not_json_stays() {
        let before = answer(json!({ "text/csv": { "schema": { "type": "string" } } }));
        assert_eq!(run(&PASS, before.clone()), (before, vec![]));
    }
}
