//! Keeps the members of an object whose Rust names are the same.
//!
//! Before: `{properties: {fooBar: …, foo_bar: …}}`.
//! After: `{properties: {fooBar: …}, additionalProperties: {}}`, so that `foo_bar` is in `extra`.
//!
//! typify would write two fields of one name. A listed member called `extra` meets the field that
//! holds the members that are not listed, and goes there.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::walk::schemas_mut;
use serde_json::{Value, json};

use crate::{Notes, Pass, Reduced};
use client_codegen::naming::field_name;

pub(crate) const PASS: Pass = Pass {
    name: "member-names",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        if schema["type"] != "object" {
            return;
        }
        let nameless = nameless(schema);
        let Some(members) = schema.as_object_mut().filter(|_| !nameless.is_empty()) else {
            return;
        };
        if let Some(Value::Object(properties)) = members.get_mut("properties") {
            properties.retain(|name, _| !nameless.contains(name));
        }
        if let Some(Value::Array(required)) = members.get_mut("required") {
            required.retain(|name| !nameless.iter().any(|nameless| name == nameless));
        }
        members.insert("additionalProperties".to_owned(), json!({}));
        for name in nameless {
            let place = pointer.join("properties").join(&name);
            let loss = format!("`{name}` has no field of its own: it is in `extra`, as JSON");
            notes.add_reduced(
                &place,
                "moved to the members that are not listed",
                "a field of that name is there already",
                Reduced::removing(loss, &place),
            );
        }
    });
}

/// The members, listed or only required, whose name another has already; a required one keeps it.
fn nameless(schema: &Value) -> BTreeSet<String> {
    let required = schema["required"].as_array().into_iter().flatten();
    let required = required.filter_map(Value::as_str);
    let listed = schema["properties"].as_object().into_iter().flatten();
    let names = required.chain(listed.map(|(name, _)| name.as_str()));
    let mut fields: BTreeMap<String, &str> = BTreeMap::new();
    let mut nameless = BTreeSet::new();
    for name in names {
        let first = *fields.entry(field_name(name)).or_insert(name);
        if first != name {
            nameless.insert(name.to_owned());
        }
    }
    let holds_others = !nameless.is_empty() || schema["additionalProperties"].is_object();
    if holds_others && let Some(name) = fields.get("extra") {
        nameless.insert((*name).to_owned());
    }
    nameless
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;

    #[test]
    fn of_two_members_of_one_rust_name_one_is_kept_as_json() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({ "A": {
                "type": "object",
                "required": ["foo_bar", "x"],
                "properties": { "fooBar": {}, "foo_bar": {}, "x": {} },
            } }),
        );
        assert_eq!(
            after["A"],
            json!({
                "type": "object",
                "required": ["foo_bar", "x"],
                "properties": { "foo_bar": {}, "x": {} },
                "additionalProperties": {},
            })
        );
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn a_member_called_extra_is_among_the_others() {
        let (after, _) = run_on_schemas(
            &PASS,
            json!({ "A": {
                "type": "object",
                "properties": { "extra": {}, "x": {} },
                "additionalProperties": { "type": "string" },
            } }),
        );
        assert_eq!(
            after["A"],
            json!({ "type": "object", "properties": { "x": {} }, "additionalProperties": {} })
        );
    }

    #[test]
    fn an_object_without_other_members_may_have_one_called_extra() {
        let schemas = json!({ "A": { "type": "object", "properties": { "extra": {} } } });
        assert_eq!(run_on_schemas(&PASS, schemas.clone()), (schemas, vec![]));
    }
}
