//! Converts the version, `info` and `paths` of the document to OpenAPI 3.0.3.
//!
//! Before (3.1): `openapi: 3.1.0`, `jsonSchemaDialect: …`, `info: {summary: S, license: {name: MIT
//! License, identifier: MIT}}`, no `paths`.
//! After: `openapi: 3.0.3`, `info: {description: S, license: {name: MIT License, url:
//! https://spdx.org/licenses/MIT.html}}`, `paths: {}`.

use openapi_document::Pointer;
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
    drop_field(root, "jsonSchemaDialect", &here, notes, WHY);
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
}
