//! Removes the fixed length of long lists.
//!
//! Before: `{type: array, items: …, minItems: 40, maxItems: 40}`.
//! After: `{type: array, items: …}`.
//!
//! typify would generate an array `[T; 40]`, and serde only supports arrays of up to 32 items.

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
        if let Some(keywords) = schema.as_object_mut().filter(|_| is_fixed) {
            keywords.shift_remove("minItems");
            keywords.shift_remove("maxItems");
            let loss = "the client does not check the number of items";
            let why = "serde does not support arrays of more than 32 items";
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
