//! Parameters that are the whole query string (OpenAPI 3.2, `in: querystring`).
//!
//! Before: `{name: all, in: querystring, content: {application/x-www-form-urlencoded: {schema: …}}}`.
//! After: `{name: all, in: query, style: form, explode: true, schema: …}`, which is sent in the same
//! way.
//!
//! A query string in another notation is removed.

use serde_json::{Value, json};

use super::Repair;
use crate::walk::{Kind, visit_from_mut};
use crate::{Finding, Pointer};

const FORM: &str = "application/x-www-form-urlencoded";

pub(super) fn convert(repair: &mut Repair<'_>) {
    let mut others = Vec::new();
    visit_from_mut(
        Kind::Document,
        &Pointer::root(),
        &mut repair.root,
        &mut |kind, pointer, value| {
            if kind != Kind::Parameter || value["in"] != "querystring" {
                return;
            }
            let Some(schema) = value["content"]
                .get(FORM)
                .map(|media| media["schema"].clone())
            else {
                others.push(pointer.clone());
                return;
            };
            let Some(fields) = value.as_object_mut() else {
                return;
            };
            fields.shift_remove("content");
            fields.entry("name").or_insert("query".into());
            for (keyword, value) in [("in", json!("query")), ("style", json!("form"))] {
                fields.insert(keyword.to_owned(), value);
            }
            fields.insert("explode".to_owned(), true.into());
            fields.insert(
                "schema".to_owned(),
                match schema {
                    Value::Null => json!({ "type": "object" }),
                    schema => schema,
                },
            );
        },
    );
    // From the end, so that the indices of the others do not change.
    for pointer in others.into_iter().rev() {
        let finding = Finding::new(
            &pointer,
            "only a form can be the query string",
            "removed the parameter",
            format!("describe the parameter with `{FORM}`"),
        );
        repair.add(finding.losing("you cannot set the query string"));
        repair.remove(&pointer);
    }
}
