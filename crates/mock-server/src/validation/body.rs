//! Decodes request bodies: JSON, forms and text. Bodies of other media types are not inspected.

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::stream;
use http::HeaderMap;
use multer::Multipart;
use serde_json::Value;

use super::outline::{Outline, Outlines, Property, Types};
use super::style::{DecodeError, Pairs, Raw, Style, decoded_form};
use crate::description::is_json;
use crate::{Content, Received};

/// The media type of a `Content-Type` header, in lower case and without parameters.
pub(crate) fn essence(content_type: &str) -> String {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Returns the content for a media type: an exact match, otherwise that of its range, otherwise `*/*`.
pub(crate) fn content_for<'a>(
    all: &'a [Content],
    media_type: &str,
) -> Option<(usize, &'a Content)> {
    let range = media_type.split('/').next().unwrap_or_default();
    let wanted = [
        media_type.to_owned(),
        format!("{range}/*"),
        "*/*".to_owned(),
    ];
    wanted.iter().find_map(|wanted| {
        let mut all = all.iter().enumerate();
        all.find(|(_, content)| essence(&content.media_type) == *wanted)
    })
}

/// Decodes the body of a request by its media type; `None` if the media type is not supported.
///
/// # Errors
/// The body does not conform to its media type.
pub(crate) fn read(
    content: &Content,
    media_type: &str,
    outlines: &Outlines,
    outline: &Outline,
    received: &Received,
) -> Result<Option<Raw>, DecodeError> {
    let reader = Form {
        content,
        outlines,
        outline,
    };
    match media_type {
        _ if is_json(media_type) => json(&received.body).map(Some),
        "application/x-www-form-urlencoded" => {
            let text = utf8(&received.body)?;
            reader.urlencoded(text).map(Some)
        }
        "multipart/form-data" => reader.multipart(received).map(Some),
        _ if media_type.starts_with("text/") => {
            Ok(Some(Raw::Scalar(utf8(&received.body)?.to_owned())))
        }
        _ => Ok(None),
    }
}

fn utf8(body: &Bytes) -> Result<&str, DecodeError> {
    std::str::from_utf8(body).map_err(|_| "is not UTF-8".to_owned())
}

fn json(body: &[u8]) -> Result<Raw, DecodeError> {
    let value = serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("is not JSON: syntax error at line {line}, column {column}")
    })?;
    Ok(Raw::Json(value))
}

/// Parses JSON Lines. Returns each value with its line number, starting at 1. Blank lines are skipped.
pub(crate) fn lines(
    body: &[u8],
) -> impl Iterator<Item = (usize, Result<Value, DecodeError>)> + use<'_> {
    let lines = body.split(|byte| *byte == b'\n').zip(1..);
    let lines = lines.filter(|(line, _)| !line.trim_ascii().is_empty());
    lines.map(|(line, number)| {
        let value = serde_json::from_slice(line);
        let broken = |error: serde_json::Error| {
            format!("is not JSON: syntax error at column {}", error.column())
        };
        (number, value.map_err(broken))
    })
}

/// A form whose fields are the properties of an object.
struct Form<'a> {
    content: &'a Content,
    outlines: &'a Outlines,
    outline: &'a Outline,
}

impl Form<'_> {
    fn urlencoded(&self, text: &str) -> Result<Raw, DecodeError> {
        let pairs = Pairs::parse(text);
        let mut properties = Vec::new();
        let mut names: Vec<&String> = self.outline.properties.keys().collect();
        // Sorted, because the order of a hash map varies.
        names.sort_unstable();
        for name in names {
            let property = self.property(name);
            let value = match self.content.encoding.get(name.as_str()) {
                None if property.is_some_and(|property| self.is_object(property)) => {
                    match pairs.take(name).first() {
                        Some(text) => Some(json(decoded_form(text)?.as_bytes())?),
                        None => None,
                    }
                }
                encoding => {
                    let style = style_of(name, encoding);
                    let outline = property.map(|property| self.outlines.get(property.outline));
                    let outline = outline.unwrap_or(self.outline);
                    style.read_pairs(outline, &pairs)?
                }
            };
            properties.extend(value.map(|value| (name.clone(), value)));
        }
        let others: Vec<String> = pairs.remaining().map(str::to_owned).collect();
        for name in others {
            for value in pairs.take(&name) {
                add(
                    &mut properties,
                    name.clone(),
                    Raw::Scalar(decoded_form(value)?),
                );
            }
        }
        Ok(Raw::Object(properties))
    }

    fn multipart(&self, received: &Received) -> Result<Raw, DecodeError> {
        let content_type = received.header("content-type").unwrap_or_default();
        let boundary = multer::parse_boundary(content_type)
            .map_err(|_| "has no `boundary` in Content-Type")?;
        let body = received.body.clone();
        let body = stream::once(async { Ok::<_, std::convert::Infallible>(body) });
        let mut parts = Multipart::new(body, boundary);
        let read = async {
            let mut fields = Vec::new();
            while let Some(field) = parts.next_field().await? {
                let name = field.name().unwrap_or_default().to_owned();
                let headers = field.headers().clone();
                fields.push((name, headers, field.bytes().await?));
            }
            Ok::<_, multer::Error>(fields)
        };
        // The body is complete, so the future never waits.
        let fields = read.now_or_never().and_then(Result::ok);
        let fields = fields.ok_or("is not a valid multipart body of its `boundary`")?;
        let mut properties = Vec::new();
        for (name, headers, bytes) in fields {
            let value = self.part(&name, &headers, &bytes)?;
            add(&mut properties, name, value);
        }
        Ok(Raw::Object(properties))
    }

    /// Decodes a part of a multipart form. Binary data becomes a lossy string.
    fn part(&self, name: &str, headers: &HeaderMap, bytes: &Bytes) -> Result<Raw, DecodeError> {
        let content_type = headers.get("content-type");
        let declares_json = content_type
            .and_then(|value| value.to_str().ok())
            .is_some_and(is_json);
        let is_object = self
            .property(name)
            .is_some_and(|property| self.is_object(property));
        if declares_json || is_object && content_type.is_none() {
            return json(bytes).map_err(|reason| format!("has a part `{name}` that {reason}"));
        }
        Ok(Raw::Scalar(String::from_utf8_lossy(bytes).into_owned()))
    }

    fn property(&self, name: &str) -> Option<&Property> {
        self.outline.properties.get(name)
    }

    fn is_object(&self, property: &Property) -> bool {
        let types = self.outlines.get(property.outline).types;
        types.has(Types::OBJECT) && !types.has(Types::STRING)
    }
}

/// The serialization of a field by its Encoding Object.
fn style_of<'a>(name: &'a str, encoding: Option<&'a Value>) -> Style<'a> {
    let setting = |keyword: &str| encoding.and_then(|encoding| encoding.get(keyword));
    let style = setting("style").and_then(Value::as_str).unwrap_or("form");
    Style {
        name,
        style,
        explode: setting("explode")
            .and_then(Value::as_bool)
            .unwrap_or(style == "form"),
    }
}

/// Adds a field. Repeated fields become a list.
fn add(properties: &mut Vec<(String, Raw)>, name: String, value: Raw) {
    match properties.iter_mut().find(|(known, _)| *known == name) {
        None => properties.push((name, value)),
        Some((_, Raw::List(items))) => items.push(value),
        Some((_, one)) => {
            let first = std::mem::replace(one, Raw::List(Vec::new()));
            *one = Raw::List(vec![first, value]);
        }
    }
}
