//! Values of documents, and how reports show them.

use openapi_document::Pointer;
use serde_json::Value;

use super::source::Node;

/// Values with their locations.
pub(super) type Values<'a> = Vec<(Pointer, &'a Value)>;

/// A value in reports: strings without quotes.
pub(super) fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// A value in reports, shortened.
pub(super) fn brief(node: Option<&Node<'_>>) -> String {
    const LONGEST: usize = 60;
    let Some(node) = node else {
        return "none".to_owned();
    };
    let text = plain(node.value).replace(['`', '\n'], " ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}
