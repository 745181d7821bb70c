//! Phase 1: removes invalid keyword values and replaces the keywords of OpenAPI 3.1 with those of
//! OpenAPI 3.0.

pub(crate) mod array_items;
pub(crate) mod conditions;
pub(crate) mod consts;
pub(crate) mod enum_labels;
pub(crate) mod examples;
pub(crate) mod exclusive_bounds;
pub(crate) mod formats;
pub(crate) mod json_schema_keywords;
pub(crate) mod keyword_values;
pub(crate) mod long_running;
pub(crate) mod negations;
pub(crate) mod nullable;
pub(crate) mod paging;
pub(crate) mod payloads;
pub(crate) mod ref_siblings;
pub(crate) mod referenced_locations;
pub(crate) mod reserved_characters;
pub(crate) mod unevaluated;
pub(crate) mod version;
pub(crate) mod webhooks;

use openapi_document::Pointer;
use serde_json::{Value, json};

use crate::phase::{Phase, each_schema, no_schema_has};

pub(crate) const PHASE: Phase = Phase {
    name: "notation",
    guarantees: &[the_version_is_3_0, schemas_have_keywords_of_3_0],
    passes: &[
        payloads::PASS,
        referenced_locations::PASS,
        paging::PASS,
        long_running::PASS,
        webhooks::PASS,
        enum_labels::PASS,
        keyword_values::PASS,
        ref_siblings::PASS,
        conditions::PASS,
        unevaluated::PASS,
        array_items::PASS,
        json_schema_keywords::PASS,
        negations::PASS,
        consts::PASS,
        nullable::PASS,
        exclusive_bounds::PASS,
        examples::PASS,
        formats::PASS,
        reserved_characters::PASS,
        version::PASS,
    ],
};

fn the_version_is_3_0(root: &Value) -> Result<(), (Pointer, String)> {
    match root["openapi"] == "3.0.3" {
        true => Ok(()),
        false => Err((
            Pointer::root().join("openapi"),
            "the version is not 3.0.3".to_owned(),
        )),
    }
}

fn schemas_have_keywords_of_3_0(root: &Value) -> Result<(), (Pointer, String)> {
    let later = [
        "const",
        "examples",
        "if",
        "then",
        "else",
        "dependentSchemas",
    ];
    no_schema_has(root, &later)?;
    each_schema(root, |_, schema| {
        let is_single = schema
            .get("type")
            .is_none_or(|of| of.is_string() && *of != json!("null"));
        match is_single {
            true => Ok(()),
            false => Err("the `type` of a schema is not one of OpenAPI 3.0".to_owned()),
        }
    })
}
