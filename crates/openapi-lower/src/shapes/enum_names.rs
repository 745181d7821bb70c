//! Removes enumeration values whose Rust variant names collide.
//!
//! Before: `{type: string, enum: [asc, desc, ASC]}`, used in both directions.
//! After: `{type: string, enum: [asc, desc]}`, used as `OpenEnum` in both directions.
//!
//! typify panics if two values have the same variant name. Values without a variant can still be read and
//! sent as unknown values.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::Pointer;
use openapi_document::walk::schemas_mut;
use serde_json::Value;

use crate::rust_type::replace;
use crate::schema::{component_name, components_mut, is_string_enum, is_wrapped, reference};
use crate::{Notes, Pass, Reduced};
use client_codegen::naming::type_name;

pub(crate) const PASS: Pass = Pass {
    name: "enum-names",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let mut opened: BTreeSet<String> = BTreeSet::new();
    for (name, schema) in components_mut(root) {
        let nameless = match schema["enum"].as_array() {
            Some(values) if is_string_enum(schema) => nameless(values),
            _ => continue,
        };
        if nameless.is_empty() {
            continue;
        }
        if let Some(Value::Array(values)) = schema.get_mut("enum") {
            values.retain(|value| !nameless.iter().any(|nameless| value == nameless));
        }
        let pointer = Pointer::of(["components", "schemas", name, "enum"]);
        let nameless = nameless.join("`, `");
        let loss = format!(
            "`{nameless}` has no variant of its own; it is read and sent as an unknown value"
        );
        notes.add_reduced(
            &pointer,
            format!("removed `{nameless}`, and accepts values that are not listed"),
            "another value has the same variant name",
            Reduced::removing(loss, &pointer),
        );
        opened.insert(name.clone());
    }
    schemas_mut(root, |pointer, schema| {
        let Some(name) = component_name(schema).filter(|name| opened.contains(name)) else {
            return;
        };
        if !is_wrapped(pointer) {
            replace(schema, "OpenEnum", &[reference(&name)]);
        }
    });
}

/// The values whose variant name is taken by another value.
fn nameless(values: &[Value]) -> Vec<String> {
    let strings: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
    // If names collide, typify replaces omitted characters with a letter.
    let marked = |value: &str| -> String {
        let is_kept =
            |character: char| unicode_ident::is_xid_continue(character) && character != '_';
        value
            .chars()
            .map(|c| if is_kept(c) { c } else { 'X' })
            .collect()
    };
    let collide = |name: fn(&str) -> String, value: &dyn Fn(&str) -> String| {
        let mut seen: BTreeMap<String, ()> = BTreeMap::new();
        let mut colliding = Vec::new();
        for string in &strings {
            if seen.insert(name(&value(string)), ()).is_some() {
                colliding.push((*string).to_owned());
            }
        }
        colliding
    };
    let plain = collide(type_name, &|value: &str| value.to_owned());
    let marked = collide(type_name, &marked);
    if marked.len() < plain.len() {
        marked
    } else {
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn values_with_the_same_variant_name_make_the_enumeration_open() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "Order": { "type": "string", "enum": ["asc", "desc", "ASC"] },
                "A": { "properties": { "order": reference("Order") } },
            }),
        );
        assert_eq!(after["Order"]["enum"], json!(["asc", "desc"]));
        let extension = &after["A"]["properties"]["order"]["x-rust-type"];
        assert_eq!(extension["path"], "client_runtime::OpenEnum");
        assert_eq!(extension["parameters"], json!([reference("Order")]));
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn values_that_only_differ_in_symbols_have_variants() {
        let schemas = json!({ "A": { "type": "string", "enum": ["<", ">=", "1"] } });
        assert_eq!(run_on_schemas(&PASS, schemas.clone()), (schemas, vec![]));
    }
}
