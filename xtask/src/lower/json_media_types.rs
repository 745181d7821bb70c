//! Types every JSON answer, whatever its media type is called.
//!
//! Before: an answer with `application/problem+json` (or `application/vnd.x+json; version=2`).
//! After: the same schema under `application/json`.
//!
//! progenitor reads a body of any other media type as untyped bytes. Requests keep theirs for the
//! pass `request-media-types`, and what an answer offers beside JSON is for `alternatives`.

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
    if content.contains_key(JSON) {
        return;
    }
    let Some(name) = content.keys().find(|name| is_json(name)).cloned() else {
        return;
    };
    // In the place of the old name, since the first of several may be preferred.
    *content = std::mem::take(content)
        .into_iter()
        .map(|(key, mut media)| match key == name {
            true => {
                remember(&mut media, &name);
                (JSON.to_owned(), media)
            }
            false => (key, media),
        })
        .collect();
    notes.add(
        pointer,
        format!("`{name}` became `{JSON}`"),
        "any other media type is generated as untyped bytes",
    );
}

/// Leaves the name that a media type had where the call that asks for it is made.
pub(super) fn remember(media: &mut Value, name: &str) {
    media[ASKED_FOR] = name.into();
}

/// The extension of a Media Type Object that has the name by which it is asked for.
pub(super) const ASKED_FOR: &str = "x-media-type";

/// Whether a media type is JSON by its name: `application/json`, or any with the suffix `+json`
/// (RFC 6839 section 3.1), parameters aside; but for the one that is many JSON texts.
pub(crate) fn is_json(media_type: &str) -> bool {
    let essence = super::media_type::essence(media_type);
    let is_stream = essence == "application/stream+json";
    essence == JSON || essence == "text/json" || essence.ends_with("+json") && !is_stream
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
    fn a_problem_document_is_typed_and_asked_for_by_its_name() {
        let (after, notes) = run(
            &PASS,
            answer(json!({ "application/problem+json": { "schema": { "type": "object" } } })),
        );
        assert_eq!(
            after,
            answer(json!({ "application/json": {
                "schema": { "type": "object" },
                "x-media-type": "application/problem+json",
            } }))
        );
        assert_eq!(
            notes,
            [
                "#/components/responses/R/content: `application/problem+json` became `application/json`"
            ]
        );
    }

    #[test]
    fn what_stands_beside_json_stays() {
        for content in [
            json!({ "text/csv": { "schema": { "type": "string" } } }),
            json!({ "application/vnd.x+json": {}, "application/json": {} }),
            json!({ "application/stream+json": {} }),
        ] {
            let before = answer(content);
            assert_eq!(run(&PASS, before.clone()), (before, vec![]));
        }
    }
}
