//! Moves a `$ref` with sibling keywords into an `allOf`.
//!
//! Before (3.1): `{$ref: '#/components/schemas/Url', description: Its console, maxLength: 9}`.
//! After: `{allOf: [{$ref: …}, {maxLength: 9}], description: Its console}`.
//!
//! OpenAPI 3.0 ignores the siblings of a `$ref`, so in 3.0 documents they are removed.

use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value, json};

use crate::schema::is_annotation;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "ref-siblings",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let siblings_count = root["openapi"]
        .as_str()
        .is_none_or(|version| !version.starts_with("3.0"));
    schemas_mut(root, |pointer, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        if keywords.len() < 2 || !keywords.get("$ref").is_some_and(Value::is_string) {
            return;
        }
        let reference = keywords.shift_remove("$ref").unwrap_or_default();
        let siblings = std::mem::take(keywords);
        if !siblings_count {
            *schema = json!({ "$ref": reference });
            notes.add(
                pointer,
                "removed the siblings of the `$ref`",
                "OpenAPI 3.0 ignores the siblings of a `$ref`",
            );
            return;
        }
        let (annotations, constraints): (Map<_, _>, Map<_, _>) = siblings
            .into_iter()
            .partition(|(keyword, _)| is_annotation(keyword) || applies_to_the_whole(keyword));
        let mut all_of = vec![json!({ "$ref": reference })];
        if !constraints.is_empty() {
            all_of.push(Value::Object(constraints));
        }
        *keywords = annotations;
        keywords.insert("allOf".to_owned(), all_of.into());
        notes.add(
            pointer,
            "moved the `$ref` into an `allOf`",
            "OpenAPI 3.0 ignores the siblings of a `$ref`",
        );
    });
}

/// True for keywords that depend on the reference beside them, or that merging would lose.
fn applies_to_the_whole(keyword: &str) -> bool {
    ["nullable", "unevaluatedProperties", "unevaluatedItems"].contains(&keyword)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;

    fn lowered(version: &str) -> Value {
        let (mut after, notes) = run(
            &PASS,
            json!({
                "openapi": version,
                "components": { "schemas": {
                    "A": { "$ref": "#/components/schemas/B", "description": "d", "maxLength": 9 },
                    "B": { "type": "string" },
                } },
            }),
        );
        assert_eq!(notes.len(), 1);
        after["components"]["schemas"]["A"].take()
    }

    #[test]
    fn siblings_are_kept_in_3_1() {
        assert_eq!(
            lowered("3.1.0"),
            json!({
                "description": "d",
                "allOf": [{ "$ref": "#/components/schemas/B" }, { "maxLength": 9 }],
            })
        );
    }

    #[test]
    fn keywords_that_depend_on_the_reference_stay_beside_it() {
        let (after, _) = run(
            &PASS,
            json!({
                "openapi": "3.1.0",
                "components": { "schemas": { "A": {
                    "$ref": "#/components/schemas/B",
                    "properties": { "a": {} },
                    "unevaluatedProperties": false,
                } } },
            }),
        );
        let parts = json!([{ "$ref": "#/components/schemas/B" }, { "properties": { "a": {} } }]);
        let expected = json!({ "unevaluatedProperties": false, "allOf": parts });
        assert_eq!(after["components"]["schemas"]["A"], expected);
    }

    #[test]
    fn siblings_are_removed_in_3_0() {
        assert_eq!(
            lowered("3.0.3"),
            json!({ "$ref": "#/components/schemas/B" })
        );
    }
}
