//! Everything that is derived from a document, in memory.

use client_codegen::plan::ClientPlan;
use client_codegen::surface::Surface;
use client_codegen::{GenerateError, Settings};
use openapi_diff::Client;
use openapi_document::Document;
use openapi_lower::{Lowered, Note, Origins};

/// No client can be generated from a document. The first field is the document's file.
#[derive(Debug, thiserror::Error)]
#[error("{0}: {1}")]
pub struct BuildError(String, GenerateError);

/// One API, built in memory.
pub struct BuiltApi {
    /// The document after its overlay and the check, before the lowering.
    pub vendored: Document,
    /// The lowered document and the plans: the input of the generator.
    pub plan: ClientPlan,
    /// The notes of the lowering.
    pub notes: Vec<Note>,
    /// The origins of the lowered schemas.
    pub origins: Origins,
    /// The public items of the generated code.
    pub surface: Surface,
}

impl BuiltApi {
    /// The API of a lowered document, with the surface that was generated from it.
    pub fn new(lowered: Lowered, surface: Surface) -> Self {
        Self {
            vendored: lowered.vendored,
            plan: lowered.plan,
            notes: lowered.notes,
            origins: lowered.origins,
            surface,
        }
    }

    /// The parts that a comparison reads.
    pub fn client(&self) -> Client<'_> {
        Client {
            document: &self.vendored,
            plan: &self.plan,
            origins: &self.origins,
            surface: &self.surface,
        }
    }
}

/// Generates from the lowering of a document.
///
/// # Errors
/// [`BuildError`].
pub fn build(settings: &Settings, lowered: Lowered) -> Result<BuiltApi, BuildError> {
    let surface = Surface::of(&lowered.plan, settings)
        .map_err(|error| BuildError(lowered.vendored.file.clone(), error))?;
    Ok(BuiltApi::new(lowered, surface))
}
