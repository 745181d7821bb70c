//! Decides which tuples have a type of their own, and makes lists of the others.
//!
//! Before: `{type: array, prefixItems: [A, B], items: {}, minItems: 2, maxItems: 2}`, `{type: array,
//! prefixItems: [A, B], items: C}`.
//! After: `{type: array, prefixItems: [A, B]}`, which is the type `(A, B)` at the end of the lowering;
//! `{type: array, items: {anyOf: [A, B, C]}}`.
//!
//! A Rust tuple has a fixed length.

use openapi_document::Pointer;
use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value, json};

use crate::{Notes, Pass, Reduced};

pub(crate) const PASS: Pass = Pass {
    name: "tuples",
    run,
};

/// serde and the standard library implement their traits for tuples of up to 12 values.
const LONGEST: usize = 12;

fn run(root: &mut Value, notes: &mut Notes) {
    schemas_mut(root, |pointer, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        let Some(Value::Array(mut prefix)) = keywords.shift_remove("prefixItems") else {
            return;
        };
        let length = |keyword: &str| keywords.get(keyword).and_then(Value::as_u64);
        let (min, max) = (length("minItems"), length("maxItems"));
        let max = max.and_then(|max| usize::try_from(max).ok());
        let rest = keywords.get("items").cloned().unwrap_or_else(|| json!({}));
        if let Some(length) = max.filter(|max| (1..=LONGEST).contains(max))
            && min == Some(length as u64)
        {
            prefix.resize(length, rest);
            keywords.insert("prefixItems".to_owned(), prefix.into());
            for keyword in ["items", "minItems", "maxItems"] {
                keywords.shift_remove(keyword);
            }
            if keywords.shift_remove("uniqueItems") == Some(true.into()) {
                let loss = "the client does not check that the items are different";
                notes.add_unchecked(
                    &pointer.join("uniqueItems"),
                    "a tuple has no such check",
                    loss,
                );
            }
            return;
        }
        if max.is_none_or(|max| max > prefix.len()) {
            prefix.push(rest);
        }
        list(pointer, keywords, prefix, notes);
    });
}

/// Makes a list of items of any of these schemas.
fn list(
    pointer: &Pointer,
    keywords: &mut Map<String, Value>,
    allowed: Vec<Value>,
    notes: &mut Notes,
) {
    const WHY: &str = "a Rust tuple has a fixed length";
    let place = pointer.join("prefixItems");
    let mut distinct: Vec<Value> = Vec::new();
    for schema in allowed {
        if !distinct.contains(&schema) {
            distinct.push(schema);
        }
    }
    let items = match distinct.as_slice() {
        [only] => {
            notes.add(&place, "changed the tuple to a list", WHY);
            only.clone()
        }
        _ => {
            let loss = "the client does not check the position of items in the tuple";
            let what = "changed the tuple to a list of any of its types";
            notes.add_reduced(&place, what, WHY, Reduced::unchecked(loss, &place));
            json!({ "anyOf": distinct })
        }
    };
    keywords.insert("items".to_owned(), items);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;

    fn lowered(schema: Value) -> Value {
        let (mut after, _) = run_on_schemas(&PASS, json!({ "A": schema }));
        after["A"].take()
    }

    fn tuple(prefix: &Value, rest: Value) -> Value {
        let mut tuple = json!({ "type": "array", "prefixItems": prefix });
        if let (Some(tuple), Value::Object(rest)) = (tuple.as_object_mut(), rest) {
            tuple.extend(rest);
        }
        tuple
    }

    #[test]
    fn a_tuple_of_fixed_length_stays_a_tuple() {
        let (string, integer) = (json!({ "type": "string" }), json!({ "type": "integer" }));
        let both = json!([string, integer]);
        let fixed = json!({ "items": integer, "minItems": 2, "maxItems": 2 });
        let expected = json!({ "type": "array", "prefixItems": both });
        assert_eq!(lowered(tuple(&both, fixed.clone())), expected);
        assert_eq!(lowered(tuple(&json!([string]), fixed)), expected);
    }

    #[test]
    fn other_tuples_are_lists_of_all_that_they_can_contain() {
        let (string, integer) = (json!({ "type": "string" }), json!({ "type": "integer" }));
        let list = |items: Value| json!({ "type": "array", "items": items });
        let open = tuple(&json!([string, integer]), json!({ "items": {} }));
        assert_eq!(
            lowered(open),
            list(json!({ "anyOf": [string, integer, {}] }))
        );
        let same = tuple(&json!([string, string]), json!({ "items": string }));
        assert_eq!(lowered(same), list(string.clone()));
        let closed = tuple(
            &json!([string, integer]),
            json!({ "items": {}, "maxItems": 2 }),
        );
        let mut expected = list(json!({ "anyOf": [string, integer] }));
        expected["maxItems"] = 2.into();
        assert_eq!(lowered(closed), expected);
    }
}
