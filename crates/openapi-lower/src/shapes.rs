//! Phase 4: reduces each schema to a form that the generator has a type for, and makes a component of each
//! type.

pub(crate) mod all_of;
pub(crate) mod choices;
pub(crate) mod enum_names;
pub(crate) mod list_lengths;
pub(crate) mod named_types;
pub(crate) mod nullable_components;
pub(crate) mod open_objects;
pub(crate) mod patterns;
pub(crate) mod property_names;
pub(crate) mod secrets;
pub(crate) mod titles;
pub(crate) mod types;

use openapi_document::Pointer;
use serde_json::Value;

use crate::phase::{Phase, each_schema};

pub(crate) const PHASE: Phase = Phase {
    name: "shapes",
    guarantees: &[objects_are_components],
    passes: &[
        all_of::PASS,
        types::PASS,
        choices::PASS,
        secrets::PASS,
        open_objects::PASS,
        property_names::PASS,
        patterns::PASS,
        list_lengths::PASS,
        nullable_components::PASS,
        named_types::PASS,
        enum_names::PASS,
        titles::PASS,
    ],
};

/// An object that also has an `enum` is left to `last_resort`.
fn objects_are_components(root: &Value) -> Result<(), (Pointer, String)> {
    each_schema(root, |pointer, schema| {
        let properties = schema.get("properties").and_then(Value::as_object);
        let is_object = properties.is_some_and(|properties| !properties.is_empty());
        match is_object && !schema.contains_key("enum") && pointer.tokens().count() > 3 {
            true => Err("an object with properties is not a component".to_owned()),
            false => Ok(()),
        }
    })
}
