//! What the tests of several modules share: documents to serve and requests to send.

use std::path::Path;
use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use openapi_document::{Document, overlay};
use serde_json::Value;

use crate::description::Description;
use crate::received::Received;

pub(crate) fn description(document: Value) -> Arc<Description> {
    let document = Document::parse("test.json", document.to_string()).expect("parses");
    Arc::new(Description::of(document).expect("can be served"))
}

/// A document of the workspace with its overlay.
pub(crate) fn vendored(name: &str) -> Arc<Description> {
    let all = all_vendored().into_iter();
    let named = all.into_iter().find(|(vendored, _)| vendored == name);
    named.expect("is a document of the workspace").1
}

/// Every document of the workspace with its overlay, by name: each file of `specs/` that has an overlay
/// beside it.
pub(crate) fn all_vendored() -> Vec<(String, Arc<Description>)> {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
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

/// A request for `target`, a path with or without a query.
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
