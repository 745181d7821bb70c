//! Leaves every operation one type of success.
//!
//! Before: `200: Role`, `202: Operation`, `204` without a body.
//! After: `200`, `202` and `204`, all with `{oneOf: [Operation, Role]}` that may be `null`, and
//! `x-success: optional` on the operation.
//!
//! The generated call has one success type. Answers of several types become a sum of them. Where one
//! has no body, the session of the client gives generated code a `null` to read; an answer of bytes
//! beside one in JSON is left to be reported as unexpected.

use openapi_document::Pointer;
use openapi_document::walk::operations;
use serde_json::{Map, Value, json};

use super::schema::{Names, components, components_mut, reference};
use super::{Notes, Pass, Reduced};

pub(super) const PASS: Pass = Pass {
    name: "success-types",
    run,
};

/// Where an answer's schema stands, once all JSON media types are `application/json`.
pub(super) const SCHEMA: &str = "/content/application~1json/schema";

fn run(root: &mut Value, notes: &mut Notes) {
    let mut names = Names::of(components(root));
    for (pointer, _, _) in operations(root) {
        let Some(operation) = pointer.get(root) else {
            continue;
        };
        let id = operation["operationId"].as_str().unwrap_or_default();
        let id = id.to_owned();
        let pointer = pointer.join("responses");
        let Some(Value::Object(mut answers)) = pointer.get(root).cloned() else {
            continue;
        };
        let is_text = operation.get("x-success").is_some();
        if let Some(sum) = unify(&mut answers, &pointer, notes) {
            let name = names.free(&format!("{}Success", crate::rust_name::pascal(&id)));
            let mut places = Vec::new();
            for (status, answer) in &mut answers {
                if is_success(status)
                    && let Some(schema) = answer.pointer_mut(SCHEMA)
                {
                    places.push(schema_place(&pointer, status));
                    *schema = reference(&name);
                }
            }
            notes.component(&name, &places);
            components_mut(root).insert(name, sum);
        }
        if may_be_empty(&mut answers, &pointer, notes)
            && !is_text
            && let Some(operation) = pointer.parent().and_then(|here| here.get_mut(root))
        {
            operation["x-success"] = "optional".into();
        }
        if let Some(place) = pointer.get_mut(root) {
            *place = Value::Object(answers);
        }
    }
}

/// Where the schema of what has a JSON body stands: of a status in the answers at `pointer`, or of the
/// request body in an operation.
pub(super) fn schema_place(pointer: &Pointer, holder: &str) -> Pointer {
    let content = pointer.join(holder).join("content");
    content.join("application/json").join("schema")
}

/// Gives successes without a body the type of those with one, which may then be `null`. Says whether
/// there were any.
fn may_be_empty(answers: &mut Map<String, Value>, pointer: &Pointer, notes: &mut Notes) -> bool {
    let successes = || answers.iter().filter(|(status, _)| is_success(status));
    let typed = successes().find_map(|(status, answer)| {
        let schema = answer.pointer(SCHEMA)?;
        Some((schema_place(pointer, status), schema.clone()))
    });
    let empty: Vec<String> = successes()
        .filter(|(_, answer)| answer["content"].as_object().is_none_or(Map::is_empty))
        .map(|(status, _)| status.clone())
        .collect();
    let Some((source, typed)) = typed.filter(|_| !empty.is_empty()) else {
        return false;
    };
    let nullable = json!({ "allOf": [typed], "nullable": true });
    for (status, answer) in answers.iter_mut() {
        if is_success(status) {
            answer["content"] = json!({ "application/json": { "schema": nullable } });
            let part = schema_place(pointer, status).join("allOf").join(0);
            notes.moved.push((part, source.clone()));
        }
    }
    notes.add(
        pointer,
        format!(
            "made the answer one that may be empty, as {} is",
            empty.join(", ")
        ),
        "a generated call has one type of success",
    );
    true
}

/// Whether a status key is one of success: `200` to `299`, or the range `2XX`.
pub(super) fn is_success(status: &str) -> bool {
    status.len() == 3 && status.starts_with('2')
}

fn unify(answers: &mut Map<String, Value>, pointer: &Pointer, notes: &mut Notes) -> Option<Value> {
    answers.retain(|status, _| !status.starts_with("x-"));
    let successes: Vec<String> = answers
        .keys()
        .filter(|status| is_success(status))
        .cloned()
        .collect();
    drop_redirects(answers, !successes.is_empty(), pointer, notes);
    if successes.is_empty() {
        return None;
    }
    drop_other_bodies(answers, &successes, pointer, notes);
    let mut types: Vec<Value> = Vec::new();
    for status in &successes {
        let schema = answers
            .get(status)
            .and_then(|answer| answer.pointer(SCHEMA));
        if let Some(schema) = schema
            && !types.contains(schema)
        {
            types.push(schema.clone());
        }
    }
    if types.len() < 2 {
        return None;
    }
    notes.add(
        pointer,
        format!("made one type of the answers {}", successes.join(", ")),
        "a generated call has one type of success",
    );
    Some(json!({ "oneOf": types }))
}

/// Beside JSON, drops the answers that are something else.
fn drop_other_bodies(
    answers: &mut Map<String, Value>,
    successes: &[String],
    pointer: &Pointer,
    notes: &mut Notes,
) {
    let is_json = |answer: &Value| answer.pointer(SCHEMA).is_some();
    if !successes.iter().any(|status| is_json(&answers[status])) {
        drop_empty(answers, successes, pointer, notes);
        return;
    }
    for status in successes {
        let content = answers[status]["content"].as_object();
        if content.is_some_and(|content| !content.is_empty()) && !is_json(&answers[status]) {
            drop_success(answers, status, pointer, notes);
        }
    }
}

/// Beside bytes, drops the answers that are nothing.
fn drop_empty(
    answers: &mut Map<String, Value>,
    successes: &[String],
    pointer: &Pointer,
    notes: &mut Notes,
) {
    let is_empty = |answer: &Value| answer["content"].as_object().is_none_or(Map::is_empty);
    let (empty, some): (Vec<&String>, Vec<&String>) = successes
        .iter()
        .partition(|status| is_empty(&answers[*status]));
    if some.is_empty() {
        return;
    }
    // Generated code streams an empty body as it does any other.
    for status in empty {
        let content = answers[some[0]]["content"].clone();
        answers[status]["content"] = content;
        notes.add(
            &pointer.join(status),
            "made it a stream of no bytes",
            "a generated call has one type of success",
        );
    }
}

fn drop_success(
    answers: &mut Map<String, Value>,
    status: &str,
    pointer: &Pointer,
    notes: &mut Notes,
) {
    answers.shift_remove(status);
    let pointer = pointer.join(status);
    let loss = format!("a success of the status {status} is reported as an error, with its body");
    notes.add_reduced(
        &pointer,
        "dropped: another success is JSON, and this one is not",
        "a generated call has one type of success",
        Reduced::removing(loss, &pointer),
    );
}

/// A redirect is followed by the HTTP client, so no caller sees it. A change of the protocol is what
/// a call is for when there is no other success.
fn drop_redirects(
    answers: &mut Map<String, Value>,
    has_success: bool,
    pointer: &Pointer,
    notes: &mut Notes,
) {
    let is_one = |status: &&String| match status.as_bytes() {
        [b'3', _, _] => true,
        [b'1', _, _] => has_success || *status != "101",
        _ => false,
    };
    let redirects: Vec<String> = answers.keys().filter(is_one).cloned().collect();
    for status in redirects {
        answers.shift_remove(&status);
        notes.add(
            &pointer.join(&status),
            "dropped",
            "the HTTP client deals with informational answers and redirects",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::{losses, run};

    fn json_of(schema: Value) -> Value {
        json!({ "description": "", "content": { "application/json": { "schema": schema } } })
    }

    fn lowered(responses: Value) -> (Value, usize) {
        let (after, notes) = run(
            &PASS,
            json!({ "paths": { "/a": { "get": { "operationId": "get", "responses": responses } } } }),
        );
        (after, notes.len())
    }

    #[test]
    fn answers_of_several_types_become_a_sum() {
        let (after, notes) = lowered(json!({
            "200": json_of(json!({ "type": "string" })),
            "202": json_of(json!({ "type": "integer" })),
            "204": { "description": "" },
        }));
        assert_eq!(
            after["components"]["schemas"]["GetSuccess"],
            json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }] })
        );
        let operation = &after["paths"]["/a"]["get"];
        let sum = json_of(json!({
            "allOf": [{ "$ref": "#/components/schemas/GetSuccess" }],
            "nullable": true,
        }));
        let expected = json!({ "200": sum, "202": sum, "204": sum });
        assert_eq!(operation["responses"], expected);
        assert_eq!(operation["x-success"], "optional");
        assert_eq!(notes, 2);
    }

    #[test]
    fn an_answer_of_bytes_beside_json_is_left_to_be_unexpected() {
        let pdf = json!({ "description": "", "content": { "application/pdf": {} } });
        let responses = json!({ "200": json_of(json!({})), "206": pdf });
        let (after, _) = lowered(responses.clone());
        let left = after["paths"]["/a"]["get"]["responses"].as_object();
        assert_eq!(left.map(Map::len), Some(1));
        let document = json!({ "paths": { "/a": { "get": { "responses": responses } } } });
        assert_eq!(losses(&PASS, document).len(), 1);
    }

    #[test]
    fn nothing_beside_bytes_is_no_bytes() {
        let pdf = json!({ "description": "", "content": { "application/pdf": {} } });
        let (after, _) = lowered(json!({ "200": pdf, "204": { "description": "" } }));
        assert_eq!(
            after["paths"]["/a"]["get"]["responses"],
            json!({ "200": pdf, "204": pdf })
        );
    }

    #[test]
    fn one_type_under_several_statuses_stays() {
        let text = json_of(json!({ "type": "string" }));
        let responses = json!({ "200": text, "201": text, "404": { "description": "" } });
        let (after, notes) = lowered(responses.clone());
        assert_eq!(after["paths"]["/a"]["get"]["responses"], responses);
        assert_eq!(notes, 0);
    }
}
