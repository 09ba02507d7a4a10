//! From source text to a checked tree.

use crate::ast::Manifest;
use alloc::{string::String, vec::Vec};
use core::{fmt, ops::Range};

/// A manifest that compiled, and its canonical bytes: what a book adopts and what its id is the hash of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    /// The tree.
    pub manifest: Manifest,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// One mistake in a source text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Bytes of the source that it is about.
    pub span: Range<u32>,
    /// Line of its start, from 1.
    pub line: u32,
    /// Column of its start in characters, from 1.
    pub column: u32,
    /// Which rule: the codes of `docs/spec/manifest.md` §Diagnostics.
    pub code: &'static str,
    /// What is wrong.
    pub cause: String,
    /// What to do about it.
    pub mend: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{} {} {}; {}",
            self.line, self.column, self.code, self.cause, self.mend
        )
    }
}

/// Compiles a source text.
///
/// # Errors
/// All the mistakes that were found, in order of place; at least one.
pub fn compile(_source: &str) -> Result<Compiled, Vec<Diagnostic>> {
    Err(Vec::new())
}
