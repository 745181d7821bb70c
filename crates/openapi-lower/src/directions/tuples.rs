//! Changes the type of tuples with a fixed length to Rust tuples.
//!
//! Before: `{type: array, prefixItems: [A, B]}`.
//! After: the type `(A, B)`, written as `client_runtime::Tuple` with these parameters.
//!
//! This pass runs late, because no other pass reads the parameters of a type. Therefore it also replaces the
//! schemas in them for which the generator has no type, as the pass `last-resort` does.

use openapi_document::walk::{Kind, schemas_mut, visit_from_mut};
use serde_json::Value;

use crate::cleanup::last_resort::give_type;
use crate::rust_type::replace;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "tuple-types",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let Some(Value::Array(mut items)) = schema.get("prefixItems").cloned() else {
            return;
        };
        for (index, item) in items.iter_mut().enumerate() {
            let pointer = pointer.join("prefixItems").join(index);
            visit_from_mut(Kind::Schema, &pointer, item, &mut |_, pointer, inner| {
                give_type(pointer, inner, notes);
            });
        }
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
    fn an_item_without_a_type_is_any_value() {
        let odd = json!({ "type": "string", "properties": {} });
        let items = json!([odd, { "type": "array", "items": odd }]);
        let tuple = json!({ "type": "array", "prefixItems": items });
        let (after, _) = run_on_schemas(&PASS, json!({ "A": tuple }));
        let expected = json!([{}, { "type": "array", "items": {} }]);
        assert_eq!(after["A"]["x-rust-type"]["parameters"], expected);
    }

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
