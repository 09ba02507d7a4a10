//! What the compiler and Clippy cannot see: who may use whom, what the kernel may never contain, names, sizes, links.
//!
//! Each check is a function from the work tree to findings. `lint/tests/tree.rs` runs them all on this tree within
//! `cargo test`; `lint/tests/fixtures.rs` shows each of them a tree that it must reject.

pub mod edges;
pub mod forbidden;
pub mod glossary;
pub mod links;
pub mod modules;
pub mod names;
pub mod personal;
pub mod purity;
pub mod register;
pub mod sizes;
pub mod tokens;
pub mod top;
pub mod tree;
pub mod wasm;

use anyhow::Result;
use std::fmt;
pub use tree::Tree;

/// One thing that must be mended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, from the root.
    pub file: String,
    /// Its line, or 0 when it is about the whole file.
    pub line: usize,
    /// What is wrong and what to do.
    pub what: String,
}

impl Finding {
    /// A finding about a line.
    #[must_use]
    pub fn at(file: &str, line: usize, what: impl Into<String>) -> Self {
        Finding {
            file: file.to_owned(),
            line,
            what: what.into(),
        }
    }

    /// A finding about a whole file.
    #[must_use]
    pub fn of(file: &str, what: impl Into<String>) -> Self {
        Self::at(file, 0, what)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(out, "{}: {}", self.file, self.what),
            line => write!(out, "{}:{line}: {}", self.file, self.what),
        }
    }
}

/// A check: its name, what it holds, and how it looks.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Its name, which is also its fixture's.
    pub name: &'static str,
    /// What must be true.
    pub holds: &'static str,
    /// What is not as it must be.
    pub run: fn(&Tree) -> Result<Vec<Finding>>,
}

/// Every check.
pub const CHECKS: &[Check] = &[
    Check {
        name: "top",
        holds: "the top level is exactly the given names",
        run: top::check,
    },
    Check {
        name: "edges",
        holds: "crates use only what the table allows; the kernel takes no default features",
        run: edges::check,
    },
    Check {
        name: "purity",
        holds: "the kernel is no_std, without clock, chance, float, cast, hash order, async, unsafe",
        run: purity::check,
    },
    Check {
        name: "names",
        holds: "no identifier of a shipped manifest occurs in the kernel's sources",
        run: names::check,
    },
    Check {
        name: "wasm",
        holds: "the kernel's wasm has no import, no float and no manifest identifier",
        run: wasm::check,
    },
    Check {
        name: "personal",
        holds: "personal data in a manifest is sealed",
        run: personal::check,
    },
    Check {
        name: "sizes",
        holds: "no file of code is over 500 lines",
        run: sizes::check,
    },
    Check {
        name: "modules",
        holds: "every source file is reached from its crate's root",
        run: modules::check,
    },
    Check {
        name: "glossary",
        holds: "no public type has a name that the glossary forbids",
        run: glossary::check,
    },
    Check {
        name: "register",
        holds: "the register names every row and every witness, and no other",
        run: register::check,
    },
    Check {
        name: "links",
        holds: "relative links in pages lead somewhere",
        run: links::check,
    },
    Check {
        name: "forbidden",
        holds: "no machine path, registry host or storage-clearing header is in the tree",
        run: forbidden::check,
    },
];

/// All findings of all checks, in order.
///
/// # Errors
/// When a check could not look: an unreadable file, no cargo.
pub fn all(tree: &Tree) -> Result<Vec<(&'static str, Finding)>> {
    let mut found = Vec::new();
    for check in CHECKS {
        let mut findings = (check.run)(tree)?;
        findings.sort();
        found.extend(findings.into_iter().map(|finding| (check.name, finding)));
    }
    Ok(found)
}
