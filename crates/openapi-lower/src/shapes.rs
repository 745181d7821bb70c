//! Phase 4: reduces each schema to one that the generator has a type for, and moves each type to a
//! component.

pub(crate) mod all_of;
pub(crate) mod choices;
pub(crate) mod enum_names;
pub(crate) mod idle_bounds;
pub(crate) mod list_lengths;
pub(crate) mod named_types;
pub(crate) mod nullable_components;
pub(crate) mod open_objects;
pub(crate) mod patterns;
pub(crate) mod property_names;
pub(crate) mod recursive_choices;
pub(crate) mod requirement_choices;
pub(crate) mod secrets;
pub(crate) mod titles;
pub(crate) mod tuples;
pub(crate) mod types;

use crate::phase::Phase;

pub(crate) const PHASE: Phase = Phase {
    name: "shapes",
    // Schemas that no value satisfies may keep any keywords. `last-resort` replaces them.
    guarantees: &[],
    passes: &[
        all_of::PASS,
        tuples::PASS,
        types::PASS,
        requirement_choices::PASS,
        recursive_choices::PASS,
        choices::PASS,
        secrets::PASS,
        open_objects::PASS,
        property_names::PASS,
        patterns::PASS,
        idle_bounds::PASS,
        list_lengths::PASS,
        nullable_components::PASS,
        named_types::PASS,
        enum_names::PASS,
        titles::PASS,
    ],
};
