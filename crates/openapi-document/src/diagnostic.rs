//! Diagnostics: the problem of an input, its location, and a hint.

use std::fmt;

use crate::Pointer;

/// One error in a document, an overlay or the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file name as the caller passed it.
    pub file: String,
    /// The position in the file; `None` if there is no source text for it.
    pub position: Option<Position>,
    /// The location in the document; `None` if the file could not be parsed.
    pub pointer: Option<Pointer>,
    /// The problem: one sentence without a final period.
    pub message: String,
    /// How to correct it.
    pub hint: String,
}

/// A position in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line number, starting at 1.
    pub line: usize,
    /// Column in characters, starting at 1.
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
