//! From source text to a checked tree: [`lexer`] -> [`parser`] -> [`lower`] -> [`crate::check`].

mod diagnostic;
mod expressions;
mod lexer;
mod lower;
mod names;
mod parser;
mod personal;
mod scope;
mod statements;
mod syntax;

#[cfg(test)]
mod tests;

use crate::{ast::Manifest, check, limits};
use alloc::{vec, vec::Vec};
pub use diagnostic::Diagnostic;
use diagnostic::{Mistake, Span};

/// A manifest that compiled, and its canonical bytes: what a book adopts and what its id is the hash of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    /// The tree.
    pub manifest: Manifest,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Compiles a source text.
///
/// # Errors
/// The mistakes that were found, in order of place; at least one. Types are judged only when all names are known.
pub fn compile(source: &str) -> Result<Compiled, Vec<Diagnostic>> {
    let start = Span { start: 0, end: 0 };
    if source.len() > limits::SOURCE_MAX {
        let cause = "a source has at most 1 MiB";
        let mistake = Mistake::new(
            start,
            "limit",
            cause,
            "split it into manifests of their own",
        );
        return Err(diagnostic::place(source, vec![mistake]));
    }
    build(source).map_err(|mistakes| diagnostic::place(source, mistakes))
}

fn build(source: &str) -> Result<Compiled, Vec<Mistake>> {
    let tokens = lexer::lex(source).map_err(|mistake| vec![mistake])?;
    let tree = parser::parse(&tokens).map_err(|mistake| vec![mistake])?;
    let (manifest, spans) = lower::lower(&tree)?;
    let faults = check::check(&manifest);
    if !faults.is_empty() {
        return Err(faults
            .into_iter()
            .map(|fault| spans.mistake(fault))
            .collect());
    }
    let bytes = postcard::to_allocvec(&manifest).unwrap_or_default();
    // What the compiler lets out, everybody must take in.
    match crate::decode(&bytes) {
        Ok(_) => Ok(Compiled { manifest, bytes }),
        Err(bad) => {
            let cause = alloc::format!("the tree cannot be read back: {bad}");
            Err(vec![Mistake::new(
                tree.name.span,
                "limit",
                cause,
                "make the manifest smaller",
            )])
        }
    }
}
