//! Compares one exchange with the responses of its operation.

use openapi_document::{Pointer, essence, is_json, is_json_lines};
use serde_json::Value;

use crate::deviation::{Deviations, Kind};
use crate::exchange::{Body, Exchange};
use crate::judge::{Finding, findings};
use crate::operations::Operation;
use crate::parts::allows_null;

/// Adds the deviations of an exchange.
pub(crate) fn compare(
    root: &Value,
    operation: &Operation,
    exchange: &Exchange,
    deviations: &mut Deviations,
) {
    let Exchange { source, status, .. } = exchange;
    let content = Content::of(exchange);
    let mut add = |kind, location: &Pointer, value: &Value| {
        let path = "$".to_owned();
        let finding = Finding {
            kind,
            location: location.clone(),
            path,
            value,
        };
        deviations.add(&operation.id, source, &finding);
    };
    let responses = operation.pointer.join("responses");
    let Some(key) = documented(responses.get(root), *status) else {
        add(
            Kind::Status(*status),
            &responses,
            content.json().unwrap_or(&Value::Null),
        );
        // Clients decode an undocumented success as the documented one.
        if let Some(json) = content.json()
            && let Some((_, schema)) = similar_response(root, &responses, *status, json)
        {
            for finding in findings(root, &schema, json) {
                deviations.add(&operation.id, source, &finding);
            }
        }
        return;
    };
    let response = responses.join(key).resolved(root);
    if exchange.method == "HEAD" || matches!(status, 204 | 205 | 304) {
        return;
    }
    let media_type = exchange.content_type.as_deref().unwrap_or_default();
    let Some(media) = documented_media(root, &response, media_type) else {
        // A web page instead of JSON is sent by a proxy or a login, and is not a response of the API.
        let is_page = matches!(
            essence(media_type).as_str(),
            "text/html" | "application/xhtml+xml"
        );
        if is_page && documented_media(root, &response, "application/json").is_some() {
            add(Kind::NotJson, &response, &Value::Null);
        } else if !content.is_empty() {
            let essence = match (essence(media_type).as_str(), content.json()) {
                ("", Some(_)) => "application/json".to_owned(),
                ("", None) => "application/octet-stream".to_owned(),
                (essence, _) => essence.to_owned(),
            };
            add(
                Kind::MediaType(essence),
                &response,
                content.json().unwrap_or(&Value::Null),
            );
        }
        return;
    };
    let schema = media.join("schema");
    let documented = media.tokens().last().unwrap_or_default();
    let is_document = is_json(&essence(&documented)) && !is_json_lines(&documented);
    if schema.get(root).is_none() || !is_document || is_binary(root, &schema) {
        return;
    }
    match &content {
        Content::Json(json) => {
            for finding in findings(root, &schema, json) {
                deviations.add(&operation.id, source, &finding);
            }
        }
        Content::Empty if !allows_null(root, &schema) => add(Kind::Null, &schema, &Value::Null),
        Content::Other => add(Kind::NotJson, &media, &Value::Null),
        Content::Empty | Content::Unrecorded => {}
    }
}

/// The content of a body, as far as it is compared.
enum Content {
    Unrecorded,
    Empty,
    Json(Value),
    /// A body that is not JSON.
    Other,
}

impl Content {
    fn of(exchange: &Exchange) -> Self {
        let media_type = exchange.content_type.as_deref().unwrap_or_default();
        match &exchange.body {
            Body::Unrecorded => Self::Unrecorded,
            Body::Json(json) => Self::Json(json.clone()),
            Body::Bytes(bytes) if bytes.trim_ascii().is_empty() => Self::Empty,
            // Other media types are not parsed as JSON, because plain text such as a number can also be
            // JSON.
            Body::Bytes(_) if !media_type.is_empty() && !is_json(&essence(media_type)) => {
                Self::Other
            }
            Body::Bytes(bytes) => serde_json::from_slice(bytes).map_or(Self::Other, Self::Json),
        }
    }

    fn json(&self) -> Option<&Value> {
        match self {
            Self::Json(json) => Some(json),
            _ => None,
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Empty | Self::Unrecorded)
    }
}

/// The key of the response that documents a status (OpenAPI 3.1.1, Responses Object). If a success is
/// documented by its status, `default` documents errors only, as for clients.
fn documented(responses: Option<&Value>, status: u16) -> Option<String> {
    let responses = responses?.as_object()?;
    let range = format!("{}XX", status / 100);
    let mut keys = responses.keys();
    let exact = status.to_string();
    let key = responses.get_key_value(&exact).map(|(key, _)| key);
    let key = key.or_else(|| keys.find(|key| key.eq_ignore_ascii_case(&range)));
    if let Some(key) = key {
        return Some(key.clone());
    }
    let is_success = |key: &String| key.starts_with(['2', '3']);
    let is_for_errors = matches!(status, 200..400) && responses.keys().any(is_success);
    let default = responses
        .get_key_value("default")
        .filter(|_| !is_for_errors);
    default.map(|(key, _)| key.clone())
}

/// The response of the same class whose schema fits best, and the location of the schema: for a success
/// the first, because clients decode an undocumented success as the documented one; for an error the
/// first of which the body is an instance.
pub(crate) fn similar_response(
    root: &Value,
    responses: &Pointer,
    status: u16,
    json: &Value,
) -> Option<(Pointer, Pointer)> {
    let keys = responses.get(root)?.as_object()?.keys();
    let is_success = |first: char| matches!(first, '2' | '3');
    let class = is_success(char::from_digit(u32::from(status / 100), 10)?);
    let of_class = keys.filter(|key| key.chars().next().is_some_and(is_success) == class);
    let mut found = of_class.filter_map(|key| {
        let response = responses.join(key);
        let media = documented_media(root, &response.resolved(root), "application/json")?;
        let schema = media.join("schema");
        schema.get(root).map(|_| (response, schema))
    });
    found.find(|(_, schema)| {
        let mut found = findings(root, schema, json).into_iter();
        match class {
            true => !found.any(|finding| finding.path == "$" && finding.kind == Kind::Type),
            false => found.all(|finding| matches!(finding.kind, Kind::Notation(_))),
        }
    })
}

/// The Media Type Object of a response for a `Content-Type`. JSON has many names; a response without a
/// media type is decoded as the first.
fn documented_media(root: &Value, response: &Pointer, content_type: &str) -> Option<Pointer> {
    let content = response.join("content");
    let documented = content.get(root)?.as_object()?;
    let given = essence(content_type);
    let kind = given.split('/').next().unwrap_or_default();
    let matches = |key: &&String| {
        let known = essence(key);
        known == given
            || known == "*/*"
            || known.strip_suffix("/*").is_some_and(|known| known == kind)
            || is_json(&known) && is_json(&given)
            || is_json_lines(&known) && is_json_lines(&given)
            || given.is_empty()
    };
    // The exact name takes precedence over equivalent names.
    let exact = documented.keys().find(|key| essence(key) == given);
    let key = exact.or_else(|| documented.keys().find(matches))?;
    Some(content.join(key))
}

fn is_binary(root: &Value, schema: &Pointer) -> bool {
    schema
        .get(root)
        .is_some_and(|schema| schema["format"] == "binary")
}
