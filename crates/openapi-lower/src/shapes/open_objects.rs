//! Keeps the members that an object is said to have beyond the listed ones.
//!
//! Before: `{type: object, properties: {title: …}, additionalProperties: true}`.
//! After: `{type: object, properties: {title: …}, additionalProperties: {}}`.
//!
//! Both mean the same, but only of the second typify makes a member `extra` that holds them; the
//! extension members of a problem document (RFC 9457 section 3.2) would be lost.

use openapi_document::walk::schemas_mut;
use serde_json::{Value, json};

use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "open-objects",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let has_members = schema["properties"]
            .as_object()
            .is_some_and(|properties| !properties.is_empty());
        if has_members && schema["additionalProperties"] == true {
            schema["additionalProperties"] = json!({});
            notes.add(
                pointer,
                "keeps members that are not listed in `extra`",
                "the document says that there are some",
            );
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;

    #[test]
    fn only_an_object_with_listed_members_gets_extra_ones() {
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
