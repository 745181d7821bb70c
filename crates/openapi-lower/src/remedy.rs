//! Verifies the remedies of notes: overlay actions that must apply to the document of the note.

use openapi_document::{Diagnostic, Document, overlay};

/// Adds a remedy to the `actions:` of an empty overlay and applies it to `document`.
///
/// # Errors
/// The error in the remedy, with its line in the overlay.
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
    let overlay_source = format!("overlay: 1.0.0\nactions:\n{remedy}");
    let mut mended = document.clone();
    overlay::apply(&Document::parse("the remedy", overlay_source)?, &mut mended)?;
    Ok(mended)
}
