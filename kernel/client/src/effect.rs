//! What the client wants its shell to do. A shell carries effects out in the order given and holds no rule.

use alloc::{string::String, vec::Vec};
use core::fmt;

use daybook_log::{EntryId, OpId};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::reply::{CommandFault, Notice, Reply};

/// One thing to be done outside.
#[derive(Debug)]
pub enum Effect {
    /// Write this in one transaction, durably, then say [`crate::Input::Persisted`].
    Persist(Batch),
    /// Read this, then say [`crate::Input::Stored`].
    Load(LoadRequest),
    /// Send this to the relay, then say [`crate::Input::Answer`] or [`crate::Input::Failed`].
    Send(Request),
    /// Open this as a stream and say [`crate::Input::Tail`] for each position, [`crate::Input::TailClosed`] at its end.
    /// Replaces a tail that is open.
    Tail(Request),
    /// Close the tail. [`crate::Input::TailClosed`] is not expected.
    CloseTail,
    /// Say [`crate::Input::Tick`] after so many milliseconds. Replaces an earlier one.
    Wake {
        /// Milliseconds from now, at least 1.
        after_ms: u64,
    },
    /// The answer to a command.
    Answer {
        /// Of the command.
        ticket: u64,
        /// What came of it.
        result: Result<Reply, CommandFault>,
    },
    /// Something that a person may want to see.
    Notice(Notice),
}

/// A request to the relay, signed where it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Comes back with the answer.
    pub id: u64,
    /// Base address of the relay, as `https://host:port`.
    pub base: String,
    /// `GET`, `POST` or `PUT`.
    pub method: &'static str,
    /// Path and query, starting with `/`.
    pub path_and_query: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body; empty when there is none.
    pub body: Vec<u8>,
    /// Give up after so many milliseconds (the client gives up by itself, too). 0 = never: a tail.
    pub timeout_ms: u32,
}

/// One transaction of the store. Written whole or not at all; writing it twice changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Comes back with [`crate::Input::Persisted`].
    pub id: u64,
    /// The keys of this installation; replaces what is stored.
    pub identity: Option<Secret>,
    /// Small named values; each replaces its predecessor.
    pub meta: Vec<(String, Vec<u8>)>,
    /// Manifests: bytes of the syntax tree. The store makes its typed tables from them; it names them by hash.
    pub asts: Vec<Vec<u8>>,
    /// Own entries that have no position yet, to be added.
    pub outbox_in: Vec<OutboxItem>,
    /// Own entries that have a position now, to be removed.
    pub outbox_out: Vec<EntryId>,
    /// Entries that have a position, in order, without a gap to what is stored.
    pub entries: Vec<StoredEntry>,
    /// Remove all rows before the changes are made.
    pub clear_rows: bool,
    /// Changed rows: key, and value or none when it is removed.
    pub rows: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

/// An own entry that has no position yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxItem {
    /// Its place in the author chain.
    pub seq: u64,
    /// Its id.
    pub id: EntryId,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// An entry that has a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEntry {
    /// 1-based.
    pub position: u64,
    /// Its id.
    pub id: EntryId,
    /// The order record, 152 bytes.
    pub record: Vec<u8>,
    /// The entry.
    pub bytes: Vec<u8>,
}

/// A page of what is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadRequest {
    /// Everything small: identity, meta, manifests, outbox.
    Start,
    /// Entries with a position above `after`, in order.
    Entries {
        /// Position before the page.
        after: u64,
        /// At most so many, 1..=1,000.
        limit: u16,
    },
    /// The entry with this id.
    Entry {
        /// Which.
        id: EntryId,
    },
    /// Rows with a key above `after`, in key order.
    Rows {
        /// Key before the page; none for the first page.
        after: Option<Vec<u8>>,
        /// At most so many.
        limit: u16,
    },
}

/// What the store found. It repeats the request, so an answer to an old question is not mistaken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// For [`LoadRequest::Start`].
    Start {
        /// As last written.
        identity: Option<Secret>,
        /// All of it.
        meta: Vec<(String, Vec<u8>)>,
        /// All of them.
        asts: Vec<Vec<u8>>,
        /// All of it, by seq.
        outbox: Vec<OutboxItem>,
    },
    /// For [`LoadRequest::Entries`].
    Entries {
        /// Of the request.
        after: u64,
        /// The page.
        items: Vec<StoredEntry>,
        /// There is nothing after this page.
        end: bool,
    },
    /// For [`LoadRequest::Entry`].
    Entry {
        /// Of the request.
        id: EntryId,
        /// The entry; from the outbox with position 0 and an empty record.
        item: Option<StoredEntry>,
    },
    /// For [`LoadRequest::Rows`].
    Rows {
        /// Of the request.
        after: Option<Vec<u8>>,
        /// The page: key and value.
        rows: Vec<(Vec<u8>, Vec<u8>)>,
        /// There is nothing after this page.
        end: bool,
    },
    /// The store could not read.
    Failed {
        /// For people.
        why: String,
    },
}

/// Bytes that are wiped when dropped and never printed.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Secret(pub Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// How far an op's entry is from being lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// On this device's disk, nowhere else as far as known.
    Local,
    /// On this device's disk and on its way.
    Syncing,
    /// Placed by the relay, its tip recomputed here and written down here; held by so many parties besides this
    /// device: the relay, and each device whose later entries declare that they hold it.
    Durable(u32),
}

/// Where an op is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpAt {
    /// Which op.
    pub op: OpId,
    /// Position of its entry; none while it has none.
    pub position: Option<u64>,
    /// Of its entry; none before it is on this device's disk.
    pub durability: Option<Durability>,
}
