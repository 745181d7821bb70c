//! Request bodies in the notation that the API takes.
//!
//! Generated code writes a typed body as JSON. Where the API takes a form, the generated table of
//! operations says how, and the session writes the body anew. So forms have the builders, the checks
//! and the retries that JSON bodies have.
//!
//! Sources: `application/x-www-form-urlencoded` is that of the WHATWG URL standard, section 5; how
//! lists and objects are written in it is said in OpenAPI 3.1.1, Encoding Object. `multipart/form-data`
//! is RFC 7578.

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Map, Value};

use crate::{FilePart, flatten};

/// How the body of an operation is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As the generated code writes it.
    AsGiven,
    /// As `application/x-www-form-urlencoded`.
    Form(&'static [Field]),
    /// As `multipart/form-data`.
    Multipart(&'static [Field]),
}

/// How one member of a body is written in a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The member.
    pub name: &'static str,
    /// How its value is written.
    pub style: Style,
    /// The media type of its part, where the API description says one.
    pub content_type: Option<&'static str>,
}

/// How the value of a member is written in a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A scalar as its text, a list as one field for each value, an object as JSON.
    Plain,
    /// Anything as JSON.
    Json,
    /// One field for each scalar, the way to it in brackets: `address[city]`, `items[0][price]`.
    Brackets,
    /// One field for each member of an object, by the member's own name.
    Members,
    /// A list as one value, joined.
    Joined(char),
    /// A [`FilePart`], or a list of them.
    File,
}

/// Why a body cannot be written as a form.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EncodingError {
    /// The body streams, or is not what generated code writes.
    #[error("a form is made of the members of an object, and the body is none")]
    NoObject,
    /// A member is not a file where the form has one.
    #[error("the member `{0}` is no file: {1}")]
    NoFile(String, serde_json::Error),
    /// A media type holds what a header cannot.
    #[error("{0:?} is not a media type")]
    MediaType(String),
    /// The pairs of the form cannot be encoded.
    #[error("the form cannot be encoded: {0}")]
    Form(#[from] serde_urlencoded::ser::Error),
}

/// Writes the body of `request` as `encoding` says; one without a body stays so.
pub(crate) fn encode(
    request: &mut reqwest::Request,
    encoding: Encoding,
) -> Result<(), EncodingError> {
    let (Some(body), false) = (request.body(), encoding == Encoding::AsGiven) else {
        return Ok(());
    };
    let body = body.as_bytes().and_then(|b| serde_json::from_slice(b).ok());
    let Some(Value::Object(members)) = body else {
        return Err(EncodingError::NoObject);
    };
    let (content_type, body) = match encoding {
        Encoding::AsGiven => return Ok(()),
        Encoding::Form(fields) => (
            HeaderValue::from_static("application/x-www-form-urlencoded"),
            form(parts(fields, &members)?)?,
        ),
        Encoding::Multipart(fields) => multipart(&parts(fields, &members)?)?,
    };
    request.headers_mut().insert(CONTENT_TYPE, content_type);
    *request.body_mut() = Some(body.into());
    Ok(())
}

/// One field of a form.
struct Part {
    name: String,
    content: FilePart,
    is_file: bool,
}

impl Part {
    fn text(name: impl Into<String>, text: String) -> Self {
        Self {
            name: name.into(),
            content: text.into(),
            is_file: false,
        }
    }

    fn json(name: impl Into<String>, value: &Value) -> Self {
        let part = Self::text(name, value.to_string());
        Self {
            content: part.content.of_type("application/json"),
            ..part
        }
    }
}

/// The fields that a body is made of: first those that the API description lists, in its order,
/// which servers may rely on.
fn parts(fields: &[Field], members: &Map<String, Value>) -> Result<Vec<Part>, EncodingError> {
    let mut made = Vec::new();
    for field in fields {
        if let Some(value) = members.get(field.name) {
            write(*field, field.name, value, &mut made)?;
        }
    }
    let plain = Field {
        name: "",
        style: Style::Plain,
        content_type: None,
    };
    let is_listed = |name: &str| fields.iter().any(|field| field.name == name);
    for (name, value) in members.iter().filter(|(name, _)| !is_listed(name)) {
        write(plain, name, value, &mut made)?;
    }
    Ok(made)
}

fn write(
    field: Field,
    name: &str,
    value: &Value,
    made: &mut Vec<Part>,
) -> Result<(), EncodingError> {
    let first = made.len();
    match (field.style, value) {
        (_, Value::Null) => {}
        (Style::Json, value) => made.push(Part::json(name, value)),
        (Style::Brackets, value) => {
            let scalars = flatten::brackets(value).into_iter();
            made.extend(scalars.map(|(path, text)| Part::text(format!("{name}{path}"), text)));
        }
        (Style::Members, Value::Object(members)) => {
            for (name, value) in members {
                write(
                    Field {
                        style: Style::Plain,
                        ..field
                    },
                    name,
                    value,
                    made,
                )?;
            }
        }
        (Style::Joined(separator), Value::Array(values)) => {
            let texts: Vec<String> = values.iter().map(flatten::text).collect();
            made.push(Part::text(name, texts.join(&separator.to_string())));
        }
        (_, Value::Array(values)) => {
            for value in values {
                write(field, name, value, made)?;
            }
        }
        (Style::File, value) => {
            let file = serde_json::from_value(value.clone());
            made.push(Part {
                name: name.to_owned(),
                content: file.map_err(|error| EncodingError::NoFile(name.to_owned(), error))?,
                is_file: true,
            });
        }
        (_, Value::Object(_)) => made.push(Part::json(name, value)),
        (_, scalar) => made.push(Part::text(name, flatten::text(scalar))),
    }
    if let Some(content_type) = field.content_type {
        for part in &mut made[first..] {
            if !part.is_file || part.content.media_type().is_none() {
                part.content = part.content.clone().of_type(content_type);
            }
        }
    }
    Ok(())
}

fn form(parts: Vec<Part>) -> Result<Vec<u8>, EncodingError> {
    let pairs: Vec<(String, String)> = parts
        .into_iter()
        .map(|part| {
            let text = String::from_utf8_lossy(part.content.content()).into_owned();
            (part.name, text)
        })
        .collect();
    Ok(serde_urlencoded::to_string(pairs)?.into_bytes())
}

fn multipart(parts: &[Part]) -> Result<(HeaderValue, Vec<u8>), EncodingError> {
    let boundary = boundary(parts);
    let mut body = Vec::new();
    for part in parts {
        let name = quoted(&part.name);
        let mut head = format!("--{boundary}\r\nContent-Disposition: form-data; name={name}");
        if part.is_file {
            let file_name = part.content.name().unwrap_or(&part.name);
            head += &format!("; filename={}", quoted(file_name));
        }
        let media_type = part.content.media_type();
        if let Some(media_type) = media_type.or(part.is_file.then_some("application/octet-stream"))
        {
            // One that a header cannot hold would end the head of the part.
            HeaderValue::try_from(media_type)
                .map_err(|_| EncodingError::MediaType(media_type.to_owned()))?;
            head += &format!("\r\nContent-Type: {media_type}");
        }
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(part.content.content());
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let content_type = format!("multipart/form-data; boundary={boundary}");
    let content_type =
        HeaderValue::try_from(&content_type).map_err(|_| EncodingError::MediaType(content_type))?;
    Ok((content_type, body))
}

/// A boundary that stands in no part (RFC 2046 section 5.1.1).
fn boundary(parts: &[Part]) -> String {
    loop {
        let boundary = format!("part-{:032x}", fastrand::u128(..));
        let stands_in = |part: &Part| {
            let mut windows = part.content.content().windows(boundary.len());
            windows.any(|window| window == boundary.as_bytes())
        };
        if !parts.iter().any(stands_in) {
            return boundary;
        }
    }
}

/// A name as a quoted string; what would end it is percent-encoded as browsers do it (WHATWG HTML,
/// multipart/form-data encoding algorithm).
fn quoted(name: &str) -> String {
    let escaped = name
        .replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const fn field(name: &'static str, style: Style) -> Field {
        Field {
            name,
            style,
            content_type: None,
        }
    }

    fn encoded(encoding: Encoding, body: &Value) -> Result<(String, String), EncodingError> {
        let url = "http://127.0.0.1/".parse().expect("is a URL");
        let mut request = reqwest::Request::new(reqwest::Method::POST, url);
        *request.body_mut() = Some(body.to_string().into());
        encode(&mut request, encoding)?;
        let content_type = request.headers()[CONTENT_TYPE].to_str().expect("is text");
        let body = request.body().and_then(reqwest::Body::as_bytes);
        let body = String::from_utf8(body.expect("has a body").to_vec()).expect("is text");
        Ok((content_type.to_owned(), body))
    }

    #[test]
    fn each_style_writes_a_form_in_its_way() {
        const FIELDS: &[Field] = &[
            field("expand", Style::Brackets),
            field("ids", Style::Joined(',')),
            field("address", Style::Members),
            field("meta", Style::Json),
        ];
        let body = json!({
            "address": { "city": "B b" },
            "expand": ["a", { "b": true }],
            "ids": [1, 2],
            "left out": null,
            "meta": [1],
            "object": { "a": 1 },
            "plain": [3, "x"],
        });
        let (content_type, body) = encoded(Encoding::Form(FIELDS), &body).expect("encodes");
        assert_eq!(content_type, "application/x-www-form-urlencoded");
        assert_eq!(
            body,
            "expand%5B0%5D=a&expand%5B1%5D%5Bb%5D=true&ids=1%2C2&city=B+b&meta=%5B1%5D\
             &object=%7B%22a%22%3A1%7D&plain=3&plain=x"
        );
    }

    #[test]
    fn a_multipart_form_has_its_parts_in_the_order_of_the_description() {
        const FIELDS: &[Field] = &[
            Field {
                content_type: Some("application/xml"),
                ..field("z", Style::Plain)
            },
            field("file", Style::File),
        ];
        let file = FilePart::from("x\r\n").named("a\"\r\n.txt");
        let body = json!({ "file": file, "object": {}, "z": "<a/>" });
        let (content_type, body) = encoded(Encoding::Multipart(FIELDS), &body).expect("encodes");
        let (media_type, boundary) = content_type.split_once("; boundary=").expect("has one");
        assert_eq!(media_type, "multipart/form-data");
        assert_eq!(
            body.replace(boundary, "B"),
            "--B\r\nContent-Disposition: form-data; name=\"z\"\r\nContent-Type: application/xml\r\n\r\n\
             <a/>\r\n\
             --B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a%22%0D%0A.txt\"\r\n\
             Content-Type: application/octet-stream\r\n\r\nx\r\n\r\n\
             --B\r\nContent-Disposition: form-data; name=\"object\"\r\nContent-Type: application/json\r\n\r\n\
             {}\r\n--B--\r\n"
        );
    }

    #[test]
    fn what_is_no_form_is_refused() {
        let refused = encoded(Encoding::Form(&[]), &json!([1])).expect_err("is refused");
        assert!(matches!(refused, EncodingError::NoObject), "{refused}");
        const FIELDS: &[Field] = &[field("file", Style::File)];
        let file = FilePart::from("").of_type("a\r\nX-Evil: 1");
        for file in [json!("no file"), json!(file)] {
            let refused = encoded(Encoding::Multipart(FIELDS), &json!({ "file": file }));
            refused.expect_err("is refused");
        }
    }
}
