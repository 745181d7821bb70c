//! Removes choices whose branches only restrict the object beside them.
//!
//! Before: `{properties: {a: …}, anyOf: [{required: [a]}, {required: [b]}]}`.
//! After: `{properties: {a: …, b: {}}}`.
//!
//! Each branch would be a type with all properties of the object.

use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value, json};

use crate::schema::{component_name, constraints, required};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "requirement-choices",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        for keyword in ["oneOf", "anyOf"] {
            let Some(Value::Array(branches)) = keywords.get(keyword) else {
                continue;
            };
            let branches = branches.clone();
            let listed = keywords.get("properties").and_then(Value::as_object);
            let Some(listed) = listed.filter(|listed| !listed.is_empty()) else {
                continue;
            };
            let narrows = |branch: &Value| narrows(branch, listed);
            if branches.is_empty() || !branches.iter().all(narrows) {
                continue;
            }
            keywords.shift_remove(keyword);
            if branches.iter().any(|branch| branch["nullable"] == true) {
                keywords.insert("nullable".to_owned(), true.into());
            }
            if let Some(Value::Object(listed)) = keywords.get_mut("properties") {
                for name in branches.iter().flat_map(required) {
                    // A property without a schema is any value.
                    listed.entry(name).or_insert_with(|| json!({}));
                }
            }
            let loss = "the client does not check which properties occur together";
            let why = "its branches define no further properties";
            notes.add_unchecked(&pointer.join(keyword), why, loss);
        }
    });
}

/// True if a branch only restricts an object with the properties `listed`.
fn narrows(branch: &Value, listed: &Map<String, Value>) -> bool {
    let restricts = |(keyword, value): (&String, &Value)| match keyword.as_str() {
        "required" | "minProperties" | "maxProperties" | "nullable" => true,
        "type" => value == "object",
        "properties" => {
            let names = value.as_object().map(|properties| properties.keys());
            names.is_some_and(|mut names| names.all(|name| listed.contains_key(name)))
        }
        _ => false,
    };
    component_name(branch).is_none() && constraints(branch).iter().all(restricts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;

    #[test]
    fn a_choice_of_requirements_becomes_the_object() {
        let object = json!({ "type": "object", "properties": { "a": {}, "b": {} } });
        let mut narrowed = object.clone();
        narrowed["anyOf"] = json!([{ "required": ["a"] }, { "required": ["b"] }]);
        let (after, notes) = run_on_schemas(&PASS, json!({ "A": narrowed }));
        assert_eq!(after["A"], object);
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn a_property_that_is_only_required_is_added() {
        let schema = json!({
            "properties": { "a": { "type": "string" } },
            "anyOf": [{ "required": ["a"] }, { "required": ["b", "a"] }],
        });
        let (after, _) = run_on_schemas(&PASS, json!({ "A": schema }));
        let expected = json!({ "properties": { "a": { "type": "string" }, "b": {} } });
        assert_eq!(after["A"], expected);
    }
}
