//! A valid document is never refused: what is made up of constructs that occur in real ones is lowered,
//! generated, and has a method for each of its operations.
//!
//! Whether the clients compile and decode what the documents allow takes longer to find out:
//! `cargo xtask corpus --made 100`.

use openapi_document::{Document, walk};
use proptest::prelude::*;
use xtask::corpus::made::document;
use xtask::generate::generate;
use xtask::lower::lower;
use xtask::registry::GeneratorSettings;
use xtask::surface::Surface;

fn operations(document: &Document) -> Result<usize, String> {
    let lowered = lower(document).map_err(|error| error.to_string())?;
    let tokens = generate(&lowered.document, &GeneratorSettings::default());
    let surface = Surface::of(tokens.map_err(|error| error.to_string())?);
    Ok(surface.map_err(|error| error.to_string())?.operations.len())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn every_operation_of_a_valid_document_is_a_method(document in document()) {
        let document = Document::parse("made", document.to_string()).expect("is JSON");
        let documented = walk::operations(&document.root).len();
        prop_assert_eq!(operations(&document), Ok(documented));
    }
}
