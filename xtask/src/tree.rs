//! Where the files of the workspace are read from: its folder, or a revision that git has.

use std::path::{Path, PathBuf};
use std::process::Command;

use openapi_document::{Diagnostic, Document, overlay};

use crate::registry::{self, Api};

/// The files of the workspace, now or then.
#[derive(Debug, Clone)]
pub struct Tree {
    root: PathBuf,
    revision: Option<Revision>,
}

#[derive(Debug, Clone)]
struct Revision {
    /// As the caller named it.
    name: String,
    /// The commit that it was when the tree was made.
    commit: String,
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// git has no such revision.
    #[error(
        "`{0}` is no revision of this repository\n  hint: name a branch, a tag or a commit that `git log` shows"
    )]
    Revision(String),
    /// git cannot be asked.
    #[error("git could not be started: {0}\n  hint: install git, or compare files")]
    Git(std::io::Error),
    /// The file is there and cannot be read.
    #[error("{0}: cannot be read: {1}")]
    File(PathBuf, std::io::Error),
    /// The file is not UTF-8.
    #[error("{0}: is not UTF-8")]
    Text(PathBuf),
}

impl Tree {
    /// The files as they are in the workspace at `root`.
    pub fn folder(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            revision: None,
        }
    }

    /// The files of the workspace at `root` as they were at a revision.
    ///
    /// # Errors
    /// A revision that git does not know, git that cannot be started.
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

    /// What the file `path` below the workspace holds, or `None` when it is not there.
    ///
    /// # Errors
    /// A file that is there and cannot be read as text.
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

    /// Whether the crate of an API is published: its manifest does not say otherwise. What is not has no
    /// users whom a version or the changelog would tell anything.
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
    /// Those of [`registry::parse`], and a registry that is not there.
    pub fn registry(&self) -> Result<Vec<Api>, Diagnostic> {
        registry::parse(&self.text(
            Path::new(registry::REGISTRY),
            "run this inside the workspace",
        )?)
    }

    /// The document of an API with its overlay. Diagnostics name the files as the registry does, with
    /// the revision behind an `@`.
    ///
    /// # Errors
    /// A [`Diagnostic`] about the document or the overlay.
    pub fn document(&self, api: &Api) -> Result<Document, Diagnostic> {
        let mut document = self.load(&api.document)?;
        overlay::apply(&self.load(&api.overlay)?, &mut document)?;
        Ok(document)
    }

    /// The document at `path` as it stands there; in the folder with what it refers to in other files,
    /// of a revision by itself.
    ///
    /// # Errors
    /// A [`Diagnostic`] about it.
    pub fn load(&self, path: &Path) -> Result<Document, Diagnostic> {
        if self.revision.is_none() {
            // Diagnostics name the file as the registry does, below the workspace.
            let file = self.name(path);
            return match Document::load(&self.root.join(path)) {
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
            Ok(None) => Err(refuse("cannot be read: it is not there".to_owned())),
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
