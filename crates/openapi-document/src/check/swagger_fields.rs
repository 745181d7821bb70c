//! Converts the fields of Swagger 2 that describe the whole API or a whole operation.
//!
//! Before: `host: a.example`, `basePath: /v1`, `schemes: [https]`, `securityDefinitions: {key: …}`,
//! `produces: [text/csv]`.
//! After: `servers: [{url: https://a.example/v1}]`, `components: {securitySchemes: {key: …}}`; the media
//! types are those of the responses in the notation of Swagger 2.

use serde_json::{Map, Value, json};

use super::Repair;
use crate::walk::operations;
use crate::{Finding, Pointer, is_json};

pub(super) const HINT: &str = "use the notation of OpenAPI 3";

/// The media types that a document specifies outside of its bodies and responses.
pub(super) struct MediaTypes {
    /// The fields `consumes` or `produces`, with the operations or the root that have them.
    fields: Vec<(Pointer, String)>,
}

impl MediaTypes {
    /// The media type of a body or response at `place`, which is in the nearest object with the field.
    pub(super) fn at(&self, place: &Pointer) -> &str {
        let around = self
            .fields
            .iter()
            .filter(|(holder, _)| place.within(holder).is_some());
        let nearest = around.max_by_key(|(holder, _)| holder.tokens().count());
        nearest.map_or("application/json", |(_, media_type)| media_type)
    }
}

/// Removes `consumes` or `produces`, and returns the media types.
pub(super) fn take_media_types(repair: &mut Repair<'_>, field: &str) -> MediaTypes {
    let mut holders = vec![Pointer::root()];
    holders.extend(
        operations(&repair.root)
            .into_iter()
            .map(|(operation, ..)| operation),
    );
    let mut fields = Vec::new();
    for holder in holders {
        let Some(listed) = holder
            .get(&repair.root)
            .and_then(|holder| holder.get(field))
        else {
            continue;
        };
        let names = listed
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let names: Vec<&str> = names.collect();
        // The client sends and reads one media type, and prefers JSON.
        let preferred = names.iter().find(|name| is_json(name)).or(names.first());
        if let Some(preferred) = preferred {
            fields.push((holder.clone(), (*preferred).to_owned()));
        }
        let repaired = "applied it to the bodies and responses in the notation of Swagger 2; others have their own media types";
        add(repair, &holder.join(field), repaired.to_owned());
    }
    MediaTypes { fields }
}

fn add(repair: &mut Repair<'_>, place: &Pointer, repaired: String) {
    let field = place.tokens().last().unwrap_or_default();
    let problem = format!("the field `{field}` is from Swagger 2, and OpenAPI 3 does not have it");
    repair.add(Finding::new(place, problem, repaired, HINT));
    repair.remove(place);
}

/// Converts `host`, `basePath` and `schemes` to a server, and `securityDefinitions` to security
/// schemes.
pub(super) fn convert(repair: &mut Repair<'_>) {
    server(repair);
    let definitions = repair.root.get("securityDefinitions").cloned();
    if let Some(Value::Object(definitions)) = definitions {
        for (name, definition) in definitions {
            let components = object(&mut repair.root, "components");
            let schemes = object(components, "securitySchemes");
            if schemes.get(&name).is_none() {
                schemes[&name] = security_scheme(definition);
            }
        }
        let repaired = "moved the schemes to `components/securitySchemes`".to_owned();
        add(repair, &Pointer::of(["securityDefinitions"]), repaired);
    }
}

fn object<'a>(holder: &'a mut Value, name: &str) -> &'a mut Value {
    let field = &mut holder[name];
    if !field.is_object() {
        *field = json!({});
    }
    field
}

fn server(repair: &mut Repair<'_>) {
    let fields = ["host", "basePath", "schemes"];
    let fields = fields
        .into_iter()
        .filter(|field| repair.root.get(field).is_some());
    let fields: Vec<&str> = fields.collect();
    let host = repair.root["host"].as_str().unwrap_or_default();
    let path = repair.root["basePath"].as_str().unwrap_or_default();
    let schemes = repair.root["schemes"].as_array().into_iter().flatten();
    let schemes: Vec<&str> = schemes.filter_map(Value::as_str).collect();
    let scheme = match schemes.first() {
        Some(first) if !schemes.contains(&"https") => first,
        _ => "https",
    };
    let url = match host {
        "" => path.to_owned(),
        host => format!("{scheme}://{host}{path}"),
    };
    let has_servers = repair.root["servers"]
        .as_array()
        .is_some_and(|all| !all.is_empty());
    let repaired = match (has_servers, url.as_str()) {
        (true, _) => "ignored it, because the document has `servers`".to_owned(),
        (false, "") => "ignored it".to_owned(),
        (false, url) => format!("interpreted it as a part of the server `{url}`"),
    };
    if !has_servers && !url.is_empty() {
        repair.root["servers"] = json!([{ "url": url }]);
    }
    for field in fields {
        add(repair, &Pointer::of([field]), repaired.clone());
    }
}

/// The scheme of OpenAPI 3 for one of Swagger 2.
fn security_scheme(definition: Value) -> Value {
    let Value::Object(mut fields) = definition else {
        return json!({});
    };
    match fields.get("type").and_then(Value::as_str) {
        Some("basic") => {
            fields.insert("type".to_owned(), "http".into());
            fields.insert("scheme".to_owned(), "basic".into());
        }
        Some("oauth2") => {
            let flow = fields.shift_remove("flow");
            let name = match flow.as_ref().and_then(Value::as_str) {
                Some("accessCode") => "authorizationCode",
                Some("application") => "clientCredentials",
                Some(name @ ("implicit" | "password")) => name,
                _ => return fields.into(),
            };
            let of_flow = ["authorizationUrl", "tokenUrl", "scopes"].into_iter();
            let of_flow: Map<String, Value> = of_flow
                .filter_map(|field| Some((field.to_owned(), fields.shift_remove(field)?)))
                .collect();
            fields.insert("flows".to_owned(), json!({ name: of_flow }));
        }
        _ => {}
    }
    fields.into()
}

#[cfg(test)]
mod tests {
    use crate::{Document, check};
    use serde_json::{Value, json};

    /// Checks a document. Returns its root and its findings as `pointer: repair`.
    fn checked(rest: &str) -> (Value, Vec<String>) {
        let text = format!("openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\n{rest}");
        let document = Document::parse("d", text).expect("parses");
        let checked = check(&document).expect("is read");
        let again = check(&checked.document).expect("is read");
        assert!(again.findings.is_empty(), "{:?}", again.findings);
        let findings = checked.findings.iter();
        let findings = findings.map(|finding| format!("{}: {}", finding.pointer, finding.repair));
        (checked.document.root, findings.collect())
    }

    #[test]
    fn host_base_path_and_schemes_are_a_server_unless_there_is_one() {
        for (rest, url) in [
            ("host: a.example", "https://a.example"),
            ("host: a.example\nbasePath: /v1", "https://a.example/v1"),
            (
                "host: a.example\nschemes: [http, https]",
                "https://a.example",
            ),
            ("host: a.example\nschemes: [http]", "http://a.example"),
            ("basePath: /v1", "/v1"),
            ("host: a.example\nservers: [{url: /b}]", "/b"),
        ] {
            let (root, findings) = checked(rest);
            assert_eq!(root["servers"], json!([{ "url": url }]), "{rest}");
            assert!(findings[0].contains(match url {
                "/b" => "ignored it, because the document has `servers`",
                url => url,
            }));
            for field in ["host", "basePath", "schemes"] {
                assert!(root.get(field).is_none(), "{rest}");
            }
        }
        let (root, findings) = checked("schemes: [https]");
        assert!(root.get("servers").is_none());
        assert_eq!(findings, ["#/schemes: ignored it"]);
    }

    #[test]
    fn the_media_types_are_those_of_bodies_and_responses_as_in_swagger_2() {
        let (root, findings) = checked(
            "produces: [text/csv]
consumes: [application/xml, application/json]
paths:
  /a:
    get: {responses: {200: {description: '', schema: {type: string}}}}
    post:
      consumes: [text/plain]
      produces: [application/xml]
      parameters: [{name: b, in: body, schema: {type: string}}]
      responses: {200: {description: '', schema: {type: string}}}
    patch:
      consumes: [multipart/form-data]
      parameters: [{name: b, in: formData, type: string}]
    put:
      parameters: [{name: b, in: body, schema: {type: string}}]
      responses: {200: {description: '', content: {text/html: {}}}}
",
        );
        let item = &root["paths"]["/a"];
        let media_type = |holder: &Value| {
            let content = holder["content"].as_object().expect("has content");
            content.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(media_type(&item["get"]["responses"]["200"]), ["text/csv"]);
        assert_eq!(
            media_type(&item["post"]["responses"]["200"]),
            ["application/xml"]
        );
        assert_eq!(media_type(&item["post"]["requestBody"]), ["text/plain"]);
        assert_eq!(
            media_type(&item["put"]["requestBody"]),
            ["application/json"]
        );
        assert_eq!(media_type(&item["put"]["responses"]["200"]), ["text/html"]);
        assert_eq!(
            media_type(&item["patch"]["requestBody"]),
            ["multipart/form-data"]
        );
        for place in [
            "#/produces: ",
            "#/consumes: ",
            "#/paths/~1a/post/consumes: ",
        ] {
            assert!(
                findings.iter().any(|finding| finding.starts_with(place)),
                "{findings:?}"
            );
        }
    }

    #[test]
    fn security_definitions_are_security_schemes() {
        let (root, findings) = checked(
            "components: {securitySchemes: {own: {type: http, scheme: bearer}}}
securityDefinitions:
  own: {type: basic}
  key: {type: apiKey, in: header, name: X}
  login: {type: basic}
  code: {type: oauth2, flow: accessCode, authorizationUrl: /a, tokenUrl: /t, scopes: {s: ''}}
",
        );
        assert_eq!(
            root["components"]["securitySchemes"],
            json!({
                "own": { "type": "http", "scheme": "bearer" },
                "key": { "type": "apiKey", "in": "header", "name": "X" },
                "login": { "type": "http", "scheme": "basic" },
                "code": { "type": "oauth2", "flows": { "authorizationCode": {
                    "authorizationUrl": "/a", "tokenUrl": "/t", "scopes": { "s": "" },
                } } },
            })
        );
        assert_eq!(findings.len(), 1);
    }
}
