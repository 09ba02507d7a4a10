//! What a shell tells the client.

use alloc::{string::String, vec::Vec};
use core::fmt;

use daybook_log::{BookId, ContentEpoch, OpId};
use daybook_manifest::value::Value;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::content::ContentKey;
use crate::effect::Stored;

/// How a client is set up by its shell. Nothing here is part of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Spreads retries in time and keeps request nonces apart; not secret, different for each start.
    pub chance: u64,
    /// Entries per upload, download and stored page, 1..=1,000. Any value gives the same books.
    pub batch: u16,
    /// Keep a live tail open while the book is caught up (a terminal that runs one command says no).
    pub tail: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            chance: 0,
            batch: crate::limits::BATCH_MAX,
            tail: false,
        }
    }
}

/// One thing that happened outside.
#[derive(Debug)]
pub enum Input {
    /// The shell is ready to carry out effects: open what is stored. The first input of all.
    Start,
    /// The answer to [`crate::Effect::Load`].
    Stored(Stored),
    /// A person or program wants something; answered by [`crate::Effect::Answer`] with the same ticket, once.
    Command {
        /// Chosen by the shell.
        ticket: u64,
        /// What is wanted.
        command: Command,
    },
    /// The relay answered a request, with any status.
    Answer {
        /// Of [`crate::Request::id`].
        request: u64,
        /// The HTTP status.
        status: u16,
        /// The body, at most [`crate::limits::ANSWER_BYTES_MAX`] bytes; a shell cuts longer ones.
        body: Vec<u8>,
    },
    /// A request did not reach the relay, or its answer did not come back.
    Failed {
        /// Of [`crate::Request::id`].
        request: u64,
    },
    /// The batch is on the disk: the store's transaction returned.
    Persisted {
        /// Of [`crate::Batch::id`].
        batch: u64,
    },
    /// The batch may or may not be on the disk.
    PersistFailed {
        /// Of [`crate::Batch::id`].
        batch: u64,
        /// For people.
        why: String,
    },
    /// The shell knows that there is, or is not, a network.
    Online(bool),
    /// The tail says that the relay's order reaches so far. A hint: nothing is believed.
    Tail {
        /// The relay's newest position.
        position: u64,
    },
    /// The tail ended or could not be opened.
    TailClosed,
    /// Time passed; the answer to [`crate::Effect::Wake`]. More of them than asked for do no harm.
    Tick,
}

/// What a person or program wants.
#[derive(Debug)]
pub enum Command {
    /// Make a book on a relay, with a set-up code.
    Create {
        /// Base address, as `https://host:port` without a path.
        relay: String,
        /// The code that the relay printed when it was set up.
        setup_code: String,
        /// Bytes of the first manifest.
        ast: Vec<u8>,
        /// This device's code on its documents, `[A-Z0-9-]{1,12}`.
        label: String,
        /// Fresh secrets.
        seeds: Seeds,
    },
    /// Ask to be let into a book.
    Join {
        /// Base address, as `https://host:port` without a path.
        relay: String,
        /// Which book.
        book: BookId,
        /// This device's code on its documents, `[A-Z0-9-]{1,12}`.
        label: String,
        /// Fresh secrets ([`Seeds::root`] and [`Seeds::nonce`] are not used).
        seeds: Seeds,
    },
    /// List who asks to be let in. Managers only.
    ListJoins,
    /// Let one of them in. Managers only.
    Approve {
        /// Of [`crate::JoinView::id`].
        id: [u8; 32],
    },
    /// Sign ops, as few entries as they fit in. Answered when all of them are on this device's disk, in one
    /// transaction.
    Append {
        /// 1..=[`crate::limits::OPS_MAX`] ops; each applies or is refused by itself.
        ops: Vec<NewOp>,
        /// What is read at the edge.
        edge: EdgeInputs,
        /// What to do about ops that the books as known here would refuse.
        refused: OnRefused,
    },
    /// Adopt a manifest: upload its chunks, then sign the adoption. Managers only.
    Adopt {
        /// Bytes of the manifest.
        ast: Vec<u8>,
    },
    /// Keep a content key that came beside the log. It must be the one that the log declares.
    HoldKey {
        /// Of which epoch.
        epoch: ContentEpoch,
        /// The key.
        key: ContentKey,
    },
    /// Exchange everything with the relay; answered when nothing is left to do, or at the first fault.
    Sync,
    /// Derive the books again from stored entries and compare.
    Prove,
    /// Show what stands behind one op.
    OpProof {
        /// Which op.
        op: OpId,
    },
}

/// What to do about an op that cannot be signed, or that the books as known here would refuse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnRefused {
    /// Write nothing at all; the answer is the fault of the first such op.
    #[default]
    Abort,
    /// Leave it out and write the others; the answer says for each op what became of it.
    Skip,
    /// Sign it all the same (an op that cannot be signed still aborts): the order may decide otherwise.
    Sign,
}

/// One op to be signed.
#[derive(Clone, Debug)]
pub struct NewOp {
    /// The verb's name in the current manifest.
    pub verb: String,
    /// Inputs by name, in any order. Missing ones are read from the edge inputs, else none if optional.
    pub inputs: Vec<(String, Value)>,
}

/// Inputs that are read at the edge, recorded in the op and never looked up again.
#[derive(Clone, Debug, Default)]
pub struct EdgeInputs {
    /// Fresh ids, one for each input that takes one; [`crate::document_id`] forms them from random bytes.
    pub ids: Vec<[u8; 16]>,
    /// The business date, days since 1970-01-01.
    pub today: i32,
    /// The device's clock, milliseconds since 1970-01-01T00:00Z.
    pub now_ms: i64,
    /// Chance, fresh for each command: the nonces of encrypted bodies are made from it.
    pub nonce: [u8; 24],
}

/// Fresh random bytes for one installation's keys. Wiped when dropped.
#[derive(Clone, Default, Zeroize, ZeroizeOnDrop)]
pub struct Seeds {
    /// Signs entries.
    pub author: [u8; 32],
    /// Signs requests to the relay.
    pub request: [u8; 32],
    /// Opens envelopes.
    pub sealing: [u8; 32],
    /// Approves the founding key of a book that is made; grants authority by a new key when all devices are lost.
    pub root: [u8; 32],
    /// Makes the book's id unique.
    pub nonce: [u8; 32],
}

impl fmt::Debug for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seeds(..)")
    }
}
