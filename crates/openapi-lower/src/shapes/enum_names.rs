//! Lets enumerations have values whose Rust names would be the same.
//!
//! Before: `{type: string, enum: [asc, desc, ASC]}`, used both ways.
//! After: `{type: string, enum: [asc, desc]}`, used as `OpenEnum` both ways.
//!
//! typify panics where two values make one variant. The values without a variant are still read, and
//! can be sent as what is not listed.

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
        let loss = format!("`{nameless}` can be read and sent, but has no variant of its own");
        notes.add_reduced(
            &pointer,
            format!("took out `{nameless}`, and takes values that are not listed"),
            "a variant of that name is there already",
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

/// The values whose name another has already.
fn nameless(values: &[Value]) -> Vec<String> {
    let strings: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
    // Where names collide, typify tries a letter for what a name leaves out.
    let marked = |value: &str| -> String {
        let keeps = |character: char| unicode_ident::is_xid_continue(character) && character != '_';
        value
            .chars()
            .map(|c| if keeps(c) { c } else { 'X' })
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
    fn values_of_one_rust_name_leave_one_variant_and_an_open_enumeration() {
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
    fn values_that_differ_in_symbols_only_have_names() {
        let schemas = json!({ "A": { "type": "string", "enum": ["<", ">=", "1"] } });
        assert_eq!(run_on_schemas(&PASS, schemas.clone()), (schemas, vec![]));
    }
}
