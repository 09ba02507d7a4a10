//! What comes of commands, and what a person may want to see.

use alloc::{boxed::Box, string::String, vec::Vec};
use core::fmt;

use daybook_log::{AuthorId, BookId, ContentEpoch, EntryId, ManifestId, OpId, Tip};
use daybook_manifest::value::Value;

use crate::content::RingFault;
use crate::view::OpProof;

/// A command that was carried out.
#[derive(Clone, Debug)]
pub enum Reply {
    /// The book exists: its first entry is placed and stored.
    Created {
        /// Its id.
        book: BookId,
    },
    /// This device is a member and has folded everything up to the relay's head.
    Joined {
        /// Its id.
        book: BookId,
        /// The position reached.
        position: u64,
    },
    /// Who asks to be let in.
    Joins(Vec<JoinView>),
    /// The key-add entry is on this device's disk; it goes out by itself.
    Approved {
        /// The entry.
        entry: EntryId,
    },
    /// The entries are on this device's disk; they go out by themselves.
    Appended {
        /// The entries, in order; none when every op was left out.
        entries: Vec<EntryId>,
        /// For each op of the command, in its order.
        ops: Vec<Appended>,
    },
    /// All chunks are on the relay and the adoption is on this device's disk; it goes out by itself.
    Adopted {
        /// The manifest.
        manifest: ManifestId,
        /// The entry.
        entry: EntryId,
    },
    /// The content key is on this device's disk; what waited for it is folded.
    KeyHeld {
        /// Whose.
        epoch: ContentEpoch,
    },
    /// Nothing was left to exchange.
    Synced {
        /// The position reached: the relay's head.
        position: u64,
        /// Its tip.
        tip: Tip,
    },
    /// The books were derived again.
    Proved(Proof),
    /// What stands behind an op.
    OpProof(Box<OpProof>),
}

/// What became of one op of a command.
#[derive(Clone, Debug)]
pub struct Appended {
    /// Its id; none when it was left out.
    pub op: Option<OpId>,
    /// All inputs as signed, filled ones too, in the verb's order.
    pub inputs: Vec<(String, Value)>,
    /// What the books as known here make of it; the order may decide otherwise.
    pub outlook: Outlook,
}

/// What became, or probably becomes, of an op.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// It applies, perhaps with flags (code and sentence).
    Applied {
        /// What needs attention.
        flags: Vec<Named>,
    },
    /// It is a no-op.
    Refused(Named),
    /// It cannot be signed, for this reason.
    Unfit(Box<CommandFault>),
}

/// A numbered refusal or flag with its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its number.
    pub number: u16,
    /// Its code, in capitals.
    pub code: String,
    /// One sentence for people.
    pub label: String,
}

/// Somebody who asks to be let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinView {
    /// Names the request.
    pub id: [u8; 32],
    /// The author that it would become.
    pub author: AuthorId,
    /// The device code that it asks for.
    pub label: String,
    /// When the relay got it, milliseconds.
    pub asked_at_ms: i64,
}

/// The result of deriving the books again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Entries folded.
    pub position: u64,
    /// The order's hash there.
    pub tip: Tip,
    /// Order-exact hash of the derived books.
    pub state_hash: [u8; 32],
    /// Order-free hash of the derived books.
    pub books_hash: [u8; 32],
    /// Ops folded.
    pub ops: u64,
    /// Where stored and derived books part; none when they are equal.
    pub difference: Option<Difference>,
}

/// The first thing in which the stored books differ from the derived ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A stored row.
    Row {
        /// Its key.
        key: Vec<u8>,
        /// Its name for people.
        name: String,
        /// As stored; none when it is missing.
        stored: Option<Vec<u8>>,
        /// As derived; none when it should not be there.
        derived: Option<Vec<u8>>,
    },
    /// A row in memory (what the screens show).
    Memory {
        /// Its key.
        key: Vec<u8>,
        /// Its name for people.
        name: String,
    },
    /// A stored entry does not check out.
    Entry {
        /// Its position.
        position: u64,
        /// For people.
        why: String,
    },
    /// Hashes differ though no row does.
    Hash,
}

/// How far this installation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reading what is stored.
    Opening,
    /// Nothing is stored: make or join a book.
    Empty,
    /// A book is being made.
    Creating,
    /// Waiting to be let into a book, or fetching its beginning.
    Joining,
    /// A book is open.
    Open,
    /// What is stored does not check out; nothing was changed.
    Damaged,
}

/// What a status line shows.
#[derive(Clone, Debug)]
pub struct Status {
    /// How far this installation is.
    pub phase: Phase,
    /// The book, once known.
    pub book: Option<BookId>,
    /// Base address of its relay; empty when there is none.
    pub relay: String,
    /// This installation.
    pub author: Option<AuthorId>,
    /// Its device code.
    pub label: String,
    /// It may let others in and adopt manifests.
    pub manager: bool,
    /// The shell says that there is a network, and the last request was answered.
    pub online: bool,
    /// Something is being exchanged.
    pub syncing: bool,
    /// Confirmed position.
    pub position: u64,
    /// Its tip.
    pub tip: Tip,
    /// The newest position the relay has told of.
    pub head: u64,
    /// Own entries without a position.
    pub outbox: u32,
    /// Language level of the current manifest; 0 is not frozen.
    pub level: u16,
    /// The current manifest.
    pub manifest: Option<ManifestId>,
    /// What went wrong last between this device and its relay; none once it went right again.
    pub fault: Option<RelayFault>,
    /// Why the fold stands still.
    pub halted: Option<HaltReason>,
    /// Why no own entries go out.
    pub held: Option<Held>,
}

/// Why the fold stands still. Everything up to the position stays readable; own work is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HaltReason {
    /// The bytes of a manifest are not there yet.
    MissingManifest(ManifestId),
    /// The content key of an epoch is not here yet: entries wait, own work in clear too.
    MissingContentKey(ContentEpoch),
    /// A manifest speaks a language level that this build does not know: update.
    UnknownLevel(u16),
    /// An entry at this position is of a format, kind or flag that this build does not know: update.
    Unsupported {
        /// Its position.
        position: u64,
        /// For people.
        why: String,
    },
}

/// Why no own entries go out. They stay in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// The order holds another entry at the seq of an own pending one: this installation's state was copied.
    /// Continue as a new installation.
    Forked {
        /// The seq.
        seq: u64,
    },
    /// The relay refuses the first pending entry, and will refuse it again.
    Rejected {
        /// The seq.
        seq: u64,
        /// What it said.
        why: RelayFault,
    },
}

/// What can go wrong between a client and its relay. Nothing of it loses anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelayFault {
    /// No answer.
    Unreachable,
    /// The clocks differ by more than the relay allows; corrected for the next request.
    Clock {
        /// The relay's time.
        relay_ms: i64,
    },
    /// The relay's head of this author is another one.
    Head {
        /// Its seq; none when it has no entry of this author.
        seq: Option<u64>,
    },
    /// The relay holds less than this device has seen: it lost its newest part.
    SeenUnknown,
    /// The relay does not know this device's key (any more, or yet).
    NotAdmitted,
    /// Too many requests, or the relay is busy.
    Busy,
    /// Another answer than a good one.
    Problem {
        /// HTTP status.
        status: u16,
        /// Its type.
        kind: String,
        /// For people.
        detail: String,
    },
    /// The answer does not parse, or breaks a limit.
    Malformed {
        /// Which.
        what: &'static str,
    },
    /// Another book, key or thing than was asked for.
    Mismatch {
        /// Which.
        what: &'static str,
    },
    /// Something that this build does not know stands next: update, unless it was spoilt on the way. Asked for again.
    Unsupported {
        /// The position.
        position: u64,
        /// For people.
        why: String,
    },
    /// An entry or order record that cannot be placed. Reading stops before it.
    Invalid {
        /// The position.
        position: u64,
        /// For people.
        why: String,
    },
}

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandFault {
    /// There is no book here yet.
    NoBook,
    /// There is a book here already.
    BookExists,
    /// Stored pages are still being read, or the book is not joined yet.
    NotReady,
    /// Too many commands at once.
    Busy,
    /// The relay's address is not `http(s)://host[:port]`.
    BadAddress,
    /// The device code is not `[A-Z0-9-]{1,12}`.
    BadLabel,
    /// The manifest does not decode.
    BadManifest(String),
    /// The current manifest has no such verb.
    UnknownVerb(String),
    /// The verb has no such input, or it is given twice.
    UnknownInput {
        /// Which op.
        op: u16,
        /// Its name.
        input: String,
    },
    /// An input is missing and the edge gives none.
    MissingInput {
        /// Which op.
        op: u16,
        /// Its name.
        input: String,
    },
    /// The inputs do not have the declared types.
    BadInput {
        /// Which op.
        op: u16,
        /// For people.
        why: String,
    },
    /// No op, or too many, or too long.
    Limit(&'static str),
    /// The books as known here refuse an op; nothing was written.
    Refused {
        /// Which op.
        op: u16,
        /// Why.
        refusal: Named,
    },
    /// Only managers may.
    NotManager,
    /// No such join request.
    UnknownJoin,
    /// No such op.
    UnknownOp,
    /// The content key is not the one that the log declares.
    ContentKey(RingFault),
    /// The set-up code was used for another book: join that one.
    SetupCodeUsed {
        /// Which, if the relay says so.
        book: Option<BookId>,
    },
    /// The relay, or the way to it.
    Relay(RelayFault),
    /// Own entries cannot go out.
    Held(Held),
    /// The fold stands still.
    Halted(HaltReason),
    /// The store could not write or read; whether the last thing was written shows when it can be read again.
    Storage(String),
    /// What is stored does not check out.
    Damaged(String),
    /// A proof is running.
    Proving,
}

impl fmt::Display for CommandFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::words::fault(self, f)
    }
}

impl fmt::Display for RelayFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::words::relay(self, f)
    }
}

impl core::error::Error for CommandFault {}

/// Something that a person may want to see. Never needed for correctness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The phase changed.
    Phase(Phase),
    /// Rows, badges or the status changed: ask again for what is on the screen.
    Changed,
    /// The join request waits for a member's approval.
    JoinWaiting {
        /// Names the request.
        id: [u8; 32],
        /// The author that this device will be.
        author: AuthorId,
    },
    /// Catching up.
    CatchUp {
        /// Confirmed position.
        position: u64,
        /// The relay's head.
        head: u64,
    },
    /// Something is wrong between this device and its relay.
    Relay(RelayFault),
    /// The fold stands still.
    Halted(HaltReason),
    /// Own entries do not go out.
    Held(Held),
    /// What is stored does not check out.
    Damaged {
        /// For people.
        why: String,
    },
    /// The store could not write or read; everything is read again.
    Storage {
        /// For people.
        why: String,
    },
    /// The books are being derived again.
    Proving {
        /// Entries done.
        done: u64,
        /// Of so many.
        total: u64,
    },
}
