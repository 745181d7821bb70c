//! Takes members out of the direction in which they do not travel.
//!
//! Before: `{required: [id, secret], properties: {id: {readOnly: true}, secret: {writeOnly:
//! true}}}` both ways.
//! After: only `secret` in requests, only `id` in answers.

use serde_json::Value;

use super::split_directions::{Direction, any_schema, visit_direction_mut};
use super::{Notes, Pass};

pub(super) const PASS: Pass = Pass {
    name: "read-only",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    for (direction, mark, why) in [
        (
            Direction::Request,
            "readOnly",
            "a member that is read-only is not sent in requests",
        ),
        (
            Direction::Answer,
            "writeOnly",
            "a member that is write-only does not come in answers",
        ),
    ] {
        visit_direction_mut(root, direction, &mut |pointer, schema| {
            let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut)
            else {
                return;
            };
            let taken: Vec<String> = properties
                .iter()
                .filter(|(_, property)| property[mark] == true)
                .map(|(name, _)| name.clone())
                .collect();
            for name in &taken {
                properties.shift_remove(name);
                notes.add(&pointer.join("properties").join(name), "taken out", why);
            }
            if let Some(Value::Array(required)) = schema.get_mut("required") {
                required.retain(|name| !taken.iter().any(|taken| name == taken));
            }
        });
    }
}

/// Whether a schema has members that travel one way only.
pub(super) fn concerns(schema: &Value) -> bool {
    any_schema(schema, |inner| {
        let properties = inner["properties"].as_object();
        properties.is_some_and(|properties| {
            properties
                .values()
                .any(|property| property["readOnly"] == true || property["writeOnly"] == true)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::run;
    use serde_json::json;

    #[test]
    fn each_direction_has_its_own_members() {
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
}
