//! Why a book cannot go on, and why stored rows are none of a book's.

use core::fmt;
use daybook_log::{ContentEpoch, ManifestId, Position, Tip};

/// This build cannot go on. Nothing was changed; what was folded before stays readable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// The syntax tree of an adopted manifest is not here. [`Book::provide`] it and fold the entry again.
    MissingManifest(ManifestId),
    /// The manifest is of a language level that a later release knows.
    Level {
        /// Which manifest.
        manifest: ManifestId,
        /// Its level.
        level: u16,
    },
    /// The content key that the entry's body is encrypted under is not here. It comes from another member, outside the log.
    MissingContentKey(ContentEpoch),
    /// The entry is not the one that comes next: a fault of the caller.
    OutOfOrder {
        /// The position that comes next.
        expected: Position,
        /// The position that came.
        got: Position,
    },
    /// The entry does not stand on this book's tip: a fault of the caller.
    OtherTip {
        /// This book's tip.
        ours: Tip,
        /// The tip that the entry stands on.
        got: Tip,
    },
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingManifest(id) => write!(f, "manifest {id} is adopted but not here"),
            Self::Level { manifest, level } => {
                write!(
                    f,
                    "manifest {manifest} is of language level {level}, which needs a later release"
                )
            }
            Self::MissingContentKey(epoch) => {
                write!(f, "the content key of epoch {epoch} is not here")
            }
            Self::OutOfOrder { expected, got } => {
                write!(f, "position {} comes next, not {}", expected.0, got.0)
            }
            Self::OtherTip { ours, got } => {
                write!(f, "the entry stands on tip {got}, not on {ours}")
            }
        }
    }
}

impl core::error::Error for Halt {}

/// Stored rows that are not rows of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreFault {
    /// A key is not a row key, or occurs twice.
    BadKey,
    /// A row does not have the value that its table asks for.
    BadValue,
    /// The genesis manifest is not among the adopted ones.
    OtherGenesis,
}

impl fmt::Display for RestoreFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadKey => "a stored row has a bad key",
            Self::BadValue => "a stored row has a bad value",
            Self::OtherGenesis => "the stored rows are of a book with another genesis manifest",
        })
    }
}

impl core::error::Error for RestoreFault {}
