//! Makes required scalars of responses optional, for servers that omit them or send null.
//!
//! Before, with `x-lenient-responses: true` in the document itself: a response with `{required: [id, owner],
//! properties: {id: {type: string}, owner: {$ref: Owner}}}`.
//! After: `required: [owner]`. Null is then decoded as absent, as in every optional property.
//!
//! The branches of choices are not changed, because their required properties distinguish them. Without
//! the extension, nothing is changed.

use std::collections::BTreeSet;

use openapi_document::walk::{Kind, visit_from};
use openapi_document::{Direction, Pointer, compact_clone_object};
use serde_json::{Map, Value};

use crate::reach::visit_direction_mut;
use crate::schema::{branches_of, component_at, component_name, components, required, resolved};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "lenient-responses",
    run,
};

/// The extension of the document.
const EXTENSION: &str = "x-lenient-responses";

fn run(root: &mut Value, notes: &mut Notes) {
    let Some(lenient) = Lenient::of(root) else {
        return;
    };
    visit_direction_mut(root, Direction::Response, &mut |pointer, schema| {
        let taken = lenient.scalars(pointer, schema);
        if let Some(Value::Array(required)) = schema.get_mut("required")
            && !taken.is_empty()
        {
            required.retain(|name| !taken.iter().any(|taken| name == taken));
            notes.add(
                &pointer.join("required"),
                format!("removed `{}`", taken.join("`, `")),
                "the document has `x-lenient-responses`",
            );
        }
    });
}

/// The information that determines which properties become optional.
pub(super) struct Lenient {
    components: Map<String, Value>,
    /// The components that are branches of choices.
    branches: BTreeSet<String>,
}

impl Lenient {
    /// `None` if the document does not have the extension.
    pub(super) fn of(root: &Value) -> Option<Self> {
        if root.get(EXTENSION) != Some(&Value::Bool(true)) {
            return None;
        }
        let components = compact_clone_object(components(root));
        let mut branches = BTreeSet::new();
        for schema in components.values() {
            collect_branches(schema, &mut branches);
        }
        Some(Self {
            components,
            branches,
        })
    }

    /// The required properties of the schema at `pointer` that become optional in responses.
    pub(super) fn scalars(&self, pointer: &Pointer, schema: &Value) -> Vec<String> {
        let tokens: Vec<String> = pointer.tokens().collect();
        let is_inline_branch =
            matches!(&tokens[..], [.., keyword, _] if keyword == "oneOf" || keyword == "anyOf");
        let is_branch = component_at(pointer).is_some_and(|name| self.branches.contains(&name));
        if is_inline_branch || is_branch {
            return Vec::new();
        }
        let names = required(schema).filter(|name| {
            let property = resolved(&self.components, &schema["properties"][*name]);
            let is_rust_type = property.get("x-rust-type").is_some();
            is_rust_type
                || matches!(
                    property["type"].as_str(),
                    Some("string" | "integer" | "number" | "boolean")
                )
        });
        names.map(str::to_owned).collect()
    }
}

fn collect_branches(schema: &Value, found: &mut BTreeSet<String>) {
    visit_from(
        Kind::Schema,
        &Pointer::root(),
        schema,
        &mut |_, _, inner| {
            let branches = branches_of(inner);
            found.extend(branches.filter_map(|(_, _, branch)| component_name(branch)));
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;
    use crate::testing::run;
    use serde_json::json;

    #[test]
    fn required_scalars_of_responses_become_optional_where_the_document_asks_for_it() {
        let content =
            |schema: Value| json!({ "content": { "application/json": { "schema": schema } } });
        let object = |names: &[&str]| {
            json!({ "type": "object", "required": names, "properties": {
                "id": { "type": "string" }, "level": reference("Level"), "owner": reference("Owner"),
            } })
        };
        let document = |marked: bool| {
            json!({
                "x-lenient-responses": marked,
                "paths": { "/a": { "post": {
                    "requestBody": content(reference("Sent")),
                    "responses": { "200": content(reference("Received")) },
                } } },
                "components": { "schemas": {
                    "Sent": object(&["id", "level", "owner"]),
                    "Received": { "type": "object", "required": ["choice", "all"], "properties": {
                        "choice": { "oneOf": [reference("Branch"), { "type": "string" }] },
                        "all": object(&["id", "level", "owner"]),
                    } },
                    "Branch": object(&["id"]),
                    "Level": { "type": "string", "enum": ["a"] },
                    "Owner": { "type": "object", "properties": {} },
                } },
            })
        };
        let (after, notes) = run(&PASS, document(true));
        let schemas = &after["components"]["schemas"];
        assert_eq!(schemas["Sent"], object(&["id", "level", "owner"]));
        assert_eq!(schemas["Received"]["properties"]["all"], object(&["owner"]));
        assert_eq!(schemas["Received"]["required"], json!(["choice", "all"]));
        assert_eq!(schemas["Branch"], object(&["id"]));
        assert_eq!(notes.len(), 1);
        let (after, notes) = run(&PASS, document(false));
        assert_eq!((after, notes.len()), (document(false), 0));
    }
}
