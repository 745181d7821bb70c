//! Shared test helpers: documents and requests.

use std::path::Path;
use std::sync::Arc;

use http::{HeaderName, HeaderValue, header};
use openapi_document::{Document, is_json_lines, overlay};
use serde_json::Value;

use crate::description::Description;
use crate::received::Received;
use crate::reply::Reply;

pub(crate) fn description(document: Value) -> Arc<Description> {
    let document = Document::parse("test.json", document.to_string()).expect("parses");
    Arc::new(Description::of(document).expect("can be served"))
}

/// A vendored document with its overlay.
pub(crate) fn vendored(name: &str) -> Arc<Description> {
    let all = all_vendored().into_iter();
    let named = all.into_iter().find(|(vendored, _)| vendored == name);
    named.expect("is a document of the workspace").1
}

/// All vendored documents with their overlays, by name: each file in `specs/` with an overlay beside
/// it.
pub(crate) fn all_vendored() -> Vec<(String, Arc<Description>)> {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs");
    let files = specs.read_dir().expect("the folder is there");
    let mut files: Vec<_> = files.map(|file| file.expect("is read").path()).collect();
    files.sort();
    let load = |file: &Path| Document::load(file).expect("loads");
    let found: Vec<_> = files
        .iter()
        .filter_map(|file| {
            let name = file.file_stem()?.to_str()?;
            let corrections = specs.join(format!("{name}.overlay.yaml"));
            corrections.exists().then(|| {
                let mut document = load(file);
                overlay::apply(&load(&corrections), &mut document).expect("applies");
                let description = Description::of(document).expect("can be served");
                (name.to_owned(), Arc::new(description))
            })
        })
        .collect();
    assert!(!found.is_empty(), "{} has documents", specs.display());
    found
}

/// Creates a request for `target`, a path with an optional query.
pub(crate) fn received(
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Received {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (target, None),
    };
    let header = |(name, value): &(&str, &str)| -> (HeaderName, HeaderValue) {
        (
            name.parse().expect("a name"),
            value.parse().expect("a value"),
        )
    };
    Received {
        method: method.parse().expect("a method"),
        path: path.to_owned(),
        query,
        headers: headers.iter().map(header).collect(),
        body: body.to_owned().into(),
    }
}

/// Parses the body of a reply: JSON, JSON Lines as an array, or text as a string; null if there is none.
pub(crate) fn value(reply: &Reply) -> Value {
    let media_type = reply.headers.get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let json = |text: &[u8]| serde_json::from_slice::<Value>(text).expect("is JSON");
    if reply.body.is_empty() {
        return Value::Null;
    }
    if media_type.is_some_and(is_json_lines) {
        let lines = reply.body.trim_ascii_end().split(|byte| *byte == b'\n');
        return lines.map(json).collect();
    }
    match media_type {
        Some(text) if text.starts_with("text/") => {
            Value::String(String::from_utf8_lossy(&reply.body).into_owned())
        }
        _ => json(&reply.body),
    }
}
