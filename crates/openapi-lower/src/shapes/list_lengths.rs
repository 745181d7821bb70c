//! Leaves a list of many items a list.
//!
//! Before: `{type: array, items: …, minItems: 40, maxItems: 40}`.
//! After: `{type: array, items: …}`.
//!
//! typify makes an array `[T; 40]` of it, and serde reads and writes arrays of up to 32 items.

use openapi_document::walk::schemas_mut;
use serde_json::Value;

use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "list-lengths",
    run,
};

const LONGEST: u64 = 32;

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let length = schema["maxItems"]
            .as_u64()
            .filter(|length| *length > LONGEST);
        let is_fixed = length.is_some() && schema["minItems"].as_u64() == length;
        if let Some(members) = schema.as_object_mut().filter(|_| is_fixed) {
            members.shift_remove("minItems");
            members.shift_remove("maxItems");
            let loss = "the client does not check how many items it sends";
            let why = "an array of so many items cannot be written";
            notes.add_unchecked(&pointer.join("maxItems"), why, loss);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn only_short_lists_have_a_fixed_length() {
        let list = |length: u64| json!({ "type": "array", "minItems": length, "maxItems": length });
        let (after, notes) = run_on_schemas(&PASS, json!({ "A": list(32), "B": list(33) }));
        assert_eq!(after, json!({ "A": list(32), "B": { "type": "array" } }));
        assert_eq!(notes.len(), 1);
    }
}
