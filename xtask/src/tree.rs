//! Reads files of the workspace from its folder or from a Git revision.

use std::path::{Path, PathBuf};
use std::process::Command;

use openapi_document::{Diagnostic, Document, ReferenceMap, overlay};

use crate::registry::{self, Api, Decisions};

/// The files of the workspace, in the working folder or at a revision.
#[derive(Debug, Clone)]
pub struct Tree {
    root: PathBuf,
    revision: Option<Revision>,
}

#[derive(Debug, Clone)]
struct Revision {
    /// The name that the caller passed.
    name: String,
    /// The commit that the name resolved to when the tree was created.
    commit: String,
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// Git does not know the revision.
    #[error(
        "`{0}` is not a revision of this repository\n  hint: name a branch, a tag or a commit that `git log` shows"
    )]
    Revision(String),
    /// Git cannot be started.
    #[error(
        "git could not be started: {0}\n  hint: install git, or name files instead of revisions"
    )]
    Git(std::io::Error),
    /// The file exists but cannot be read.
    #[error("{0}: cannot be read: {1}")]
    File(PathBuf, std::io::Error),
    /// The file is not UTF-8.
    #[error("{0}: not valid UTF-8")]
    Text(PathBuf),
}

impl Tree {
    /// The files in the folder of the workspace at `root`.
    pub fn folder(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            revision: None,
        }
    }

    /// The files of the workspace at `root` at a Git revision.
    ///
    /// # Errors
    /// A revision that Git does not know, or Git cannot be started.
    pub fn at(root: &Path, revision: &str) -> Result<Self, TreeError> {
        let output = Command::new("git")
            .current_dir(root)
            .args(["rev-parse", "--verify", "--quiet", "--end-of-options"])
            .arg(format!("{revision}^{{commit}}"))
            .output()
            .map_err(TreeError::Git)?;
        if !output.status.success() {
            return Err(TreeError::Revision(revision.to_owned()));
        }
        Ok(Self {
            root: root.to_owned(),
            revision: Some(Revision {
                name: revision.to_owned(),
                commit: String::from_utf8_lossy(&output.stdout).trim().to_owned(),
            }),
        })
    }

    /// The content of the file `path`, relative to the workspace, or `None` if there is no such
    /// file.
    ///
    /// # Errors
    /// A file that exists but cannot be read as text.
    pub fn read(&self, path: &Path) -> Result<Option<String>, TreeError> {
        let Some(revision) = &self.revision else {
            return match std::fs::read_to_string(self.root.join(path)) {
                Ok(text) => Ok(Some(text)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(TreeError::File(path.to_owned(), error)),
            };
        };
        let output = Command::new("git")
            .current_dir(&self.root)
            .arg("show")
            .arg(format!("{}:./{}", revision.commit, path.display()))
            .output()
            .map_err(TreeError::Git)?;
        if !output.status.success() {
            return Ok(None);
        }
        let text = String::from_utf8(output.stdout);
        text.map(Some).map_err(|_| TreeError::Text(path.to_owned()))
    }

    /// True if the crate of an API is published, that is, unless its manifest has `publish =
    /// false`. Only published crates need a version and changelog entries.
    ///
    /// # Errors
    /// A manifest that is there and cannot be read as text.
    pub fn publishes(&self, api: &Api) -> Result<bool, TreeError> {
        let manifest = self.read(&api.folder.join("Cargo.toml"))?;
        let manifest: Option<toml::Table> = manifest.and_then(|text| text.parse().ok());
        let publish =
            manifest.and_then(|manifest| Some(manifest.get("package")?.get("publish")?.as_bool()));
        Ok(publish.flatten() != Some(false))
    }

    /// The registry of APIs.
    ///
    /// # Errors
    /// The errors of [`registry::parse`], and a missing registry.
    pub fn registry(&self) -> Result<Vec<Api>, Diagnostic> {
        registry::parse(&self.registry_text()?).map_err(|error| self.in_registry(error))
    }

    /// The decisions about changes of all APIs.
    ///
    /// # Errors
    /// The errors of [`Tree::registry`].
    pub fn decisions(&self) -> Result<Decisions, Diagnostic> {
        registry::decisions(&self.registry_text()?).map_err(|error| self.in_registry(error))
    }

    /// The diagnostic with the name of this tree's registry.
    fn in_registry(&self, error: Diagnostic) -> Diagnostic {
        let file = self.name(Path::new(registry::REGISTRY));
        Diagnostic { file, ..error }
    }

    fn registry_text(&self) -> Result<String, Diagnostic> {
        self.text(
            Path::new(registry::REGISTRY),
            "run the command inside the workspace",
        )
    }

    /// The document of an API after its overlay, with the operations and under the names that the registry
    /// selects. Diagnostics name files as the registry does, with
    /// `@REVISION` appended for a revision.
    ///
    /// # Errors
    /// A [`Diagnostic`] about the document, the overlay or the selection of operations.
    pub fn document(&self, api: &Api) -> Result<Document, Diagnostic> {
        let map = api.reference_map(&self.root);
        let mut document = self.load_mapped(&api.document, &map)?;
        overlay::apply(&self.load(&api.overlay)?, &mut document)?;
        api.apply_settings(&mut document)?;
        Ok(document)
    }

    /// The document at `path` without its overlay. From the folder, references to other files are
    /// loaded; from a revision, only the file itself.
    ///
    /// # Errors
    /// A [`Diagnostic`] about it.
    pub fn load(&self, path: &Path) -> Result<Document, Diagnostic> {
        self.load_mapped(path, &ReferenceMap::default())
    }

    fn load_mapped(&self, path: &Path, map: &ReferenceMap) -> Result<Document, Diagnostic> {
        if self.revision.is_none() {
            // Diagnostics name the file as the registry does, relative to the workspace.
            let file = self.name(path);
            return match Document::load_mapped(&self.root.join(path), map) {
                Ok(mut document) => {
                    document.file = file;
                    Ok(document)
                }
                Err(diagnostic) => Err(Diagnostic { file, ..diagnostic }),
            };
        }
        let text = self.text(path, "name an existing UTF-8 file")?;
        Document::parse(self.name(path), text)
    }

    fn text(&self, path: &Path, hint: &str) -> Result<String, Diagnostic> {
        let refuse = |message: String| Diagnostic {
            file: self.name(path),
            position: None,
            pointer: None,
            message,
            hint: hint.to_owned(),
        };
        match self.read(path) {
            Ok(Some(text)) => Ok(text),
            Ok(None) => Err(refuse("cannot be read: no such file".to_owned())),
            Err(TreeError::File(_, error)) => Err(refuse(format!("cannot be read: {error}"))),
            Err(error) => Err(refuse(format!("cannot be read: {error}"))),
        }
    }

    fn name(&self, path: &Path) -> String {
        match &self.revision {
            Some(revision) => format!("{}@{}", path.display(), revision.name),
            None => path.display().to_string(),
        }
    }
}
