//! The one judge of a syntax tree: the compiler asks it, and so does everybody who decodes bytes.
//!
//! It proves what the interpreter relies on: indexes are in range, a slot is read only after it was written, operands
//! are of one kind and never none, loops and nesting are bounded, and nothing sealed or shared decides where it must
//! not. A tree without faults cannot make an interpreter go wrong, whoever wrote it.

mod cost;
mod declarations;
mod expressions;
mod facts;
mod names;
mod rules;
mod statements;
mod ty;
mod walk;

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
///
/// Bodies are judged only when all declarations are good, because they lean on them.
pub fn check(manifest: &Manifest) -> Vec<Fault> {
    let faults = declarations::check(manifest);
    if !faults.is_empty() {
        return faults;
    }
    let bodies = manifest.verbs.iter().enumerate();
    bodies
        .flat_map(|(index, verb)| statements::check(manifest, index, verb))
        .collect()
}

/// What is wrong, before it is known where.
#[derive(Clone, Debug)]
struct Why {
    code: &'static str,
    cause: String,
    mend: String,
}

impl Why {
    fn new(code: &'static str, cause: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            code,
            cause: cause.into(),
            mend: mend.into(),
        }
    }

    fn at(self, place: Place) -> Fault {
        Fault {
            place,
            code: self.code,
            cause: self.cause,
            mend: self.mend,
        }
    }
}
