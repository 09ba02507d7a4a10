//! From bytes to a manifest that may be interpreted.

use crate::{
    ast::{LEVEL, Manifest},
    check::{self, Fault},
    limits,
    wire::{self, BadTree},
};
use core::{fmt, ops::Deref};

/// A manifest that [`check::check`] has found good: every index in range, every type right, every loop bounded.
///
/// There is no other way to make one than [`decode`] and [`crate::compile`], so holding one is the proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked(Manifest);

impl Deref for Checked {
    type Target = Manifest;

    fn deref(&self) -> &Manifest {
        &self.0
    }
}

/// Why bytes are not a manifest that this build can interpret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadManifest {
    /// More bytes than [`limits::AST_MAX`].
    TooLong,
    /// More nodes, or deeper nesting, than the limits allow.
    TooBig,
    /// Not the canonical coding of a syntax tree.
    Malformed,
    /// A language level that this build does not know: update it.
    Level(u16),
    /// A tree that breaks a rule of the language.
    Fault(Fault),
}

impl fmt::Display for BadManifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadManifest::TooLong => write!(f, "a manifest has at most {} bytes", limits::AST_MAX),
            BadManifest::TooBig => f.write_str("a manifest has too many nodes or nests too deep"),
            BadManifest::Malformed => f.write_str("not the canonical coding of a manifest"),
            BadManifest::Level(level) => write!(f, "language level {level} is not known here"),
            BadManifest::Fault(fault) => write!(f, "{fault}"),
        }
    }
}

impl core::error::Error for BadManifest {}

/// Reads a manifest from its canonical bytes and checks it whole.
///
/// # Errors
/// [`BadManifest`]; an unknown level is told apart, because then the build is too old, not the manifest wrong.
pub fn decode(bytes: &[u8]) -> Result<Checked, BadManifest> {
    if bytes.len() > limits::AST_MAX {
        return Err(BadManifest::TooLong);
    }
    // The level is the first number of the tree. A higher one may have nodes that this build cannot read.
    let level: u16 = crate::bytes::Reader::new(bytes)
        .varint()
        .ok()
        .and_then(|level| level.try_into().ok())
        .ok_or(BadManifest::Malformed)?;
    if level != LEVEL {
        return Err(BadManifest::Level(level));
    }
    let manifest: Manifest = wire::read(bytes).map_err(|bad| match bad {
        BadTree::Malformed => BadManifest::Malformed,
        BadTree::TooDeep | BadTree::TooBig => BadManifest::TooBig,
    })?;
    // One tree, one id: whatever the reader lets pass must be what the writer writes.
    if postcard::to_allocvec(&manifest).as_deref() != Ok(bytes) {
        return Err(BadManifest::Malformed);
    }
    match check::check(&manifest).into_iter().next() {
        None => Ok(Checked(manifest)),
        Some(fault) => Err(BadManifest::Fault(fault)),
    }
}
