//! Keeps passwords, tokens and keys out of all `Debug` output.
//!
//! Before: `{type: string, format: password}`, or the property `access_token: {type: string}`.
//! After: the type `client_runtime::SecretString`.
//!
//! Few documents use `format: password`. Therefore a string is also a secret if the name of its property,
//! parameter, header or component is that of a secret. The list contains names that always mean a secret.
//! `token` alone is not in it, because page tokens use it, and neither is `key`.

use std::collections::{BTreeMap, BTreeSet};

use client_codegen::naming::snake;
use openapi_document::Pointer;
use openapi_document::walk::{Kind, visit, visit_mut};
use serde_json::Value;

use crate::rust_type::replace;
use crate::schema::components;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "secrets",
    run,
};

/// The names of secrets, in lower case and without separators.
const NAMES: [&str; 26] = [
    "accesskeysecret",
    "accesstoken",
    "apikey",
    "apisecret",
    "apitoken",
    "authorization",
    "authtoken",
    "bearertoken",
    "clientsecret",
    "consumersecret",
    "encryptionkey",
    "idtoken",
    "passwd",
    "passphrase",
    "password",
    "privatekey",
    "proxyauthorization",
    "refreshtoken",
    "secret",
    "secretaccesskey",
    "secretkey",
    "sessiontoken",
    "setcookie",
    "sharedsecret",
    "signingsecret",
    "webhooksecret",
];

/// The last words of longer names of secrets: `new_password`.
const LAST_WORDS: [&str; 2] = ["passphrase", "password"];

/// The keywords that are checked for strings before they are sent, but not for secrets.
const CHECKS: [&str; 3] = ["minLength", "maxLength", "pattern"];

fn run(root: &mut Value, notes: &mut Notes) {
    let mut parameters: BTreeMap<Pointer, String> = BTreeMap::new();
    visit(root, &mut |kind, pointer, value| {
        if let (Kind::Parameter, Some(name)) = (kind, value["name"].as_str()) {
            parameters.insert(pointer.join("schema"), name.to_owned());
        }
    });
    let strings: BTreeSet<String> = components(root)
        .iter()
        .filter(|(_, schema)| is_plain_string(schema))
        .map(|(name, _)| format!("#/components/schemas/{name}"))
        .collect();
    visit_mut(root, &mut |kind, pointer, schema| {
        if kind != Kind::Schema {
            return;
        }
        let by_format = schema["type"] == "string" && schema["format"] == "password";
        let is_string = || {
            let referred = schema["$ref"].as_str();
            is_plain_string(schema) || referred.is_some_and(|target| strings.contains(target))
        };
        let name = || {
            let parameter = parameters.get(pointer).cloned();
            parameter.or_else(|| name_of(pointer))
        };
        let why = if by_format {
            "secrets must not appear in `Debug` output"
        } else if is_string() && name().is_some_and(|name| is_name_of_secret(&name)) {
            "its name is that of a secret, which must not appear in `Debug` output"
        } else {
            return;
        };
        for check in CHECKS {
            if schema.get(check).is_some() {
                let loss = "the client does not check the secret before it sends it";
                notes.add_unchecked(&pointer.join(check), "secrets are sent unchecked", loss);
            }
        }
        replace(schema, "SecretString", &[]);
        notes.add(pointer, "changed the type to `SecretString`", why);
    });
}

/// True if a schema is a string without constraints.
fn is_plain_string(schema: &Value) -> bool {
    let format = schema["format"].as_str();
    schema["type"] == "string"
        && schema.get("enum").is_none()
        && format.is_none_or(|format| format == "byte")
}

/// The name of a schema that is neither a parameter nor nested in another schema: that of its property,
/// header or component.
fn name_of(pointer: &Pointer) -> Option<String> {
    let tokens: Vec<String> = pointer.tokens().collect();
    match &tokens[..] {
        [.., kind, name] if kind == "properties" || kind == "schemas" => Some(name.clone()),
        [.., kind, name, schema] if kind == "headers" && schema == "schema" => Some(name.clone()),
        _ => None,
    }
}

/// True if the name of a property, parameter or header always means a secret.
pub fn is_name_of_secret(name: &str) -> bool {
    let name = snake(name);
    // Non-standard headers start with this.
    let name = name.strip_prefix("x_").unwrap_or(&name);
    let last_word = name.rsplit('_').next().unwrap_or_default();
    LAST_WORDS.contains(&last_word) || NAMES.contains(&&*name.replace('_', ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{losses, run as run_pass, run_on_schemas, with_schemas};
    use serde_json::json;

    fn is_secret(schema: &Value) -> bool {
        let schema = match schema.get("allOf") {
            Some(parts) => &parts[0],
            None => schema,
        };
        schema["x-rust-type"]["path"] == "client_runtime::SecretString"
    }

    #[test]
    fn a_password_becomes_a_secret() {
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "A": { "type": "string", "format": "password", "description": "d" },
                "B": { "type": "string" },
            }),
        );
        assert!(is_secret(&after["A"]));
        assert_eq!(after["A"]["description"], "d");
        assert_eq!(after["B"], json!({ "type": "string" }));
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn a_string_is_a_secret_by_its_name() {
        for (name, expected) in [
            ("access_token", true),
            ("accessToken", true),
            ("access-token", true),
            ("refresh_token", true),
            ("id_token", true),
            ("client_secret", true),
            ("password", true),
            ("newPassword", true),
            ("secret", true),
            ("api_key", true),
            ("apiKey", true),
            ("X-API-Key", true),
            ("APIKey", true),
            ("private_key", true),
            ("token", false),
            ("next_page_token", false),
            ("key", false),
            ("public_key", false),
            ("password_hint", false),
            ("secret_name", false),
            ("api_key_id", false),
            ("secretary", false),
        ] {
            let object = json!({ "type": "object", "properties": { name: { "type": "string" } } });
            let (after, notes) = run_on_schemas(&PASS, json!({ "A": object }));
            assert_eq!(
                is_secret(&after["A"]["properties"][name]),
                expected,
                "{name}"
            );
            assert_eq!(notes.len(), usize::from(expected), "{name}: {notes:?}");
        }
    }

    #[test]
    fn other_types_are_kept_whatever_their_name() {
        let schemas = json!({ "A": { "type": "object", "properties": {
            "password": { "type": "boolean" },
            "secret": { "type": "string", "enum": ["shown", "hidden"] },
            "api_key": { "type": "string", "format": "uuid" },
            "private_key": { "type": "object" },
            "client_secret": { "$ref": "#/components/schemas/B" },
            "properties": { "type": "array", "items": { "type": "string" } },
        } }, "B": { "type": "object" } });
        let (after, notes) = run_on_schemas(&PASS, schemas.clone());
        assert_eq!(after, schemas);
        assert!(notes.is_empty(), "{notes:?}");
    }

    #[test]
    fn references_components_parameters_and_headers_have_names_too() {
        let document = json!({
            "paths": { "/a": { "get": {
                "parameters": [
                    { "name": "api_key", "in": "query", "schema": { "type": "string" } },
                    { "name": "secret", "in": "header", "schema": { "type": "string" } },
                    { "name": "other", "in": "query", "schema": { "type": "string" } },
                ],
                "responses": { "200": { "headers": {
                    "Set-Cookie": { "schema": { "type": "string" } },
                    "Location": { "schema": { "type": "string" } },
                } } },
            } } },
            "components": { "schemas": {
                "A": { "type": "object", "properties": {
                    "api_key": { "$ref": "#/components/schemas/Opaque" },
                    "name": { "$ref": "#/components/schemas/Opaque" },
                } },
                "Opaque": { "type": "string", "maxLength": 40 },
                "ApiKey": { "type": "string", "nullable": true },
            } },
        });
        let (after, notes) = run_pass(&PASS, document);
        let get = &after["paths"]["/a"]["get"];
        let parameters = get["parameters"].as_array().expect("has parameters");
        let secrets: Vec<bool> = parameters.iter().map(|p| is_secret(&p["schema"])).collect();
        assert_eq!(secrets, [true, true, false]);
        let headers = &get["responses"]["200"]["headers"];
        assert!(is_secret(&headers["Set-Cookie"]["schema"]));
        assert!(!is_secret(&headers["Location"]["schema"]));
        let schemas = &after["components"]["schemas"];
        assert!(is_secret(&schemas["A"]["properties"]["api_key"]));
        assert!(!is_secret(&schemas["A"]["properties"]["name"]));
        assert!(!is_secret(&schemas["Opaque"]) && is_secret(&schemas["ApiKey"]));
        assert_eq!(schemas["ApiKey"]["nullable"], true);
        assert_eq!(notes.len(), 5);
    }

    #[test]
    fn missing_checks_are_only_reported_for_requests() {
        let body = |schema: &str| {
            json!({ "content": { "application/json": { "schema": {
            "$ref": format!("#/components/schemas/{schema}"),
        } } } })
        };
        let password = || json!({ "type": "object", "properties": { "password": { "type": "string", "minLength": 8 } } });
        let mut document = with_schemas(json!({ "A": password(), "B": password() }));
        document["paths"] = json!({ "/a": { "post": {
            "requestBody": body("A"),
            "responses": { "200": body("B") },
        } } });
        assert_eq!(losses(&PASS, document).len(), 1);
    }
}
