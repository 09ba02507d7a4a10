//! Why an entry cannot stand at the next position, and why a record cannot.

use super::{Head, KeyRole};
use crate::id::{AuthorId, BookId, ContentEpoch, EntryId, Position, RelayEpoch, Tip};
use crate::keys::KeyFault;
use core::fmt;

/// Why an entry may not be placed next. An honest relay never places such an entry; a log that holds one is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reject {
    /// It belongs to another book.
    WrongBook {
        /// The book in the header.
        got: BookId,
    },
    /// The author is not in the registry.
    NotAdmitted {
        /// The author in the header.
        author: AuthorId,
    },
    /// The entry is signed under another key of the author than the current one.
    KeyEpoch {
        /// The author's current key epoch.
        expected: crate::KeyEpoch,
        /// The header's.
        got: crate::KeyEpoch,
    },
    /// Entries of this author are missing before it.
    Gap {
        /// The author's newest placed entry.
        head: Option<Head>,
    },
    /// The author's chain already goes on differently.
    Fork {
        /// The author's newest placed entry.
        head: Head,
    },
    /// It has seen more than is placed here: wait, and try again.
    SeenUnknown {
        /// The newest placed position.
        have: Position,
    },
    /// It has seen less than the author's entry before it.
    SeenFell {
        /// What the entry before it had seen.
        before: Position,
        /// What it says.
        got: Position,
    },
    /// Another tip stands where it says it has seen one.
    SeenTip {
        /// Where.
        position: Position,
        /// What stands there.
        ours: Tip,
    },
    /// The caller could not give the tip of a placed position: a fault of the caller's storage, not of the entry.
    TipNotHeld {
        /// Which position.
        position: Position,
    },
    /// Only a manager may write this kind.
    NotManager {
        /// The author in the header.
        author: AuthorId,
    },
    /// A manager's entry is itself the approval.
    NeedlessApprovals,
    /// An approval names no root key or does not verify.
    Approval {
        /// The root key it names.
        root: u8,
    },
    /// Too few approvals by root keys.
    TooFewApprovals {
        /// How many there are.
        have: u8,
        /// How many the genesis asks for.
        need: u8,
    },
    /// A key cannot be admitted.
    Key {
        /// Which one.
        role: KeyRole,
        /// Why.
        fault: KeyFault,
    },
    /// A key is registered already, in this role or another.
    KeyTaken {
        /// The role it was offered for.
        role: KeyRole,
        /// The role it has.
        taken: KeyRole,
    },
    /// The body is encrypted under a content key that the log has not declared.
    ContentEpoch {
        /// The header's.
        got: ContentEpoch,
    },
    /// A proof of possession does not verify.
    Possession {
        /// Of which key.
        role: KeyRole,
    },
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reject::WrongBook { got } => write!(f, "belongs to book {got}"),
            Reject::NotAdmitted { author } => write!(f, "author {author} is not in the registry"),
            Reject::KeyEpoch { expected, got } => {
                write!(f, "signed under key {got}, the current one is {expected}")
            }
            Reject::Gap { head: None } => {
                f.write_str("earlier entries of its author are missing; none is placed")
            }
            Reject::Gap { head: Some(head) } => {
                write!(f, "entries are missing after seq {}", head.seq)
            }
            Reject::Fork { head } => write!(
                f,
                "its author's chain goes on differently at seq {}",
                head.seq
            ),
            Reject::SeenUnknown { have } => {
                write!(f, "has seen more than the {have} entries placed here")
            }
            Reject::SeenFell { before, got } => {
                write!(f, "has seen {got}, less than the {before} before it")
            }
            Reject::SeenTip { position, ours } => {
                write!(f, "another tip stands at position {position}: {ours}")
            }
            Reject::TipNotHeld { position } => {
                write!(f, "the tip of position {position} is not at hand")
            }
            Reject::NotManager { author } => write!(f, "author {author} is not a manager"),
            Reject::NeedlessApprovals => f.write_str("a manager's entry carries no approvals"),
            Reject::Approval { root } => {
                write!(f, "the approval of root key {root} does not verify")
            }
            Reject::TooFewApprovals { have, need } => write!(f, "{have} of {need} approvals"),
            Reject::Key { role, fault } => write!(f, "{role} key: {fault}"),
            Reject::KeyTaken { role, taken } => {
                write!(f, "{role} key is registered already as {taken} key")
            }
            Reject::ContentEpoch { got } => {
                write!(f, "content epoch {got} is not declared")
            }
            Reject::Possession { role } => write!(f, "the proof of the {role} key does not verify"),
        }
    }
}

impl core::error::Error for Reject {}

/// Why a record and its entry cannot stand at the next position: the log is invalid there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Invalid {
    /// The record is of another relay epoch.
    Epoch {
        /// The current one.
        expected: RelayEpoch,
        /// The record's.
        got: RelayEpoch,
    },
    /// The record is not the next one.
    Gap {
        /// The next position.
        expected: Position,
        /// The record's.
        got: Position,
    },
    /// The record continues another chain.
    PrevTip {
        /// The tip that is placed.
        ours: Tip,
        /// The record's.
        got: Tip,
    },
    /// The relay's time fell within an epoch.
    TimeFell {
        /// Of the record before.
        last: i64,
        /// The record's.
        got: i64,
    },
    /// The record is of another entry.
    EntryId {
        /// In the record.
        record: EntryId,
        /// Of the entry.
        entry: EntryId,
    },
    /// The record and the entry name different kinds.
    Kind,
    /// The record holds another signature than the entry: see [`crate::Entry::with_signature`].
    Signature,
    /// The entry was verified with a key that is not its author's.
    Key,
    /// The entry may not stand here.
    Entry(Reject),
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Invalid::Epoch { expected, got } => {
                write!(f, "record of relay epoch {got} in epoch {expected}")
            }
            Invalid::Gap { expected, got } => {
                write!(f, "record of position {got} where {expected} is next")
            }
            Invalid::PrevTip { ours, got } => {
                write!(f, "record continues {got}, the tip is {ours}")
            }
            Invalid::TimeFell { last, got } => write!(f, "relay time fell from {last} to {got}"),
            Invalid::EntryId { record, entry } => {
                write!(f, "record of entry {record} beside entry {entry}")
            }
            Invalid::Kind => f.write_str("record and entry name different kinds"),
            Invalid::Signature => f.write_str("record and entry hold different signatures"),
            Invalid::Key => f.write_str("verified with a key that is not the author's"),
            Invalid::Entry(why) => write!(f, "entry {why}"),
        }
    }
}

impl core::error::Error for Invalid {}
