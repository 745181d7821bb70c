//! Changes the type of numbers that need more precision to one that keeps all digits.
//!
//! Before: `{type: number, format: decimal}`, `{type: integer, format: uint128}`.
//! After: the types `client_runtime::Decimal` and `u128`.
//!
//! A branch of a choice also gets a title, which names its variant.
//!
//! By default typify generates `f64` for the first, which has 15 to 17 significant digits, and `i64` for
//! the second. A string with the format `decimal` remains a string, which is exact.

use openapi_document::walk::schemas_mut;
use serde_json::Value;

use crate::rust_type::replace;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "exact-numbers",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let path = match (schema["type"].as_str(), schema["format"].as_str()) {
            (Some("number"), Some("decimal")) => "Decimal",
            (Some("integer"), Some("int128")) => "i128",
            (Some("integer"), Some("uint128")) => "u128",
            _ => return,
        };
        if schema.get("enum").is_some() {
            return;
        }
        let title = schema.get("title").cloned();
        replace(schema, path, &[]);
        let tokens: Vec<String> = pointer.tokens().collect();
        if matches!(tokens.as_slice(), [.., choice, _] if choice == "oneOf") {
            // typify cannot derive a variant name from this type.
            let name = if path == "Decimal" {
                "Number"
            } else {
                "Integer"
            };
            schema["title"] = title.unwrap_or_else(|| name.into());
        }
        notes.add(
            pointer,
            format!("changed the type to `{path}`"),
            "the default Rust type cannot represent all digits",
        );
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn numbers_with_many_digits_have_an_exact_type() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "A": { "type": "number", "format": "decimal", "minimum": 0, "description": "d" },
                "B": { "type": "integer", "format": "int128" },
                "C": { "type": "integer", "format": "uint128" },
                "D": { "type": "string", "format": "decimal" },
                "E": { "type": "number", "format": "double" },
                "F": { "type": "integer", "format": "uint64" },
            }),
        );
        let paths = ["A", "B", "C", "D", "E", "F"].map(|name| {
            after[name]["x-rust-type"]["path"]
                .as_str()
                .map(str::to_owned)
        });
        let of = |path: &str| Some(format!("client_runtime::{path}"));
        assert_eq!(
            paths,
            [of("Decimal"), of("i128"), of("u128"), None, None, None]
        );
        assert_eq!(after["A"]["description"], "d");
        assert_eq!(notes.len(), 3);
    }

    #[test]
    fn a_branch_of_a_choice_has_a_title() {
        let decimal = json!({ "type": "number", "format": "decimal" });
        let wide = json!({ "type": "integer", "format": "int128", "title": "Cents" });
        let (after, _) = run_on_schemas(&PASS, json!({ "A": { "oneOf": [decimal, wide] } }));
        let branches = &after["A"]["oneOf"];
        assert_eq!(branches[0]["title"], "Number");
        assert_eq!(branches[1]["title"], "Cents");
    }
}
