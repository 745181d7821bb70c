//! Request bodies that are forms.
//!
//! Sources: `application/x-www-form-urlencoded` is defined by the WHATWG URL standard, section 5; lists
//! and objects in it by OpenAPI 3.1.1, Encoding Object. `multipart/form-data` is RFC 7578.

use reqwest::header::HeaderValue;

use crate::FilePart;
use crate::operation::{Encoding, Field, FieldStyle};
use crate::parameter_style::push_pair;
use crate::value::{Value, ValueError};

/// An encoded form.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) body: Vec<u8>,
    /// The media type with the boundary, for a multipart form.
    pub(crate) content_type: Option<HeaderValue>,
}

/// Why a body cannot be encoded as a form.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FormError {
    /// The operation does not accept a form.
    #[error("the body of this operation is not a form")]
    NoForm,
    /// The body is not an object.
    #[error("the body is not an object, as a form requires")]
    NoObject,
    /// The value of a property that must be a file is not a file.
    #[error("the property `{0}` is not a file")]
    NoFile(String),
    /// A property is a file in a form that cannot contain files.
    #[error("the property `{0}` is a file, which only a multipart form can contain")]
    File(String),
    /// A media type contains a character that is not allowed in a header.
    #[error("{0:?} is not a media type")]
    MediaType(String),
    /// The body cannot be serialized.
    #[error("{0}")]
    Value(#[from] ValueError),
}

/// Encodes a body.
pub(crate) fn encode(encoding: Encoding, body: Value) -> Result<Encoded, FormError> {
    let (Encoding::Form(fields) | Encoding::Multipart(fields)) = encoding else {
        return Err(FormError::NoForm);
    };
    let Value::Object(properties) = body else {
        return Err(FormError::NoObject);
    };
    let parts = parts(fields, properties)?;
    match encoding {
        Encoding::Multipart(_) => multipart(&parts),
        _ => form(&parts),
    }
}

/// One field of a form.
struct Part {
    name: String,
    content: FilePart,
    is_file: bool,
}

impl Part {
    fn string(name: impl Into<String>, string: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            content: string.into().into(),
            is_file: false,
        }
    }

    fn json(name: impl Into<String>, value: &Value) -> Self {
        let part = Self::string(name, value.to_json());
        Self {
            content: part.content.of_type("application/json"),
            ..part
        }
    }
}

/// Returns the fields of a body. Those that the API description lists come first, in its order, because
/// servers may depend on it.
fn parts(fields: &[Field], mut properties: Vec<(String, Value)>) -> Result<Vec<Part>, FormError> {
    let mut made = Vec::new();
    for field in fields {
        let place = properties.iter().position(|(name, _)| name == field.name);
        if let Some(place) = place {
            let (name, value) = properties.remove(place);
            write(*field, &name, value, &mut made)?;
        }
    }
    let plain = Field {
        name: "",
        style: FieldStyle::Plain,
        content_type: None,
    };
    for (name, value) in properties {
        write(plain, &name, value, &mut made)?;
    }
    Ok(made)
}

fn write(field: Field, name: &str, value: Value, made: &mut Vec<Part>) -> Result<(), FormError> {
    let first = made.len();
    match (field.style, value) {
        (_, Value::Null) => {}
        (FieldStyle::Json, value) => made.push(Part::json(name, &value)),
        (FieldStyle::Brackets, value) => {
            let scalars = value.brackets().into_iter();
            made.extend(
                scalars.map(|(path, string)| Part::string(format!("{name}{path}"), string)),
            );
        }
        (FieldStyle::Properties, Value::Object(properties)) => {
            let plain = Field {
                style: FieldStyle::Plain,
                ..field
            };
            for (name, value) in properties {
                write(plain, &name, value, made)?;
            }
        }
        (FieldStyle::Joined(separator), Value::List(values)) => {
            let strings: Vec<_> = values.iter().map(Value::to_text).collect();
            let joined = strings.join(separator.encode_utf8(&mut [0; 4]));
            made.push(Part::string(name, joined));
        }
        (_, Value::List(values)) => {
            for value in values {
                write(field, name, value, made)?;
            }
        }
        (_, Value::File(content)) => made.push(Part {
            name: name.to_owned(),
            content,
            is_file: true,
        }),
        (FieldStyle::File, _) => return Err(FormError::NoFile(name.to_owned())),
        (_, value @ Value::Object(_)) => made.push(Part::json(name, &value)),
        (_, scalar) => made.push(Part::string(name, scalar.to_text())),
    }
    if let Some(content_type) = field.content_type {
        for part in &mut made[first..] {
            if !part.is_file || part.content.media_type().is_none() {
                let content = std::mem::replace(&mut part.content, FilePart::from(""));
                part.content = content.of_type(content_type);
            }
        }
    }
    Ok(())
}

fn form(parts: &[Part]) -> Result<Encoded, FormError> {
    let mut pairs = String::new();
    for part in parts {
        match std::str::from_utf8(part.content.content()) {
            Ok(string) if !part.is_file => push_pair(&mut pairs, &part.name, string),
            _ => return Err(FormError::File(part.name.clone())),
        }
    }
    if !pairs.is_empty() {
        pairs.remove(0);
    }
    Ok(Encoded {
        body: pairs.into_bytes(),
        content_type: None,
    })
}

fn multipart(parts: &[Part]) -> Result<Encoded, FormError> {
    let boundary = boundary(parts);
    let length = parts.iter().map(|part| part.content.content().len() + 256);
    let mut body = Vec::with_capacity(length.sum());
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
            // A character that is not allowed in a header would end the head of the part.
            HeaderValue::try_from(media_type)
                .map_err(|_| FormError::MediaType(media_type.to_owned()))?;
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
        HeaderValue::try_from(&content_type).map_err(|_| FormError::MediaType(content_type))?;
    Ok(Encoded {
        body,
        content_type: Some(content_type),
    })
}

/// Returns a boundary that occurs in no part (RFC 2046 section 5.1.1).
fn boundary(parts: &[Part]) -> String {
    loop {
        let boundary = format!("part-{:032x}", fastrand::u128(..));
        let is_in = |part: &Part| {
            let mut windows = part.content.content().windows(boundary.len());
            windows.any(|window| window == boundary.as_bytes())
        };
        if !parts.iter().any(is_in) {
            return boundary;
        }
    }
}

/// Quotes a name. Characters that would end it are percent-encoded as browsers do (WHATWG HTML,
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

    const fn field(name: &'static str, style: FieldStyle) -> Field {
        Field {
            name,
            style,
            content_type: None,
        }
    }

    fn encoded(
        encoding: Encoding,
        body: &impl serde::Serialize,
    ) -> Result<(Option<String>, String), FormError> {
        let Encoded { body, content_type } = encode(encoding, Value::of(body)?)?;
        let content_type = content_type.map(|value| value.to_str().expect("is ASCII").to_owned());
        Ok((content_type, String::from_utf8_lossy(&body).into_owned()))
    }

    #[test]
    fn each_style_encodes_a_form() {
        const FIELDS: &[Field] = &[
            field("expand", FieldStyle::Brackets),
            field("ids", FieldStyle::Joined(',')),
            field("address", FieldStyle::Properties),
            field("meta", FieldStyle::Json),
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
        assert_eq!(content_type, None);
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
                ..field("z", FieldStyle::Plain)
            },
            field("file", FieldStyle::File),
        ];
        let file = FilePart::from("x\r\n").named("a\"\r\n.txt");
        #[derive(serde::Serialize)]
        struct Body {
            file: FilePart,
            object: std::collections::BTreeMap<String, String>,
            z: &'static str,
        }
        let body = Body {
            file,
            object: Default::default(),
            z: "<a/>",
        };
        let (content_type, body) = encoded(Encoding::Multipart(FIELDS), &body).expect("encodes");
        let content_type = content_type.expect("has a boundary");
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
    fn invalid_forms_are_rejected() {
        const FIELDS: &[Field] = &[field("file", FieldStyle::File)];
        let of = |file: FilePart| std::collections::BTreeMap::from([("file", file)]);
        let forged = of(FilePart::from("").of_type("a\r\nX-Evil: 1"));
        for (rejected, message) in [
            (encoded(Encoding::Json, &json!({})), "not a form"),
            (encoded(Encoding::Form(&[]), &json!([1])), "not an object"),
            (
                encoded(Encoding::Form(&[]), &of(FilePart::from(""))),
                "only a multipart form",
            ),
            (
                encoded(Encoding::Multipart(FIELDS), &json!({ "file": "no file" })),
                "`file` is not a file",
            ),
            (
                encoded(Encoding::Multipart(FIELDS), &forged),
                "not a media type",
            ),
        ] {
            let error = rejected.expect_err(message).to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn the_bytes_of_a_file_are_not_changed() {
        const FIELDS: &[Field] = &[field("file", FieldStyle::File)];
        let all: Vec<u8> = (0..=255).collect();
        let body = std::collections::BTreeMap::from([("file", FilePart::from(all.clone()))]);
        let value = Value::of(&body).expect("is a value");
        let Encoded { body, .. } = encode(Encoding::Multipart(FIELDS), value).expect("encodes");
        assert!(body.windows(all.len()).any(|window| window == all));
    }
}
