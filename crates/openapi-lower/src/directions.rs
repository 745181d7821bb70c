//! Phase 5: splits schemas by direction. Requests are strict and responses are tolerant. Values that are
//! sent as JSON distinguish null from absent.

pub(crate) mod exact_numbers;
pub(crate) mod integers;
pub(crate) mod lenient_responses;
pub(crate) mod merge_patches;
pub(crate) mod nullable_properties;
pub(crate) mod open_responses;
pub(crate) mod optional_collections;
pub(crate) mod plain_scalars;
pub(crate) mod read_only;
pub(crate) mod split_directions;
mod tolerance;
pub(crate) mod tuples;
pub(crate) mod unchecked_bounds;

use openapi_document::{Direction, Pointer};
use serde_json::Value;

use crate::phase::Phase;

use crate::one_way::ONE_WAY;
use crate::reach::reachable;

pub(crate) const PHASE: Phase = Phase {
    name: "directions",
    guarantees: &[one_way_properties_are_removed],
    passes: &[
        split_directions::PASS,
        read_only::PASS,
        lenient_responses::PASS,
        open_responses::PASS,
        merge_patches::PASS,
        plain_scalars::PASS,
        integers::PASS,
        unchecked_bounds::PASS,
        exact_numbers::PASS,
        tuples::PASS,
        nullable_properties::PASS,
        optional_collections::PASS,
    ],
};

/// No request schema has `readOnly` properties, and no response schema has `writeOnly` ones.
fn one_way_properties_are_removed(root: &Value) -> Result<(), (Pointer, String)> {
    for (direction, (mark, _)) in [Direction::Request, Direction::Response]
        .into_iter()
        .zip(ONE_WAY)
    {
        for name in reachable(root, direction) {
            let place = Pointer::of(["components", "schemas", &name, "properties"]);
            let properties = place.get(root).and_then(Value::as_object);
            for (property, schema) in properties.into_iter().flatten() {
                if schema[mark] == true {
                    let what = format!("a property is `{mark}` in a schema of the other direction");
                    return Err((place.join(property), what));
                }
            }
        }
    }
    Ok(())
}
