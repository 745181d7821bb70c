//! Leaves defaults to the server that has them.
//!
//! Before: `{type: boolean, default: false, description: Whether it can be removed}`.
//! After: `{type: boolean, description: "Whether it can be removed\n\nDefault: `false`."}`.
//!
//! A generated type would send the default of every member that a caller leaves out, which is not
//! the same in an update, and an answer without the member would read as one that has it.

use openapi_document::walk::schemas_mut;
use serde_json::Value;

use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "defaults",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let Some(members) = schema.as_object_mut() else {
            return;
        };
        let Some(default) = members.shift_remove("default") else {
            return;
        };
        if !default.is_null() && !members.contains_key("$ref") {
            let said = format!("Default: `{default}`.");
            let described = match members.get("description").and_then(Value::as_str) {
                Some(description) => format!("{}\n\n{said}", description.trim_end()),
                None => said,
            };
            members.insert("description".to_owned(), described.into());
        }
        notes.add(
            &pointer.join("default"),
            "moved into the description",
            "the server applies its own defaults; a client sends what its caller gives",
        );
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn a_default_is_said_but_not_sent() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "A": { "type": "boolean", "default": false, "description": "d" },
                "B": { "type": "string", "default": null },
            }),
        );
        assert_eq!(
            after,
            json!({
                "A": { "type": "boolean", "description": "d\n\nDefault: `false`." },
                "B": { "type": "string" },
            })
        );
        assert_eq!(notes.len(), 2);
    }
}
