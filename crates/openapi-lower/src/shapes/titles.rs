//! Removes titles that would become type names.
//!
//! Before: `{title: Identifier, type: string, pattern: A}` and elsewhere `{title: Identifier, type:
//! string, pattern: B}`.
//! After: the same without titles, which become the description if there is none.
//!
//! typify names an inline schema by its title, and treats schemas with the same title as the same type. The
//! title of a plain branch of a choice is kept: it names the variant, not a type.

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
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        if let Some(title) = keywords.shift_remove("title") {
            keywords.entry("description").or_insert(title);
            notes.add(
                &pointer.join("title"),
                "removed the title",
                "schemas with the same title would become one type",
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
    fn titles_are_only_kept_where_they_name_a_variant() {
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
