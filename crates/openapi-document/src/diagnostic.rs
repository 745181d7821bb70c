//! What a person is told when an input cannot be used: what is wrong, where, and what to do.

use std::fmt;

use crate::Pointer;

/// One thing that is wrong with a document, an overlay or the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file, as the caller named it.
    pub file: String,
    /// Where in the file; `None` when no place in its text answers for it.
    pub position: Option<Position>,
    /// Which part of the document; `None` when the text is not even a document.
    pub pointer: Option<Pointer>,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Counted from one.
    pub line: usize,
    /// Counted from one, in characters.
    pub column: usize,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(Position { line, column }) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(pointer) = &self.pointer {
            write!(f, "\n  at: {pointer}")?;
        }
        write!(f, "\n  hint: {}", self.hint)
    }
}

impl std::error::Error for Diagnostic {}
