//! Takes titles out, where they would become the names of types.
//!
//! Before: `{title: Identifier, type: string, pattern: A}` and elsewhere `{title: Identifier, type:
//! string, pattern: B}`.
//! After: the same without titles, and with them for a description where there was none.
//!
//! typify calls an inline schema by its title, and takes two of one title for the same type. The
//! title of a plain branch of a choice stays: there it names the variant and no type.

use openapi_document::walk::schemas_mut;
use serde_json::Value;

use crate::schema::is_plain_scalar;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "titles",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let tokens: Vec<String> = pointer.tokens().collect();
        let is_branch = matches!(tokens.as_slice(), [.., choice, _] if choice == "oneOf");
        if is_branch && is_plain_scalar(schema) {
            return;
        }
        let Some(members) = schema.as_object_mut() else {
            return;
        };
        if let Some(title) = members.shift_remove("title") {
            members.entry("description").or_insert(title);
            notes.add(
                &pointer.join("title"),
                "taken out",
                "two schemas of one title would become one type",
            );
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn titles_stay_only_where_they_name_a_variant() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({ "A": { "title": "T", "properties": {
                "b": { "title": "Identifier", "type": "string", "description": "d" },
                "c": { "oneOf": [
                    { "title": "Class", "type": "string" },
                    { "title": "Identifier", "type": "string", "pattern": "^a$" },
                ] },
            } } }),
        );
        assert_eq!(
            after["A"],
            json!({ "description": "T", "properties": {
                "b": { "type": "string", "description": "d" },
                "c": { "oneOf": [
                    { "title": "Class", "type": "string" },
                    { "type": "string", "pattern": "^a$", "description": "Identifier" },
                ] },
            } })
        );
        assert_eq!(notes.len(), 3);
    }
}
