//! Tests generated documents of real-world constructs: none is rejected, each operation becomes a
//! method, and each loss has a remedy.
//!
//! `cargo xtask corpus --made 100` also compiles the clients and decodes values.

use client_codegen::surface::Surface;
use client_corpus::made::document;
use client_crate::default_settings;
use openapi_document::{Document, walk};
use openapi_lower::remedy::mended;
use openapi_lower::{Reduced, lower};
use proptest::prelude::*;

fn operations(document: &Document) -> Result<usize, String> {
    let lowered = lower(document).map_err(|error| error.to_string())?;
    let surface = Surface::of(&lowered.plan, &default_settings());
    Ok(surface.map_err(|error| error.to_string())?.operations.len())
}

fn losses(document: &Document) -> Result<Vec<Reduced>, String> {
    let lowered = lower(document).map_err(|error| error.to_string())?;
    let notes = lowered.notes.into_iter();
    Ok(notes.filter_map(|note| note.reduced).collect())
}

/// True if the remedy requires a decision of the user.
fn asks(reduced: &Reduced) -> bool {
    reduced.remedy().contains('…') || reduced.remedy().contains("intended content")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn every_operation_of_a_valid_document_is_a_method(document in document()) {
        let document = Document::parse("made", document.to_string()).expect("is JSON");
        let documented = walk::operations(&document.root).len();
        prop_assert_eq!(operations(&document), Ok(documented));
    }

    #[test]
    fn every_remedy_applies_and_avoids_the_loss(document in document()) {
        let document = Document::parse("made", document.to_string()).expect("is JSON");
        for reduced in losses(&document).map_err(TestCaseError::fail)? {
            let remedy = reduced.remedy();
            let mended = mended(&document, &remedy).map_err(|error| error.to_string());
            let left = mended.and_then(|mended| losses(&mended));
            let left = left.map_err(|error| TestCaseError::fail(format!("{remedy}{error}")))?;
            prop_assert!(asks(&reduced) || !left.contains(&reduced), "{remedy}");
        }
    }
}
