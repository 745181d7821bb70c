//! Phase 5: schemas are split by the direction in which their values travel: strict in requests, tolerant
//! in responses. What is sent as JSON tells null from absent.

pub(crate) mod exact_numbers;
pub(crate) mod integers;
pub(crate) mod merge_patches;
pub(crate) mod nullable_properties;
pub(crate) mod open_answers;
pub(crate) mod optional_collections;
pub(crate) mod plain_scalars;
pub(crate) mod read_only;
pub(crate) mod split_directions;
pub(crate) mod unchecked_bounds;

use openapi_document::Pointer;
use serde_json::Value;

use crate::phase::Phase;

use read_only::ONE_WAY;
use split_directions::{Direction, reachable};

pub(crate) const PHASE: Phase = Phase {
    name: "directions",
    guarantees: &[properties_travel_their_way],
    passes: &[
        split_directions::PASS,
        read_only::PASS,
        open_answers::PASS,
        merge_patches::PASS,
        plain_scalars::PASS,
        integers::PASS,
        unchecked_bounds::PASS,
        exact_numbers::PASS,
        nullable_properties::PASS,
        optional_collections::PASS,
    ],
};

/// What travels one way only is not in the schemas of the other.
fn properties_travel_their_way(root: &Value) -> Result<(), (Pointer, String)> {
    for (direction, (mark, _)) in [Direction::Request, Direction::Answer]
        .into_iter()
        .zip(ONE_WAY)
    {
        for name in reachable(root, direction) {
            let place = Pointer::of(["components", "schemas", &name, "properties"]);
            let properties = place.get(root).and_then(Value::as_object);
            for (property, schema) in properties.into_iter().flatten() {
                if schema[mark] == true {
                    let what = format!("a property is `{mark}` where it does not travel");
                    return Err((place.join(property), what));
                }
            }
        }
    }
    Ok(())
}
