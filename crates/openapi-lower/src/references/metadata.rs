//! Removes metadata of the API that the generator does not use.
//!
//! Before: `info: {description: {$ref: intro.md}}`, `tags: [{name: pets, description: {$ref:
//! pets.md}}]`.
//! After: `info` without a description, `tags: [{name: pets}]`.
//!
//! None of it affects a call.

use openapi_document::Pointer;
use openapiv3::{ExternalDocumentation, Info, Server, Tag};
use serde::Deserialize;
use serde_json::Value;

use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "metadata",
    run,
};

const WHY: &str = "the generator does not read it";

fn run(root: &mut Value, notes: &mut Notes) {
    let here = Pointer::root();
    if let Some(info) = root.get_mut("info").filter(|info| !reads::<Info>(info)) {
        strip(info, &["title", "version", "description"]);
        notes.add(&here.join("info"), "kept only string fields", WHY);
    }
    for (index, tag) in items(root, "tags").enumerate() {
        if !reads::<Tag>(tag) {
            strip(tag, &["name", "description"]);
            let place = here.join("tags").join(index);
            notes.add(&place, "kept only string fields", WHY);
        }
    }
    for section in ["tags", "servers"] {
        if let Some(Value::Array(items)) = root.get_mut(section) {
            let before = items.len();
            items.retain(|item| match section {
                "tags" => reads::<Tag>(item),
                _ => reads::<Server>(item),
            });
            if items.len() < before {
                notes.add(&here.join(section), "removed invalid entries", WHY);
            }
        }
    }
    let documentation = root.get("externalDocs");
    if documentation.is_some_and(|it| !reads::<ExternalDocumentation>(it))
        && let Some(document) = root.as_object_mut()
    {
        document.shift_remove("externalDocs");
        notes.add(&here.join("externalDocs"), "removed the field", WHY);
    }
}

fn items<'a>(root: &'a mut Value, section: &str) -> impl Iterator<Item = &'a mut Value> {
    let items = root.get_mut(section).and_then(Value::as_array_mut);
    items.into_iter().flatten()
}

/// Keeps only the listed fields, if they are strings.
fn strip(value: &mut Value, fields: &[&str]) {
    if let Some(all) = value.as_object_mut() {
        all.retain(|name, value| fields.contains(&name.as_str()) && value.is_string());
    }
}

fn reads<'a, T: Deserialize<'a>>(value: &'a Value) -> bool {
    T::deserialize(value).is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::run;

    #[test]
    fn fields_that_are_not_strings_are_removed() {
        let (after, notes) = run(
            &PASS,
            json!({
                "paths": {},
                "info": { "title": "T", "version": "1", "description": { "$ref": "a.md" } },
                "tags": [{ "name": "a", "description": {} }, { "name": "b" }, {}],
                "servers": [{ "url": "https://a.invalid" }, {}],
                "externalDocs": "https://a.invalid",
            }),
        );
        let expected = json!({
            "paths": {},
            "info": { "title": "T", "version": "1" },
            "tags": [{ "name": "a" }, { "name": "b" }],
            "servers": [{ "url": "https://a.invalid" }],
        });
        assert_eq!(after, expected);
        assert_eq!(notes.len(), 6);
    }
}
