//! Moves default values into descriptions.
//!
//! Before: `{type: boolean, default: false, description: Whether it can be removed}`.
//! After: `{type: boolean, description: "Whether it can be removed\n\nDefault: `false`."}`.
//!
//! A generated type would send the default of every omitted property, which changes the meaning of an
//! update. In a response, an absent property could not be distinguished from one with the default
//! value.

use openapi_document::walk::schemas_mut;
use serde_json::Value;

use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "defaults",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        let Some(default) = keywords.shift_remove("default") else {
            return;
        };
        if !default.is_null() && !keywords.contains_key("$ref") {
            let sentence = format!("Default: `{default}`.");
            let described = match keywords.get("description").and_then(Value::as_str) {
                Some(description) => format!("{}\n\n{sentence}", description.trim_end()),
                None => sentence,
            };
            keywords.insert("description".to_owned(), described.into());
        }
        notes.add(
            &pointer.join("default"),
            "moved the default to the description",
            "the server applies defaults, not the client",
        );
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn a_default_is_documented_but_not_sent() {
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
