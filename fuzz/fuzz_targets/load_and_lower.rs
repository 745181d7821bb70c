//! Any bytes are a document and an overlay that come through, or are refused with a diagnostic.
//! Nothing panics, runs on without end or takes memory without bound.
//!
//! The overlay, if any, follows the document behind a line of `%%`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use openapi_document::{Document, overlay};
use openapi_lower::lower;

fuzz_target!(|text: &str| {
    let (text, correction) = text.split_once("\n%%\n").unwrap_or((text, ""));
    let Ok(mut document) = Document::parse("document", text) else {
        return;
    };
    if !correction.is_empty() {
        let applied = Document::parse("overlay", correction)
            .and_then(|correction| overlay::apply(&correction, &mut document));
        if applied.is_err() {
            return;
        }
    }
    if let Ok(lowered) = lower(&document) {
        for note in &lowered.notes {
            assert!(!note.what.is_empty(), "{note}");
        }
    }
});
