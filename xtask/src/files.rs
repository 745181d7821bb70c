//! Files written so that nobody sees half of them: one at once, or several all or none.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Puts `bytes` in the place of a file at once: a reader sees the old or the new, and an interruption
/// leaves the old. The folders around it are made.
///
/// # Errors
/// A folder or file that cannot be written.
pub fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    // A temporary file is private to its owner, one of the workspace is not.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o644);
        file.as_file().set_permissions(mode)?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Changes to several files that belong together.
#[derive(Debug, Default)]
pub struct Edits {
    edits: Vec<Edit>,
}

#[derive(Debug)]
struct Edit {
    /// Below the folder that the edits are about.
    path: PathBuf,
    before: Option<Vec<u8>>,
    after: Option<Vec<u8>>,
}

impl Edits {
    /// Has `path` hold `after`, or be gone.
    ///
    /// # Errors
    /// A file that is there and cannot be read.
    pub fn add(
        &mut self,
        root: &Path,
        path: impl Into<PathBuf>,
        after: Option<Vec<u8>>,
    ) -> std::io::Result<()> {
        let path = path.into();
        let before = match std::fs::read(root.join(&path)) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        self.edits.push(Edit {
            path,
            before,
            after,
        });
        Ok(())
    }

    /// The files, in the order in which they are written.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.edits.iter().map(|edit| edit.path.as_path())
    }

    /// Makes all changes below `root`, or none.
    ///
    /// # Errors
    /// The first change that cannot be made, by its file; those before it have been taken back.
    pub fn apply(&self, root: &Path) -> Result<(), (PathBuf, std::io::Error)> {
        for (index, edit) in self.edits.iter().enumerate() {
            if let Err(error) = put(root, &edit.path, edit.after.as_deref()) {
                self.take_back(root, index);
                return Err((edit.path.clone(), error));
            }
        }
        Ok(())
    }

    /// Makes every file what it was before.
    pub fn undo(&self, root: &Path) {
        self.take_back(root, self.edits.len());
    }

    fn take_back(&self, root: &Path, count: usize) {
        for edit in self.edits[..count].iter().rev() {
            // What cannot be taken back stays; the error that led here is the one to be told.
            let _ = put(root, &edit.path, edit.before.as_deref());
        }
    }
}

/// Writes the file, or removes it and the folders that it leaves empty.
fn put(root: &Path, path: &Path, bytes: Option<&[u8]>) -> std::io::Result<()> {
    if let Some(bytes) = bytes {
        return replace(&root.join(path), bytes);
    }
    match std::fs::remove_file(root.join(path)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let folders = path.ancestors().skip(1);
    for folder in folders.filter(|folder| !folder.as_os_str().is_empty()) {
        // One that is not empty is not removed, and neither are those around it.
        if std::fs::remove_dir(root.join(folder)).is_err() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_files_change_all_or_none() {
        let root = tempfile::tempdir().expect("has a temporary folder");
        std::fs::write(root.path().join("kept"), "old").expect("writes");
        let mut edits = Edits::default();
        for (path, after) in [
            ("kept", Some("new")),
            ("made/deep/file", Some("new")),
            // The one before is a file, so this cannot be written.
            ("kept/inside", Some("new")),
        ] {
            let after = after.map(|text: &str| text.as_bytes().to_vec());
            let added = edits.add(root.path(), path, after);
            assert_eq!(added.is_ok(), path != "kept/inside", "{path}");
            if added.is_err() {
                edits.edits.push(Edit {
                    path: path.into(),
                    before: None,
                    after: Some(Vec::new()),
                });
            }
        }
        let (path, _) = edits.apply(root.path()).expect_err("cannot be made");
        assert_eq!(path, Path::new("kept/inside"));
        let kept = std::fs::read_to_string(root.path().join("kept")).expect("is there");
        assert_eq!(kept, "old");
        assert!(!root.path().join("made").exists());

        edits.edits.pop();
        edits.apply(root.path()).expect("can be made");
        assert!(root.path().join("made/deep/file").exists());
        edits.undo(root.path());
        assert!(!root.path().join("made").exists());
    }
}
