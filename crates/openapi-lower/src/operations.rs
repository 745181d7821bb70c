//! Phase 3: makes each operation one call, with a name, one media type for the request and one for the
//! response, and parameters with one schema each.

pub(crate) mod alternatives;
pub(crate) mod defaults;
pub(crate) mod invalid_parameters;
mod media_type_parameter;
pub(crate) mod object_parameters;
pub(crate) mod operation_ids;
pub(crate) mod parameter_content;
pub(crate) mod parameter_types;
pub(crate) mod part_types;
pub(crate) mod request_media_types;
pub(crate) mod response_media_types;

use std::collections::BTreeSet;

use client_codegen::naming::snake;
use openapi_document::{Pointer, walk};
use serde_json::Value;

use crate::phase::Phase;

pub(crate) const PHASE: Phase = Phase {
    name: "operations",
    guarantees: &[
        each_operation_has_a_name_of_its_own,
        each_parameter_has_one_schema,
    ],
    passes: &[
        operation_ids::PASS,
        alternatives::PASS,
        defaults::PASS,
        invalid_parameters::PASS,
        parameter_content::PASS,
        object_parameters::PASS,
        parameter_types::PASS,
        request_media_types::PASS,
        response_media_types::PASS,
        part_types::PASS,
    ],
};

fn each_operation_has_a_name_of_its_own(root: &Value) -> Result<(), (Pointer, String)> {
    let mut names = BTreeSet::new();
    for (pointer, ..) in walk::operations(root) {
        let id = pointer
            .get(root)
            .and_then(|operation| operation["operationId"].as_str());
        let name = snake(id.unwrap_or_default());
        if !names.insert(name.clone()) {
            return Err((
                pointer,
                format!("`{name}` is the name of several operations"),
            ));
        }
    }
    Ok(())
}

fn each_parameter_has_one_schema(root: &Value) -> Result<(), (Pointer, String)> {
    for (pointer, ..) in walk::operations(root) {
        let parameters = pointer.join("parameters");
        let listed = parameters.get(root).and_then(Value::as_array);
        for (index, parameter) in listed.into_iter().flatten().enumerate() {
            let content = parameter["content"].as_object();
            let schemas = usize::from(parameter.get("schema").is_some());
            if schemas + content.map_or(0, serde_json::Map::len) != 1 {
                let what = "a parameter does not have one schema".to_owned();
                return Err((parameters.join(index), what));
            }
        }
    }
    Ok(())
}
