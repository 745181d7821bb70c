//! Interprets the input as a document and an optional overlay. They are lowered or rejected with a
//! diagnostic, without panics, endless work or unbounded memory.
//!
//! The overlay follows the document after a line `%%`.

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
