//! Atomic file writes.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Replaces the content of a file atomically: a reader sees either the old or the new bytes, even after
/// an interruption. Missing parent folders are created.
///
/// # Errors
/// A folder or file that cannot be written.
pub fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    // Temporary files are readable only by their owner; files of the workspace are not.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o644);
        file.as_file().set_permissions(mode)?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A file path relative to the workspace, with its new content; `None` removes the file.
pub type Edit = (PathBuf, Option<Vec<u8>>);

/// Applies edits below `root`, in order. If one fails, the earlier ones are kept; `git` can revert
/// them.
///
/// # Errors
/// The path and error of the first edit that failed.
pub fn apply(root: &Path, edits: &[Edit]) -> Result<(), (PathBuf, std::io::Error)> {
    for (path, bytes) in edits {
        put(root, path, bytes.as_deref()).map_err(|error| (path.clone(), error))?;
    }
    Ok(())
}

/// Writes the file, or removes it together with the folders that become empty.
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
        // Removing a folder fails if it is not empty, and ends the loop.
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
    fn files_are_written_and_removed_with_the_folders_that_they_leave_empty() {
        let root = tempfile::tempdir().expect("creates a temporary folder");
        let root = root.path();
        let edit = |path: &str, text: Option<&str>| -> Edit {
            (path.into(), text.map(|text| text.as_bytes().to_vec()))
        };
        apply(
            root,
            &[
                edit("kept", Some("new")),
                edit("made/deep/file", Some("new")),
            ],
        )
        .expect("is applied");
        assert!(root.join("made/deep/file").exists());
        apply(
            root,
            &[edit("made/deep/file", None), edit("never/there", None)],
        )
        .expect("is applied");
        assert!(!root.join("made").exists());
        // The parent folder is a file.
        let (path, _) = apply(root, &[edit("kept/inside", Some("new"))]).expect_err("fails");
        assert_eq!(path, Path::new("kept/inside"));
        let kept = std::fs::read_to_string(root.join("kept")).expect("can be read");
        assert_eq!(kept, "new");
    }
}
