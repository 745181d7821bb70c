//! Keeps passwords, tokens and secrets out of every `Debug` output.
//!
//! Before: `{type: string, format: password}`.
//! After: the type `client_runtime::SecretString`.
//!
//! Not where a parameter of the path or a header is made of it, since those are written as text.

use std::collections::BTreeSet;

use openapi_document::Pointer;
use openapi_document::walk::{Kind, visit_mut};
use serde_json::Value;

use super::rust_type::replace;
use super::{Notes, Pass};

pub(super) const PASS: Pass = Pass {
    name: "secrets",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let mut written: BTreeSet<Pointer> = BTreeSet::new();
    openapi_document::walk::visit(root, &mut |kind, pointer, value| {
        if kind == Kind::Parameter && value["in"] != "query" {
            written.insert(pointer.join("schema"));
        }
    });
    visit_mut(root, &mut |kind, pointer, schema| {
        let is_secret =
            kind == Kind::Schema && schema["type"] == "string" && schema["format"] == "password";
        if is_secret && !written.contains(pointer) {
            replace(schema, "SecretString", &[]);
            notes.add(
                pointer,
                "became a `SecretString`",
                "a secret must not show in `Debug`",
            );
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn a_password_becomes_a_secret() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "A": { "type": "string", "format": "password", "description": "d" },
                "B": { "type": "string" },
            }),
        );
        assert_eq!(
            after["A"]["x-rust-type"]["path"],
            "client_runtime::SecretString"
        );
        assert_eq!(after["A"]["description"], "d");
        assert_eq!(after["B"], json!({ "type": "string" }));
        assert_eq!(notes.len(), 1);
    }
}
