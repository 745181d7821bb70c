//! Whether the remedy of a note is one: an overlay action that applies to the document the note is
//! about.

use openapi_document::{Diagnostic, Document, overlay};

/// Pastes a remedy below the `actions:` of an empty overlay and applies that to `document`.
///
/// # Errors
/// What is wrong with the remedy, with its line in the overlay.
///
/// ```
/// use openapi_document::Document;
/// use openapi_lower::remedy::mended;
///
/// let document = Document::parse("api.yaml", "info: {title: T}")?;
/// let remedy = "- target: $.info\n  update: {version: '1'}\n";
/// assert_eq!(mended(&document, remedy)?.root["info"]["version"], "1");
/// assert!(mended(&document, "- target: $.gone\n  remove: true\n").is_err());
/// # Ok::<(), openapi_document::Diagnostic>(())
/// ```
pub fn mended(document: &Document, remedy: &str) -> Result<Document, Diagnostic> {
    let text = format!("overlay: 1.0.0\nactions:\n{remedy}");
    let mut mended = document.clone();
    overlay::apply(&Document::parse("the remedy", text)?, &mut mended)?;
    Ok(mended)
}
