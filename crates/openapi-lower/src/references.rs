//! Phase 2: resolves all references except those to schemas, so that operations are independent, and makes
//! the names of components distinct in Rust.

pub(crate) mod component_names;
pub(crate) mod discriminators;
pub(crate) mod metadata;
pub(crate) mod one_way_references;
pub(crate) mod resolution;

use openapi_document::{Pointer, walk};
use serde_json::Value;

use crate::phase::Phase;

pub(crate) const PHASE: Phase = Phase {
    name: "references",
    guarantees: &[only_schemas_are_referred_to],
    passes: &[
        resolution::PASS,
        metadata::PASS,
        one_way_references::PASS,
        discriminators::PASS,
        component_names::PASS,
    ],
};

fn only_schemas_are_referred_to(root: &Value) -> Result<(), (Pointer, String)> {
    let mut found = Ok(());
    walk::visit(root, &mut |kind, pointer, value| {
        let is_reference = value.get("$ref").is_some_and(Value::is_string);
        if found.is_ok() && is_reference && kind != walk::Kind::Schema && is_of_paths(pointer) {
            found = Err((
                pointer.clone(),
                "a reference does not refer to a schema".to_owned(),
            ));
        }
    });
    found
}

fn is_of_paths(pointer: &Pointer) -> bool {
    pointer
        .tokens()
        .next()
        .is_some_and(|section| section == "paths")
}
