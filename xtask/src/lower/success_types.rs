//! Leaves every operation one type of success.
//!
//! Before: `200: Role`, `202: Operation`, `204` without a body.
//! After: `200` and `202`, both with `{oneOf: [Operation, Role]}`; `204` is dropped.
//!
//! The generated call has one success type. Answers of several types become a sum of them; one
//! without a body beside one with a body is left to be reported as unexpected, with its status.
//! A range of statuses becomes the success; `default` beside a success is only for errors.

use openapi_document::Pointer;
use openapi_document::walk::operations;
use serde_json::{Map, Value, json};

use super::schema::{Names, components, components_mut, reference};
use super::{Notes, Pass};

pub(super) const PASS: Pass = Pass {
    name: "success-types",
    run,
};

/// Where an answer's schema stands, once all JSON media types are `application/json`.
pub(super) const SCHEMA: &str = "/content/application~1json/schema";

fn run(root: &mut Value, notes: &mut Notes) {
    let mut names = Names::of(&components(root));
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
        if let Some(sum) = unify(&mut answers, &pointer, notes) {
            let name = names.free(&format!("{}Success", crate::rust_name::pascal(&id)));
            for (status, answer) in &mut answers {
                if is_success(status)
                    && let Some(schema) = answer.pointer_mut(SCHEMA)
                {
                    *schema = reference(&name);
                }
            }
            components_mut(root).insert(name, sum);
        }
        if let Some(place) = pointer.get_mut(root) {
            *place = Value::Object(answers);
        }
    }
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
    if successes.is_empty() {
        return None;
    }
    drop_redirects(answers, pointer, notes);
    drop_lesser_bodies(answers, is_success, pointer, notes);
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

/// Of the answers whose status `concerns` the caller, keeps those with the most telling body: typed
/// JSON before untyped bytes before none.
pub(super) fn drop_lesser_bodies(
    answers: &mut Map<String, Value>,
    concerns: fn(&str) -> bool,
    pointer: &Pointer,
    notes: &mut Notes,
) {
    let rank = |answer: &Value| match answer["content"].as_object() {
        _ if answer.pointer(SCHEMA).is_some() => 0,
        Some(content) if !content.is_empty() => 1,
        _ => 2,
    };
    let ranks: Vec<(String, u8)> = answers
        .iter()
        .filter(|(status, _)| concerns(status))
        .map(|(status, answer)| (status.clone(), rank(answer)))
        .collect();
    let best = ranks.iter().map(|(_, rank)| *rank).min();
    for (status, rank) in ranks {
        if Some(rank) != best {
            answers.shift_remove(&status);
            notes.add(
                &pointer.join(&status),
                "dropped: others of its kind have a body with a type",
                "a generated call has one type of success and one of error; this answer is \
                 reported as unexpected",
            );
        }
    }
}

/// A redirect is followed by the HTTP client, so no caller sees it.
fn drop_redirects(answers: &mut Map<String, Value>, pointer: &Pointer, notes: &mut Notes) {
    let redirects: Vec<String> = answers
        .keys()
        .filter(|status| status.len() == 3 && (status.starts_with('3') || status.starts_with('1')))
        .cloned()
        .collect();
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
    use crate::lower::testing::run;

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
        let sum = json_of(json!({ "$ref": "#/components/schemas/GetSuccess" }));
        assert_eq!(
            after["paths"]["/a"]["get"]["responses"],
            json!({ "200": sum, "202": sum })
        );
        assert_eq!(notes, 2);
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
