//! Replaces `unevaluatedProperties` with `additionalProperties`, and `unevaluatedItems` with `items`, where
//! they are equivalent.
//!
//! Before (3.1): `{properties: …, unevaluatedProperties: false}`, `{prefixItems: …, unevaluatedItems: false}`.
//! After: `{properties: …, additionalProperties: false}`, `{prefixItems: …, items: false}`.
//!
//! Beside an `allOf`, `unevaluatedProperties` is kept until the parts are merged. A property is evaluated
//! if the schema or one of its parts lists it, or allows it by a pattern or by `additionalProperties`
//! (JSON Schema 2020-12, Core, section 11). If a part allows additional properties, or if a value may
//! match several branches of an `anyOf`, nothing is closed.

use std::collections::BTreeSet;

use openapi_document::walk::schemas_mut;
use openapi_document::{Pointer, compact_clone};
use serde_json::{Map, Value, json};

use crate::schema::{component_name, components, has_keyword};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "unevaluated",
    run,
};

const UNCHECKED: &str = "the client does not check it before it sends the value";

fn run(root: &mut Value, notes: &mut Notes) {
    if !has_keyword(root, &["unevaluatedProperties", "unevaluatedItems"]) {
        return;
    }
    let before = compact_clone(root);
    schemas_mut(root, |pointer, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        let original = pointer.get(&before).unwrap_or(&Value::Null);
        let parts = parts(components(&before), original);
        if let Some(rest) = keywords.shift_remove("unevaluatedProperties") {
            let place = pointer.join("unevaluatedProperties");
            let rest = match keywords.contains_key("additionalProperties") {
                true => Err(Reason::NothingLeft),
                false => additional_properties(rest, &parts),
            };
            // Beside an `allOf`, it applies to the merged schema.
            let keyword = match keywords.contains_key("allOf")
                && !keywords.contains_key("patternProperties")
            {
                true => "unevaluatedProperties",
                false => "additionalProperties",
            };
            put(keywords, keyword, rest, &place, notes);
        }
        if let Some(rest) = keywords.shift_remove("unevaluatedItems") {
            let place = pointer.join("unevaluatedItems");
            let rest = match keywords.contains_key("items") {
                true => Err(Reason::NothingLeft),
                false => items(rest, &parts),
            };
            put(keywords, "items", rest, &place, notes);
        }
    });
}

/// Why a keyword has no counterpart.
enum Reason {
    /// It applies to nothing, or allows everything.
    NothingLeft,
    /// Only the instance determines what it applies to.
    DependsOnInstance,
}

fn put(
    keywords: &mut Map<String, Value>,
    keyword: &str,
    rest: Result<Value, Reason>,
    place: &Pointer,
    notes: &mut Notes,
) {
    match rest {
        Ok(rest) => {
            keywords.insert(keyword.to_owned(), rest);
            if place.tokens().last().as_deref() != Some(keyword) {
                let what = format!("replaced with `{keyword}`");
                notes.add(place, what, "OpenAPI 3.0 does not have the keyword");
            }
        }
        Err(Reason::NothingLeft) => {
            let why = "the other keywords apply to all values";
            notes.add(place, "removed the keyword", why);
        }
        Err(Reason::DependsOnInstance) => {
            let why = "only the value determines which parts of the schema apply";
            notes.add_unchecked(place, why, UNCHECKED);
        }
    }
}

/// The `additionalProperties` that allow the same as `unevaluatedProperties: rest` beside `parts`.
fn additional_properties(rest: Value, parts: &[&Map<String, Value>]) -> Result<Value, Reason> {
    if allows_all(&rest) {
        return Ok(rest);
    }
    let others = parts.iter().skip(1);
    let evaluates_all = |part: &&Map<String, Value>| {
        part.contains_key("additionalProperties") || part.contains_key("unevaluatedProperties")
    };
    let is_any_of = |part: &&Map<String, Value>| part.contains_key("anyOf");
    if others.clone().any(evaluates_all) || parts.iter().any(is_any_of) {
        return Err(Reason::DependsOnInstance);
    }
    let patterns = others.filter_map(|part| part.get("patternProperties"));
    let patterns = patterns.filter_map(Value::as_object).flat_map(Map::values);
    let mut allowed: Vec<Value> = Vec::new();
    for schema in patterns {
        if !allowed.contains(schema) {
            allowed.push(schema.clone());
        }
    }
    if rest != false {
        allowed.push(rest);
    }
    Ok(match allowed.as_slice() {
        [] => false.into(),
        [only] => only.clone(),
        _ => json!({ "anyOf": allowed }),
    })
}

/// The `items` that allow the same as `unevaluatedItems: rest` beside `parts`.
fn items(rest: Value, parts: &[&Map<String, Value>]) -> Result<Value, Reason> {
    let evaluating = ["items", "prefixItems", "contains", "unevaluatedItems"];
    let is_evaluating =
        |part: &&Map<String, Value>| evaluating.iter().any(|keyword| part.contains_key(*keyword));
    let own = parts.iter().take(1);
    let has_contains = own.filter(|own| own.contains_key("contains")).count() > 0;
    match parts.iter().skip(1).any(is_evaluating) || has_contains {
        true if allows_all(&rest) => Err(Reason::NothingLeft),
        true => Err(Reason::DependsOnInstance),
        false => Ok(rest),
    }
}

fn allows_all(schema: &Value) -> bool {
    *schema == true || schema.as_object().is_some_and(Map::is_empty)
}

/// The schema, and then all schemas that apply to the same value as a part of it, through references.
fn parts<'a>(components: &'a Map<String, Value>, schema: &'a Value) -> Vec<&'a Map<String, Value>> {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![schema];
    let mut parts = Vec::new();
    while let Some(schema) = waiting.pop() {
        let Some(keywords) = schema.as_object() else {
            continue;
        };
        if let Some(name) = component_name(schema)
            && let Some(component) = components.get(&name)
            && seen.insert(name)
        {
            waiting.push(component);
        }
        for list in ["allOf", "anyOf", "oneOf"] {
            waiting.extend(
                keywords
                    .get(list)
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten(),
            );
        }
        waiting.extend(
            ["if", "then", "else"]
                .iter()
                .filter_map(|one| keywords.get(*one)),
        );
        let dependent = keywords.get("dependentSchemas").and_then(Value::as_object);
        waiting.extend(dependent.into_iter().flat_map(Map::values));
        parts.push(keywords);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;
    use crate::testing::{losses, run_on_schemas};

    fn lowered(schema: Value) -> Value {
        let base = json!({ "properties": { "b": {} }, "patternProperties": { "^x": {} } });
        let open = json!({ "properties": { "b": {} }, "additionalProperties": true });
        let schemas = json!({ "A": schema, "Plain": { "properties": { "b": {} } }, "Base": base, "Open": open });
        let (mut after, _) = run_on_schemas(&PASS, schemas);
        after["A"].take()
    }

    #[test]
    fn nothing_is_closed_that_a_part_allows() {
        let own = json!({ "a": {} });
        let string = json!({ "type": "string" });
        for (beside, keyword, rest) in [
            (json!({}), "additionalProperties", json!(false)),
            (
                json!({ "allOf": [reference("Plain")] }),
                "unevaluatedProperties",
                json!(false),
            ),
            (
                json!({ "allOf": [reference("Base")] }),
                "unevaluatedProperties",
                json!({}),
            ),
            (
                json!({ "oneOf": [reference("Plain")] }),
                "additionalProperties",
                json!(false),
            ),
            (
                json!({ "allOf": [reference("Open")] }),
                "unevaluatedProperties",
                Value::Null,
            ),
            (
                json!({ "if": reference("Open") }),
                "additionalProperties",
                Value::Null,
            ),
            (
                json!({ "anyOf": [reference("Plain")] }),
                "additionalProperties",
                Value::Null,
            ),
            (
                json!({ "additionalProperties": string }),
                "additionalProperties",
                string.clone(),
            ),
        ] {
            let mut schema = beside.clone();
            schema["properties"] = own.clone();
            schema["unevaluatedProperties"] = false.into();
            let after = lowered(schema);
            assert_eq!(after[keyword], rest, "{beside}");
        }
    }

    #[test]
    fn a_tuple_is_closed_unless_a_part_has_items() {
        let closed = |beside: Value| {
            let mut schema = beside;
            schema["prefixItems"] = json!([{}]);
            schema["unevaluatedItems"] = false.into();
            lowered(schema)["items"] == false
        };
        assert!(closed(json!({})));
        assert!(!closed(json!({ "allOf": [{ "prefixItems": [{}, {}] }] })));
        assert!(!closed(json!({ "contains": {} })));
    }

    #[test]
    fn what_is_not_closed_is_noted_for_requests() {
        let schema = json!({ "anyOf": [{ "required": ["a"] }], "unevaluatedProperties": false });
        let content = json!({ "content": { "application/json": { "schema": schema } } });
        let document = json!({ "paths": { "/a": { "put": { "requestBody": content } } } });
        assert_eq!(losses(&PASS, document), [UNCHECKED]);
    }
}
