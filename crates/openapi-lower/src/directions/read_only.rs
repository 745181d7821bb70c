//! Removes `readOnly` properties from requests and `writeOnly` properties from responses.
//!
//! Before: `{required: [id, secret], properties: {id: {readOnly: true}, secret: {writeOnly: true}}}` in
//! both directions.
//! After: only `secret` in requests, only `id` in responses. A property that only some of the merged parts
//! of its object mark is kept, but is not required.

use openapi_document::Direction;
use openapi_document::walk::schemas_mut;
use serde_json::Value;

use crate::one_way::ONE_WAY;
use crate::reach::visit_direction_mut;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "read-only",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    const WHY: [&str; 2] = [
        "a property that is `readOnly` is not sent in requests",
        "a property that is `writeOnly` is not sent in responses",
    ];
    let directions = [Direction::Request, Direction::Response];
    for ((direction, (mark, in_part)), why) in directions.into_iter().zip(ONE_WAY).zip(WHY) {
        visit_direction_mut(root, direction, &mut |pointer, schema| {
            let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut)
            else {
                return;
            };
            let named = |mark: &str| -> Vec<String> {
                let marked = properties
                    .iter()
                    .filter(|(_, property)| property[mark] == true);
                marked.map(|(name, _)| name.clone()).collect()
            };
            let (taken, optional) = (named(mark), named(in_part));
            for name in &taken {
                properties.shift_remove(name);
                notes.add(
                    &pointer.join("properties").join(name),
                    format!("removed the property `{name}`"),
                    why,
                );
            }
            if let Some(Value::Array(required)) = schema.get_mut("required") {
                required.retain(|name| !taken.iter().any(|taken| name == taken));
                let before = required.len();
                required.retain(|name| !optional.iter().any(|optional| name == optional));
                if required.len() < before {
                    let place = pointer.join("required");
                    let what = format!("removed `{}` from `required`", optional.join("`, `"));
                    notes.add(
                        &place,
                        what,
                        "one of the merged schemas marks it `readOnly` or `writeOnly`",
                    );
                }
            }
        });
    }
    schemas_mut(root, |_, schema| {
        if let Some(keywords) = schema.as_object_mut() {
            keywords.retain(|keyword, _| ONE_WAY.iter().all(|(_, in_part)| keyword != in_part));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;
    use serde_json::json;

    #[test]
    fn each_direction_has_its_own_properties() {
        let both = json!({ "content": { "application/json": { "schema": {
            "required": ["id", "secret"],
            "properties": { "id": { "readOnly": true }, "secret": { "writeOnly": true } },
        } } } });
        let (after, notes) = run(
            &PASS,
            json!({ "paths": { "/a": { "post": {
                "requestBody": both, "responses": { "200": both },
            } } } }),
        );
        let operation = &after["paths"]["/a"]["post"];
        let schema = |value: &Value| value["content"]["application/json"]["schema"].clone();
        assert_eq!(
            schema(&operation["requestBody"]),
            json!({ "required": ["secret"], "properties": { "secret": { "writeOnly": true } } })
        );
        assert_eq!(
            schema(&operation["responses"]["200"]),
            json!({ "required": ["id"], "properties": { "id": { "readOnly": true } } })
        );
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn a_property_that_one_part_marks_read_only_may_be_sent() {
        let part = |id: Value| json!({ "type": "object", "properties": { "id": id } });
        let schema = json!({ "required": ["id"], "allOf": [
            part(json!({ "type": "string", "readOnly": true })),
            part(json!({ "type": "string", "enum": ["a"] })),
        ] });
        let both = json!({ "content": { "application/json": { "schema": schema } } });
        let document = json!({ "paths": { "/a": { "post": {
            "requestBody": both, "responses": { "200": both },
        } } } });
        let (merged, _) = run(&crate::shapes::all_of::PASS, document);
        let (after, _) = run(&PASS, merged);
        let operation = &after["paths"]["/a"]["post"];
        let of = |value: &Value| value["content"]["application/json"]["schema"].clone();
        let id = json!({ "type": "string", "enum": ["a"] });
        assert_eq!(of(&operation["requestBody"])["required"], json!([]));
        assert_eq!(of(&operation["requestBody"])["properties"]["id"], id);
        assert_eq!(
            of(&operation["responses"]["200"])["required"],
            json!(["id"])
        );
    }
}
