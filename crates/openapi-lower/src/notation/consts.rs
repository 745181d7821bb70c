//! Replaces `const` with an enumeration of one value.
//!
//! Before (3.1): `{const: cluster}`.
//! After: `{type: string, enum: [cluster]}`.

use openapi_document::walk::schemas_mut;
use serde_json::{Value, json};

use crate::kinds::kind_of;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "consts",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        let Some(value) = keywords.shift_remove("const") else {
            return;
        };
        let implied = match &value {
            Value::String(_) => Some("string"),
            Value::Bool(_) => Some("boolean"),
            Value::Number(_) => Some(kind_of(&value)),
            _ => None,
        };
        if let Some(implied) = implied
            && !keywords.contains_key("type")
        {
            keywords.insert("type".to_owned(), implied.into());
        }
        keywords.insert("enum".to_owned(), json!([value]));
        notes.add(
            &pointer.join("const"),
            "replaced `const` with an `enum` of one value",
            "OpenAPI 3.0 does not have `const`",
        );
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;

    #[test]
    fn a_const_becomes_an_enum_of_its_type() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({ "A": { "const": "x" }, "B": { "type": "number", "const": 1 } }),
        );
        assert_eq!(
            after,
            json!({
                "A": { "type": "string", "enum": ["x"] },
                "B": { "type": "number", "enum": [1] },
            })
        );
        assert_eq!(notes.len(), 2);
    }
}
