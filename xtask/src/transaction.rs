//! Several files written as one: all of them, or none.
//!
//! What the files shall hold, and what they held, is staged in a folder beside them (one file system,
//! so that a file changes place at once), and then a journal is put there that lists them: from here on
//! the work can be finished by whoever comes next. Each file is renamed into its place, and the folder
//! goes. A failure on the way undoes what was done. An interruption that leaves nobody to undo it is made
//! good by [`recover`], which every command that writes calls first: without a journal nothing had
//! happened, with one it is carried through.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::regen::Change;

/// The folder for what is staged, below the workspace. git ignores it.
pub const STAGE: &str = ".xtask-stage";
const JOURNAL: &str = "journal.json";

/// Why files could not be written.
#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    /// Nothing was written: a step failed, and all before it was undone.
    #[error("{0}: {1}\n  hint: nothing was changed; see to it and try again")]
    Undone(PathBuf, io::Error),
    /// A step failed, and so did undoing those before it.
    #[error(
        "{path}: {failed}, and undoing it failed: {error}\n  hint: see to it, and the next command of \
         `cargo xtask` that writes will finish the undoing"
    )]
    Stuck {
        /// The file that could not be written.
        path: PathBuf,
        /// Why.
        failed: io::Error,
        /// Why it could not be undone.
        error: io::Error,
    },
    /// What an interrupted command left behind could not be finished.
    #[error("{0}: an interrupted command cannot be finished: {1}\n  hint: see to it and try again")]
    Recovery(PathBuf, io::Error),
}

/// One thing that is done to the disk; tests fail it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The folder is made.
    Folder,
    /// A file is staged.
    Stage,
    /// The journal is put in place.
    Journal,
    /// A file is put in place.
    Rename,
    /// The journal and the folder go.
    Clear,
}

#[derive(Debug, Serialize, Deserialize)]
struct Journal {
    /// Whether the files shall be as they were, not as they were to become.
    back: bool,
    entries: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    path: PathBuf,
    /// Whether there was a file before.
    existed: bool,
}

/// Writes all `changes` below `root`, or none.
///
/// # Errors
/// [`TransactionError`]
pub fn commit(root: &Path, changes: &[Change]) -> Result<(), TransactionError> {
    commit_with(root, changes, &mut |_| Ok(()))
}

/// The same; `before` is asked before each step, and may refuse it.
fn commit_with(
    root: &Path,
    changes: &[Change],
    before: &mut dyn FnMut(Step) -> io::Result<()>,
) -> Result<(), TransactionError> {
    let stage = root.join(STAGE);
    if let Err(error) = staged(&stage, changes, before) {
        // Without a journal the folder means nothing; that it may stay is no harm.
        let _ = fs::remove_dir_all(&stage);
        return Err(TransactionError::Undone(STAGE.into(), error));
    }
    let entries = entries(changes);
    for (index, entry) in entries.iter().enumerate() {
        let renamed = before(Step::Rename).and_then(|()| forward(root, index, entry));
        if let Err(failed) = renamed {
            let path = entry.path.clone();
            return Err(match undo(root, entries) {
                Ok(()) => TransactionError::Undone(path, failed),
                Err(error) => TransactionError::Stuck {
                    path,
                    failed,
                    error,
                },
            });
        }
    }
    // All files are as they shall be. What is left is cleared by whoever comes next.
    let _ = before(Step::Clear).and_then(|()| clear(&stage));
    Ok(())
}

fn entries(changes: &[Change]) -> Vec<Entry> {
    let changes = changes.iter();
    changes
        .map(|change| Entry {
            path: change.path.clone(),
            existed: change.before.is_some(),
        })
        .collect()
}

/// Stages every file, then the journal.
fn staged(
    stage: &Path,
    changes: &[Change],
    before: &mut dyn FnMut(Step) -> io::Result<()>,
) -> io::Result<()> {
    before(Step::Folder)?;
    fs::create_dir_all(stage)?;
    for (index, change) in changes.iter().enumerate() {
        before(Step::Stage)?;
        write(&new_file(stage, index), &change.after)?;
        if let Some(old) = &change.before {
            write(&old_file(stage, index), old)?;
        }
    }
    before(Step::Journal)?;
    write_journal(stage, false, entries(changes))
}

fn write_journal(stage: &Path, back: bool, entries: Vec<Entry>) -> io::Result<()> {
    let text = serde_json::to_string(&Journal { back, entries })?;
    let draft = stage.join("journal.draft");
    write(&draft, &text)?;
    fs::rename(draft, stage.join(JOURNAL))
}

/// Writes a file that is on the disk when this returns.
fn write(path: &Path, text: &str) -> io::Result<()> {
    use io::Write as _;
    let mut file = fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn new_file(stage: &Path, index: usize) -> PathBuf {
    stage.join(format!("{index}.new"))
}

fn old_file(stage: &Path, index: usize) -> PathBuf {
    stage.join(format!("{index}.old"))
}

/// Puts the new content of a file in place, unless it is.
fn forward(root: &Path, index: usize, entry: &Entry) -> io::Result<()> {
    let staged = new_file(&root.join(STAGE), index);
    if !staged.exists() {
        return Ok(());
    }
    let path = root.join(&entry.path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::rename(staged, path)
}

/// Puts the old content of every file back.
fn undo(root: &Path, entries: Vec<Entry>) -> io::Result<()> {
    let stage = root.join(STAGE);
    // From here on, whoever comes next goes back, too.
    write_journal(&stage, true, entries)?;
    let journal = read_journal(&stage)?;
    for (index, entry) in journal
        .iter()
        .flat_map(|journal| &journal.entries)
        .enumerate()
    {
        back(root, index, entry)?;
    }
    clear(&stage)
}

/// Puts the old content of a file back, unless it is or never went.
fn back(root: &Path, index: usize, entry: &Entry) -> io::Result<()> {
    let stage = root.join(STAGE);
    let went = !new_file(&stage, index).exists();
    let path = root.join(&entry.path);
    match (went, entry.existed) {
        (false, _) => Ok(()),
        (true, true) if old_file(&stage, index).exists() => {
            fs::rename(old_file(&stage, index), path)
        }
        (true, true) => Ok(()),
        (true, false) => match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        },
    }
}

/// The journal goes first: without it the folder means nothing.
fn clear(stage: &Path) -> io::Result<()> {
    fs::remove_file(stage.join(JOURNAL))?;
    fs::remove_dir_all(stage)
}

fn read_journal(stage: &Path) -> io::Result<Option<Journal>> {
    match fs::read_to_string(stage.join(JOURNAL)) {
        Ok(text) => Ok(Some(serde_json::from_str(&text)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Finishes what an interrupted command began. Says whether there was anything to finish.
///
/// # Errors
/// [`TransactionError::Recovery`]
pub fn recover(root: &Path) -> Result<bool, TransactionError> {
    let stage = root.join(STAGE);
    let failed = |error| TransactionError::Recovery(STAGE.into(), error);
    if !stage.exists() {
        return Ok(false);
    }
    let Some(journal) = read_journal(&stage).map_err(failed)? else {
        fs::remove_dir_all(&stage).map_err(failed)?;
        return Ok(false);
    };
    for (index, entry) in journal.entries.iter().enumerate() {
        let done = match journal.back {
            true => back(root, index, entry),
            false => forward(root, index, entry),
        };
        done.map_err(|error| TransactionError::Recovery(entry.path.clone(), error))?;
    }
    clear(&stage).map_err(failed)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    /// A workspace with one file that changes and one that stays, and the changes: the one, and two
    /// new files.
    fn workspace() -> (tempfile::TempDir, Vec<Change>) {
        let root = tempfile::tempdir().expect("has a temporary folder");
        fs::write(root.path().join("a"), "old a").expect("writes");
        fs::write(root.path().join("stays"), "stays").expect("writes");
        let change = |path: &str, before: Option<&str>| Change {
            path: path.into(),
            before: before.map(str::to_owned),
            after: format!("new {path}"),
        };
        let changes = vec![
            change("b/new", None),
            change("a", Some("old a")),
            change("c", None),
        ];
        (root, changes)
    }

    fn content(root: &Path) -> Vec<(PathBuf, String)> {
        let names = ["a", "stays", "b/new", "c"];
        let files = names.iter().filter_map(|name| {
            let text = fs::read_to_string(root.join(name)).ok()?;
            Some((PathBuf::from(name), text))
        });
        files.collect()
    }

    fn all_steps() -> Vec<Step> {
        let (root, changes) = workspace();
        let mut steps = Vec::new();
        commit_with(root.path(), &changes, &mut |step| {
            steps.push(step);
            Ok(())
        })
        .expect("commits");
        steps
    }

    #[test]
    fn all_files_are_written_and_nothing_is_left_over() {
        let (root, changes) = workspace();
        commit(root.path(), &changes).expect("commits");
        for change in &changes {
            let text = fs::read_to_string(root.path().join(&change.path)).expect("is there");
            assert_eq!(text, change.after);
        }
        assert!(!root.path().join(STAGE).exists());
        assert!(!recover(root.path()).expect("has nothing to do"));
    }

    #[test]
    fn a_failure_at_any_step_leaves_the_tree_as_it_was() {
        for (fatal, step) in all_steps().into_iter().enumerate() {
            let (root, changes) = workspace();
            let before = content(root.path());
            let mut count = 0;
            let result = commit_with(root.path(), &changes, &mut |_| {
                count += 1;
                match count > fatal {
                    true => Err(io::Error::other("the disk is full")),
                    false => Ok(()),
                }
            });
            if step == Step::Clear {
                assert!(result.is_ok(), "all is written by then");
                assert!(recover(root.path()).expect("recovers"));
                continue;
            }
            assert!(
                matches!(result, Err(TransactionError::Undone(..))),
                "{step:?} {fatal}: {result:?}"
            );
            assert_eq!(content(root.path()), before, "{step:?} {fatal}");
            assert!(!root.path().join(STAGE).exists(), "{step:?} {fatal}");
        }
    }

    #[test]
    fn an_interruption_at_any_step_is_made_good_by_the_next_command() {
        for (fatal, step) in all_steps().into_iter().enumerate() {
            let (root, changes) = workspace();
            let before = content(root.path());
            let mut count = 0;
            // Nothing undoes a step when its thread is gone, as when the process is killed.
            let killed = catch_unwind(AssertUnwindSafe(|| {
                commit_with(root.path(), &changes, &mut |_| {
                    count += 1;
                    assert!(count <= fatal, "killed");
                    Ok(())
                })
            }));
            assert!(killed.is_err());
            let carried_through = recover(root.path()).expect("recovers");
            let (other, _) = workspace();
            commit(other.path(), &changes).expect("commits");
            let expected = match carried_through {
                true => content(other.path()),
                false => before,
            };
            assert_eq!(content(root.path()), expected, "{step:?} {fatal}");
            assert_eq!(
                carried_through,
                matches!(step, Step::Rename | Step::Clear),
                "{step:?} {fatal}"
            );
            assert!(!root.path().join(STAGE).exists());
        }
    }

    #[test]
    fn an_interrupted_undoing_is_finished_backwards() {
        let (root, changes) = workspace();
        let before = content(root.path());
        let stage = root.path().join(STAGE);
        staged(&stage, &changes, &mut |_| Ok(())).expect("stages");
        for (index, entry) in entries(&changes).iter().enumerate() {
            forward(root.path(), index, entry).expect("renames");
        }
        write_journal(&stage, true, entries(&changes)).expect("writes");
        back(root.path(), 1, &entries(&changes)[1]).expect("goes back");
        assert!(recover(root.path()).expect("recovers"));
        assert_eq!(content(root.path()), before);
    }
}
