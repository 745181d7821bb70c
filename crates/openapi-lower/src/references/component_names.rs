//! Renames components whose names are not distinct in Rust.
//!
//! Before: the components `foo-bar` and `FooBar`; the components `a/b` and `String`.
//! After: `foo-bar` and `FooBar2`; `AB` and `String2`.
//!
//! typify would generate two types with the same name, or a type that hides a name of Rust's prelude. It
//! does not resolve references with an escaped slash.

use std::collections::BTreeMap;

use openapi_document::Pointer;
use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value};

use crate::schema::{Names, component_name, components_mut, reference};
use crate::{Notes, Pass};
use client_codegen::naming::type_name;

pub(crate) const PASS: Pass = Pass {
    name: "component-names",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let mut names = Names::of(&Map::new());
    let mut renamed: BTreeMap<String, String> = BTreeMap::new();
    for name in components_mut(root).keys() {
        let plain = name
            .chars()
            .all(|character| character.is_alphanumeric() || ['_', '-', '.'].contains(&character));
        let wanted = if plain { name.clone() } else { type_name(name) };
        let free = names.free(&wanted);
        if free != *name {
            notes.add(
                &Pointer::of(["components", "schemas", name]),
                format!("renamed to `{free}`"),
                "another type or Rust uses its name, or the name cannot occur in a reference",
            );
            let place = Pointer::of(["components", "schemas", name]);
            notes.component(&free, &[place]);
            renamed.insert(name.clone(), free);
        }
    }
    if renamed.is_empty() {
        return;
    }
    let components = components_mut(root);
    *components = std::mem::take(components)
        .into_iter()
        .map(|(name, schema)| (renamed.get(&name).cloned().unwrap_or(name), schema))
        .collect();
    schemas_mut(root, |_, schema| {
        if schema.get("$ref").is_some()
            && let Some(new) = component_name(schema).and_then(|name| renamed.get(&name))
        {
            *schema = reference(new);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn names_that_collide_in_rust_are_renamed() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "foo-bar": {},
                "FooBar": { "type": "string" },
                "a/b": {},
                "String": {},
                "User": { "properties": {
                    "a": reference("foo-bar"), "b": reference("FooBar"), "c": reference("a/b"),
                } },
            }),
        );
        assert_eq!(
            after,
            json!({
                "foo-bar": {},
                "FooBar2": { "type": "string" },
                "AB": {},
                "String2": {},
                "User": { "properties": {
                    "a": reference("foo-bar"), "b": reference("FooBar2"), "c": reference("AB"),
                } },
            })
        );
        assert_eq!(notes.len(), 3);
    }
}
