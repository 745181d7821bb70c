//! Keeps the additional properties of objects that declare them.
//!
//! Before: `{type: object, properties: {title: …}, additionalProperties: true}`.
//! After: `{type: object, properties: {title: …}, additionalProperties: {}}`.
//!
//! Both are equivalent, but typify only generates a field `extra` for the second. Without it, the
//! extensions of a problem document (RFC 9457 section 3.2) would be lost.

use openapi_document::walk::schemas_mut;
use serde_json::{Value, json};

use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "open-objects",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let has_properties = schema["properties"]
            .as_object()
            .is_some_and(|properties| !properties.is_empty());
        if has_properties && schema["additionalProperties"] == true {
            schema["additionalProperties"] = json!({});
            notes.add(
                pointer,
                "keeps additional properties in the field `extra`",
                "the document declares them",
            );
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;

    #[test]
    fn only_objects_with_listed_properties_get_extra_ones() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "A": { "properties": { "a": {} }, "additionalProperties": true },
                "B": { "type": "object", "additionalProperties": true },
            }),
        );
        assert_eq!(
            after,
            json!({
                "A": { "properties": { "a": {} }, "additionalProperties": {} },
                "B": { "type": "object", "additionalProperties": true },
            })
        );
        assert_eq!(notes.len(), 1);
    }
}
