//! Why an entry cannot stand at the next position.

use super::{Head, KeyRole};
use crate::evidence::NoProof;
use crate::id::{AuthorId, BookId, ContentEpoch, KeyEpoch, Position, RelayEpoch, Tip};
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
    /// The author's keys have ended: the entry never enters the order, but may be readmitted.
    Revoked {
        /// Where the revocation stands.
        at: Position,
    },
    /// The author's key of that epoch was rotated away.
    Superseded {
        /// The author's current key epoch.
        current: KeyEpoch,
        /// The header's.
        got: KeyEpoch,
    },
    /// Evidence froze the author's key epoch.
    Frozen {
        /// Where the evidence stands.
        at: Position,
    },
    /// The entry is signed under a key of the author that is not known yet.
    KeyEpoch {
        /// The author's current key epoch.
        expected: KeyEpoch,
        /// The header's.
        got: KeyEpoch,
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
    /// A proof of possession does not verify.
    Possession {
        /// Of which key.
        role: KeyRole,
    },
    /// A payload names an author who is not in the registry.
    NoSuchMember {
        /// Whom it names.
        author: AuthorId,
    },
    /// A payload names a set of root keys that does not count yet.
    RootEpoch {
        /// The set that counts.
        current: u32,
    },
    /// An evidence entry that shows nothing.
    NoProof(NoProof),
    /// The record beside a proof stands nowhere here, or places neither of the two.
    ProofRecord {
        /// Where it says it stands.
        position: Position,
    },
    /// What is readmitted is not signed by its author.
    Original {
        /// The author.
        author: AuthorId,
    },
    /// The body is under a content key that is not declared, or that no second member confirmed.
    ContentEpoch {
        /// The key's number.
        number: ContentEpoch,
    },
    /// A content key is confirmed that nobody declared.
    Undeclared {
        /// The key's number.
        number: ContentEpoch,
    },
    /// A content key is confirmed by the one who declared it.
    OwnConfirm,
    /// An author attests what it has not seen.
    AttestUnseen {
        /// What it has seen.
        seen: Position,
    },
    /// An author attests under another tip than the one that stands there.
    AttestTip {
        /// What stands there.
        ours: Tip,
    },
    /// A device has dropped what no shred ended.
    NotShredded,
    /// A handover of an epoch that is not the current one.
    HandoverEpoch {
        /// The current one.
        current: RelayEpoch,
    },
    /// A second handover of one epoch: stop, and ask people.
    TwoHandovers {
        /// The epoch that both end.
        epoch: RelayEpoch,
    },
    /// A handover cuts elsewhere than the log ends: it is to be rebuilt up to the cut first.
    Cut {
        /// Where the log ends.
        have: Position,
        /// The newest position that stays.
        cut: Position,
    },
    /// A handover whose header is not the one that its epoch and cut give.
    HandoverHeader,
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reject::WrongBook { got } => write!(f, "belongs to book {got}"),
            Reject::NotAdmitted { author } => write!(f, "author {author} is not in the registry"),
            Reject::Revoked { at } => write!(f, "its author's keys ended at position {at}"),
            Reject::Superseded { current, got } => {
                write!(f, "signed under key {got}, which gave way to {current}")
            }
            Reject::Frozen { at } => {
                write!(f, "its author's key is frozen by evidence at position {at}")
            }
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
            control => control.fmt_control(f),
        }
    }
}

impl Reject {
    /// What the rules of a kind say.
    fn fmt_control(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
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
            Reject::Possession { role } => write!(f, "the proof of the {role} key does not verify"),
            Reject::NoSuchMember { author } => write!(f, "names {author}, who is not a member"),
            Reject::RootEpoch { current } => {
                write!(f, "names root keys to come; set {current} counts")
            }
            Reject::NoProof(why) => write!(f, "proves nothing: {why}"),
            Reject::ProofRecord { position } => {
                write!(f, "its record does not stand at position {position}")
            }
            Reject::Original { author } => write!(f, "carries what {author} did not sign"),
            Reject::ContentEpoch { number } => {
                write!(f, "content key {number} may not be used yet")
            }
            Reject::Undeclared { number } => write!(f, "content key {number} is not declared"),
            Reject::OwnConfirm => f.write_str("a content key is confirmed by a second member"),
            Reject::AttestUnseen { seen } => write!(f, "attests more than it has seen, {seen}"),
            Reject::AttestTip { ours } => write!(f, "attests another tip than {ours}"),
            Reject::NotShredded => f.write_str("nothing of that generation was shredded"),
            Reject::HandoverEpoch { current } => {
                write!(f, "hands over another epoch than {current}")
            }
            Reject::TwoHandovers { epoch } => {
                write!(f, "is a second handover of relay epoch {epoch}")
            }
            Reject::Cut { have, cut } => {
                write!(
                    f,
                    "cuts at {cut} a log that ends at {have}, or under another tip"
                )
            }
            Reject::HandoverHeader => f.write_str("its header does not fit its handover"),
            place => fmt::Debug::fmt(place, f),
        }
    }
}

impl core::error::Error for Reject {}
