//! The registry of APIs, `specs/apis.toml`: which documents become which crates, and how.

use std::path::{Path, PathBuf};

use client_codegen::Settings;
use openapi_document::{Diagnostic, Position};
use serde::Deserialize;

use crate::operation_names::OperationNames;
use crate::tree::Tree;

/// The path of the registry, relative to the workspace.
pub const REGISTRY: &str = "specs/apis.toml";

/// One API of the registry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// The name in commands: `numspot`.
    pub name: String,
    /// The name in prose: `Numspot`.
    pub title: String,
    /// The vendored OpenAPI document, relative to the workspace.
    pub document: PathBuf,
    /// The overlay with our corrections, relative to the workspace.
    pub overlay: PathBuf,
    /// The folder of the generated crate, relative to the workspace. The crate has the folder's
    /// name.
    #[serde(rename = "crate")]
    pub folder: PathBuf,
    /// True if required scalars of responses are optional in the generated types, for a server that
    /// leaves them out or sends null; false by default.
    #[serde(default)]
    pub lenient: bool,
    /// The rule for shorter operation ids; by default those of the document are kept.
    #[serde(default)]
    pub operation_names: Option<OperationNames>,
    /// Settings of the generator; the default is that of the generator.
    #[serde(default)]
    pub generator: Settings,
}

impl Api {
    /// The name of the crate.
    pub fn package(&self) -> String {
        let name = self.folder.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// The name of its Rust modules.
    pub fn module(&self) -> String {
        self.name.replace('-', "_")
    }
}

/// The settings of new APIs and of documents without an API: the types derive `JsonSchema`.
pub fn default_settings() -> Settings {
    Settings {
        derives: vec!["schemars::JsonSchema".to_owned()],
        ..Settings::default()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registry {
    #[serde(default)]
    api: Vec<Api>,
}

/// Reads the registry of the workspace at `root`.
///
/// # Errors
/// A registry that cannot be read, and the errors of [`parse`].
pub fn load(root: &Path) -> Result<Vec<Api>, Diagnostic> {
    Tree::folder(root).registry()
}

/// Parses a registry.
///
/// # Errors
/// Invalid TOML or an invalid entry, and two APIs with the same name or crate.
pub fn parse(text: &str) -> Result<Vec<Api>, Diagnostic> {
    let refuse = |position, message: String, hint: &str| Diagnostic {
        file: REGISTRY.to_owned(),
        position,
        pointer: None,
        message,
        hint: hint.to_owned(),
    };
    let registry: Registry = toml::from_str(text).map_err(|error| {
        let position = error.span().map(|span| {
            let before = &text[..span.start.min(text.len())];
            Position {
                line: before.matches('\n').count() + 1,
                column: before.chars().rev().take_while(|c| *c != '\n').count() + 1,
            }
        });
        refuse(
            position,
            error.message().to_owned(),
            "compare the entry with the other entries",
        )
    })?;
    for (index, api) in registry.api.iter().enumerate() {
        let mut before = registry.api[..index].iter();
        if before.any(|other| other.name == api.name || other.package() == api.package()) {
            return Err(refuse(
                None,
                format!(
                    "`{}` or its crate `{}` is listed twice",
                    api.name,
                    api.package()
                ),
                "give each API its own name and crate",
            ));
        }
    }
    Ok(registry.api)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(text: &str) -> Result<Vec<Api>, String> {
        let root = tempfile::tempdir().expect("creates a temporary folder");
        std::fs::create_dir(root.path().join("specs")).expect("creates a folder");
        std::fs::write(root.path().join(REGISTRY), text).expect("writes a file");
        load(root.path()).map_err(|diagnostic| diagnostic.to_string())
    }

    const ENTRY: &str = "[[api]]\nname = 'a'\ntitle = 'A'\ndocument = 'd'\noverlay = 'o'\ncrate = 'a-client'\ngenerator.derives = ['X']\n";

    #[test]
    fn an_entry_is_read() {
        let apis = loaded(ENTRY).expect("is a registry");
        assert_eq!(apis[0].package(), "a-client");
        assert_eq!(apis[0].generator.derives, ["X"]);
        assert!(!apis[0].lenient && apis[0].operation_names.is_none());
        let rules = "lenient = true\noperation_names = 'strip-path-suffix'\n";
        let apis = loaded(&format!("{ENTRY}{rules}").replace("generator.derives = ['X']\n", ""));
        let api = &apis.expect("is a registry")[0];
        assert!(api.lenient);
        assert_eq!(api.operation_names, Some(OperationNames::StripPathSuffix));
    }

    #[test]
    fn an_invalid_entry_is_rejected_with_its_place() {
        let refused = loaded(&format!("{ENTRY}colour = 'red'\n")).expect_err("is refused");
        assert!(refused.starts_with("specs/apis.toml:8:1: "), "{refused}");
        let refused = loaded(&format!("{ENTRY}{ENTRY}")).expect_err("is refused");
        assert!(refused.contains("listed twice"), "{refused}");
    }
}
