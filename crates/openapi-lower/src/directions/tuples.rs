//! Gives tuples of fixed length their Rust type.
//!
//! Before: `{type: array, prefixItems: [A, B]}`.
//! After: the type `(A, B)`, written as `client_runtime::Tuple` with these parameters.
//!
//! This is the last pass of the phase, because no pass looks into the parameters of a type.

use openapi_document::walk::schemas_mut;
use serde_json::Value;

use crate::rust_type::replace;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "tuple-types",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let Some(Value::Array(items)) = schema.get("prefixItems").cloned() else {
            return;
        };
        let title = schema.get("title").cloned();
        replace(schema, "Tuple", &items);
        let tokens: Vec<String> = pointer.tokens().collect();
        if matches!(tokens.as_slice(), [.., choice, _] if choice == "oneOf") {
            // typify cannot derive a variant name from this type.
            schema["title"] = title.unwrap_or_else(|| "Tuple".into());
        }
        notes.add(
            pointer,
            "changed the type to a tuple",
            "it has a fixed length",
        );
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn a_tuple_inside_a_tuple_is_a_parameter() {
        let string = json!({ "type": "string" });
        let tuple = |items: Value| json!({ "type": "array", "prefixItems": items });
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({ "A": tuple(json!([string, tuple(json!([string]))])) }),
        );
        let extension = &after["A"]["x-rust-type"];
        assert_eq!(extension["path"], "client_runtime::Tuple");
        assert_eq!(extension["parameters"][0], string);
        let inner = &extension["parameters"][1]["x-rust-type"];
        assert_eq!(inner["parameters"], json!([string]));
        assert_eq!(notes.len(), 2);
    }
}
