//! What the worker says.

use serde::{Deserialize, Serialize};

use crate::view::{
    AskerView, AttentionsView, BalanceView, DeviceView, DocumentDetail, DocumentsView, HashesView,
    LinesView, Named, OpName, OpView, Outlook, RowView, StatusView,
};

/// One frame from the worker to the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromWorker {
    /// To an ask.
    Answer(Answer),
    /// Unasked.
    Notice(Notice),
}

/// The answer to an ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Of the ask.
    pub ticket: u64,
    /// What came of it.
    pub result: Result<Reply, Fault>,
}

/// What came of an ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// Done; there is nothing to say about it.
    Done,
    /// The book that this device is in now.
    InBook {
        /// Its id.
        book: [u8; 32],
    },
    /// To [`crate::Ask::Askers`].
    Askers(Vec<AskerView>),
    /// The entry is on this device's disk; each op with what the books as known here make of it.
    Appended(Vec<(OpName, Outlook)>),
    /// To [`crate::Ask::Sync`]: the position reached.
    Synced {
        /// The relay's head.
        position: u64,
    },
    /// To [`crate::Ask::Prove`].
    Proved(Box<ProofView>),
    /// To [`crate::Ask::Status`].
    Status(Box<StatusView>),
    /// To [`crate::Ask::Hashes`].
    Hashes(HashesView),
    /// To [`crate::Ask::Rows`].
    Rows(Vec<RowView>),
    /// To [`crate::Ask::Documents`].
    Documents(DocumentsView),
    /// To [`crate::Ask::Document`]; none when there is no such document here.
    Document(Option<Box<DocumentDetail>>),
    /// To [`crate::Ask::Balance`].
    Balance(BalanceView),
    /// To [`crate::Ask::Lines`].
    Lines(LinesView),
    /// To [`crate::Ask::Attention`].
    Attention(AttentionsView),
    /// To [`crate::Ask::Op`].
    Op(Box<OpView>),
    /// To [`crate::Ask::Devices`].
    Devices(Vec<DeviceView>),
}

/// Why an ask was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// The books as known here refuse the op; nothing was written.
    Refused(Named),
    /// The set-up code was used for this book: join it.
    SetupCodeUsed {
        /// The book, if the relay says which.
        book: Option<[u8; 32]>,
    },
    /// Anything else, in one sentence.
    Said(String),
}

/// Something that happened. Never needed for correctness: the page asks again for what it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// The status changed.
    Status(Box<StatusView>),
    /// Rows or badges changed.
    Changed,
    /// The join request waits for a member's approval.
    JoinWaiting {
        /// Names the request.
        id: [u8; 32],
        /// The author that this device will be.
        author: [u8; 32],
    },
    /// Catching up with the relay.
    CatchUp {
        /// Confirmed position.
        position: u64,
        /// The relay's head.
        head: u64,
    },
    /// The books are being derived again.
    Proving {
        /// Entries done.
        done: u64,
        /// Of so many.
        total: u64,
    },
    /// The store, or what is stored, is not as it should be; nothing was changed.
    Trouble {
        /// For people.
        why: String,
    },
    /// The worker cannot go on.
    Broken {
        /// For people.
        why: String,
    },
}

/// Where this device keeps its data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rung {
    /// Not known yet.
    #[default]
    Unknown,
    /// R1: a database in the browser's private file system, flushed before anything counts as written.
    Disk,
    /// R3: memory. Nothing is stored on this device.
    Memory,
}

/// The result of deriving the books again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofView {
    /// Entries folded.
    pub position: u64,
    /// The order's hash there.
    pub tip: [u8; 32],
    /// Order-exact hash of the derived books.
    pub state_hash: [u8; 32],
    /// Order-free hash of the derived books.
    pub books_hash: [u8; 32],
    /// Ops folded.
    pub ops: u64,
    /// Wall time, milliseconds.
    pub took_ms: u64,
    /// Where stored and derived books part; none when they are equal.
    pub difference: Option<Difference>,
}

/// The first thing in which the stored books differ from the derived ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What differs, in words: the table and the row.
    pub name: String,
    /// As stored, if it can be shown.
    pub stored: Option<String>,
    /// As derived, if it can be shown.
    pub derived: Option<String>,
}
