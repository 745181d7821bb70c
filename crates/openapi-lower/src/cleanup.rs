//! Phase 6: removes unused schemas and verifies that every reference has a target.

pub(crate) mod equal_branches;
pub(crate) mod last_resort;
pub(crate) mod recursive_properties;
pub(crate) mod unused_schemas;

use openapi_document::Pointer;
use serde_json::{Value, json};

use crate::phase::{Phase, each_schema};
use crate::schema::{component_name, components};

pub(crate) const PHASE: Phase = Phase {
    name: "cleanup",
    guarantees: &[every_reference_has_a_target],
    passes: &[
        equal_branches::PASS,
        recursive_properties::PASS,
        unused_schemas::PASS,
        last_resort::PASS,
    ],
};

fn every_reference_has_a_target(root: &Value) -> Result<(), (Pointer, String)> {
    let components = components(root);
    each_schema(root, |_, schema| {
        let reference = schema
            .get("$ref")
            .map(|reference| json!({ "$ref": reference }));
        let name = reference.as_ref().and_then(component_name);
        match name.filter(|name| !components.contains_key(name)) {
            Some(name) => Err(format!(
                "the component `{name}`, which a schema refers to, is missing"
            )),
            None => Ok(()),
        }
    })
}
