//! Takes formats off the types that have none.
//!
//! Before: `{type: object, format: uri-map}`.
//! After: `{type: object}`.
//!
//! A format says more about strings and numbers only; on anything else progenitor panics.

use openapi_document::walk::schemas_mut;
use serde_json::Value;

use super::webhooks::drop_member;
use super::{Notes, Pass};

pub(super) const PASS: Pass = Pass {
    name: "formats",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        if let Some("object" | "array" | "boolean") = schema["type"].as_str() {
            let why = "only strings and numbers have formats";
            drop_member(schema, "format", pointer, notes, why);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn only_scalars_keep_their_formats() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "A": { "type": "object", "format": "uri-map" },
                "B": { "type": "string", "format": "uri" },
            }),
        );
        assert_eq!(
            after,
            json!({ "A": { "type": "object" }, "B": { "type": "string", "format": "uri" } })
        );
        assert_eq!(notes.len(), 1);
    }
}
