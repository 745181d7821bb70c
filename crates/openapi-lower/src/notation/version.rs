//! Converts the version, `info` and `paths` of the document to OpenAPI 3.0.3.
//!
//! Before (3.1): `openapi: 3.1.0`, `jsonSchemaDialect: …`, `info: {summary: S, license: {name: MIT
//! License, identifier: MIT}}`, no `paths`; (3.2) `tags: [{name: a, parent: b}]`.
//! After: `openapi: 3.0.3`, `info: {description: S, license: {name: MIT License, url:
//! https://spdx.org/licenses/MIT.html}}`, `paths: {}`, `tags: [{name: a}]`.

use openapi_document::Pointer;
use openapi_document::walk::{Kind, visit_mut};
use serde_json::{Value, json};

use crate::fields::drop_field;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "version",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    const WHY: &str = "the generator reads OpenAPI 3.0";
    let here = Pointer::root();
    if root["openapi"] != "3.0.3" {
        notes.add(
            &here.join("openapi"),
            format!("changed {} to \"3.0.3\"", root["openapi"]),
            WHY,
        );
        root["openapi"] = "3.0.3".into();
    }
    for field in ["jsonSchemaDialect", "$self"] {
        drop_field(root, field, &here, notes, WHY);
    }
    unused_fields(root, notes);
    if root.get("paths").is_none() {
        root["paths"] = json!({});
        notes.add(&here, "added empty `paths`", WHY);
    }
    let Some(Value::Object(info)) = root.get_mut("info") else {
        return;
    };
    let here = here.join("info");
    if let Some(summary) = info.shift_remove("summary") {
        info.entry("description").or_insert(summary);
        notes.add(&here.join("summary"), "moved to the description", WHY);
    }
    if let Some(Value::Object(license)) = info.get_mut("license")
        && let Some(identifier) = license.shift_remove("identifier")
    {
        let identifier = identifier.as_str().unwrap_or_default();
        let url = format!("https://spdx.org/licenses/{identifier}.html");
        license.entry("url").or_insert(url.into());
        notes.add(
            &here.join("license").join("identifier"),
            "replaced with the `url` of the license in the SPDX license list",
            WHY,
        );
    }
}

/// Removes what OpenAPI 3.2 adds and the client does not use.
fn unused_fields(root: &mut Value, notes: &mut Notes) {
    const WHY: &str = "the client does not use it";
    let tags = root.get_mut("tags").and_then(Value::as_array_mut);
    for (index, tag) in tags.into_iter().flatten().enumerate() {
        let place = Pointer::of(["tags"]).join(index);
        for field in ["summary", "parent", "kind"] {
            drop_field(tag, field, &place, notes, WHY);
        }
    }
    visit_mut(root, &mut |kind, pointer, value| match kind {
        Kind::MediaType => {
            for field in ["itemEncoding", "prefixEncoding"] {
                drop_field(value, field, pointer, notes, WHY);
            }
        }
        Kind::Schema => {
            let pointer = pointer.join("discriminator");
            if let Some(discriminator) = value.get_mut("discriminator") {
                drop_field(discriminator, "defaultMapping", &pointer, notes, WHY);
            }
        }
        Kind::Parameter if value["style"] == "cookie" => {
            let what = "replaced the style `cookie` with `form`";
            notes.add(
                &pointer.join("style"),
                what,
                "values of cookies are percent-encoded",
            );
            value["style"] = "form".into();
        }
        _ => {}
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;

    #[test]
    fn the_document_has_version_3_0_3() {
        let (after, notes) = run(
            &PASS,
            json!({
                "openapi": "3.1.0",
                "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
                "info": { "summary": "S", "license": { "name": "MIT License", "identifier": "MIT" } },
            }),
        );
        assert_eq!(
            after,
            json!({
                "openapi": "3.0.3",
                "info": {
                    "license": {
                        "name": "MIT License",
                        "url": "https://spdx.org/licenses/MIT.html",
                    },
                    "description": "S",
                },
                "paths": {},
            })
        );
        assert_eq!(notes.len(), 5);
    }

    #[test]
    fn what_openapi_3_2_adds_and_the_client_does_not_use_is_removed_with_a_note_each() {
        let (after, notes) = run(
            &PASS,
            json!({
                "openapi": "3.0.3",
                "$self": "https://api.example/openapi",
                "tags": [{ "name": "a", "parent": "b", "kind": "nav" }],
                "paths": {},
                "components": {
                    "schemas": { "A": { "discriminator": { "propertyName": "k", "defaultMapping": "B" } } },
                    "parameters": { "C": { "name": "c", "in": "cookie", "style": "cookie" } },
                    "mediaTypes": { "M": { "itemSchema": {}, "itemEncoding": {} } },
                },
            }),
        );
        assert_eq!(
            after,
            json!({
                "openapi": "3.0.3",
                "tags": [{ "name": "a" }],
                "paths": {},
                "components": {
                    "schemas": { "A": { "discriminator": { "propertyName": "k" } } },
                    "parameters": { "C": { "name": "c", "in": "cookie", "style": "form" } },
                    "mediaTypes": { "M": { "itemSchema": {} } },
                },
            })
        );
        assert_eq!(notes.len(), 6);
    }
}
